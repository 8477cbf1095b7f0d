"""ITSAPI: what Dahua's plate readers post to /NotificationInfo/..., as JSON."""

from hashlib import blake2s
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Sighted
from data import measures
from data.clocks import unzoned, written
from data.dahua.wire import WRONG, Car, looks, sign, words
from data.source import Unread


class Plate(msgspec.Struct, rename="pascal"):
    """A plate as ITSAPI tells it."""

    plate_number: Any = None
    plate_color: Any = None
    confidence: Any = None
    is_exist: Any = None


class Snap(msgspec.Struct, rename={"device": "DeviceID", "accurate": "AccurateTime", "time": "SnapTime", "direction": "Direction",
                                   "lane": "Lane", "lan": "LanNo"}):  # fmt: skip
    """When and by which camera a picture was taken."""

    device: Any = None
    accurate: Any = None
    time: Any = None
    direction: Any = None
    lane: Any = None
    lan: Any = None


class Picture(msgspec.Struct, rename="pascal"):
    """A vehicle that ITSAPI tells of; the pictures within are passed over unread."""

    plate: Plate | None = None
    vehicle: Car | None = None
    snap_info: Snap | None = None


class Push(msgspec.Struct, rename={"picture": "Picture", "device": "DeviceID"}):
    """One post of ITSAPI."""

    picture: Picture | None = None
    device: Any = None


_decode = msgspec.json.Decoder(Push).decode


def posted(raw: bytes, what: str, received: int) -> list[AnyEvent | Unread]:
    """Read one post of ITSAPI: a vehicle, or a sign of life, which says which camera it is of."""
    if not raw.strip() and what:
        return [FeedSpoke(id="alive", at=0)]
    if raw.lstrip().startswith(b"<"):
        raise Rejected("is XML; set the camera's platform access (ITSAPI) to JSON")
    try:
        told = _decode(raw)
        if told.picture is not None:
            return _vehicle(told.picture, raw, received)
        camera = measures.clean(told.device, 100)
        if not (camera or what):
            raise Rejected("is no post of ITSAPI: it has neither Picture nor DeviceID")
        return [FeedSpoke(id="alive", at=0), *([_online(camera, 0)] if camera else [])]
    except WRONG as error:
        raise Rejected(f"lacks or garbles {error}") from error


def _vehicle(picture: Picture, raw: bytes, received: int) -> list[AnyEvent | Unread]:
    """Return a vehicle with its plate. Without a time, the post's own fingerprint names it: posted again it is the same."""
    snap, plate = picture.snap_info or Snap(), picture.plate or Plate()
    camera = measures.clean(snap.device, 100)
    if not camera:
        raise ValueError("SnapInfo.DeviceID: none")
    wall, zoned = next((found for one in (snap.accurate, snap.time) if (found := written(one))[0]), (0, False))
    text = "" if plate.is_exist is False else measures.plate(plate.plate_number)
    at = wall if zoned else unzoned(wall, received)
    fields = {
        "id": f"its:{camera}:{wall or blake2s(raw, digest_size=4).hexdigest()}{sign(text)}",
        "at": at,
        "camera": camera,
        "kind": "plate_read" if text else "vehicle_seen",
        "plate": text or None,
        "score": measures.share(plate.confidence, of=measures.PERCENT) if text else None,
        "subject": words({"direction": snap.direction, "lane": snap.lane or snap.lan, **looks(picture.vehicle or Car())}),
    }
    return [_online(camera, at), msgspec.convert(fields, Sighted)]


def _online(camera: str, at: int) -> AnyEvent:
    return msgspec.convert({"id": f"camera:{camera}:online:{at}", "at": at, "camera": camera, "state": "online"}, CameraChanged)
