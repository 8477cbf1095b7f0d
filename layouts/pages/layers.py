"""The city's layers: what is on the map, and a desk where a file is brought, looked at and taken (docs/layers.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME
from layouts.kinds import live_map
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, tongues

PATH = "/layers"


def layout(context: Context) -> html.Div:
    """Return the page; `assets/19-layers-page.js` fills it: what files say stands in no markup."""
    side = html.Div([_kept(context), _remote(context)], className="ly-side")
    panes = html.Div([side, _desk(context)], className="uc-panes ly-panes")
    note = html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status"))
    return html.Div([_head(context), note, panes], className="report layers-page", **attrs(data_page="layers"))


def _head(context: Context) -> Component:
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("desk.title")), html.Div(className="grow")
    return html.Header([brand(context), title, grow, *demo(context), home, tongues(context, PATH)], className="r-head")


def _kept(context: Context) -> Component:
    note = html.P(context.say("desk.kept_note"), className="muted")
    return html.Section(
        [html.H2(context.say("desk.kept")), note, html.Div("…", **attrs(data_kept=True))], className="r-pane uc-lists"
    )


def _remote(context: Context) -> Component:
    """The layers that other offices serve, and how one more is taken in."""
    more = html.Details([html.Summary(context.say("remote.add")), html.Div(**attrs(data_remote_new=True))], className="ly-more")
    parts = [html.H2(context.say("remote.title")), html.P(context.say("remote.note"), className="muted")]
    return html.Section([*parts, html.Div("…", **attrs(data_remote=True)), more], className="r-pane uc-lists")


def _desk(context: Context) -> Component:
    lon, lat = context.city.centre
    drawn = live_map.card(context, lon=lon, lat=lat, zoom=context.city.zoom)
    return html.Section(
        [
            html.H2(context.say("desk.new")),
            html.P(context.say("desk.how"), className="muted"),
            html.Div(**attrs(data_file=True)),
            html.Div(drawn, className="uc-map"),
            html.Div(**attrs(data_seen=True)),
        ],
        className="r-pane uc-place",
    )


PAGE = Page(
    key="layers",
    path=PATH,
    title="Kỳ Đài",
    permission="layer.manage",
    theme="light",
    layout=layout,
    assets=(
        *live_map.ASSETS,
        "19-ask.css",
        "31-report.css",
        "33-unknown-cameras.css",
        "34-layers-page.css",
        "19-layers-page.js",
        "19-layers-remote.js",
    ),
)
