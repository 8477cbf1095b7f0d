"""ONVIF cameras and recorders (docs/sources/onvif.md): events of Profile M by MQTT, and WS-Notification in XML, pulled or pushed.

A state is told again whenever somebody begins to listen (`Initialized`, or retained by the broker): that is no alarm. A property that
becomes true begins an event; one that becomes false, or is deleted, ends it. What has no state, as a crossed line, is over as it is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2s
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Sighted
from data import measures
from data.clocks import written
from data.episodes import ENDED, LATE, SOON, Stretch, began, may_have_begun
from data.onvif.objects import Seen, kind_of, likelihood, seen
from data.onvif.wire import EVENTS, Frame, Items, Told, from_mqtt, from_xml, many, text
from data.source import DEVICE, RECEIVED, Source, Unread

# A topic, by its last two levels, its last one, or the one before, to the pack's kind.
KINDS = {
    "motionalarm": "motion",
    "motion": "motion",
    "cellmotiondetector": "motion",
    "motionregiondetector": "motion",
    "motiondetector": "motion",
    "motiondetection": "motion",
    "linedetector": "line_crossing",
    "cellmotiondetector/linecross": "line_crossing",
    "fielddetector": "intrusion",
    "cellmotiondetector/intrusion": "intrusion",
    "objectisloitering": "loitering",
    "loiteringdetector": "loitering",
    "objectabandoned": "object_left",
    "idleobject": "object_left",
    "objectremoved": "object_seen",
    "objectdetection": "object_seen",
    "crowddetection": "crowd",
    "face": "face_seen",
    "facedetect": "face_seen",
    "recognition/licenseplate": "vehicle_seen",  # a plate makes it more
    "vehicledetector": "vehicle_seen",
    "vehicledetect": "vehicle_seen",
    "people": "person_seen",
    "peopledetect": "person_seen",
    "package": "object_seen",
    "tpsmartevent": "object_seen",
    "tamper": "camera_tamper",
    "tamperdetector": "camera_tamper",
    "globalscenechange": "camera_tamper",
    "imagetoodark": "camera_tamper",
    "imagetooblurry": "camera_tamper",
    "imagetoobright": "camera_tamper",
    "storagefailure": "storage_fail",
    "trigger/digitalinput": "alarm_input",
    "alarmin": "alarm_input",
}
LOST = frozenset({"signalloss", "videoloss", "connectionlost", "connectionfailed"})
# Under these, what nobody knows yet is an event under its own name; elsewhere devices tell of their own housekeeping.
OF_INTEREST = (("ruleengine",), ("iva",), ("videoanalytics",), ("device", "hardwarefailure"), ("device", "sensor"))
COUNTERS = frozenset({"counter", "occupancycounter"})  # a total since whenever: no event, and told every few seconds
STATES = frozenset(
    {
        "state",
        "ismotion",
        "isinside",
        "istamper",
        "detected",
        "active",
        "failed",
        "logicalstate",
        "status",
        "isloitering",
        "crossed",
    }
)
YES, NO = frozenset({"true", "1"}), frozenset({"false", "0"})
CLASSED = frozenset({"motion", "object_seen"})
BLIND = frozenset({"alarm_input", "storage_fail"})  # told without having looked at a picture
SLOW = frozenset({"camera_tamper", "storage_fail"})
TOKENS = ("VideoSourceToken", "VideoSource", "VideoSourceConfigurationToken", "Source")
HOUR_MS, MOST_OBJECTS = 3_600_000, 64
WRONG = (msgspec.ValidationError, ValueError, OverflowError, RecursionError, TypeError, KeyError, AttributeError)


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one MQTT message (`headers["mqtt-topic"]`) or one XML document. Raises Rejected when nothing of it can be read."""
    received = measures.whole(headers.get(RECEIVED), 1 << 52)
    found: list[AnyEvent | Unread] = [FeedSpoke(id="alive", at=0)]
    for one in _told(raw, headers):
        try:
            found += _frame(one, received) if isinstance(one, Frame) else _event(one, received)
        except WRONG as error:
            found.append(Unread(raw, f"lacks or garbles {error}"))
    unread = [one for one in found if isinstance(one, Unread)]
    if unread and len(unread) == len(found) - 1:
        raise Rejected(unread[0].reason)
    return [one for one in found if not isinstance(one, Unread)] + unread[:1]  # each holds all of the payload


def _told(raw: bytes, headers: Mapping[str, str]) -> Iterator[Told | Frame]:
    topic = headers.get("mqtt-topic", "")
    if topic:
        return from_mqtt(topic, raw, retained=headers.get("mqtt-retain") == "1")
    if raw[:200].lstrip().startswith((b"{", b"[")):
        raise Rejected("is JSON without its topic: say X-Mqtt-Topic")
    return from_xml(raw, measures.clean(headers.get(DEVICE, ""), 80))


def _event(told: Told, received: int) -> Iterator[AnyEvent]:
    camera, at = _camera(told), _at(told.time)
    active = _active(told)
    replayed = told.operation == "initialized"
    kind = _kind(told.topic)
    if LOST & set(told.topic[-2:]) and (active is not None or not replayed):
        yield _stands(camera, "online" if active is False else "offline", at)
    elif kind and not replayed:
        if told.operation != "deleted" and kind not in BLIND:
            yield _stands(camera, "online", at)
        yield from (
            _ends(told, kind, at, received) if active is False else [_sighted(told, kind, at, received, lasting=active is not None)]
        )


def _kind(topic: tuple[str, ...]) -> str:
    """Return what a topic speaks of, or "" for nothing of ours."""
    last, before = topic[-1] if topic else "", topic[-2] if len(topic) > 1 else ""
    kind = KINDS.get(f"{before}/{last}") or KINDS.get(last) or KINDS.get(before)
    if kind or last in COUNTERS:
        return kind or ""
    own = any(topic[: len(root)] == root for root in OF_INTEREST)
    return f"onvif_{before[:40]}_{last[:60]}" if own else ""


def _active(told: Told) -> bool | None:
    """Return whether a property became true or false; None for what is no property."""
    if told.operation == "deleted":
        return False
    if isinstance(told.data.get("ClassTypes"), str):
        return bool(told.data["ClassTypes"].strip())
    for name, value in told.data.items():
        said = str(value).strip().lower() if isinstance(value, str | int) else ""
        if said in YES | NO and (name.lower() in STATES or said in {"true", "false"}):
            return said in YES
    return None


def _camera(told: Told | Frame) -> str:
    """Return `device/token of the video source`, as far as either is said."""
    token = told.token if isinstance(told, Frame) else next((one for name in TOKENS if (one := text(told.source.get(name)))), "")
    camera = "/".join(one for one in (told.device, token[:38]) if one)
    if not camera:
        raise ValueError("its device: add ?device=NAME to the address that it posts to")
    return camera


def _at(time: str) -> int:
    """Return when it was (epoch ms, 0 for not said). A time without a zone is UTC, as the standard has it."""
    at, _ = written(time)
    if time.strip() and not at:
        raise ValueError(f"UtcTime: {time[:40]!r}")
    return at


def _stands(camera: str, state: str, at: int) -> AnyEvent:
    return msgspec.convert({"id": f"camera:{camera}:{state}:{at}", "at": at, "camera": camera, "state": state}, CameraChanged)


def _rule(told: Told) -> str:
    """Name the rule or input that speaks: by its device and all that tells it from others, which may be long, and so as a hash."""
    return f"{told.topic[-1][:40]}:{told.device}:{blake2s(told.rule.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def _stretch(kind: str) -> Stretch:
    return LATE if kind in SLOW else SOON


def _ends(told: Told, kind: str, at: int, received: int) -> Iterator[AnyEvent]:
    closing: Items = {"at": at, "ended": at or None, "revision": ENDED, "closes": True, "kind": kind, "camera": _camera(told)}
    for name in may_have_begun(_rule(told), at or received, _stretch(kind)):
        yield msgspec.convert({"id": name, **closing}, Sighted)


def _sighted(told: Told, kind: str, at: int, received: int, *, lasting: bool) -> AnyEvent:
    what, clock = seen(told.data), at or received
    if kind in CLASSED:
        kind = kind_of(what.classes, kind)
    if lasting or kind.startswith("onvif_"):
        name = began(_rule(told), clock, _stretch(kind))
    else:
        name = f"{_rule(told)}:{clock}:{blake2s(repr(told.data).encode('utf-8', 'replace'), digest_size=2).hexdigest()}"
    plate, score = what.plate or measures.plate(text(told.data.get("PlateNumber"))), likelihood(text(told.data.get("Likelihood")))
    said = {
        "rule": told.source.get("Rule"),
        "class": " ".join(what.classes),
        "object": told.data.get("ObjectId"),
        "lane": told.data.get("VehicleLaneNumber"),
        "direction": told.data.get("VehicleDirection") or told.data.get("Direction"),
    }
    fields = {
        "id": name,
        "at": at,
        "camera": _camera(told),
        "kind": "plate_read" if plate and kind == "vehicle_seen" else kind,
        "plate": plate or None,
        "score": what.plate_score if plate and score is None else score if score is not None else what.score,
    }
    return msgspec.convert({**fields, **_shown(what, said)}, Sighted)


def _shown(what: Seen, said: Mapping[str, Any]) -> Items:
    words = [f"{key} {word}" for key, told in said.items() if told is not None and (word := text(told)[:40])]
    return {"box": what.box, "subject": "; ".join([*words, "box outside the picture"] if what.outside else words)[:200] or None}


def _frame(frame: Frame, received: int) -> Iterator[AnyEvent]:
    """Yield the objects that a frame classifies. An object is told of in every frame, and is one event, named by its number."""
    camera, at = _camera(frame), _at(text(frame.told.get("@UtcTime")))
    yield _stands(camera, "online", at)
    transformation = next(iter(many(frame.told.get("Transformation"))), None)
    for told in many(frame.told.get("Object"))[:MOST_OBJECTS]:
        what, number = seen(told, transformation), text(told.get("@ObjectId"))
        if number and (what.classes or what.plate):
            yield _object(what, at, f"object:{camera}:{number[:40]}:{(at or received) // HOUR_MS}", camera)


def _object(what: Seen, at: int, name: str, camera: str) -> AnyEvent:
    """One object is one event; a plate, and one better read, amends it."""
    fields = {
        "id": name,
        "at": at,
        "revision": 1 + int(1000 * (what.plate_score or 0.0)) if what.plate else 0,
        "camera": camera,
        "kind": "plate_read" if what.plate else kind_of(what.classes, "object_seen"),
        "plate": what.plate or None,
        "score": what.plate_score if what.plate else what.score,
    }
    return msgspec.convert({**fields, **_shown(what, {"class": " ".join(what.classes)})}, Sighted)


def topics(prefix: str) -> Sequence[str]:
    """Return what is taken of devices whose TopicPrefix is this, of all of them where none is named: events, and not the metadata of each frame."""
    return (f"{prefix or '+'}/{EVENTS}/#",)


SOURCE = Source(key="onvif", parse=parse, topics=topics)
