"""How each figure about reports comes about (screens.md §5); what each is called stands in dashboard.catalogue."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from dashboard.past import DayCounts
from dashboard.rollups import median_hours

LEAST_RATED = 30
LEAST_RANKED = 10
HOUR_MINUTES = 60


class Known(NamedTuple):
    """What a figure is read off, for one stretch of days.

    `counts` of the whole stretch, `ended` of its days that are over; `carried` open when it began, `open_late` overdue at its end (or
    now); `open` and `due_24h` are of now and None for any other time. `hours` gives the histogram of hours to close.
    """

    counts: DayCounts | None
    ended: DayCounts | None = None
    carried: int = 0
    open_late: int | None = None
    open: int | None = None
    due_24h: int | None = None
    hours: Callable[[], Counter[int]] = Counter


def share(part: int, of: int) -> float | None:
    """Return a share in percent; None of nothing."""
    return 100 * part / of if of else None


def counted(field: str) -> Callable[[Known], float | None]:
    """Return what reads one of a stretch's counts."""
    return lambda known: None if known.counts is None else float(getattr(known.counts, field))


def stands(field: str) -> Callable[[Known], float | None]:
    """Return what reads one of the numbers of an instant."""

    def read(known: Known) -> float | None:
        found = getattr(known, field)
        return None if found is None else float(found)

    return read


def in_time(known: Known) -> float | None:
    """Return how many are open and within their deadline (F3)."""
    return None if known.open is None or known.open_late is None else float(known.open - known.open_late)


def on_time_closed(counts: DayCounts | None) -> float | None:
    """Return on-time share A: closed within the deadline, of all closed."""
    return None if counts is None else share(counts.on_time, counts.closed)


def on_time_granted(known: Known) -> float | None:
    """Return on-time share A by the deadline as it was extended (UX-95)."""
    counts = known.counts
    return None if counts is None else share(counts.on_time + counts.granted, counts.closed)


def verified(part: Callable[[DayCounts], int]) -> Callable[[Known], float | None]:
    """Return what reads a count of verified reports; where none was verified, none is known to be eligible or not (F2)."""
    return lambda known: float(part(known.counts)) if known.counts is not None and known.counts.checked else None


def eligible_share(known: Known) -> float | None:
    """Return what was verified as eligible, of all that was received (F2 / F1)."""
    counts = known.counts
    return share(counts.eligible, counts.received) if counts is not None and counts.checked else None


def handled(known: Known) -> float | None:
    """Return what is closed of the eligible reports of a stretch (F7)."""
    return None if known.counts is None else share(known.counts.handled, known.counts.eligible)


def extended_share(known: Known) -> float | None:
    """Return what was extended, of all that was received or carried over (F11)."""
    return None if known.counts is None else share(known.counts.extended, known.counts.received + known.carried)


def on_time_borne(known: Known) -> float | None:
    """Return on-time share B: 1 less what was late or is overdue, of all that was received or carried over."""
    if known.counts is None or known.open_late is None:
        return None
    borne = known.counts.received + known.carried
    return None if not borne else 100 * (1 - (known.counts.late + known.open_late) / borne)


def on_time(counts: DayCounts | None) -> float | None:
    """Return on-time share C: closed in time, of all whose deadline ended on a day that is over. What was not closed counts against it."""
    return None if counts is None else share(counts.met, counts.due)


def median(known: Known) -> float | None:
    """Return the median of hours to close (F9)."""
    return median_hours(known.hours())


def mean(known: Known) -> float | None:
    """Return the mean of hours to close (F9)."""
    counts = known.counts
    return counts.minutes / HOUR_MINUTES / counts.closed if counts is not None and counts.closed else None


def rated(part: Callable[[DayCounts], int]) -> Callable[[Known], float | None]:
    """Return a share of ratings (F10); there is none below thirty of them (UX-88)."""

    def read(known: Known) -> float | None:
        counts = known.counts
        return share(part(counts), counts.rated) if counts is not None and counts.rated >= LEAST_RATED else None

    return read
