"""kiro-tui: a terminal dashboard for AWS Kiro credits. Holds the version and imports nothing."""

__version__ = "0.1.0"
