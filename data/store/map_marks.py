"""Marks of the map in the record: as they stand, and every act on them (decisions/004). Not to be confused with the marks of plates."""

from collections.abc import Callable, Sequence
from logging import getLogger

import msgspec
from msgspec.structs import replace
from sqlalchemy import BigInteger, Column, Connection, Engine, Index, LargeBinary, String, Table, column, func, select, table

from dashboard.board import Board
from dashboard.city import City
from dashboard.errors import Away, Missing, Unfit
from dashboard.marks.mark import AHEAD_MS, MOST_LIVE, MOST_MS, Acted, Illegal, Mark, Wish, drawn
from dashboard.marks.mark import follow as followed
from dashboard.ports import Clock
from data.store import bulk
from data.store.engine import asking, or_away
from data.store.tables import MARK, META, NUMBER

MAP_MARK = Table(
    "map_mark",
    META,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Column("incident", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the whole Mark, msgpack
    Index("map_mark_until", "until"),
)
# What was done, in the order in which it took effect; only ever added to. `body` is the whole Acted, msgpack.
MAP_MARK_ACT = Table(
    "map_mark_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False, unique=True),  # who, and their own id of the act
    Column("mark", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("map_mark_act_mark", "mark", "seq"),
    Index("map_mark_act_at", "at"),
)
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Mark).decode
decode_act = msgspec.msgpack.Decoder(Acted).decode
A = MAP_MARK_ACT.c
INCIDENT = table("incident", column("id"))  # data.store.incidents, which stands on much that stands on us
log = getLogger(__name__)


class SqlMarks:
    """What people draw. `nudge` tells the board that there is something to read; it reads it all the same, a second later."""

    def __init__(self, engine: Engine, clock: Clock, living: Callable[[], City], *, nudge: Callable[[], None]) -> None:
        self._engine, self._clock, self._living, self._nudge = engine, clock, living, nudge

    def act(self, wish: Wish, *, who: str, key: str) -> Acted:
        """Do it, once, in one transaction; return the act. Raises Illegal, Unfit, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            seq = _begin(sql) + 1
            told = sql.scalar(select(A.body).where(A.key == f"{who}:{key}"))
            done = self._done(sql, seq, wish, who=who, key=key) if told is None else decode_act(told)
        if done.action != wish.action or wish.mark not in (0, done.mark.id):
            raise Illegal("key", done)
        try:
            self._nudge()
        except Away as away:
            log.warning("the board hears of a mark a little later: %s", away)
        return done

    def history(self, mark: int) -> Sequence[Acted]:
        """Return what was done to a mark, the oldest first. Raises Missing, Away."""
        with or_away(), self._engine.connect() as sql:
            return _history(sql, mark)

    def at(self, at_ms: int) -> Sequence[Mark]:
        """Return the marks in force at an instant, as they stood then; of an instant to come, as they stand now. Raises Away.

        An act reaches no further than a mark may begin ahead and last: older ones need not be read.
        """
        until = min(at_ms, self._clock.now_ms())
        newest = select(func.max(A.seq)).where(A.at <= until, A.at > at_ms - AHEAD_MS - MOST_MS).group_by(A.mark)
        with or_away(), self._engine.connect() as sql:
            stood = [decode_act(body).mark for body in sql.scalars(select(A.body).where(A.seq.in_(newest)))]
        return sorted((mark for mark in stood if mark.holds(at_ms)), key=lambda mark: mark.id)

    def between(self, since: int | None, until: int | None) -> Sequence[Mark]:
        """Return the marks that were in force at some time between two instants (None: ever), as they stand now. Raises TooLong, Away."""
        c = MAP_MARK.c
        wanted = select(c.body).where(c.until > (since or 0)).order_by(c.id)
        with asking(self._engine) as sql:
            stand = [decode(body) for body in sql.scalars(wanted)]
        return [mark for mark in stand if mark.begins < mark.until and (until is None or mark.begins <= until)]

    def _done(self, sql: Connection, seq: int, wish: Wish, *, who: str, key: str) -> Acted:
        now_ms, bounds = self._clock.now_ms(), self._living().bounds
        if wish.incident and sql.scalar(select(INCIDENT.c.id).where(INCIDENT.c.id == wish.incident)) is None:
            raise Unfit("incident", "missing")
        if wish.action == "draw":
            number = (sql.scalar(select(func.max(MAP_MARK.c.id))) or 0) + 1
            mark, stood = drawn(wish, number=number, who=who, now_ms=now_ms, bounds=bounds), False
        else:
            acts = _history(sql, wish.mark)
            mark, stood = followed(acts, wish, who=who, now_ms=now_ms, bounds=bounds), acts[-1].mark.until > now_ms
        if mark.until > now_ms and not stood and _live(sql, now_ms) >= MOST_LIVE:
            raise Illegal("full")
        done = Acted(seq=seq, action=wish.action, who=who, at=now_ms, mark=mark)
        bulk.upsert(sql, MAP_MARK, [(mark.id, mark.until, mark.incident, encode(mark))])
        bulk.insert(sql, MAP_MARK_ACT, [(seq, f"{who}:{key}", mark.id, done.action, who, now_ms, encode(done))])
        sql.execute(MARK.update().where(MARK.c.one == 1).values(marked=seq))
        return done


def _begin(sql: Connection) -> int:
    """Wait for our turn, and return the number of the last act. Raises Away where no board has ever kept this record."""
    held = sql.execute(MARK.update().where(MARK.c.one == 1).values(marked=MARK.c.marked).returning(MARK.c.marked)).first()
    if held is None:
        raise Away("no board has kept this record yet")
    return int(held.marked)


def _history(sql: Connection, mark: int) -> list[Acted]:
    acts = [decode_act(body) for body in sql.scalars(select(A.body).where(A.mark == mark).order_by(A.seq))]
    if not acts:
        raise Missing(f"there is no mark {mark}")
    return acts


def _live(sql: Connection, now_ms: int) -> int:
    return sql.scalar(select(func.count()).select_from(MAP_MARK).where(MAP_MARK.c.until > now_ms)) or 0


def load(sql: Connection, now_ms: int) -> dict[int, Mark]:
    """Return the marks that are not over."""
    rows = sql.scalars(select(MAP_MARK.c.body).where(MAP_MARK.c.until > now_ms).order_by(MAP_MARK.c.id))
    return {mark.id: mark for mark in map(decode, rows)}


def follow(sql: Connection, board: Board, marked: int) -> Board:
    """Return the board after what people did to marks: all that are not over are read again, for they are few."""
    if marked <= board.marked:
        return board
    return replace(board, marks=load(sql, board.now), marked=marked)
