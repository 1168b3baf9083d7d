"""Everything that knows Textual: the dashboard and its screens."""
