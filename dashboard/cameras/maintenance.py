"""Maintenance: people say that somebody works on a camera, for how long and why; it ends by itself or by hand (docs/cameras.md)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from dashboard.errors import Unfit

MINUTE_MS = 60_000
MOST_MINUTES = 8 * 60  # as long as an alarm may be shelved
LEAST_WHY, MOST_WHY = 10, 500


class Work(NamedTuple):
    """Somebody works on a camera, from `at` until `until` (epoch ms), as `who` said and for which reason; `ended` 0: nobody ended it."""

    id: int
    camera: str
    who: str
    at: int
    until: int
    why: str
    ended: int = 0
    ended_by: str = ""

    def holds(self, now_ms: int) -> bool:
        """Return whether the camera is worked on at that moment."""
        return not self.ended and self.at <= now_ms < self.until


class Works(Protocol):
    """What is kept of maintenance. Every method raises Away."""

    def begin(self, camera: str, *, minutes: int, why: str, who: str) -> Work:
        """Put a camera in maintenance, or let it go on for so long from now. Raises Unfit."""
        ...

    def end(self, camera: str, *, who: str) -> Work:
        """End it before its time. Raises Missing where nobody works on the camera."""
        ...

    def under_way(self, now_ms: int) -> Mapping[str, Work]:
        """Return the cameras that are worked on."""
        ...

    def history(self, camera: str, *, most: int) -> Sequence[Work]:
        """Return what was done at a camera, the newest first."""
        ...


def until_of(minutes: int, why: str, now_ms: int) -> int:
    """Return until when a maintenance of so many minutes lasts (epoch ms). Raises Unfit."""
    if not 0 < minutes <= MOST_MINUTES:
        raise Unfit("minutes", "too_long" if minutes > MOST_MINUTES else "missing")
    text = why.strip()
    if len(text) < LEAST_WHY:
        raise Unfit("why", "too_short")
    if len(text) > MOST_WHY or "\x00" in text:
        raise Unfit("why", "too_long")
    return now_ms + minutes * MINUTE_MS
