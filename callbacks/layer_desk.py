"""The doors of the page of layers: files come in pieces, are looked at, become versions; versions are taken back (docs/layers.md)."""

from collections.abc import Callable
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Raw, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.errors import Missing
from dashboard.layers.desk import Behind, Crowded, Desk, Job, Said, Shelf
from dashboard.layers.layer import Layer, LayerRefused, told
from dashboard.layers.refusals import why
from dashboard.ports import Clock

PIECE = 4 << 20  # of a file, in one post


class Begun(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that somebody wants to bring: its name, its size in bytes."""

    name: Annotated[str, Meta(min_length=1, max_length=300)]
    size: Annotated[int, Meta(ge=0, le=1 << 42)]


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """The layer that something is done with."""

    key: Annotated[str, Meta(max_length=40)]


def door(desk: Desk, shelf: Shelf, clock: Clock) -> Blueprint:
    """Return the doors. Only people with a session act here, never a token: every version has somebody's name."""
    blueprint = Blueprint("layer_desk", __name__)
    _serve_shelf(blueprint, shelf, clock)
    _serve_desk(blueprint, desk)
    return blueprint


def _serve_shelf(blueprint: Blueprint, shelf: Shelf, clock: Clock) -> None:
    """Attach what is done with layers that there are."""

    @blueprint.get("/layers/kept")
    def kept() -> Response:
        shown, now_ms = [_listed(one, clock.now_ms()) for one in shelf.shown()], clock.now_ms()
        for one in shown:
            one["undo"] = len(shelf.versions(str(one["key"]))) > 1
        return answer({"layers": shown, "removed": [_listed(one, now_ms) for one in shelf.removed()]})

    @blueprint.get("/layers/kept/<key>")
    def history(key: str) -> Response:
        done = shelf.history(key)
        return answer({"acts": done}) if done else no(404, "not_found")

    @blueprint.post("/layers/undo")
    def undo() -> Response:
        return _by_person(lambda who: answer({"version": shelf.undo(_key(), who=who).version}))

    @blueprint.post("/layers/remove")
    def remove() -> Response:
        return _by_person(lambda who: _did(shelf.remove, _key(), who))


def _serve_desk(blueprint: Blueprint, desk: Desk) -> None:
    """Attach what is done with a file until it is a layer."""

    @blueprint.post("/layers/desk")
    def begin() -> Response:
        return _by_person(lambda who: _begun(desk, who))

    @blueprint.post("/layers/desk/<token>/piece/<int:at>")
    def piece(token: str, at: int) -> Response:
        request.max_content_length = PIECE
        return _by_person(lambda who: _job(desk.add(token, at, request.get_data(), who=who)))

    @blueprint.post("/layers/desk/<token>/read")
    def read(token: str) -> Response:
        return _by_person(lambda who: _job(desk.read(token, json.decode(request.get_data(), type=Said), who=who)))

    @blueprint.post("/layers/desk/<token>/take")
    def take(token: str) -> Response:
        return _by_person(lambda who: _job(desk.take(token, json.decode(request.get_data(), type=Said), who=who)))

    @blueprint.post("/layers/desk/<token>/drop")
    def drop(token: str) -> Response:
        return _by_person(lambda who: _did(desk.drop, token, who))

    @blueprint.get("/layers/desk/<token>")
    def job(token: str) -> Response:
        return _by_person(lambda who: _job(desk.job(token, who=who)))

    @blueprint.get("/layers/desk/<token>/seen")
    def seen(token: str) -> Response:
        return _by_person(lambda who: answer(Raw(desk.seen(token, who=who))))


def _by_person(do: Callable[[str], Response]) -> Response:
    """Do what a person with a session asks for, and answer what stands in the way."""
    if g.who.kind != "session":
        return no(403, "forbidden")
    try:
        return do(g.who.name)
    except LayerRefused as refused:
        return no(400, "refused", why=why(str(refused)))
    except (Crowded, Behind) as state:
        return no(409, "behind", got=state.got) if isinstance(state, Behind) else no(409, "crowded")
    except Missing:
        return no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")


def _did(do: Callable[..., None], what: str, who: str) -> Response:
    do(what, who=who)
    return answer({})


def _key() -> str:
    return json.decode(request.get_data(), type=Key).key


def _begun(desk: Desk, who: str) -> Response:
    given = json.decode(request.get_data(), type=Begun)
    return answer({**_told(desk.begin(given.name, given.size, who=who)), "piece": PIECE})


def _job(job: Job) -> Response:
    return answer(_told(job))


def _told(job: Job) -> dict[str, object]:
    return {name: getattr(job, name) for name in ("token", "file", "size", "got", "step", "why", "key", "version")}


def _listed(one: Layer, now_ms: int) -> dict[str, object]:
    return {**told(one, now_ms), "by": one.by, "file": one.file, "roles": one.roles, "wards": bool(one.wards_from)}
