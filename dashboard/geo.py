"""Distances on the ground."""

from math import asin, cos, radians, sin, sqrt

EARTH_M = 6_371_008.8  # the mean radius (IUGG)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far two places (lon, lat in degrees) are from each other, by the haversine formula."""
    lon, lat, other_lon, other_lat = map(radians, (*one, *other))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))
