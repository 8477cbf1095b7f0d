"""Violations that cameras have seen: from detected to decided, and how often a camera's rule was wrong."""
