"""Lists of reports, and one of them whole."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.plain import plain
from dashboard.reports.case import TABS, Case
from dashboard.reports.cases import Line, Listed, Shown, Sought, Wording
from dashboard.reports.likeness import near
from data.store import bulk
from data.store.cases.searched import AT_ONCE, wordings
from data.store.cases.tables import ACT, CASE, PART, decode, decode_act, sealed_of

MOST_LISTED, MOST_NEAR, MOST_ACTS, MOST_WORDS = 200, 200, 500, 8
METRES_A_DEGREE = 111_320.0


def listed(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Listed:
    """Return a window of a list, and how many there are behind each tab."""
    where = _where(sought, city, now_ms, mine)
    tab = _tab(sought.tab, now_ms)
    # Which ones is read off an index, however far down the list the window lies; only then are they fetched.
    window = select(CASE.c.report).where(*where, *tab).order_by(*_order(sought)).offset(max(sought.offset, 0)).limit(_limit(sought))
    wanted = list(sql.scalars(window))
    found = {row.report: row.body for row in sql.execute(select(CASE.c.report, CASE.c.body).where(CASE.c.report.in_(wanted)))}
    counts = _counts(sql, where, now_ms)
    total = counts[sought.tab] if sought.tab in counts else sum(counts[name] for name in TABS)
    return Listed(_lines(sql, [decode(found[report]) for report in wanted]), total, counts)


def counted(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> int:
    """Return how long a list is."""
    where = [*_where(sought, city, now_ms, mine), *_tab(sought.tab, now_ms)]
    return sql.scalar(select(func.count()).select_from(CASE).where(*where)) or 0


def every(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Iterator[Line]:
    """Yield a whole list in its order, some at a time."""
    where = [*_where(sought, city, now_ms, mine), *_tab(sought.tab, now_ms)]
    wanted = select(CASE.c.report).where(*where).order_by(*_order(sought))
    for some in sql.scalars(wanted, execution_options={"yield_per": AT_ONCE}).partitions():
        found = {report: decode(body) for report, body in bulk.fetch(sql, "report, body", CASE, "report", some)}
        yield from _lines(sql, [found[report] for report in some])


def _order(sought: Sought) -> Sequence[ColumnElement[Any]]:
    """Return the order of a list: the soonest due first, or the latest closed."""
    closed = sought.tab in {"published", "closed"}
    return (CASE.c.closed.desc(), CASE.c.report.desc()) if closed else (CASE.c.due, CASE.c.report)


def _counts(sql: Connection, where: Sequence[ColumnElement[bool]], now_ms: int) -> dict[str, int]:
    rows = sql.execute(select(CASE.c.tab, func.count()).where(*where).group_by(CASE.c.tab))
    counts = dict.fromkeys(TABS, 0) | {row[0]: row[1] for row in rows}
    overdue = select(func.count()).select_from(CASE).where(*where, CASE.c.open, CASE.c.due < now_ms)
    return counts | {"overdue": sql.scalar(overdue) or 0}


def _tab(tab: str, now_ms: int) -> list[ColumnElement[bool]]:
    if tab == "overdue":
        return [CASE.c.open, CASE.c.due < now_ms]
    return [CASE.c.tab == tab] if tab in TABS else []


def _limit(sought: Sought) -> int:
    return min(max(sought.limit, 0), MOST_LISTED)


def _where(sought: Sought, city: City, now_ms: int, mine: frozenset[str] | None) -> list[ColumnElement[bool]]:
    c = CASE.c
    told: list[ColumnElement[bool]] = [
        column == value
        for column, value in ((c.service, sought.service), (c.ward, sought.ward), (c.priority, sought.priority))
        if value
    ]
    if sought.field:
        told.append(c.service.in_([one.code for one in city.services if one.field == sought.field]))
    some = [one for one in ([sought.unit] if sought.unit else None, mine) if one is not None]
    told += [
        exists(select(PART.c.nth).where(PART.c.report == c.report, PART.c.unit.in_(sorted(one)), PART.c.state != "withdrawn"))
        for one in some
    ]
    if sought.due == "overdue":
        told += [c.open, c.due < now_ms]
    if sought.due == "soon":
        told += [c.open, c.due.between(now_ms, now_ms + DAY_MS)]
    if sought.due == "paused":
        told += [c.open, c.due == FOREVER]
    words = plain(sought.words).split()[:MOST_WORDS]
    return told + [c.plain.contains(word, autoescape=True) for word in words]


def _lines(sql: Connection, cases: Sequence[Case]) -> list[Line]:
    texts = wordings(sql, [case.report for case in cases])
    return [Line(case, case.report.partition("/")[2], texts.get(case.report, Wording())) for case in cases]


def shown(sql: Connection, case: Case, city: City) -> Shown:
    """Return one report, whole."""
    acts = sql.scalars(select(ACT.c.body).where(ACT.c.report == case.report).order_by(ACT.c.seq.desc()).limit(MOST_ACTS)).all()
    line = _lines(sql, [case])[0]
    others = _lines(sql, [decode(body) for body in sql.scalars(_about(case, city))]) if not case.settled else []
    members = [decode(body) for body in sql.scalars(select(CASE.c.body).where(CASE.c.report.in_(case.duplicates)))]
    known = sealed_of(sql, case.report) is not None
    own = next((one.radius_m for one in city.services if one.code == case.service), 0)
    suggested = near(line, others, city.reports.alike, radius_m=own or city.reports.alike.radius_m)
    return Shown(line, [decode_act(body) for body in reversed(acts)], suggested, _lines(sql, members), known)


def _about(case: Case, city: City) -> Select[Any]:
    """Return what may be of the same matter: of the same service and ward, from about then, or settled not long before."""
    alike, c = city.reports.alike, CASE.c
    since = case.submitted - max(alike.days, alike.again_days) * DAY_MS
    about = select(c.body).where(c.service == case.service, c.report != case.report, c.submitted.between(since, case.submitted + alike.days * DAY_MS))  # fmt: skip
    return about.order_by(c.submitted.desc()).limit(MOST_NEAR)
