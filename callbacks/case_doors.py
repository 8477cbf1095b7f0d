"""All doors of reports."""

from collections.abc import Callable

from flask import Blueprint

from callbacks import cases, cases_together, cases_tried, exporting
from dashboard.city import City
from dashboard.ports import Clock, Locate
from dashboard.reports.cases import Cases, Exports


def doors(held: Cases, exports: Exports, clock: Clock, living: Callable[[], City], locate: Locate) -> tuple[Blueprint, ...]:
    """Return them."""
    return (
        cases.door(held, clock, living),
        cases_tried.door(held, clock, living, locate),
        cases_together.door(held),
        exporting.door(exports, clock, living),
    )
