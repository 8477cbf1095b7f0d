"""Citizens' reports for the centre: tabs by state, a list by time left, one of them whole with its map, history and acts (docs/reports.md)."""

from dash import html

from layouts.case_panes import ASSETS, panes
from layouts.page import Context, Page

TABS = ("received", "verifying", "to_assign", "in_progress", "overdue", "to_approve", "published", "closed")


def layout(context: Context) -> html.Div:
    """Return the page."""
    return panes(context, "reports", "/reports", tabs=TABS, filters=("field", "ward", "unit", "due"))


PAGE = Page(key="reports", path="/reports", title="Kỳ Đài", permission="case.view", theme="light", layout=layout, assets=ASSETS)
