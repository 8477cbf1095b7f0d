"""What other Open311 endpoints answer: requests, as JSON or XML, as strictly or loosely as they are really sent (docs/open311.md).

Ids may be numbers, statuses in any case and of any vocabulary, times without a zone, places texts or noughts. A request that has no number yet is
passed over: it is being worked in there. `zone` in the headers is that of times which do not say their own.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, ReportChanged
from dashboard.open311.status import heard
from data import spoken
from data.source import RECEIVED, Source, Unread
from data.xml_tree import Node, tree

MOST_TEXT, MOST_ADDRESS = 4000, 400
TOLD, UPDATES = "told", "updates"  # the header, and its value, of what is said about requests rather than of requests themselves
ROOTS = ("service_requests", "requests", "request")
LISTS = ("service_requests", "requests")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one answer. Raises Rejected when it is neither JSON nor XML of requests, or of updates."""
    zone, received = headers.get("zone", "UTC"), int(headers.get(RECEIVED, "0"))
    if headers.get(TOLD) == UPDATES:
        return [word for told in spoken.rows(raw) if (word := spoken.read(told, zone)) is not None]
    return [one for told in requests(raw) if (one := _read(told, zone, received)) is not None]


def requests(raw: bytes) -> list[dict[str, Any]]:
    """Return the requests of an answer, as they stand there. Raises Rejected."""
    if raw.lstrip()[:1] == b"<":
        return [_plain(node) for node in tree(raw).deep("request")]
    try:
        told = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(f"is no answer of Open311: {error}") from error
    while isinstance(told, dict):  # some keep the wrappers that the standard drops
        inner = next((told[name] for name in ROOTS if name in told), None)
        told = inner if inner is not None else [told]
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _plain(node: Node) -> dict[str, Any]:
    return {one.name: one.text.strip() for one in node.inner if not one.inner}


def _read(told: dict[str, Any], zone: str, received: int) -> ReportChanged | Unread | None:
    number = _text(told.get("service_request_id"))
    if not number:
        return None
    try:
        return _report(told, number, zone, received)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        return Unread(_encode(told), f"request {number[:60]}: {error}")


def _report(told: Mapping[str, Any], number: str, zone: str, received: int) -> ReportChanged:
    submitted, updated = _time(told, "requested_datetime", zone), _time(told, "updated_datetime", zone)
    if submitted is None:
        raise ValueError("requested_datetime is missing")
    faults: list[str] = []
    status = heard(_text(told.get("status")))
    if status is None:
        faults.append("unknown_status")
    is_open = status != "closed"
    at = updated or submitted
    known = {
        "at": at,
        "report": number,
        "service": _text(told.get("service_code")) or _text(told.get("service_name")),
        "submitted": submitted,
        "open": is_open,
        "closed": None if is_open else updated or received or submitted,
        "due": _time(told, "expected_datetime", zone),
        "unit": _text(told.get("agency_responsible"))[:120] or None,
        "channel": "georeport",
        **_place(told, faults),
    }
    said = _said(told, faults)
    mark = blake2s(repr(sorted((known | said | {"closed": is_open}).items())).encode(errors="replace"), digest_size=6).hexdigest()
    return msgspec.convert(known | ({"said": said} if said else {}) | {"id": f"{number}@{at}/{mark}"}, ReportChanged)


def _said(told: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    """Return what the citizen wrote. A text beyond what the standard allows is cut, and that is marked."""
    text, address = _text(told.get("description")), _text(told.get("address"))
    if len(text) > MOST_TEXT or len(address) > MOST_ADDRESS:
        faults.append("text_cut")
    media = _text(told.get("media_url"))
    found = {
        "text": text[:MOST_TEXT],
        "address": address[:MOST_ADDRESS],
        "media": [media] if media.startswith(("http://", "https://")) and len(media) <= 2000 else [],  # noqa: PLR2004  as of a report
        "faults": faults,
    }
    return {name: value for name, value in found.items() if value}


def _text(told: Any) -> str:
    """Return what was told as text; numbers are ids too. Nothing and what is no plain value are empty."""
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return ""
    return str(told).strip()


def _place(told: Mapping[str, Any], faults: list[str]) -> dict[str, float]:
    """Return lon and lat. Nought and nought is what many say who do not know."""
    try:
        lat, lon = (float(_text(told.get(name)) or "nan") for name in ("lat", "long"))
    except ValueError:
        lat = lon = math.nan
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):  # noqa: PLR2004  degrees; of what is no number neither holds
        faults.append("no_coordinates")
        return {}
    return {"lon": lon, "lat": lat}


def _time(told: Mapping[str, Any], name: str, zone: str) -> int | None:
    """Return a time as epoch ms, None where there is none. Raises ValueError for what is no time."""
    text = _text(told.get(name))
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is no time: {text[:40]!r}") from None
    aware = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
    return round(aware.astimezone(UTC).timestamp() * 1000)


SOURCE = Source(key="georeport", parse=parse)
