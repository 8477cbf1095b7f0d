"""The cameras: what is seen through a few of them now, and how all of them stand."""

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.bar import clock, nav, person, stack
from layouts.page import Context, Page
from layouts.parts import age_line, attrs, brand, counts, demo, icon, tongues

SIZES = (1, 4, 9)
STATES = ("all", "o", "f", "x", "m")
ASSETS = ("20-console.css", "32-cameras.css", "03-panels.js", "16-video.js", "17-last.js", "17-tiles.js", "18-cameras.js")


def layout(context: Context) -> html.Div:
    """Return the page; `assets/17-tiles.js` fills the tiles, `assets/18-cameras.js` the list."""
    return html.Div(
        [
            _statebar(context),
            html.Div(className="banners", **attrs(data_banners=True, role="alert", aria_live="assertive")),
            _tools(context),
            html.Section(className="c-grid", **attrs(data_tiles=True, aria_label=context.say("cams.title"))),
            _list(context),
            _feeds(context),
            _tabs(context),
            html.Div(className="toast-slot", **attrs(data_toast=True, role="status")),
        ],
        className="cams",
        **attrs(data_page="cameras", data_show="wall"),
    )


def _statebar(context: Context) -> Component:
    online = stack([html.B("—", **attrs(data_num=True, data_cameras=True))], [html.Span(context.say("cameras"))])
    return html.Header(
        [
            brand(context),
            nav(context, "cameras"),
            html.Div(counts(context), className="sb-alarms"),
            html.Div(online),
            html.Div(className="grow"),
            *([html.Div(demo(context))] if context.demo else []),
            html.Div(tongues(context, "/cameras")),
            clock(),
            person(context),
        ],
        id=ids.STATEBAR,
        className="statebar",
    )


def _tools(context: Context) -> Component:
    sizes = [
        html.Button(context.say(f"cams.tiles.{size}"), **attrs(data_size=size, type="button", aria_pressed="false"))
        for size in SIZES
    ]
    auto = html.Button(
        [icon("auto"), context.say("cams.auto")], className="btn", **attrs(data_auto=True, type="button", aria_pressed="true")
    )
    return html.Section(
        [
            html.H2(context.say("cams.title")),
            html.Span(context.say("cams.note"), className="muted c-note", **attrs(data_note=True, role="status")),
            html.Span(className="grow"),
            auto,
            html.Span(sizes, className="seg", role="group", **attrs(aria_label=context.say("cams.size"))),
        ],
        className="c-bar",
    )


def _list(context: Context) -> Component:
    online = html.Span(className="muted", **attrs(data_online=True, data_num=True))
    head = html.Div([html.H2(context.say("nav.cameras")), online], className="pane-head")
    search = html.Label(
        [
            icon("search"),
            html.Span(context.say("cams.search"), className="sr"),
            html.Span(**attrs(data_seek=True)),
            html.Kbd("/", className="key"),
        ],
        className="field",
    )
    tabs = [
        html.Button(
            [context.say(f"cams.{state}"), " ", html.Span(className="n", **attrs(data_num=True, data_of_state=state))],
            className="tab",
            **attrs(data_state_is=state, type="button", aria_pressed=str(state == "all").lower()),
        )
        for state in STATES
    ]
    rows = html.Ol(id=ids.LIST, className="c-rows", role="listbox", tabIndex=0, **attrs(aria_label=context.say("cams.list")))
    foot = html.Div(
        [
            html.Span(className="grow", **attrs(data_found=True, data_num=True)),
            html.Span([html.Kbd("Enter", className="key"), context.say("cams.up_key")]),
            html.Span([html.Kbd("P", className="key"), context.say("cams.pin_key")]),
        ],
        className="c-foot",
    )
    filters = html.Div(tabs, className="tabs c-tabs", role="group", **attrs(aria_label=context.say("cams.filter")))
    return html.Section(
        [head, html.Div(search, className="c-filter"), filters, rows, html.Div(className="c-last", **attrs(data_last=True)), foot],
        className="pane c-list",
        **attrs(data_tile="list", aria_label=context.say("cams.list"), data_feed="camera_events"),
    )


def _feeds(context: Context) -> Component:
    feeds = [
        html.Span(
            [icon("camera"), html.B(context.of(feed.name)), html.Span(**attrs(data_age=True)), age_line()],
            className="feed",
            **attrs(data_feed=feed.key, data_fresh="none"),
        )
        for feed in context.city.feeds
        if feed.key == "camera_events"
    ]
    tail = html.Div(html.Span(f"{context.say('version')} {context.version}"), className="tail")
    return html.Footer([*feeds, tail], className="feedbar")


def _tabs(context: Context) -> Component:
    """On a phone one pane is shown at a time."""
    tabs = [
        html.Button(
            [icon(name), context.say(word)], **attrs(data_pane=pane, type="button", aria_pressed=str(pane == "wall").lower())
        )
        for pane, name, word in (("wall", "grid", "cams.wall"), ("list", "menu", "cams.list"))
    ]
    return html.Nav(tabs, className="tabbar", **attrs(aria_label=context.say("nav")))


PAGE = Page(
    key="cameras", path="/cameras", title="Kỳ Đài", permission="camera.view", theme="dark", layout=layout, assets=ASSETS, moves=True
)
