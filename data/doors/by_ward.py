"""GET /api/v1/by-ward: every figure about reports for every ward, and its events of a kind (docs/figures.md)."""

import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from msgspec import json, to_builtins

from dashboard.access import may
from dashboard.calendar import number_of
from dashboard.catalogue import FIGURES
from dashboard.city import City
from dashboard.errors import TooLong
from dashboard.hotspots import LEAST_PEOPLE
from dashboard.past import History
from dashboard.periods import Period, Span, until
from dashboard.ports import Clock
from dashboard.wanted import Unusable, wanted
from dashboard.wards_told import OPEN, WardsTold, told
from data.doors.asked import Bad, whole

LATEST_MS = 253_402_300_799_000
KEPT_S, MOST_KEPT = 15.0, 16  # screens ask every minute: of several that ask together one is answered by the record


class OpenThen(Protocol):
    """What was open at a past second (data.by_ward)."""

    def open_at(self, at_ms: int) -> dict[str, int] | None:
        """Return how many reports were open in each ward, None where the board of that second is not kept."""
        ...


class Events(Protocol):
    """Counts of events by ward (data.by_ward)."""

    def events(self, span: Span, kind: str) -> dict[str, int]:
        """Return how many events of a kind there were in each ward."""
        ...


def door(
    history: History,
    events: Events,
    clock: Clock,
    city_now: Callable[[], City],
    role_now: Callable[[], str],
    open_then: OpenThen,
    *,
    apart: Callable[[Callable[[], Any]], Any] = lambda act: act(),
    monotonic_s: Callable[[], float] = time.monotonic,
) -> Blueprint:
    """Return the door. `role_now` says as whom the present request is made; `apart` runs what takes a while where it holds nobody up."""
    blueprint = Blueprint("by_ward", __name__)
    kept: dict[tuple[str, Period], tuple[float, WardsTold]] = {}

    def figures(city: City, period: Period, today: int) -> WardsTold:
        key = (city.version, period)
        if key not in kept or monotonic_s() - kept[key][0] > KEPT_S:
            found = apart(lambda: told(history, city, period, now_ms=clock.now_ms(), today=today))
            for old in list(kept)[: max(0, len(kept) - MOST_KEPT + 1)]:
                kept.pop(old, None)
            kept[key] = (monotonic_s(), found)
        return kept[key][1]

    @blueprint.get("/api/v1/by-ward")
    def by_ward() -> Response:
        city, now_ms = city_now(), clock.now_ms()
        at = whole("at", high=LATEST_MS)
        today, then = (_day(ms, city) for ms in (now_ms, min(now_ms if at is None else at, now_ms)))
        asked, kind = wanted({name: request.args.get(name, "") for name in ("period", "first", "last")}, city, today), _kind(city)
        named: Any = None if request.args.get("first") or request.args.get("last") else request.args.get("period") or "month"
        period = asked.period if at is None else until(asked.period, number_of(then) - 1, named)
        found = figures(city, period, number_of(today))
        opened = None if at is None else apart(lambda: open_then.open_at(min(at, now_ms)))
        counts = events.events(period.now, kind)
        least = 1 if may(role_now(), "console.view") else LEAST_PEOPLE
        told_ = to_builtins(found) | {"figures": _described(found), "kind": kind, "events": _enough(counts, least)}
        return _answer(200, told_ if at is None else told_ | _then(told_, at, opened))

    return _refusing(blueprint)


def _refusing(blueprint: Blueprint) -> Blueprint:
    """Return the door with what it answers where something stands in the way."""
    blueprint.register_error_handler(Unusable, lambda bad: _answer(400, _no("bad_parameter", str(bad))))
    blueprint.register_error_handler(Bad, lambda bad: _answer(400, _no("bad_parameter", str(bad))))
    blueprint.register_error_handler(TooLong, lambda late: _answer(503, _no("too_long", f"the search {late}: ask for less")))
    return blueprint


def _then(found: Mapping[str, Any], at: int, opened: dict[str, int] | None) -> dict[str, Any]:
    """Return what is otherwise at a second of the past, and what of it is known."""
    known = {"at": at, "until": found["last"], "open": opened is not None}
    return {"known": known, "wards": _opened(found["wards"], opened)}


def _day(ms: int, city: City) -> date:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(city.zone)).date()


def _opened(wards: list[dict[str, Any]], opened: dict[str, int] | None) -> list[dict[str, Any]]:
    """Return the wards with what was open at a second, where the board of that second is kept."""
    if opened is None:
        return wards
    return [{**one, "values": {**one["values"], OPEN: float(opened.get(one["code"], 0))}} for one in wards]


def _kind(city: City) -> str:
    """Return the kind of events that is asked for. Raises Unusable."""
    kind = request.args.get("kind", "")
    if kind and kind not in {one.key for one in city.kinds}:
        raise Unusable("kind must be one of the kinds of the city document")
    return kind


def _described(found: WardsTold) -> list[dict[str, Any]]:
    """Return the figures that any ward has a value of, in the catalogue's order."""
    known = {key for ward in found.wards for key, value in ward.values.items() if value is not None}
    return [
        {"key": one.key, "code": one.code, "unit": one.unit, "title": one.title, "formula": one.formula}
        for one in FIGURES
        if one.key in known
    ]


def _enough(counts: dict[str, int], least: int) -> dict[str, int | None]:
    """Return the counts; None for what is too few to be told to whoever is not on duty."""
    return {ward: n if n >= least or not n else None for ward, n in sorted(counts.items())}


def _no(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


def _answer(status: int, body: object) -> Response:
    return Response(json.encode(body), status, mimetype="application/json")
