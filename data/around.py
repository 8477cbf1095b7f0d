"""What happened around a place within some minutes: events of the cameras there, reports sent from there (UX-65)."""

from collections.abc import Callable, Mapping
from math import cos, radians
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from dashboard.city import City
from dashboard.errors import Missing
from dashboard.geo import bearing, metres
from dashboard.incidents.incident import Member
from dashboard.masking import hidden
from dashboard.places import places_of
from dashboard.rows import row as event_row
from data.store.engine import LONGEST_S, asking
from data.store.loading import recorded
from data.store.subjects import Subjects
from data.store.tables import EVENT, REPORT

MOST = 500  # events, and reports, of one answer (S-24)
RADII, MINUTES = (50, 200, 500), (5, 10, 30)
METRES_A_DEGREE = 111_195.0
MINUTE_MS = 60_000


class Around(NamedTuple):
    """Where (degrees), when (epoch ms), how far (m) and for how many minutes before and after. `mark`: of one plate alone.

    `known` (epoch ms): only what was known by then, reports as they stood then; None: by now.
    """

    lon: float
    lat: float
    at: int
    radius: int = 200
    minutes: int = 10
    mark: bytes | None = None
    known: int | None = None


class SqlAround:
    """Questions to one city's record about a place and a time."""

    def __init__(self, engine: Engine, city_now: Callable[[], City], *, seconds: float = LONGEST_S) -> None:
        """`seconds` is how long a question may take (S-24)."""
        self._engine, self._city_now, self._seconds = engine, city_now, seconds
        self._subjects = Subjects(city_now)

    def place_of(self, member: Member, *, radius: int, minutes: int) -> Around:
        """Return the question around an alarm, an event or a report, as a screen calls it. Raises Missing: also where it has no place."""
        with asking(self._engine, seconds=self._seconds) as sql:
            named = self._subjects.named(sql, member)
            one = self._subjects.find(sql, [named]).get(named)
        if one is None or one.lon is None or one.lat is None:
            raise Missing(f"there is no {member.what} of that name with a place")
        return Around(one.lon, one.lat, one.at, radius, minutes)

    def find(self, asked: Around) -> Mapping[str, Any]:
        """Return cameras, nearest first, events and reports, in order of time, each with its distance; `cut` where there were more.

        Raises TooLong, Away.
        """
        near = self.cameras(asked)
        with asking(self._engine, seconds=self._seconds) as sql:
            events = self._events(sql, asked, [one["id"] for one in near]) if near else []
            reports = self._reports(sql, asked)
        far = {one["id"]: one["metres"] for one in near}
        return {
            "asked": {"lon": asked.lon, "lat": asked.lat, "at": asked.at, "radius": asked.radius, "minutes": asked.minutes},
            "cameras": near,
            "events": [{**told, "metres": far[told["camera"]]} for told in events[:MOST]],
            "reports": reports[:MOST],
            "cut": len(events) > MOST or len(reports) > MOST,
        }

    def cameras(self, asked: Around) -> list[dict[str, Any]]:
        """Return the cameras within the radius, the nearest first, each with its distance (m) and bearing (degrees from north)."""
        here = (asked.lon, asked.lat)
        told = [(metres(here, (one.lon, one.lat)), one) for one in self._city_now().cameras]
        return [
            {"id": one.id, "metres": round(far), "bearing": round(bearing(here, (one.lon, one.lat))) % 360}
            for far, one in sorted(told, key=lambda pair: (pair[0], pair[1].id))
            if far <= asked.radius
        ]

    def _events(self, sql: Connection, asked: Around, cameras: list[str]) -> list[dict[str, Any]]:
        c, (since, until) = EVENT.c, _span(asked)
        wanted = select(EVENT).where(c.camera.in_(cameras), c.counted >= since, c.counted <= until, ~c.quarantined)
        if asked.mark is not None:
            wanted = wanted.where(c.mark == asked.mark)
        rows = sql.execute(wanted.order_by(c.counted, c.seq).limit(MOST + 1))
        return [self._told(row) for row in rows if asked.known is None or recorded(row).heard.received <= asked.known]

    def _told(self, row: Any) -> dict[str, Any]:
        one = recorded(row)
        told = {**event_row(one, *places_of(self._city_now())), "camera": one.heard.camera}
        told.pop("ix")
        return told

    def _reports(self, sql: Connection, asked: Around) -> list[dict[str, Any]]:
        """Return reports sent from there.

        The database tells the circle, so that its limit counts what is in it: so near, the earth is flat to a millimetre.
        """
        c, (since, until) = REPORT.c, _span(asked)
        here, high, narrow = (asked.lon, asked.lat), asked.radius / METRES_A_DEGREE, max(1e-6, cos(radians(asked.lat)))
        wide = high / narrow
        east, north = (c.lon - asked.lon) * narrow, c.lat - asked.lat
        wanted = select(c.report, c.service, c.ward, c.submitted, c.due, c.open, c.closed, c.lon, c.lat).where(
            c.submitted.between(since, until),
            c.lon.between(asked.lon - wide, asked.lon + wide),
            c.lat.between(asked.lat - high, asked.lat + high),
            east * east + north * north <= high * high,
        )
        rows = sql.execute(wanted.order_by(c.submitted).limit(MOST + 1))
        return [_report(row, here, asked.known) for row in rows]


def _report(row: Any, here: tuple[float, float], known: int | None) -> dict[str, Any]:
    told = {**row._asdict(), "report": hidden(row.report), "metres": round(metres(here, (row.lon, row.lat)))}
    closed = told.pop("closed")
    return told if known is None else told | {"open": row.open or (closed is not None and closed > known)}


def _span(asked: Around) -> tuple[int, int]:
    until = asked.at + asked.minutes * MINUTE_MS
    return asked.at - asked.minutes * MINUTE_MS, until if asked.known is None else min(until, asked.known)
