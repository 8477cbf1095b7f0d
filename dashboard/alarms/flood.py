"""Whether alarms come faster than the people on duty can take them (UX-41, UX-42; ISA-18.2)."""

from collections.abc import Sequence
from typing import NamedTuple

BEGINS, ENDS = 10, 5  # new alarms in ten minutes for each on duty: above the one it begins, below the other it ends


class Flood(NamedTuple):
    """A flood began, or ended: `ended` is 0 while it lasts. Epoch ms; `rate` new alarms in ten minutes for `duty` people."""

    began: int
    ended: int
    rate: int
    duty: int


def changed(since: int, raised: Sequence[int], duty: int, now_ms: int) -> Flood | None:
    """Return the flood that begins or ends now; `since` is when the present one began (0: there is none)."""
    each = len(raised) / max(duty, 1)
    if not since and each > BEGINS:
        return Flood(now_ms, 0, len(raised), duty)
    if since and each < ENDS:
        return Flood(since, now_ms, len(raised), duty)
    return None
