"""What the board looks like. Components only: no callback, no I/O."""
