"""Maintenance of cameras in the record: who works on which, until when and why; rows are ended, never removed."""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Engine, Index, String, Table, select

from dashboard.cameras.maintenance import Work, until_of
from dashboard.errors import Missing
from dashboard.ports import Clock
from data.store.engine import or_away
from data.store.tables import META, NUMBER

MAINTENANCE = Table(
    "maintenance",
    META,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("camera", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("why", String, nullable=False),
    Column("ended", BigInteger, nullable=False),  # 0: nobody ended it before its time
    Column("ended_by", String, nullable=False),
    Index("maintenance_until", "until"),
    Index("maintenance_camera", "camera", "id"),
)
C = MAINTENANCE.c


class SqlWorks:
    """What is worked on in one city."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def begin(self, camera: str, *, minutes: int, why: str, who: str) -> Work:
        """Put a camera in maintenance, or let it go on for so long from now. Raises Unfit, Away."""
        now_ms = self._clock.now_ms()
        until = until_of(minutes, why, now_ms)
        with or_away(), self._engine.begin() as sql:
            _end(sql, camera, who, now_ms)
            told = {"camera": camera, "who": who, "at": now_ms, "until": until, "why": why.strip(), "ended": 0, "ended_by": ""}
            return Work(*sql.execute(MAINTENANCE.insert().values(**told).returning(MAINTENANCE)).one())

    def end(self, camera: str, *, who: str) -> Work:
        """End it before its time. Raises Away, and Missing where nobody works on the camera."""
        with or_away(), self._engine.begin() as sql:
            found = _end(sql, camera, who, self._clock.now_ms())
        if not found:
            raise Missing(f"nobody works on {camera}")
        return found[-1]

    def under_way(self, now_ms: int) -> dict[str, Work]:
        """Return the cameras that are worked on. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(select(MAINTENANCE).where(C.until > now_ms, C.at <= now_ms, C.ended == 0).order_by(C.id))
            return {row.camera: Work(*row) for row in rows}

    def history(self, camera: str, *, most: int) -> list[Work]:
        """Return what was done at a camera, the newest first. Raises Away."""
        wanted = select(MAINTENANCE).where(C.camera == camera).order_by(C.id.desc()).limit(most)
        with or_away(), self._engine.connect() as sql:
            return [Work(*row) for row in sql.execute(wanted)]


def _end(sql: Connection, camera: str, who: str, now_ms: int) -> list[Work]:
    """End what is under way at a camera, and return it."""
    ours: Any = (C.camera == camera, C.ended == 0, C.until > now_ms)
    rows = sql.execute(MAINTENANCE.update().where(*ours).values(ended=now_ms, ended_by=who).returning(MAINTENANCE))
    return [Work(*row) for row in rows]
