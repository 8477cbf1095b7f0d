"""What the doors of reports share: who asks, which list, and what is answered where something stands in the way."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request
from msgspec import DecodeError, ValidationError

from callbacks.replies import answer
from dashboard.accounts import Who
from dashboard.errors import Missing
from dashboard.masking import hidden
from dashboard.pictures import NoPicture
from dashboard.reports.case import Illegal, Incomplete
from dashboard.reports.cases import Actor, Sought, TooMany

MOST_OFFSET, MOST_LIMIT, MOST_CODES = 10_000_000, 200, 4000


class Forbidden(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked is not for this person."""


def by_now(*, acts: bool = False) -> Actor:
    """Return who asks. Raises Forbidden for a token where it takes a person (`acts`)."""
    who: Who = g.who
    if acts and who.kind != "session":
        raise Forbidden
    return Actor(who.name, who.role, who.unit)


def sought_now() -> Sought:
    """Return what a list is asked for. Raises ValueError."""
    told = request.args
    texts = {name: told.get(name, "")[:120] for name in ("tab", "due", "priority")}
    several = {name: told.get(name, "") for name in ("service", "field", "ward", "unit")}
    if any(len(one) > MOST_CODES for one in several.values()):
        raise ValueError
    offset, limit = int(told.get("offset", "0")), int(told.get("limit", "60"))
    if not 0 <= offset <= MOST_OFFSET or not 0 <= limit <= MOST_LIMIT:
        raise ValueError
    return Sought(words=told.get("q", "")[:120], offset=offset, limit=limit, **texts, **several)


def in_the_way(illegal: Illegal) -> dict[str, object]:
    """Return how the report that stands in the way stands, and who was first."""
    held = illegal.case
    last = {"who": held.changed_by, "at": held.changed, "action": held.changed_how}
    return {"number": hidden(held.report.partition("/")[2]), "state": held.state, "version": held.version, "last": last}


def or_no(do: Callable[[], Mapping[str, object] | Response]) -> Response:
    """Answer what was asked for, or what stands in its way."""
    try:
        done = do()
    except Illegal as illegal:
        return _no(409, illegal.code, **in_the_way(illegal))
    except Incomplete as lacks:
        return _no(400, "incomplete", lacks=str(lacks))
    except TooMany as many:
        return _no(400, "too_many", total=many.total, most=many.most)
    except (Missing, Forbidden, NoPicture) as refused:
        return _refused(refused)
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return _no(400, "bad_request")
    return done if isinstance(done, Response) else answer(done)


def _refused(refused: Missing | Forbidden | NoPicture) -> Response:
    if isinstance(refused, NoPicture):
        return _no(413 if refused.code == "size" else 400, f"photo_{refused.code}")
    return _no(404, "not_found") if isinstance(refused, Missing) else _no(403, "forbidden")


def _no(status: int, code: str, **more: Any) -> Response:
    error = {"code": code} | ({"lacks": more.pop("lacks")} if "lacks" in more else {})
    return answer({"error": error, **more}, status)
