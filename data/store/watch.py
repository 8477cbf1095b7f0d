"""Watch lists in the record: entries sealed but for what is decided about them, found by their marks, and what was done with them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Connection, Double, Engine, Index, LargeBinary, String, Table, func, select

from dashboard.errors import Missing
from dashboard.plates import normal
from dashboard.ports import Clock
from dashboard.watch.entry import DAY_MS, Action, Barred, Content, Entry, Proposal, checked, decided
from dashboard.watch.lists import Batch, Done, Shown
from data.sealed import Seal, WatchMark
from data.store.engine import or_away
from data.store.tables import META, NUMBER
from data.watching import Row

PURPOSE = "watch list"
WATCH = Table(
    "watch",
    META,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("what", String, nullable=False),
    Column("level", String, nullable=False),
    Column("least", Double, nullable=False),
    Column("proposer", String, nullable=False),
    Column("proposed", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("approver", String, nullable=False),
    Column("approved", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("ended_by", String, nullable=False),
    Column("batch", String, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    Column("near", LargeBinary, nullable=False),  # of all that is one sign away (dashboard.watch.nearness)
    Column("sealed", LargeBinary, nullable=False),  # the Content, JSON
    Column("reviewed", BigInteger, nullable=False, server_default="0"),
    Column("reviewed_by", String, nullable=False, server_default=""),
    Index("watch_expires", "expires"),
    Index("watch_batch", "batch"),
)
WATCH_ACT = Table(
    "watch_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("entry", BigInteger, nullable=False),  # 0: of a whole import
    Column("batch", String, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", String, nullable=False),
    Index("watch_act_entry", "entry"),
)
FIELDS = tuple(Entry.__struct_fields__)
_open = msgspec.json.Decoder(Content).decode


class SqlWatchLists:
    """The watch lists of one city."""

    def __init__(self, engine: Engine, clock: Clock, *, seal: Seal, mark: WatchMark) -> None:
        self._engine, self._clock, self._seal, self._mark = engine, clock, seal, mark

    def propose(self, proposals: Sequence[Proposal], *, who: str, batch: str = "") -> list[Entry]:
        """Keep proposals, all or none. Raises Unfit, Away."""
        now_ms = self._clock.now_ms()
        rows = [self._row(checked(one), who, batch, now_ms) for one in proposals]
        with or_away(), self._engine.begin() as sql:
            made = sql.execute(WATCH.insert().returning(*(WATCH.c[name] for name in FIELDS), sort_by_parameter_order=True), rows)
            entries = [_entry(row) for row in made]
            if batch:
                _write(sql, 0, batch, "propose", who, now_ms, "")
            else:
                for entry in entries:
                    _write(sql, entry.id, "", "propose", who, now_ms, "")
        return entries

    def decide(self, entry: int, action: Action, *, who: str, why: str) -> Entry:
        """Approve, refuse, withdraw or review an entry. Raises Barred, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            now_ms = self._clock.now_ms()
            held = _entry(_held(sql, entry))
            after = decided(held, action, who, now_ms)
            _write(sql, entry, "", action, who, now_ms, why)
            same = (WATCH.c.id == entry, WATCH.c.approved == held.approved, WATCH.c.ended == held.ended)
            told = {name: getattr(after, name) for name in ("approver", "approved", "ended", "ended_by", "reviewed", "reviewed_by")}
            if sql.execute(WATCH.update().where(*same).values(**told)).rowcount != 1:
                raise Barred("state")
        return after

    def decide_batch(self, batch: str, action: Action, *, who: str, why: str) -> int:
        """Approve or refuse what still waits of an import; return how many entries that were. Raises Barred, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            now_ms, c = self._clock.now_ms(), WATCH.c
            waits = (c.batch == batch, c.approved == 0, c.ended == 0, c.expires > now_ms)
            first = sql.execute(select(*(c[name] for name in FIELDS)).where(*waits).limit(1)).first()
            if first is None:
                raise Missing(f"no import {batch!r} waits")
            decided(_entry(first), action, who, now_ms)
            told: dict[str, Any] = (
                {"approver": who, "approved": now_ms} if action == "approve" else {"ended": now_ms, "ended_by": who}
            )
            n = sql.execute(WATCH.update().where(*waits).values(**told)).rowcount
            _write(sql, 0, batch, action, who, now_ms, why)
        return n

    def shown(self, *, most: int) -> tuple[list[Shown], list[Batch]]:
        """Return the newest entries, those that wait first, and the imports that wait. Raises Away."""
        c, now_ms = WATCH.c, self._clock.now_ms()
        waits = (c.approved == 0) & (c.ended == 0) & (c.expires > now_ms)
        wanted = select(WATCH).where(~(waits & (c.batch != ""))).order_by(waits.desc(), c.id.desc()).limit(most)
        batches = select(c.batch, c.proposer, func.min(c.proposed), func.count()).where(waits, c.batch != "")
        with or_away(), self._engine.connect() as sql:
            found = [Shown(_entry(row), self._content(row)) for row in sql.execute(wanted)]
            return found, [Batch(*row) for row in sql.execute(batches.group_by(c.batch, c.proposer).order_by(func.min(c.proposed)))]

    def reveal(self, entry: int, *, who: str, why: str) -> Content:
        """Return what is sealed in an entry, after it was written down who asked and why (P-02). Raises Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            row = _held(sql, entry)
            _write(sql, entry, "", "reveal", who, self._clock.now_ms(), why)
        return self._content(row)

    def history(self, entry: int) -> list[Done]:
        """Return what was done with an entry, the oldest first. Raises Away."""
        c = WATCH_ACT.c
        with or_away(), self._engine.connect() as sql:
            batch = sql.scalar(select(WATCH.c.batch).where(WATCH.c.id == entry))
            ours = (c.entry == entry) | ((c.batch == batch) if batch else (c.entry == entry))
            rows = sql.execute(select(c.entry, c.batch, c.action, c.who, c.at, c.why).where(ours).order_by(c.seq))
            return [Done(*row) for row in rows]

    def version(self) -> int:
        """Return a number that is another whenever an entry stands differently. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return sql.scalar(select(func.max(WATCH_ACT.c.seq)).where(WATCH_ACT.c.action.not_in(("reveal", "review")))) or 0

    def active(self, now_ms: int) -> list[Row]:
        """Return the entries that match at `now_ms`, by their marks. Raises Away."""
        c = WATCH.c
        wanted = select(c.id, c.what, c.level, c.least, c.expires, c.mark, c.near).where(
            c.approved > 0, c.ended == 0, c.expires > now_ms
        )
        with or_away(), self._engine.connect() as sql:
            return [Row(*row) for row in sql.execute(wanted.order_by(c.id))]

    def _row(self, told: Proposal, who: str, batch: str, now_ms: int) -> dict[str, object]:
        plain = normal(told.content.subject)
        mark = self._mark.plate(plain) if told.what == "plate" else self._mark.person(told.content.subject)
        return {
            "what": told.what,
            "level": told.level,
            "least": told.least,
            "proposer": who,
            "proposed": now_ms,
            "expires": now_ms + told.days * DAY_MS,
            "approver": "",
            "approved": 0,
            "ended": 0,
            "ended_by": "",
            "batch": batch,
            "reviewed": 0,
            "reviewed_by": "",
            "mark": mark,
            "near": self._mark.kept(plain) if told.what == "plate" else b"",
            "sealed": self._seal.close(msgspec.json.encode(told.content), about=_about(told.what, mark)),
        }

    def _content(self, row: Any) -> Content:
        return _open(self._seal.open(row.sealed, about=_about(row.what, row.mark)))


def open_lists(engine: Engine, clock: Clock, secret: bytes) -> SqlWatchLists:
    """Return the watch lists under an installation's secret."""
    return SqlWatchLists(engine, clock, seal=Seal(secret, PURPOSE), mark=WatchMark(secret))


def _about(what: str, mark: bytes) -> str:
    return f"{what} {mark.hex()}"


def _held(sql: Connection, entry: int) -> Any:
    row = sql.execute(select(WATCH).where(WATCH.c.id == entry)).first()
    if row is None:
        raise Missing(f"there is no entry {entry}")
    return row


def _entry(row: Any) -> Entry:
    return Entry(**{name: getattr(row, name) for name in FIELDS})


def _write(sql: Connection, entry: int, batch: str, action: Action, who: str, at: int, why: str) -> None:
    sql.execute(WATCH_ACT.insert().values(entry=entry, batch=batch, action=action, who=who, at=at, why=why.strip()))
