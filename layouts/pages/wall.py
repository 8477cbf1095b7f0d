"""A wall: one look says whether all is well (screens.md §6.2). Nothing on it is touched, and nothing moves."""

from dash import html
from dash.development.base_component import Component

from dashboard.city import WallPlan
from layouts.kinds import live_map, replay
from layouts.page import Context, Page
from layouts.parts import age_line, attrs, counts, demo, icon

ASSETS = (
    *live_map.ASSETS,
    *live_map.MARKS,
    *live_map.TILES,
    "10-wall-layers.js",
    "21-wall.css",
    "23-wall-far.css",
    "03-panels.js",
    *replay.ASSETS,
    "10-wall.js",
)
KPIS = ("reports_overdue", "reports_on_time")
LONG_NAME = 5  # letters of a city that still stand in one line beside the clock


def layout(context: Context, name: str = "") -> html.Div:
    """Return the wall of that name; an unknown one is shown as the first, which says its own name."""
    plan = next((wall for wall in context.city.walls if wall.name == name), context.city.walls[0])
    return html.Div(
        [
            _head(context),
            _map(context, plan),
            _alarms(context),
            _kpis(context),
            _feeds(context),
            html.Div(className="w-lost", hidden=True, role="alert"),
        ],
        className="wall",
        **attrs(data_page="wall", data_diag=plan.diag_in, data_cols=plan.cols, data_rows=plan.rows, data_dist=plan.dist_m),
    )


def _head(context: Context) -> Component:
    told = context.of(context.city.name)
    words = html.B(told, **attrs(data_read="must", data_long=True if len(told) > LONG_NAME else None))
    name = html.Span([html.I(className="brand-mark"), words], className="w-brand")
    clock = html.Span("—", className="w-clock", **attrs(data_read="headline", data_time=True, data_num=True, data_clock=True))
    date = html.Span("", className="w-date", **attrs(data_read="must", data_num=True, data_short_date=True))
    return html.Header(
        [name, html.Span(counts(context, wall=True), className="w-counts"), clock, date],
        id="statebar",
        className="w-head",
        **attrs(data_tile="state"),
    )


def _map(context: Context, plan: WallPlan) -> Component:
    drawn = live_map.card(context, lon=plan.centre[0], lat=plan.centre[1], zoom=plan.zoom, wall=True)
    told = f"{context.of(plan.title)} · {context.say('wall.version', n=context.version)}"
    foot = html.Div([*demo(context), html.Span(told, **attrs(data_num=True, data_build=True))], className="w-build")
    return html.Section(
        [drawn, foot],
        className="w-map",
        **attrs(data_tile="map", data_feed="camera_events", data_wall_layers=plan.name if plan.layers else None),
    )


def _alarms(_context: Context) -> Component:
    return html.Section(
        [html.Ol(), html.P("", className="w-more", **attrs(data_read="must", data_num=True))],
        className="w-al",
        **attrs(data_tile="alarms", data_feed="camera_events"),
    )


def _kpis(context: Context) -> Component:
    return html.Section(
        [_kpi(context, key, word) for key, word in zip(KPIS, ("wall.overdue", "wall.on_time"), strict=True)], className="w-kpis"
    )


def _kpi(context: Context, key: str, word: str) -> Component:
    return html.Div(
        [
            html.Span(context.say(word), className="w-l", **attrs(data_read="must")),
            html.B("—", className="w-v", **attrs(data_read="headline", data_num=True, data_value=True)),
            html.Span("", className="w-r", **attrs(data_ref=True, data_num=True)),
            age_line(),
        ],
        className="w-kpi",
        **attrs(data_kpi=key, data_feed="reports", data_fresh="none", data_tile=key),
    )


def _feeds(context: Context) -> Component:
    rows = (("camera_events", "wall.online", "cameras"), ("reports", "wall.reports", "reports"))
    return html.Section([_feed(context, feed, word, shows) for feed, word, shows in rows], className="w-feeds")


def _feed(context: Context, feed: str, word: str, shows: str) -> Component:
    name = html.Span(
        [html.Span(context.say(word)), " ", html.Span("—", **attrs(data_shows=shows, data_num=True))], **attrs(data_read="must")
    )
    age = html.B("—", **attrs(data_read="must", data_num=True, data_age=True))
    return html.Div(
        [icon("aged"), name, age, age_line()], className="w-feed", **attrs(data_feed=feed, data_fresh="none", data_tile=feed)
    )


PAGE = Page(key="wall", path="/wall/<name>", title="Kỳ Đài", permission="wall.view", theme="dark", layout=layout, assets=ASSETS)
