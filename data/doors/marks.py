"""GET /api/v1/marks: what people have drawn on the map, as GeoJSON for other systems and a GIS (docs/marks.md)."""

from hashlib import blake2b

from flask import Blueprint, Response, request
from msgspec import json

from dashboard.marks.marks import Marks
from dashboard.marks.telling import collection
from dashboard.ports import Clock
from data.doors.asked import Bad, whole

LATEST_MS = 253_402_300_799_000
GEOJSON = "application/geo+json"


def door(marks: Marks, clock: Clock) -> Blueprint:
    """Return the door."""
    blueprint = Blueprint("marks_api", __name__)

    @blueprint.get("/api/v1/marks")
    def in_force() -> Response:
        at = whole("at", high=LATEST_MS)
        body = json.encode(collection(marks.at(clock.now_ms() if at is None else at)))
        name = blake2b(body, digest_size=12).hexdigest()
        kept = {"ETag": f'"{name}"', "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
        if request.if_none_match.contains_weak(name):
            return Response(status=304, headers=kept)
        return Response(body, mimetype=GEOJSON, headers=kept)

    @blueprint.errorhandler(Bad)
    def bad(error: Bad) -> Response:
        told = {"error": {"code": "bad_parameter", "message": str(error)}}
        return Response(json.encode(told), 400, mimetype="application/json")

    return blueprint
