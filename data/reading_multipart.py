"""Multipart bodies as cameras send them: read by their boundary alone, since the lengths that they state are often wrong.

A last part that was cut off is a part all the same: what it holds may be whole.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dashboard.errors import Rejected

MOST_PARTS = 64
MOST_HEADER = 4_000
_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))""", re.IGNORECASE)
_FIRST = re.compile(rb"\s*--([^\r\n]{1,70}?)[ \t]*\r?\n")
_GAP = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"""(?:^|[;\s])name="?([^";]*)""", re.IGNORECASE)
PICTURES = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"BM", b"GIF8")


class Part(NamedTuple):
    """One part: its field's name, what it says it is, and its bytes."""

    name: str
    mimetype: str
    body: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, by its first bytes or, where it has too few, by its own word."""
        return self.body.startswith(PICTURES) or self.mimetype.startswith("image/")


def is_multipart(raw: bytes) -> bool:
    """Return whether a body begins as a multipart does. What its header says is no help: pieces of it are read alone too."""
    return raw[:200].lstrip().startswith(b"--")


def parts(raw: bytes, content_type: str = "") -> Iterator[Part]:
    """Yield the parts. Raises Rejected where there is no boundary, or more parts than any camera sends."""
    mark = b"--" + _boundary(raw, content_type)
    at = raw.find(mark)
    for number in range(MOST_PARTS + 1):
        start = _line_after(raw, at + len(mark))
        if at < 0 or start < 0:
            return
        if number == MOST_PARTS:
            raise Rejected(f"is a multipart of more than {MOST_PARTS} parts")
        at = raw.find(b"\n" + mark, start - 1)
        yield _part(raw[start : len(raw) if at < 0 else at].removesuffix(b"\r"))
        at += 1 if at >= 0 else 0


def _boundary(raw: bytes, content_type: str) -> bytes:
    """Return the boundary: the one in the header if the body knows it, else the one with which the body begins."""
    told = _BOUNDARY.search(content_type)
    boundary = (told[1] or told[2]).encode("latin-1", "replace") if told else b""
    if boundary and b"--" + boundary in raw:
        return boundary
    first = _FIRST.match(raw)
    if first is None:
        raise Rejected("is no multipart: it has no boundary")
    return first[1]


def _line_after(raw: bytes, at: int) -> int:
    """Return where the line after a boundary begins, or -1 after the last one."""
    return -1 if raw[at : at + 2] == b"--" else raw.find(b"\n", at) + 1 or -1


def _part(raw: bytes) -> Part:
    if raw.startswith((b"\n", b"\r\n")):  # a part without headers
        return Part("", "", raw.lstrip(b"\r\n"))
    gap = _GAP.search(raw, 0, MOST_HEADER)
    if gap is None:
        return Part("", "", raw)
    told = {}
    for line in raw[: gap.start()].decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        told[key.strip().lower()] = value.strip()
    name = _NAME.search(told.get("content-disposition", ""))
    return Part(name[1] if name else "", told.get("content-type", "").partition(";")[0].strip().lower(), raw[gap.end() :])
