"""What a mark is and how it changes: drawn, changed, ended, undone; each is an act, and no act is ever removed."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.errors import Unfit
from dashboard.marks.shape import Point, Shape, fitted

Kind = Literal["incident_zone", "road_closed", "event", "other"]
Action = Literal["draw", "change", "end", "undo"]
MOST_LIVE, MOST_NAME, MOST_NOTE = 50, 80, 500
USUAL_MS, MOST_MS, AHEAD_MS, BACK_MS = 4 * HOUR_MS, 30 * DAY_MS, 30 * DAY_MS, DAY_MS
UNDO_MS = 10_000


class Mark(Struct, frozen=True, kw_only=True):
    """An area or a route that everybody sees from `begins` until `until` (epoch ms). `version` counts the acts on it.

    `points` are its corners (lon, lat); an area is not closed. `incident` 0: of none. `ended_by`: who ended it before its time.
    """

    id: int
    shape: Shape
    points: tuple[Point, ...]
    kind: Kind
    name: str
    begins: int
    until: int
    who: str
    drawn: int
    note: str = ""
    incident: int = 0
    version: int = 1
    ended_by: str = ""

    def holds(self, now_ms: int) -> bool:
        """Return whether it is in force at that moment."""
        return self.begins <= now_ms < self.until


class Acted(Struct, frozen=True, kw_only=True):
    """What was done to a mark, by whom and when, and the mark as it stands after it."""

    seq: int
    action: Action
    who: str
    at: int
    mark: Mark


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody wants: of a mark (0: a new one) that they saw in `version` (None: whichever). None leaves a part as it is."""

    action: Action
    mark: int = 0
    version: int | None = None
    shape: Shape | None = None
    points: tuple[Point, ...] | None = None
    kind: Kind | None = None
    name: str | None = None
    note: str | None = None
    begins: int | None = None
    until: int | None = None
    incident: int | None = None


class Illegal(Exception):  # noqa: N818  an answer, not a mistake
    """It cannot be done to the mark as it stands: `outdated`, `over`, `too_late`, `key`, or `full` where there are too many."""

    def __init__(self, code: str, last: Acted | None = None) -> None:
        super().__init__(code)
        self.code, self.last = code, last


def drawn(wish: Wish, *, number: int, who: str, now_ms: int, bounds: tuple[float, float, float, float]) -> Mark:
    """Return the new mark. Raises Unfit."""
    if wish.shape is None or wish.points is None or wish.kind is None:
        raise Unfit("kind" if wish.kind is None else "points", "missing")
    begins = now_ms if wish.begins is None else wish.begins
    until = begins + USUAL_MS if wish.until is None else wish.until
    check_times(begins, until, now_ms, earliest=now_ms - BACK_MS)
    return Mark(
        id=number,
        shape=wish.shape,
        points=fitted(wish.shape, wish.points, bounds),
        kind=wish.kind,
        name=_text("name", wish.name or "", MOST_NAME, needed=True),
        note=_text("note", wish.note or "", MOST_NOTE),
        incident=wish.incident or 0,
        begins=begins,
        until=until,
        who=who,
        drawn=now_ms,
    )


def changed(mark: Mark, wish: Wish, *, now_ms: int, bounds: tuple[float, float, float, float]) -> Mark:
    """Return the mark with what was given. Raises Unfit, and Illegal where it is over."""
    if mark.until <= now_ms:
        raise Illegal("over")
    shape = wish.shape or mark.shape
    points = mark.points if wish.points is None and shape == mark.shape else fitted(shape, wish.points or mark.points, bounds)
    begins, until = mark.begins if wish.begins is None else wish.begins, mark.until if wish.until is None else wish.until
    check_times(begins, until, now_ms, earliest=min(mark.begins, now_ms - BACK_MS))
    return replace(
        mark,
        shape=shape,
        points=points,
        kind=wish.kind or mark.kind,
        name=mark.name if wish.name is None else _text("name", wish.name, MOST_NAME, needed=True),
        note=mark.note if wish.note is None else _text("note", wish.note, MOST_NOTE),
        incident=mark.incident if wish.incident is None else wish.incident,
        version=mark.version + 1,
        begins=begins,
        until=until,
    )


def ended(mark: Mark, *, who: str, now_ms: int) -> Mark:
    """Return the mark ended now. Raises Illegal where it is over."""
    if mark.until <= now_ms:
        raise Illegal("over")
    return replace(mark, until=now_ms, begins=min(mark.begins, now_ms), ended_by=who, version=mark.version + 1)


def undone(acts: Sequence[Acted], *, who: str, now_ms: int) -> Mark:
    """Return the mark as it stood before the last act, which must be one's own and young. `acts` are all on it, the oldest first.

    What was drawn is withdrawn: it holds at no time from now on. Raises Illegal.
    """
    last = acts[-1]
    if last.who != who or last.action == "undo":
        raise Illegal("outdated", last)
    if now_ms - last.at > UNDO_MS:
        raise Illegal("too_late", last)
    version = last.mark.version + 1
    if len(acts) == 1:
        return replace(last.mark, until=min(last.mark.begins, now_ms), ended_by=who, version=version)
    return replace(acts[-2].mark, version=version)


def follow(acts: Sequence[Acted], wish: Wish, *, who: str, now_ms: int, bounds: tuple[float, float, float, float]) -> Mark:
    """Return the mark after a wish about one that stands. Raises Illegal, Unfit."""
    last = acts[-1]
    if wish.version is not None and wish.version != last.mark.version:
        raise Illegal("outdated", last)
    if wish.action == "undo":
        return undone(acts, who=who, now_ms=now_ms)
    try:
        if wish.action == "end":
            return ended(last.mark, who=who, now_ms=now_ms)
        return changed(last.mark, wish, now_ms=now_ms, bounds=bounds)
    except Illegal as illegal:
        raise Illegal(illegal.code, last) from None


def check_times(begins: int, until: int, now_ms: int, *, earliest: int) -> None:
    """Hold the times of a mark to what is allowed. Raises Unfit."""
    if begins < earliest:
        raise Unfit("begins", "too_early")
    if begins > now_ms + AHEAD_MS:
        raise Unfit("begins", "too_late")
    if until <= max(now_ms, begins):
        raise Unfit("until", "past")
    if until - max(begins, now_ms) > MOST_MS:
        raise Unfit("until", "too_long")


def _text(field: str, told: str, most: int, *, needed: bool = False) -> str:
    text = " ".join(told.split()) if needed else told.strip()
    if needed and not text:
        raise Unfit(field, "missing")
    if len(text) > most:
        raise Unfit(field, "too_long")
    if any(ord(letter) < ord(" ") and letter != "\n" for letter in text):
        raise Unfit(field, "signs")
    return text
