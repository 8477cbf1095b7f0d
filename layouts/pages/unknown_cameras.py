"""Cameras that speak and stand in no registry, a map to take them in, and those that were taken in (docs/cameras.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME
from layouts.kinds import live_map
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, tongues

PATH = "/unknown-cameras"


def layout(context: Context) -> html.Div:
    """Return the page; `assets/17-unknown-cameras.js` fills it: what a source calls its cameras stands in no markup."""
    return html.Div(
        [
            _head(context),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div(
                [html.Div([_strangers(context), _adopted(context)], className="uc-lists"), _place(context)], className="uc-panes"
            ),
        ],
        className="report unknown-cameras",
        **attrs(data_page="unknown_cameras"),
    )


def _head(context: Context) -> Component:
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("adopt.title")), html.Div(className="grow")
    return html.Header([brand(context), title, grow, *demo(context), home, tongues(context, PATH)], className="r-head")


def _strangers(context: Context) -> Component:
    note = html.P(context.say("adopt.note"), className="muted")
    return html.Section(
        [html.H2(context.say("adopt.title")), note, html.Div("…", **attrs(data_strangers=True))], className="r-pane"
    )


def _adopted(context: Context) -> Component:
    return html.Section([html.H2(context.say("adopt.adopted")), html.Div("…", **attrs(data_adopted=True))], className="r-pane")


def _place(context: Context) -> Component:
    lon, lat = context.city.centre
    drawn = live_map.card(context, lon=lon, lat=lat, zoom=context.city.zoom)
    form = html.Div(html.P(context.say("adopt.choose"), className="muted"), **attrs(data_form=True))
    return html.Section([html.Div(drawn, className="uc-map"), form], className="r-pane uc-place")


PAGE = Page(
    key="unknown_cameras",
    path=PATH,
    title="Kỳ Đài",
    permission="camera.adopt",
    theme="light",
    layout=layout,
    assets=(*live_map.ASSETS, "19-ask.css", "31-report.css", "33-unknown-cameras.css", "17-unknown-cameras.js"),
)
