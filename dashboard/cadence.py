"""When to draw: at once after a quiet moment, then no oftener than the load allows."""

from collections.abc import Iterable
from math import exp

from dashboard.board import Board
from dashboard.topic import Topic

FOREVER_S = 1.0
EASY, FULL = 0.5, 0.9


class Cadence:
    """The gap between two drawings of one topic: `fast_s` when idle, growing to `slow_s` at nine tenths busy."""

    def __init__(self, topics: Iterable[Topic], *, fast_s: float = 0.016, slow_s: float = 0.250) -> None:
        self._topics = tuple(topics)
        self._fast_s, self._slow_s = fast_s, slow_s
        self._moving = {topic.key for topic in self._topics if not topic.every_s}
        self._drawn: dict[str, tuple[float, tuple[object, ...]]] = {}
        self.load = 0.0

    def worked(self, *, busy_s: float, idle_s: float) -> None:
        """Remember the share of time spent working, over about the last second."""
        spent = busy_s + idle_s
        share = busy_s / spent if spent else 0.0
        self.load += (share - self.load) * (1 - exp(-spent))

    @property
    def gap_s(self) -> float:
        """Return the gap that the load allows."""
        strain = min(max((self.load - EASY) / (FULL - EASY), 0.0), 1.0)
        return self._fast_s + (self._slow_s - self._fast_s) * strain

    def due(self, board: Board, now_s: float) -> list[Topic]:
        """Return the topics to draw now."""
        return [topic for topic in self._topics if self._wait_s(topic, board, now_s) <= 0]

    def wait_s(self, board: Board, now_s: float) -> float:
        """Return how long nothing needs to be drawn."""
        return min((max(self._wait_s(topic, board, now_s), 0.0) for topic in self._topics), default=FOREVER_S)

    def rest_s(self, now_s: float) -> float:
        """Return how long nothing new could be shown: what comes meanwhile can share one transaction."""
        moved = [drawn_s for key, (drawn_s, _) in self._drawn.items() if key in self._moving]
        return max(max(moved, default=0.0) + self.gap_s - now_s, 0.0)

    def drew(self, topic: Topic, board: Board, now_s: float) -> None:
        """Remember what was drawn, and when."""
        self._drawn[topic.key] = (now_s, _reads(topic, board))

    def forget(self) -> None:
        """Draw everything again: whoever held the pictures has lost them."""
        self._drawn.clear()

    def _wait_s(self, topic: Topic, board: Board, now_s: float) -> float:
        if topic.key not in self._drawn:
            return 0.0
        drawn_s, reads = self._drawn[topic.key]
        if not topic.always and _same(reads, _reads(topic, board)):
            return FOREVER_S
        return drawn_s + max(self.gap_s, topic.every_s) - now_s


def _reads(topic: Topic, board: Board) -> tuple[object, ...]:
    return tuple(getattr(board, name) for name in topic.reads)


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(a is b or (isinstance(a, int) and a == b) for a, b in zip(one, other, strict=True))
