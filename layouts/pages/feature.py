"""One thing of the city: a street light, a drain, a parcel; what stands in its record, where it is, and what happened near it (docs/layers.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME, may
from layouts.kinds import live_map
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, icon, tongues

RADII = (20, 50, 200)
PARTS = ("months", "reports", "alarms", "events", "cameras")


def layout(context: Context, layer: str = "", feature: str = "") -> html.Div:
    """Return the page; `assets/18-feature.js` fills it."""
    lon, lat = context.city.centre
    card = html.Section(html.P("…", className="muted"), className="r-pane ft-card", **attrs(data_feature=True))
    drawn = html.Section(
        live_map.card(context, lon=lon, lat=lat, zoom=17), className="ft-map", **attrs(aria_label=context.say("map"))
    )
    return html.Div(
        [
            _head(context, f"/features/{layer}/{feature}"),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div(
                [
                    html.Div([card, drawn], className="ft-self"),
                    html.Div([_near(context), *(_pane(context, name) for name in PARTS)], className="ft-near"),
                ],
                className="ft-panes",
            ),
        ],
        className="report feature",
        **attrs(data_page="feature", data_layer=layer, data_feature_ref=feature, data_cases=may(context.role, "case.view") or None),
    )


def _head(context: Context, path: str) -> Component:
    show = html.Button(
        [icon("print"), context.say("feature.print")], className="btn print", **attrs(data_print=True, type="button")
    )
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("feature.title"), **attrs(data_layer_title=True)), html.Div(className="grow")
    return html.Header([brand(context), title, grow, *demo(context), home, show, tongues(context, path)], className="r-head")


def _near(context: Context) -> Component:
    """How far from it is looked, and the sums."""
    radii = [
        html.Button(
            context.say("camera.away_m", n=metres),
            **attrs(data_radius=metres, aria_pressed=str(metres == RADII[1]).lower(), type="button"),
        )
        for metres in RADII
    ]
    choice = html.Span(radii, className="seg", role="group", **attrs(aria_label=context.say("feature.radius")))
    head = html.Div([html.H2(context.say("feature.near")), html.Div(className="grow"), choice], className="ft-head")
    return html.Section([head, html.Div(className="ft-sums", **attrs(data_sums=True))], className="r-pane")


def _pane(context: Context, name: str) -> Component:
    told = html.Span("", className="muted", **attrs(data_told=name, data_num=True))
    head = html.Div([html.H2(context.say(f"feature.{name}")), told], className="ft-head")
    return html.Section([head, html.Div(**attrs(data_part=name))], className=f"r-pane ft-{name}")


PAGE = Page(
    key="feature",
    path="/features/<layer>/<feature>",
    title="Kỳ Đài",
    permission="layer.view",
    theme="light",
    layout=layout,
    assets=("31-report.css", "20-console.css", "34-feature.css", *live_map.HERE, "18-feature.js", *live_map.ASSETS),
)
