"""The city's base map as one still SVG, for pages without a live map."""

from collections.abc import Iterable
from math import cos, radians
from typing import Any

from dashboard.city import City

WIDTH, HEIGHT = 960, 900
SPAN_DEG = 0.058
ORDER = (
    "park",
    "lake",
    "water",
    "canal",
    "citadel",
    "moat",
    "palace",
    "palace_moat",
    "road_minor",
    "rail",
    "road_secondary",
    "road_primary",
)
_drawn: dict[str, str] = {}


def keep(city: City, features: Iterable[dict[str, Any]]) -> None:
    """Draw a city's base map, to be shown by `sketch`. The features are GeoJSON with `properties.layer`."""
    paths: dict[str, list[str]] = {}
    for feature in features:
        layer = feature["properties"]["layer"]
        paths.setdefault(layer, []).extend(_lines(city, feature["geometry"]))
    groups = [f'<path class="sk-{layer}" d="{"".join(paths[layer])}"/>' for layer in ORDER if layer in paths]
    _drawn[city.key] = (
        f'<svg class="lg-art" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice">{"".join(groups)}</svg>'
    )


def sketch(city: City) -> str:
    """Return the drawing, or nothing where none was kept."""
    return _drawn.get(city.key, "")


def _lines(city: City, geometry: dict[str, Any]) -> Iterable[str]:
    rings = geometry["coordinates"]
    if geometry["type"] == "LineString":
        yield _path(city, rings, closed=False)
    elif geometry["type"] == "Polygon":
        for ring in rings:
            yield _path(city, ring, closed=True)


def _path(city: City, points: list[list[float]], *, closed: bool) -> str:
    lon0, lat0 = city.centre
    scale = WIDTH / SPAN_DEG
    flat = [(WIDTH / 2 + (lon - lon0) * scale, HEIGHT / 2 - (lat - lat0) * scale / cos(radians(lat0))) for lon, lat in points]
    if not any(-WIDTH < x < 2 * WIDTH and -HEIGHT < y < 2 * HEIGHT for x, y in flat):
        return ""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in flat) + ("Z" if closed else "")
