"""How the event stream of Dahua devices is written: `Code=X;action=Start;index=0;data={...}`, several of them, and heartbeats."""

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2s
from itertools import islice, pairwise
from typing import Any, NamedTuple

import msgspec

from data import measures
from data.reading_multipart import is_multipart
from data.reading_stream import PartStream
from data.source import Unread

MOST_EVENTS, MOST_SPEED = 10_000, 999
_HEAD = re.compile(rb"Code=(\w{1,48});\s*action=(\w{1,16})(?:;\s*index=(\d{1,6}))?(;\s*data=)?")
_BEGINS = re.compile(rb"^[ \t]{0,8}(?=Code=|Heartbeat\b)", re.MULTILINE)
WRONG = (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError, RecursionError)


class Thing(msgspec.Struct, rename="pascal"):
    """What was seen: a plate, a person, a vehicle."""

    object_type: Any = None
    text: Any = None
    bounding_box: Any = None
    rect: Any = None
    confidence: Any = None


class Car(msgspec.Struct, rename="pascal"):
    """A vehicle as traffic cameras tell of it."""

    plate_number: Any = None
    vehicle_color: Any = None
    vehicle_type: Any = None
    vehicle_sign: Any = None
    speed: Any = None
    lane: Any = None


class Told(msgspec.Struct, rename={"real_utc": "RealUTC", "utc": "UTC", "utc_ms": "UTCMS", "number": "EventID", "local": "LocaleTime",
                                   "name": "Name", "thing": "Object", "things": "Objects", "moving": "object", "car": "TrafficCar",
                                   "plate": "Plate", "direction": "Direction", "lane": "Lane"}):  # fmt: skip
    """What is taken of an event's data."""

    real_utc: Any = None
    utc: Any = None
    utc_ms: Any = None
    local: Any = None
    number: Any = None
    name: Any = None
    thing: Thing | None = None
    things: list[Thing] | None = None
    moving: list[Thing] | None = None
    car: Car | None = None
    plate: Any = None
    direction: Any = None
    lane: Any = None


class Line(NamedTuple):
    """One event as it is written: its own bytes, and what they say."""

    raw: bytes
    code: str
    action: str
    channel: int
    told: Told


_decode = msgspec.json.Decoder(Told).decode


def lines(raw: bytes, content_type: str) -> Iterator[Line | Unread | None]:
    """Yield what a payload tells: one part of the stream, or several, or a piece of the stream itself. None is a heartbeat."""
    for body in _bodies(raw, content_type):
        yield from _lines(body)


def _bodies(raw: bytes, content_type: str) -> list[bytes]:
    """Return the texts of a piece of the stream; pictures between them are set aside."""
    if not is_multipart(raw):
        return [raw]
    stream = PartStream(content_type if "boundary" in content_type else "")
    return [part.body for part in [*stream.feed(raw), *stream.close()] if not part.is_picture]


def _lines(body: bytes) -> Iterator[Line | Unread | None]:
    """Yield what a text tells, each from one line that begins an event to the next: no line within JSON begins so."""
    if body.find(b"Code=", 1) < 0 and b"Heartbeat" not in body and body.startswith(b"Code="):  # one, as it nearly always is
        yield _line(body.strip())
        return
    starts = [found.start() for found in islice(_BEGINS.finditer(body), MOST_EVENTS)]
    if body[: starts[0] if starts else len(body)].strip():
        starts.insert(0, 0)
    for start, end in pairwise([*starts, len(body)]):
        piece = body[start:end].strip()
        yield None if piece == b"Heartbeat" else _line(piece)


def _line(piece: bytes) -> Line | Unread:
    head = _HEAD.match(piece)
    told = None if head is None else _data(piece[head.end() :].strip(), named=head[4] is not None)
    if head is None or told is None:
        return Unread(piece, "is no event: Code=...;action=...;index=...;data={...} is expected, whole")
    return Line(piece, head[1].decode().lower(), head[2].decode().lower(), int(head[3] or b"0"), told)


def _data(told: bytes, *, named: bool) -> Told | None:
    """Return an event's data; None for what is cut off or no JSON. Some devices write a bare word there, which says nothing to us."""
    if not told.startswith(b"{"):
        return Told() if named or not told.strip(b";") else None
    try:
        return _decode(told)
    except WRONG:
        return None


def looks(car: Car) -> dict[str, Any]:
    """Return what a vehicle looks like, in words by name."""
    speed = measures.whole(car.speed, MOST_SPEED)
    at = f"{speed} km/h" if speed else ""
    return {"vehicle": car.vehicle_type, "sign": car.vehicle_sign, "color": car.vehicle_color, "speed": at}


def sign(text: str) -> str:
    """Tell apart cars of one moment, and tell nobody the plate: names are seen by everyone."""
    return f":{blake2s(text.encode(), digest_size=2).hexdigest()}" if text else ""


def words(said: Mapping[str, Any], more: str = "") -> str | None:
    """Return what was said, as a subject; what says nothing is left out."""
    told_words = [
        f"{key} {text}"
        for key, told in said.items()
        if told is not None and (text := measures.clean(told, 30)) and text.lower() != "unknown"
    ]
    return "; ".join([*told_words, more] if more else told_words)[:200] or None
