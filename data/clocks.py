"""Devices' clocks that do not say their zone: the wall clock alone, as a text or put into an epoch as if it were UTC."""

from datetime import UTC, datetime
from typing import Any

from dashboard.skew import BELIEVED_MS
from data import measures

QUARTER_MS = 900_000
FARTHEST_MS = 14 * 3_600_000


def unzoned(wall: int, received: int) -> int:
    """Return the instant (epoch ms) that a wall clock in an unknown zone shows, or 0 where that cannot be told.

    Every zone is whole quarters of an hour from UTC. So where the clock differs from the moment of receiving by such a step and by no more
    than what is believed of any clock (R-13), the step is its zone. A clock that only seems so costs nothing: it is believed by less than
    half a minute, and what lies farther off is counted when it was received anyway.
    """
    zone = round((wall - received) / QUARTER_MS) * QUARTER_MS
    near = abs(wall - zone - received) <= BELIEVED_MS and abs(zone) <= FARTHEST_MS
    return wall - zone if received and near else 0


def written(told: Any) -> tuple[int, bool]:
    """Return a clock that is written out (epoch ms, as if it were UTC; 0 for none), and whether it says its zone."""
    try:
        at = datetime.fromisoformat(measures.clean(told, 40))
    except ValueError:
        return 0, False
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000), at.tzinfo is not None
