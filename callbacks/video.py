"""What is seen through a camera: /live/watching says how pictures stand, /live/<camera>/… gives them. Cameras are those of the registry alone."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request
from msgspec import DecodeError, Struct, ValidationError, json
from werkzeug.wrappers import Response as Answer

from callbacks.guard import refuse
from dashboard.city import Camera, City
from dashboard.ports import Clock
from dashboard.ports import Video as Pictures
from dashboard.video import MOST_WATCHED, WATCHED_MS, Seen, judged, playlist, way

HLS, MP4 = "application/vnd.apple.mpegurl", "video/mp4"
PNG = b"\x89PNG"


class Watching(Struct, forbid_unknown_fields=True):
    """Which cameras stand on somebody's screen."""

    cameras: list[str]


def door(video: Pictures, clock: Clock, living: Callable[[], City]) -> Blueprint:
    """Return the door."""
    blueprint = Blueprint("video", __name__, url_prefix="/live")

    def there(camera: str) -> Camera | None:
        return next((one for one in living().cameras if one.id == camera and not one.gone), None)

    @blueprint.post("/watching")
    def watching() -> Answer:
        asked = _asked({one.id for one in living().cameras if not one.gone})
        if asked is None:
            return refuse(400, f"cameras: at most {MOST_WATCHED} of the city's")
        return _standing(video, clock, asked)

    @blueprint.get("/<camera>/index.m3u8")
    def index(camera: str) -> Answer:
        if there(camera) is None:
            return refuse(404)
        now = clock.now_ms()
        video.watch([camera], until_ms=now + WATCHED_MS)
        (seen,) = video.seen([camera])
        return Response(playlist(seen.run, seen.clips), mimetype=HLS) if seen and seen.clips else refuse(404)

    @blueprint.get("/<camera>/<int:run>/<any('init.mp4'):name>")
    @blueprint.get("/<camera>/<int:run>/<int:seq>.m4s")
    def piece(camera: str, run: int, seq: int = 0, name: str = "") -> Answer:
        found = video.piece(camera, f"{run}/{'init' if name else seq}") if there(camera) else None
        return Response(found, mimetype=MP4) if found else refuse(404)

    @blueprint.get("/<camera>/still")
    def still(camera: str) -> Answer:
        found = video.piece(camera, "still") if there(camera) else None
        return Response(found, mimetype="image/png" if found.startswith(PNG) else "image/jpeg") if found else refuse(404)

    @blueprint.get("/<camera>/page")
    def page(camera: str) -> Answer:
        found = there(camera)
        return redirect(found.stream) if found is not None and way(found) == "page" else refuse(404)

    return blueprint


def _asked(cameras: Collection[str]) -> list[str] | None:
    """Return the cameras that are named, or None where that cannot be read."""
    try:
        told = json.decode(request.get_data(), type=Watching).cameras
    except (DecodeError, ValidationError):
        return None
    return told if len(told) <= MOST_WATCHED and all(one in cameras for one in told) else None


def _standing(video: Pictures, clock: Clock, asked: Sequence[str]) -> Response:
    now = clock.now_ms()
    video.watch(asked, until_ms=now + WATCHED_MS)
    found = video.seen(asked)
    relayed = None not in found or video.felt() is not None
    told = {camera: _told(judged(seen, now, relayed=relayed)) for camera, seen in zip(asked, found, strict=True)}
    return Response(json.encode({"at": now, "cameras": told}), mimetype="application/json")


def _told(seen: Seen) -> dict[str, Any]:
    """Return what a screen needs: its pieces are in the playlist."""
    return {"sight": seen.sight, "since": seen.since, "at": seen.at, "why": seen.why, "run": seen.run, "coding": seen.coding}
