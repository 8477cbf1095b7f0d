"""Distances on the ground."""

from math import asin, atan2, cos, degrees, radians, sin, sqrt

EARTH_M = 6_371_008.8  # the mean radius (IUGG)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far two places (lon, lat in degrees) are from each other, by the haversine formula."""
    lon, lat, other_lon, other_lat = map(radians, (*one, *other))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def bearing(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return in which direction the other place lies, in degrees from north, clockwise, at the start of the great circle."""
    lon, lat, other_lon, other_lat = map(radians, (*one, *other))
    east = sin(other_lon - lon) * cos(other_lat)
    north = cos(lat) * sin(other_lat) - sin(lat) * cos(other_lat) * cos(other_lon - lon)
    return degrees(atan2(east, north)) % 360
