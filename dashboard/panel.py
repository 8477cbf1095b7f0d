"""What a panel is: a number's name, its references, and a way to read it off the board."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dashboard.board import Board
from dashboard.city import City, Words


class Value(NamedTuple):
    """A reading. `value` None is "no data", which is not 0; `of` is the whole that it is a part of; `ref` what it is compared with."""

    value: float | None
    of: float | None = None
    ref: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One number. `formula` says in words how it comes about, in every language."""

    key: str
    title: Words
    short: Words
    formula: Words
    feed: str
    read: Callable[[Board, City], Value]
    unit: Literal["count", "percent", "hours", "per_minute"] = "count"
    better: Literal["up", "down", "none"] = "none"
    reference: Literal["yesterday", "none"] = "none"
    target: str = ""  # the key of the pack's target


def verdict(kpi: Kpi, value: float | None, target: float | None) -> str:
    """Return `met` or `missed` where there are a value, a target and a direction; else `none`."""
    if value is None or target is None or kpi.better == "none":
        return "none"
    met = value >= target if kpi.better == "up" else value <= target
    return "met" if met else "missed"
