"""Lists of reports, and one of them whole."""

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, false, func, literal_column, select

from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.reports.case import TABS, Case
from dashboard.reports.cases import Line, Listed, Near, Shown, Sought, Wording, codes
from dashboard.reports.likeness import near
from dashboard.reports.units import own_of
from data.store import bulk
from data.store.cases.by_words import ENDED, serves, tallied, tells
from data.store.cases.finding import by_words, cuts_of, found, words_of
from data.store.cases.saying import sent_of
from data.store.cases.searched import AT_ONCE, wordings
from data.store.cases.tables import ACT, CASE, PART, decode, decode_act, sealed_of
from data.store.cases.views import View, view_of

MOST_LISTED, MOST_NEAR, MOST_ACTS = 200, 200, 500
# Read off its own small index, whatever else a list is cut by; for that SQLite has to see the number.
_UNREAD = CASE.alias("waiting")
WAITING = select(_UNREAD.c.report).where(_UNREAD.c.unread > literal_column("0"))
METRES_A_DEGREE = 111_320.0


def listed(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Listed:
    """Return a window of a list, and how many there are behind each tab."""
    sought, words = sought._replace(offset=max(sought.offset, 0), limit=_limit(sought)), words_of(sought.words)
    cuts = cuts_of(sought, city)
    if (words or (cuts and not sought.words.strip())) and mine is None and serves(sought, now_ms):
        found_ = by_words(sql, words, cuts, sought, now_ms)
        counts = found_.counts()
        wanted: Sequence[tuple[str, int]] = [(report, 0) for report in found_.window(counts[sought.tab])]
    else:
        wanted, counts = _looked(sql, sought, city, now_ms, mine=mine)
    reports = [report for report, _ in wanted]
    held = {
        row.report: decode(row.body) for row in sql.execute(select(CASE.c.report, CASE.c.body).where(CASE.c.report.in_(reports)))
    }
    total = counts[sought.tab] if sought.tab in counts else sum(counts[name] for name in TABS)
    lines = _lines(sql, [held[report] for report in reports])
    return Listed([one._replace(part=one.case.part(nth)) for one, (_, nth) in zip(lines, wanted, strict=True)], total, counts)


def _looked(
    sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None
) -> tuple[Sequence[tuple[str, int]], dict[str, int]]:
    """Return the reports of a window, each with the place of the part by which it is seen, and the counts of all tabs.

    Which ones is read off an index, however far down the list the window lies; only then are they fetched.
    """
    view = view_of(mine)
    where = _where(sql, view, sought, city, now_ms, mine)
    window = select(CASE.c.report, view.nth.label("nth")).select_from(view.rows).where(*where, *_tab(view, sought.tab, now_ms))
    rows = sql.execute(window.order_by(*_order(view, sought)).offset(sought.offset).limit(sought.limit)).all()
    whole = mine is None and not sought.words.strip() and not cuts_of(sought, city) and tells(sought.due, now_ms)
    counts = tallied(sql, sought.due, now_ms) if whole else _counts(sql, view, where, now_ms)
    return [(row.report, row.nth) for row in rows], counts


def counted(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> int:
    """Return how long a list is."""
    view = view_of(mine)
    where = [*_where(sql, view, sought, city, now_ms, mine), *_tab(view, sought.tab, now_ms)]
    return sql.scalar(select(func.count()).select_from(view.rows).where(*where)) or 0


def every(sql: Connection, sought: Sought, city: City, now_ms: int, *, mine: frozenset[str] | None) -> Generator[Line]:
    """Yield a whole list in its order, some at a time."""
    view = view_of(mine)
    where = [*_where(sql, view, sought, city, now_ms, mine), *_tab(view, sought.tab, now_ms)]
    wanted = select(CASE.c.report).select_from(view.rows).where(*where).order_by(*_order(view, sought))
    with closing(sql.scalars(wanted, execution_options={"yield_per": AT_ONCE})) as found_:
        for some in found_.partitions():
            held = {report: decode(body) for report, body in bulk.fetch(sql, "report, body", CASE, "report", some)}
            yield from _lines(sql, [held[report] for report in some])


def _order(view: View, sought: Sought) -> Sequence[ColumnElement[Any]]:
    """Return the order of a list: the soonest due first, or the latest closed."""
    c = CASE.c
    return (c.closed.desc(), c.report.desc()) if sought.tab in ENDED else (view.due, c.report)


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


def _where(
    sql: Connection, view: View, sought: Sought, city: City, now_ms: int, mine: frozenset[str] | None
) -> list[ColumnElement[bool]]:
    c = CASE.c
    told: list[ColumnElement[bool]] = [
        column.in_(codes(given))
        for column, given in ((c.service, sought.service), (c.ward, sought.ward), (c.priority, sought.priority))
        if given
    ]
    if sought.field:
        told.append(c.service.in_([one.code for one in city.services if one.field in codes(sought.field)]))
    if sought.unit:
        told.append(
            exists(
                select(PART.c.nth).where(
                    PART.c.report == c.report, PART.c.unit.in_(codes(sought.unit)), PART.c.state != "withdrawn"
                )
            )
        )
    if sought.due == "overdue":
        told += [view.open, view.due < now_ms]
    if sought.due == "soon":
        told += [view.open, view.due.between(now_ms, now_ms + DAY_MS)]
    if sought.due == "paused":
        told += [view.open, view.due == FOREVER]
    if sought.due == "unread":
        told.append(c.report.in_(WAITING))
    words = words_of(sought.words)
    return [*told, found(sql, words, cuts_of(sought, city, mine)) if words else false()] if sought.words.strip() else told


def _lines(sql: Connection, cases: Sequence[Case]) -> list[Line]:
    texts = wordings(sql, [case.report for case in cases])
    return [Line(case, case.report.partition("/")[2], texts.get(case.report, Wording())) for case in cases]


def shown(sql: Connection, case: Case, city: City, *, mine: frozenset[str] | None) -> Shown:
    """Return one report, whole."""
    acts = sql.scalars(select(ACT.c.body).where(ACT.c.report == case.report).order_by(ACT.c.seq.desc()).limit(MOST_ACTS)).all()
    line = _lines(sql, [case])[0]._replace(part=own_of(case, mine))
    members = [decode(body) for body in sql.scalars(select(CASE.c.body).where(CASE.c.report.in_(case.duplicates)))]
    known = sealed_of(sql, case.report) is not None
    suggested = [] if case.settled else alike(sql, line, city)
    lines = [decode_act(body) for body in reversed(acts)]
    return Shown(line, lines, suggested, _lines(sql, members), known, sent_of(sql, case.report))


def alike(sql: Connection, mine: Line, city: City) -> list[Near]:
    """Return what may be of the same matter as a report, or an earlier one that it may be again."""
    others = _lines(sql, [decode(body) for body in sql.scalars(_about(mine.case, city))])
    own = next((one.radius_m for one in city.services if one.code == mine.case.service), 0)
    return near(mine, others, city.reports.alike, radius_m=own or city.reports.alike.radius_m)


def _about(case: Case, city: City) -> Select[Any]:
    """Return what may be of the same matter: of the same service and ward, from about then, or settled not long before."""
    alike, c = city.reports.alike, CASE.c
    since = case.submitted - max(alike.days, alike.again_days) * DAY_MS
    about = select(c.body).where(c.service == case.service, c.report != case.report, c.submitted.between(since, case.submitted + alike.days * DAY_MS))  # fmt: skip
    return about.order_by(c.submitted.desc()).limit(MOST_NEAR)
