"""For which units a person works: theirs, and those that it has followed."""

from dashboard.city import City
from dashboard.errors import Missing
from dashboard.kinds import FOREVER
from dashboard.reports.case import ACTING, Case, Part
from dashboard.reports.cases import Actor
from dashboard.reports.parts import due_of

OF_UNITS = "ward_officer"  # the role of whoever works for a unit and not at the centre


def working_for(city: City, by: Actor) -> frozenset[str] | None:
    """Return the units whose parts are a person's to see and to act on; None: they are of the centre, and see all.

    Boundaries change: what a unit of the past had is its successor's.
    """
    if by.role != OF_UNITS:
        return None
    found = fresh = {by.unit} - {""}
    while fresh:
        fresh = {one.code for one in city.units if {told.partition("@")[0] for told in one.successors} & fresh} - found
        found = found | fresh
    return frozenset(found)


def theirs(case: Case, mine: frozenset[str] | None) -> Case:
    """Return the case to whoever has to do with it. Raises Missing to all others: to them there is no such report."""
    if mine is not None and not any(one.unit in mine for one in case.parts):
        raise Missing(f"there is no report {case.report!r}")
    return case


def own_of(case: Case, mine: frozenset[str] | None) -> Part | None:
    """Return the part by which people of these units see a report: what they have to do and by when, else the last that they had.

    None: they are of the centre, or the unit has none that was not taken back.
    """
    own = [one for one in case.parts if one.unit in (mine or ()) and one.state != "withdrawn"]

    def order(one: Part) -> tuple[bool, int, int]:
        acting = one.state in ACTING and not case.settled
        return not acting, FOREVER if case.deadline.paused else due_of(case, one), -one.nth

    return min(own, key=order, default=None)
