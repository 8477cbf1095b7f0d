"""What the board means. Knows no screen, no network, no disk, no clock."""
