"""Which ward a place lies in, by the boundaries in force that day."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import shapely
from shapely import STRtree
from shapely.geometry import shape

OUTSIDE = ""


class Atlas:
    """The wards of one pack."""

    def __init__(self, folder: Path, *, zone: str) -> None:
        told = json.loads((folder / "wards.geojson").read_text(encoding="utf-8"))["features"]
        self._codes = [str(one["properties"]["code"]) for one in told]
        self._spans = [
            (_day(one["properties"].get("valid_from"), date.min), _day(one["properties"].get("valid_to"), date.max)) for one in told
        ]
        drawn = [shape(one["geometry"]) for one in told]
        shapely.prepare(drawn)
        self._tree, self._zone = STRtree(drawn), ZoneInfo(zone)

    def locate(self, lon: float, lat: float, at_ms: int) -> str:
        """Return the code of the ward in force at `at_ms` (epoch ms) that holds the point (degrees), or ""."""
        on = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone).date()
        for ix in sorted(self._tree.query(shapely.Point(lon, lat), predicate="intersects")):
            start, end = self._spans[ix]
            if start <= on <= end:
                return str(self._codes[ix])
        return OUTSIDE


def _day(text: str | None, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise
