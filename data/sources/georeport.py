"""What other Open311 endpoints answer: requests, as JSON or XML, as strictly or loosely as they are really sent (docs/open311.md).

Ids may be numbers, statuses in any case and of any vocabulary, times without a zone, places texts or noughts. A request that has no number yet is
passed over: it is being worked in there. `zone` in the headers is that of times which do not say their own.
"""

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2s
from typing import Any

import msgspec

from dashboard.events import AnyEvent, ReportChanged
from dashboard.open311.status import heard
from data import spoken
from data.open311_answer import rows, text_of, time_ms
from data.source import RECEIVED, Source, Unread

MOST_TEXT, MOST_ADDRESS, MOST_URL, MOST_MEDIA, MOST_ID, MOST_ZIP = 4000, 400, 2000, 10, 200, 20  # as of a report
TOLD, UPDATES = "told", "updates"  # the header, and its value, of what is said about requests rather than of requests themselves
ROOTS = ("service_requests", "requests", "request", "service_request")
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
    return rows(raw, "request", ROOTS)


def _read(told: dict[str, Any], zone: str, received: int) -> ReportChanged | Unread | None:
    number = text_of(told.get("service_request_id"))
    if not number:
        return None
    try:
        return _report(told, number, zone, received)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        return Unread(_encode(told), f"request {number[:60]}: {error}")


def _report(told: Mapping[str, Any], number: str, zone: str, received: int) -> ReportChanged:
    submitted, faults = time_ms(told, "requested_datetime", zone), list[str]()
    if submitted is None:
        raise ValueError("requested_datetime is missing")
    updated = _time(told, "updated_datetime", zone, faults)
    if updated is not None and updated < submitted:
        faults.append("closed_before_submitted")
        updated = submitted
    status = heard(text_of(told.get("status")))
    if status is None:
        faults.append("unknown_status")
    is_open = status != "closed"
    at = updated or submitted
    known = {
        "at": at,
        "report": number,
        "service": text_of(told.get("service_code")) or text_of(told.get("service_name")),
        "submitted": submitted,
        "open": is_open,
        "closed": None if is_open else updated or received or submitted,
        "due": _time(told, "expected_datetime", zone, faults),
        "unit": _unit(told.get("agency_responsible"))[:120] or None,
        "channel": "georeport",
        **_place(told, faults),
    }
    said = _said(told, faults)
    mark = blake2s(repr(sorted((known | said | {"closed": is_open}).items())).encode(errors="replace"), digest_size=6).hexdigest()
    return msgspec.convert(known | ({"said": said} if said else {}) | {"id": f"{number}@{at}/{mark}"}, ReportChanged)


def _time(told: Mapping[str, Any], name: str, zone: str, faults: list[str]) -> int | None:
    """Return a time that a report can do without."""
    try:
        at = time_ms(told, name, zone)
    except (ValueError, OverflowError):
        at = -1
    if at is not None and at < 0:
        faults.append("unknown_time")
        return None
    return at


def _unit(told: Any) -> str:
    """Return who is responsible there; FixMyStreet names several, under `recipient`."""
    if isinstance(told, dict):
        told = told.get("recipient")
    return ", ".join(filter(None, map(text_of, told))) if isinstance(told, list) else text_of(told)


def _said(told: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    """Return what the citizen wrote. A text beyond what the standard allows is cut, and that is marked."""
    text, address = text_of(told.get("description")), text_of(told.get("address"))
    if len(text) > MOST_TEXT or len(address) > MOST_ADDRESS:
        faults.append("text_cut")
    given = told.get("media_url")
    media = [text_of(one) for one in (given if isinstance(given, list) else [given])]
    found = {
        "text": text[:MOST_TEXT],
        "address": address[:MOST_ADDRESS],
        "address_id": text_of(told.get("address_id"))[:MOST_ID],
        "zipcode": text_of(told.get("zipcode"))[:MOST_ZIP],
        "media": [one for one in media if one.startswith(("http://", "https://")) and len(one) <= MOST_URL][:MOST_MEDIA],
        "faults": faults,
    }
    return {name: value for name, value in found.items() if value}


def _place(told: Mapping[str, Any], faults: list[str]) -> dict[str, float]:
    """Return lon and lat. Nought and nought is what many say who do not know."""
    try:
        lat, lon = (float(text_of(told.get(name)).replace(",", ".") or "nan") for name in ("lat", "long"))
    except ValueError:
        lat = lon = math.nan
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):  # noqa: PLR2004  degrees; of what is no number neither holds
        faults.append("no_coordinates")
        return {}
    return {"lon": lon, "lat": lat}


SOURCE = Source(key="georeport", parse=parse)
