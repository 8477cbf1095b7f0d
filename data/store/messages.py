"""Messages to units: what is to be sent, and what became of it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine, func, select

from dashboard.alarms.alarm import Acted, Alarm
from dashboard.alarms.messages import STATES, Message, delivered, failed, undelivered
from dashboard.ports import Clock
from data.store import alarms
from data.store.engine import or_away
from data.store.outbox import MESSAGE, message_of
from data.store.tables import ALARM


class SqlMessages:
    """What is to be sent, and what became of it. `nudge` tells the board that an alarm says so."""

    def __init__(self, engine: Engine, clock: Clock, *, nudge: Callable[[], None] = lambda: None) -> None:
        self._engine, self._clock, self._nudge = engine, clock, nudge

    def due(self) -> list[tuple[Message, Alarm]]:
        """Return what is to be sent now, the oldest of each unit, with its alarm. Raises Away."""
        c = MESSAGE.c
        waits = (c.state == "waiting", c.due <= self._clock.now_ms())
        first = select(func.min(c.seq)).where(*waits).group_by(c.unit)
        wanted = select(MESSAGE, ALARM.c.body).join(ALARM, ALARM.c.id == c.alarm).where(c.seq.in_(first)).order_by(c.seq)
        with or_away(), self._engine.connect() as sql:
            return [(message_of(row), alarms.decode(row.body)) for row in sql.execute(wanted)]

    def standing(self) -> dict[str, float]:
        """Return how many messages stand in each state, and for how long (s) the oldest that should be sent waits. Raises Away."""
        c, now_ms = MESSAGE.c, self._clock.now_ms()
        counted = select(c.state, func.count()).group_by(c.state)
        oldest = select(func.min(c.due)).where(c.state == "waiting")
        with or_away(), self._engine.connect() as sql:
            states = dict.fromkeys(STATES, 0.0) | {state: float(n) for state, n in sql.execute(counted)}
            due = sql.scalar(oldest)
        return states | {"late_s": 0.0 if due is None else max(now_ms - due, 0) / 1000}

    def sent(self, message: Message) -> None:
        """Keep that a message has arrived, as an act in its alarm's timeline. Raises Away."""
        self._end(message, {"state": "sent", "tries": message.tries + 1, "reason": ""}, "delivered", delivered)

    def fail(self, message: Message, reason: str, *, for_good: bool = False) -> Message:
        """Keep that a message has not arrived; return how it stands. One that is given up goes to the shift's lead. Raises Away."""
        now_ms = self._clock.now_ms()
        after = failed(message, reason, now_ms, for_good=for_good)
        told = {name: getattr(after, name) for name in ("state", "tries", "due", "reason")}
        if after.state == "given_up":
            self._end(message, told, "undelivered", lambda alarm, unit: undelivered(alarm, unit, now_ms), why=after.reason)
            return after
        with or_away(), self._engine.begin() as sql:
            sql.execute(_same(message).values(**told))
        return after

    def by_phone(self, message: Message) -> None:
        """Keep that the unit has no address, so that whoever dispatched has to call. Raises Away."""
        with or_away(), self._engine.begin() as sql:
            sql.execute(_same(message).values(state="by_phone", ended=self._clock.now_ms()))

    def _end(
        self, message: Message, told: Mapping[str, Any], action: str, after: Callable[[Alarm, str], Alarm], *, why: str = ""
    ) -> None:
        """End a message and say so in its alarm's timeline, in one transaction; whoever ended it before has already said so."""
        with or_away(), self._engine.begin() as sql:
            acted, now_ms = alarms.begin(sql), self._clock.now_ms()
            if sql.execute(_same(message).values(**told, ended=now_ms)).rowcount != 1:
                return
            stands = after(alarms.stands(sql, message.alarm), message.unit)
            seq = acted + 1
            act = Acted(seq=seq, key=f":{seq}", action=action, who="", at=now_ms, why=why, alarm=stands, unit=message.unit)
            alarms.write(sql, {}, [act])
        self._nudge()


def _same(message: Message) -> Any:
    """Return what writes a message only while it stands as it was read: two that send are told apart here."""
    c = MESSAGE.c
    return MESSAGE.update().where(c.seq == message.seq, c.state == "waiting", c.tries == message.tries)
