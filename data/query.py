"""What machines may ask of the record: events page by page, in an order that does not move."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, select

from dashboard.city import City
from dashboard.events import Recorded
from dashboard.places import places_of
from dashboard.rows import row as event_row
from data.store.engine import asking
from data.store.loading import recorded
from data.store.pictures import newest_of_each
from data.store.tables import EVENT

MOST = 1000
SCANNED = 100_000  # rows that one page may look through, some 15 ms: nobody's rare camera makes every screen wait (S-24)


class Asked(NamedTuple):
    """Which events: before `cursor` (a seq), within [since, until) epoch ms, of a kind, class, camera or ward."""

    cursor: int | None = None
    since: int | None = None
    until: int | None = None
    kind: str = ""
    event_class: str = ""
    camera: str = ""
    ward: str = ""
    limit: int = 100


class Query:
    """Questions to one city's record."""

    def __init__(self, engine: Engine, city_now: Callable[[], City]) -> None:
        self._engine, self._city_now = engine, city_now
        self._kinds = places_of(city_now())[0]

    def events(self, asked: Asked) -> Mapping[str, Any]:
        """Return a page of events, newest first, and the cursor of the next (None: there is none).

        A page looks through so many rows and no more, so it may be short, or empty, and still have a next one. Raises TooLong, Away.
        """
        with asking(self._engine) as sql:
            floor = self._floor(sql, asked)
            wanted = select(EVENT).where(*self._where(asked), EVENT.c.seq >= floor).order_by(EVENT.c.seq.desc())
            rows = sql.execute(wanted.limit(asked.limit + 1)).all()
        page = [recorded(row) for row in rows[: asked.limit]]
        further = page[-1].seq if len(rows) > asked.limit else floor
        return {"events": [self._told(one) for one in page], "next": further or None}

    def pictured(self) -> Mapping[str, int]:
        """Return when the last whole picture of each camera came that is kept (epoch ms), by its id."""
        with self._engine.connect() as sql:
            return {row.camera: row.at for row in sql.execute(newest_of_each())}

    def _floor(self, sql: Connection, asked: Asked) -> int:
        """Return the number below which this page does not look. By its kind alone an index finds everything."""
        if asked._replace(cursor=None, limit=0, kind="") == Asked(limit=0):
            return 0
        top = asked.cursor if asked.cursor is not None else (sql.scalar(select(func.max(EVENT.c.seq))) or 0) + 1
        return max(top - SCANNED, 0)

    def _where(self, asked: Asked) -> list[Any]:
        c = EVENT.c
        given: list[tuple[object, Callable[[], Any]]] = [
            (asked.cursor, lambda: c.seq < asked.cursor),
            (asked.since, lambda: c.counted >= asked.since),
            (asked.until, lambda: c.counted < asked.until),
            (asked.kind or None, lambda: c.kind == asked.kind),
            (asked.camera or None, lambda: c.camera == asked.camera),
            (asked.event_class or None, lambda: c.kind.in_(self._of_class(asked.event_class))),
            (asked.ward or None, lambda: c.camera.in_([one.id for one in self._city_now().cameras if one.ward == asked.ward])),
        ]
        return [clause() for value, clause in given if value is not None]

    def _of_class(self, event_class: str) -> list[str]:
        mine = [kind.key for kind in self._city_now().kinds if kind.event_class == event_class]
        return [*mine, *(self._kinds.records if event_class == "record" else ())]

    def _told(self, one: Recorded) -> dict[str, object]:
        """Return an event as frames carry it, with the camera's id in place of its place in a list."""
        told = event_row(one, self._kinds, places_of(self._city_now())[1])
        told["camera"] = one.heard.camera or None
        told["source"] = one.heard.source
        told["simulated"] = one.heard.simulated
        told.pop("ix")
        return told
