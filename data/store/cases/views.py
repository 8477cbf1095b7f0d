"""As what a list sees each report: the centre by the report's own deadline, a unit's people by that of their part of it."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, or_, select

from data.store.cases.tables import CASE, PART


class View(NamedTuple):
    """Where a list is read from. `tab`, `due` (epoch ms) and `open` are those of the report, or of the part; `nth` is the part's, 0: none."""

    rows: FromClause
    tab: ColumnElement[Any]
    due: ColumnElement[Any]
    open: ColumnElement[bool]
    nth: ColumnElement[Any]


CENTRE = View(CASE, CASE.c.tab, CASE.c.due, CASE.c.open, literal(0))


def view_of(mine: frozenset[str] | None) -> View:
    """Return how people see reports who work for these units; None: those of the centre."""
    return CENTRE if mine is None else _of_units(mine)


def _of_units(mine: frozenset[str]) -> View:
    """Join each report with the one part by which its unit sees it (dashboard.reports.units.own_of says which)."""
    p = PART.c
    place = func.row_number().over(partition_by=p.report, order_by=(p.acting.desc(), p.due, p.nth.desc())).label("place")
    parts = select(p.report, p.nth, p.state, p.due, p.acting, place).where(p.unit.in_(sorted(mine)), p.state != "withdrawn")
    own = parts.subquery("own")
    rows = CASE.join(own, and_(own.c.report == CASE.c.report, own.c.place == 1))
    # What a unit has handed in waits for the centre, also while others still work; what it has declined is done with.
    tab = case(
        (own.c.acting, "in_progress"),
        (own.c.state == "declined", "closed"),
        (CASE.c.tab.in_(("published", "closed")), CASE.c.tab),
        (or_(own.c.state == "resulted", CASE.c.tab == "to_approve"), "to_approve"),
        else_="closed",
    )
    return View(rows, tab, own.c.due, own.c.acting, own.c.nth)
