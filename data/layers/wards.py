"""Surveyed ward boundaries: layers that were imported as wards stand for the pack's drawn ones from their day on (docs/layers.md#wards)."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from logging import getLogger
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Engine

from dashboard.city import City
from dashboard.errors import Away
from dashboard.layers.layer import Layer, LayerRefused
from data.atlas import Atlas, Ground, Survey
from data.clock import SystemClock
from data.pack import Pack
from data.store.layers import SqlLayers

ASK_EVERY_S = 2.0
SIMPLE = 0.00003  # degrees, 3 m: what a map of the whole city can show
DAY_MS = 86_400_000
OVERLAP = 0.01  # of the smaller ward's area: more is no matter of rounding
MOST_LISTED = 8
log = getLogger(__name__)


class LivingAtlas:
    """The wards as they stand now: the record is asked every two seconds whether surveyed ones came or went. While it is away the last stand."""

    def __init__(self, layers: SqlLayers, pack: Pack, *, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._layers, self._pack, self._monotonic_s = layers, pack, monotonic_s
        self._asked_s, self._seen = float("-inf"), -1
        self._mark, self._atlas = "", Atlas(pack.folder, zone=pack.city.zone)
        self._drawn: tuple[str, int, bytes] = ("", 0, b"")

    def locate(self, lon: float, lat: float, at_ms: int) -> str:
        """Return the code of the ward in force at an instant that holds a point, or ""."""
        return self.now().locate(lon, lat, at_ms)

    def mark(self) -> str:
        """Return a word that is another with every change of surveyed wards, "" where there are none."""
        self.now()
        return self._mark

    def now(self) -> Atlas:
        """Return the wards."""
        if self._monotonic_s() - self._asked_s >= ASK_EVERY_S:
            self.look()
        return self._atlas

    def look(self) -> Atlas:
        """Ask the record at once, and return the wards."""
        self._asked_s = self._monotonic_s()
        try:
            seen = self._layers.changed()
            if seen != self._seen:
                self._take([one for one in self._layers.shown() if one.wards_from])
                self._seen = seen
        except Away as away:
            log.warning("surveyed wards cannot be read, the last ones stand: %s", away)
        return self._atlas

    def _take(self, layers: Sequence[Layer]) -> None:
        mark = ".".join(f"{one.key}{one.version}" for one in layers)
        if mark != self._mark:
            surveys = [survey(one, self._layers) for one in layers]
            self._atlas, self._mark = Atlas(self._pack.folder, zone=self._pack.city.zone, surveys=surveys), mark

    def drawn(self, at_ms: int) -> bytes | None:
        """Return the surveyed wards in force at an instant as the map draws them (GeoJSON), or None where the pack's own stand."""
        self.look()
        if not self._mark:
            return None
        day = at_ms // DAY_MS
        if self._drawn[:2] != (self._mark, day):
            self._drawn = (self._mark, day, geojson(self._atlas.grounds(at_ms)))
        return self._drawn[2]


def open_atlas(engine: Engine, pack: Pack) -> LivingAtlas:
    """Return a pack's wards, and what was surveyed since."""
    return LivingAtlas(SqlLayers(engine, SystemClock()), pack)


def survey(layer: Layer, layers: SqlLayers) -> Survey:
    """Return the boundaries that a layer holds. Raises Away."""
    start = date.fromisoformat(layer.wards_from)
    held = layers.wards(layer.key, layer.version)
    shapes = shapely.from_wkb([shape for _, shape in held])
    return Survey(start, [Ground(code, start, date.max, shape) for (code, _), shape in zip(held, shapes, strict=True)])


def _overlapping(shapes: "np.ndarray[Any, np.dtype[np.object_]]") -> tuple[int, int] | None:
    """Return two of the shapes that share more than a hundredth of the smaller one's area."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    much = shared > OVERLAP * np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    return (int(one[much][0]), int(other[much][0])) if much.any() else None


def areas(codes: Iterable[object], shapes: Iterable[shapely.Geometry]) -> list[tuple[str, bytes]]:
    """Return a file's wards as the record keeps them."""
    return [(code_of(code), shapely.to_wkb(shape)) for code, shape in zip(codes, shapes, strict=True)]


def code_of(value: object) -> str:
    """Return a ward's official code of five digits, also where a table took it for a number; "" for none."""
    return f"{value:05d}" if isinstance(value, int) else str(value or "").strip()


def geojson(grounds: Sequence[Ground]) -> bytes:
    """Return areas as a map of the whole city shows them; borders that two share stay shared."""
    simple = shapely.coverage_simplify(np.array([one.shape for one in grounds], dtype=object), SIMPLE)
    features = [_feature(one.code, shape) for one, shape in zip(grounds, simple, strict=True)]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def _feature(code: str, shape: shapely.Geometry) -> dict[str, Any]:
    rounded = shapely.set_precision(shape, 0.00001)
    return {"type": "Feature", "properties": {"code": code}, "geometry": json.loads(shapely.to_geojson(rounded))}


def check(codes: Iterable[object], shapes: Sequence[shapely.Geometry], *, start: date, city: City) -> list[str]:
    """Return what is to be told of a file of wards. Raises LayerRefused where it is none."""
    told = [code_of(code) for code in codes]
    known = {one.code for one in city.wards if (one.valid_from or date.min) <= start <= (one.valid_to or date.max)}
    if strange := [code or "(none)" for code in told if code not in known]:
        listed = ", ".join(strange[:MOST_LISTED])
        raise LayerRefused(
            f"{len(strange)} codes are of no ward of the city on {start}: {listed}. Is the code field the right one, and the day?"
        )
    if twice := [code for code, n in Counter(told).items() if n > 1]:
        raise LayerRefused(
            f"{', '.join(twice[:MOST_LISTED])} stand more than once in the file. Join the parts of a ward to one feature."
        )
    if any(shapely.get_dimensions(one) != 2 for one in shapes):  # noqa: PLR2004  an area
        raise LayerRefused("Wards are areas, and the file holds something else.")
    if pair := _overlapping(np.array(shapes, dtype=object)):
        raise LayerRefused(
            f"{told[pair[0]]} and {told[pair[1]]} lie over each other. The file mixes wards of several times, perhaps."
        )
    lacking = sorted(known - set(told))
    missing = f"; {len(lacking)} of the city's wards are not in the file: {', '.join(lacking[:MOST_LISTED])}" if lacking else ""
    return [f"wards        {len(told)} from {start}{missing}"]
