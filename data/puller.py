"""What asking a device is: the one verb that differs. Connecting again, counting and keeping are written once, above it (data/pulling.py)."""

import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from data.outward import Answer, Checked, Flow, Line, Unreached
from data.reading_multipart import Part
from data.reading_stream import PartStream
from data.source import DEVICE

# A device gets so much of our time and of the line, and may save up for so long: whoever floods or is costly to read slows itself alone. Four
# that do so at once take an eighth, so that nobody else is slowed by a fifth.
SHARE, BYTES_S, SAVED_S = 0.03, 4 * 1024 * 1024, 0.5
OK, MOVED = 200, range(300, 400)
WORDS = {401: "denied", 403: "denied", 404: "absent", 405: "absent", 501: "absent"}


class Piece(NamedTuple):
    """One whole piece of what a device says, as its adapter reads it."""

    raw: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Target:
    """A device, and how it is spoken to. `pause` sleeps so many seconds; `dropped` counts parts that were too large to be kept.

    Of a source that is heard through a broker: its `topics`, and under which name the broker keeps our `session` ("": it keeps none);
    `forget` says to let go of that session when it ends.
    """

    place: Checked
    line: Line
    device: str
    pause: Callable[[float], None]
    dropped: int = 0
    topics: tuple[str, ...] = ()
    session: str = ""
    forget: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A way to ask one kind of device.

    `listen` connects and yields each whole piece, and None for a sign of life, the first as soon as the device has let us in. It ends
    only by raising `data.outward.Unreached`. `clock` returns by how many milliseconds the device's clock is ahead; None: it does not say
    (it is given the zone that clocks without one are set to). `beside`: it speaks by itself as well, and what is asked for only fills gaps; so
    when it cannot be asked that is no news of it. `through`: it is heard through somebody else, who can be there while it is away.
    """

    key: str
    listen: Callable[[Target], Generator[Piece | None, None, None]]
    clock: Callable[[Target, str], int | None]
    beside: bool = False
    through: bool = False


class Pace:
    """Holds one device to its share of our time."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._free_s = now_s() - SAVED_S

    def after(self, received: int, spent_s: float) -> float:
        """Return how long to wait after so many bytes, whose reading took so long."""
        now_s = self._now_s()
        self._free_s = max(self._free_s, now_s - SAVED_S) + max(received / BYTES_S, spent_s / SHARE)
        return max(self._free_s - now_s, 0.0)


def parts(flow: Flow, target: Target, *, silent_s: float) -> Iterator[Part]:
    """Yield the whole parts of an endless multipart. Raises Unreached, also when none has come for `silent_s`, whatever else comes."""
    stream, pace, spoke_s = PartStream(flow.content_type), Pace(), time.monotonic()
    for raw in flow.pieces():
        began_s = time.thread_time()
        found = stream.feed(raw)
        spent_s = time.thread_time() - began_s
        target.dropped = max(target.dropped, stream.dropped)
        yield from found
        if found:
            spoke_s = time.monotonic()
        elif time.monotonic() - spoke_s > silent_s:
            raise Unreached("silent", f"has said nothing whole for {silent_s:.0f} s")
        target.pause(pace.after(len(raw), spent_s))


def welcome(told: Flow | Answer, *, multipart: bool = False) -> None:
    """Raise Unreached, with a word for what went wrong, unless a device has let us in."""
    if told.status in MOVED:
        raise Unreached("moved", "sends us to another address, where we do not go; register that one if it is right")
    if told.status != OK:
        raise Unreached(WORDS.get(told.status, "status"), f"answers {told.status}")
    if multipart and told.content_type and not told.content_type.lower().startswith("multipart/"):
        raise Unreached("protocol", f"answers with {told.content_type[:60]}, which is no stream of events")


def piece(target: Target, body: bytes, content_type: str, picture: Part | None = None) -> Piece:
    """Return what a device said, with the picture that came after it, as a payload of its adapter."""
    named = {"content-type": content_type, DEVICE: target.device}
    if picture is None:
        return Piece(body, named)
    mark = f"kydai-{secrets.token_hex(12)}"
    told = [(content_type, body), (picture.mimetype or "image/jpeg", picture.body)]
    raw = b"".join(b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (mark.encode(), kind.encode(), held) for kind, held in told)
    return Piece(raw + b"--%b--\r\n" % mark.encode(), {**named, "content-type": f"multipart/mixed; boundary={mark}"})


def ahead(wall_ms: int) -> int:
    """Return by how much a clock that shows `wall_ms` (epoch ms) is ahead of ours."""
    return wall_ms - time.time_ns() // 1_000_000
