"""For which units a person works: theirs, and those that it has followed."""

from dashboard.city import City
from dashboard.reports.cases import Actor

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
