"""Cameras that a city takes in while the house runs, and how each of them stands."""
