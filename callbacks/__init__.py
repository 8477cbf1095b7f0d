"""What the board does when a person touches it."""
