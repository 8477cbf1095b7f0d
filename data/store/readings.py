"""What indicators were, instant by instant. Told again of the same instant, it is corrected and never counted twice."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Double, Engine, String, Table, func, select

from dashboard.events import Heard, Measured
from dashboard.indicators import Measure
from data.store import bulk
from data.store.engine import or_away
from data.store.tables import META

READING = Table(
    "reading",
    META,
    Column("indicator", String, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String, nullable=False),
    Column("value", Double, nullable=False),
    Column("whole", Double),
    Column("received", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
MOST = 10_000


def write(sql: Connection, told: Iterable[Heard]) -> None:
    """Write what was measured; of one instant the last telling stands."""
    rows = {(one.event.indicator, one.event.at): _row(one, one.event) for one in told if isinstance(one.event, Measured)}
    bulk.upsert(sql, READING, list(rows.values()))


def _row(one: Heard, event: Measured) -> bulk.Row:
    return (event.indicator, event.at, one.source, event.value, event.of, one.received)


def load(sql: Connection) -> Mapping[str, Measure]:
    """Return the newest measure of each indicator."""
    newest = select(READING.c.indicator, func.max(READING.c.at).label("at")).group_by(READING.c.indicator).subquery()
    query = select(READING).join(newest, (READING.c.indicator == newest.c.indicator) & (READING.c.at == newest.c.at))
    return {row.indicator: _measure(row) for row in sql.execute(query)}


class Readings:
    """The record of the indicators. Every method raises Away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self) -> Mapping[str, Measure]:
        """Return the newest measure of each indicator."""
        with or_away(), self._engine.connect() as sql:
            return load(sql)

    def of(self, indicator: str, *, since: int, until: int, limit: int) -> Sequence[Measure]:
        """Return what an indicator was in [since, until), epoch ms, the newest first."""
        wanted = (READING.c.indicator == indicator, READING.c.at >= since, READING.c.at < until)
        query = select(READING).where(*wanted).order_by(READING.c.at.desc()).limit(min(limit, MOST))
        with or_away(), self._engine.connect() as sql:
            return [_measure(row) for row in sql.execute(query)]


def _measure(row: Any) -> Measure:
    return Measure(row.value, row.whole, row.at, row.received, row.source)
