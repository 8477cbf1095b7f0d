"""GET /leader/figures: the leader's page in figures, for the period and ward that a person chose."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from msgspec import json

from dashboard.city import City
from dashboard.leader import page
from dashboard.past import History
from dashboard.periods import PERIODS
from dashboard.ports import Clock


def door(history: History, clock: Clock, city_now: Callable[[], City]) -> Blueprint:
    """Return the door. An unknown period is the month, an unknown ward the whole city."""
    blueprint = Blueprint("leader", __name__)

    @blueprint.get("/leader/figures")
    def figures() -> Response:
        city, asked, ward = city_now(), request.args.get("period", ""), request.args.get("ward", "")
        wards = {one.code for one in city.wards}
        name = next((one for one in PERIODS if one == asked), PERIODS[2])
        now_ms = clock.now_ms()
        today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(city.zone)).date()
        told = page(history, city, name, now_ms=now_ms, today=today, ward=ward if ward in wards else "")
        return Response(json.encode(told), mimetype="application/json")

    return blueprint
