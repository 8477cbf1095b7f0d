"""POST /cameras/maintain and /cameras/maintained: a person says that somebody works on a camera, or no longer does (docs/cameras.md)."""

from collections.abc import Callable
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.cameras.maintenance import Work, Works
from dashboard.city import City
from dashboard.errors import Missing, Unfit

Camera = Annotated[str, Meta(min_length=1, max_length=80)]


class Begins(Struct, frozen=True, forbid_unknown_fields=True):
    """Work on a camera, for so many minutes from now, and why."""

    camera: Camera
    minutes: Annotated[int, Meta(ge=0, le=100_000)]
    why: Annotated[str, Meta(max_length=1000)]


class Ends(Struct, frozen=True, forbid_unknown_fields=True):
    """Work on a camera that is done."""

    camera: Camera


def door(works: Works, city_now: Callable[[], City]) -> Blueprint:
    """Return the doors. Only people with a session act here, never a token: whoever silences a camera has a name."""
    blueprint = Blueprint("maintaining", __name__)

    def begun() -> Work:
        told = json.decode(request.get_data(), type=Begins)
        if not any(one.id == told.camera and not one.gone for one in city_now().cameras):
            raise Missing
        return works.begin(told.camera, minutes=told.minutes, why=told.why, who=g.who.name)

    def ended() -> Work:
        return works.end(json.decode(request.get_data(), type=Ends).camera, who=g.who.name)

    @blueprint.post("/cameras/maintain")
    def maintain() -> Response:
        return _by_person(begun)

    @blueprint.post("/cameras/maintained")
    def maintained() -> Response:
        return _by_person(ended)

    return blueprint


def _by_person(do: Callable[[], Work]) -> Response:
    """Do what a person with a session asks for, and answer what stands in the way."""
    if g.who.kind != "session":
        return no(403, "forbidden")
    try:
        return answer(do()._asdict())
    except Unfit as unfit:
        return no(400, "unfit", field=unfit.field, why=unfit.why)
    except Missing:
        return no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")
