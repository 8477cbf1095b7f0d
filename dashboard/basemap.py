"""What a thing on the base map is, by its tags: the layer it is drawn in, its kind there, and from which zoom on.

Layers and kinds are those of the Protomaps basemap (version 4), so that an extract of that map is drawn by the same rules; tags are OpenStreetMap's
(key:highway, key:waterway, key:natural, key:landuse, key:leisure, key:railway, key:building, key:place), also as Geofabrik's shapefiles write them
(`fclass`).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

LAYERS = ("water", "landuse", "roads", "buildings", "boundaries", "places")
FARTHEST, NEAREST = 6, 15  # zooms for which tiles are made; nearer ones are drawn from the nearest
NAMES = ("name", "name:vi", "name:en")


class Tiles(Struct, frozen=True, kw_only=True):
    """What a page is told of the base map in use: vector tiles or pictures, of which version, to which zoom there are any, and whose data it is."""

    form: Literal["pmtiles", "mbtiles"]
    version: str
    nearest: int
    credit: str


class Drawn(NamedTuple):
    """How a thing is drawn. `detail` says more than the kind where styles tell more apart."""

    layer: str
    kind: str
    zoom: int
    detail: str = ""


_ROADS = {
    "motorway": ("highway", 6),
    "trunk": ("highway", 7),
    "primary": ("major_road", 8),
    "secondary": ("major_road", 10),
    "tertiary": ("major_road", 11),
    "residential": ("minor_road", 12),
    "unclassified": ("minor_road", 12),
    "living_street": ("minor_road", 13),
    "road": ("minor_road", 13),
    "service": ("minor_road", 14),
    "pedestrian": ("path", 13),
    "footway": ("path", 14),
    "path": ("path", 14),
    "track": ("path", 14),
    "cycleway": ("path", 14),
    "steps": ("path", 15),
}
_WATERWAYS = {"river": 8, "canal": 11, "stream": 13, "drain": 14, "ditch": 14}
_WATERS = frozenset({"water", "bay", "strait"})
_GREEN = {
    "park": ("park", 10),
    "garden": ("park", 12),
    "recreation_ground": ("park", 12),
    "grass": ("grass", 13),
    "meadow": ("grass", 12),
    "village_green": ("park", 12),
    "forest": ("forest", 8),
    "wood": ("forest", 8),
    "scrub": ("forest", 11),
    "cemetery": ("cemetery", 12),
    "nature_reserve": ("forest", 8),
    "pitch": ("pitch", 14),
    "golf_course": ("park", 11),
}
_PLACES = {
    "city": ("locality", 6),
    "town": ("locality", 8),
    "village": ("locality", 11),
    "hamlet": ("locality", 13),
    "suburb": ("neighbourhood", 11),
    "quarter": ("neighbourhood", 12),
    "neighbourhood": ("neighbourhood", 13),
    "island": ("island", 11),
}


def drawn(tags: Mapping[str, str], *, area: bool) -> Drawn | None:
    """Return how a thing of these tags is drawn, None where it is not. `area`: it is a surface, not a line or a point."""
    return _water(tags, area=area) or _road(tags) or _land(tags, area=area) or _place(tags)


def given(layer: str, tags: Mapping[str, str], *, area: bool) -> Drawn:
    """Return how a thing is drawn that somebody brought as one of `LAYERS`: by its tags where they say so, else as the layer's commonest."""
    word = tags.get("fclass") or tags.get("kind") or tags.get("class") or ""
    keys = {"roads": "highway", "water": "waterway", "landuse": "landuse", "places": "place", "buildings": "building"}
    found = drawn({**({keys[layer]: word} if layer in keys and word else {}), **tags}, area=area)
    if found is not None and found.layer == layer:
        return found
    return {
        "water": Drawn("water", "lake" if area else "river", 8),
        "landuse": Drawn("landuse", "park", 10),
        "roads": Drawn("roads", "minor_road", 12),
        "buildings": Drawn("buildings", "building", 14),
        "boundaries": Drawn("boundaries", "locality", 9),
        "places": Drawn("places", "neighbourhood", 12),
    }[layer]


def _water(tags: Mapping[str, str], *, area: bool) -> Drawn | None:
    way, nature, use = tags.get("waterway", ""), tags.get("natural", ""), tags.get("landuse", "")
    if area and (nature in _WATERS or way in {"riverbank", "dock"} or use in {"reservoir", "basin"}):
        return Drawn("water", tags.get("water") or ("river" if way == "riverbank" else "lake"), 6)
    if way in _WATERWAYS:
        return Drawn("water", way, _WATERWAYS[way])
    return None


def _road(tags: Mapping[str, str]) -> Drawn | None:
    way = tags.get("highway", "").removesuffix("_link")
    if way in _ROADS:
        kind, zoom = _ROADS[way]
        return Drawn("roads", kind, zoom, way)
    if tags.get("railway") in {"rail", "light_rail", "subway", "tram", "narrow_gauge"}:
        return Drawn("roads", "rail", 9, tags["railway"])
    return None


def _land(tags: Mapping[str, str], *, area: bool) -> Drawn | None:
    if not area:
        return None
    if tags.get("building", "no") != "no":
        return Drawn("buildings", "building", 14)
    if tags.get("historic") in {"castle", "citywalls", "fort", "monument", "archaeological_site"}:
        return Drawn("landuse", "heritage", 11)
    word = next((tags[key] for key in ("leisure", "landuse", "natural") if tags.get(key) in _GREEN), "")
    return Drawn("landuse", *_GREEN[word]) if word else None


def _place(tags: Mapping[str, str]) -> Drawn | None:
    word = tags.get("place", "")
    return Drawn("places", *_PLACES[word], word) if word in _PLACES and tags.get("name") else None
