"""What the record says of the alarm system over a stretch of time (docs/alarms.md, the report)."""

from sqlalchemy import Connection, Engine, and_, func, or_, select

from dashboard.alarms.acts import STANDING_MS
from dashboard.alarms.report import Act, Span, Told
from dashboard.masking import hidden
from data.store.alarms import decode
from data.store.engine import asking
from data.store.tables import ALARM, ALARM_ACT, FLOOD

MOST = 200_000  # acts of one stretch that are looked at: some ten a minute for a fortnight; beyond it a report says that it is cut
ASKED = ("raise", "realarm", "promote", "return", "fold", "close", "shelve", "acknowledge", "claim")


class SqlAlarmHistory:
    """One city's alarms, looked back at."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def told(self, span: Span) -> tuple[Told, bool]:
        """Return what happened in a stretch, and whether there was more than is looked at. Raises TooLong, Away."""
        with asking(self._engine) as sql:
            acts, cut = _acts(sql, span)
            return Told(acts, _standing(sql, span.end), _floods(sql, span)), cut


def _acts(sql: Connection, span: Span) -> tuple[list[Act], bool]:
    c = ALARM_ACT.c
    wanted = select(c.at, c.action, c.who, c.alarm).where(c.at >= span.start, c.at < span.end, c.action.in_(ASKED))
    rows = sql.execute(wanted.order_by(c.seq).limit(MOST + 1)).all()
    alarms = _alarms(sql, sorted({row.alarm for row in rows}))
    return [Act(row.at, row.action, row.who, row.alarm, *alarms[row.alarm]) for row in rows[:MOST]], len(rows) > MOST


def _alarms(sql: Connection, ids: list[str]) -> dict[str, tuple[int, str, bool]]:
    """Return priority, source and whether it chattered, of each."""
    found = {}
    for at in range(0, len(ids), 500):
        rows = sql.execute(select(ALARM.c.id, ALARM.c.priority, ALARM.c.body).where(ALARM.c.id.in_(ids[at : at + 500])))
        for key, priority, body in rows:
            alarm = decode(body)
            found[key] = (priority, alarm.camera or hidden(alarm.name), alarm.chatters)
    return found


def _standing(sql: Connection, at: int) -> int:
    c = ALARM.c
    stood = and_(c.since <= at - STANDING_MS, or_(c.closed == 0, c.closed > at))
    return sql.scalar(select(func.count()).select_from(ALARM).where(stood)) or 0


def _floods(sql: Connection, span: Span) -> list[Span]:
    c = FLOOD.c
    wanted = select(c.began, c.ended).where(c.began < span.end, or_(c.ended == 0, c.ended > span.start)).order_by(c.began)
    return [Span(row.began, row.ended or span.end) for row in sql.execute(wanted)]
