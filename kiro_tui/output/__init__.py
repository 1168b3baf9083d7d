"""Readings as text, JSON and other formats for people and programs without a screen."""
