"""The doors of the unknown cameras: who speaks and stands in no pack, and taking one in (docs/cameras.md)."""

from collections.abc import Callable
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.board import Unknown
from dashboard.cameras.adopted import Adopted, Named, Taken, Wish, key_of, strangers
from dashboard.cameras.register import Register
from dashboard.city import City, Owner
from dashboard.errors import Missing, Unfit
from dashboard.masking import hidden

Text = Annotated[str, Meta(max_length=200)]
Camera = Annotated[str, Meta(pattern=r"^N-[0-9]{3,9}$")]


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is posted of a camera: its names, its place in degrees, whose it is."""

    name_vi: Text
    name_en: Text = ""
    short_vi: Text = ""
    short_en: Text = ""
    lon: float
    lat: float
    owner: Owner = "city"

    @property
    def wish(self) -> Wish:
        """Return it as the register is asked."""
        return Wish(**{name: getattr(self, name) for name in Wish.__struct_fields__})


class Adopting(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a stranger, named by the key it is listed under."""

    stranger: Annotated[str, Meta(pattern=r"^[0-9a-f]{24}$")]


class Changing(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a camera that was taken in."""

    camera: Camera


class Naming(Struct, frozen=True, forbid_unknown_fields=True):
    """A stranger that is a camera of ours; or, taken back, its name by the key it is listed under."""

    stranger: Annotated[str, Meta(pattern=r"^[0-9a-f]{24}$")]
    camera: Annotated[str, Meta(max_length=80)] = ""


class Removing(Struct, frozen=True, forbid_unknown_fields=True):
    """A camera that is to be one no more."""

    camera: Camera


def door(register: Register, city_now: Callable[[], City]) -> Blueprint:
    """Return the doors. Only people with a session act here, never a token: what is adopted has somebody's name."""
    blueprint = Blueprint("adopting", __name__)

    @blueprint.get("/cameras/unknown")
    def unknown() -> Response:
        return answer(_listed(register, city_now()))

    @blueprint.post("/cameras/adopt")
    def adopt() -> Response:
        return _by_person(lambda who: _taken_in(register, who))

    @blueprint.post("/cameras/change")
    def change() -> Response:
        return _by_person(lambda who: _changed(register, who))

    @blueprint.post("/cameras/remove")
    def remove() -> Response:
        return _by_person(lambda who: register.remove(json.decode(request.get_data(), type=Removing).camera, who=who))

    @blueprint.post("/cameras/name")
    def name() -> Response:
        return _by_person(lambda who: _named(register, who))

    @blueprint.post("/cameras/unname")
    def unname() -> Response:
        return _by_person(lambda who: _unnamed(register, who))

    @blueprint.get("/cameras/adopted/<camera>")
    def history(camera: str) -> Response:
        done = register.history(camera)
        return answer({"acts": [_act(*one) for one in done]}) if done else no(404, "not_found")

    return blueprint


def _listed(register: Register, city: City) -> dict[str, object]:
    """Return who is in no registry, who was adopted, and which names were added. `ignored`: the pack has it itself by now."""
    ours = {(camera.id, *pair) for camera in city.cameras if not camera.gone for pair in camera.names.items()}
    standing = [one for one in register.adopted() if not one.removed]
    return {
        "strangers": [_stranger(one) for one in strangers(register.strangers(), city)],
        "names": [_name(one) for one in register.names()],
        "adopted": [_adopted(one) | {"ignored": (one.id, one.source, one.called) not in ours} for one in standing],
    }


def _by_person(do: Callable[[str], Adopted | Named]) -> Response:
    """Do what a person with a session asks for, and answer what stands in the way."""
    if g.who.kind != "session":
        return no(403, "forbidden")
    try:
        done = do(g.who.name)
        return answer({"camera": _adopted(done)} if isinstance(done, Adopted) else {"name": _name(done)})
    except Unfit as unfit:
        return no(400, "unfit", field=unfit.field, why=unfit.why)
    except Taken as taken:
        return no(409, "adopted", camera=hidden(taken.camera))
    except Missing:
        return no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")


def _taken_in(register: Register, who: str) -> Adopted:
    """Adopt the stranger of a key. One that somebody took in just now is no stranger any more, and its key says whose it is."""
    told = json.decode(request.get_data(), type=Adopting)
    found = _found(register, told.stranger)
    return register.adopt(found.source, found.name, told.wish, who=who)


def _changed(register: Register, who: str) -> Adopted:
    told = json.decode(request.get_data(), type=Changing)
    return register.change(told.camera, told.wish, who=who)


def _named(register: Register, who: str) -> Named:
    told = json.decode(request.get_data(), type=Naming)
    found = _found(register, told.stranger)
    return register.name(found.source, found.name, told.camera, who=who)


def _unnamed(register: Register, who: str) -> Named:
    told = json.decode(request.get_data(), type=Naming)
    found = next((one for one in register.names() if key_of(one.source, one.called) == told.stranger), None)
    if found is None:
        raise Missing
    return register.unname(found.source, found.called, who=who)


def _found(register: Register, key: str) -> Unknown:
    """Return the stranger of a key. Raises Missing, and Taken where somebody was faster."""
    for one in register.adopted():
        if not one.removed and key_of(one.source, one.called) == key:
            raise Taken(one.id)
    for more in register.names():
        if key_of(more.source, more.called) == key:
            raise Taken(more.camera)
    found = next((one for one in register.strangers() if key_of(one.source, one.name) == key), None)
    if found is None:
        raise Missing
    return found


def _name(one: Named) -> dict[str, object]:
    told = {"source": one.source, "called": hidden(one.called), "camera": one.camera, "by": one.by, "at": one.at}
    return {"key": key_of(one.source, one.called), **told}


def _stranger(one: Unknown) -> dict[str, object]:
    """Return a stranger as it is listed: plates and telephone numbers that its source calls it by are masked."""
    return {
        "key": key_of(one.source, one.name),
        "source": one.source,
        "name": hidden(one.name),
        "count": one.count,
        "last": one.last,
        "state": one.state,
    }


def _adopted(one: Adopted) -> dict[str, object]:
    return {
        "id": one.id,
        "source": one.source,
        "called": hidden(one.called),
        "name": one.name,
        "short": one.short,
        "lon": one.lon,
        "lat": one.lat,
        "ward": one.ward,
        "owner": one.owner,
        "by": one.by,
        "at": one.at,
        "removed": one.removed,
    }


def _act(camera: str, step: str, who: str, at: int, told: str) -> dict[str, object]:
    return {"camera": camera, "step": step, "who": who, "at": at, "told": hidden(told)}
