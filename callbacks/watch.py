"""The doors of the watch lists: what stands on them, proposals, imports, and what is decided (docs/watch-lists.md)."""

import secrets
from collections.abc import Callable, Mapping
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.access import may
from dashboard.accounts import Who
from dashboard.errors import Missing, Unfit
from dashboard.masking import plate
from dashboard.ports import Clock
from dashboard.watch.entry import Action, Barred, Content, Proposal
from dashboard.watch.importing import read
from dashboard.watch.lists import Shown, WatchLists

MOST, MOST_MISTAKES, LEAST_REASON = 500, 50, 10
NEEDS: Mapping[Action, str] = {
    "approve": "watch.decide",
    "refuse": "watch.decide",
    "withdraw": "watch.decide",
    "review": "watch.decide",
    "reveal": "watch.reveal",
}
REASONED = frozenset({"refuse", "withdraw", "reveal", "review"})


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted: an act on an entry, or on an import that waits."""

    action: Action
    entry: Annotated[int, Meta(ge=0, le=1 << 53)] = 0
    batch: Annotated[str, Meta(max_length=40)] = ""
    why: Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")] = ""


def door(lists: WatchLists, clock: Clock) -> Blueprint:
    """Return the doors. Only people with a session act here, never a token: every decision has a name."""
    blueprint = Blueprint("watch", __name__)

    @blueprint.get("/watch/entries")
    def entries() -> Response:
        shown, batches = lists.shown(most=MOST)
        now_ms = clock.now_ms()
        told = [_told(one, now_ms) for one in shown]
        return answer({"entries": told, "batches": [one._asdict() for one in batches], "me": g.who.name, "cut": len(told) == MOST})

    @blueprint.get("/watch/entries/<int:entry>")
    def history(entry: int) -> Response:
        done = lists.history(entry)
        return answer({"acts": [one._asdict() for one in done]}) if done else no(404, "not_found")

    @blueprint.post("/watch/propose")
    def propose() -> Response:
        return _by_person(lambda who: _proposed(lists, who.name))

    @blueprint.post("/watch/import")
    def import_() -> Response:
        return _by_person(lambda who: _imported(lists, who.name))

    @blueprint.post("/watch/act")
    def act() -> Response:
        return _by_person(lambda who: _acted(lists, who))

    return blueprint


def _by_person(do: Callable[[Who], Response]) -> Response:
    """Do what a person with a session asks for, and answer what stands in the way."""
    if g.who.kind != "session":
        return no(403, "forbidden")
    try:
        return do(g.who)
    except Unfit as unfit:
        return no(400, "unfit", field=unfit.field, why=unfit.why)
    except Barred as barred:
        return no(409, str(barred))
    except Missing:
        return no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")


def _proposed(lists: WatchLists, who: str) -> Response:
    proposal = json.decode(request.get_data(), type=Proposal)
    return answer({"entry": lists.propose([proposal], who=who)[0].id})


def _imported(lists: WatchLists, who: str) -> Response:
    """Keep a table's entries for a second person to decide on, all or none."""
    found, wrong = read(request.get_data().decode())
    if wrong:
        return no(400, "table", mistakes=[one._asdict() for one in wrong[:MOST_MISTAKES]], n=len(wrong))
    batch = secrets.token_urlsafe(9)
    return answer({"batch": batch, "n": len(lists.propose(found, who=who, batch=batch))})


def _acted(lists: WatchLists, who: Who) -> Response:
    told = json.decode(request.get_data(), type=Body)
    if not may(who.role, NEEDS.get(told.action, "denied")):
        return no(403, "forbidden")
    if told.action in REASONED and len(told.why.strip()) < LEAST_REASON:
        raise Unfit("why", "too_short")
    if told.action == "reveal":
        return answer(_revealed(lists.reveal(told.entry, who=who.name, why=told.why)))
    if told.batch:
        return answer({"n": lists.decide_batch(told.batch, told.action, who=who.name, why=told.why)})
    lists.decide(told.entry, told.action, who=who.name, why=told.why)
    return answer({"n": 1})


def _revealed(content: Content) -> dict[str, object]:
    return {"subject": content.subject, "origin": content.origin}


def _told(one: Shown, now_ms: int) -> dict[str, object]:
    """Return an entry as everybody who may see the lists sees it: whom it looks for, and where that comes from, stay hidden."""
    entry, content = one
    subject = plate(content.subject) if entry.what == "plate" else "***"
    return {
        "id": entry.id,
        "what": entry.what,
        "level": entry.level,
        "least": entry.least,
        "state": entry.state(now_ms),
        "subject": subject,
        "purpose": content.purpose,
        "basis": content.basis,
        "proposer": entry.proposer,
        "proposed": entry.proposed,
        "approver": entry.approver,
        "approved": entry.approved,
        "expires": entry.expires,
        "ended": entry.ended,
        "ended_by": entry.ended_by,
        "reviewed": entry.reviewed,
        "reviewed_by": entry.reviewed_by,
        "review_due": entry.review_due(now_ms),
    }
