"""What changed on the board between two moments, small enough to be kept for a month (docs/replay.md).

The board that was is kept, and is not folded anew from the events: an event that was told again, a rule that was changed since or a newer
version of this program would show something that nobody saw then.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from dashboard.alarms.alarm import Alarm
from dashboard.board import LATEST, RECORDS, Board, FeedState, OpenReport, Unknown, newest
from dashboard.events import Recorded
from dashboard.indicators import Measure
from dashboard.marks.mark import Mark
from dashboard.spot import Spot

NUMBERS = ("seq", "now", "minute", "day", "stored", "quarantined", "dead_letters", "lag_ms", "flood", "duty", "acted", "marked")
COUNTED = ("hours", "minutes", "report_days", "marks")  # by numbers
KEYED = ("cameras", "feeds", "alarms", "pending", "toggles", "unknown", "reports", "indicators")
LISTS = (("latest", LATEST), ("records", RECORDS))
Windows = dict[int, dict[str, int]]


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What leads from one board to the next. From an empty one it leads to the whole.

    `numbers` hold the fields that are numbers (NUMBERS), each where it is another. Of every map, what is new or other stands under its
    field, and the keys that are no more under `gone` (numbers as texts); of the lists, the rows that are new or other.
    """

    zone: str = ""
    numbers: dict[str, int] = {}
    hours: Windows = {}
    minutes: Windows = {}
    report_days: Windows = {}
    marks: dict[int, Mark] = {}
    cameras: dict[str, Spot] = {}
    feeds: dict[str, FeedState] = {}
    alarms: dict[str, Alarm] = {}
    pending: dict[str, Alarm] = {}
    toggles: dict[str, tuple[int, ...]] = {}
    unknown: dict[str, Unknown] = {}
    reports: dict[str, OpenReport] = {}
    indicators: dict[str, Measure] = {}
    gone: dict[str, list[str]] = {}
    raised: tuple[int, ...] | UnsetType = UNSET
    latest: tuple[Recorded, ...] = ()
    records: tuple[Recorded, ...] = ()


def change(before: Board, after: Board) -> Change:
    """Return what leads from one board to the other."""
    told: dict[str, Any] = {"zone": after.zone} if after.zone != before.zone else {}
    told["numbers"] = {name: now for name in NUMBERS if (now := getattr(after, name)) != getattr(before, name)}
    gone: dict[str, list[str]] = {}
    for name in (*COUNTED, *KEYED):
        was, now = getattr(before, name), getattr(after, name)
        if was is not now:
            told[name] = {key: thing for key, thing in now.items() if (held := was.get(key)) is not thing and held != thing}
            gone[name] = [str(key) for key in was if key not in now]
    if before.raised != after.raised:
        told["raised"] = after.raised
    for name, _ in LISTS:
        told[name] = _rows(getattr(before, name), getattr(after, name))
    return Change(**told, gone={name: keys for name, keys in gone.items() if keys})


def _rows(before: tuple[Recorded, ...], after: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    if before is after:
        return ()
    held = {one.seq: one for one in before}
    return tuple(one for one in after if (was := held.get(one.seq)) is not one and was != one)


def changed(board: Board, by: Change) -> Board:
    """Return the board after a change."""
    told: dict[str, Any] = dict(by.numbers)
    if by.zone:
        told["zone"] = by.zone
    for name in (*COUNTED, *KEYED):
        found = _map(getattr(board, name), getattr(by, name), by.gone.get(name, ()), counted=name in COUNTED)
        if found is not None:
            told[name] = found
    if not isinstance(by.raised, UnsetType):
        told["raised"] = by.raised
    for name, most in LISTS:
        if rows := getattr(by, name):
            told[name] = newest(rows, getattr(board, name), most)
    return replace(board, **told)


def _map(held: Mapping[Any, Any], new: Mapping[Any, Any], gone: Any, *, counted: bool) -> dict[Any, Any] | None:
    """Return a map after its part of a change; None where nothing of it changed."""
    if not new and not gone:
        return None
    without = {int(key) for key in gone} if counted else set(gone)
    return {key: thing for key, thing in held.items() if key not in without} | dict(new)
