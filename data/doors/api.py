"""GET /api/v1/events, cameras, kpis, feeds: the live picture and the record, for other systems (docs/api.md)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from msgspec import json

from dashboard.errors import Missing, TooLong
from dashboard.incidents.incident import Member, What
from data.around import MINUTES, RADII, Around, SqlAround
from data.doors.asked import Bad, degrees, whole
from data.query import MOST, Asked, Query

CLASSES = ("alarm", "event", "record")
NAMED: tuple[What, ...] = ("alarm", "event", "report")
PLACED = ("lon", "lat", "at")
LATEST_MS = 253_402_300_799_000
OPENAPI = Path(__file__).with_name("openapi.json")
Latest = Callable[[str], Any]


def door(query: Query, around: SqlAround, latest: Latest, cameras: Callable[[], Sequence[Mapping[str, Any]]]) -> Blueprint:
    """Return the door. `latest` gives the data of a topic's last frame, or None before there was one."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return Response(OPENAPI.read_bytes(), mimetype="application/json")

    @blueprint.get("/events")
    def events() -> Response:
        return _answer(query.events(asked()))

    @blueprint.get("/around")
    def what_happened_around() -> Response:
        return _answer(around.find(place(around)))

    @blueprint.get("/cameras")
    def list_cameras() -> Response:
        pictured = query.pictured()
        return _answer(
            {"cameras": [{**one, "pictured": pictured.get(one["id"])} for one in _standing(cameras(), latest("cameras"))]}
        )

    @blueprint.get("/kpis")
    def kpis() -> Response:
        told = latest("kpi")
        return _answer({"kpis": [{"key": key, **view} for key, view in sorted(told.items())] if told else []})

    @blueprint.get("/feeds")
    def feeds() -> Response:
        told = latest("status")
        return _answer({"feeds": told["feeds"] if told else []})

    blueprint.register_error_handler(Bad, lambda bad: _no(400, "bad_parameter", str(bad)))
    blueprint.register_error_handler(Missing, lambda missing: _no(404, "not_found", str(missing)))
    blueprint.register_error_handler(TooLong, lambda late: _no(503, "too_long", f"the search {late}: ask for less"))

    return blueprint


def _answer(told: Mapping[str, Any]) -> Response:
    return Response(json.encode(told), mimetype="application/json")


def _no(status: int, code: str, message: str) -> Response:
    return Response(json.encode({"error": {"code": code, "message": message}}), status, mimetype="application/json")


def asked() -> Asked:
    """Return what the request asks for. Raises Bad."""
    event_class = request.args.get("class", "")
    if event_class and event_class not in CLASSES:
        raise Bad(f"class must be one of {', '.join(CLASSES)}")
    return Asked(
        cursor=whole("cursor", high=1 << 60),
        since=whole("since", high=LATEST_MS),
        until=whole("until", high=LATEST_MS),
        kind=_word("kind"),
        event_class=event_class,
        camera=_word("camera"),
        ward=_word("ward"),
        limit=whole("limit", low=1, high=MOST) or 100,
    )


def place(around: SqlAround) -> Around:
    """Return around what the request asks: a place and an instant, or those of an alarm, event or report. Raises Bad, Missing, Away."""
    radius = whole("radius", high=RADII[-1]) or RADII[1]
    minutes = whole("minutes", high=MINUTES[-1]) or MINUTES[1]
    known = whole("known", high=LATEST_MS)
    named = [what for what in NAMED if what in request.args]
    if len(named) > 1 or (named and request.args.keys() & PLACED):
        raise Bad(f"one of {', '.join(NAMED)}, or {', '.join(PLACED)}: not both")
    if named:
        key = _word(named[0])
        if not key:
            raise Bad(f"{named[0]} must name one")
        return around.place_of(Member(named[0], key), radius=radius, minutes=minutes)._replace(known=known)
    at = whole("at", high=LATEST_MS)
    if at is None:
        raise Bad("at is needed: epoch ms")
    return Around(degrees("lon", 180.0), degrees("lat", 90.0), at, radius, minutes, known=known)


def _word(name: str) -> str:
    text = request.args.get(name, "")
    if len(text) > 200 or "\x00" in text:  # noqa: PLR2004  longest key
        raise Bad(f"{name} is too long")
    return text


def _standing(cameras: Sequence[Mapping[str, Any]], told: Any) -> list[dict[str, Any]]:
    """Return the cameras with how each stands now."""
    words = {"o": "online", "l": "late", "x": "offline", "f": "frozen", "m": "maintenance", "-": "unknown"}
    if not told:
        return [{**camera, "state": "unknown", "today": None, "seen": None} for camera in cameras if not camera["gone"]]
    known = len(told["states"])  # the board may be a moment behind a camera that was just adopted
    return [
        {**camera, "state": words[told["states"][ix]], "today": told["spoke"][ix], "seen": told["seen"][ix] or None}
        if ix < known and told["states"][ix] in words
        else {**camera, "state": "unknown", "today": None, "seen": None}
        for ix, camera in enumerate(cameras)
        if not camera["gone"]
    ]
