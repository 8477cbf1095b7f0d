"""What would happen to a report: an imagined one, and which rule decides, who gets it, by when and why (docs/reports.md)."""

from dash import html
from dash.development.base_component import Component

from layouts.kinds import live_map
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, tongues

PATH = "/report-rules"


def layout(context: Context) -> html.Div:
    """Return the page; `assets/19-report-rules.js` fills it. What is typed stands in no address and is kept nowhere."""
    result = html.P(context.say("trial.empty"), className="muted rt-empty")
    return html.Div(
        [
            _head(context),
            html.Div(
                [_form(context), html.Div(result, className="rt-result", **attrs(data_result=True, aria_live="polite"))],
                className="rt-panes",
            ),
        ],
        className="report report-rules",
        **attrs(data_page="report_rules"),
    )


def _head(context: Context) -> Component:
    home = html.A(context.say("case.title"), href="/reports", className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("trial.title")), html.Div(className="grow")
    return html.Header([brand(context), title, grow, *demo(context), home, tongues(context, PATH)], className="r-head")


def _form(context: Context) -> Component:
    lon, lat = context.city.centre
    drawn = live_map.card(context, lon=lon, lat=lat, zoom=context.city.zoom)
    return html.Section(
        [
            html.H2(context.say("trial.form")),
            html.P(context.say("trial.form_note"), className="muted"),
            html.Div(**attrs(data_form=True)),
            html.Div(drawn, className="uc-map rt-map"),
            html.P(context.say("trial.place"), className="muted rt-hint"),
        ],
        className="r-pane rt-form",
    )


PAGE = Page(
    key="report_rules",
    path=PATH,
    title="Kỳ Đài",
    permission="case.try",
    theme="light",
    layout=layout,
    assets=(
        *live_map.ASSETS,
        "19-ask.css",
        "31-report.css",
        "33-unknown-cameras.css",
        "35-report-rules.css",
        "06-incident-acts.js",
        "06-report-acts.js",
        "19-report-rules.js",
    ),
)
