"""The doors of plate searches: one plate in the clear after a reason that is kept, and who searched how often (docs/plate-search.md)."""

from collections.abc import Callable

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, ValidationError, json

from callbacks.replies import answer, no
from dashboard.access import may
from dashboard.accounts import Who
from dashboard.city import City
from dashboard.errors import TooLong, Unfit
from dashboard.masking import hidden
from dashboard.places import Places, places_of
from dashboard.plate_search import SHOWN_MS, PlateSearches, Read, Search, TooMany, checked, needs
from dashboard.ports import Clock

DAY_MS, WEEK, MOST_WEEKS = 86_400_000, 7, 52


def door(searches: PlateSearches, clock: Clock, living: Callable[[], City]) -> Blueprint:
    """Return the doors. Only people with a session search, never a token or a wall: every search has a name."""
    blueprint = Blueprint("plate_search", __name__)

    @blueprint.post("/plates/search")
    def search() -> Response:
        who: Who = g.who
        try:
            asked = checked(json.decode(request.get_data(), type=Search))
        except Unfit as unfit:
            return no(400, "unfit", field=unfit.field, why=unfit.why)
        except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
            return no(400, "bad_request")
        if who.kind != "session" or not may(who.role, needs(asked.days)):
            return no(403, "forbidden")
        return _searched(searches, asked, who, places_of(living())[1])

    @blueprint.get("/plates/searchers")
    def searchers() -> Response:
        told = request.args.get("back", "0")
        if not (told.isascii() and told.isdigit() and len(told) < 3 and int(told) <= MOST_WEEKS):  # noqa: PLR2004  two digits
            return no(400, "bad_request")
        until = clock.now_ms() - int(told) * WEEK * DAY_MS
        found = searches.searchers(until - WEEK * DAY_MS, until)
        return answer({"since": until - WEEK * DAY_MS, "until": until, "searchers": [one._asdict() for one in found]})

    return blueprint


def _searched(searches: PlateSearches, asked: Search, who: Who, places: Places) -> Response:
    try:
        found = searches.search(asked, who=who.name, role=who.role)
    except TooMany:
        return no(429, "too_many")
    except TooLong:
        return no(503, "too_long")
    reads = [_told(one, places) for one in found.reads]
    return answer(
        {"search": found.seq, "who": who.name, "at": found.at, "hides": found.at + SHOWN_MS, "reads": reads, "cut": found.cut}
    )


def _told(one: Read, places: Places) -> dict[str, object]:
    """Return a read with its plate in the clear: what was asked for, and nothing else, is not masked."""
    return {"at": one.at, "ix": places.of(one.camera), "ward": hidden(one.ward), "kind": hidden(one.kind), "plate": one.plate}
