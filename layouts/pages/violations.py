"""Violations: a queue to review by keyboard, a picture beside it, and the funnel below (docs/violations.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME, may
from dashboard.violations.violation import STATES
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, tongues

STAGES = ("detected", "reviewed", "confirmed", "handed", "decided")


def layout(context: Context) -> html.Div:
    """Return the page; `assets/17-violations.js` fills it."""
    rights = {f"data_{name}s": may(context.role, f"violation.{name}") or None for name in ("review", "hand")}
    return html.Div(
        [
            _head(context),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div([_queue(context), _one(context)], className="vi-panes"),
            html.Div([_funnel(context), _rules(context)], className="vi-figures"),
        ],
        className="report violations",
        **attrs(data_page="violations", **rights),
    )


def _head(context: Context) -> Component:
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("violations.title")), html.Div(className="grow")
    return html.Header([brand(context), title, grow, *demo(context), home, tongues(context, "/violations")], className="r-head")


def _queue(context: Context) -> Component:
    tabs = [
        html.Button(
            [context.say(f"violations.state.{state}"), html.Span("", className="n", **attrs(data_state_n=state, data_num=True))],
            className="tab",
            **attrs(data_state=state, role="tab", aria_selected=str(state == STATES[0]).lower(), type="button"),
        )
        for state in STATES
    ]
    return html.Section(
        [
            html.Div(tabs, className="vi-tabs", role="tablist", **attrs(aria_label=context.say("violations.title"))),
            html.Div(className="vi-filters", **attrs(data_filters=True)),
            html.Ol(
                className="vi-list",
                tabIndex="0",
                **attrs(data_queue=True, role="listbox", aria_label=context.say("violations.title")),
            ),
        ],
        className="r-pane vi-queue",
    )


def _one(context: Context) -> Component:
    return html.Section(html.P(context.say("violations.choose"), className="muted"), className="r-pane", **attrs(data_one=True))


def _funnel(context: Context) -> Component:
    rows = [
        html.Div(
            [
                html.Span(context.say(f"violations.stage.{stage}")),
                html.Progress(max="100", value="0", **attrs(data_bar=stage, aria_hidden="true")),
                html.B("—", **attrs(data_stage=stage, data_num=True)),
            ],
            className="r-row vi-stage",
        )
        for stage in STAGES
    ]
    waits = html.P(className="muted", **attrs(data_waiting=True, data_num=True))
    return html.Section([html.H2(context.say("violations.funnel")), *rows, waits], className="r-pane")


def _rules(context: Context) -> Component:
    note = html.P(context.say("violations.rules_note"), className="muted")
    return html.Section([html.H2(context.say("violations.rules")), note, html.Div(**attrs(data_rules=True))], className="r-pane")


PAGE = Page(
    key="violations",
    path="/violations",
    title="Kỳ Đài",
    permission="violation.view",
    theme="light",
    layout=layout,
    assets=("19-ask.css", "31-report.css", "33-violations.css", "17-violations.js"),
)
