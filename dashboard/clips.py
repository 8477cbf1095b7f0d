"""Clips: some seconds of moving picture that belong to an alarm. One cannot be masked box by box, so it exists in the clear alone (P-01, P-02)."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct

CLIP_MS = 300_000  # how long an address is good for
MOST_BYTES = 50 * 1024 * 1024
LONGEST_MS = 180_000  # of a review that goes on for longer the beginning is kept
DIGITS = 15  # of a byte's number
AROUND_MS = 3_000  # before and after what was seen
Standing = Literal["wanted", "kept", "lost"]


class Clip(Struct, frozen=True, kw_only=True):
    """A clip of an event, by the event's key. `began` and `expires`: epoch ms. `lasts_ms` and `size` (bytes) are 0 until it is `kept`."""

    id: str
    event: str
    state: Standing
    began: int
    expires: int
    lasts_ms: int
    size: int


class Wanted(NamedTuple):
    """A clip that is to be fetched: of which source's camera (by its own name for it), from when until when (epoch ms)."""

    id: str
    source: str
    camera: str
    began: int
    ended: int


class Clips(Protocol):
    """The clips that are kept. Every method raises Away."""

    def of_alarm(self, alarm: str) -> Sequence[Clip]:
        """Return the clips of an alarm's first and last events, the newest first."""
        ...

    def of_event(self, seq: int) -> Sequence[Clip]:
        """Return the clips of an event of the record, by its number."""
        ...

    def reveal(self, clip: str, *, who: str, why: str) -> None:
        """Write down that somebody is about to see a clip, and why. Raises Missing."""
        ...

    def size(self, clip: str) -> int:
        """Return how many bytes a clip has. Raises Missing."""
        ...

    def read(self, clip: str, *, first: int, last: int) -> Iterator[bytes]:
        """Yield the bytes from `first` to `last`, both included, as they are asked for. Raises Missing."""
        ...

    def sign(self, *told: str) -> str:
        """Return what makes an address ours: nobody else can write it for what was `told`."""
        ...


def stretch(began: int, ended: int) -> tuple[int, int]:
    """Return from when until when a clip of something shall reach (epoch ms)."""
    return began - AROUND_MS, min(ended, began + LONGEST_MS) + AROUND_MS


def ranged(told: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that a Range header asks for (RFC 9110, 14.2); None: none that there is.

    Of several ranges, or of another unit, all of it is given, which a server may always do.
    """
    unit, _, span = told.strip().partition("=")
    first, dash, last = span.strip().partition("-")
    if (
        unit != "bytes"
        or not dash
        or not all(one == "" or (one.isascii() and one.isdigit() and len(one) <= DIGITS) for one in (first, last))
    ):
        return 0, size - 1
    if not first:
        return (max(size - int(last), 0), size - 1) if last and int(last) else None
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None
