"""The pictures in a payload, whatever system sent it: parts of a multipart, or base64 texts somewhere in JSON."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from dashboard.errors import Rejected
from dashboard.pictures import Role, role_of
from data.reading_multipart import is_multipart, parts

MOST, DEEPEST = 8, 8
STARTS = ("/9j/", "iVBORw0KGgo", "UklGR")  # JPEG, PNG, WebP as base64
_decode = msgspec.json.Decoder().decode


class Shot(NamedTuple):
    """A picture as it was sent: what it shows by its sender's word, and its bytes."""

    role: Role
    raw: bytes


def shots(raw: bytes, content_type: str) -> list[Shot]:
    """Return the pictures of a payload, at most eight. What cannot be read has none."""
    try:
        found = _of_parts(raw, content_type) if is_multipart(raw) else _of_json(raw)
        return [shot for shot, _ in zip(found, range(MOST), strict=False)]
    except (Rejected, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []


def _of_parts(raw: bytes, content_type: str) -> Iterator[Shot]:
    for part in parts(raw, content_type):
        if part.is_picture:
            yield Shot(role_of(part.name), part.body)
        elif part.body.lstrip()[:1] in (b"{", b"["):
            yield from _of_json(part.body)


def _of_json(raw: bytes) -> Iterator[Shot]:
    if any(start.encode() in raw for start in STARTS):
        yield from _within(_decode(raw), "", DEEPEST)


def _within(told: Any, name: str, deep: int) -> Iterator[Shot]:
    if isinstance(told, str):
        if (picture := _base64(told)) is not None:
            yield Shot(role_of(name), picture)
    elif deep and isinstance(told, dict):
        for key, value in told.items():
            yield from _within(value, f"{name}.{key}", deep - 1)
    elif deep and isinstance(told, list):
        for value in told:
            yield from _within(value, name, deep - 1)


def _base64(text: str) -> bytes | None:
    bare = text.rpartition("base64,")[2]
    if not bare.startswith(STARTS):
        return None
    try:
        return b64decode(bare, validate=True)
    except ValueError:
        return None
