"""The doors of pictures: masked ones by an address that is good for five minutes and for one person, clear ones after a reason (docs/pictures.md)."""

import hmac
from collections.abc import Callable, Sequence
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.accounts import Who
from dashboard.errors import Missing
from dashboard.pictures import CLEAR_MS, MASKED_MS, Picture, Pictures
from dashboard.ports import Clock

LEAST_REASON = 10
RENDITIONS = ("masked", "clear")
Sign = Callable[..., str]


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """Which picture somebody wants to see in the clear, and why."""

    picture: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
    why: Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")]


def door(pictures: Pictures, clock: Clock) -> Blueprint:
    """Return the doors. Pictures are for people with a session: a token, a kiosk and another person's address get none."""
    blueprint = Blueprint("pictures", __name__)

    @blueprint.get("/pictures")
    def listed() -> Response:
        found = _asked(pictures)
        return answer({"pictures": [_told(pictures.sign, one, "masked", clock.now_ms() + MASKED_MS) for one in found]})

    @blueprint.get("/pictures/last")
    def last() -> Response:
        until = clock.now_ms() + MASKED_MS
        return answer({"cameras": {camera: _told(pictures.sign, one, "masked", until) for camera, one in pictures.last().items()}})

    @blueprint.post("/pictures/reveal")
    def reveal() -> Response:
        return _revealed(pictures, clock)

    @blueprint.get("/pictures/<picture>/<rendition>")
    def one(picture: str, rendition: str) -> Response:
        if not _is_ours(pictures.sign, picture, rendition, clock.now_ms()):
            return no(404, "not_found")
        try:
            found = pictures.clear(picture, who=g.who.name) if rendition == "clear" else pictures.masked(picture)
        except Missing:
            return no(404, "not_found")
        headers = {"Cache-Control": "no-store" if rendition == "clear" else "private, max-age=300", "Content-Disposition": "inline"}
        return Response(found, mimetype="image/jpeg", headers=headers)

    return blueprint


def _revealed(pictures: Pictures, clock: Clock) -> Response:
    try:
        told = json.decode(request.get_data(), type=Body)
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return no(400, "bad_request")
    if len(told.why.strip()) < LEAST_REASON:
        return no(400, "too_short")
    if g.who.kind != "session":
        return no(403, "forbidden")
    try:
        pictures.reveal(told.picture, who=g.who.name, why=told.why)
    except Missing:
        return no(404, "not_found")
    return answer({"url": _address(pictures.sign, told.picture, "clear", clock.now_ms() + CLEAR_MS)})


def _asked(pictures: Pictures) -> Sequence[Picture]:
    alarm, seq = request.args.get("alarm", ""), request.args.get("seq", "")
    if alarm.isascii() and alarm.isdigit() and len(alarm) <= 18:  # noqa: PLR2004  as alarms are numbered
        return pictures.of_alarm(alarm)
    if seq.isascii() and seq.isdigit() and len(seq) <= 18:  # noqa: PLR2004
        return pictures.of_event(int(seq))
    return []


def _told(sign: Sign, one: Picture, rendition: str, until_ms: int) -> dict[str, object]:
    address = _address(sign, one.id, rendition, until_ms)
    return {"id": one.id, "role": one.role, "at": one.at, "width": one.width, "height": one.height, "url": address}


def _address(sign: Sign, picture: str, rendition: str, until_ms: int) -> str:
    """Return an address that is good until then, for whoever asks now and for nobody else."""
    who: Who = g.who
    return f"/pictures/{picture}/{rendition}?until={until_ms}&sign={sign(picture, rendition, str(until_ms), who.key)}"


def _is_ours(sign: Sign, picture: str, rendition: str, now_ms: int) -> bool:
    until, shown = request.args.get("until", ""), request.args.get("sign", "")
    if rendition not in RENDITIONS or not (until.isascii() and until.isdigit() and len(until) < 16) or int(until) < now_ms:  # noqa: PLR2004
        return False
    return hmac.compare_digest(sign(picture, rendition, until, g.who.key).encode(), shown.encode())
