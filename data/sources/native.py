"""The house's own format (docs/intake.md), alone or inside CloudEvents 1.0.

One event is an object with a `type`; a payload is an object, an array, `{"events": [...]}`, or one object a line; or a multipart of such
and of pictures. Times are ISO 8601 with an offset, or epoch milliseconds. A bad piece never spoils the others.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent
from data.reading_multipart import is_multipart, parts
from data.source import Source, Unread

TIMES = ("at", "ended", "submitted", "closed", "due")
CLOUD = "application/cloudevents"
BATCH = "application/cloudevents-batch"
DEEPEST = 20
_decode = msgspec.json.Decoder(strict=True).decode
_encode = msgspec.json.Encoder().encode


def parse(raw: bytes, headers: Mapping[str, str]) -> list[AnyEvent | Unread]:
    """Read one payload. Raises Rejected when nothing of it is JSON."""
    pieces = [piece for body in _bodies(raw, headers.get("content-type", "")) for piece in _pieces(body)]
    if "ce-id" in headers:
        return [_event(_from_binary(headers, piece), text) for piece, text in pieces]
    found: list[AnyEvent | Unread] = []
    for piece, text in pieces:
        found.append(piece if isinstance(piece, Unread) else _event(piece, text))
    return found


def _bodies(raw: bytes, content_type: str) -> Iterator[bytes]:
    """Yield what is to be read: the payload, or the parts of a multipart that are no pictures (those are data.developing's)."""
    if not is_multipart(raw):
        yield raw
        return
    found = [part.body for part in parts(raw, content_type) if not part.is_picture and part.body.strip()]
    if not found:
        raise Rejected("is a multipart without an event in it")
    yield from found


def _pieces(raw: bytes) -> Iterator[tuple[Any, bytes]]:
    """Yield each event's object with its own bytes; a line that is no JSON is yielded as Unread."""
    try:
        whole = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if b"\n" not in raw.strip():
            raise Rejected(f"is no JSON: {error}") from error
        yield from _lines(raw)
        return
    if isinstance(whole, dict) and isinstance(whole.get("events"), list):
        whole = whole["events"]
    for piece in whole if isinstance(whole, list) else [whole]:
        yield piece, _encode(piece)


def _lines(raw: bytes) -> Iterator[tuple[Any, bytes]]:
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _decode(line), line
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Unread(line, f"line {number} is no JSON: {error}"), line


def _from_binary(headers: Mapping[str, str], body: Any) -> Any:
    """Return a CloudEvent in binary mode (attributes in headers) as one in structured mode."""
    told = {key.removeprefix("ce-"): value for key, value in headers.items() if key.startswith("ce-")}
    return {"specversion": "1.0", **told, "data": body}


def _event(piece: Any, text: bytes) -> AnyEvent | Unread:
    if isinstance(piece, Unread):
        return piece
    try:
        event: AnyEvent = msgspec.convert(_timed(_opened(piece)), AnyEvent)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        return Unread(text, str(error))
    return event


def _opened(piece: Any) -> dict[str, Any]:
    """Return the event itself, taken out of its CloudEvent if it is in one; the envelope's id and time stand in for missing ones."""
    if not isinstance(piece, dict):
        raise ValueError("an event is a JSON object")  # noqa: TRY004  said of the payload, not of our code
    if "specversion" not in piece:
        return piece
    inner = piece.get("data")
    if piece["specversion"] != "1.0" or not isinstance(inner, dict):
        raise ValueError("a CloudEvent here has specversion 1.0 and an object as its data")
    given = {"type": str(piece.get("type", "")).rpartition(".")[2], "id": piece.get("id"), "at": piece.get("time")}
    return {key: value for key, value in given.items() if value is not None} | inner


def _timed(piece: dict[str, Any]) -> dict[str, Any]:
    return {key: millis(key, value) if key in TIMES and isinstance(value, str) else value for key, value in piece.items()}


def millis(name: str, text: str) -> int:
    """Return an ISO 8601 time as epoch milliseconds. Raises ValueError for one that does not say its offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is no ISO 8601 time: {text[:40]!r}") from None
    if at.tzinfo is None:
        raise ValueError(f"{name} does not say its offset from UTC: {text!r}; write 2026-11-24T08:00:00+07:00")
    return round(at.astimezone(UTC).timestamp() * 1000)


SOURCE = Source(key="native", parse=parse)
