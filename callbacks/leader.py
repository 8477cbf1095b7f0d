"""The leader's page in figures, the lists behind them, and the same figures for other systems and for a spreadsheet."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from msgspec import Struct, json, to_builtins

from dashboard.calendar import number_of
from dashboard.catalogue import figure
from dashboard.city import City
from dashboard.items import Cursor, Items, asked_for, count
from dashboard.leader import Leaders, page
from dashboard.past import History
from dashboard.ports import Clock
from dashboard.tiles import Told
from dashboard.wanted import Unusable, wanted

HEAD = ("code", "key", "title_vi", "title_en", "unit", "value", "previous", "last_year", "why", "formula_vi", "formula_en")
RISKY = ("=", "+", "-", "@", "\t", "\r")
TOP = 1 << 62


class ListTold(Struct, frozen=True):
    """A page of the list behind a number. `count` is that number; `after` goes on with the next page, "" where there is none."""

    name: str
    count: int
    after: str
    items: list[object]


def door(history: History, items: Items, clock: Clock, city_now: Callable[[], City]) -> Blueprint:
    """Return the doors. What cannot be used is answered 400, with what it must be."""
    blueprint = Blueprint("leader", __name__)

    @blueprint.get("/leader/figures")
    def figures() -> Response:
        return _json(shown())

    @blueprint.get("/leader/items")
    def listed() -> Response:
        return _listed(history, items, city_now(), clock.now_ms())

    @blueprint.get("/api/v1/figures")
    def figures_for_machines() -> Response:
        told = shown()
        if request.args.get("format") == "csv":
            return _csv(told)
        span = {name: getattr(told, name) for name in ("first", "last", "compared_first", "compared_last", "ended_last", "at")}
        return _json(span | {"figures": [_described(one) for one in told.figures]})

    @blueprint.errorhandler(Unusable)
    def unusable(error: Unusable) -> Response:
        return Response(_error(str(error)), 400, mimetype="application/json")

    def shown() -> Leaders:
        city, now_ms = city_now(), clock.now_ms()
        today = _today(city, now_ms)
        asked = wanted(request.args, city, today)
        return page(history, city, asked.period, now_ms=now_ms, today=number_of(today), part=asked.part)

    return blueprint


def _listed(history: History, items: Items, city: City, now_ms: int) -> Response:
    today = _today(city, now_ms)
    name, field, after = request.args.get("list", ""), request.args.get("field", ""), _cursor(request.args.get("after", ""))
    asked = asked_for(
        name,
        wanted(request.args, city, today, any_unit=True),
        city,
        field=field,
        today=number_of(today),
        now_ms=now_ms,
        after=after,
    )
    if asked is None:
        return _json(ListTold(name, 0, "", []))
    rows, further = items.listed(asked)
    goes_on = f"{further.at}.{further.key}" if further else ""
    return _json(ListTold(name, count(history, asked), goes_on, list(rows)))


def _today(city: City, now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(city.zone)).date()


def _json(told: object) -> Response:
    return Response(json.encode(told), mimetype="application/json")


def _error(message: str) -> bytes:
    return json.encode({"error": {"code": "bad_parameter", "message": message}})


def _cursor(told: str) -> Cursor | None:
    """Return where a list goes on. Raises Unusable."""
    at, dot, key = told.partition(".")
    if not told:
        return None
    if not (dot and at.isascii() and at.isdigit() and int(at[:20]) < TOP and 0 < len(key) <= 400) or "\x00" in key:  # noqa: PLR2004  longest key
        raise Unusable("after must be what the page before told")
    return Cursor(int(at[:20]), key)


def _described(one: Told) -> dict[str, object]:
    """Return a figure with its words: what it is called and how it comes about."""
    told: dict[str, object] = to_builtins(one)
    return told | {"title": figure(one.key).title, "formula": figure(one.key).formula}


def _csv(told: Leaders) -> Response:
    """Return the figures as a table that spreadsheets open; no cell of it is taken for a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow((*HEAD, "first", "last"))
    for one in told.figures:
        words = figure(one.key)
        values = ["" if value is None else f"{value:.2f}" for value in (one.value, one.previous, one.last_year)]
        cells = [
            one.code,
            one.key,
            words.title["vi"],
            words.title["en"],
            one.unit,
            *values,
            one.why,
            words.formula["vi"],
            words.formula["en"],
        ]
        table.writerow([_plain(cell) for cell in (*cells, told.first, told.last)])
    name = f"figures-{told.first}-{told.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(f"\ufeff{out.getvalue()}", mimetype="text/csv", headers=headers)


def _plain(cell: str) -> str:
    """Return a cell that no spreadsheet runs: numbers are numbers, all else that begins like a formula is quoted."""
    return f"'{cell}" if cell.startswith(RISKY) and not cell[1:].replace(".", "").isdigit() else cell
