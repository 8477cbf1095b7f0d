"""GET /reports/export.csv and .xlsx: the list in view as a file (docs/reports.md)."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from callbacks.case_answers import by_now, or_no, sought_now
from dashboard.city import City
from dashboard.ports import Clock
from dashboard.reports.cases import Exports
from dashboard.reports.sheet import FORMS, Sheet
from layouts.words import Vocabulary


def door(exports: Exports, clock: Clock, living: Callable[[], City]) -> Blueprint:
    """Return the door. Only people take lists away, never a token: every line of the book has a name."""
    blueprint = Blueprint("exports", __name__)

    @blueprint.get("/reports/export.<any(csv, xlsx):form>")
    def export(form: str) -> Response:
        return or_no(lambda: _file(exports, clock, living(), form))

    return blueprint


def _file(exports: Exports, clock: Clock, city: City, form: str) -> Response:
    words, now_ms = Vocabulary(request.cookies.get("tongue", "")), clock.now_ms()
    sheet = Sheet(city, words.say, words.tongue, now_ms)
    done = exports.written(sought_now(), form, by=by_now(acts=True), head=sheet.head(), row=sheet.row)
    day = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(city.zone)).strftime("%Y%m%d-%H%M")
    told = Response(done.blocks, mimetype=FORMS[form])
    told.headers.update(
        {
            "Content-Disposition": f'attachment; filename="reports-{day}.{form}"',
            "Cache-Control": "no-store",
            "X-Rows": str(done.rows),
        }
    )
    return told
