"""Incidents in the record: as they stand, what belongs to them, what was done with them, and the one way in which anything is done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    select,
    text,
    tuple_,
)

from dashboard.access import may
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.incidents.acts import Standing, Step, decide
from dashboard.incidents.incident import Act, Asked, Illegal, Incident, Incomplete, Member, Subject
from dashboard.incidents.incidents import Home, Listed, Shown
from dashboard.incidents.near import Suggestion, suggested
from dashboard.incidents.timeline import timeline
from dashboard.ports import Clock
from data.store import bulk
from data.store.accounts import ACCOUNT, CREDENTIAL
from data.store.alarms import decode_act as decode_alarm_act
from data.store.engine import or_away
from data.store.subjects import Subjects
from data.store.tables import ALARM, ALARM_ACT, MARK, META, NUMBER

# Every incident that ever was, as it stands now; `body` is the whole Incident, msgpack, the columns are what is asked for.
INCIDENT = Table(
    "incident",
    META,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),  # 0: it is open
    Column("merged_into", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("incident_closed", "closed"),
    Index("incident_merged", "merged_into"),
)
INCIDENT_MEMBER = Table(
    "incident_member",
    META,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("what", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("open", Boolean, nullable=False),  # the incident is
    Index("incident_member_key", "key", "what"),
    # Something belongs to one open incident at most, whoever writes.
    Index("incident_member_open", "what", "key", unique=True, sqlite_where=text("open = 1"), postgresql_where=text("open")),
)
# What was done with incidents, in the order in which it took effect; only ever added to. `body` is the whole Act, msgpack.
INCIDENT_ACT = Table(
    "incident_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False, unique=True),  # who, and their own id of the act
    Column("incident", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("incident_act_incident", "incident", "seq"),
)
MOST_OPEN, MOST_CLOSED, MOST_PAST = 500, 200, 5
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Incident).decode
decode_act = msgspec.msgpack.Decoder(Act).decode


class SqlIncidents:
    """The incidents of one city."""

    def __init__(self, engine: Engine, clock: Clock, living: Callable[[], City]) -> None:
        self._engine, self._clock, self._subjects = engine, clock, Subjects(living)

    def act(self, asked: Asked, *, who: str, key: str) -> Act:
        """Do it, once, in one transaction; return the line of the incident asked for. Raises Illegal, Incomplete, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            _begin(sql)
            told = _told(sql, f"{who}:{key}")
            if told is None:
                told = self._done(sql, asked, who=who, key=f"{who}:{key}")
        if told.action != asked.action or asked.incident not in {0, told.incident}:
            raise Illegal("key", told.after)
        return told

    def listed(self) -> Listed:
        """Return the open incidents and the last closed ones. Raises Away."""
        c = INCIDENT.c
        opened = select(c.body).where(c.closed == 0).order_by(c.id.desc()).limit(MOST_OPEN + 1)
        closed = select(c.body).where(c.closed > 0).order_by(c.closed.desc(), c.id.desc()).limit(MOST_CLOSED + 1)
        with or_away(), self._engine.connect() as sql:
            now, past = [decode(body) for body in sql.scalars(opened)], [decode(body) for body in sql.scalars(closed)]
            shown = [*now[:MOST_OPEN], *past[:MOST_CLOSED]]
            return Listed(shown, _priorities(sql, shown), len(now) + len(past) > len(shown))

    def shown(self, incident: int) -> Shown:
        """Return one incident, whole. Raises Missing, Away."""
        with or_away(), self._engine.connect() as sql:
            held = _held(sql, incident)
            swallowed = _swallowed(sql, incident)
            known = self._subjects.find(sql, held.members)
            subjects = [known[one] for one in held.members if one in known]
            lines = timeline(_acts(sql, [incident, *swallowed]), _alarm_acts(sql, held.members), subjects)
            near = self._near(sql, subjects, incident) if held.state == "open" else []
        return Shown(held, subjects, lines, swallowed, near)

    def home(self, member: Member) -> Home:
        """Return which incidents something belongs to, and what it may belong together with. Raises Missing, Away."""
        with or_away(), self._engine.connect() as sql:
            known = self._subjects.named(sql, member)
            held = _homes(sql, [known]).get(known)
            subject = self._subjects.find(sql, [known]).get(known)
            if subject is None:
                raise Missing(f"there is no {member.what} {member.key!r}")
            return Home(held, _past(sql, known), [] if held else self._near(sql, [subject], 0))

    def people(self) -> list[str]:
        """Return to whom an incident may be handed over: who has an account or a session that may act. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return self._people(sql)

    def _people(self, sql: Connection) -> list[str]:
        c = CREDENTIAL.c
        kept = select(ACCOUNT.c.name, ACCOUNT.c.role).where(ACCOUNT.c.disabled.is_(None))
        here = select(c.name, c.role).where(c.kind == "session", c.ended.is_(None), c.expires > self._clock.now_ms())
        return sorted({row.name for row in (*sql.execute(kept), *sql.execute(here)) if may(row.role, "incident.act")})

    def _near(self, sql: Connection, mine: Sequence[Subject], incident: int) -> list[Suggestion]:
        """Return what may belong to `mine`: other open incidents, and what belongs to none."""
        if not mine:
            return []
        others = self._subjects.open_near(sql, mine)
        homes = _homes(sql, [one.member for one in others])
        free = [one for one in others if one.member not in homes]
        families = {one.family for one in mine}
        theirs = [one for one in _open(sql) if one.id != incident and one.family in families]
        known = self._subjects.find(sql, {member for one in theirs for member in one.members})
        incidents = [(one, [known[member] for member in one.members if member in known]) for one in theirs]
        return suggested(mine, free, incidents)

    def _done(self, sql: Connection, asked: Asked, *, who: str, key: str) -> Act:
        held = _held(sql, asked.incident) if asked.incident else None
        asked = asked._replace(members=self._named(sql, asked, held))
        if asked.action == "hand_over" and asked.to not in self._people(sql):
            raise Incomplete("to")
        fresh = (sql.scalar(select(func.max(INCIDENT.c.id))) or 0) + 1
        known = self._subjects.find(sql, asked.members)
        missing = [one for one in asked.members if one not in known]
        if missing and asked.action != "remove":
            raise Missing(f"there is no {missing[0].what} {missing[0].key!r}")
        sought = held.members if held and asked.action == "reopen" else asked.members
        stands = Standing(
            held=held,
            other=_held(sql, asked.other) if asked.other else None,
            homes=_homes(sql, sought),
            first=known[asked.members[0]] if asked.members else None,
            fresh=fresh,
        )
        now_ms = self._clock.now_ms()
        return _write(sql, decide(stands, asked, who=who, now_ms=now_ms), asked, who=who, key=key, now_ms=now_ms)

    def _named(self, sql: Connection, asked: Asked, held: Incident | None) -> tuple[Member, ...]:
        own = held.members if held else ()
        return tuple(dict.fromkeys(one if one in own else self._subjects.named(sql, one) for one in asked.members))


def _begin(sql: Connection) -> None:
    """Wait for our turn: what is done with incidents and about alarms takes effect one after the other. Raises Missing before any board."""
    if sql.execute(MARK.update().where(MARK.c.one == 1).values(acted=MARK.c.acted)).rowcount != 1:
        raise Missing("nothing has happened yet")


def _told(sql: Connection, key: str) -> Act | None:
    body = sql.scalar(select(INCIDENT_ACT.c.body).where(INCIDENT_ACT.c.key == key))
    return None if body is None else decode_act(body)


def _held(sql: Connection, incident: int) -> Incident:
    body = sql.scalar(select(INCIDENT.c.body).where(INCIDENT.c.id == incident))
    if body is None:
        raise Missing(f"there is no incident {incident}")
    return decode(body)


def _open(sql: Connection) -> list[Incident]:
    wanted = select(INCIDENT.c.body).where(INCIDENT.c.closed == 0).order_by(INCIDENT.c.id.desc()).limit(MOST_OPEN)
    return [decode(body) for body in sql.scalars(wanted)]


def _homes(sql: Connection, members: Iterable[Member]) -> dict[Member, Incident]:
    """Return the open incidents that hold these."""
    c, wanted = INCIDENT_MEMBER.c, list(members)
    found: dict[Member, Incident] = {}
    for at in range(0, len(wanted), bulk.MOST_PARAMETERS // 2):
        some = wanted[at : at + bulk.MOST_PARAMETERS // 2]
        rows = sql.execute(
            select(c.what, c.key, INCIDENT.c.body)
            .join(INCIDENT, INCIDENT.c.id == c.incident)
            .where(c.open, tuple_(c.what, c.key).in_(some))
        )
        found |= {Member(row.what, row.key): decode(row.body) for row in rows}
    return found


def _past(sql: Connection, member: Member) -> list[Incident]:
    """Return the closed incidents that hold something, the latest first."""
    c = INCIDENT_MEMBER.c
    wanted = select(INCIDENT.c.body).join(INCIDENT_MEMBER, c.incident == INCIDENT.c.id)
    ours = wanted.where(c.what == member.what, c.key == member.key, ~c.open).order_by(INCIDENT.c.id.desc()).limit(MOST_PAST)
    return [decode(body) for body in sql.scalars(ours)]


def _priorities(sql: Connection, incidents: Iterable[Incident]) -> Mapping[int, int]:
    c = INCIDENT_MEMBER.c
    wanted = select(c.incident, func.min(ALARM.c.priority)).join(ALARM, (c.what == "alarm") & (ALARM.c.id == c.key))
    ours = wanted.where(c.incident.in_([one.id for one in incidents])).group_by(c.incident)
    return {row[0]: row[1] for row in sql.execute(ours)}


def _swallowed(sql: Connection, incident: int) -> list[int]:
    """Return what went into an incident, and what had gone into that."""
    found: list[int] = []
    ask = [incident]
    while ask:
        ask = list(sql.scalars(select(INCIDENT.c.id).where(INCIDENT.c.merged_into.in_(ask)).order_by(INCIDENT.c.id)))
        found += ask
    return found


def _acts(sql: Connection, incidents: Sequence[int]) -> list[Act]:
    wanted = select(INCIDENT_ACT.c.body).where(INCIDENT_ACT.c.incident.in_(incidents)).order_by(INCIDENT_ACT.c.seq)
    return [decode_act(body) for body in sql.scalars(wanted)]


def _alarm_acts(sql: Connection, members: Iterable[Member]) -> list[Any]:
    alarms = [one.key for one in members if one.what == "alarm"]
    if not alarms:
        return []
    wanted = select(ALARM_ACT.c.body).where(ALARM_ACT.c.alarm.in_(alarms)).order_by(ALARM_ACT.c.seq)
    return [decode_alarm_act(body) for body in sql.scalars(wanted)]


def _write(sql: Connection, steps: Sequence[Step], asked: Asked, *, who: str, key: str, now_ms: int) -> Act:
    """Write the incidents as they stand after these steps, and a line for each; return the first."""
    seq = (sql.scalar(select(func.max(INCIDENT_ACT.c.seq))) or 0) + 1
    acts = [
        Act(
            seq=seq + nth,
            key=key if nth == 0 else f"{key}:{nth}",
            incident=step.after.id,
            action=step.action,
            who=who,
            at=now_ms,
            why=asked.why.strip(),
            other=step.other,
            members=step.members,
            to=step.to,
            after=step.after,
        )
        for nth, step in enumerate(steps)
    ]
    bulk.insert(sql, INCIDENT_ACT, [(a.seq, a.key, a.incident, a.action, a.who, a.at, a.why, encode(a)) for a in acts])
    _stand(sql, [step.after for step in steps])
    return acts[0]


def _stand(sql: Connection, incidents: Sequence[Incident]) -> None:
    """Write incidents as they stand. What they held is let go of first: it may go from one of them to the other."""
    bulk.upsert(
        sql, INCIDENT, [(one.id, one.state, one.opened, one.closed, one.merged_into, one.version, encode(one)) for one in incidents]
    )
    sql.execute(delete(INCIDENT_MEMBER).where(INCIDENT_MEMBER.c.incident.in_([one.id for one in incidents])))
    rows = [(one.id, *member, one.state == "open") for one in incidents for member in one.members]
    bulk.insert(sql, INCIDENT_MEMBER, rows)
