"""The doors of layers by address: their pictures for whoever may see them, and taking them in and letting them go (docs/layers.md)."""

from collections.abc import Callable
from typing import Annotated, Literal

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json
from werkzeug.exceptions import NotFound

from callbacks import layers as layers_door
from callbacks.replies import answer, no
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.layers.layer import Shape
from dashboard.layers.reading import Layers
from dashboard.layers.remote import Address, Kind, Pictures, Remote, RemoteDesk, Trouble, Wanted, may_see, told
from dashboard.ports import Clock

KEPT_S = 60  # by the browser, while a picture is good


class Where(Struct, frozen=True, forbid_unknown_fields=True):
    """A service that somebody wants to look at."""

    address: Address
    kind: Kind


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """The layer that something is done with."""

    key: Annotated[str, Meta(max_length=40)]


class Again(Key, frozen=True, forbid_unknown_fields=True):
    """A service that is tried at once; of a WFS also which shapes are read from now on: `all`, those it has."""

    only: Shape | Literal["all"] | None = None


def doors(
    layers: Layers, clock: Clock, remote: tuple[Pictures, RemoteDesk], city_now: Callable[[], City] | None = None
) -> tuple[Blueprint, Blueprint]:
    """Return the doors of all layers on the map: the city's own, and those by address."""
    return layers_door.door(layers, clock, remote[0], city_now), door(*remote, clock)


def door(pictures: Pictures, desk: RemoteDesk, clock: Clock) -> Blueprint:
    """Return the doors. Only people with a session take layers in: each has somebody's name."""
    blueprint = Blueprint("remote_layers", __name__)
    _serve_pictures(blueprint, pictures)
    _serve_desk(blueprint, pictures, desk, clock)
    return blueprint


def _serve_pictures(blueprint: Blueprint, pictures: Pictures) -> None:
    @blueprint.get("/remote/<key>/<int:zoom>/<int:x>/<int:y>")
    def picture(key: str, zoom: int, x: int, y: int) -> Response:
        one = pictures.all().get(key)
        if one is None or one.kind == "wfs" or not may_see(one, g.who.role):
            raise NotFound
        try:
            found = pictures.tile(one, min(zoom, 99), x, y)
        except Trouble as trouble:
            return no(503, trouble.code)
        kept = {"Cache-Control": "no-store" if found.old else f"private, max-age={KEPT_S}", "Vary": "Cookie"}
        kept |= {"X-Fetched": str(found.at), "X-Old": str(int(found.old))}
        return Response(found.body, 200, kept, found.mimetype) if found.body else Response(status=204, headers=kept)


def _serve_desk(blueprint: Blueprint, pictures: Pictures, desk: RemoteDesk, clock: Clock) -> None:
    @blueprint.get("/layers/remote")
    def listed() -> Response:
        return answer({"layers": [_listed(one, pictures, clock.now_ms()) for one in pictures.all().values()]})

    @blueprint.post("/layers/remote/look")
    def look() -> Response:
        def looked(_: str) -> Response:
            where = json.decode(request.get_data(), type=Where)
            title, offers = desk.look(where.address, where.kind)
            return answer({"title": title, "offers": offers})

        return _by_person(looked)

    @blueprint.post("/layers/remote/add")
    def add() -> Response:
        return _by_person(lambda who: answer({"key": desk.add(json.decode(request.get_data(), type=Wanted), who=who).key}))

    @blueprint.post("/layers/remote/again")
    def again() -> Response:
        def tried(who: str) -> Response:
            wish = json.decode(request.get_data(), type=Again)
            if wish.only is not None:
                desk.choose(wish.key, None if wish.only == "all" else wish.only, who=who)
            return answer({"code": desk.again(wish.key).code})

        return _by_person(tried)

    @blueprint.post("/layers/remote/remove")
    def remove() -> Response:
        def removed(who: str) -> Response:
            desk.remove(_key(), who=who)
            return answer({})

        return _by_person(removed)


def _by_person(do: Callable[[str], Response]) -> Response:
    """Do what a person with a session asks for, and answer what stands in the way."""
    if g.who.kind != "session":
        return no(403, "forbidden")
    try:
        return do(g.who.name)
    except Trouble as trouble:
        return no(400, "trouble", trouble={"code": trouble.code, "detail": trouble.detail})
    except Missing:
        return no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")


def _key() -> str:
    return json.decode(request.get_data(), type=Key).key


def _listed(one: Remote, pictures: Pictures, now_ms: int) -> dict[str, object]:
    """Return what who keeps layers is told of one: where it comes from, and what exactly went wrong."""
    stands = pictures.standing(one.key)
    more = {"only": one.only, "place": one.place, "layer": one.layer, "hours": one.fresh_s / 3600, "by": one.by, "since": one.since}
    return {
        **told(one, stands, now_ms),
        **more,
        "roles": one.roles,
        "detail": stands.detail,
        "why": stands.why,
        "tried": stands.tried or None,
    }
