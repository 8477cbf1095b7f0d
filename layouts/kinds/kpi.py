"""One number with its reference, its feed and its age."""

from dash import html

from dashboard.panel import Kpi
from layouts.page import Context
from layouts.parts import age_line, attrs, icon


def card(context: Context, kpi: Kpi) -> html.Article:
    """Return the tile; `assets/03-panels.js` fills it."""
    formula = context.of(kpi.formula)
    told = html.Button(
        icon("info"), className="i", title=formula, **attrs(aria_label=f"{context.say('leader.formula')}: {formula}", type="button")
    )
    return html.Article(
        [
            html.Div([html.Span(context.of(kpi.title)), told], className="kpi-head"),
            html.Div(
                [html.B("—", **attrs(data_num=True, data_value=True)), html.Small(**attrs(data_of=True))], className="kpi-val"
            ),
            html.Div(
                [html.Span(className="verdict", **attrs(data_verdict="none")), html.Span(**attrs(data_goal=True))],
                className="kpi-goal",
            ),
            html.Div(html.Span(**attrs(data_ref=True)), className="kpi-ref"),
            html.Div(html.Span(**attrs(data_foot=True)), className="kpi-foot"),
            age_line(),
        ],
        className="kpi",
        **attrs(data_tile=kpi.key, data_kpi=kpi.key, data_feed=kpi.feed, data_fresh="none", data_state="none"),
    )
