"""The board's side: reports that sources tell become cases, what was done here is told to the board, the calendar may have changed."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.events import Heard, Recorded, ReportChanged
from dashboard.reports.case import Act, Case, Done
from dashboard.reports.cases import Wording
from dashboard.reports.changing import at_source, by_calendar
from dashboard.reports.following import alarming, entered, heard, news, ours, told
from dashboard.reports.working import calendar_of
from data.store import bulk
from data.store.cases.hearing import caught_up
from data.store.cases.searched import Names, wordings
from data.store.cases.tables import ACT, CASE, OWED, PERSON, decode, decode_act, next_seq, write, write_acts
from data.store.judge import decode as decode_heard
from data.store.judge import encode as encode_heard
from data.store.tables import MARK, REPORT
from data.store.words import REPORT_UPDATE, REPORT_WORDS

KNOWN_MS = 730 * DAY_MS
QUIET = frozenset(
    {"note", "write", "hear", "read", "send_again", "bounced", "undelivered", "reveal", "attach"}
)  # a word or a look is no work: the source goes on to open and close its report
HOUSE = "board"  # whose acts these are, in their keys


def follow(sql: Connection, recorded: Sequence[Recorded], city: City) -> None:
    """Take what sources told of reports: the open ones come in, those known here follow their source."""
    fresh = [one.heard for one in recorded if isinstance(one.heard.event, ReportChanged) and not ours(one.heard.event)]
    if not fresh:
        return
    last = {f"{one.source}/{one.event.report}": one for one in fresh}  # type: ignore[union-attr]  # chosen above
    rows = bulk.fetch(sql, "report, body", CASE, "report", list(last))
    known = {report: decode(body) for report, body in rows}
    changed = [(case, how) for key, one in last.items() for case, how in _after(known.get(key), one, city)]
    _keep(sql, changed, city, max(one.received for one in fresh))
    caught_up(sql, [case.report for case, how in changed if how == "enter"])


def _after(held: Case | None, one: Heard, city: City) -> Iterable[tuple[Case, Done]]:
    event = one.event
    if not isinstance(event, ReportChanged):
        return
    if held is None and event.open:
        yield entered(one.source, one.ward, event, city), "enter"
    elif held is not None and (after := at_source(held, event, now_ms=one.received)) is not None:
        yield after, after.changed_how if after.version != held.version else "note"


def _keep(sql: Connection, changed: Sequence[tuple[Case, Done]], city: City, now_ms: int, before: Sequence[Case] = ()) -> int:
    """Write cases that have become different by themselves, with a line for each that says anything. Return the last line's number."""
    if not changed:
        return 0
    names, texts = Names(city), wordings(sql, [case.report for case, _ in changed])
    write(sql, [(case, names.of(case, texts.get(case.report, Wording()))) for case, _ in changed])
    seq, was = next_seq(sql), {case.report: case.deadline.due for case in before}
    lines = [(case, how) for case, how in changed if how != "note"]
    acts = [
        Act(
            seq=seq + nth,
            key=f":{HOUSE}:{seq + nth}",
            report=case.report,
            action=how,
            who="",
            role="",
            at=now_ms,
            before_due=was.get(case.report, 0) if was.get(case.report) != case.deadline.due else 0,
            after=case,
        )
        for nth, (case, how) in enumerate(lines)
    ]
    write_acts(sql, acts)
    return seq + len(acts) - 1


def owe(sql: Connection, acts: Sequence[Act], *, now_ms: int, channel: str | None = None) -> None:
    """Write down what the board is to be told of these acts: the reports as they stand now, and an alarm for what became urgent."""
    rows: list[bulk.Row] = []
    for act in acts:
        if act.action in QUIET:
            continue
        last = _last(sql, act.report)
        event = told(act.after, seq=act.seq, now_ms=now_ms, last=last, channel=channel)
        if news(event, last):
            rows.append((act.seq, 0, encode_heard(heard(act.after, event, now_ms=now_ms)), act.report))
        if act.action == "urge":
            rows.append((act.seq, 1, encode_heard(alarming(act.after, seq=act.seq, now_ms=now_ms)), ""))
    if rows:
        bulk.insert(sql, OWED, rows)
        sql.execute(MARK.update().where(MARK.c.one == 1).values(owed=rows[-1][0]))


def _last(sql: Connection, report: str) -> ReportChanged | None:
    """Return what the record was told of a report last; what it is owed already counts as told."""
    owed = select(OWED.c.body).where(OWED.c.report == report).order_by(OWED.c.seq.desc()).limit(1)
    body = sql.scalar(owed) or sql.scalar(select(REPORT.c.body).where(REPORT.c.key == report))
    event = decode_heard(body).event if body is not None else None
    return event if isinstance(event, ReportChanged) else None


def take_owed(sql: Connection) -> list[Heard]:
    """Return what the board is owed, in order, and let go of it: it is in the board's transaction now."""
    rows = sql.execute(select(OWED.c.body).order_by(OWED.c.seq, OWED.c.nth)).scalars().all()
    if rows:
        sql.execute(delete(OWED))
    return [decode_heard(body) for body in rows]


def forget(sql: Connection, now_ms: int) -> int:
    """Let go of who sent what was settled two years ago (P-04). Return how many there were."""
    old = select(CASE.c.report).where(CASE.c.tab.in_(("published", "closed")), CASE.c.closed.between(1, now_ms - KNOWN_MS))
    gone = sql.execute(delete(PERSON).where(PERSON.c.report.in_(old))).rowcount
    ended = select(REPORT.c.key).where(~REPORT.c.open, REPORT.c.closed < now_ms - KNOWN_MS)
    for table, report in ((REPORT_WORDS, REPORT_WORDS.c.key), (REPORT_UPDATE, REPORT_UPDATE.c.report)):
        gone += sql.execute(table.update().where(table.c.sealed.is_not(None), report.in_(ended)).values(sealed=None)).rowcount
    return gone


def renew(sql: Connection, city: City, now_ms: int) -> int:
    """Bring every open case to this calendar, and open a case for each open report that has none. Return how many deadlines moved."""
    absent = select(REPORT.c.body).where(REPORT.c.open, REPORT.c.key.not_in(select(CASE.c.report)))
    opened = [one for body in sql.scalars(absent).all() for one in _after(None, decode_heard(body), city)]
    _keep(sql, opened, city, now_ms)
    caught_up(sql, [case.report for case, _ in opened])
    calendar = calendar_of(city)
    cases = [decode(body) for body in sql.scalars(select(CASE.c.body).where(CASE.c.open))]
    pairs = [(case, after) for case in cases if (after := by_calendar(case, calendar, now_ms=now_ms)) is not case]
    changed: list[tuple[Case, Done]] = [(after, "recalendar" if after.version != case.version else "note") for case, after in pairs]
    first = next_seq(sql)
    last = _keep(sql, changed, city, now_ms, [case for case, _ in pairs])
    if last >= first:
        bodies = sql.scalars(select(ACT.c.body).where(ACT.c.seq.between(first, last)).order_by(ACT.c.seq)).all()
        owe(sql, [decode_act(body) for body in bodies], now_ms=now_ms)
    return max(last - first + 1, 0)
