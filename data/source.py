"""What a source adapter is: the one verb that differs. Timing, counting and keeping are written once, above it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.events import AnyEvent


class Unread(NamedTuple):
    """A piece of a payload that could not be read: its bytes, and a reason fit for an administrator's eyes."""

    raw: bytes
    reason: str


class Answer(NamedTuple):
    """What a device must be answered once its payload is kept, where our own receipt would not do."""

    status: int
    mimetype: str
    body: bytes


# What an adapter is told beside the sender's own headers: when the payload was received (epoch ms), and of which device the payload is,
# where that stands in no payload (its poster says so, by header or `?device=`).
RECEIVED, DEVICE = "x-kydai-received", "x-kydai-device"
# What those who pull say of themselves, in the place of a payload: whether their device can be heard, "online" or "offline".
PULLED = "x-kydai-pulled"
Parse = Callable[[bytes, Mapping[str, str]], Sequence[AnyEvent | Unread]]


def below(prefix: str) -> Sequence[str]:
    """Return all topics below a prefix."""
    return (f"{prefix or 'kydai'}/#",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An adapter: how to read what one kind of system says.

    `parse` is pure. It raises `dashboard.errors.Rejected` when nothing of the payload can be read, and returns an `Unread` for each
    piece of a batch that cannot. A payload that is understood and says nothing of interest gives an empty list.
    `answer` stands in for our receipt; only a device that would take the receipt for a failure has one. `topics` returns what to
    subscribe to at a broker, under the prefix that the source has there ("" where none is named).
    """

    key: str
    parse: Parse
    answer: Answer | None = None
    topics: Callable[[str], Sequence[str]] = below
