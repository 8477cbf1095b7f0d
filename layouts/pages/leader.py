"""The leader's page: six answers, who needs direction, and where."""

from dash import html
from dash.development.base_component import Component

from dashboard.leader import PERIODS
from layouts.page import Context, Page
from layouts.parts import age_line, attrs, brand, demo, icon, tongues

# Each tile and the feed that its age is taken from.
TILES = (
    ("reports_received", "reports"),
    ("reports_on_time", "reports"),
    ("reports_overdue", "reports"),
    ("median_hours", "reports"),
    ("events", "camera_events"),
    ("cameras_online", "camera_events"),
)


def layout(context: Context) -> html.Div:
    """Return the page; `assets/leader.js` fills it."""
    return html.Div(
        [
            _head(context),
            html.Div(className="banners", **attrs(data_banners=True, role="alert")),
            _tiles(context),
            _ranking(context),
            _trend(context),
            _act(context),
            _fields(context),
            _tabbar(context),
        ],
        className="leader",
        **attrs(data_page="leader"),
    )


def _head(context: Context) -> Component:
    periods = [
        html.Button(
            context.say(f"leader.period.{name}"),
            **attrs(data_period=name, aria_pressed=str(name == "month").lower(), type="button"),
        )
        for name in PERIODS
    ]
    span = html.Span(
        [html.B("—", **attrs(data_span=True, data_num=True)), html.Small("", **attrs(data_compared=True, data_num=True))],
        className="sb-stack span",
    )
    at = html.Span(
        [
            html.B("—", **attrs(data_clock=True, data_time=True, data_num=True)),
            html.Small([html.Span("—", **attrs(data_feeds=True)), " ", context.say("feeds")]),
        ],
        className="sb-stack at",
    )
    show = html.Button([icon("print"), context.say("leader.print")], className="btn print", **attrs(data_print=True, type="button"))
    return html.Header(
        [
            brand(context),
            html.H1(context.say("leader.title")),
            html.Span(periods, className="seg periods"),
            span,
            html.Div(className="grow"),
            *demo(context),
            at,
            show,
            tongues(context, "/leader"),
        ],
        id="statebar",
        className="l-head",
    )


def _tiles(context: Context) -> Component:
    return html.Section([_tile(context, *tile) for tile in TILES], className="l-tiles", id="l-overview")


def _tile(context: Context, key: str, feed: str) -> Component:
    told = context.say(f"leader.formula.{key}")
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
                    html.B("—", **attrs(data_num=True, data_value=True)),
                    html.Small("", **attrs(data_of=True)),
                    html.Span("", className="verdict", **attrs(data_verdict="none")),
                ],
                className="kpi-val",
            ),
            html.Div(html.Span("", **attrs(data_goal=True, data_num=True)), className="kpi-goal"),
            html.Div(className="sparkbox", **attrs(data_spark=True)),
            *refs,
            html.Div(html.Span("", **attrs(data_foot=True)), className="kpi-foot"),
            age_line(),
        ],
        className="kpi l-kpi",
        **attrs(data_tile=key, data_figure=key, data_feed=feed, data_fresh="none", data_state="none"),
    )


def _pane(context: Context, name: str, title: str, note: str, body: Component) -> Component:
    head = html.Div(
        [html.H2(context.say(title)), html.Span(context.say(note) if note else "", className="muted", **attrs(data_note=name))],
        className="pane-head",
    )
    return html.Section([head, body], className=f"pane l-{name}", id=f"l-{name}", **attrs(data_tile=name))


def _ranking(context: Context) -> Component:
    heads = [html.Th(context.say(f"leader.{word}")) for word in ("rank", "ward", "on_time", "closed", "overdue")]
    return _pane(
        context, "ranking", "leader.ranking", "", html.Table([html.Thead(html.Tr(heads)), html.Tbody(**attrs(data_ranking=True))])
    )


def _trend(context: Context) -> Component:
    return _pane(context, "trend", "leader.trend", "leader.trend_note", html.Div(id="trend", className="plot"))


def _act(context: Context) -> Component:
    return _pane(context, "act", "leader.act", "", html.Ol(**attrs(data_act=True)))


def _fields(context: Context) -> Component:
    return _pane(context, "fields", "leader.by_field", "leader.by_field_note", html.Div(className="bars", **attrs(data_bars=True)))


def _tabbar(context: Context) -> Component:
    tabs = [
        html.A([icon(name), context.say(word)], href=f"#l-{anchor}")
        for anchor, name, word in (
            ("overview", "grid", "leader.overview"),
            ("ranking", "up", "leader.rank"),
            ("fields", "doc", "leader.field"),
            ("trend", "repeat", "leader.trend"),
        )
    ]
    return html.Nav(tabs, className="tabbar", **attrs(aria_label=context.say("nav")))


PAGE = Page(key="leader", path="/leader", title="Kỳ Đài", permission="leader.view", theme="light", layout=layout)
