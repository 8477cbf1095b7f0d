"""Sums over the board's windows, by the city's clock."""

from collections.abc import Callable, Iterable, Mapping

from dashboard.board import Board
from dashboard.calendar import HOUR_MS, day_start_ms, hour_of
from dashboard.city import City
from dashboard.kinds import CAMERA_BACK, RECORDS, REPORT_NEW

OWN_WORDS = RECORDS | {REPORT_NEW, "camera_lost", "camera_frozen"}
Wanted = Callable[[str], bool]


def kinds_of(city: City, event_class: str) -> frozenset[str]:
    """Return the keys of the pack's kinds of one class."""
    return frozenset(kind.key for kind in city.kinds if kind.event_class == event_class)


def today(board: Board, wanted: Wanted) -> int:
    """Return how many events of the wanted kinds the city's day has had."""
    return _sum(board.hours, range(board.day * 24, board.day * 24 + 24), wanted)


def same_time_before(board: Board, wanted: Wanted, *, days: int = 1) -> float | None:
    """Return how many there were `days` ago until the same time of day; None where the record does not reach so far.

    The hour under way counts by the share of it that has passed.
    """
    first = (board.day - days) * 24
    if not any(hour < first + 24 for hour in board.hours):
        return None
    now_hour = hour_of(board.now, board.zone)
    here = now_hour - days * 24
    passed = (board.now - day_start_ms(board.day, board.zone)) % HOUR_MS / HOUR_MS
    whole = _sum(board.hours, range(first, here), wanted)
    return whole + _sum(board.hours, range(here, here + 1), wanted) * passed


def _sum(hours: Mapping[int, Mapping[str, int]], stretch: Iterable[int], wanted: Wanted) -> int:
    return sum(n for hour in stretch for kind, n in hours.get(hour, {}).items() if wanted(kind))


def is_camera_word(kind: str) -> bool:
    """Return whether a kind only says how a camera stands or that a report came: no event that a camera saw."""
    return kind in OWN_WORDS or kind == CAMERA_BACK
