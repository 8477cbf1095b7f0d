"""Whose clock decides: the camera's or ours (R-13).

A device's time is believed only within half a minute of our own, and never beyond the moment of receiving (UX-79: nothing is newer
than now); otherwise the event is counted when it was received. Times from more than an hour ahead or a week ago are kept, but in no
live count.
"""

from typing import NamedTuple

BELIEVED_MS = 30_000
FLAGGED_MS = 120_000
FUTURE_MS = 3_600_000
PAST_MS = 7 * 86_400_000


class Counted(NamedTuple):
    """When an event is counted, and whether it is kept out of the live windows."""

    at: int
    quarantined: bool


def counted(at: int, received: int) -> Counted:
    """Return when an event of device time `at`, received at `received` (both epoch ms), is counted."""
    skew = at - received
    if abs(skew) <= BELIEVED_MS:
        return Counted(min(at, received), quarantined=False)
    return Counted(received, quarantined=skew > FUTURE_MS or skew < -PAST_MS)


def flagged(at: int, received: int) -> bool:
    """Return whether a device's clock is so far off that its camera is marked."""
    return abs(at - received) > FLAGGED_MS
