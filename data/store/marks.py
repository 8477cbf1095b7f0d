"""The marks of plates in the record (P-12): filled in once for what was recorded before there were any."""

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select

from dashboard.events import Heard, Sighted
from data.store import bulk
from data.store.judge import decode
from data.store.tables import EVENT, STANDING

Mark = Callable[[str], bytes]
DONE = ("marks", "")
CHUNK = 5_000


def mark_of(heard: Heard, mark: Mark | None) -> bytes | None:
    """Return the mark under which an event is found, or None where it names no plate that can be read."""
    plate = heard.event.plate if isinstance(heard.event, Sighted) else None
    return (mark(plate) or None) if plate and mark else None


def fill(sql: Connection, mark: Mark) -> int:
    """Mark what has no mark yet, unless that was done; returns how many were marked."""
    done = select(STANDING.c.key).where(STANDING.c.part == DONE[0])
    if sql.scalar(done) is not None:
        return 0
    filled, after = 0, 0
    while rows := sql.execute(
        select(EVENT.c.seq, EVENT.c.body).where(EVENT.c.seq > after).order_by(EVENT.c.seq).limit(CHUNK)
    ).all():
        after = rows[-1].seq
        marked = [{"at": seq, "value": found} for seq, body in rows if (found := mark_of(decode(body), mark))]
        if marked:
            sql.execute(EVENT.update().where(EVENT.c.seq == bindparam("at")).values(mark=bindparam("value")), marked)
        filled += len(marked)
    bulk.upsert(sql, STANDING, [(*DONE, b"")])
    return filled
