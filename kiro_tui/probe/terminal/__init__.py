"""Bytes in, a finished screen and replies out: a terminal that takes anything. The only import of pyte is here."""
