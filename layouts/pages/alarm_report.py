"""How the alarm system does: a shift, a day or a month, beside the one before (UX-56)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME
from dashboard.alarms.report import PERIODS
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, icon, tongues

TILES = ("raised", "per_window", "windows_over", "ack_median_s", "top_share", "chattering", "standing", "shelved", "floods")


def layout(context: Context) -> html.Div:
    """Return the page; `assets/15-alarm-report.js` fills it."""
    tiles = html.Section([_tile(context, key) for key in TILES], className="r-tiles")
    mix, top = _pane(context, "mix"), _pane(context, "top")
    return html.Div(
        [
            _head(context),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            tiles,
            html.Div([mix, top], className="r-panes"),
        ],
        className="report",
        **attrs(data_page="alarm_report"),
    )


def _head(context: Context) -> Component:
    periods = [
        html.Button(
            context.say(f"report.period.{name}"),
            **attrs(data_period=name, aria_pressed=str(name == PERIODS[0]).lower(), type="button"),
        )
        for name in PERIODS
    ]
    steps = [
        html.Button(context.say(f"report.{name}"), className="btn", **attrs(data_step=step, type="button"))
        for name, step in (("earlier", "1"), ("later", "-1"))
    ]
    span = html.Span(
        [html.B("—", **attrs(data_span=True, data_num=True)), html.Span(**attrs(data_before=True))], className="r-span"
    )
    show = html.Button([icon("print"), context.say("leader.print")], className="btn print", **attrs(data_print=True, type="button"))
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    return html.Header(
        [
            brand(context),
            html.H1(context.say("report.title")),
            html.Span(periods, className="seg", role="group", **attrs(aria_label=context.say("leader.period"))),
            html.Span(steps, className="r-steps"),
            span,
            html.Div(className="grow"),
            *demo(context),
            home,
            show,
            tongues(context, "/alarm-report"),
        ],
        className="r-head",
    )


def _tile(context: Context, key: str) -> Component:
    return html.Article(
        [
            html.H2(context.say(f"report.{key}")),
            html.B("—", className="r-value", **attrs(data_value=key, data_num=True)),
            html.Span("", className="r-goal", **attrs(data_goal=key)),
            html.Span("—", className="r-was", **attrs(data_was=key, data_num=True)),
        ],
        className="r-tile",
    )


def _pane(context: Context, key: str) -> Component:
    return html.Section(
        [html.H2(context.say(f"report.{key}")), html.Div(**attrs(data_list=key))], className="r-pane", **attrs(data_tile=key)
    )


PAGE = Page(
    key="alarm_report",
    path="/alarm-report",
    title="Kỳ Đài",
    permission="report.view",
    theme="light",
    layout=layout,
    assets=("31-report.css", "15-alarm-report.js"),
)
