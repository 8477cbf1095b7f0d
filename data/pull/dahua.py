"""Dahua's eventManager: HTTP, digest, an endless multipart of `Code=…` and heartbeats, in any cut (docs/sources/dahua.md)."""

import re
from collections.abc import Generator
from datetime import datetime
from zoneinfo import ZoneInfo

from data.outward import get, stream
from data.puller import Piece, Pull, Target, ahead, parts, piece, welcome

BEAT_S = 5
SILENT_S = 3.0 * BEAT_S
PATH = f"/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat={BEAT_S}"
CLOCK = "/cgi-bin/global.cgi?action=getCurrentTime"
TEXT = "text/plain"
_TIME = re.compile(rb"result=(\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}:\d{2})")


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield every event at once; where a picture follows, the event once more with it: told again it is the same event."""
    with stream(target.place.at(PATH), keys=target.line, silent_s=SILENT_S) as flow:
        welcome(flow, multipart=True)
        yield None
        last = b""
        for part in parts(flow, target, silent_s=SILENT_S):
            if part.is_picture:
                if last:
                    yield piece(target, last, TEXT, part)
                continue
            last = b"" if part.body == b"Heartbeat" else part.body
            yield piece(target, last, TEXT) if last else None


def clock(target: Target, zone: str) -> int | None:
    """Return by how much the device's clock, which tells no zone, is ahead in the given one (ms). Raises Unreached."""
    told = get(target.place.at(CLOCK), keys=target.line)
    welcome(told)
    found = _TIME.search(told.body)
    try:
        at = datetime.strptime(found[1].decode(), "%Y-%m-%d %H:%M:%S") if found else None  # noqa: DTZ007  the zone comes below
    except ValueError:
        return None
    return ahead(round(at.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)) if at else None


PULL = Pull(key="dahua", listen=listen, clock=clock)
