"""What may be asked of the past, and how it is drawn: the same pictures by the same code as live ones (docs/replay.md)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec import Raw, Struct, json

from dashboard.board import Board, turn
from dashboard.city import City
from dashboard.topic import Topic

KEPT_DAYS = 31
MOST_STEPS = 30
STEPS_MS = range(100, 60_001)


class Span(NamedTuple):
    """From one moment to another (epoch ms), both included."""

    first: int
    last: int


class Urgent(NamedTuple):
    """When an alarm of priority 1 or 2 began (epoch ms), and which it was."""

    at: int
    priority: int


class Past(Protocol):
    """Boards that were."""

    def span(self) -> Span | None:
        """Return from when to when something is kept. Raises Away."""
        ...

    def boards(self, moments: list[int]) -> Iterator[Board | None]:
        """Yield the board as it stood at each moment (ascending); None where nothing is kept so early. Raises Away."""
        ...

    def urgent(self, span: Span) -> list[Urgent]:
        """Return the alarms of priority 1 and 2 that began in a stretch. Raises Away."""
        ...


class Picture(Struct, frozen=True):
    """The topics at a moment: all of them in the first picture of an answer, then those that are drawn otherwise than before."""

    at: int
    topics: dict[str, Raw]


def moments(at: int, step_ms: int, steps: int) -> list[int]:
    """Return the moments of an answer. Raises ValueError for more, or other ones, than are answered."""
    if not 1 <= steps <= MOST_STEPS or step_ms not in STEPS_MS:
        raise ValueError(f"1 to {MOST_STEPS} steps of {STEPS_MS.start} to {STEPS_MS.stop - 1} ms")
    return [at + n * step_ms for n in range(steps)]


def pictures(boards: Iterable[Board | None], at: Sequence[int], city: City, topics: Sequence[Topic]) -> list[Picture]:
    """Return what the screens showed at some moments; moments of which nothing is kept are left out."""
    found: list[Picture] = []
    before: Mapping[str, bytes] = {}
    for moment, board in zip(at, boards, strict=True):
        if board is None:
            continue
        drawn = {topic.key: json.encode(topic.draw(turn(board, moment), city)) for topic in topics}
        found.append(Picture(moment, {key: Raw(body) for key, body in drawn.items() if before.get(key) != body}))
        before = drawn
    return found
