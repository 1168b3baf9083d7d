"""From what kiro-cli said to a report: pure, and the only place that knows Kiro's wording and its JSON."""
