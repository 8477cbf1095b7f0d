"""A unit's own part of citizens' reports, on a desk or on a telephone in the street (docs/reports.md)."""

from dash import html

from layouts.case_panes import ASSETS, panes
from layouts.page import Context, Page

TABS = ("in_progress", "overdue", "to_approve", "published", "closed")


def layout(context: Context) -> html.Div:
    """Return the page: the doors show only what is this unit's."""
    return panes(context, "my_unit", "/my-unit", tabs=TABS, filters=("field", "due"))


PAGE = Page(key="my_unit", path="/my-unit", title="Kỳ Đài", permission="case.own", theme="light", layout=layout, assets=ASSETS)
