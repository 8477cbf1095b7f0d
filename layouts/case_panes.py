"""The two panes in which citizens' reports are worked on: the list, and the one in view. The centre's page and a unit's share them."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.access import may
from dashboard.reports.sheet import FORMS
from layouts import ids
from layouts.bar import clock, nav, person
from layouts.kinds.live_map import ASSETS as MAP
from layouts.kinds.live_map import HERE, card
from layouts.page import Context
from layouts.parts import attrs, brand, counts, demo, icon, tongues

FIRST = "in_progress"
ASSETS = (
    "19-ask.css",
    "20-console.css",
    "33-reports.css",
    "03-panels.js",
    "06-incident-acts.js",
    "06-report-acts.js",
    "06-report-letters.js",
    "06-report-photos.js",
    "06-report-place.js",
    "06-report-seen.js",
    "17-report-one.js",
    "18-reports.js",
    "18-reports-export.js",
    "18-reports-filters.js",
    "18-reports-picked.js",
    "18-reports-rows.js",
    *HERE,
    *MAP,
)


def panes(context: Context, here: str, path: str, *, tabs: Sequence[str], filters: Sequence[str]) -> html.Div:
    """Return a page; `assets/18-reports.js` fills the list, `assets/17-report-one.js` the one that is looked at."""
    return html.Div(
        [
            html.H1(context.say("case.title"), className="sr"),
            _statebar(context, here, path),
            html.Div(className="banners", **attrs(data_banners=True, role="alert", aria_live="assertive")),
            _tabs(context, tabs),
            _list(context, filters),
            _one(context),
        ],
        className="rp",
        **attrs(
            data_page="reports",
            data_enters=may(context.role, "case.enter") or None,
            data_picks=may(context.role, "case.verify") or None,
            data_me=context.name,
        ),
    )


def _statebar(context: Context, here: str, path: str) -> Component:
    return html.Header(
        [
            brand(context),
            nav(context, here),
            html.Div(counts(context), className="sb-alarms"),
            html.Div(className="grow"),
            *([html.Div(demo(context))] if context.demo else []),
            html.Div(tongues(context, path)),
            clock(),
            person(context),
        ],
        id=ids.STATEBAR,
        className="statebar",
    )


def _tabs(context: Context, names: Sequence[str]) -> Component:
    tabs = [
        html.Button(
            [context.say(f"case.tab.{name}"), html.Span("", className="n", **attrs(data_num=True, data_n=name))],
            className="tab",
            **attrs(
                data_tab=name,
                type="button",
                role="tab",
                aria_selected=str(name == FIRST).lower(),
                data_late=True if name == "overdue" else None,
            ),
        )
        for name in names
    ]
    enter = html.Button(
        [icon("plus"), html.Span(context.say("case.enter")), html.Kbd("N", className="key", **attrs(data_code=True))],
        className="btn rp-enter",
        **attrs(data_kind="strong", data_enter=True, type="button"),
    )
    shown = [
        *_rules(context),
        *([enter] if may(context.role, "case.enter") else []),
    ]
    row = html.Div(tabs, className="tabs", role="tablist", **attrs(aria_label=context.say("case.title")))
    return html.Section([row, html.Span(className="grow"), *shown], className="rp-tabs")


def _rules(context: Context) -> list[Component]:
    """Return the way to where rules are tried: beside the tabs on a desk, under the list on a telephone."""
    link = html.A(context.say("trial.link"), href="/report-rules", className="btn rp-rules", **attrs(data_kind="quiet"))
    return [link] if may(context.role, "case.try") else []


def _list(context: Context, filtered: Sequence[str]) -> Component:
    search = html.Label(
        [
            icon("search"),
            html.Span(context.say("case.search"), className="sr"),
            html.Span(**attrs(data_seek=True)),
            html.Kbd("/", className="key"),
        ],
        className="field",
    )
    filters = [html.Span(className="rp-sel", **attrs(data_filter=name)) for name in filtered]
    order = html.Span(context.say("case.order.due"), className="faint rp-order", **attrs(data_order=True))
    unit = "unit" if may(context.role, "case.view") else "part"  # a unit's people see how their own part stands
    clear = html.Button(
        context.say("case.filter.all"), className="btn", hidden=True, **attrs(data_unfilter=True, data_kind="quiet", type="button")
    )
    columns = {"number": "number", "about": "about", "unit": unit, "due": "due", "left": "left"}
    head = [html.Span(context.say(f"case.col.{word}"), className=f"rp-{name}") for name, word in columns.items()]
    scroll = html.Div(
        html.Div(className="rp-space", **attrs(data_space=True, role="presentation")),
        className="rp-scroll",
        tabIndex="0",
        **attrs(
            data_rows=True,
            role="listbox",
            aria_label=context.say("case.title"),
            aria_multiselectable="true" if may(context.role, "case.verify") else None,
        ),
    )
    return html.Section(
        [
            html.Div([search, *filters, clear, html.Span(className="grow"), order], className="rp-filter"),
            html.Div(head, className="rp-head", **attrs(aria_hidden="true")),
            scroll,
            html.Div(className="rp-note", hidden=True, **attrs(data_list_note=True, role="status")),
            _picked(context),
            html.Div(_foot(context), className="rp-foot"),
        ],
        className="pane rp-list",
    )


def _picked(context: Context) -> Component:
    bar = attrs(data_picked_bar=True, aria_label=context.say("together"))
    return html.Div(className="picked-bar", hidden=True, role="toolbar", **bar)


def _foot(context: Context) -> list[Component]:
    return [
        html.Span(className="grow", **attrs(data_window=True, data_num=True)),
        *_rules(context),
        *([_export(context)] if may(context.role, "case.export") else []),
        html.Span(
            [
                html.Kbd("J", className="key", **attrs(data_code=True)),
                html.Kbd("K", className="key", **attrs(data_code=True)),
                context.say("case.key.move"),
            ]
        ),
        html.Span([html.Kbd("Enter", className="key"), context.say("case.key.open")]),
        *(
            [html.Span([html.Kbd("X", className="key", **attrs(data_code=True)), context.say("case.key.mark")])]
            if may(context.role, "case.verify")
            else []
        ),
    ]


def _export(context: Context) -> Component:
    forms = [
        html.Button(form.upper(), className="btn", **attrs(data_export=form, data_kind="quiet", data_code=True, type="button"))
        for form in FORMS
    ]
    return html.Span([html.Span(context.say("case.export")), *forms], className="rp-export")


def _one(context: Context) -> Component:
    """Return the pane of the one that is looked at. The map stays where it is; what is around it is painted anew."""
    lon, lat = context.city.centre
    back = html.Button(context.say("case.back"), className="btn rp-back", **attrs(data_back=True, data_kind="quiet", type="button"))
    return html.Section(
        [
            back,
            html.P(context.say("case.choose"), className="muted rp-none", **attrs(data_none=True)),
            html.Div(className="rp-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div(className="rp-top", **attrs(data_one_head=True)),
            html.Div(
                [
                    html.Div(
                        [html.Div(**attrs(data_one_facts=True)), card(context, lon=lon, lat=lat, zoom=16.0)], className="rp-facts"
                    ),
                    html.Div(**attrs(data_one_body=True)),
                ],
                className="rp-body",
                tabIndex=0,  # it scrolls, and whoever has no mouse scrolls it too
            ),
            html.Div(className="rp-acts", **attrs(data_one_acts=True)),
        ],
        className="pane rp-one",
        tabIndex="-1",
        **attrs(data_one=True, aria_label=context.say("case.one")),
    )
