"""Figures of the city that other systems count: rivers, dossiers, calls. The pack declares them, whoever counts them tells them, nobody writes code."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from dashboard.city import City, Indicator
from dashboard.events import Heard, Measured, Recorded

AHEAD_MS = 3_600_000  # a clock that is further ahead is wrong
EARLIEST_MS = 946_684_800_000  # 2000; what is told of before is told in seconds


class Measure(Struct, frozen=True):
    """What an indicator was at an instant (epoch ms); `of` is the whole that it is a part of, `received` when we heard it, from whom."""

    value: float
    of: float | None
    at: int
    received: int
    source: str


def follow(held: Mapping[str, Measure], recorded: Iterable[Recorded]) -> Mapping[str, Measure]:
    """Return the newest measure of each indicator; the very same map where nothing was told. Of one instant the last telling stands."""
    told = [one.heard for one in recorded if isinstance(one.heard.event, Measured)]
    if not told:
        return held
    grown = dict(held)
    for heard in told:
        event = heard.event
        assert isinstance(event, Measured)  # noqa: S101  chosen above
        before = grown.get(event.indicator)
        if before is None or event.at >= before.at:
            grown[event.indicator] = measure(heard, event)
    return grown


def measure(heard: Heard, event: Measured) -> Measure:
    """Return what a telling says."""
    return Measure(event.value, event.of, event.at, heard.received, heard.source)


def unfit(declared: Mapping[str, Indicator], source: str, event: Measured, received: int) -> str:
    """Return why a measure cannot be taken from a source, "" where it can."""
    one = declared.get(event.indicator)
    if one is None:
        return f"indicators.csv has no {event.indicator!r}"
    if one.sources and source not in one.sources and source.split("-", maxsplit=1)[0] not in one.sources:
        return f"{event.indicator} is told by {', '.join(one.sources)}, not by {source}"
    if event.unit and event.unit.casefold() not in {unit.casefold() for unit in one.unit.values()}:
        return f"{event.indicator} is told in {' or '.join(dict.fromkeys(one.unit.values())) or 'no unit'}, not in {event.unit}"
    if 0 < event.at < EARLIEST_MS:
        return f"{event.indicator} is told of a time before 2000; at is in milliseconds"
    if not one.low <= event.value <= one.high:
        return f"{event.indicator} lies between {one.low:g} and {one.high:g}, not at {event.value:g}"
    return f"{event.indicator} is told of the future" if event.at > received + AHEAD_MS else ""


def view(one: Indicator, held: Measure | None) -> dict[str, Any]:
    """Return an indicator as it travels: null is "nobody has told", which is not 0."""
    value = None if held is None else held.value
    level = 0 if value is None else sum(value >= mark for mark in one.levels)
    return {
        "value": value,
        "of": None if held is None else held.of,
        "at": None if held is None else held.at,
        "verdict": _verdict(one, value, level),
        "level": level,
    }


def _verdict(one: Indicator, value: float | None, level: int) -> str:
    """Return `met` or `missed`: beyond a level, or against the target in the direction that is better; `none` where nothing says."""
    if value is None or (one.target is None and not one.levels):
        return "none"
    if level:
        return "missed"
    if one.target is None or one.better == "none":
        return "met" if one.levels else "none"
    return "met" if (value >= one.target if one.better == "up" else value <= one.target) else "missed"


def views(city: City, held: Mapping[str, Measure]) -> Mapping[str, dict[str, Any]]:
    """Return every indicator of the city as it travels."""
    return {one.key: view(one, held.get(one.key)) for one in city.indicators}


def declared(indicators: Sequence[Indicator]) -> Mapping[str, Indicator]:
    """Return the indicators by key."""
    return {one.key: one for one in indicators}
