"""The board of any past second, as it was known then (docs/replay.md)."""
