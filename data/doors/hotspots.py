"""GET /api/v1/hot-spots: where in the city most happens, and whether that is usual there (docs/hot-spots.md)."""

from collections.abc import Callable
from typing import get_args

from flask import Blueprint, Response, request
from msgspec import json

from dashboard.access import may
from dashboard.calendar import HOUR_MS
from dashboard.city import City
from dashboard.errors import TooLong
from dashboard.hotspots import HOURS, LEAST_PEOPLE, Order, What
from data.doors.asked import Bad, whole
from data.hotspots import Asked, SqlHotspots

LATEST_MS = 253_402_300_799_000


def door(spots: SqlHotspots, city_now: Callable[[], City], role_now: Callable[[], str]) -> Blueprint:
    """Return the door. `role_now` says as whom the present request is made."""
    blueprint = Blueprint("hotspots", __name__)

    @blueprint.get("/api/v1/hot-spots")
    def hot_spots() -> Response:
        return _answer(200, spots.find(asked(city_now(), role_now())))

    blueprint.register_error_handler(Bad, lambda bad: _answer(400, _no("bad_parameter", str(bad))))
    blueprint.register_error_handler(TooLong, lambda late: _answer(503, _no("too_long", f"the search {late}: ask for less")))
    return blueprint


def asked(city: City, role: str) -> Asked:
    """Return what the request asks for. Reports, and whatever is shown to those who are not on duty, are counted by five at least. Raises Bad."""
    what = _among("of", get_args(What), "events")
    kinds = [one.code for one in city.services] if what == "reports" else [one.key for one in city.kinds]
    kind = request.args.get("kind", "")
    if kind and kind not in kinds:
        raise Bad(f"kind must be one of the {'services' if what == 'reports' else 'kinds'} of the city document")
    least = 1 if may(role, "console.view") and what != "reports" else LEAST_PEOPLE
    period, by = _among("period", tuple(HOURS), "24h"), _among("by", get_args(Order), "count")
    at = whole("at", low=HOUR_MS, high=LATEST_MS)
    return Asked(what, kind, period, by, least, at)  # type: ignore[arg-type]  # chosen


def _among(name: str, words: tuple[str, ...], usual: str) -> str:
    told = request.args.get(name, usual)
    if told not in words:
        raise Bad(f"{name} must be one of {', '.join(words)}")
    return told


def _no(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


def _answer(status: int, told: object) -> Response:
    return Response(json.encode(told), status, mimetype="application/json")
