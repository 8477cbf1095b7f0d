"""How often a camera usually speaks, by its own counts of earlier hours (docs/cameras.md)."""

from collections.abc import Mapping, Sequence
from statistics import median

DAY_H, WEEK_H = 24, 7 * 24
DAYS, WEEKS, FEWEST = 7, 8, 4


def same_hours(hour: int, every_h: int, most: int) -> list[int]:
    """Return the hours that lie whole days or weeks before `hour`, the nearest first."""
    return [hour - every_h * back for back in range(1, most + 1)]


def usual(counts: Mapping[int, int], hours: Sequence[int]) -> float | None:
    """Return the median of what was counted in `hours`, the nearest first; None where fewer than four say something.

    An hour before the first count is none of a camera's: it was not there yet. One without a count after it is an hour of silence.
    """
    first = min((hour for hour in hours if counts.get(hour)), default=None)
    told = [counts.get(hour, 0) for hour in hours if first is not None and hour >= first]
    return float(median(told)) if len(told) >= FEWEST else None
