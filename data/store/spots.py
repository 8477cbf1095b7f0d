"""Events by camera and kind, an hour and a day at a time: what hot spots are counted from (docs/hot-spots.md)."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, select

from dashboard.calendar import hour_of
from data.store import bulk
from data.store.tables import EVENT, META, STANDING

DONE = ("spots", "")
CHUNK = 50_000


def _spots(name: str, at: str) -> Table:
    return Table(
        name,
        META,
        Column(at, Integer, primary_key=True, autoincrement=False),
        Column("camera", String, primary_key=True),
        Column("kind", String, primary_key=True),
        Column("n", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


HOUR_SPOT, DAY_SPOT = _spots("hour_spot", "hour"), _spots("day_spot", "day")
Cells = Mapping[tuple[int, str, str], int]


def add(sql: Connection, cells: Cells) -> None:
    """Add counts by hour, camera and kind to both."""
    days: Counter[tuple[int, str, str]] = Counter()
    for (hour, camera, kind), n in cells.items():
        days[hour // 24, camera, kind] += n
    bulk.upsert(sql, HOUR_SPOT, [(*cell, n) for cell, n in cells.items() if n], add=("n",))
    bulk.upsert(sql, DAY_SPOT, [(*cell, n) for cell, n in days.items() if n], add=("n",))


def fill(sql: Connection, zone: str) -> int:
    """Count what was recorded before there were these, unless that was done; returns how many events there were."""
    if sql.scalar(select(STANDING.c.key).where(STANDING.c.part == DONE[0])) is not None:
        return 0
    c, after, filled = EVENT.c, 0, 0
    while rows := sql.execute(
        select(c.seq, c.key, c.kind, c.camera, c.counted, c.quarantined).where(c.seq > after).order_by(c.seq).limit(CHUNK)
    ).all():
        after, filled = rows[-1].seq, filled + len(rows)
        counted = (row for row in rows if row.camera and not row.quarantined and not row.key.startswith(":"))
        add(sql, Counter((hour_of(row.counted, zone), row.camera, row.kind) for row in counted))
    bulk.upsert(sql, STANDING, [(*DONE, b"")])
    return filled
