"""Citizens' reports: their path from the first message to the citizen's rating, and its clocks (docs/reports.md)."""
