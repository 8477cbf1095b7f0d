"""An answer, written: the same objects as JSON and as XML, which say the same.

In XML a list is an element around one element for each of its things; nothing is an empty element. XML is only ever written here, never read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from flask import Response
from msgspec import json

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
_NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(root: str, told: Any, form: str, *, status: int = 200) -> Response:
    """Return an answer in the format that was asked for. `root` is its XML element; JSON has none."""
    body = json.encode(told) if form == "json" else xml(root, told)
    return Response(body, status, content_type=FORMATS[form])


def xml(root: str, told: Any) -> bytes:
    """Return plain objects as an XML document."""
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + "".join(_element(root, told))).encode()


def _element(name: str, told: Any) -> Iterable[str]:
    if told is None or told in ("", [], {}):
        return (f"<{name}/>",)
    return (f"<{name}>", *_inside(name, told), f"</{name}>")


def _inside(name: str, told: Any) -> Iterable[str]:
    if isinstance(told, Mapping):
        return [part for key, value in told.items() for part in _element(key, value)]
    if isinstance(told, Sequence) and not isinstance(told, str):
        return [part for value in told for part in _element(ONE_OF[name], value)]
    return (escape(_NO_TEXT.sub("", _text(told))),)


def _text(told: Any) -> str:
    return str(told).lower() if isinstance(told, bool) else str(told)
