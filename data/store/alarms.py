"""Alarms in the record: as they stand, what was done about them, and the one way in which a person does something."""

from collections.abc import Callable, Mapping, Sequence
from logging import getLogger

import msgspec
from sqlalchemy import Connection, Engine, select

from dashboard.alarms.acts import Asked, Illegal, Incomplete, act
from dashboard.alarms.alarm import Acted, Alarm
from dashboard.alarms.flood import Flood
from dashboard.alarms.messages import Message
from dashboard.alarms.passing import passed
from dashboard.board import RATE_MS, recent
from dashboard.errors import Away, Missing
from dashboard.ports import Clock, Refusal
from data.store import bulk, outbox
from data.store.engine import or_away
from data.store.tables import ALARM, ALARM_ACT, FLOOD, MARK

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Alarm).decode
decode_act = msgspec.msgpack.Decoder(Acted).decode
log = getLogger(__name__)


class SqlAlarms:
    """What people do about alarms. `nudge` tells the board that there is something to read; it reads it all the same, a second later."""

    def __init__(self, engine: Engine, clock: Clock, *, nudge: Callable[[], None]) -> None:
        self._engine, self._clock, self._nudge = engine, clock, nudge

    def act(self, alarm: str, asked: Asked, *, who: str, key: str) -> Acted:
        """Do it, once, in one transaction with what time had made due; return the act. Raises Illegal, Incomplete, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            acted = begin(sql)
            told = _told(sql, f"{who}:{key}")
            if told is None:
                told = self._done(sql, acted, alarm, asked, who=who, key=f"{who}:{key}")
        if (told.alarm.id, told.action) != (alarm, asked.action):
            raise Illegal("key", told.alarm)
        self._tell()
        return told

    def act_together(self, asked: Mapping[str, Asked], *, who: str, key: str) -> Mapping[str, Acted | Refusal]:
        """Do each, once, all in one transaction; return each alarm's own act, or why it was refused. Raises Away: then none is done.

        An act's own key is `key` and the alarm's id.
        """
        done: dict[str, Acted | Refusal] = {}
        with or_away(), self._engine.begin() as sql:
            begin(sql)
            for alarm, one in asked.items():
                done[alarm] = self._one_of(sql, alarm, one, who=who, key=f"{who}:{key}:{alarm}")
        self._tell()
        return done

    def history(self, alarm: str) -> Sequence[Acted]:
        """Return what was done about an alarm, the oldest first; nothing where there is no such alarm. Raises Away."""
        wanted = select(ALARM_ACT.c.body).where(ALARM_ACT.c.alarm == alarm).order_by(ALARM_ACT.c.seq)
        with or_away(), self._engine.connect() as sql:
            return [decode_act(body) for body in sql.scalars(wanted)]

    def messages(self, alarm: str) -> Sequence[Message]:
        """Return the messages to units about an alarm, the oldest first. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return outbox.of(sql, alarm)

    def _one_of(self, sql: Connection, alarm: str, asked: Asked, *, who: str, key: str) -> Acted | Refusal:
        told = _told(sql, key)
        if told is not None:
            return told if told.action == asked.action else Illegal("key", told.alarm)
        try:
            return self._done(sql, _acted(sql), alarm, asked, who=who, key=key)
        except (Illegal, Incomplete, Missing) as refused:
            return refused

    def _done(self, sql: Connection, acted: int, alarm: str, asked: Asked, *, who: str, key: str) -> Acted:
        now_ms = self._clock.now_ms()
        stood = stands(sql, alarm)
        acts = []
        for action, after in passed(stood, now_ms):
            stood, acted = after, acted + 1
            acts.append(Acted(seq=acted, key=f":{acted}", action=action, who="", at=now_ms, why="", alarm=after))
        after = act(stood, asked, who=who, now_ms=now_ms)
        if after.open and not stood.open and _other_open(sql, after):
            raise Illegal("newer", stood)
        acts.append(Acted(seq=acted + 1, key=key, action=asked.action, who=who, at=now_ms, why=asked.why.strip(), alarm=after))
        write(sql, {}, acts)
        return acts[-1]

    def _tell(self) -> None:
        try:
            self._nudge()
        except Away as away:
            log.warning("the board hears of an act a little later: %s", away)


def begin(sql: Connection) -> int:
    """Wait for our turn, and return the number of the last act. Raises Missing where no board has ever kept this record."""
    held = sql.execute(MARK.update().where(MARK.c.one == 1).values(acted=MARK.c.acted).returning(MARK.c.acted)).first()
    if held is None:
        raise Missing("there is no alarm yet")
    return int(held.acted)


def _acted(sql: Connection) -> int:
    return sql.scalar(select(MARK.c.acted)) or 0


def _told(sql: Connection, key: str) -> Acted | None:
    body = sql.scalar(select(ALARM_ACT.c.body).where(ALARM_ACT.c.key == key))
    return None if body is None else decode_act(body)


def stands(sql: Connection, alarm: str) -> Alarm:
    """Return an alarm as it stands. Raises Missing."""
    body = sql.scalar(select(ALARM.c.body).where(ALARM.c.id == alarm))
    if body is None:
        raise Missing(f"there is no alarm {alarm!r}")
    return decode(body)


def _other_open(sql: Connection, alarm: Alarm) -> bool:
    wanted = select(ALARM.c.id).where(ALARM.c.grp == alarm.group, ALARM.c.closed == 0, ALARM.c.id != alarm.id)
    return sql.scalar(wanted) is not None


def write(sql: Connection, changed: Mapping[str, Alarm], acts: Sequence[Acted]) -> None:
    """Write alarms as they stand now, and the acts that led there. What was closed goes first: its group may be open again."""
    standing = {one.id: one for one in (*changed.values(), *(one.alarm for one in acts))}
    standing |= {one.id: one for one in changed.values()}
    rows = sorted(map(_row, standing.values()), key=lambda row: row[CLOSED] == 0)
    bulk.upsert(sql, ALARM, rows)
    if acts:
        bulk.insert(sql, ALARM_ACT, [_act_row(one) for one in acts])
        outbox.follow(sql, acts)
        sql.execute(MARK.update().where(MARK.c.one == 1).values(acted=acts[-1].seq))


CLOSED = [column.name for column in ALARM.columns].index("closed")


def _row(alarm: Alarm) -> bulk.Row:
    course = alarm.course
    keys = (alarm.id, alarm.group, alarm.kind, alarm.priority, alarm.state, course.owner, alarm.version, alarm.since)
    return (*keys, course.lease, course.shelved_until, course.closed, encode(alarm))


def _act_row(one: Acted) -> bulk.Row:
    return (one.seq, one.key, one.alarm.id, one.action, one.who, one.at, one.why, one.alarm.state, encode(one))


def after(sql: Connection, seq: int) -> list[Acted]:
    """Return the acts after the `seq`th, in their order."""
    wanted = select(ALARM_ACT.c.body).where(ALARM_ACT.c.seq > seq).order_by(ALARM_ACT.c.seq)
    return [decode_act(body) for body in sql.scalars(wanted)]


def load(sql: Connection) -> dict[str, Alarm]:
    """Return the open alarms by group."""
    return {group: decode(body) for group, body in sql.execute(select(ALARM.c.grp, ALARM.c.body).where(ALARM.c.closed == 0))}


def began(sql: Connection, now_ms: int) -> tuple[int, ...]:
    """Return when the alarms of the last ten minutes began."""
    return recent(list(sql.scalars(select(ALARM.c.since).where(ALARM.c.since > now_ms - RATE_MS))), now_ms)


def write_flood(sql: Connection, flood: Flood) -> None:
    """Write that a flood began, or that it ended."""
    bulk.upsert(sql, FLOOD, [tuple(flood)])


def flooded(sql: Connection) -> int:
    """Return since when alarms have come too fast; 0: they do not."""
    return sql.scalar(select(FLOOD.c.began).where(FLOOD.c.ended == 0)) or 0
