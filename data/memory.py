"""The ports in memory: the reference that the Redis adapters must match."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dashboard.ports import Payload, Taken


class MemoryStream:
    """A stream that forgets when the process ends."""

    def __init__(self) -> None:
        self._taken: list[Taken] = []
        self._next = 1

    def append(self, payloads: Sequence[Payload]) -> list[str]:
        """Add in order."""
        entries = [f"{number}-0" for number in range(self._next, self._next + len(payloads))]
        self._taken += [Taken(entry, payload) for entry, payload in zip(entries, payloads, strict=True)]
        self._next += len(payloads)
        return entries

    def take(self, after: str, *, wait_s: float) -> list[Taken]:
        """Return what stands after `after`."""
        del wait_s
        return [taken for taken in self._taken if _number(taken.entry) > _number(after)]

    def trim(self, before: str) -> None:
        """Let go of what stands before `before`."""
        self._taken = [taken for taken in self._taken if _number(taken.entry) >= _number(before)]


class MemoryFrames:
    """The latest frame of each topic."""

    def __init__(self) -> None:
        self.latest: dict[str, tuple[int, bytes]] = {}
        self._seq = 0
        self._duty: dict[str, int] = {}

    def attend(self, names: Iterable[str], *, until_ms: int) -> None:
        """Remember who is at a console."""
        self._duty |= dict.fromkeys(names, until_ms)

    def attending(self, now_ms: int) -> int:
        """Return how many people are at a console."""
        return sum(until_ms > now_ms for until_ms in self._duty.values())

    def publish(self, frames: Mapping[str, bytes]) -> None:
        """Replace the latest of each given topic."""
        for topic, body in frames.items():
            self._seq += 1
            self.latest[topic] = (self._seq, body)

    def follow(self) -> Iterator[list[tuple[str, int, bytes]]]:
        """Yield the latest of every topic, and end."""
        yield [(topic, seq, body) for topic, (seq, body) in self.latest.items()]


class HandClock:
    """A clock that the test turns."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        """Return UTC in epoch milliseconds."""
        return self.at_ms

    def monotonic_s(self) -> float:
        """Return the same in seconds."""
        return self.at_ms / 1000


def _number(entry: str) -> int:
    return int(entry.partition("-")[0])
