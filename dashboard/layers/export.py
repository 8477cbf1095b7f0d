"""A layer as a file that other programs open: GeoJSON, CSV, KML. Written piece by piece, however long it is."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from dashboard.layers.layer import Layer
from dashboard.layers.reading import Feature, geojson, properties
from dashboard.masking import hidden
from dashboard.sheets import safe

FORMS = {"geojson": "application/geo+json", "csv": "text/csv", "kml": "application/vnd.google-earth.kml+xml"}


def written(form: str, layer: Layer, features: Iterable[Feature]) -> Iterator[str]:
    """Yield a layer in one of FORMS. Plates and telephone numbers in its texts are masked."""
    return {"geojson": _geojson, "csv": _csv, "kml": _kml}[form](layer, features)


def _geojson(layer: Layer, features: Iterable[Feature]) -> Iterator[str]:
    yield '{"type":"FeatureCollection","features":['
    for n, one in enumerate(features):
        yield ("," if n else "") + json.dumps(geojson(layer, one), ensure_ascii=False, separators=(",", ":"))
    yield "]}"


def _csv(layer: Layer, features: Iterable[Feature]) -> Iterator[str]:
    """A point has its two coordinates, anything else its shape as WKT; the first sign is the mark by which spreadsheets know UTF-8."""
    place = ("lon", "lat") if layer.shape == "point" else ("wkt",)
    yield "\ufeff" + _row(["id", *(one.key for one in layer.fields), *place])
    for one in features:
        yield _row([one.id, *properties(layer, one).values(), *_placed(layer, one)])


def _placed(layer: Layer, feature: Feature) -> list[Any]:
    if layer.shape == "point" and feature.shape["type"] == "Point":
        return list(feature.shape["coordinates"][:2])
    text = wkt(feature.shape)
    return [text] if layer.shape != "point" else [text, ""]


def _row(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe(cell) for cell in cells])
    return out.getvalue()


def wkt(shape: Any) -> str:
    """Return a GeoJSON shape as well-known text."""
    return (
        f"{shape['type'].upper()} {_listed(shape['coordinates'])}"
        if shape["type"] != "Point"
        else f"POINT ({_pair(shape['coordinates'])})"
    )


def _listed(coordinates: Any) -> str:
    inner = (_pair(one) if isinstance(one[0], int | float) else _listed(one) for one in coordinates)
    return f"({', '.join(inner)})"


def _pair(place: Any) -> str:
    return f"{place[0]} {place[1]}"


def _kml(layer: Layer, features: Iterable[Feature]) -> Iterator[str]:
    title = layer.title.get("vi") or layer.key
    yield f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{escape(title)}</name>'
    for one in features:
        told = "".join(
            f'<Data name="{escape(key, {chr(34): "&quot;"})}"><value>{escape(str(value))}</value></Data>'
            for key, value in properties(layer, one).items()
            if value is not None
        )
        yield f"<Placemark><name>{escape(hidden(one.name))}</name><ExtendedData>{told}</ExtendedData>{_kml_shape(one.shape)}</Placemark>"
    yield "</Document></kml>"


def _kml_shape(shape: Any) -> str:
    kind, places = shape["type"], shape["coordinates"]
    if kind.startswith("Multi"):
        single = kind.removeprefix("Multi")
        return f"<MultiGeometry>{''.join(_kml_shape({'type': single, 'coordinates': one}) for one in places)}</MultiGeometry>"
    if kind == "Polygon":
        outer, *holes = (f"<LinearRing><coordinates>{_kml_places(ring)}</coordinates></LinearRing>" for ring in places)
        inner = "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in holes)
        return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{inner}</Polygon>"
    return f"<{kind}><coordinates>{_kml_places([places] if kind == 'Point' else places)}</coordinates></{kind}>"


def _kml_places(places: Any) -> str:
    return " ".join(f"{place[0]},{place[1]}" for place in places)
