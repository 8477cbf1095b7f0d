"""Alarms whose beginning and whose end a device tells apart, without a name of their own that both would share.

An adapter has no memory. So a beginning is named by its rule and the stretch of time in which it was told, and an end closes whatever of
that rule began in its own stretch or in those before it and has no end yet. Beginnings of one rule within one stretch are one; an alarm
that goes on for longer than all these stretches keeps no end.
"""

from typing import NamedTuple

ENDED = 1 << 50  # the revision of every end: the first one stands


class Stretch(NamedTuple):
    """How long a stretch is, and how many of them an end reaches over, its own included."""

    ms: int
    back: int


SOON = Stretch(60_000, 10)  # what comes and goes: ends within ten minutes
LATE = Stretch(600_000, 10)  # what stands for long, as a covered camera: within a hundred
NUMBERED = Stretch(3_600_000, 2)  # what has a number of its own, which a restart counts anew: within the hour, or the next


def began(rule: str, clock: int, stretch: Stretch) -> str:
    """Return the name of what began at `clock` (epoch ms, by whatever clock the device also tells the end)."""
    return f"{rule}:{clock // stretch.ms}"


def may_have_begun(rule: str, clock: int, stretch: Stretch) -> list[str]:
    """Return the names of all that an end at `clock` may be the end of, the nearest first."""
    last = clock // stretch.ms
    return [f"{rule}:{number}" for number in range(last, last - stretch.back, -1)]
