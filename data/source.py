"""What a source adapter is: the one verb that differs. Timing, counting and keeping are written once, above it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.events import AnyEvent


class Unread(NamedTuple):
    """A piece of a payload that could not be read: its bytes, and a reason fit for an administrator's eyes."""

    raw: bytes
    reason: str


Parse = Callable[[bytes, Mapping[str, str]], Sequence[AnyEvent | Unread]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An adapter: how to read what one kind of system says.

    `parse` is pure. It raises `dashboard.errors.Rejected` when nothing of the payload can be read, and returns an `Unread` for each
    piece of a batch that cannot. A payload that is understood and says nothing of interest gives an empty list.
    """

    key: str
    parse: Parse
