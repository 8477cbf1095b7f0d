"""What happened near one thing of the city over the years: reports sent from beside it, and what the cameras around it saw (docs/layers.md)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import cos, radians
from typing import Any

import msgspec
import numpy as np
import shapely
from sqlalchemy import Connection, Engine, func, select

from dashboard.calendar import DAY_MS, date_of, day_of, month_of, month_start
from dashboard.city import City
from dashboard.geo import bearing
from dashboard.masking import hidden
from dashboard.places import places_of
from dashboard.ports import Clock
from dashboard.rows import row as event_row
from data.hotspots import placed
from data.store.engine import LONGEST_S, asking
from data.store.loading import recorded
from data.store.spots import DAY_SPOT
from data.store.tables import ALARM, EVENT, REPORT

METRES_A_DEGREE = 111_195.0
RADII, SEEN_M = (20, 50, 200), 200  # of reports; and how far a camera is counted as one that saw it
MONTHS, LISTED, EVENTS, EVENT_DAYS = 24, 50, 30, 31
Flat = Callable[[float, float], float]


class SqlNearby:
    """Questions to one city's record about a shape on the ground. They cost by what lies near it, not by how old the record is."""

    def __init__(self, engine: Engine, clock: Clock, city_now: Callable[[], City], *, seconds: float = LONGEST_S) -> None:
        """`seconds` is how long a question may take (S-24)."""
        self._engine, self._clock, self._city_now, self._seconds = engine, clock, city_now, seconds

    def find(self, shape: Mapping[str, Any], *, radius: int) -> Mapping[str, Any]:
        """Return the months of two years, reports (the open ones first, then the newest), events and open alarms. Raises TooLong, Away."""
        city, now_ms = self._city_now(), self._clock.now_ms()
        ground, today = Ground(shape), day_of(now_ms, city.zone)
        first = month_of(today) - MONTHS + 1
        cameras = ground.cameras(city)
        names = [one["id"] for one in cameras]
        with asking(self._engine, seconds=self._seconds) as sql:
            found = _reports(sql, ground, radius)
            saw = _saw(sql, names, month_start(first), city) if names else Counter[int]()
            events = _events(sql, names, now_ms, city) if names else []
            alarms = _alarms(sql, names) if names else []
        sent = Counter(month_of(day_of(one["submitted"], city.zone)) for one in found)
        late = [one for one in found if one["open"] and one["due"] < now_ms]
        found.sort(key=lambda one: (not one["open"], -one["submitted"]))
        return {
            "radius": radius,
            "seen_m": SEEN_M,
            "now": now_ms,
            "months": [
                {"month": f"{date_of(month_start(at)):%Y-%m}", "reports": sent[at], "events": saw[at]}
                for at in range(first, first + MONTHS)
            ],
            "reports": found[:LISTED],
            "total": len(found),
            "open": sum(one["open"] for one in found),
            "overdue": len(late),
            "first": min((one["submitted"] for one in found), default=None),
            "cameras": cameras,
            "events": events,
            "alarms": alarms,
        }


class Ground:
    """A shape, and how far places (degrees) are from it in metres: so near, the earth is flat."""

    def __init__(self, shape: Mapping[str, Any]) -> None:
        self.shape = shapely.from_geojson(msgspec.json.encode(shape))
        self.west, self.south, self.east, self.north = map(float, self.shape.bounds)
        inside = self.shape.representative_point()
        self.lon, self.lat = float(inside.x), float(inside.y)
        self._scale = np.array([METRES_A_DEGREE * max(1e-6, cos(radians(self.lat))), METRES_A_DEGREE])
        self._flat = shapely.transform(self.shape, self._over)
        shapely.prepare(self._flat)

    def _over(self, xy: Any) -> Any:
        return (xy - (self.lon, self.lat)) * self._scale

    def metres(self, lonlat: Sequence[tuple[float, float]]) -> Any:
        """Return how far each place is; 0 in it."""
        return shapely.distance(self._flat, shapely.points(self._over(np.array(lonlat, dtype=float).reshape(-1, 2))))

    def around(self, metres: float) -> tuple[float, float, float, float]:
        """Return the box that holds everything so near: west, south, east, north."""
        aside, up = metres / self._scale
        return self.west - aside, self.south - up, self.east + aside, self.north + up

    def cameras(self, city: City) -> list[dict[str, Any]]:
        """Return the cameras near, the nearest first, each with its distance and its bearing from the middle."""
        there = [one for one in city.cameras if not one.gone]
        far = self.metres([(one.lon, one.lat) for one in there])
        told = sorted((float(m), one.id, one) for m, one in zip(far, there, strict=True) if m <= SEEN_M)
        here = (self.lon, self.lat)
        return [
            {"id": name, "metres": round(m), "bearing": round(bearing(here, (one.lon, one.lat))) % 360} for m, name, one in told
        ]


def _reports(sql: Connection, ground: Ground, radius: int) -> list[dict[str, Any]]:
    """Return every report that was ever sent from so near."""
    c, (west, south, east, north) = REPORT.c, ground.around(radius)
    wanted = select(c.report, c.key, c.service, c.ward, c.submitted, c.due, c.closed, c.open, c.lon, c.lat).where(
        c.lat.between(south, north), c.lon.between(west, east)
    )
    rows = sql.execute(wanted).all()
    if not rows:
        return []
    far = ground.metres([(row.lon, row.lat) for row in rows])
    return [
        {**row._asdict(), "report": hidden(row.report), "key": hidden(row.key), "metres": round(float(m))}
        for row, m in zip(rows, far, strict=True)
        if m <= radius
    ]


def _told(city: City) -> list[str]:
    return [one.key for one in city.kinds if one.event_class != "record"]


def _saw(sql: Connection, cameras: Sequence[str], first_day: int, city: City) -> Counter[int]:
    """Return how many events (no mere records, as plates that were read) the cameras near saw in each month."""
    c = DAY_SPOT.c
    wanted = select(c.day, func.sum(c.n)).where(c.day >= first_day, c.camera.in_(cameras), c.kind.in_(_told(city))).group_by(c.day)
    months = Counter[int]()
    for day, n in sql.execute(wanted):
        months[month_of(day)] += int(n)
    return months


def _events(sql: Connection, cameras: Sequence[str], now_ms: int, city: City) -> list[dict[str, Any]]:
    """Return the newest events of the last month."""
    c = EVENT.c
    wanted = select(EVENT).where(
        c.camera.in_(cameras), c.counted >= now_ms - EVENT_DAYS * DAY_MS, c.kind.in_(_told(city)), ~c.quarantined
    )
    found = [recorded(row) for row in sql.execute(wanted.order_by(c.counted.desc()).limit(EVENTS))]
    kept = ("id", "kind", "cls", "counted", "plate", "prio")
    rows = [{**event_row(one, *places_of(city)), "camera": one.heard.camera} for one in found]
    return [{name: row.get(name) for name in (*kept, "camera")} for row in rows]


def _alarms(sql: Connection, cameras: Sequence[str]) -> list[dict[str, Any]]:
    """Return the open alarms of the cameras near, the most urgent first."""
    c = ALARM.c
    rows = sql.execute(
        select(c.kind, c.priority, c.state, c.since, c.body).where(c.closed == 0).order_by(c.priority, c.since)
    ).all()
    told = [(placed(row.body).camera, row) for row in rows]
    return [
        {"kind": hidden(row.kind), "prio": row.priority, "state": row.state, "since": row.since, "camera": camera}
        for camera, row in told
        if camera in cameras
    ]
