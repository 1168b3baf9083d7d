"""The conversations with kiro-cli, one for each way of asking, and which of them is safe for which version."""
