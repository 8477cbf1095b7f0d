"""AXIS License Plate Verifier (and what shares its engine: CAMMRA, FF Group), by HTTP push (docs/sources/axis.md).

A passing car is told of up to three times: new, update, lost. All are one event; what was recognised may change on the way, and the
last telling stands. Everything is written as a text, numbers too.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, FeedSpoke, Sighted
from data import measures
from data.reading_multipart import is_multipart, parts
from data.source import Source, Unread

STATES = {"new": 0, "update": 1, "lost": 2}
# A car's number starts anew with the camera, so it names a car only together with its time: the same number within an hour is the same
# car. All tellings of a car repeat the moment of the first, so that the hour's end cuts through none.
STRETCH_MS = 3_600_000
MOST_CARS, MOST_COUNTER, MOST_GAP = 10_000, 1 << 58, 1_000
LOCAL = re.compile(r"(\d{8}) (\d{9})")
DEFAULT_ID = "defaultID"
SAID = 60
_scan = json.JSONDecoder().raw_decode


class Of(msgspec.Struct, rename={"serial": "SerialNumber", "mac": "MACAddress", "ip": "IPAddress"}):
    """What tells cameras apart."""

    serial: Any = None
    mac: Any = None
    ip: Any = None


class Vehicle(msgspec.Struct):
    """What the camera makes of the car."""

    type: Any = None
    color: Any = None


WRITTEN = {
    "number": "carID",
    "state": "carState",
    "packet": "packetCounter",
    "millis": "capture_timestamp",
    "nanos": "capture_ts",
    "wall_clock": "datetime",
    "plate_utf8": "plateUTF8",
    "plate_unicode": "plateUnicode",
    "plate_text": "plateText",
    "plate_ascii": "plateASCII",
    "confidence": "plateConfidence",
    "country": "plateCountry",
    "list_mode": "plateListMode",
    "list_name": "plateList",
    "direction": "carMoveDirection",
    "zone": "roiID",
    "given": "sensorProviderID",
    "camera": "camera_info",
    "vehicle": "vehicle_info",
}


class Car(msgspec.Struct, rename=WRITTEN):
    """What is taken of a telling; the pictures within it are passed over without being read."""

    number: Any = None
    state: Any = None
    packet: Any = None
    millis: Any = None
    nanos: Any = None
    wall_clock: Any = None
    plate_utf8: Any = None
    plate_unicode: Any = None
    plate_text: Any = None
    plate_ascii: Any = None
    confidence: Any = None
    country: Any = None
    list_mode: Any = None
    list_name: Any = None
    direction: Any = None
    zone: Any = None
    given: Any = None
    camera: Of | None = None
    vehicle: Vehicle | None = None


_decode = msgspec.json.Decoder(Car).decode
_decode_many = msgspec.json.Decoder(list[msgspec.Raw]).decode


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one post: an object, several one after another, or an array of them. Raises Rejected when none of it can be read."""
    text = _text(raw, headers.get("content-type", ""))
    found = [_read(text)]
    if isinstance(found[0], Unread):
        found = [_read(piece) for piece in _pieces(text)]
    if all(isinstance(one, Unread) for one in found):
        raise Rejected(found[0].reason if found and isinstance(found[0], Unread) else "holds no car")
    return [FeedSpoke(id="alive", at=0), *found]


def _text(raw: bytes, content_type: str) -> bytes:
    """Return the JSON of a post: the body, or the field `event` of a form, or whichever field looks like it."""
    if not is_multipart(raw):
        return raw.strip()
    found = [part for part in parts(raw, content_type) if not part.is_picture]
    for part in found:
        if part.name == "event" or part.body.lstrip().startswith((b"{", b"[")):
            return part.body.strip()
    raise Rejected("is a multipart without the field `event`")


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Yield each car's own bytes, of an array or one after another; what is cut off at the end is a piece too, and cannot be read."""
    if raw.startswith(b"<"):
        raise Rejected("is XML; set the push events of License Plate Verifier to JSON")
    if raw.startswith(b"["):
        try:
            many = _decode_many(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Rejected(f"is no JSON: {error}") from error
        yield from map(bytes, _few(many))
        return
    yield from _few(list(_one_after_another(raw)))


def _few(pieces: list[Any]) -> list[Any]:
    """Return the pieces, if there are not more than any camera could send. Raises Rejected."""
    if len(pieces) > MOST_CARS:
        raise Rejected(f"holds more than {MOST_CARS} cars; send them in several posts")
    return pieces


def _one_after_another(raw: bytes) -> Iterator[bytes]:
    """Yield objects that stand behind each other, with or without a gap; what is left when one cannot be read is one piece."""
    text, at = raw.decode("utf-8", "surrogateescape"), 0
    for _ in range(MOST_CARS + 1):
        try:
            end = _scan(text, at)[1]
        except (ValueError, RecursionError):
            end = len(text)
        yield text[at:end].encode("utf-8", "surrogateescape")
        at = end + len(text[end : end + MOST_GAP]) - len(text[end : end + MOST_GAP].lstrip())
        if at >= len(text):
            return


def _read(piece: bytes) -> AnyEvent | Unread:
    try:
        return _car(_decode(piece))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError, RecursionError) as error:
        return Unread(piece, f"is no car that can be read: {error}")


def _car(told: Car) -> AnyEvent:
    camera, text = _camera(told), _plate(told)
    at, moment = _times(told)
    state = measures.clean(told.state, SAID).lower()
    counter = measures.whole(told.packet, MOST_COUNTER)
    fields = {
        "id": f"car:{camera}:{_named(told, counter, moment)}",
        "at": at,
        "revision": (STATES.get(state, 1) << 60) + counter,
        "camera": camera,
        "kind": "plate_read" if text else "vehicle_seen",
        "plate": text or None,
        "score": _score(told.confidence) if text else None,
        "subject": _said(told),
    }
    return msgspec.convert(fields, Sighted)


def _camera(told: Car) -> str:
    """Return the camera's serial number, which is its MAC as well; else the id or address that somebody gave it."""
    of = told.camera or Of()
    serial = measures.clean(of.serial, 100) or measures.clean(of.mac, 100)
    given = measures.clean(told.given, 100)
    camera = serial.upper().replace(":", "") or ("" if given.startswith(DEFAULT_ID) else given) or measures.clean(of.ip, 100)
    if not camera:
        raise ValueError("camera_info: neither SerialNumber nor MACAddress nor IPAddress")
    return camera


def _times(told: Car) -> tuple[int, int]:
    """Return when it was (epoch ms, 0 for not known) and a moment to name it by.

    Old firmware tells only a wall clock, in a zone that it does not tell: that names the car, and receiving dates it.
    """
    for value, a_ms in ((told.millis, 1), (told.nanos, 1_000_000)):
        if found := measures.whole(value, 1 << 62) // a_ms:
            return found, found
    local = LOCAL.fullmatch(measures.clean(told.wall_clock, SAID))
    if local is None:
        raise ValueError("capture_timestamp and datetime: neither is there")
    day, clock = local[1], local[2]
    return 0, ((int(day) * 24 + int(clock[:2])) * 60 + int(clock[2:4])) * 60_000 + int(clock[4:])


def _named(told: Car, counter: int, moment: int) -> str:
    """Return what is one car's alone: its number within the hour, or the packet, or the moment."""
    number = measures.clean(told.number, SAID)
    if number:
        return f"{number}:{moment // STRETCH_MS}"
    return f"packet {counter}:{moment // STRETCH_MS}" if counter else f"at {moment}"


def _plate(told: Car) -> str:
    read = (told.plate_utf8, told.plate_unicode, told.plate_text, told.plate_ascii)
    return next((text for one in read if (text := measures.plate(one))), "")


def _score(told: Any) -> float | None:
    """Return a confidence, told as a share or in percent."""
    found = measures.number(told)
    return measures.share(found, of=measures.PERCENT if found is not None and found > 1 else 1.0)


def _said(told: Car) -> str | None:
    car = told.vehicle or Vehicle()
    said = {
        "direction": told.direction,
        "zone": told.zone,
        "vehicle": car.type,
        "color": car.color,
        "country": told.country,
        "list": told.list_mode or told.list_name,
    }
    words = {key: measures.clean(value, 30) for key, value in said.items()}
    return "; ".join(f"{key} {word}" for key, word in words.items() if word and word.lower() != "unknown")[:200] or None


SOURCE = Source(key="axis", parse=parse)
