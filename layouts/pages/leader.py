"""The leader's page: six answers, who needs direction, and where."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component
from msgspec import json

from dashboard.catalogue import FIGURES, figure
from dashboard.panels.cameras_online import PANEL as CAMERAS
from dashboard.periods import PERIODS
from layouts.kinds import indicators
from layouts.page import Context, Page
from layouts.parts import age_line, attrs, brand, demo, icon, tongues

ASSETS = (
    *indicators.ASSETS,
    "19-ask.css",
    "30-leader.css",
    "31-leader-over.css",
    "13-leader-over.js",
    "13-leader-parts.js",
    "13-leader-wards.js",
    "13-leader-week.js",
    "14-leader.js",
    "14-leader-items.js",
)
# Each tile and the feed that its age is taken from.
TILES = (
    ("reports_received", "reports"),
    ("reports_on_time", "reports"),
    ("reports_overdue", "reports"),
    ("satisfaction", "reports"),
    ("median_hours", "reports"),
    ("cameras_online", "camera_events"),
)


def layout(context: Context) -> html.Div:
    """Return the page; `assets/14-leader.js` fills it."""
    return html.Div(
        [
            _head(context),
            html.Div(className="banners", **attrs(data_banners=True, role="alert")),
            _tiles(context),
            _ranking(context),
            _map(context),
            _act(context),
            _fields(context),
            _course(context),
            _printed(context),
            _tabbar(context),
        ],
        className="leader",
        **attrs(data_page="leader"),
    )


def _head(context: Context) -> Component:
    show = html.Button([icon("print"), context.say("leader.print")], className="btn print", **attrs(data_print=True, type="button"))
    return html.Header(
        [
            brand(context),
            html.H1(context.say("leader.title")),
            _periods(context),
            html.Span(
                [html.B("—", **attrs(data_span=True, data_num=True)), html.Span(**attrs(data_compared=True))], className="l-range"
            ),
            html.Div(className="grow"),
            *demo(context),
            _wards(),
            html.Span(
                [
                    html.B("—", **attrs(data_clock=True, data_time=True, data_num=True)),
                    html.Span(
                        [
                            html.Span([html.Span(**attrs(data_short_date=True, data_num=True)), " · "], className="l-day"),
                            html.Span("—", **attrs(data_feeds=True)),
                            " ",
                            context.say("feeds"),
                        ]
                    ),
                ],
                className="l-as",
            ),
            show,
            tongues(context, "/leader"),
            html.A(
                html.Span(context.name[:2].upper() or "?", className="avatar"), href="/account", className="who", title=context.name
            ),
        ],
        id="statebar",
        className="l-head",
    )


def _periods(context: Context) -> Component:
    buttons = [
        html.Button(
            context.say(f"leader.period.{name}"),
            **attrs(data_period=name, aria_pressed=str(name == "month").lower(), type="button"),
        )
        for name in PERIODS
    ]
    custom = html.Button(context.say("leader.period.custom"), **attrs(data_custom=True, aria_pressed="false", type="button"))
    return html.Span([*buttons, custom], className="seg periods", role="group", **attrs(aria_label=context.say("leader.period")))


def _wards() -> Component:
    """The choice of a part of the city; `assets/13-leader-parts.js` fills it in."""
    return html.Span(className="field l-ward", **attrs(data_wards=True))


def _tiles(context: Context) -> Component:
    return html.Section(
        [*(_tile(context, *tile) for tile in TILES), *indicators.strip(context)], className="l-tiles", id="l-overview"
    )


def _tile(context: Context, key: str, feed: str) -> Component:
    told = context.of(CAMERAS.formula if key == CAMERAS.key else figure(key).formula)
    info = html.Button(
        icon("info"),
        className="i",
        title=told,
        **attrs(aria_label=f"{context.say('leader.formula')}: {told}", type="button", data_formula=told),
    )
    refs = [
        html.Div(
            [
                html.Span(context.say(f"compare.{which}")),
                html.Span("—", className="num", **attrs(data_compare=which, data_num=True)),
            ],
            className="kpi-ref",
        )
        for which in ("previous", "last_year")
    ]
    return html.Article(
        [
            html.Div([html.Span(context.say(f"leader.tile.{key}")), info], className="kpi-head"),
            html.Div(
                [
                    html.Button(html.B("—", **attrs(data_num=True, data_value=True)), className="to-list", **attrs(type="button")),
                    html.Small("", **attrs(data_of=True)),
                    html.Span("", className="verdict", **attrs(data_verdict="none")),
                ],
                className="kpi-val",
            ),
            html.Div(html.Span("", **attrs(data_goal=True, data_num=True)), className="kpi-goal"),
            html.Div(className="spark", **attrs(data_spark=True)),
            *refs,
            html.Div(html.Span("", **attrs(data_foot=True)), className="kpi-foot"),
            age_line(),
        ],
        className="kpi l-kpi",
        **attrs(data_tile=key, data_figure=key, data_feed=feed, data_fresh="none", data_state="none"),
    )


def _pane(context: Context, name: str, title: str, note: str, body: Sequence[Component], *aside: Component) -> Component:
    told = html.Span(context.say(note) if note else "", className="muted", **attrs(data_note=name))
    head = html.Div([html.H2(context.say(title)), told, *aside], className="pane-head")
    return html.Section([head, *body], className=f"pane l-{name}", id=f"l-{name}", **attrs(data_tile=name))


def _ranking(context: Context) -> Component:
    heads = [
        html.Th(className="nth"),
        html.Th(context.say("leader.ward"), **attrs(data_rank_head=True)),
        html.Th(html.Span(**attrs(data_mark=True)), className="dot"),
        html.Th("%", className="num"),
        html.Th(context.say("leader.due"), className="num vol"),
        html.Th(context.say("leader.overdue"), className="num"),
        html.Th(context.say("leader.rank"), className="num"),
    ]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(**attrs(data_ranking=True))], className="rank")
    more = html.Button(className="more", **attrs(data_more=True, type="button"))
    dims = [html.Button(context.say(f"leader.by_{dim}"), **attrs(data_rank_dim=dim, type="button")) for dim in ("ward", "unit")]
    switch = html.Span(dims, className="seg", role="group", **attrs(aria_label=context.say("leader.ranking")))
    return _pane(context, "rank", "leader.ranking", "", [html.Div(table, className="rank-box"), more], switch)


def _map(context: Context) -> Component:
    schematic = html.Span(context.say("leader.schematic"), className="pill", **attrs(data_kind="dq"))
    drawn = [
        html.Div(className="choro-box", **attrs(data_choropleth=True)),
        html.Div(className="ch-leg", **attrs(data_legend=True)),
        html.Div(className="l-over", hidden=True, **attrs(data_over=True)),
    ]
    spots = html.Span(className="l-spots", **attrs(data_spots_of=True))
    return _pane(
        context, "map", "leader.ward_map", "leader.ward_map_note", drawn, *([schematic] if context.city.schematic else []), spots
    )


def _course(context: Context) -> Component:
    """The hours of the week, and the course day by day, for which the plot is fetched only when somebody looks."""
    kinds = [
        html.Button(context.say(f"leader.course_{kind}"), **attrs(data_course=kind, type="button")) for kind in ("week", "trend")
    ]
    switch = html.Span(kinds, className="seg", role="group", **attrs(aria_label=context.say("leader.week")))
    drawn = [html.Div(className="week-box", **attrs(data_week=True)), html.Div(id="trend", className="plot", hidden=True)]
    return _pane(context, "trend", "leader.week", "", drawn, switch)


def _printed(context: Context) -> Component:
    """What stands on paper alone: every figure with its formula, when it was told and from how many sources."""
    heads = [context.say(f"leader.{word}") for word in ("code", "figure", "value", "previous", "last_year", "formula")]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(head) for head in heads])), html.Tbody(**attrs(data_figures=True))], className="rank"
    )
    words = {one.key: (context.of(one.title), context.of(one.formula)) for one in FIGURES}
    sources = html.Span([html.Span("—", **attrs(data_feeds=True)), " ", context.say("feeds")])
    told = html.P([html.Span(**attrs(data_printed=True)), " · ", sources], className="muted")
    held = html.Span(json.encode(words).decode(), hidden=True, **attrs(data_catalogue=True))
    return html.Section(
        [html.H2(context.say("leader.all_figures")), told, table, held], className="l-printed", **attrs(data_on_paper=True)
    )


def _act(context: Context) -> Component:
    return _pane(context, "mat", "leader.act", "", [html.Ol(className="matters", **attrs(data_act=True))])


def _fields(context: Context) -> Component:
    return _pane(
        context, "field", "leader.by_field", "leader.by_field_note", [html.Div(className="fields", **attrs(data_bars=True))]
    )


def _tabbar(context: Context) -> Component:
    tabs = [
        html.A(
            [icon(name), context.say(word)],
            href=f"#l-{anchor}",
            **attrs(aria_current="page" if anchor == "overview" else None),
        )
        for anchor, name, word in (
            ("overview", "grid", "leader.overview"),
            ("rank", "up", "leader.ranked"),
            ("field", "doc", "leader.field"),
            ("map", "pin", "leader.map"),
        )
    ]
    return html.Nav(tabs, className="l-tabs", **attrs(aria_label=context.say("nav")))


PAGE = Page(key="leader", path="/leader", title="Kỳ Đài", permission="leader.view", theme="light", layout=layout, assets=ASSETS)
