"""What a screen fetches once per version of a city: the city itself, its base map and its wards."""

import gzip
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

import brotli
import msgspec

from dashboard.city import City, Ward
from dashboard.video import way
from data.pack.load import Pack

QUALITY, MOST_KEPT = 9, 4


class Document:
    """One file as it goes out, in three encodings, made once."""

    def __init__(self, body: bytes) -> None:
        self.plain = body

    @cached_property
    def brotli(self) -> bytes:
        """The body as brotli."""
        return bytes(brotli.compress(self.plain, quality=QUALITY))

    @cached_property
    def gzip(self) -> bytes:
        """The body as gzip."""
        return gzip.compress(self.plain, QUALITY, mtime=0)


def drawn(pack: Pack) -> list[dict[str, Any]]:
    """Return what is drawn of a city (GeoJSON features), for the moments before its map is there."""
    found = msgspec.json.decode((pack.folder / "basemap.geojson").read_bytes())
    return list(found["features"])


def documents(pack: Pack, today: date) -> dict[str, Document]:
    """Return the documents by name: city.json, base.geojson, wards.geojson, labels.json."""
    read = {name: (pack.folder / name).read_bytes() for name in ("basemap.geojson", "wards.geojson", "labels.json")}
    return {
        "city.json": Document(msgspec.json.encode(city_document(pack.city, today))),
        "base.geojson": Document(read["basemap.geojson"]),
        "wards.geojson": Document(read["wards.geojson"]),
        "labels.json": Document(read["labels.json"]),
    }


def later_cities(look: Callable[[], City], today: date) -> Callable[[str], Document | None]:
    """Return what finds the document of a city that has adopted cameras, by its version.

    `look` returns the city as it stands at this moment. A screen may be a moment behind: the last few are kept.
    """
    kept: dict[str, Document] = {}

    def find(version: str) -> Document | None:
        if version not in kept and (city := look()).version == version:
            kept[version] = Document(msgspec.json.encode(city_document(city, today)))
            for old in list(kept)[:-MOST_KEPT]:
                del kept[old]
        return kept.get(version)

    return find


def surveyed(draw: Callable[[], bytes | None]) -> Callable[[], Document | None]:
    """Return what gives the wards that were surveyed as a document, made once for as long as `draw` returns the same."""
    kept: list[Document] = []

    def find() -> Document | None:
        body = draw()
        if body is None:
            return None
        if not kept or kept[0].plain is not body:
            kept[:] = [Document(body)]
        return kept[0]

    return find


def cameras_document(city: City) -> list[dict[str, Any]]:
    """Return the cameras as the city's document lists them, in their places."""
    words = "id name short lon lat owner ward bearing fov range_m critical gone"
    return [{**_picked(one, words), "video": way(one)} for one in city.cameras]


def city_document(city: City, today: date) -> dict[str, Any]:
    """Return what docs/live.md promises of a city. Addresses of streams and the names sources use stay behind."""
    return {
        "key": city.key,
        "version": city.version,
        "name": city.name,
        "title": city.title,
        "zone": city.zone,
        "bounds": city.bounds,
        "centre": city.centre,
        "zoom": city.zoom,
        "schematic": city.schematic,
        "cameras": cameras_document(city),
        "wards": [_picked(ward, "code name short") for ward in in_force(city, today)],
        "units": [_picked(unit, "code name short") for unit in city.units],
        "services": [_picked(one, "code name short field field_name field_short urgent") for one in city.services],
        "kinds": [
            {
                "cls": kind.event_class,
                "prio": kind.priority,
                **_picked(kind, "key name short cause consequence action response_s owner_unit verify violation"),
            }
            for kind in city.kinds
        ],
        "indicators": [
            _picked(one, "key name short unit better target levels decimals every_s late_s stale_s lost_s")
            for one in city.indicators
        ],
        "feeds": [_picked(feed, "key name short every_s late_s stale_s lost_s") for feed in city.feeds],
        "walls": [_picked(wall, "name title diag_in cols rows dist_m centre zoom") for wall in city.walls],
    }


def in_force(city: City, today: date) -> list[Ward]:
    """Return the wards of that day."""
    return [ward for ward in city.wards if (ward.valid_from or date.min) <= today <= (ward.valid_to or date.max)]


def _picked(thing: object, names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names.split()}
