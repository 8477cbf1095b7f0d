"""Hot spots from the record: of events by their roll-ups, of alarms and reports by their indexes; every question has an end (S-24)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, LargeBinary, String, case, cast, func, literal, select

from dashboard.calendar import HOUR_MS, hour_of
from dashboard.city import City
from dashboard.hotspots import MOST, Cell, Counts, Grid, Order, Spot, What, Window, by_cell, days_of, plan, ranked, summed
from dashboard.ports import Clock
from data.store.engine import LONGEST_S, asking
from data.store.spots import DAY_SPOT, HOUR_SPOT
from data.store.tables import ALARM, REPORT

ARRAY = b"\xdd"  # how msgpack begins a list: then four bytes say of how many
FAR = 1 << 24  # more squares than lie beside each other anywhere on earth


class Asked(NamedTuple):
    """Of what, of which kind or service ("": all), over which period, ranked by what, with how many in a square at least."""

    what: What
    kind: str = ""
    period: str = "24h"
    order: Order = "count"
    least: int = 1
    at: int | None = None  # up to the last full hour before (epoch ms); None: up to now, with the hour under way


class Placed(msgspec.Struct):
    """What is read of an alarm: where it is."""

    camera: str = ""


placed = msgspec.msgpack.Decoder(Placed).decode
all_placed = msgspec.msgpack.Decoder(list[Placed]).decode
decoded = msgspec.json.Decoder(list[str]).decode


class SqlHotspots:
    """Questions to one city's record about where most happens."""

    def __init__(self, engine: Engine, clock: Clock, city_now: Callable[[], City], *, seconds: float = LONGEST_S) -> None:
        """`seconds` is how long a question may take."""
        self._engine, self._clock, self._city_now, self._seconds = engine, clock, city_now, seconds

    def find(self, asked: Asked) -> Mapping[str, Any]:
        """Return the squares, the hottest first. Raises TooLong, Away."""
        city = self._city_now()
        now_ms = self._clock.now_ms() if asked.at is None else asked.at - HOUR_MS
        hour, grid = hour_of(now_ms, city.zone), Grid(city.bounds)
        end_ms = (now_ms // HOUR_MS + 1) * HOUR_MS
        with asking(self._engine, seconds=self._seconds) as sql:
            reader = Reader(sql, city, grid, asked, lambda at: end_ms - (hour + 1 - at) * HOUR_MS)
            planned = plan(hour, asked.period, reader.first(now_ms, hour))
            counts = reader.counts(planned.now)
            reader.only = {cell for cell, n in by_cell(counts).items() if n >= asked.least}
            usual = summed((weight, reader.counts(window)) for weight, window in planned.usual) if planned.usual else None
        spots, few = ranked(counts, usual, least=asked.least, order=asked.order)
        few += reader.few
        return {
            "of": asked.what,
            "kind": asked.kind,
            "period": asked.period,
            "since": reader.ms(planned.now.first),
            "until": reader.ms(planned.now.end),
            "weeks": planned.weeks,
            "least": asked.least,
            "few": few,
            "total": sum(counts.values()) if asked.least <= 1 else sum(spot.n for spot in spots),
            "cut": len(spots) > MOST,
            "spots": [_told(spot, grid) for spot in spots[:MOST]],
        }


class Reader:
    """One question's counts. `ms` says when an hour of the city's clock begins."""

    def __init__(self, sql: Connection, city: City, grid: Grid, asked: Asked, ms: Callable[[int], int]) -> None:
        self._sql, self._asked, self.ms, self._grid = sql, asked, ms, grid
        self.only: set[Cell] | None = None  # squares that are wanted, where not all are
        self.few = 0  # squares of reports with fewer than are told, which are in no counts
        self._cells = {camera.id: grid.cell(camera.lon, camera.lat) for camera in city.cameras if not camera.gone}

    def first(self, now_ms: int, hour: int) -> int | None:
        """Return with which hour the record begins; None where it is empty."""
        if self._asked.what == "events":
            began: int | None = self._sql.scalar(select(func.min(HOUR_SPOT.c.hour)))
            return began
        at = self._sql.scalar(select(func.min(ALARM.c.since if self._asked.what == "alarms" else REPORT.c.submitted)))
        return None if at is None else hour - (now_ms - at) // HOUR_MS

    def counts(self, window: Window) -> Counts:
        """Return how much there is in a window, by square and camera or service."""
        return {"events": self._events, "alarms": self._alarms, "reports": self._reports}[self._asked.what](window)

    def _events(self, window: Window) -> Counts:
        hours, days = days_of(window)
        parts = [(HOUR_SPOT, HOUR_SPOT.c.hour, edge) for edge in hours] + ([(DAY_SPOT, DAY_SPOT.c.day, days)] if days else [])
        counts: Counter[tuple[Cell, str]] = Counter()
        for table, at, part in parts:
            wanted = select(table.c.camera, func.sum(table.c.n)).where(at >= part.first, at < part.end).group_by(table.c.camera)
            if self._asked.kind:
                wanted = wanted.where(table.c.kind == self._asked.kind)
            for camera, n in self._sql.execute(wanted):
                if camera in self._cells:
                    counts[self._cells[camera], camera] += int(n)
        return counts

    def _alarms(self, window: Window) -> Counts:
        c = ALARM.c
        lite = self._sql.dialect.name == "sqlite"  # it has no way to join blobs
        bodies = c.body if lite else func.string_agg(c.body, literal(b""), type_=LargeBinary)
        wanted = select(bodies, *([] if lite else [func.count()])).where(
            c.since >= self.ms(window.first), c.since < self.ms(window.end)
        )
        if self._asked.kind:
            wanted = wanted.where(c.kind == self._asked.kind)
        rows = self._sql.execute(wanted).cursor.fetchall()
        joined, count = (b"".join(body for (body,) in rows), len(rows)) if lite else rows[0]
        cameras = Counter(one.camera for one in all_placed(ARRAY + count.to_bytes(4) + (joined or b"")))
        return {(self._cells[camera], camera): n for camera, n in cameras.items() if camera in self._cells}

    def _reports(self, window: Window) -> Counts:
        c = REPORT.c
        if self.only is not None and not self.only:
            return {}
        told = (c.submitted >= self.ms(window.first), c.submitted < self.ms(window.end), c.lon.is_not(None), c.lat.is_not(None))
        lite, (west, south, wide, high) = self._sql.dialect.name == "sqlite", self._grid.measure
        square = _floor((c.lon - west) / wide, lite=lite) * FAR + _floor((c.lat - south) / high, lite=lite) + FAR // 2
        named = [(func.json_group_array if lite else func.json_agg)(c.service)] if self.only is None else []
        wanted = select(func.aggregate_strings(cast(square, String), ","), *(cast(one, String) for one in named)).where(*told)
        if self._asked.kind:
            wanted = wanted.where(c.service == self._asked.kind)
        squares, *services = self._sql.execute(wanted).one()
        if not squares:
            return {}
        return self._gathered(np.fromstring(squares, dtype=np.int64, sep=","), *(decoded(one) for one in services))

    def _gathered(self, square: NDArray[np.int64], services: Sequence[str] = ()) -> Counts:
        """Return reports by square and service, hundreds of thousands in a blink.

        Of the squares that are wanted alone, where not all are: there the service is not told. Squares with too few are only counted.
        """
        if self.only is None:
            _, of, counts = np.unique(square, return_inverse=True, return_counts=True)
            self.few = int((counts < self._asked.least).sum())
            there = counts[of] >= self._asked.least
            square, services = square[there], tuple(compress(services, there.tolist()))
        else:
            square = square[np.isin(square, [cell[0] * FAR + cell[1] + FAR // 2 for cell in self.only])]
        if not len(square):
            return {}
        names = {name: n for n, name in enumerate(dict.fromkeys(services))} or {"": 0}
        if services:
            square = square * len(names) + np.array([names[one] for one in services])
        keys, counts = np.unique(square, return_counts=True)
        squares, of = np.divmod(keys, len(names))
        at, up = np.divmod(squares, FAR)
        told = list(names)
        found = zip(at.tolist(), (up - FAR // 2).tolist(), of.tolist(), counts.tolist(), strict=True)
        return {((x_, y_), told[code]): n for x_, y_, code, n in found}


def _floor(value: ColumnElement[Any], *, lite: bool) -> ColumnElement[int]:
    """The whole number below: not every SQLite has floor(), and what it casts it cuts towards nought."""
    if not lite:
        return cast(func.floor(value), BigInteger)
    cut = cast(value, BigInteger)
    return cut - case((value < cut, 1), else_=0)


def _told(spot: Spot, grid: Grid) -> dict[str, Any]:
    west, south, east, north = grid.box(spot.cell)
    return {
        "id": f"{spot.cell[0]}.{spot.cell[1]}",
        "box": [west, south, east, north],
        "n": spot.n,
        "usual": None if spot.usual is None else round(spot.usual, 1),
        "parts": [{"key": key, "n": n} for key, n in spot.parts[:10]],
    }
