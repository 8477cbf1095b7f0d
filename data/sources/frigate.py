"""Frigate NVR, 0.14 to 0.17, by MQTT or posted (docs/sources/frigate.md; formats: Frigate's own documentation and code).

Reviews drive events and alarms, tracked objects bring plates, `stats` and `status` say how cameras stand. What is told again about the
same object amends it and is never a second event.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Sighted
from data.reading_multipart import is_multipart, parts
from data.source import Source, Unread

Found = Sequence[AnyEvent | Unread]
VEHICLES = frozenset({"car", "motorcycle", "bus", "truck", "bicycle", "license_plate", "vehicle"})
# A label, plain or of a custom model, to the pack's kind; the first that is found decides, so the gravest stand first.
KINDS = (
    ("fire", "fire_single"),
    ("smoke", "fire_single"),
    ("flood", "street_flood"),
    ("wrong_way", "wrong_way"),
    ("red_light", "red_light"),
    ("crowd", "crowd"),
    ("no_helmet", "no_helmet"),
    ("illegal_parking", "illegal_parking"),
    ("encroachment", "encroachment"),
    ("waste", "waste_dump"),
    ("congestion", "congestion"),
)
ONLINE = {b"online": True, b"offline": False, b"stopped": False}
STATES = {b"online": "online", b"offline": "offline", b"disabled": "maintenance"}
ENDED, ALERT, NAMED = 1 << 50, 1 << 40, 1 << 50
UNKNOWN, LONGEST, MOST_THINGS = "unknown", 200, 100
_decode = msgspec.json.Decoder().decode


def parse(raw: bytes, headers: Mapping[str, str]) -> Found:
    """Read one message, or one with pictures beside it (data.pull.frigate).

    `headers["mqtt-topic"]` says its topic; without one the message is known by its shape. Raises Rejected.
    """
    if is_multipart(raw):
        raw = next((part.body for part in parts(raw, headers.get("content-type", "")) if not part.is_picture), b"")
    topic = headers.get("mqtt-topic", "").split("/")[1:]
    if topic:
        return _by_topic(raw, topic)
    return _by_shape(_json(raw))


def _by_topic(raw: bytes, topic: list[str]) -> Found:
    """Read by the end of the topic: Frigate's prefix is whatever its owner chose, of one level or of several."""
    name = topic[-1]
    if name == "available":
        return _available(raw)
    if name in JSON:
        return JSON[name](_json(raw))
    if topic[-2:-1] == ["status"] and len(topic) > 2:  # noqa: PLR2004  <camera>/status/<role>
        return _status(topic[-3], name, raw)
    return []  # counts, snapshots, switches: understood, and nothing happened


def _by_shape(told: dict[str, Any]) -> Found:
    if "after" in told:
        inner = told["after"]
        return _review(told) if isinstance(inner, dict) and "severity" in inner else _object(told)
    if "cameras" in told and "service" in told:
        return _stats(told)
    if str(told.get("type")) in {"lpr", "face", "description", "classification"}:
        return _update(told)
    raise Rejected("is none of Frigate's messages: say its topic (X-Mqtt-Topic: frigate/reviews)")


def _json(raw: bytes) -> dict[str, Any]:
    try:
        told = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(f"is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise Rejected("is no JSON object")
    return told


def _available(raw: bytes) -> Found:
    state = raw.strip().lower()
    if state not in ONLINE:
        raise Rejected(f"available says neither online nor offline: {state[:40]!r}")
    return [FeedSpoke(id="available", at=0, online=ONLINE[state])]


def _status(camera: str, role: str, raw: bytes) -> Found:
    state = STATES.get(raw.strip().lower())
    if role != "detect" or state is None:
        return []
    return [FeedSpoke(id="status", at=0), _stands(camera, state, 0)]


def _stands(camera: str, state: str, at: int) -> AnyEvent:
    told = {"id": f"camera:{camera}:{state}:{at}", "at": at, "camera": camera, "state": state}
    return msgspec.convert(told, CameraChanged)


def _guarded(read: Callable[[dict[str, Any]], Found]) -> Callable[[dict[str, Any]], Found]:
    """Whatever a message lacks is a reason to keep it aside, never to fall over."""

    def guarded(told: dict[str, Any]) -> Found:
        try:
            return read(told)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, msgspec.ValidationError) as error:
            raise Rejected(f"lacks or garbles {error}") from error

    return guarded


@_guarded
def _review(told: dict[str, Any]) -> Found:
    """A review: severity only rises, and the end is told up to two minutes late with the time of the last activity."""
    after = told["after"]
    inner = after.get("data") or {}
    labels = [str(label).removesuffix("-verified") for label in [*inner.get("objects", []), *inner.get("audio", [])]]
    ended, alert = after.get("end_time"), after["severity"] == "alert"
    things = _things(inner.get("detections"))
    revision = len(inner.get("detections", [])) + len(inner.get("sub_labels", []))
    return [
        _sighted(
            id=f"review:{_named(after)}",
            at=_ms(after["start_time"]),
            camera=after["camera"],
            kind=_kind(labels, alert=alert),
            box=_box(told.get("box")),
            ended=None if ended is None else _ms(ended),
            revision=revision + ENDED * (ended is not None) + ALERT * alert,
            things=things,
        )
    ]


@_guarded
def _object(told: dict[str, Any]) -> Found:
    """A tracked object: of interest for the plate that was read off it, or whose face it has. Its review is the event."""
    after = told["after"]
    if after.get("false_positive"):
        return [FeedSpoke(id="events", at=0)]
    at = _ms(after.get("frame_time") or after["start_time"])
    text, score = plate_of(after.get("recognized_license_plate"), after.get("recognized_license_plate_score"))
    whose, match = plate_of(after.get("sub_label"), None) if after.get("label") == "person" else ("", None)
    if text:
        return [_plate(_named(after), after["camera"], text, score, at)]
    return [_face(_named(after), after["camera"], whose, match, at) if whose else FeedSpoke(id="events", at=0)]


@_guarded
def _update(told: dict[str, Any]) -> Found:
    """What was recognised on a tracked object. Whose face it is serves the watch lists alone and is not kept (data.watching)."""
    if told.get("type") == "lpr" and told.get("plate") and told.get("id") and told.get("timestamp"):
        return [_plate(_named(told), told["camera"], str(told["plate"]), told.get("score"), _ms(told["timestamp"]))]
    if told.get("type") == "face" and told.get("id") and told.get("timestamp"):
        name = told.get("name")
        whose = name if isinstance(name, str) and name != UNKNOWN else ""
        return [_face(_named(told), told["camera"], whose, _score(told.get("score")), _ms(told["timestamp"]))]
    return [FeedSpoke(id="update", at=0)]


@_guarded
def _stats(told: dict[str, Any]) -> Found:
    """Every minute: a camera without pictures is offline, one whose pictures are not worked on stands still."""
    at = _ms(told.get("service", {}).get("last_updated", 0))
    found: list[AnyEvent | Unread] = [FeedSpoke(id="stats", at=at)]
    for camera, one in told["cameras"].items():
        if isinstance(one, dict) and isinstance(one.get("camera_fps"), int | float):
            state = "offline" if one["camera_fps"] <= 0 else "frozen" if one.get("process_fps", 1) <= 0 else "online"
            found.append(_stands(str(camera), state, at))
    return found


def plate_of(told: Any, score: Any) -> tuple[str, float | None]:
    """Return plate and score from any of the forms seen: a text with a score beside it, [text, score], or nothing."""
    if isinstance(told, list | tuple) and told:
        return str(told[0] or ""), _score(told[1] if len(told) > 1 else None)
    return (told, _score(score)) if isinstance(told, str) else ("", None)


def _plate(key: Any, camera: Any, text: str, score: Any, at: int) -> AnyEvent:
    """One read a passing vehicle; a better read amends it."""
    known = {"plate": text[:20], "score": _score(score), "revision": at, "things": (key,)}
    return _sighted(id=f"plate:{key}", at=at, camera=camera, kind="plate_read", **known)


def _face(key: Any, camera: Any, whose: str, score: float | None, at: int) -> AnyEvent:
    """One a person. Frigate tells of every attempt, most without a name: one with a name amends those."""
    known = {
        "subject": whose[:200] or None,
        "score": score,
        "revision": at + NAMED * bool(whose),
        "things": (key,) if whose else (),
    }
    return _sighted(id=f"face:{key}", at=at, camera=camera, kind="face_seen", **known)


def _things(told: Any) -> tuple[str, ...]:
    """Return the tracked objects of a review, each once; what is no name of one is left out."""
    named = [one for one in told if isinstance(one, str) and 0 < len(one) <= LONGEST] if isinstance(told, list) else []
    return tuple(dict.fromkeys(named))[:MOST_THINGS]


def _named(told: dict[str, Any]) -> str:
    """Return the id that Frigate gave. Raises ValueError where there is none: without one, two things would be one."""
    if not isinstance(told["id"], str) or not told["id"]:
        raise ValueError(f"id: {told['id']!r}")
    return str(told["id"])


def _sighted(**fields: Any) -> AnyEvent:
    return msgspec.convert(fields, Sighted)


def _kind(labels: list[str], *, alert: bool) -> str:
    for label, kind in KINDS:
        if label in labels:
            return kind
    if "person" in labels:
        return "person_seen"
    if VEHICLES & set(labels):
        return "vehicle_seen"
    return "object_seen" if alert or labels else "motion"


def _box(told: Any) -> tuple[float, ...] | None:
    """Return a box (x, y, width, height, shares), where those who asked for it found one."""
    if not isinstance(told, list) or len(told) != 4 or not all(isinstance(one, int | float) for one in told):  # noqa: PLR2004
        return None
    return tuple(min(max(float(one), 0.0), 1.0) for one in told)


def _score(told: Any) -> float | None:
    return min(max(float(told), 0.0), 1.0) if isinstance(told, int | float) and told == told else None  # noqa: PLR0124  not a number


def _ms(seconds: Any) -> int:
    """Return Frigate's Unix seconds as epoch milliseconds. Raises ValueError and OverflowError for what is no time."""
    return int(float(seconds) * 1000)


JSON: dict[str, Callable[[dict[str, Any]], Found]] = {
    "reviews": _review,
    "events": _object,
    "tracked_object_update": _update,
    "stats": _stats,
}


def topics(prefix: str) -> Sequence[str]:
    """Return what is taken of a Frigate whose `topic_prefix` is this."""
    at = prefix or "frigate"
    return tuple(f"{at}/{name}" for name in (*JSON, "available", "+/status/+"))


SOURCE = Source(key="frigate", parse=parse, topics=topics)
