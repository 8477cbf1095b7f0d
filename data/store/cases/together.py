"""What acts about several reports at once need beside: whom each goes to by the city's rules, and refusals that stop none of the others."""

from collections.abc import Callable

from sqlalchemy import Connection

from dashboard.city import City
from dashboard.errors import Missing
from dashboard.reports.case import LIVE, Case, Given, Illegal, Incomplete
from dashboard.reports.cases import Refusal, Wording
from dashboard.reports.routing import routed
from data.store.cases.searched import wordings


def by_rules(sql: Connection, case: Case, city: City, now_ms: int) -> tuple[Given, ...]:
    """Return the units that the rules name for a report and that do not have it in hand."""
    said = wordings(sql, [case.report]).get(case.report, Wording())
    found = routed(
        city, service=case.service, ward=case.ward, text=f"{said.title} {said.text}", at_ms=now_ms, priority=case.priority
    )
    held = {one.unit for one in case.parts if one.state in LIVE}
    return tuple(Given(way.unit, way.task) for way in found.ways if way.unit not in held)


def or_refusal(do: Callable[[], Case]) -> Case | Refusal:
    """Return how a report stands after what was done, or why nothing was."""
    try:
        return do()
    except (Illegal, Incomplete, Missing) as refused:
        return refused
