"""Hikvision cameras and recorders, by HTTP push (docs/sources/hikvision.md; formats: ISAPI as devices of five generations speak it).

One post is an `EventNotificationAlert`, bare or beside pictures in a multipart. While an alarm goes on it is posted again and again: all
of that is one event, whose name is made of the device, the channel, the type and the stretch of time in which it began.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any, NamedTuple

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Sighted
from data import measures
from data.reading_multipart import is_multipart, parts
from data.source import Answer, Source, Unread
from data.xml_tree import Node, tree

ALERT = "EventNotificationAlert"
# A type, in small letters, to the pack's kind. What is not here is kept under its own name: no pack knows it, so it is shown as an event.
KINDS = {
    "vmd": "motion",
    "motiondetection": "motion",
    "pir": "motion",
    "linedetection": "line_crossing",
    "regionexiting": "line_crossing",
    "fielddetection": "intrusion",
    "regionentrance": "intrusion",
    "loitering": "loitering",
    "group": "crowd",
    "parking": "illegal_parking",
    "wrongdirection": "wrong_way",
    "unattendedbaggage": "object_left",
    "attendedbaggage": "object_seen",
    "rapidmove": "object_seen",
    "facedetection": "face_seen",
    "facesnap": "face_seen",
    "firedetection": "fire_single",
    "smokedetection": "fire_single",
    "smokeandfiredetection": "fire_single",
    "shelteralarm": "camera_tamper",
    "tamperdetection": "camera_tamper",
    "scenechangedetection": "camera_tamper",
    "defocus": "camera_tamper",
    "diskfull": "storage_fail",
    "diskerror": "storage_fail",
    "io": "alarm_input",
    "anpr": "vehicle_seen",  # a plate makes it more
}
TARGETS = {"human": "person_seen", "person": "person_seen", "vehicle": "vehicle_seen"}
MOMENTS = frozenset({"linedetection", "regionexiting", "regionentrance", "facedetection", "facesnap", "anpr"})
# What a device says without having looked at a picture.
BLIND = frozenset({"io", "pir", "diskfull", "diskerror", "nicbroken", "ipconflict", "illaccess"})
# Posts of one alarm come about one a second and say which they are, so each says when the alarm began: to within such a stretch.
MOMENT_S, STRETCH_S = 10, 60
STEADY = 100  # posts over which that reckoning is good enough to be the time of the event
ENDED, MOST_POSTS = 1 << 50, 1 << 40
FIRST_OF_RECORDER = 32  # an NVR numbers its network cameras from 33
SAID = 60
UNKNOWN = frozenset({"", "unknown", "no", "0", "none"})


class Post(NamedTuple):
    """What every alert says: of which camera, what, when, and how often it has said so. `at` is 0 where its clock tells no zone."""

    camera: str
    type: str
    clock: int
    at: int
    posts: int
    active: bool


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one post. Raises Rejected when no alert in it can be read; a garbled alert beside good ones is an Unread."""
    pieces = list(_pieces(raw, headers.get("content-type", "")))
    if len(pieces) == 1:
        return _alerts(pieces[0])
    found: list[AnyEvent | Unread] = []
    for piece in pieces:
        try:
            found += _alerts(piece)
        except Rejected as reason:
            found.append(Unread(piece, str(reason)))
    if all(isinstance(one, Unread) for one in found):
        raise Rejected(found[0].reason if found and isinstance(found[0], Unread) else "is a multipart without an alert in it")
    return found


def _pieces(raw: bytes, content_type: str) -> Iterator[bytes]:
    """Yield every piece that should be an alert; pictures are set aside."""
    if not is_multipart(raw):
        yield raw.strip()
        return
    for part in parts(raw, content_type):
        if not part.is_picture and part.body.strip():
            yield part.body.strip()


def _alerts(raw: bytes) -> list[AnyEvent | Unread]:
    if raw.startswith((b"{", b"[")):
        raise Rejected("is JSON; set the camera's parameter format to XML")
    top = tree(raw)
    alerts = [top] if top.name == ALERT else top.all(ALERT)
    if not alerts:
        raise Rejected(f"is no {ALERT}, but {measures.clean(top.name, SAID)}")
    try:
        return [event for alert in alerts for event in _alert(alert)]
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise Rejected(f"lacks or garbles {error}") from error


def _alert(alert: Node) -> Iterator[AnyEvent]:
    if _is_heartbeat(alert):
        yield FeedSpoke(id="heartbeat", at=0)
        return
    for kind in _types(alert):
        post = _post(alert, kind)
        if kind == "videoloss":
            yield _stands(post, "offline" if post.active else "online")
            continue
        yield FeedSpoke(id="alive", at=0) if kind in BLIND else _stands(post, "online")
        yield _sighted(alert, post)


def _is_heartbeat(alert: Node) -> bool:
    """Whether it only says that the device lives: that no picture is lost, which was never said to be (then its count is 0)."""
    told = alert.text_of("eventType").lower()
    lost = told == "videoloss" and alert.text_of("eventState").lower() == "inactive"
    return told == "heartbeat" or (lost and measures.whole(alert.text_of("activePostCount"), MOST_POSTS) == 0)


def _types(alert: Node) -> list[str]:
    """Return what happened. `duration` says that something goes on, and names it further below."""
    told = alert.text_of("eventType").lower()
    if told != "duration":
        return [told]
    listed = alert.find("DurationList") or alert
    return list(dict.fromkeys(one.text_of("relationEvent").lower() for one in listed.all("Duration")[:8])) or [told]


def _post(alert: Node, kind: str) -> Post:
    if not (kind.isascii() and kind.isalnum() and len(kind) <= SAID):
        raise ValueError(f"eventType: {kind[:SAID]!r}")
    clock, zoned = _clock(alert.text_of("dateTime"))
    return Post(
        camera=_camera(alert),
        type=kind,
        clock=clock,
        at=clock if zoned else 0,
        posts=measures.whole(alert.text_of("activePostCount"), MOST_POSTS),
        active=alert.text_of("eventState").lower() != "inactive",
    )


def _clock(told: str) -> tuple[int, bool]:
    """Return the device's time (epoch ms), and whether it says its offset.

    Without one it is a wall clock in a zone that only the city knows. Guessing would put an event hours off, and R-13 counts what is
    more than half a minute off at the moment of receiving anyway: so it names the event, and receiving dates it.
    """
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise ValueError(f"dateTime: {told[:SAID]!r}") from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000), at.tzinfo is not None


def _camera(alert: Node) -> str:
    """Return `device/channel`, as the pack's `names` spell it: the device by its MAC, else the first of what it does say."""
    mac = alert.text_of("macAddress").lower().replace("-", ":")
    extensions = alert.find("Extensions")
    serial = extensions.text_of("serialNumber") if extensions is not None else ""
    device = measures.clean(mac or alert.text_of("deviceID") or serial or alert.text_of("ipAddress", "ipv6Address"), 100)
    if not device:
        raise ValueError("macAddress, deviceID and ipAddress: none is there")
    channel = measures.whole(alert.text_of("channelID", "dynChannelID"), 9_999)
    return f"{device}/{channel - FIRST_OF_RECORDER if channel > FIRST_OF_RECORDER else channel}" if channel else device


def _stands(post: Post, state: str) -> AnyEvent:
    """What a channel's analytics tell they saw in its picture: so it has one, and is back if it was lost."""
    told = {"id": f"camera:{post.camera}:{state}:{post.at}", "at": post.at, "camera": post.camera, "state": state}
    return msgspec.convert(told, CameraChanged)


def _sighted(alert: Node, post: Post) -> AnyEvent:
    ago_ms = max(post.posts - 1, 0) * 1000
    told: dict[str, Any] = {"id": f"{post.type}:{post.camera}:{_stretch(post, ago_ms)}", "at": post.at, "revision": post.posts}
    read = alert.find("ANPR")
    if read is not None:
        told |= _vehicle(alert, read, post)
    elif post.active:
        told |= _target(alert, post)
        told["at"] = max(post.at - ago_ms, 0) if post.posts <= STEADY else post.at
    else:
        told |= {"kind": _kind(alert, post), "ended": post.at or None, "revision": ENDED + post.posts, "closes": True}
    return msgspec.convert(told | {"camera": post.camera}, Sighted)


def _stretch(post: Post, ago_ms: int) -> int:
    """Return the stretch of time in which an alarm began, by its own count of posts."""
    return max(post.clock - ago_ms, 0) // (1000 * (MOMENT_S if post.type in MOMENTS else STRETCH_S))


def _kind(alert: Node, post: Post) -> str:
    """Return the kind: of what moved, where the camera tells; else of what happened."""
    kind = KINDS.get(post.type, f"hikvision_{post.type}")
    return TARGETS.get(_target_of(alert), kind) if kind == "motion" else kind


def _target_of(alert: Node) -> str:
    return (
        alert.text_of("targetType", "detectionTarget") or next((one.text_of("detectionTarget") for one in _regions(alert)), "")
    ).lower()


def _regions(alert: Node) -> list[Node]:
    listed = alert.find("DetectionRegionList")
    return listed.all("DetectionRegionEntry") if listed is not None else []


def _target(alert: Node, post: Post) -> dict[str, Any]:
    """What a rule saw: the first thing in its regions, and where."""
    rect = next((found for one in _regions(alert) if (found := one.find("TargetRect")) is not None), None)
    region = next((one.text_of("regionID") for one in _regions(alert)), "")
    said = {"target": _target_of(alert), "region": region, "input": alert.text_of("inputIOPortID", "dynInputIOPortID")}
    return {"kind": _kind(alert, post), **_boxed(rect, said)}


def _vehicle(alert: Node, read: Node, post: Post) -> dict[str, Any]:
    """A vehicle, with its plate where one was read. What is no plate makes it a vehicle that passed, never a plate `unknown`."""
    text = measures.plate(read.text_of("licensePlate", "originalLicensePlate"))
    more = read.find("vehicleInfo")
    said = {
        "lane": read.text_of("line"),
        "direction": read.text_of("direction"),
        "vehicle": read.text_of("vehicleType"),
        "color": more.text_of("color") if more is not None else "",
        "country": read.text_of("country"),
        "list": read.text_of("vehicleListName", "listType"),
    }
    rect = next((one for one in read.deep("plateRect")), None)
    plate = {"plate": text, "score": measures.share(read.text_of("confidenceLevel"), of=measures.PERCENT)} if text else {}
    named = measures.clean(alert.text_of("UUID"), 100)
    name = f"anpr:{named}" if named else _pass(post, text)
    return {"id": name, "kind": "plate_read" if text else "vehicle_seen", **plate, **_boxed(rect, said)}


def _pass(post: Post, text: str) -> str:
    """Name a vehicle that the camera did not: one plate is one pass for ten seconds; without one there is only the moment.

    Two bytes of a hash keep apart cars of the same second, and tell nobody the plate: names are seen by everyone.
    """
    if not text:
        return f"anpr:{post.camera}:{post.clock}"
    return f"anpr:{post.camera}:{_stretch(post, 0)}:{blake2s(text.encode(), digest_size=2).hexdigest()}"


def _boxed(rect: Node | None, said: Mapping[str, str]) -> dict[str, Any]:
    """Return the box, and what was said in words; a box that lies outside the picture is named there."""
    sides = [rect.text_of(low, high) for low, high in (("X", "x"), ("Y", "y"), ("width", "w"), ("height", "h"))] if rect else []
    box = measures.box(sides) if sides else None
    words = [f"{key} {measures.clean(value, SAID)}" for key, value in said.items() if value.lower() not in UNKNOWN]
    if box is None and any(measures.number(side) for side in sides):
        words.append("box outside the picture")
    return {"box": box, "subject": "; ".join(words)[:200] or None}


SOURCE = Source(key="hikvision", parse=parse, answer=Answer(200, "text/plain", b"OK"))
