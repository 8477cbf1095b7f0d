"""Lists of reports, and one of them whole."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.plain import plain
from dashboard.reports.case import TABS, Case
from dashboard.reports.cases import Line, Listed, Shown, Sought, Wording
from dashboard.reports.likeness import near
from dashboard.reports.units import own_of
from data.store.cases.saying import sent_of
from data.store.cases.searched import wordings
from data.store.cases.tables import ACT, CASE, PART, decode, decode_act, sealed_of
from data.store.cases.views import View, view_of

MOST_LISTED, MOST_NEAR, MOST_ACTS, MOST_WORDS = 200, 200, 500, 8
METRES_A_DEGREE = 111_320.0


def listed(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Listed:
    """Return a window of a list, and how many there are behind each tab."""
    view = view_of(mine)
    where = _where(view, sought, city, now_ms)
    closed = sought.tab in {"published", "closed"}
    order = (CASE.c.closed.desc(), CASE.c.report.desc()) if closed else (view.due, CASE.c.report)
    # Which ones is read off an index, however far down the list the window lies; only then are they fetched.
    window = select(CASE.c.report, view.nth.label("nth")).select_from(view.rows).where(*where, *_tab(view, sought.tab, now_ms))
    wanted = sql.execute(window.order_by(*order).offset(max(sought.offset, 0)).limit(_limit(sought))).all()
    reports = [row.report for row in wanted]
    found = {
        row.report: decode(row.body) for row in sql.execute(select(CASE.c.report, CASE.c.body).where(CASE.c.report.in_(reports)))
    }
    counts = _counts(sql, view, where, now_ms)
    total = counts[sought.tab] if sought.tab in counts else sum(counts[name] for name in TABS)
    lines = _lines(sql, [found[report] for report in reports])
    return Listed([one._replace(part=one.case.part(row.nth)) for one, row in zip(lines, wanted, strict=True)], total, counts)


def _counts(sql: Connection, view: View, where: Sequence[ColumnElement[bool]], now_ms: int) -> dict[str, int]:
    tabs = select(view.tab.label("name")).select_from(view.rows).where(*where).subquery()
    rows = sql.execute(select(tabs.c.name, func.count()).group_by(tabs.c.name))
    counts = dict.fromkeys(TABS, 0) | {row[0]: row[1] for row in rows}
    overdue = select(func.count()).select_from(view.rows).where(*where, view.open, view.due < now_ms)
    return counts | {"overdue": sql.scalar(overdue) or 0}


def _tab(view: View, tab: str, now_ms: int) -> list[ColumnElement[bool]]:
    if tab == "overdue":
        return [view.open, view.due < now_ms]
    return [view.tab == tab] if tab in TABS else []


def _limit(sought: Sought) -> int:
    return min(max(sought.limit, 0), MOST_LISTED)


def _where(view: View, sought: Sought, city: City, now_ms: int) -> list[ColumnElement[bool]]:
    c = CASE.c
    told: list[ColumnElement[bool]] = [
        column == value
        for column, value in ((c.service, sought.service), (c.ward, sought.ward), (c.priority, sought.priority))
        if value
    ]
    if sought.field:
        told.append(c.service.in_([one.code for one in city.services if one.field == sought.field]))
    if sought.unit:
        told.append(
            exists(select(PART.c.nth).where(PART.c.report == c.report, PART.c.unit == sought.unit, PART.c.state != "withdrawn"))
        )
    if sought.due == "overdue":
        told += [view.open, view.due < now_ms]
    if sought.due == "soon":
        told += [view.open, view.due.between(now_ms, now_ms + DAY_MS)]
    if sought.due == "paused":
        told += [view.open, view.due == FOREVER]
    if sought.due == "unread":
        told.append(c.unread > 0)
    words = plain(sought.words).split()[:MOST_WORDS]
    return told + [c.plain.contains(word, autoescape=True) for word in words]


def _lines(sql: Connection, cases: Sequence[Case]) -> list[Line]:
    texts = wordings(sql, [case.report for case in cases])
    return [Line(case, case.report.partition("/")[2], texts.get(case.report, Wording())) for case in cases]


def shown(sql: Connection, case: Case, city: City, *, mine: frozenset[str] | None) -> Shown:
    """Return one report, whole."""
    acts = sql.scalars(select(ACT.c.body).where(ACT.c.report == case.report).order_by(ACT.c.seq.desc()).limit(MOST_ACTS)).all()
    line = _lines(sql, [case])[0]._replace(part=own_of(case, mine))
    others = _lines(sql, [decode(body) for body in sql.scalars(_about(case, city))]) if not case.settled else []
    members = [decode(body) for body in sql.scalars(select(CASE.c.body).where(CASE.c.report.in_(case.duplicates)))]
    known = sealed_of(sql, case.report) is not None
    own = next((one.radius_m for one in city.services if one.code == case.service), 0)
    suggested = near(line, others, city.reports.alike, radius_m=own or city.reports.alike.radius_m)
    lines = [decode_act(body) for body in reversed(acts)]
    return Shown(line, lines, suggested, _lines(sql, members), known, sent_of(sql, case.report))


def _about(case: Case, city: City) -> Select[Any]:
    """Return what may be of the same matter: of the same service and ward, from about then, or settled not long before."""
    alike, c = city.reports.alike, CASE.c
    since = case.submitted - max(alike.days, alike.again_days) * DAY_MS
    about = select(c.body).where(c.service == case.service, c.report != case.report, c.submitted.between(since, case.submitted + alike.days * DAY_MS))  # fmt: skip
    return about.order_by(c.submitted.desc()).limit(MOST_NEAR)
