"""Marks: areas and routes that people draw on the map for everybody, for a time (docs/marks.md)."""
