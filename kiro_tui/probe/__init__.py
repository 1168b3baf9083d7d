"""Everything that knows kiro-cli: finding it, running it, reading what it draws."""
