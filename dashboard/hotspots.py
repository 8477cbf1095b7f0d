"""Hot spots: squares of the city in which more happens than elsewhere, held against what usually happens there (docs/hot-spots.md)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import cos, floor, radians, sqrt
from typing import Literal, NamedTuple

What = Literal["events", "alarms", "reports"]
Order = Literal["count", "unusual"]
CELL_M, METRES_A_DEGREE = 250.0, 111_195.0
WEEK_H, WEEKS, LEAST_WEEKS = 168, 8, 4
HOURS: Mapping[str, int] = {"24h": 24, "7d": 7 * 24, "30d": 30 * 24}
LEAST_PEOPLE = 5  # what one of fewer people did stays theirs
MOST = 200

Cell = tuple[int, int]  # column, row; counted from the south-west corner of the city


class Grid:
    """Squares of 250 m over a city, whose corner is that of its bounds."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        self._west, self._south = bounds[0], bounds[1]
        self._up = CELL_M / METRES_A_DEGREE
        self._wide = self._up / cos(radians((bounds[1] + bounds[3]) / 2))

    def cell(self, lon: float, lat: float) -> Cell:
        """Return the square in which a place lies."""
        return floor((lon - self._west) / self._wide), floor((lat - self._south) / self._up)

    @property
    def measure(self) -> tuple[float, float, float, float]:
        """The west and the south of the first square, how wide and how high each is, in degrees: what `cell` divides by."""
        return self._west, self._south, self._wide, self._up

    def box(self, cell: Cell) -> tuple[float, float, float, float]:
        """Return a square's west, south, east and north."""
        west, south = self._west + cell[0] * self._wide, self._south + cell[1] * self._up
        return tuple(round(side, 6) for side in (west, south, west + self._wide, south + self._up))  # type: ignore[return-value]  # four


class Window(NamedTuple):
    """Hours from `first` up to, not including, `end` (numbers of the city's clock)."""

    first: int
    end: int


class Plan(NamedTuple):
    """What is counted now, and what is usual: windows of the weeks before, each with its weight. No window: too little is known."""

    now: Window
    usual: Sequence[tuple[float, Window]]
    weeks: int


class Spot(NamedTuple):
    """A square: how much there is, how much there usually is in as many hours (None: not known), and of what most."""

    cell: Cell
    n: int
    usual: float | None
    parts: Sequence[tuple[str, int]]


def plan(hour: int, period: str, first: int | None) -> Plan:
    """Return what to count for a period that ends with `hour`; the record begins with the hour `first` (None: it is empty).

    Usual is the mean of the same hours of the week over the eight weeks before the period; fewer where the record is younger.
    """
    hours = HOURS[period]
    now = Window(hour + 1 - hours, hour + 1)
    weeks = 0 if first is None else min((now.first - first) // WEEK_H, WEEKS)
    if weeks < LEAST_WEEKS:
        return Plan(now, (), max(weeks, 0))
    whole, rest = divmod(hours, WEEK_H)
    usual = [(whole / weeks, Window(now.first - weeks * WEEK_H, now.first))] if whole else []
    if rest:
        backs = ((whole + back) * WEEK_H for back in range(1, weeks + 1))
        usual += [(1 / weeks, Window(now.end - rest - back, now.end - back)) for back in backs]
    return Plan(now, usual, weeks)


def days_of(window: Window) -> tuple[Sequence[Window], Window | None]:
    """Return a window as the hours before and after its whole days, and those days (their numbers)."""
    first, end = -(-window.first // 24), window.end // 24
    if first >= end:
        return (window,), None
    edges = (Window(window.first, first * 24), Window(end * 24, window.end))
    return tuple(edge for edge in edges if edge.first < edge.end), Window(first, end)


Counts = Mapping[tuple[Cell, str], int]  # by square, and by camera or service


def ranked(now: Counts, usual: Mapping[Cell, float] | None, *, least: int, order: Order) -> tuple[list[Spot], int]:
    """Return the squares, the hottest first, and how many were left out since there are fewer than `least` in them."""
    totals = by_cell(now)
    held: dict[Cell, Counter[str]] = {cell: Counter() for cell, n in totals.items() if n >= max(least, 1)}
    for (cell, name), n in now.items():
        if cell in held:
            held[cell][name] += n
    shown = [
        Spot(cell, totals[cell], usual.get(cell, 0.0) if usual is not None else None, parts.most_common())
        for cell, parts in held.items()
    ]
    few = sum(0 < n < least for n in totals.values())
    return sorted(shown, key=lambda spot: (-heat(spot, order), -spot.n, spot.cell)), few


def by_cell(counts: Counts) -> dict[Cell, int]:
    """Return how much there is in each square."""
    totals: dict[Cell, int] = {}
    for (cell, _), n in counts.items():
        totals[cell] = totals.get(cell, 0) + n
    return totals


def heat(spot: Spot, order: Order) -> float:
    """Return by what squares are ranked: how much there is, or how far above the usual that is, in its own spread (a Poisson one)."""
    if order == "count" or spot.usual is None:
        return float(spot.n)
    return (spot.n - spot.usual) / sqrt(max(spot.usual, 1.0))


def summed(found: Iterable[tuple[float, Counts]]) -> dict[Cell, float]:
    """Return weighted counts by square."""
    total: dict[Cell, float] = {}
    for weight, counts in found:
        for (cell, _), n in counts.items():
            total[cell] = total.get(cell, 0.0) + weight * n
    return total
