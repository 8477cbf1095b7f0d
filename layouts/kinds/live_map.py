"""The map whose base and markers `assets/09-map.js` draws; Dash only lays out its frame."""

import dash_leaflet as dl
from dash import html

from layouts import ids
from layouts.page import Context
from layouts.parts import attrs, icon

ASSETS = ("dash_leaflet", "08-map-base.js", "08-map-tiles.js", "09-map.js")
STILL = ("09-still-layers.js", "24-layers.css")  # beside them, where the city's own layers are shown


def card(context: Context, *, lon: float, lat: float, zoom: float, wall: bool = False, still: bool = False) -> html.Div:
    """Return an empty map at a place. A wall's map has no tools and does not move; `still`: the city's own layers can be shown."""
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
        [leaflet, *([] if wall else _tools(context, still=still))], className="map", **attrs(data_map="wall" if wall else "console")
    )


def _tools(context: Context, *, still: bool) -> list[html.Div]:
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
            [html.Span(layers, className="seg"), *([_still(context)] if still else []), html.Span(extent, className="seg")],
            className="map-tool mt-layers",
        ),
        *([html.Div(id=ids.STILL, className="still", hidden=True, **attrs(data_still_layers=True))] if still else []),
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


LEGEND = (("o", "online"), ("l", "late"), ("m", "maintenance"), ("f", "frozen"), ("x", "lost"))
