"""/api/v1/indicators: what other systems count of the city is told here, and read back (docs/indicators.md)."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from flask import Blueprint, Response, request
from msgspec import json
from msgspec.structs import asdict
from werkzeug.exceptions import HTTPException

from dashboard.city import City, Indicator
from dashboard.errors import Away, Rejected
from dashboard.events import Measured
from dashboard.indicators import Measure, declared, unfit, view
from dashboard.open311.refusal import BAD, FORBIDDEN, NOT_FOUND, TOO_LARGE, Refusal
from dashboard.ports import Clock
from data.doors.open311.clients import Clients
from data.intake import Intake
from data.source import Unread
from data.sources.indicators import MOST as MOST_ROWS
from data.sources.indicators import parse, rows, written
from data.spool import Full
from data.store.readings import MOST, Readings

ADAPTER, MOST_BYTES, LATEST_MS = "indicators", 256 * 1024, 253_402_300_799_000
CODES = {400: "bad_parameter", 401: "unauthorized", 404: "not_found", 413: "too_large", 429: "too_many", 503: "away"}
SHOWN = 500
WORDS = (
    "key",
    "name",
    "short",
    "unit",
    "better",
    "target",
    "levels",
    "decimals",
    "every_s",
    "late_s",
    "stale_s",
    "lost_s",
    "sources",
)


def door(intake: Intake, clients: Clients, readings: Readings, clock: Clock, city: Callable[[], City]) -> Blueprint:
    """Return the door. What is told is taken whole or not at all, and is on the disk before the answer."""
    blueprint = Blueprint("indicators", __name__, url_prefix="/api/v1")

    @blueprint.post("/indicators")
    def tell() -> Response:
        source = clients.who("")
        if not source:
            raise Refusal(FORBIDDEN, "show the source's key: Authorization: Bearer kyd_…")
        clients.pace(source, writes=True)
        raw, count = _checked(request.get_data(cache=False), source, clock.now_ms(), city())
        kept = intake.accept(source, raw, {"content-type": "application/json"})
        return _answer({"ids": [kept.receipt], "kept": kept.where, "readings": count}, status=202)

    # Of another shape than the one above, so that it may ask for another permission: who tells shows a source's key, who reads a token.
    @blueprint.get("/<any(indicators):what>")
    def listed(what: str) -> Response:
        held = readings.latest()
        return _answer({what: [_shown(one, held.get(one.key)) for one in city().indicators]})

    @blueprint.get("/indicators/<key>")
    def history(key: str) -> Response:
        if key not in declared(city().indicators):
            raise Refusal(NOT_FOUND, f"the city has no indicator {key[:60]!r}")
        told = readings.of(
            key, since=_whole("since", 0), until=_whole("until", LATEST_MS), limit=_whole("limit", SHOWN, low=1, high=MOST)
        )
        return _answer({"readings": [asdict(one) for one in told]})

    @blueprint.before_request
    def bound() -> None:
        request.max_content_length = MOST_BYTES

    _answer_no(blueprint)
    return blueprint


def _checked(raw: bytes, source: str, now_ms: int, city: City) -> tuple[bytes, int]:
    """Return a payload as it is kept, and how many readings it has. Raises Refusal with everything that is wrong with them."""
    told, wrong = _read(raw), list[str]()
    known = declared(city.indicators)
    for where, one in told:
        why = one if isinstance(one, str) else unfit(known, source, one, now_ms)
        if why:
            wrong.append(f"{where}: {why}")
    if wrong:
        raise Refusal(BAD, *wrong[:20])
    return (next(written([one for _, one in told if isinstance(one, Measured)])) if _is_csv() else raw), len(told)


def _read(raw: bytes) -> list[tuple[str, Measured | str]]:
    """Return each reading, or why it is none, with where it stands. Raises Refusal where the whole cannot be read."""
    try:
        if not _is_csv():
            found = [one.reason if isinstance(one, Unread) else one for one in parse(raw, {})]
            return [(f"reading {n}", one) for n, one in enumerate(found, 1) if isinstance(one, Measured | str)]
        told = [(f"line {line}", one) for line, one in islice(rows(raw), MOST_ROWS + 1)]
    except Rejected as no:
        raise Refusal(BAD, f"the payload {no}") from no
    if not 0 < len(told) <= MOST_ROWS:
        raise Refusal(BAD, f"the payload has {len(told)} readings, at most {MOST_ROWS} and at least one")
    return told


def _is_csv() -> bool:
    return request.mimetype == "text/csv"


def _shown(one: Indicator, held: Measure | None) -> Mapping[str, Any]:
    told = {name: getattr(one, name) for name in WORDS}
    return told | view(one, held) | {"source": held.source if held else None, "received": held.received if held else None}


def _whole(name: str, otherwise: int, *, low: int = 0, high: int = LATEST_MS) -> int:
    told = request.args.get(name)
    if told is None:
        return otherwise
    if not (told.isascii() and told.isdigit() and len(told) < 20 and low <= int(told) <= high):  # noqa: PLR2004  digits of a 64-bit number
        raise Refusal(BAD, f"{name} must be a whole number between {low} and {high}")
    return int(told)


def _answer(told: Mapping[str, Any], *, status: int = 200) -> Response:
    return Response(json.encode(told), status, mimetype="application/json")


def _answer_no(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(Refusal)
    def refuse(no: Refusal) -> Response:
        status = 401 if no.status == FORBIDDEN else no.status
        told = {"error": {"code": CODES.get(status, "bad_request"), "message": "; ".join(no.reasons)}}
        answer = _answer(told, status=status)
        answer.headers.update(no.headers)
        return answer

    @blueprint.errorhandler(HTTPException)
    def _other(no: HTTPException) -> Response:
        return refuse(Refusal(no.code or BAD, "at most 256 kB" if no.code == TOO_LARGE else no.description or "it cannot be read"))

    @blueprint.errorhandler(Full)
    @blueprint.errorhandler(Away)
    def _away(_no: Exception) -> Response:
        return refuse(Refusal(503, "it cannot be kept or read now; send it again", headers={"Retry-After": "5"}))
