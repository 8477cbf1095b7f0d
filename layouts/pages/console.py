"""The operators' console: what is open, where it is, and how old what is shown is."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import may
from dashboard.panel import Kpi
from dashboard.topics.kpi import PANELS
from layouts import ids
from layouts.bar import clock, nav, person, stack
from layouts.kinds import indicators, kpi, live_map, replay
from layouts.page import Context, Page
from layouts.parts import age_line, attrs, brand, counts, demo, icon, tongues

SHOWN = (
    "events_today",
    "alarms_today",
    "plates_today",
    "cameras_online",
    "reports_overdue",
    "reports_due_24h",
    "reports_today",
    "reports_on_time",
)
ASSETS = (
    *live_map.ASSETS,
    *indicators.ASSETS,
    *live_map.ASKED,
    "19-ask.css",
    "20-console.css",
    "03-panels.js",
    "04-flood.js",
    "04-list.js",
    "04-picked.js",
    "04-queues.js",
    "05-acts.js",
    "05-together.js",
    "05-camera.js",
    "05-detail.js",
    "06-around.js",
    "06-pictures.js",
    "06-clips.js",
    "06-incident-acts.js",
    "06-incident.js",
    "06-moments.js",
    "06-sound.js",
    "06-timeline.js",
    *replay.ASSETS,
    "07-brush.js",
    "07-keys.js",
)
TABS = ("alarms", "events", "plates")


def layout(context: Context) -> html.Div:
    """Return the console."""
    return html.Div(
        [
            _statebar(context),
            _banners(),
            _list(context),
            _map(context),
            _timeline(context),
            _side(context),
            _feeds(context),
            _tabs(context),
            html.Div(className="toast-slot"),
        ],
        className="console",
        **attrs(
            data_page="console",
            data_show="map",
            data_incident_acts=may(context.role, "incident.act") or None,
            data_report_enters=may(context.role, "case.enter") or None,
            data_maintains=may(context.role, "camera.maintain") or None,
        ),
    )


def _statebar(context: Context) -> Component:
    return html.Header(
        [
            brand(context),
            nav(context, "console"),
            html.Div(counts(context), className="sb-alarms"),
            *_meters(context),
            html.Div(className="grow"),
            *([html.Div(demo(context))] if context.demo else []),
            html.Div(_sound(context)),
            html.Div(tongues(context, "/console")),
            clock(),
            person(context),
        ],
        id=ids.STATEBAR,
        className="statebar",
    )


def _meters(context: Context) -> list[Component]:
    """What comes in, which feeds speak, which cameras are there."""
    rate = [
        html.B("—", **attrs(data_num=True, data_rate=True)),
        html.Span(context.say("rate"), **attrs(data_rate_word=True)),
    ]
    return [
        html.Div(stack([html.Span(className="ticks", **attrs(data_ticks=True))], rate), id=ids.RATE),
        html.Div(
            stack(
                [html.Span(className="dots", **attrs(data_dots=True))],
                [html.B("—", **attrs(data_num=True, data_feeds=True)), html.Span(context.say("feeds"))],
            )
        ),
        html.Div(stack([html.B("—", **attrs(data_num=True, data_cameras=True))], [html.Span(context.say("cameras"))])),
    ]


def _sound(context: Context) -> Component:
    """Whether alarms are heard here; pressed, how loud (UX-62)."""
    return html.Button(
        icon("soundoff"),
        className="btn-icon",
        **attrs(data_sound=True, type="button", aria_pressed="false", aria_label=context.say("sound")),
    )


def _banners() -> Component:
    return html.Div(className="banners", **attrs(data_banners=True, role="alert", aria_live="assertive"))


def _list(context: Context) -> Component:
    tabs = [
        html.Button(
            [context.say(f"list.{name}"), " ", html.Span(className="n", **attrs(data_num=True, data_n=name))],
            className="tab",
            role="tab",
            **attrs(data_tab=name, aria_selected=str(name == "alarms").lower(), type="button"),
        )
        for name in TABS
    ]
    search = html.Label(
        [
            icon("search"),
            html.Span(context.say("list.search"), className="sr"),
            html.Span(**attrs(data_search=True)),
            html.Kbd("/", className="key"),
        ],
        className="field",
    )
    return html.Section(
        [
            html.Div([html.Div(tabs, className="tabs", role="tablist"), search], className="filters"),
            *_rows(context),
            html.Div(
                [*_tray(context), *_many(context), html.Span(context.say("list.newest"), className="faint grow")], className="tray"
            ),
        ],
        className="pane p-alarms",
        **attrs(data_tile="list", aria_label=context.say("list.alarms"), data_feed="camera_events"),
    )


def _rows(context: Context) -> list[Component]:
    """The list itself, and below it what can be done about the rows that are marked (UX-49)."""
    told = attrs(aria_label=context.say("list.alarms"), aria_multiselectable="true")
    bar = attrs(data_picked_bar=True, aria_label=context.say("together"))
    return [
        html.Ol(id=ids.LIST, className="alarms", role="listbox", tabIndex=0, **told),
        html.Div(className="picked-bar", hidden=True, role="toolbar", **bar),
    ]


def _tray(context: Context) -> list[Component]:
    """What does not stand in the list, or too long, each with its count; pressed, it is what the list shows (UX-45, UX-48)."""
    return [
        html.Button(
            [context.say(f"tray.{name}"), " ", html.B("—", **attrs(data_num=True, data_tray_n=name))],
            **attrs(data_tray=name, type="button", aria_pressed="false"),
        )
        for name in ("shelved", "standing", "out_of_service")
    ]


def _many(context: Context) -> list[Component]:
    """Boxes beside the rows, for whoever marks several without a keyboard (UX-49)."""
    if not may(context.role, "alarm.act"):
        return []
    told = attrs(data_pick_many=True, type="button", title=context.say("together.many"), aria_label=context.say("together.many"))
    return [html.Button(icon("check"), className="btn-icon", **told)]


def _map(context: Context) -> Component:
    lon, lat = context.city.centre
    still = may(context.role, "layer.view")
    drawn = live_map.card(context, lon=lon, lat=lat, zoom=context.city.zoom, still=still, marks=may(context.role, "mark.view"))
    return html.Section(
        drawn, className="pane p-map", **attrs(data_tile="map", aria_label=context.say("map"), data_feed="camera_events")
    )


def _timeline(context: Context) -> Component:
    """The last hour; of what is chosen, what happened around it (`assets/06-moments.js`)."""
    note = html.Div(
        html.Span(context.say("timeline.last_hour"), className="muted"), className="tl-note", **attrs(data_tl_note=True)
    )
    head = html.Div([html.H2(context.say("timeline")), note, *replay.opener(context)], className="pane-head")
    classes = [html.Span(context.say(f"class.{name}")) for name in ("alarm", "event", "record")]
    names = html.Div(classes, className="tl-names", **attrs(data_tl_names=True))
    chart = html.Div(id=ids.TIMELINE, className="tl-chart")
    return html.Section([head, html.Div([names, chart], className="tl")], className="pane p-time", **attrs(data_tile="timeline"))


def _side(context: Context) -> Component:
    panels: dict[str, Kpi] = {panel.key: panel for panel in PANELS}
    tiles = html.Div([kpi.card(context, panels[key]) for key in SHOWN], className="tiles")
    return html.Section(
        [
            html.Div(id=ids.DETAIL, className="detail", hidden=True),
            tiles,
            *indicators.strip(context),
            _queue(context, "soon", "reports"),
            _queue(context, "out", "camera_events"),
        ],
        className="pane p-inc",
        **attrs(data_tile="side", aria_label=context.say("numbers")),
    )


def _queue(context: Context, name: str, feed: str) -> Component:
    """A short list of what comes next: reports that fall due, cameras that are out."""
    count = html.Span(className="muted", **attrs(data_queue_n=name, data_num=True))
    head = html.Div([html.H2(context.say(f"side.{name}")), count], className="pane-head")
    rows = html.Ol(className="queue", **attrs(data_queue=name))
    return html.Section([head, rows], className="side-queue", **attrs(data_tile=name, data_feed=feed))


def _feeds(context: Context) -> Component:
    feeds = [
        html.Span(
            [
                icon("camera" if feed.key == "camera_events" else "report"),
                html.B(context.of(feed.name)),
                html.Span(**attrs(data_age=True)),
                age_line(),
            ],
            className="feed",
            **attrs(data_feed=feed.key, data_fresh="none"),
        )
        for feed in context.city.feeds
    ]
    tail = html.Div(
        [
            *(_doubt(context, name) for name in ("unknown_cameras", "dead_letters", "quarantined")),
            html.Span(f"{context.say('version')} {context.version}"),
            html.Button(
                [html.Kbd("?", className="key"), context.say("help.title")],
                className="btn",
                **attrs(data_kind="quiet", data_help=True, type="button"),
            ),
        ],
        className="tail",
    )
    return html.Footer([*feeds, tail], className="feedbar")


def _doubt(context: Context, name: str) -> Component:
    """What came in and is not among the numbers; unknown cameras lead whoever may adopt them to where that is done."""
    told = {
        "className": "doubt",
        "hidden": True,
        "title": context.say(f"doubt.{name}_why"),
        **attrs(data_doubt=name, data_num=True),
    }
    leads = name == "unknown_cameras" and may(context.role, "camera.adopt")
    return html.A(href="/unknown-cameras", **told) if leads else html.Span(**told)


def _tabs(context: Context) -> Component:
    """On a phone one pane is shown at a time."""
    tabs = [
        html.Button(
            [icon(name), context.say(word)], **attrs(data_pane=pane, type="button", aria_pressed=str(pane == "map").lower())
        )
        for pane, name, word in (("list", "menu", "list.alarms"), ("map", "pin", "map"), ("side", "grid", "numbers"))
    ]
    return html.Nav(tabs, className="tabbar", **attrs(aria_label=context.say("nav")))


PAGE = Page(
    key="console",
    path="/console",
    title="Kỳ Đài",
    permission="console.view",
    theme="dark",
    layout=layout,
    assets=ASSETS,
    acts=True,
    films=True,
)
