"""Hikvision's alertStream: HTTP, digest, an endless multipart of alerts, each with its pictures after it (docs/sources/hikvision.md)."""

import re
from collections.abc import Generator
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.errors import Rejected
from dashboard.events import FeedSpoke
from data.outward import get, stream
from data.puller import Piece, Pull, Target, ahead, parts, piece, welcome
from data.sources.hikvision import parse
from data.xml_tree import tree

PATH, CLOCK = "/ISAPI/Event/notification/alertStream", "/ISAPI/System/time"
BEAT_S = 10.0
SILENT_S = 3 * BEAT_S
XML = "application/xml"
# What may be a sign of life and nothing else; whether it is, its adapter says.
_QUIET = re.compile(rb"<eventType>\s*(?:videoloss|heartbeat)\s*<", re.IGNORECASE)


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield every alert at once; where a picture follows, the alert once more with it: told again it is the same event."""
    with stream(target.place.at(PATH), keys=target.line, silent_s=SILENT_S) as flow:
        welcome(flow, multipart=True)
        yield None
        last = b""
        for part in parts(flow, target, silent_s=SILENT_S):
            if part.is_picture:
                if last:
                    yield piece(target, last, XML, part)
                continue
            last = b"" if _is_beat(part.body) else part.body
            yield piece(target, last, XML) if last else None


def _is_beat(body: bytes) -> bool:
    if not _QUIET.search(body):
        return False
    try:
        return all(isinstance(one, FeedSpoke) for one in parse(body, {}))
    except Rejected:
        return False


def clock(target: Target, zone: str) -> int | None:
    """Return by how much the device's clock is ahead (ms). Raises Unreached."""
    told = get(target.place.at(CLOCK), keys=target.line)
    welcome(told)
    try:
        at = datetime.fromisoformat(tree(told.body).text_of("localTime"))
    except (Rejected, ValueError):
        return None
    return ahead(round((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).timestamp() * 1000))


PULL = Pull(key="hikvision", listen=listen, clock=clock)
