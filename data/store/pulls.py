"""How those who are asked stand, for whoever asks about them: one row per source, written when it changes and now and then."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Engine, String, Table, delete, select

from data.store.engine import is_sqlite, or_away
from data.store.tables import META

PULL = Table(
    "pull",
    META,
    Column("source", String, primary_key=True),
    Column("standing", String, nullable=False),  # starting, online, waiting
    Column("since", BigInteger, nullable=False),
    Column("reason", String, nullable=False),  # of waiting
    Column("heard", BigInteger, nullable=False),  # the last whole piece or heartbeat, 0 for none
    Column("pieces", BigInteger, nullable=False),  # since it was started
)
WAIT_MS = 100  # the intake has others to serve than a record that is locked


class Stand(NamedTuple):
    """How one source stands. Times are epoch ms."""

    source: str
    standing: str
    since: int
    reason: str
    heard: int
    pieces: int


class Pulls:
    """The standing of every source that is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, stands: Iterable[Stand], *, gone: Iterable[str] = ()) -> None:
        """Keep how these stand, and forget those that are gone. Raises dashboard.errors.Away when the record cannot be written now."""
        rows = [one._asdict() for one in stands]
        forgotten = [*gone, *(row["source"] for row in rows)]
        if not forgotten:
            return
        with or_away(), self._engine.begin() as sql:
            if is_sqlite(self._engine):
                sql.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MS}")
            sql.execute(delete(PULL).where(PULL.c.source.in_(forgotten)))
            if rows:
                sql.execute(PULL.insert(), rows)

    def all(self) -> Mapping[str, Stand]:
        """Return how each stands, by source."""
        with self._engine.connect() as sql:
            return {row.source: Stand(*row) for row in sql.execute(select(PULL).order_by(PULL.c.source))}
