"""What is sent about reports, as the role `messenger` takes it and keeps what became of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, func, select

from dashboard.ports import Clock
from dashboard.reports.case import Act
from dashboard.reports.sending import Sending, failed
from data.store.cases.saying import SENDING
from data.store.cases.tables import Sealed, begin, held, next_seq, sealed_of, write_acts
from data.store.engine import or_away
from data.store.sources import SOURCE

MOST_AT_ONCE = 200


class SqlSendings:
    """The sendings of one house. Every method raises Away."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def due(self) -> Sequence[Sending]:
        """Return what is to be sent now: of each report the oldest alone, so that nobody hears of its end before its beginning."""
        c = SENDING.c
        first = select(func.min(c.seq)).where(c.state == "waiting").group_by(c.report)
        wanted = select(SENDING).where(c.seq.in_(first), c.state == "waiting", c.due <= self._clock.now_ms()).order_by(c.seq)
        with or_away(), self._engine.connect() as sql:
            return [sending_of(row) for row in sql.execute(wanted.limit(MOST_AT_ONCE))]

    def endpoint(self, source: str) -> tuple[str, str] | None:
        """Return the address and the device of a source that is asked; None where it is no more."""
        wanted = select(SOURCE.c.address, SOURCE.c.device).where(SOURCE.c.key == source, SOURCE.c.disabled.is_(None))
        with or_away(), self._engine.connect() as sql:
            row = sql.execute(wanted).first()
        return (row.address, row.device) if row is not None and row.address else None

    def person(self, report: str) -> Sealed | None:
        """Return who sent a report, sealed as it lies there."""
        with or_away(), self._engine.connect() as sql:
            return sealed_of(sql, report)

    def case(self, report: str) -> Any:
        """Return the case of a report. Raises Missing."""
        with or_away(), self._engine.connect() as sql:
            return held(sql, report)

    def ended(self, one: Sending, state: str, reason: str = "") -> None:
        """Keep that it was sent, or that there is nobody to send it to."""
        told = {"state": state, "tries": one.tries + 1, "reason": reason, "ended": self._clock.now_ms()}
        with or_away(), self._engine.begin() as sql:
            sql.execute(_same(one).values(**told))

    def fail(self, one: Sending, reason: str, *, for_good: bool = False, after_s: float = 0.0) -> Sending:
        """Keep that it did not arrive; return how it stands. That it was given up is a line of the report's history."""
        now_ms = self._clock.now_ms()
        after = failed(one, reason, now_ms, for_good=for_good, after_s=after_s)
        told = {name: getattr(after, name) for name in ("state", "tries", "due", "reason", "ended")}
        with or_away(), self._engine.begin() as sql:
            if after.state != "given_up":
                sql.execute(_same(one).values(**told))
                return after
            begin(sql)
            if sql.execute(_same(one).values(**told)).rowcount == 1:
                seq, case = next_seq(sql), held(sql, one.report)
                act = Act(
                    seq=seq,
                    key=f":undelivered:{seq}",
                    report=one.report,
                    action="undelivered",
                    who="",
                    role="",
                    at=now_ms,
                    why=after.reason,
                    after=case,
                )
                write_acts(sql, [act])
        return after


def sending_of(row: Any) -> Sending:
    """Return a sending from its row."""
    return Sending(**{name: getattr(row, name) for name in Sending.__struct_fields__})


def _same(one: Sending) -> Any:
    """Return what writes a sending only while it stands as it was read: two that send are told apart here."""
    c = SENDING.c
    return SENDING.update().where(c.seq == one.seq, c.state == "waiting", c.tries == one.tries)
