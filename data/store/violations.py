"""Violations in the record: one row for each event of such a kind, written with it, and what people did about it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Engine, Index, String, Table, func, select

from dashboard.errors import Missing
from dashboard.events import Recorded, Sighted
from dashboard.kinds import Kinds
from dashboard.ports import Clock
from dashboard.violations.funnel import Counted
from dashboard.violations.lists import Seen, Waiting
from dashboard.violations.violation import Asked, Late, State, Violation, done
from data.store import bulk
from data.store.engine import or_away
from data.store.loading import recorded
from data.store.tables import EVENT, META, NUMBER

VIOLATION = Table(
    "violation",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),  # of its event
    Column("kind", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("reviewed", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("handed", BigInteger, nullable=False),
    Column("decided", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("paper", String, nullable=False),
    Index("violation_state", "state", "at"),
    Index("violation_at", "at"),
)
VIOLATION_ACT = Table(
    "violation_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("violation", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("told", String, nullable=False),  # reason, authority, outcome, paper, as far as given
    Index("violation_act_violation", "violation"),
)
FIELDS = tuple(Violation.__struct_fields__)
WAITS: frozenset[State] = frozenset({"detected", "confirmed", "handed"})


def detected(sql: Connection, born: Iterable[Recorded], kinds: Kinds) -> None:
    """Write a row for every new event that is a violation; what stands in quarantine is none that anybody could prove."""
    rows: list[bulk.Row] = []
    for one in born:
        kind = kinds.get(one.kind)
        if kind is not None and kind.violation and isinstance(one.heard.event, Sighted) and not one.heard.quarantined:
            rows.append(_row(Violation(seq=one.seq, kind=one.kind, camera=one.heard.camera, at=one.heard.counted)))
    bulk.insert(sql, VIOLATION, rows)


class SqlViolations:
    """The violations of one city."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def listed(self, state: State, *, kind: str = "", camera: str = "", most: int) -> Sequence[Seen]:
        """Return those that stand so: what waits with the oldest first, what is done with the newest. Raises Away."""
        c = VIOLATION.c
        wanted = select(VIOLATION).where(c.state == state, *[c.kind == kind] * bool(kind), *[c.camera == camera] * bool(camera))
        ordered = wanted.order_by(*((c.at, c.seq) if state in WAITS else (c.at.desc(), c.seq.desc()))).limit(most)
        with or_away(), self._engine.connect() as sql:
            held = [_violation(row) for row in sql.execute(ordered)]
            events = {
                row.seq: recorded(row) for row in sql.execute(select(EVENT).where(EVENT.c.seq.in_([one.seq for one in held])))
            }
        return [Seen(one, events[one.seq]) for one in held if one.seq in events]

    def act(self, seqs: Sequence[int], asked: Asked, *, who: str) -> list[Violation]:
        """Do the same about each, all or none. Raises Late, Unclear, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            now_ms, after = self._clock.now_ms(), []
            for seq in dict.fromkeys(seqs):
                held = _held(sql, seq)
                one = done(held, asked, who=who, now_ms=now_ms)
                same = (VIOLATION.c.seq == seq, VIOLATION.c.state == held.state)
                if sql.execute(VIOLATION.update().where(*same).values(**_told(one))).rowcount != 1:
                    raise Late(_held(sql, seq))
                after.append(one)
            told = " · ".join(filter(None, (asked.reason, asked.unit, asked.outcome, asked.paper.strip())))
            acts = [{"violation": one.seq, "action": asked.action, "who": who, "at": now_ms, "told": told} for one in after]
            if acts:
                sql.execute(VIOLATION_ACT.insert(), acts)
        return after

    def counted(self, since: int, until: int) -> Sequence[Counted]:
        """Return how those that were seen in a stretch of time stand. Raises Away."""
        c = VIOLATION.c
        wanted = select(c.kind, c.camera, c.state, func.count()).where(c.at >= since, c.at < until)
        with or_away(), self._engine.connect() as sql:
            return [Counted(*row) for row in sql.execute(wanted.group_by(c.kind, c.camera, c.state))]

    def waiting(self) -> Waiting:
        """Return the backlog. Raises Away."""
        wanted = select(func.count(), func.min(VIOLATION.c.at)).where(VIOLATION.c.state == "detected")
        with or_away(), self._engine.connect() as sql:
            n, oldest = sql.execute(wanted).one()
        return Waiting(n, oldest or 0)


def _held(sql: Connection, seq: int) -> Violation:
    row = sql.execute(select(VIOLATION).where(VIOLATION.c.seq == seq)).first()
    if row is None:
        raise Missing(f"there is no violation {seq}")
    return _violation(row)


def _violation(row: Any) -> Violation:
    return Violation(**{name: getattr(row, name) for name in FIELDS})


def _told(one: Violation) -> dict[str, Any]:
    return {name: getattr(one, name) for name in FIELDS[4:]}


def _row(one: Violation) -> bulk.Row:
    return tuple(getattr(one, column.name) for column in VIOLATION.columns)
