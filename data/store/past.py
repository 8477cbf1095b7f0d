"""The board's past: written by the board in its own transaction, read by whoever looks back (docs/replay.md)."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from zlib import compress, decompress

from msgspec import msgpack
from sqlalchemy import Connection, Engine, func, select

from dashboard.board import Board
from dashboard.calendar import DAY_MS
from dashboard.replay.change import Change, change, changed
from dashboard.replay.past import KEPT_DAYS, Span, Urgent
from data.store.engine import or_away
from data.store.tables import ALARM
from data.store.tables_past import PAST_BOARD

# A whole one is written once what changed since takes as much room as it does: so changes are never more than half of what is kept, and
# whoever jumps reads at most twice the whole. Below that nobody would feel it.
LEAST_BYTES = 128 * 1024
LEVEL = 1
URGENT, MOST_URGENT = 2, 500
C = PAST_BOARD.c


class Told(NamedTuple):
    """What the past holds so far: the board that was written last, the bytes of the last whole one, and of what changed since."""

    board: Board | None = None
    whole: int = 0
    since: int = 0


def write(sql: Connection, told: Told, after: Board) -> Told:
    """Write the board as it is now; return what is told once this is committed."""
    if told.board is not None:
        by = change(told.board, after)
        if _is_idle(by):
            return told
        body = compress(msgpack.encode(by), LEVEL)
        if told.since + len(body) <= max(LEAST_BYTES, told.whole):
            _insert(sql, after.now, body, whole=False)
            return Told(after, told.whole, told.since + len(body))
    body = compress(msgpack.encode(change(Board(), after)), LEVEL)
    _insert(sql, after.now, body, whole=True)
    return Told(after, len(body), 0)


def _is_idle(by: Change) -> bool:
    """Whether nothing but the clock moved, which whoever looks back moves himself."""
    return by == Change(numbers={name: by.numbers[name] for name in ("now", "minute") if name in by.numbers})


def _insert(sql: Connection, at: int, body: bytes, *, whole: bool) -> None:
    sql.execute(PAST_BOARD.insert(), {"at": at, "whole": whole, "body": body})


def forget(sql: Connection, now_ms: int) -> None:
    """Let go of what is older than anybody may look back; never of the whole one that the oldest second left rests on."""
    oldest = select(func.max(C.seq)).where(C.whole, C.at <= now_ms - KEPT_DAYS * DAY_MS)
    rests_on = sql.scalar(oldest)
    if rests_on is not None:
        sql.execute(PAST_BOARD.delete().where(C.seq < rests_on))


class SqlPast:
    """One city's past boards."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def span(self) -> Span | None:
        """Return from when to when something is kept. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            first, last = sql.execute(select(func.min(C.at), func.max(C.at))).one()
        return None if first is None else Span(int(first), int(last))

    def boards(self, moments: list[int]) -> Iterator[Board | None]:
        """Yield the board as it stood at each of some moments (epoch ms, ascending), None where nothing is kept so early. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            begins = sql.scalar(select(func.max(C.seq)).where(C.whole, C.at <= moments[0]))
            first = begins if begins is not None else sql.scalar(select(func.min(C.seq)).where(C.whole))
            if first is None:
                yield from (None for _ in moments)
                return
            wanted = select(C.at, C.whole, C.body).where(C.seq >= first, C.at <= moments[-1]).order_by(C.seq)
            yield from _walk(sql.execution_options(yield_per=200).execute(wanted), moments)

    def urgent(self, span: Span) -> list[Urgent]:
        """Return the alarms of priority 1 and 2 that began in a stretch, the first ones. Raises Away."""
        c = ALARM.c
        wanted = select(c.since, c.priority).where(c.since.between(span.first, span.last), c.priority <= URGENT)
        with or_away(), self._engine.connect() as sql:
            return [Urgent(int(at), int(prio)) for at, prio in sql.execute(wanted.order_by(c.since).limit(MOST_URGENT))]


def _walk(rows: Any, moments: list[int]) -> Iterator[Board | None]:
    """Yield the board at each moment, from rows in the order in which they were written."""
    board: Board | None = None
    ahead = next(rows, None)
    for moment in moments:
        while ahead is not None and ahead.at <= moment:
            board = changed(Board() if ahead.whole or board is None else board, msgpack.decode(decompress(ahead.body), type=Change))
            ahead = next(rows, None)
        yield board
