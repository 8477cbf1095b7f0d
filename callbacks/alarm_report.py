"""GET /api/v1/alarm-report: how the alarm system does, over a shift, a day or a month, beside the one before (docs/alarms.md)."""

from flask import Blueprint, Response, request
from msgspec import json

from dashboard.alarms.report import PERIODS, Span, figures, span_of
from dashboard.city import City
from dashboard.ports import AlarmHistory, Clock

FURTHEST_BACK = 400


def door(history: AlarmHistory, clock: Clock, city: City) -> Blueprint:
    """Return the door. An unknown period is the shift."""
    blueprint = Blueprint("alarm_report", __name__)

    def of(span: Span) -> dict[str, object]:
        told, cut = history.told(span)
        return {"start": span.start, "end": span.end, "cut": cut, **figures(span, told)}

    @blueprint.get("/api/v1/alarm-report")
    def report() -> Response:
        asked, back = request.args.get("period", ""), request.args.get("back", "0")
        period = asked if asked in PERIODS else PERIODS[0]
        ago = int(back) if back.isascii() and back.isdigit() and len(back) < 4 else 0  # noqa: PLR2004  up to 400
        now, before = span_of(period, clock.now_ms(), city.zone, city.shifts, min(ago, FURTHEST_BACK))
        told = {"period": period, "back": min(ago, FURTHEST_BACK), "now": of(now), "before": of(before)}
        return Response(json.encode(told), mimetype="application/json")

    return blueprint
