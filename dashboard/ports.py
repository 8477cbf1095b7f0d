"""What the core asks of the world. `data` fills these; the in-memory adapters are the reference."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from dashboard.alarms.acts import Asked, Illegal, Incomplete
from dashboard.alarms.alarm import Acted
from dashboard.alarms.messages import Message
from dashboard.alarms.report import Span, Told
from dashboard.board import Board
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.events import Heard
from dashboard.video import Seen


class Payload(NamedTuple):
    """Something a source sent, as it came.

    `source` is the key of a registered source; "" is the house itself, which only says that the record holds an act to be read.
    `headers` holds content-type and whatever else its adapter needs, with lower-case
    names. `receipt` is the id that the sender was given.
    """

    source: str
    received: int
    raw: bytes
    headers: Mapping[str, str]
    receipt: str


class Taken(NamedTuple):
    """One payload off the stream, under its entry id ("ms-n")."""

    entry: str
    payload: Payload


class Dead(NamedTuple):
    """A payload, or the `part`th piece of one (a line of a batch), that nobody could read, and why."""

    taken: Taken
    reason: str
    part: int
    raw: bytes


class Reading(NamedTuple):
    """What one payload said: what was understood and what was not. Neither is ever dropped."""

    heard: Sequence[Heard]
    dead: Sequence[Dead]


Read = Callable[[Taken], Reading]


class Stream(Protocol):
    """An ordered log of raw payloads. Every method raises Away."""

    def append(self, payloads: Sequence[Payload]) -> list[str]:
        """Add in order; when this returns they are on the disk. Returns the entry ids."""
        ...

    def take(self, after: str, *, wait_s: float) -> list[Taken]:
        """Return what stands after `after`, waiting at most `wait_s` for the first."""
        ...

    def trim(self, before: str) -> None:
        """Let go of what the record surely holds."""
        ...


class Store(Protocol):
    """The record. What `record` returns is committed, once. Every method raises Away; writing raises Superseded."""

    def record(self, board: Board, reading: Reading, mark: str) -> Board:
        """Commit what is new or amended, with its roll-ups and the mark, in one transaction; return the board that follows.

        Acts of people that the board has not seen come first, then what time has made due, then the reading: an empty one does too.

        After Away nobody knows whether it was committed: load again.
        """
        ...

    def load(self, now_ms: int) -> Board:
        """Return the board as the whole history left it, without reading the history."""
        ...

    def mark(self) -> str:
        """Return how far the stream was read."""
        ...

    def behind(self, acted: int) -> bool:
        """Return whether people did something that no board has followed: about alarms beyond the act of that number, or with reports.

        Raises Superseded when a younger board has taken over.
        """
        ...

    def know(self, city: City) -> None:
        """Take the city to be this one from now on: it has other cameras."""
        ...

    def settle(self) -> str:
        """Carry everything to the disk itself, and return the mark that is safe there."""
        ...


Refusal = Illegal | Incomplete | Missing
"""Why an act was not done."""


class Alarms(Protocol):
    """What people do about alarms. Every method raises Away."""

    def act(self, alarm: str, asked: Asked, *, who: str, key: str) -> Acted:
        """Do it and keep it, in one transaction; return the act. The same `key` again does nothing again.

        Raises Illegal, Incomplete, Missing.
        """
        ...

    def act_together(self, asked: Mapping[str, Asked], *, who: str, key: str) -> Mapping[str, Acted | Refusal]:
        """Do each to its alarm and keep it, all in one transaction; return each one's act, or why it was refused.

        The same `key` again does nothing again.
        """
        ...

    def messages(self, alarm: str) -> Sequence[Message]:
        """Return the messages to units about an alarm, the oldest first."""
        ...

    def history(self, alarm: str) -> Sequence[Acted]:
        """Return what was done about an alarm, the oldest first; nothing where there is no such alarm."""
        ...


class Frames(Protocol):
    """The latest frame of each topic, and whoever waits for the next. Raises Away."""

    def publish(self, frames: Mapping[str, bytes]) -> None:
        """Replace the latest of each given topic, in one round trip."""
        ...

    def follow(self) -> Iterator[list[tuple[str, int, bytes]]]:
        """Yield (topic, seq, body) of every topic, then of what each new round changed; an empty list when nothing came."""
        ...

    def attend(self, names: Iterable[str], *, until_ms: int) -> None:
        """Say who is at an operator's console, until then at the longest (epoch ms)."""
        ...

    def attending(self, now_ms: int) -> int:
        """Return how many people are at a console."""
        ...


class Clock(Protocol):
    """What time it is: for the city, and for measuring."""

    def now_ms(self) -> int:
        """Return UTC in epoch milliseconds."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        ...


class AlarmHistory(Protocol):
    """Alarms, looked back at. Raises Away."""

    def told(self, span: Span) -> tuple[Told, bool]:
        """Return what happened in a stretch, and whether there was more than is looked at."""
        ...


class Video(Protocol):
    """What is seen through the cameras while somebody watches. Every method raises Away."""

    def watch(self, cameras: Iterable[str], *, until_ms: int) -> None:
        """Say that somebody looks through these cameras, until then at the longest (epoch ms)."""
        ...

    def seen(self, cameras: Sequence[str]) -> Sequence[Seen | None]:
        """Return how each picture stands, None where nothing was told of it."""
        ...

    def felt(self) -> Mapping[str, int] | None:
        """Return how many pictures stand how, or None where no relay has spoken lately."""
        ...

    def piece(self, camera: str, name: str) -> bytes | None:
        """Return a piece of a camera's stream, or its last single picture (`still`); None when it is gone."""
        ...


Locate = Callable[[float, float, int], str]
"""(lon, lat, epoch ms) to the official code of the ward in force at that instant, or ""."""


def entry_number(entry: str) -> tuple[int, int]:
    """Return by what entries of the log are ordered: their text is not."""
    at, _, n = entry.partition("-")
    return int(at or 0), int(n or 0)
