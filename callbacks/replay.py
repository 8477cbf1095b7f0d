"""GET /replay/span and /replay/frames: the board of any past second, for whoever sees it live (docs/replay.md)."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from callbacks.replies import answer, no
from dashboard.city import City
from dashboard.errors import Away
from dashboard.ports import Clock
from dashboard.replay.past import Past, Picture, Span, moments, pictures
from dashboard.topic import Topic

MOST_DIGITS = 15
Apart = Callable[[Callable[[], list[Picture]]], list[Picture]]


def door(past: Past, clock: Clock, city_now: Callable[[], City], topics: Sequence[Topic], *, apart: Apart) -> Blueprint:
    """Return the doors. `apart` runs what takes a while where it holds nobody up, one after the other."""
    blueprint = Blueprint("replay", __name__)

    @blueprint.get("/replay/span")
    def span() -> Response:
        kept = past.span()
        first, last = _number("first", 0), _number("last", clock.now_ms())
        urgent = past.urgent(Span(first, last)) if kept is not None else []
        return answer({"first": kept.first if kept else None, "now": clock.now_ms(), "urgent": urgent})

    @blueprint.get("/replay/frames")
    def frames() -> Response:
        try:
            asked = moments(_number("at", -1), _number("step", 1000), _number("steps", 1))
        except ValueError as wrong:
            return no(400, "bad_request", why=str(wrong))
        asked = [at for at in asked if at <= clock.now_ms()]
        city = city_now()
        found = apart(lambda: pictures(past.boards(asked), asked, city, topics)) if asked else []
        return answer({"frames": found, "now": clock.now_ms()})

    @blueprint.errorhandler(Away)
    def away(_: Away) -> Response:
        return no(503, "away")

    return blueprint


def _number(name: str, unless: int) -> int:
    """Return a whole number of the address. Raises BadRequest."""
    told = request.args.get(name)
    if told is None and unless >= 0:
        return unless
    if told is None or not (told.isascii() and told.isdigit() and len(told) <= MOST_DIGITS):
        raise BadRequest
    return int(told)
