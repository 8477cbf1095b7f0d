"""Incidents: what is open under whom, and one of them whole: what belongs to it, and what was done, to the second (docs/incidents.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME, may
from dashboard.incidents.incident import OUTCOMES
from layouts.kinds.live_map import HERE
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, icon, tongues

FILTERS = ("open", "mine", "closed")


def layout(context: Context) -> html.Div:
    """Return the page; `assets/17-incidents.js` fills it."""
    return html.Div(
        [
            _head(context),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div([_list(context), _whole(context)], className="in-panes"),
        ],
        className="report incidents",
        **attrs(
            data_page="incidents",
            data_incident_acts=may(context.role, "incident.act") or None,
            data_incident_leads=may(context.role, "incident.lead") or None,
            data_outcomes=" ".join(OUTCOMES),
        ),
    )


def _head(context: Context) -> Component:
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    show = html.Button(
        [icon("print"), context.say("incident.print")],
        className="btn print",
        disabled=True,
        **attrs(data_print=True, type="button"),
    )
    title, grow = html.H1(context.say("incident.title")), html.Div(className="grow")
    return html.Header(
        [brand(context), title, grow, *demo(context), home, show, tongues(context, "/incidents")], className="r-head"
    )


def _list(context: Context) -> Component:
    filters = [
        html.Button(
            [context.say(f"incident.filter.{name}"), " ", html.Span(className="n", **attrs(data_num=True, data_n=name))],
            **attrs(data_filter=name, type="button", aria_pressed=str(name == FILTERS[0]).lower()),
        )
        for name in FILTERS
    ]
    search = html.Label(
        [icon("search"), html.Span(context.say("incident.search"), className="sr"), html.Span(**attrs(data_search=True))],
        className="field",
    )
    return html.Section(
        [
            html.Div(
                [
                    html.Span(filters, className="seg", role="group", **attrs(aria_label=context.say("incident.filter"))),
                    search,
                ],
                className="in-tools",
            ),
            html.Div("…", className="in-list", **attrs(data_incidents=True)),
        ],
        className="r-pane in-listed",
    )


def _whole(context: Context) -> Component:
    return html.Section(
        html.P(context.say("incident.choose"), className="muted"), className="r-pane in-whole", **attrs(data_incident=True)
    )


PAGE = Page(
    key="incidents",
    path="/incidents",
    title="Kỳ Đài",
    permission="incident.view",
    theme="light",
    layout=layout,
    assets=("19-ask.css", "31-report.css", "33-incidents.css", *HERE, "06-incident-acts.js", "17-incidents.js"),
)
