"""Alerts on their way to a person who looks elsewhere; what is worth an alert is decided in the domain."""
