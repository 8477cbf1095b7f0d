"""Searching for one plate in the clear, after a reason that is kept; and who searched how often (docs/plate-search.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME, may
from dashboard.plate_search import PURPOSES, TIERS
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, tongues


def layout(context: Context) -> html.Div:
    """Return the page; `assets/18-plate-search.js` fills it: a plate never stands in an address, nor in a form that a browser remembers."""
    searches = may(context.role, TIERS[0][1])
    furthest = max((days for days, permission in TIERS if may(context.role, permission)), default=0)
    panes = [
        *([_form(context), _found(context)] if searches else []),
        *([_week(context)] if may(context.role, "plate.report") else []),
    ]
    return html.Div(
        [
            _head(context),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div(panes, className="ps-panes"),
        ],
        className="report plate-search",
        **attrs(data_page="plate_search", data_furthest=furthest, data_purposes=" ".join(PURPOSES)),
    )


def _head(context: Context) -> Component:
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("plates.title")), html.Div(className="grow")
    return html.Header([brand(context), title, grow, *demo(context), home, tongues(context, "/plate-search")], className="r-head")


def _form(context: Context) -> Component:
    return html.Section(
        [
            html.H2(context.say("plates.search")),
            html.P(context.say("plates.rule"), className="muted"),
            html.Div(**attrs(data_form=True)),
        ],
        className="r-pane ps-form",
    )


def _found(context: Context) -> Component:
    nothing = html.P(context.say("plates.nothing_yet"), className="muted")
    return html.Section(
        [html.H2(context.say("plates.found")), html.Div(nothing, className="ps-found", **attrs(data_found=True))],
        className="r-pane",
    )


def _week(context: Context) -> Component:
    return html.Section(
        [
            html.H2(context.say("plates.week")),
            html.P(context.say("plates.week_note"), className="muted"),
            html.Div("…", **attrs(data_week=True)),
        ],
        className="r-pane ps-week",
    )


PAGE = Page(
    key="plate_search",
    path="/plate-search",
    title="Kỳ Đài",
    permission="plate.view",
    theme="light",
    layout=layout,
    assets=("19-ask.css", "31-report.css", "34-plate-search.css", "18-plate-search.js"),
)
