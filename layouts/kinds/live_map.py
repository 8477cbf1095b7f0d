"""The map whose base and markers `assets/09-map.js` draws; Dash only lays out its frame."""

import dash_leaflet as dl
from dash import html

from dashboard.access import may
from layouts import ids
from layouts.page import Context
from layouts.parts import attrs, icon

ASSETS = (
    "dash_leaflet",
    "08-map-base.js",
    "08-map-canvas.js",
    "08-map-shapes.js",
    "08-map-tiles.js",
    "09-map-report-signs.js",
    "09-map-reports.js",
    "09-map.js",
)
MARKS = ("09-marks.js", "24-marks.css")  # beside them, where what people draw is shown
CONES = ("10-view-cones.js",)  # what each camera sees, from near
SHADES = ("10-ward-shades.js", "24-ward-shades.css")  # wards by a figure
SPOTS = ("10-hot-spots.js", "24-hot-spots.css")  # where most happens
DRAWN = (*MARKS, "10-marks-draw.js", "10-marks-list.js")  # and where they draw it
TILES = ("09-still-tiles.js",)  # what draws the city's own layers
STILL = (*TILES, "09-still-layers.js", "09-still-remote.js", "24-layers.css")  # beside them, where the city's own layers are shown
HERE = ("24-here.css", "06-here.js")  # and what they know of a place, wherever it is told
ASKED = (*STILL, *HERE, *DRAWN, *SPOTS, *SHADES, *CONES)  # what only whoever works on the map is given


def card(
    context: Context, *, lon: float, lat: float, zoom: float, wall: bool = False, still: bool = False, marks: bool = False
) -> html.Div:
    """Return an empty map at a place. A wall's map has no tools and does not move.

    `still`: the city's own layers can be shown; `marks`: what people draw is listed.
    """
    moves = not wall
    leaflet = dl.Map(
        [],
        id=ids.MAP,
        center=[lat, lon],
        zoom=zoom,
        zoomSnap=0.1,
        zoomDelta=0.5,
        minZoom=9,
        maxZoom=18,
        zoomControl=False,
        attributionControl=False,
        dragging=moves,
        scrollWheelZoom=moves,
        doubleClickZoom=moves,
        boxZoom=False,
        keyboard=False,
        trackViewport=False,
        className="leaflet",
    )
    return html.Div(
        [leaflet, *([] if wall else _tools(context, still=still, marks=marks))],
        className="map",
        **attrs(data_map="wall" if wall else "console"),
    )


def _tools(context: Context, *, still: bool, marks: bool) -> list[html.Div]:
    layers = [
        html.Button(context.say(f"map.{name}"), **attrs(data_layer=name, aria_pressed="true", type="button"))
        for name in ("wards", "cameras", "reports", "alarms")
    ]
    zoom = [
        html.Button(icon(name), className="btn-icon", **attrs(data_zoom=act, aria_label=context.say(f"map.{act}"), type="button"))
        for name, act in (("plus", "in"), ("minus", "out"), ("target", "home"))
    ]
    legend = [
        html.Span([html.I(className="mk-key", **attrs(data_cam=state)), context.say(f"map.{word}")]) for state, word in LEGEND
    ]
    extent = html.Button(context.say("map.extent"), **attrs(data_extent=True, aria_pressed="false", type="button"))
    schematic = (
        [html.Span(context.say("map.schematic"), className="pill", **attrs(data_kind="dq"))] if context.city.schematic else []
    )
    return [
        html.Div(
            [
                html.Span(layers, className="seg"),
                *([_still(context)] if still else []),
                *([_marks(context)] if marks else []),
                html.Span(extent, className="seg"),
            ],
            className="map-tool mt-layers",
        ),
        *([html.Div(id=ids.STILL, className="still", hidden=True, **attrs(data_still_layers=True))] if still else []),
        *(_marked(context) if marks else []),
        *([html.Div(id=ids.SPOTS, className="still spots", hidden=True, **attrs(data_spots=True))] if marks else []),
        *([html.Div(id=ids.SHADES, className="still spots shades", hidden=True, **attrs(data_shades=True))] if marks else []),
        html.Div(schematic, className="map-tool mt-search"),
        html.Div(zoom, className="map-tool mt-zoom"),
        html.Div(legend, className="map-tool mt-legend"),
        html.Div([html.I(), html.Span()], className="map-scale"),
    ]


def _still(context: Context) -> html.Span:
    """The button that opens the list of the city's own layers; how many are on the map stands in it."""
    told = attrs(data_still_open=True, aria_expanded="false", aria_controls=ids.STILL, type="button")
    return html.Span(
        html.Button([icon("layers"), context.say("layers.title"), html.B(**attrs(data_still_n=True, data_num=True))], **told),
        className="seg",
    )


def _marks(context: Context) -> html.Span:
    """The buttons that open the list of marks, with how many hold now, that of hot spots, and the wards by a figure."""
    told = attrs(data_marks_open=True, aria_expanded="false", aria_controls=ids.MARKS, type="button")
    count = html.B(**attrs(data_marks_n=True, data_num=True))
    spots = attrs(data_spots_open=True, aria_expanded="false", aria_controls=ids.SPOTS, type="button")
    shades = attrs(data_shades_open=True, aria_expanded="false", aria_controls=ids.SHADES, type="button")
    return html.Span(
        [
            html.Button([context.say("marks.title"), count], **told),
            html.Button(context.say("spots.title"), **spots),
            html.Button(context.say("shades.title"), **shades),
        ],
        className="seg",
    )


def _marked(context: Context) -> list[html.Div]:
    """The list of marks, and the bar that stands over the map while one is drawn."""
    draws = may(context.role, "mark.draw")
    shapes = [
        html.Button(context.say(f"marks.draw.{one}"), className="btn", **attrs(data_draw=one, type="button"))
        for one in ("area", "route")
    ]
    inside = [
        *([html.Div(shapes, className="mk-begin")] if draws else []),
        html.Ul(**attrs(data_marks_rows=True)),
        html.P(context.say("marks.none"), className="muted", **attrs(data_marks_none=True)),
    ]
    told = attrs(data_marks_list=True, data_marks_draw=draws or None)
    return [html.Div(inside, id=ids.MARKS, className="still", hidden=True, **told), *([_drawing(context)] if draws else [])]


def _drawing(context: Context) -> html.Div:
    acts = (("back", "⌫", "marks.back"), ("finish", "Enter", "marks.finish"), ("leave", "Esc", "marks.leave"))
    buttons = [
        html.Button(
            [context.say(word), html.Kbd(key, className="key")],
            className="btn",
            **attrs(type="button", **{f"data_draw_{name}": True}),
        )
        for name, key, word in acts
    ]
    told = [html.B("", **attrs(data_draw_what=True)), html.Span("", **attrs(data_draw_n=True, data_num=True, aria_live="polite"))]
    called = attrs(data_draw_bar=True, aria_label=context.say("marks.drawing"))
    return html.Div([*told, *buttons], className="draw-bar", hidden=True, role="toolbar", **called)


LEGEND = (("o", "online"), ("l", "late"), ("m", "maintenance"), ("f", "frozen"), ("x", "lost"))
