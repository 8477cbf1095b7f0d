"""Dahua cameras and recorders (docs/sources/dahua.md): the events of `eventManager.cgi`, and what plate readers post (ITSAPI).

A part of the event stream is `Code=X;action=Start;index=0;data={...}`: a code, what became of it, a channel from 0, and JSON over many
lines. A beginning and its end are one event, by their number where they have one, else by the time (data/episodes.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Sighted
from data import measures
from data.clocks import unzoned, written
from data.dahua.itsapi import posted
from data.dahua.wire import WRONG, Car, Line, Thing, Told, lines, looks, sign, words
from data.episodes import ENDED, LATE, NUMBERED, SOON, began, may_have_begun
from data.source import DEVICE, RECEIVED, Answer, Source, Unread

# A code, in small letters, to the pack's kind. With codes=[All] devices also tell of their own housekeeping: what is not here is an event
# only where it speaks of an object.
KINDS = {
    "videomotion": "motion",
    "smartmotionhuman": "person_seen",
    "smartmotionvehicle": "vehicle_seen",
    "humantrait": "person_seen",
    "crosslinedetection": "line_crossing",
    "crossregiondetection": "intrusion",
    "wanderdetection": "loitering",
    "leftdetection": "object_left",
    "takenawaydetection": "object_seen",
    "movedetection": "object_seen",
    "parkingdetection": "illegal_parking",
    "rioterdetection": "crowd",
    "crowddetection": "crowd",
    "facedetection": "face_seen",
    "facerecognition": "face_seen",
    "firedetection": "fire_single",
    "smokedetection": "fire_single",
    "videoblind": "camera_tamper",
    "videoabnormaldetection": "camera_tamper",
    "videounfocus": "camera_tamper",
    "storagenotexist": "storage_fail",
    "storagefailure": "storage_fail",
    "storagelowspace": "storage_fail",
    "alarmlocal": "alarm_input",
    "trafficjunction": "vehicle_seen",  # a plate makes it more
    "trafficrunredlight": "red_light",
    "trafficretrograde": "wrong_way",
    "trafficparking": "illegal_parking",
    "trafficjam": "congestion",
}
MOMENTS = frozenset({"crosslinedetection", "crossregiondetection", "takenawaydetection", "movedetection", "humantrait"})
MOMENTARY = ("traffic", "face")  # so begin codes of things that pass
SLOW = frozenset({"camera_tamper", "storage_fail"})
BLIND = frozenset({"storage_fail", "alarm_input"})  # told without having looked at a picture
GRID = 8191.0  # boxes are written on such a grid, whatever the picture's size
CERTAIN = 255.0  # confidences of more than 100 are seen
MOST_TIME, SAID = 1 << 40, 60
STEP_MS = 900_000  # zones lie whole quarters of an hour apart


class Post(NamedTuple):
    """What every event has: of which camera, what, what became of it, when by the device's own clock, and when in truth (0: not known)."""

    camera: str
    code: str
    action: str
    clock: int
    at: int
    timed: bool


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one part of the event stream (or several, or a piece of the stream itself), or one post of ITSAPI. Raises Rejected."""
    received = measures.whole(headers.get(RECEIVED), 1 << 52)
    if "itsapi" in headers or raw[:200].lstrip().startswith((b"{", b"<")):
        return posted(raw, headers.get("itsapi", ""), received)
    device = measures.clean(headers.get(DEVICE, ""), 60)
    found = [event for line in lines(raw, headers.get("content-type", "")) for event in _read(line, device, received)]
    if not found or all(isinstance(one, Unread) for one in found):
        raise Rejected(found[0].reason if found and isinstance(found[0], Unread) else "holds no event")
    return found


def _read(line: Line | Unread | None, device: str, received: int) -> Sequence[AnyEvent | Unread]:
    """Return what one event says; whatever it garbles is a reason to keep it aside."""
    if line is None:
        return [FeedSpoke(id="heartbeat", at=0)]
    if isinstance(line, Unread):
        return [line]
    try:
        return list(_event(line, device, received))
    except WRONG as error:
        return [Unread(line.raw, f"lacks or garbles {error}")]


def _event(line: Line, device: str, received: int) -> Iterator[AnyEvent]:
    told = line.told
    clock, at = _times(told, received)
    camera = f"{device}/{line.channel + 1}".lstrip("/")
    post = Post(camera, line.code, line.action, clock or received, at, timed=bool(clock))
    kind = KINDS.get(post.code, f"dahua_{post.code}" if told.thing or told.things else "")
    if post.code == "videoloss" and post.action in {"start", "stop"}:
        yield _stands(post, "offline" if post.action == "start" else "online")
    elif not kind or post.action not in {"start", "stop", "pulse"}:
        yield FeedSpoke(id="alive", at=0)
    else:
        yield FeedSpoke(id="alive", at=0) if kind in BLIND else _stands(post, "online")
        yield from _ends(post, told, kind) if post.action == "stop" else [_sighted(post, told, kind)]


def _stands(post: Post, state: str) -> AnyEvent:
    """What a channel's analytics tell they saw in its picture: so it has one, and is back if it was lost."""
    told = {"id": f"camera:{post.camera}:{state}:{post.at}", "at": post.at, "camera": post.camera, "state": state}
    return msgspec.convert(told, CameraChanged)


def _times(told: Told, received: int) -> tuple[int, int]:
    """Return the device's time as it tells it (epoch ms, 0 for none) and the instant that it means (0: not to be told).

    `RealUTC` means what it says. `UTC` is often the wall clock put into an epoch. The payload shows which: where `LocaleTime` differs from
    it by a zone's hours, `UTC` is UTC; where both are the same, it is the wall clock, in a zone that is not said. Without a `LocaleTime`
    the moment of receiving shows it; where that does not either, `UTC` is handed on as it is, and R-13 judges.
    """
    odd = measures.whole(told.utc_ms, 999)
    real, utc = measures.whole(told.real_utc, MOST_TIME) * 1000, measures.whole(told.utc, MOST_TIME) * 1000
    if real:
        return real + odd, real + odd
    wall, _ = written(told.local)
    if not utc:
        return wall, unzoned(wall, received)
    if wall and abs(wall - utc) > STEP_MS / 2:
        return utc + odd, utc + odd
    return utc + odd, unzoned(utc + odd, received) or (0 if wall else utc + odd)


def _rule(post: Post, told: Told) -> tuple[str, int]:
    """Return the name of whatever begins and ends together, and its number, 0 for none."""
    number = measures.whole(told.number, 1 << 53)
    return f"{post.code}:{post.camera}:{number or measures.clean(told.name, 40)}", number


def _is_moment(post: Post, number: int) -> bool:
    passing = post.code in MOMENTS or post.code.startswith(MOMENTARY)
    return post.action == "pulse" or (passing and post.timed and not number)


def _ends(post: Post, told: Told, kind: str) -> Iterator[AnyEvent]:
    """Yield the ends of all that a Stop may end. What is told as a moment has none."""
    rule, number = _rule(post, told)
    if _is_moment(post, number):
        return
    closing = {"at": post.at, "ended": post.at or None, "revision": ENDED, "closes": True, "kind": kind, "camera": post.camera}
    for name in may_have_begun(rule, post.clock, NUMBERED if number else LATE if kind in SLOW else SOON):
        yield msgspec.convert({"id": name, **closing}, Sighted)


def _sighted(post: Post, told: Told, kind: str) -> AnyEvent:
    rule, number = _rule(post, told)
    text = _plate(told)
    if _is_moment(post, number):
        name = f"{rule}:{post.clock}{sign(text)}"
    else:
        name = began(rule, post.clock, NUMBERED if number else LATE if kind in SLOW else SOON)
    thing = told.thing or next(iter(told.things or told.moving or ()), None) or Thing()
    box, outside = _box(thing)
    fields = {
        "id": name,
        "at": post.at,
        "camera": post.camera,
        "kind": "plate_read" if text and kind == "vehicle_seen" else kind,
        "plate": text or None,
        "score": measures.share(thing.confidence, of=CERTAIN) if measures.number(thing.confidence) else None,
        "box": box,
        "subject": _said(told, thing, outside=outside),
    }
    return msgspec.convert(fields, Sighted)


def _plate(told: Told) -> str:
    """Return the plate, from wherever it stands. A tricycle has none: it stays a vehicle."""
    thing = told.thing
    read = [thing.text] if thing and measures.clean(thing.object_type, SAID).lower() == "plate" else []
    inner = told.plate if isinstance(told.plate, dict) else {}
    read += [told.car.plate_number if told.car else None, inner.get("Text"), inner.get("PlateNumber")]
    return next((text for one in read if (text := measures.plate(one))), "")


def _box(thing: Thing) -> tuple[measures.Box | None, bool]:
    """Return the box, and whether there was one that lies outside the picture."""
    told = thing.bounding_box if thing.bounding_box is not None else thing.rect
    sides = [side for one in told if (side := measures.number(one)) is not None] if isinstance(told, list) else []
    if len(sides) != 4 or not any(sides):  # noqa: PLR2004  two corners
        return None, False
    found = measures.corners(*(side / GRID for side in sides))
    return found, found is None


def _said(told: Told, thing: Thing, *, outside: bool) -> str | None:
    car = told.car or Car()
    lane = told.lane if told.lane is not None else car.lane
    said = {"rule": told.name, "object": thing.object_type, "direction": told.direction, "lane": lane, **looks(car)}
    return words(said, "box outside the picture" if outside else "")


# What a camera of ITSAPI takes for "kept"; without it the same vehicle is posted again and again. Firmwares look at either word.
KEPT = b'{"Result":true,"result":"true","Message":"Success","message":"Success"}'
SOURCE = Source(key="dahua", parse=parse, answer=Answer(200, "application/json", KEPT))
