"""What our own Open311 door keeps of a citizen's report: one `report_changed`, alone or in a multipart with the citizen's photographs.

The pictures are the darkroom's (docs/decisions/006); who wrote it comes sealed.
"""

from collections.abc import Mapping

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, ReportChanged
from data.reading_multipart import is_multipart, parts
from data.source import Source, Unread

_decode = msgspec.json.Decoder(ReportChanged).decode


def parse(raw: bytes, headers: Mapping[str, str]) -> list[AnyEvent | Unread]:
    """Read one payload. Raises Rejected."""
    bodies = [raw]
    if is_multipart(raw):
        bodies = [one.body for one in parts(raw, headers.get("content-type", "")) if one.name == "report"]
    if len(bodies) != 1:
        raise Rejected("is a multipart without a report in it")
    try:
        return [_decode(bodies[0])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(f"is no report of our Open311 door: {error}") from error


SOURCE = Source(key="open311", parse=parse)
