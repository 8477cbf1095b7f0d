"""The doors of clips: that there are some, and one of them after a reason, by an address that is good for five minutes and for one person."""

import hmac
from collections.abc import Sequence
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.pictures import LEAST_REASON
from callbacks.replies import answer, no
from dashboard.accounts import Who
from dashboard.clips import CLIP_MS, Clip, Clips, ranged
from dashboard.errors import Missing
from dashboard.ports import Clock

NOT_SATISFIABLE, PARTIAL = 416, 206


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """Which clip somebody wants to see, and why."""

    clip: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
    why: Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")]


def door(clips: Clips, clock: Clock) -> Blueprint:
    """Return the doors. Clips are for people with a session, as pictures in the clear are."""
    blueprint = Blueprint("clips", __name__)

    @blueprint.get("/clips")
    def listed() -> Response:
        return answer({"clips": [_told(one) for one in _asked(clips)]})

    @blueprint.post("/clips/reveal")
    def reveal() -> Response:
        try:
            told = json.decode(request.get_data(), type=Body)
        except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
            return no(400, "bad_request")
        if len(told.why.strip()) < LEAST_REASON:
            return no(400, "too_short")
        if g.who.kind != "session":
            return no(403, "forbidden")
        try:
            clips.reveal(told.clip, who=g.who.name, why=told.why)
        except Missing:
            return no(404, "not_found")
        until = str(clock.now_ms() + CLIP_MS)
        return answer({"url": f"/clips/{told.clip}/film?until={until}&sign={_sign(clips, told.clip, until)}", "until": int(until)})

    @blueprint.get("/clips/<clip>/film")
    def film(clip: str) -> Response:
        if not _is_ours(clips, clip, clock.now_ms()):
            return no(404, "not_found")
        try:
            return _film(clips, clip, clips.size(clip))
        except Missing:
            return no(404, "not_found")

    return blueprint


def _film(clips: Clips, clip: str, size: int) -> Response:
    """Answer with the part that is asked for, so that who watches can go back and forth."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline", "Accept-Ranges": "bytes"}
    asked = request.headers.get("Range", "")
    span = ranged(asked, size) if asked else (0, size - 1)
    if span is None:
        return Response(b"", NOT_SATISFIABLE, headers={**headers, "Content-Range": f"bytes */{size}"}, mimetype="video/mp4")
    first, last = span
    body = clips.read(clip, first=first, last=last)
    headers |= {"Content-Length": str(last - first + 1)} | ({"Content-Range": f"bytes {first}-{last}/{size}"} if asked else {})
    return Response(body, PARTIAL if asked else 200, headers=headers, mimetype="video/mp4")


def _asked(clips: Clips) -> Sequence[Clip]:
    alarm, seq = request.args.get("alarm", ""), request.args.get("seq", "")
    if alarm.isascii() and alarm.isdigit() and len(alarm) <= 18:  # noqa: PLR2004  as alarms are numbered
        return clips.of_alarm(alarm)
    if seq.isascii() and seq.isdigit() and len(seq) <= 18:  # noqa: PLR2004
        return clips.of_event(int(seq))
    return []


def _told(one: Clip) -> dict[str, object]:
    return {"id": one.id, "state": one.state, "at": one.began, "lasts": one.lasts_ms, "size": one.size}


def _sign(clips: Clips, clip: str, until: str) -> str:
    who: Who = g.who
    return clips.sign(clip, until, who.key)


def _is_ours(clips: Clips, clip: str, now_ms: int) -> bool:
    until, shown = request.args.get("until", ""), request.args.get("sign", "")
    if not (until.isascii() and until.isdigit() and len(until) < 16) or int(until) < now_ms:  # noqa: PLR2004
        return False
    return hmac.compare_digest(_sign(clips, clip, until).encode(), shown.encode())
