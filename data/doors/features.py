"""GET /api/v1/layers/<key>/features/<ref>: one feature of a layer, and what happened near it over the years (docs/layers.md)."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response

from dashboard.access import may
from dashboard.city import City
from dashboard.errors import Missing, TooLong
from dashboard.layers.layer import told
from dashboard.layers.naming import address
from dashboard.layers.reading import geojson
from dashboard.masking import hidden
from dashboard.ports import Clock, Locate
from data.doors.asked import Bad, whole
from data.doors.layers import Seen, answer, ward
from data.nearby import RADII, Ground, SqlNearby


def door(
    seen: Seen, nearby: SqlNearby, clock: Clock, locate: Locate, city_now: Callable[[], City], role_now: Callable[[], str]
) -> Blueprint:
    """Return the door. What happened near is told to whoever may ask the record what happened anywhere."""
    blueprint = Blueprint("features_api", __name__)

    @blueprint.get("/api/v1/layers/<key>/features/<ref>")
    def feature(key: str, ref: str) -> Response:
        layer = seen.one(key)
        found = seen.layers.called(layer, ref)
        ground, now_ms = Ground(found.shape), clock.now_ms()
        radius = whole("radius", low=RADII[0], high=RADII[-1]) or RADII[1]
        said: Mapping[str, Any] = {
            "layer": told(layer, now_ms),
            "feature": {
                **geojson(layer, found),
                "ref": address(layer, found.id, found.values),
                "name": hidden(found.name),
                "lasting": bool(layer.id_fields) and not ref.startswith("-"),
            },
            "lon": ground.lon,
            "lat": ground.lat,
            "ward": ward(city_now(), locate(ground.lon, ground.lat, now_ms)),
        }
        near = nearby.find(found.shape, radius=radius) if may(role_now(), "api.read") else None
        return answer({**said, "near": near})

    blueprint.register_error_handler(Bad, lambda bad: _no(400, "bad_parameter", str(bad)))
    blueprint.register_error_handler(Missing, lambda missing: _no(404, "not_found", str(missing)))
    blueprint.register_error_handler(TooLong, lambda late: _no(503, "too_long", f"the search {late}"))
    return blueprint


def _no(status: int, code: str, message: str) -> Response:
    return answer({"error": {"code": code, "message": message}}, status=status)
