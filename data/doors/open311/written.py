"""An answer, written: the same objects as JSON and as XML, which say the same.

In XML a list is an element around one element for each of its things; nothing is an empty element. XML is only ever written here, never read.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from flask import Response
from msgspec import json

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
FORMATS = {"json": "application/json", "xml": "text/xml; charset=utf-8"}
# What one thing of a list is called.
ONE_OF = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "photos": "photo",
    "faults": "fault",
}
EMPTY = (str, list, dict)
_NO_TEXT = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 cannot say
_SPECIAL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff&<>]")


def written(root: str, told: Any, form: str, *, status: int = 200) -> Response:
    """Return an answer in the format that was asked for. `root` is its XML element; JSON has none."""
    body = json.encode(told) if form == "json" else xml(root, told)
    return Response(body, status, content_type=FORMATS[form])


def joined(root: str, told: Sequence[bytes], form: str) -> Response:
    """Return a list of things that are written already (`piece`)."""
    if form == "json":
        body = b"[" + b",".join(told) + b"]"
    else:
        body = b"".join((HEAD.encode(), f"<{root}>".encode(), *told, f"</{root}>".encode())) if told else xml(root, [])
    return Response(body, content_type=FORMATS[form])


def piece(root: str, told: Any, form: str) -> bytes:
    """Return one thing of such a list."""
    if form == "json":
        return json.encode(told)
    out: list[str] = []
    _write(out.append, ONE_OF[root], told)
    return "".join(out).encode()


def xml(root: str, told: Any) -> bytes:
    """Return plain objects as an XML document."""
    out: list[str] = [HEAD]
    _write(out.append, root, told)
    return "".join(out).encode()


def _write(out: Callable[[str], None], name: str, told: Any) -> None:
    """Write one element and all within it."""
    kind = type(told)
    if told is None or (not told and kind in EMPTY):
        out(f"<{name}/>")
    elif kind is dict:
        out(f"<{name}>")
        for key, value in told.items():
            _write(out, key, value)
        out(f"</{name}>")
    elif kind is list:
        out(f"<{name}>")
        for value in told:
            _write(out, ONE_OF[name], value)
        out(f"</{name}>")
    else:
        out(f"<{name}>{_text(told)}</{name}>")


def _text(told: Any) -> str:
    text = told if isinstance(told, str) else str(told).lower() if isinstance(told, bool) else str(told)
    return escape(_NO_TEXT.sub("", text)) if _SPECIAL.search(text) else text
