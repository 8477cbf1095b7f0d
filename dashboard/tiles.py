"""The leader's six answers: value, target, judgement, the same one period and one year before, and its course (UX-86)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec import Struct

from dashboard.calendar import hour_of
from dashboard.city import City
from dashboard.past import DayCounts, History, on_time, received, satisfaction, total
from dashboard.periods import Span, course
from dashboard.rollups import median_hours

Figure = Callable[[DayCounts | None], float | None]


class Tile(Struct, frozen=True):
    """One answer. `of` is the whole that the value is a part of; `n` how many stand behind a share, `share` their part of all in percent.

    `why` is a word for why there is no value.
    """

    key: str
    value: float | None
    unit: str
    target: float | None
    verdict: str
    previous: float | None
    last_year: float | None
    spark: list[float | None]
    feed: str
    of: float | None = None
    n: int | None = None
    share: float | None = None
    why: str = ""


class Asked(NamedTuple):
    """What a page asks for: the period with the two it is compared with, the days of each, the ward, and what time it is."""

    history: History
    city: City
    spans: tuple[Span, Span, Span]
    days: tuple[Mapping[int, DayCounts], Mapping[int, DayCounts], Mapping[int, DayCounts]]
    ward: str
    now_ms: int

    def target(self, key: str) -> float | None:
        """Return the pack's target of a figure."""
        return self.city.targets.get(key)

    def course(self) -> list[Span]:
        """Return the pieces of a figure's course. Today is left out where there is more than today: it is not over."""
        span = self.spans[0]
        return course(span if span.days == 1 else Span(span.first, span.last - 1))


def tiles(asked: Asked, overdue: int) -> list[Tile]:
    """Return the six. `overdue` is how many open reports are past their deadline now."""
    return [_received(asked), _on_time(asked), _overdue(asked, overdue), _satisfaction(asked), _median(asked), _cameras(asked)]


def judged(value: float | None, target: float | None, *, better: str) -> str:
    """Return `met`, `missed` or `none`."""
    if value is None or target is None:
        return "none"
    return "met" if (value >= target if better == "up" else value <= target) else "missed"


def _three(asked: Asked, figure: Figure) -> tuple[float | None, float | None, float | None]:
    now, previous, last_year = (figure(total(days, span)) for days, span in zip(asked.days, asked.spans, strict=True))
    return now, previous, last_year


def _spark(asked: Asked, figure: Figure) -> list[float | None]:
    """Return a figure's course; a stretch without data is a gap, not a nought."""
    return [figure(total(asked.days[0], piece)) for piece in asked.course()]


def _received(asked: Asked) -> Tile:
    """Count what came in; its course is a day's average in each stretch, so that short and long ones compare."""
    now, previous, last_year = _three(asked, received)
    found = [(piece, received(total(asked.days[0], piece))) for piece in asked.course()]
    spark = [None if count is None else count / piece.days for piece, count in found]
    return Tile("reports_received", now, "count", None, "none", previous, last_year, spark, "reports")


def _on_time(asked: Asked) -> Tile:
    now, previous, last_year = _three(asked, on_time)
    target = asked.target("reports_on_time")
    verdict = judged(now, target, better="up")
    return Tile("reports_on_time", now, "percent", target, verdict, previous, last_year, _spark(asked, on_time), "reports")


def _overdue(asked: Asked, now: int) -> Tile:
    """Count what is overdue now; before, what was when the day ended."""
    target = asked.target("reports_overdue")
    known = asked.history.overdue_at(asked.spans[0].last, ward=asked.ward) is not None
    verdict = judged(now if known else None, target, better="down")
    previous, last_year = (asked.history.overdue_at(span.last, ward=asked.ward) for span in asked.spans[1:])
    return Tile(
        "reports_overdue",
        now if known else None,
        "count",
        target,
        "act" if verdict == "missed" else verdict,
        previous,
        last_year,
        _lapses(asked),
        "reports",
    )


def _lapses(asked: Asked) -> list[float | None]:
    """Return how many were overdue at the end of each stretch: what stood before the first, and what each adds and takes."""
    pieces = asked.course()
    held = asked.history.overdue_at(pieces[0].first - 1, ward=asked.ward)
    found: list[float | None] = []
    for piece in pieces:
        counts = total(asked.days[0], piece)
        if counts is not None:
            held = (held or 0) + counts.lapsed - counts.late
        found.append(held)
    return found


def _satisfaction(asked: Asked) -> Tile:
    now, previous, last_year = _three(asked, satisfaction)
    target, counts = asked.target("satisfaction"), total(asked.days[0], asked.spans[0]) or DayCounts()
    return Tile(
        "satisfaction",
        now,
        "percent",
        target,
        judged(now, target, better="up"),
        previous,
        last_year,
        _spark(asked, satisfaction),
        "reports",
        n=counts.rated,
        share=100 * counts.rated / counts.closed if counts.closed else None,
        why="few_rated" if now is None and counts.rated else "",
    )


def _median(asked: Asked) -> Tile:
    def of(span: Span) -> float | None:
        return median_hours(asked.history.hours(*span, ward=asked.ward))

    now, previous, last_year = map(of, asked.spans)
    target = asked.target("median_hours")
    spark = [of(piece) for piece in asked.course()]
    return Tile("median_hours", now, "hours", target, judged(now, target, better="down"), previous, last_year, spark, "reports")


def _cameras(asked: Asked) -> Tile:
    """Count the cameras online: now, at this hour of the days compared with, and at the end of each stretch."""
    hour, zone_hour = hour_of(asked.now_ms, asked.city.zone), hour_of(asked.now_ms, asked.city.zone) % 24
    wanted = [hour, *(span.last * 24 + zone_hour for span in asked.spans[1:]), *(piece.last * 24 + 23 for piece in asked.course())]
    now, previous, last_year, *spark = (None if one is None else float(one) for one in asked.history.online(wanted))
    of, target = float(sum(not camera.gone for camera in asked.city.cameras)), asked.target("cameras_online")
    verdict = judged(None if now is None else 100 * now / of, target, better="up")
    return Tile("cameras_online", now, "share", target, verdict, previous, last_year, spark, "camera_events", of=of)
