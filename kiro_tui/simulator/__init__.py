"""A kiro-cli of any generation, for the demo, for trying things and for tests."""
