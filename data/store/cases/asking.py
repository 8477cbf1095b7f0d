"""Lists of reports, and one of them whole."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, func, select
from sqlalchemy import case as case_

from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.reports.case import TABS, Case
from dashboard.reports.cases import Line, Listed, Shown, Sought, Wording
from dashboard.reports.likeness import near
from data.store import bulk
from data.store.cases.finding import SEARCH, found, matched, words_of
from data.store.cases.searched import AT_ONCE, wordings
from data.store.cases.tables import ACT, CASE, PART, decode, decode_act, sealed_of

MOST_LISTED, MOST_NEAR, MOST_ACTS = 200, 200, 500
METRES_A_DEGREE = 111_320.0


def listed(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Listed:
    """Return a window of a list, and how many there are behind each tab."""
    lean = _lean(sql, sought, mine)
    where = [matched(words_of(sought.words))] if lean else _where(sql, sought, city, now_ms, mine)
    c: Any = SEARCH.c if lean else CASE.c
    # Which ones is read off an index, however far down the list the window lies; only then are they fetched.
    window = select(c.report).where(*where, *_tab(c, sought.tab, now_ms)).order_by(*_order(c, sought))
    wanted = list(sql.scalars(window.offset(max(sought.offset, 0)).limit(_limit(sought))))
    found_ = {row.report: row.body for row in sql.execute(select(CASE.c.report, CASE.c.body).where(CASE.c.report.in_(wanted)))}
    counts = _lean_counts(sql, where, now_ms) if lean else _counts(sql, where, now_ms)
    total = counts[sought.tab] if sought.tab in counts else sum(counts[name] for name in TABS)
    return Listed(_lines(sql, [decode(found_[report]) for report in wanted]), total, counts)


def _lean(sql: Connection, sought: Sought, mine: frozenset[str] | None) -> bool:
    """Return whether words alone are looked for, where they and the tabs lie beside each other."""
    cut = (sought.service, sought.field, sought.ward, sought.unit, sought.due, sought.priority)
    return bool(sql.dialect.name == "sqlite" and words_of(sought.words) and mine is None and not any(cut))


def _lean_counts(sql: Connection, where: Sequence[ColumnElement[bool]], now_ms: int) -> dict[str, int]:
    c = SEARCH.c
    late = func.sum(case_((and_(c.open == 1, c.due < now_ms), 1), else_=0))
    rows = sql.execute(select(c.tab, func.count(), late).where(*where).group_by(c.tab)).all()
    return dict.fromkeys(TABS, 0) | {row[0]: row[1] for row in rows} | {"overdue": sum(row[2] for row in rows)}


def counted(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> int:
    """Return how long a list is."""
    where = [*_where(sql, sought, city, now_ms, mine), *_tab(CASE.c, sought.tab, now_ms)]
    return sql.scalar(select(func.count()).select_from(CASE).where(*where)) or 0


def every(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Iterator[Line]:
    """Yield a whole list in its order, some at a time."""
    where = [*_where(sql, sought, city, now_ms, mine), *_tab(CASE.c, sought.tab, now_ms)]
    wanted = select(CASE.c.report).where(*where).order_by(*_order(CASE.c, sought))
    for some in sql.scalars(wanted, execution_options={"yield_per": AT_ONCE}).partitions():
        found = {report: decode(body) for report, body in bulk.fetch(sql, "report, body", CASE, "report", some)}
        yield from _lines(sql, [found[report] for report in some])


def _order(c: Any, sought: Sought) -> Sequence[ColumnElement[Any]]:
    """Return the order of a list: the soonest due first, or the latest closed."""
    closed = sought.tab in {"published", "closed"}
    return (c.closed.desc(), c.report.desc()) if closed else (c.due, c.report)


def _counts(sql: Connection, where: Sequence[ColumnElement[bool]], now_ms: int) -> dict[str, int]:
    rows = sql.execute(select(CASE.c.tab, func.count()).where(*where).group_by(CASE.c.tab))
    counts = dict.fromkeys(TABS, 0) | {row[0]: row[1] for row in rows}
    overdue = select(func.count()).select_from(CASE).where(*where, CASE.c.open, CASE.c.due < now_ms)
    return counts | {"overdue": sql.scalar(overdue) or 0}


def _tab(c: Any, tab: str, now_ms: int) -> list[ColumnElement[bool]]:
    if tab == "overdue":
        return [c.open if c is CASE.c else c.open == 1, c.due < now_ms]
    return [c.tab == tab] if tab in TABS else []


def _limit(sought: Sought) -> int:
    return min(max(sought.limit, 0), MOST_LISTED)


def _where(sql: Connection, sought: Sought, city: City, now_ms: int, mine: frozenset[str] | None) -> list[ColumnElement[bool]]:
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
    words = words_of(sought.words)
    return [*told, found(sql, words) if words else false()] if sought.words.strip() else told


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
