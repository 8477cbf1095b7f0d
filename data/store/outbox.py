"""The outbox: messages to units, written with the acts that they follow from, so that none is lost and none is sent that was undone."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, select, text

from dashboard.alarms.alarm import Acted
from dashboard.alarms.messages import Message, fate
from data.store.tables import META, NUMBER

HELD, WAITING = "state = 'held'", "state = 'waiting'"
MESSAGE = Table(
    "message",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),  # of the act that dispatched
    Column("alarm", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("text", String, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Index("message_alarm", "alarm", "seq"),
    Index("message_held", "alarm", sqlite_where=text(HELD), postgresql_where=text(HELD)),
    Index("message_waiting", "due", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
)


def follow(sql: Connection, acts: Iterable[Acted]) -> None:
    """Write what acts make of messages: a dispatch holds one, undoing takes it back, the end of the hold lets it go."""
    c = MESSAGE.c
    held: dict[int, tuple[str, str]] | None = None
    for one in acts:
        if one.action == "dispatch":
            row = Message(seq=one.seq, alarm=one.alarm.id, unit=one.alarm.course.units[-1], who=one.who, at=one.at, text=one.why)
            sql.execute(MESSAGE.insert().values(**asdict(row)))
            held = None
            continue
        if held is None:
            held = {row.seq: (row.alarm, row.unit) for row in sql.execute(select(c.seq, c.alarm, c.unit).where(c.state == "held"))}
        for seq in [seq for seq, (alarm, _) in held.items() if alarm == one.alarm.id]:
            state = fate(held[seq][1], one.alarm.course)
            if state != "held":
                ended = one.at if state == "undone" else 0
                sql.execute(MESSAGE.update().where(c.seq == seq).values(state=state, due=one.at, ended=ended))
                del held[seq]


def of(sql: Connection, alarm: str) -> Sequence[Message]:
    """Return the messages about an alarm, the oldest first."""
    return [message_of(row) for row in sql.execute(select(MESSAGE).where(MESSAGE.c.alarm == alarm).order_by(MESSAGE.c.seq))]


def message_of(row: Any) -> Message:
    """Return a message from its row."""
    return Message(**{name: getattr(row, name) for name in Message.__struct_fields__})
