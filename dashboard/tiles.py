"""The leader's six answers: value, target, judgement, the same one period and one year before, and its course (UX-86)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from dashboard.calendar import hour_of
from dashboard.catalogue import FIGURES, figure
from dashboard.city import City
from dashboard.figure import Figure
from dashboard.formulas import Known, on_time, share
from dashboard.past import DayCounts, Held, History, Part
from dashboard.periods import Period, Span, course
from dashboard.rollups import median_hours

ANSWERS = ("reports_received", "reports_on_time", "reports_overdue", "satisfaction", "median_hours")


class Told(Struct, frozen=True):
    """A figure of the catalogue, in a period and the two it is compared with. `why` is a word for why there is no value."""

    key: str
    code: str
    unit: str
    value: float | None
    previous: float | None
    last_year: float | None
    why: str = ""
    items: str = ""


class Tile(Struct, frozen=True):
    """One answer. `of` is the whole that the value is a part of; `n` how many stand behind a share, `share` their part of all in percent.

    `why` is a word for why there is no value; `items` the list behind it, "" where there is none.
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
    items: str = ""


class Asked(NamedTuple):
    """What a page asks for, and what the past has answered: the days of the period.

    `sums` of the three periods, of their days that are over, and of the pieces of the course, in this order.
    """

    history: History
    city: City
    period: Period
    ended: Period | None
    days: Mapping[int, DayCounts]
    sums: Sequence[DayCounts | None]
    part: Part
    now_ms: int
    today: int

    def pieces(self) -> list[Span]:
        """Return the pieces of a figure's course. Today is left out where there is more than today: it is not over."""
        return _pieces(self.period, self.ended)

    def course(self) -> Sequence[DayCounts | None]:
        """Return the sums of the pieces."""
        return self.sums[len(self.period) * (1 if self.ended is None else 2) :]


def _pieces(period: Period, ended: Period | None) -> list[Span]:
    return course((ended or period).now)


def ask(history: History, city: City, period: Period, *, part: Part, now_ms: int, today: int) -> Asked:
    """Return what a page stands on."""
    mine = history.of(part)
    ended, days = period.ended(today), mine.days(*period.now, part=part, fields=("received", "closed"))
    sums = mine.sums([*period, *(ended or ()), *_pieces(period, ended)], part=part)
    return Asked(mine, city, period, ended, days, sums, part, now_ms, today)


def known(asked: Asked, overdue: int) -> tuple[list[Known], list[Counter[int]], Held | None]:
    """Return what the figures of the three periods are read off, the histograms of the course, and what was open before it.

    What is `overdue` and due soon now comes from the deadlines of what is open; what was, from what had been counted by then.
    """
    spans, pieces = list(asked.period), asked.pieces()
    held = asked.history.held([*(span.first - 1 for span in spans), *(span.last for span in spans)], part=asked.part)
    # The period itself is its pieces and, where that is not among them, today.
    rest = Span(pieces[-1].last + 1, asked.period.now.last)
    *hours, today = asked.history.hours([*spans[1:], *pieces, rest], part=asked.part)
    before, course_hours = hours[: len(spans) - 1], hours[len(spans) - 1 :]
    three = [sum(course_hours, today), *before]
    found = [_known(asked, at, held, one) for at, one in enumerate(three)]
    if spans[0].last >= asked.today and (stood := held[len(spans)]) is not None:
        soon = asked.history.due_soon(asked.now_ms, part=asked.part)
        found[0] = found[0]._replace(open=stood.open, open_late=overdue, due_24h=soon)
    return found, course_hours, held[0]


def _known(asked: Asked, at: int, held: Sequence[Held | None], hours: Counter[int]) -> Known:
    before, after = held[at], held[at + len(asked.period)]
    ended = None if asked.ended is None else asked.sums[len(asked.period) + at]
    return Known(
        counts=asked.sums[at],
        ended=ended,
        carried=before.open if before else 0,
        open_late=after.overdue if after else None,
        open=after.open if after else None,
        hours=lambda: hours,
    )


def figures(asked: Asked, three: Sequence[Known]) -> list[Told]:
    """Return every figure of the catalogue that has a value of its own."""
    return [_told(asked, one, three) for one in FIGURES if one.read]


def _told(asked: Asked, one: Figure, three: Sequence[Known]) -> Told:
    read = one.read
    now, previous, last_year = (read(each) if read else None for each in three)
    why = _why(asked, one, three[0]) if now is None else ""
    return Told(one.key, one.code, one.unit, now, previous, last_year, why=why, items=one.items if now is not None else "")


def _why(asked: Asked, one: Figure, now: Known) -> str:
    """Return the word for why a figure has no value: nothing of it is known, too few ratings, days that are not over, or no data."""
    if one.needs and now.counts is not None:
        return f"needs_{one.needs}"
    if one.code == "F8 C" and asked.ended is None:
        return "not_ended"
    return "few_rated" if one.code == "F10" and now.counts is not None and now.counts.rated else ""


def tiles(
    asked: Asked, told: Sequence[Told], three: Sequence[Known], hours: Sequence[Counter[int]], before: Held | None
) -> list[Tile]:
    """Return the six answers. `hours` are the histograms of the course, `before` what was open when the period began."""
    by_key, pieces = {one.key: one for one in told}, asked.pieces()
    course_of = asked.course()
    sparks: dict[str, list[float | None]] = {
        # A day's average in each stretch, so that short and long ones compare.
        "reports_received": [
            None if one is None else one.received / piece.days for one, piece in zip(course_of, pieces, strict=True)
        ],
        "reports_on_time": [on_time(one) for one in course_of],
        "reports_overdue": _lapses(course_of, before),
        "satisfaction": [None if one is None else figure("satisfaction").read(Known(one)) for one in course_of],  # type: ignore[misc]  # it has one
        "median_hours": [median_hours(one) for one in hours],
    }
    return [*(_answer(asked, by_key[key], three[0], sparks[key]) for key in ANSWERS), _cameras(asked)]


def _answer(asked: Asked, told: Told, now: Known, spark: list[float | None]) -> Tile:
    target = asked.city.targets.get(told.key)
    verdict = judged(told.value, target, better=figure(told.key).better)
    counts, ended = now.counts or DayCounts(), now.ended or DayCounts()
    behind = {"satisfaction": (counts.rated, share(counts.rated, counts.closed)), "reports_on_time": (ended.due, None)}
    n, part = behind.get(told.key, (None, None))
    return Tile(
        key=told.key,
        value=told.value,
        unit=told.unit,
        target=target,
        verdict="act" if told.key == "reports_overdue" and verdict == "missed" else verdict,
        previous=told.previous,
        last_year=told.last_year,
        spark=spark,
        feed="reports",
        n=n,
        share=part,
        why=told.why,
        items=told.items,
    )


def judged(value: float | None, target: float | None, *, better: str) -> str:
    """Return `met`, `missed` or `none`."""
    if value is None or target is None or better == "none":
        return "none"
    return "met" if (value >= target if better == "up" else value <= target) else "missed"


def _lapses(course_of: Sequence[DayCounts | None], before: Held | None) -> list[float | None]:
    """Return how many were overdue at the end of each stretch: what stood before the first, and what each adds and takes."""
    held: float | None = before.overdue if before else None
    found: list[float | None] = []
    for counts in course_of:
        if counts is not None:
            held = (held or 0) + counts.lapses
        found.append(held)
    return found


def _cameras(asked: Asked) -> Tile:
    """Count the cameras online: now, at this hour of the days compared with, and at the end of each stretch."""
    hour, zone_hour = hour_of(asked.now_ms, asked.city.zone), hour_of(asked.now_ms, asked.city.zone) % 24
    first = hour if asked.period.now.last >= asked.today else asked.period.now.last * 24 + 23
    wanted = [
        first,
        *(span.last * 24 + zone_hour for span in asked.period[1:]),
        *(piece.last * 24 + 23 for piece in asked.pieces()),
    ]
    now, previous, last_year, *spark = (None if one is None else float(one) for one in asked.history.online(wanted))
    of, target = float(sum(not camera.gone for camera in asked.city.cameras)), asked.city.targets.get("cameras_online")
    verdict = judged(None if now is None or not of else 100 * now / of, target, better="up")
    return Tile("cameras_online", now, "share", target, verdict, previous, last_year, spark, "camera_events", of=of)
