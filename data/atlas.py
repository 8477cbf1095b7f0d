"""Which ward a place lies in, by the boundaries in force that day."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import shape

OUTSIDE = ""
MANY, SIDE, TOUCHED = 20_000, 2048, -2  # points from which it is worth to cut the ground into so many squares a side
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]


class Ground(NamedTuple):
    """One ward's area over a stretch of days, both of them included."""

    code: str
    start: date
    end: date
    shape: shapely.Geometry


class Survey(NamedTuple):
    """Surveyed boundaries: from `start` on they stand for all that was known before."""

    start: date
    grounds: Sequence[Ground]


def of_pack(folder: Path) -> list[Ground]:
    """Return the wards' areas that a city pack holds."""
    told = json.loads((folder / "wards.geojson").read_text(encoding="utf-8"))["features"]
    return [
        Ground(
            str(one["properties"]["code"]),
            _day(one["properties"].get("valid_from"), date.min),
            _day(one["properties"].get("valid_to"), date.max),
            shape(one["geometry"]),
        )
        for one in told
    ]


class Atlas:
    """The wards of one pack, and of what was surveyed since."""

    def __init__(self, folder: Path, *, zone: str, surveys: Iterable[Survey] = ()) -> None:
        eras = [(date.min, of_pack(folder)), *sorted(((one.start, [*one.grounds]) for one in surveys), key=lambda era: era[0])]
        self._starts = [start for start, _ in eras]
        self._eras = [_Era(grounds) for _, grounds in eras]
        self._zone = ZoneInfo(zone)

    def locate(self, lon: float, lat: float, at_ms: int) -> str:
        """Return the code of the ward in force at `at_ms` (epoch ms) that holds the point (degrees), or ""."""
        on = self._on(at_ms)
        return str(self._era(on).locate(lon, lat, on))

    def assign(self, lonlat: Numbers, at_ms: int) -> list[str]:
        """Return the same for many points at once (longitude and latitude a row)."""
        on = self._on(at_ms)
        era = self._era(on)
        codes = np.array([*(ground.code for ground in era.grounds), OUTSIDE], dtype=object)
        told: list[str] = codes[era.assign(lonlat, on)].tolist()
        return told

    def wards(self, places: Sequence[tuple[float, float, int]]) -> list[str]:
        """Return what `locate` says of many places, each with its own instant (longitude, latitude, epoch ms)."""
        told, days = [OUTSIDE] * len(places), dict[date, list[int]]()
        for nth, (_, _, at_ms) in enumerate(places):
            days.setdefault(self._on(at_ms), []).append(nth)
        alike = dict[tuple[int, ...], list[date]]()
        for on in days:
            era = self._era(on)
            alike.setdefault((id(era), *era.held(on)), []).append(on)
        for these in alike.values():
            nths, era = [nth for on in these for nth in days[on]], self._era(these[0])
            found = era.assign(np.array([places[nth][:2] for nth in nths]), these[0])
            for nth, ward in zip(nths, found.tolist(), strict=True):
                told[nth] = era.grounds[ward].code if ward >= 0 else OUTSIDE
        return told

    def indices(self, lonlat: Numbers, at_ms: int) -> Places:
        """Return for many points the place of their ward in `grounds`, −1 outside: what `assign` names, without making texts."""
        on = self._on(at_ms)
        return self._era(on).assign(lonlat, on)

    def grounds(self, at_ms: int) -> list[Ground]:
        """Return the areas of the wards in force at an instant."""
        on = self._on(at_ms)
        return [one for one in self._era(on).grounds if one.start <= on <= one.end]

    def _on(self, at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone).date()

    def _era(self, on: date) -> "_Era":
        return self._eras[max(n for n, start in enumerate(self._starts) if start <= on)]


class _Era:
    """The areas that are looked at from one day on."""

    def __init__(self, grounds: Sequence[Ground]) -> None:
        self.grounds = grounds
        self._shapes = np.array([one.shape for one in grounds], dtype=object)
        shapely.prepare(self._shapes)
        self._squares: dict[tuple[int, ...], _Squares] = {}
        self._held: dict[date, tuple[int, ...]] = {}
        self._tree, self._bounds = STRtree(self._shapes), shapely.bounds(self._shapes)

    def locate(self, lon: float, lat: float, on: date) -> str:
        for ix in sorted(self._tree.query(shapely.Point(lon, lat), predicate="intersects")):
            one: Ground = self.grounds[ix]
            if one.start <= on <= one.end:
                return one.code
        return OUTSIDE

    def held(self, on: date) -> tuple[int, ...]:
        """Return which areas are in force on a day."""
        if on not in self._held:
            self._held[on] = tuple(n for n, one in enumerate(self.grounds) if one.start <= on <= one.end)
        return self._held[on]

    def assign(self, lonlat: Numbers, on: date) -> Places:
        """Where there are many: those in a square that no border touches are told at once, the others one by one."""
        if len(lonlat) < MANY:
            return self._exact(lonlat, on)
        held = self.held(on)
        if held not in self._squares:
            self._squares[held] = _Squares(self._shapes[list(held)], lambda places: self._exact(places, on))
        found = self._squares[held].look(lonlat)
        near = np.flatnonzero(found == TOUCHED)
        found[near] = self._exact(lonlat[near], on)
        return found

    def _exact(self, lonlat: Numbers, on: date) -> Places:
        """Ward by ward: what lies in its box and in no ward before is held against its prepared area."""
        found = np.full(len(lonlat), -1, dtype=np.int64)
        x, y = np.ascontiguousarray(lonlat[:, 0]), np.ascontiguousarray(lonlat[:, 1])
        for ix, one in enumerate(self.grounds):
            if not one.start <= on <= one.end:
                continue
            west, south, east, north = self._bounds[ix]
            near = np.flatnonzero((found < 0) & (x >= west) & (x <= east) & (y >= south) & (y <= north))
            found[near[shapely.intersects_xy(self._shapes[ix], x[near], y[near])]] = ix
        return found


class _Squares:
    """The ground cut into squares: in which ward each lies wholly, outside every ward, or touched by a border."""

    def __init__(self, shapes: Any, exact: Callable[[Numbers], Places]) -> None:
        west, south, east, north = shapely.total_bounds(shapes) if len(shapes) else (0.0, 0.0, 1.0, 1.0)
        self._corner, self._size = np.array([west, south]), np.array([east - west, north - south]) / SIDE
        touched = self._touched(shapes)
        first = ~touched
        first[:, 1:] &= touched[:, :-1]  # of each run of squares in a row between two borders: all of it lies in one ward
        rows, columns = np.nonzero(first)
        told = exact(np.column_stack([columns + 0.5, rows + 0.5]) * self._size + self._corner)
        nth = np.cumsum(first.ravel()) - 1
        self._wards = np.where(touched.ravel(), TOUCHED, told[nth] if len(told) else -1)

    def _touched(self, shapes: Any) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """Return which squares a border touches: those that hold a point of it, set closely, and their neighbours."""
        close = shapely.segmentize(shapely.boundary(shapes), float(self._size.min()) / 3)
        x, y = np.clip((shapely.get_coordinates(close) - self._corner) // self._size, 0, SIDE - 1).astype(np.int64).T
        held = np.zeros((SIDE, SIDE), dtype=bool)
        held[y, x] = True
        for axis in (0, 1):
            held |= np.roll(held, 1, axis) | np.roll(held, -1, axis)
        return held

    def look(self, lonlat: Numbers) -> Places:
        """Return the place of the ward of each point, −1 outside, TOUCHED where a closer look is needed."""
        x, y = ((lonlat - self._corner) // self._size).T
        inside = (x >= 0) & (x < SIDE) & (y >= 0) & (y < SIDE)
        at = np.where(inside, y * SIDE + x, 0).astype(np.int64)
        found: Places = np.where(inside, self._wards[at], TOUCHED)
        return found


def _day(text: str | None, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise
