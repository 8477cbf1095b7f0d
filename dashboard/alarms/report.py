"""How the alarm system itself does over a shift, a day or a month (UX-56; ISA-18.2 §16): figures of what was raised and what people did."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.alarms.flood import BEGINS

WINDOW_MS = 600_000
TOP = 10
MOST_P1 = 5.0  # percent of all: more of them, and the most urgent is no longer the exception (UX-40)
ANSWERS = frozenset({"acknowledge", "claim"})
PERIODS = ("shift", "day", "month")


class Span(NamedTuple):
    """A stretch of time: [start, end), epoch ms."""

    start: int
    end: int


class Act(NamedTuple):
    """One act about an alarm, with what is asked of that alarm. `source` is the camera, or who calls it what."""

    at: int
    action: str
    who: str
    alarm: str
    priority: int
    source: str
    chatters: bool


class Told(NamedTuple):
    """What the record says of a stretch: its acts in their order, how many stood for longer than a day at its end, and its floods."""

    acts: Sequence[Act]
    standing: int
    floods: Sequence[Span]


def figures(span: Span, told: Told) -> dict[str, object]:
    """Return the figures of a stretch. Shares are percent; None where there is nothing to take a share of."""
    raised = [one for one in told.acts if one.action == "raise"]
    windows = max((span.end - span.start) / WINDOW_MS, 1.0)
    busy = Counter((one.at - span.start) // WINDOW_MS for one in raised)
    alarms = {one.alarm: one for one in raised}
    answered = list(_answers(told.acts))
    sources = Counter(one.source for one in raised).most_common(TOP)
    return {
        "raised": len(raised),
        "per_window": round(len(raised) / windows, 2),
        "windows_over": _share(sum(n > BEGINS for n in busy.values()), windows),
        "top_share": _share(sum(n for _, n in sources), len(raised)),
        "top": [{"source": source, "n": n, "share": _share(n, len(raised))} for source, n in sources],
        "chattering": sum(one.chatters for one in alarms.values()),
        "standing": told.standing,
        "mix": {str(prio): _share(sum(one.priority == prio for one in alarms.values()), len(alarms)) for prio in (1, 2, 3, 4)},
        "p1_high": _share(sum(one.priority == 1 for one in alarms.values()), len(alarms) or 1) > MOST_P1,
        "shelved": sum(one.action == "shelve" for one in told.acts),
        "ack_median_s": _median(answered),
        "answered": len(answered),
        "floods": len(told.floods),
        "flooded_s": sum(min(one.end, span.end) - max(one.start, span.start) for one in told.floods) // 1000,
    }


def _answers(acts: Iterable[Act]) -> Iterable[int]:
    """Yield, for every raising that somebody answered, after how long (ms): to acknowledge or to claim is to answer."""
    waits: dict[str, int] = {}
    for one in acts:
        if one.action in {"raise", "realarm", "promote"}:
            waits.setdefault(one.alarm, one.at)
        elif one.who and one.action in ANSWERS and one.alarm in waits:
            yield one.at - waits.pop(one.alarm)
        elif one.action in {"return", "close", "fold"}:
            waits.pop(one.alarm, None)


def _share(part: float, whole: float) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _median(values: Iterable[int]) -> float | None:
    """Return the median in seconds, of two in the middle their mean."""
    told = sorted(values)
    if not told:
        return None
    half = len(told) // 2
    middle = told[half] if len(told) % 2 else (told[half - 1] + told[half]) / 2
    return round(middle / 1000, 1)


def span_of(period: str, now_ms: int, zone: str, shifts: Sequence[int], back: int = 0) -> tuple[Span, Span]:
    """Return a stretch, `back` of its kind before the present one, and the same elapsed part of the one before that.

    `shifts` are the minutes of the city's day at which shifts begin. The present stretch ends now.
    """
    starts = STARTS[period](datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)), shifts, back)
    start, end, before = (int(one.timestamp() * 1000) for one in starts)
    end = min(end, now_ms)
    return Span(start, end), Span(before, min(before + end - start, start))


def _days(now: datetime, _shifts: Sequence[int], back: int) -> tuple[datetime, datetime, datetime]:
    on = now.date() - timedelta(days=back)
    return _at(on, now), _at(on + timedelta(days=1), now), _at(on - timedelta(days=1), now)


def _months(now: datetime, _shifts: Sequence[int], back: int) -> tuple[datetime, datetime, datetime]:
    number = now.year * 12 + now.month - 1 - back
    first, after, before = (_at(date((number + by) // 12, (number + by) % 12 + 1, 1), now) for by in (0, 1, -1))
    return first, after, before


def _shifts(now: datetime, shifts: Sequence[int], back: int) -> tuple[datetime, datetime, datetime]:
    """Shifts of three days around, in order; the present one is the last that has begun."""
    days = (now.date() + timedelta(days=by) for by in range(-back - 3, 3))
    starts = [_at(on, now) + timedelta(minutes=minute) for on in days for minute in sorted(shifts)]
    at = max(n for n, one in enumerate(starts) if one <= now) - back
    return starts[at], starts[at + 1], starts[at - 1]


def _at(on: date, now: datetime) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=now.tzinfo)


STARTS = {"shift": _shifts, "day": _days, "month": _months}
