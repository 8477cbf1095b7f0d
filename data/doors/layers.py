"""The city's layers for other systems: what stands at a place, and every layer by OGC API – Features, so that a GIS opens it by its address.

Part 1: Core and GeoJSON (docs/api.md). Who may see a layer is decided for each.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, stream_with_context
from msgspec import json

from dashboard.access import may
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.layers.export import FORMS, written
from dashboard.layers.layer import Layer, may_export, may_see, told
from dashboard.layers.naming import address
from dashboard.layers.reading import Box, Layers, Near, geojson, properties
from dashboard.marks import layer as marks_layer
from dashboard.masking import hidden
from dashboard.ports import Clock, Locate
from data.doors.asked import Bad, degrees, interval, whole
from data.doors.drawn import Features, MarksLayer

MOST, USUAL = 1000, 100
RADIUS_M, FARTHEST_M, NEAREST = 200, 2000, 3
LATEST_ID = 1 << 53
LATEST_MS = 253_402_300_799_000
GEOJSON = "application/geo+json"
TIMES = {"temporal": {"interval": [[None, None]]}}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")]
ROOT = "/api/v1/ogc"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
KNOWN = frozenset({"bbox", "limit", "offset", "after", "datetime", "f"})


class Seen:
    """The layers as one who asks may see them; one that they may not see is not there for them. `drawn`: those of marks."""

    def __init__(self, layers: Layers, role_now: Callable[[], str], drawn: MarksLayer | None = None) -> None:
        self.layers, self.role_now = layers, role_now
        self._drawn = drawn

    def all(self) -> list[Layer]:
        """Return the layers. Raises Away."""
        return [one for one in self.layers.shown() if may_see(one, self.role_now())]

    def then(self, at_ms: int) -> list[Layer]:
        """Return the layers as they were shown at an instant, where that is kept; who may see one is said by what it is now. Raises Away."""
        now = {one.key for one in self.all()}
        return [one for one in self.layers.then(at_ms) if one.key in now]

    def one(self, key: str) -> Layer:
        """Return a layer. Raises Missing, Away."""
        found = next((one for one in self.all() if one.key == key), None)
        if found is None:
            raise Missing(f"There is no layer {key[:40]}.")
        return found

    def given(self, key: str) -> tuple[Layer, Features]:
        """Return a layer, or that of marks, and where its features are found. Raises Missing, Away, TooLong, Bad."""
        if self.drawn is not None and key == marks_layer.KEY:
            return self.drawn.given(interval("datetime"))
        return self.one(key), self.layers

    @property
    def drawn(self) -> MarksLayer | None:
        """The layer of marks, where one who asks may see it, and none of the city's own has its key from before there was one."""
        free = all(one.key != marks_layer.KEY for one in self.layers.shown())
        return self._drawn if free and may(self.role_now(), "mark.view") else None


def door(
    layers: Layers,
    clock: Clock,
    locate: Locate,
    city_now: Callable[[], City],
    role_now: Callable[[], str],
    drawn: MarksLayer | None = None,
) -> Blueprint:
    """Return the door. `role_now` says as whom the present request is made, `drawn` are the marks, as one more layer."""
    blueprint, seen = Blueprint("layers_api", __name__), Seen(layers, role_now, drawn)
    _serve_places(blueprint, seen, clock, locate, city_now)
    _serve_files(blueprint, seen)
    _serve_collections(blueprint, seen, clock, city_now)

    @blueprint.errorhandler(Bad)
    def bad(error: Bad) -> Response:
        return answer({"error": {"code": "bad_parameter", "message": str(error)}}, status=400)

    @blueprint.errorhandler(Missing)
    def missing(error: Missing) -> Response:
        return answer({"error": {"code": "not_found", "message": str(error)}}, status=404)

    return blueprint


def _serve_places(blueprint: Blueprint, seen: Seen, clock: Clock, locate: Locate, city_now: Callable[[], City]) -> None:
    @blueprint.get("/api/v1/here")
    def here() -> Response:
        lon, lat = degrees("lon", 180.0), degrees("lat", 90.0)
        radius_m = whole("radius", low=1, high=FARTHEST_M) or RADIUS_M
        at_ms = whole("at", high=LATEST_MS)
        code = locate(lon, lat, clock.now_ms() if at_ms is None else at_ms)
        shown = seen.all() if at_ms is None else seen.then(at_ms)
        near = [
            _near(one, seen.layers.near(one, lon, lat, radius_m=radius_m, most=NEAREST), since=one.imported)
            for one in shown
            if not one.wards_from
        ]
        told = {"lon": lon, "lat": lat, "at": at_ms, "ward": ward(city_now(), code), "radius": radius_m, "layers": near}
        return answer(told)

    @blueprint.get("/api/v1/layers")
    def listed() -> Response:
        now_ms = clock.now_ms()
        marks = [] if seen.drawn is None else [seen.drawn.told()]
        return answer({"layers": [*(told(one, now_ms) for one in seen.all()), *marks]})


def _serve_files(blueprint: Blueprint, seen: Seen) -> None:
    @blueprint.get("/api/v1/layers/<key>/export.<form>")
    def export(key: str, form: str) -> Response:
        layer, features = seen.given(key)
        if form not in FORMS or not may_export(layer, seen.role_now()):
            raise Missing(f"There is no such form: one of {', '.join(FORMS)}.")
        body = stream_with_context(written(form, layer, features.all(layer)))
        named = {"Content-Disposition": f'attachment; filename="{layer.key}-{layer.version}.{form}"'}
        return Response(body, mimetype=FORMS[form], headers=named)


def _serve_collections(blueprint: Blueprint, seen: Seen, clock: Clock, city_now: Callable[[], City]) -> None:
    @blueprint.get(ROOT)
    def landing() -> Response:
        links = [_link("", "self"), _link("/conformance", "conformance"), _link("/collections", "data")]
        service = {"rel": "service-desc", "href": f"{_base()}/api/v1/openapi.json", "type": OPENAPI}
        return answer({"title": city_now().title["vi"], "description": "Kỳ Đài", "links": [*links, service]})

    @blueprint.get(f"{ROOT}/conformance")
    def conformance() -> Response:
        return answer({"conformsTo": CONFORMS})

    @blueprint.get(f"{ROOT}/collections")
    def collections() -> Response:
        shown = [*seen.all(), *([] if seen.drawn is None else [seen.drawn.given(None)[0]])]
        return answer({"links": [_link("/collections", "self")], "collections": [_collection(one) for one in shown]})

    @blueprint.get(f"{ROOT}/collections/<key>")
    def collection(key: str) -> Response:
        return answer(_collection(seen.given(key)[0]))

    @blueprint.get(f"{ROOT}/collections/<key>/items")
    @blueprint.get("/api/v1/layers/<key>/features")
    def items(key: str) -> Response:
        _refuse_unknown()
        return _items(*seen.given(key), clock.now_ms())

    @blueprint.get(f"{ROOT}/collections/<key>/items/<int:number>")
    def item(key: str, number: int) -> Response:
        layer, features = seen.given(key)
        found = geojson(layer, features.feature(layer, min(number, LATEST_ID)))
        return answer({**found, "links": [_link(f"/collections/{key}/items/{number}", "self", GEOJSON)]}, GEOJSON)


def answer(body: object, mimetype: str = "application/json", *, status: int = 200) -> Response:
    """Return JSON as a response."""
    return Response(json.encode(body), status, mimetype=mimetype)


def _base() -> str:
    return request.url_root.rstrip("/")


def _link(path: str, rel: str, mimetype: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "href": f"{_base()}{ROOT}{path}", "type": mimetype}


def _near(layer: Layer, found: Sequence[Near], *, since: int) -> dict[str, Any]:
    features = [
        {
            "id": one.feature.id,
            "ref": address(layer, one.feature.id, one.feature.values),
            "name": hidden(one.feature.name),
            "metres": round(one.metres, 1),
            "fields": properties(layer, one.feature),
        }
        for one in found
    ]
    fields = [{"key": one.key, "label": one.label} for one in layer.fields]
    told = {
        "key": layer.key,
        "title": layer.title,
        "shape": layer.shape,
        "version": layer.version,
        "since": since,
        "fields": fields,
        "style_field": layer.style_field,
        "swatches": [{"value": one.value, "label": one.label} for one in layer.swatches],
    }
    return {**told, "id_fields": layer.id_fields, "as_of": layer.as_of or None, "features": features}


def ward(city: City, code: str) -> dict[str, Any] | None:
    """Return a ward by its code, under the name that was its last; None outside every ward."""
    named = [one.name for one in city.wards if one.code == code and one.valid_to is None] or [
        one.name for one in city.wards if one.code == code
    ]
    return {"code": code, "name": named[-1]} if named else None


def _collection(layer: Layer) -> dict[str, Any]:
    path = f"/collections/{layer.key}"
    return {
        "id": layer.key,
        "title": layer.title.get("vi") or layer.key,
        "description": layer.source,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {"spatial": {"bbox": [layer.bounds], "crs": CRS84}, **(TIMES if layer.key == marks_layer.KEY else {})},
        "links": [_link(path, "self"), _link(f"{path}/items", "items", GEOJSON)],
    }


def _items(layer: Layer, features: Features, now_ms: int) -> Response:
    """Return a page of features. The next one is asked for by the number after which it begins: no page shifts, however far.

    Features of files have no time of their own, so `datetime` leaves none of them out (Part 1, 7.15.4); marks have.
    """
    interval("datetime")
    limit, after = whole("limit", low=1, high=MOST) or USUAL, whole("after", high=LATEST_ID) or 0
    found = features.page(layer, box=_box(), after=after, skip=whole("offset", high=LATEST_ID) or 0, most=limit + 1)
    some = found.features[:limit]
    links = [_page_link("self", request.args.to_dict())]
    if len(found.features) > limit:
        links.append(_page_link("next", {**request.args.to_dict(), "after": str(some[-1].id)}, without="offset"))
    told = {
        "type": "FeatureCollection",
        "timeStamp": _instant(now_ms),
        "numberMatched": found.matched,
        "numberReturned": len(some),
        "features": [geojson(layer, one) for one in some],
        "links": links,
    }
    return answer(told, GEOJSON)


def _refuse_unknown() -> None:
    if strange := set(request.args) - KNOWN:
        raise Bad(f"{min(strange)[:40]!r} is no parameter here: {', '.join(sorted(KNOWN))}")


def _page_link(rel: str, asked: dict[str, str], *, without: str = "") -> dict[str, str]:
    query = urlencode({name: value for name, value in asked.items() if name != without})
    return {"rel": rel, "href": f"{request.base_url}{'?' if query else ''}{query}", "type": GEOJSON}


def _box() -> Box | None:
    """Return the box that the request asks for. Raises Bad."""
    text = request.args.get("bbox")
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
        west, south, east, north = numbers if len(numbers) != 6 else (*numbers[:2], *numbers[3:5])  # noqa: PLR2004  with heights
    except ValueError:
        west = east = south = north = float("nan")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004  degrees
        raise Bad("bbox must be four numbers of degrees: west,south,east,north")
    return west, south, east, north


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
