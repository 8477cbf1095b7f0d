"""How pictures of a map are asked for: the square of a tile, and the address of it by WMS or WMTS."""

import re
from math import atan, degrees, pi, sinh
from urllib.parse import quote, urlencode

from dashboard.layers.remote import Asked

EARTH_M = 20_037_508.342789244  # half the way round it, in EPSG:3857
MERCATOR = ("EPSG:3857", "EPSG:900913", "EPSG:102100", "EPSG:102113")  # names of one system, the best first
DEGREES = ("CRS:84", "EPSG:4326")
# What we say ourselves is not taken from an address.
OURS = re.compile(
    r"service|request|version|acceptversions|layers?|styles?|format|crs|srs|srsname|bbox|width|height|transparent|exceptions|tilematrixset|"
    r"tilematrix|tilerow|tilecol|typenames?|outputformat|count|maxfeatures|startindex",
    re.IGNORECASE,
)


def metres(zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile in EPSG:3857."""
    side = 2 * EARTH_M / (1 << zoom)
    return x * side - EARTH_M, EARTH_M - (y + 1) * side, (x + 1) * side - EARTH_M, EARTH_M - y * side


def bounds(zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile in degrees."""
    n = 1 << zoom

    def latitude(row: int) -> float:
        return degrees(atan(sinh(pi * (1 - 2 * row / n))))

    return x / n * 360 - 180, latitude(y + 1), (x + 1) / n * 360 - 180, latitude(y)


def box(version: str, crs: str, zoom: int, x: int, y: int) -> str:
    """Return a tile's BBOX. WMS 1.3.0 takes the axes in the system's own order: EPSG:4326 gives the latitude first, CRS:84 and Mercator do not.

    In degrees a tile is not quite its own picture: from zoom 8 on it is off by a quarter of a pixel at most.
    """
    if crs not in DEGREES:
        return ",".join(f"{one:.3f}" for one in metres(zoom, x, y))
    west, south, east, north = bounds(zoom, x, y)
    order = (south, west, north, east) if crs == "EPSG:4326" and version == "1.3.0" else (west, south, east, north)
    return ",".join(f"{one:.9f}" for one in order)


def with_query(address: str, more: dict[str, str]) -> str:
    """Return an address with more in its query; what it says of our own words is dropped."""
    path, _, query = address.partition("?")
    kept = [one for one in query.split("&") if one and not OURS.fullmatch(one.partition("=")[0])]
    return f"{path}?{'&'.join([*kept, urlencode(more, quote_via=quote, safe=',:/')])}"


def address_of(asked: Asked, zoom: int, x: int, y: int) -> str:
    """Return where a tile's picture is. Raises KeyError for a zoom that a WMTS has not."""
    if asked.kind == "wms":
        return with_query(asked.address, _map(asked, zoom, x, y))
    matrix = asked.matrices[zoom]
    if asked.template:
        holes = {
            "tilematrixset": asked.matrix_set,
            "tilematrix": matrix,
            "tilerow": str(y),
            "tilecol": str(x),
            "style": asked.style,
        }
        return filled(asked.template, {**holes, "layer": asked.layer})
    words = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": asked.layer,
        "STYLE": asked.style,
        "FORMAT": asked.format,
        "TILEMATRIXSET": asked.matrix_set,
        "TILEMATRIX": matrix,
        "TILEROW": str(y),
        "TILECOL": str(x),
    }
    return with_query(asked.address, words)


def _map(asked: Asked, zoom: int, x: int, y: int) -> dict[str, str]:
    return {
        "SERVICE": "WMS",
        "REQUEST": "GetMap",
        "VERSION": asked.version,
        "LAYERS": asked.layer,
        "STYLES": asked.style,
        "FORMAT": asked.format,
        "CRS" if asked.version == "1.3.0" else "SRS": asked.crs,
        "BBOX": box(asked.version, asked.crs, zoom, x, y),
        "WIDTH": str(asked.side),
        "HEIGHT": str(asked.side),
        "TRANSPARENT": "TRUE" if asked.format in {"image/png", "image/webp", "image/gif"} else "FALSE",
    }


def filled(template: str, holes: dict[str, str]) -> str:
    """Return a template with its holes filled, each name in whatever case."""
    made, rest = [], template
    while (at := rest.find("{")) >= 0:
        name, closed, after = rest[at + 1 :].partition("}")
        if not closed:
            break
        made += [rest[:at], quote(holes.get(name.lower(), ""), safe=":")]
        rest = after
    return "".join([*made, rest])
