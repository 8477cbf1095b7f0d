"""What time does to an alarm by itself: conditions end, shelvings end, claims return, what nobody acknowledges is escalated."""

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from dashboard.alarms.acts import MINUTE_MS, back, dropped, gone
from dashboard.alarms.alarm import Alarm

# Unacknowledged for so long, an alarm goes to the shift's lead (UX-54). A P4 waits.
ESCALATE_MS: Mapping[int, int] = {1: MINUTE_MS, 2: 3 * MINUTE_MS, 3: 15 * MINUTE_MS}
STANDING_MS = 24 * 60 * MINUTE_MS  # what is open for longer is a standing alarm (UX-45)
UNACKNOWLEDGED = frozenset({"new", "returned"})


def passed(alarm: Alarm, now_ms: int) -> Iterator[tuple[str, Alarm]]:
    """Yield what time has done to an alarm by `now_ms`, one act after the other, each with the alarm after it."""
    while (action := due(alarm, now_ms)) is not None:
        alarm = PASSING[action](alarm, now_ms)
        yield action, alarm


def due(alarm: Alarm, now_ms: int) -> str | None:
    """Return what is due to be done by the house itself, the first thing first."""
    course = alarm.course
    if not alarm.open:
        return None
    if alarm.until < now_ms and not alarm.over:
        return "return"
    if course.state == "shelved" and course.shelved_until <= now_ms:
        return "unshelve"
    if course.lease and course.lease <= now_ms:
        return "lapse"
    limit_ms = ESCALATE_MS.get(alarm.priority)
    if limit_ms is not None and not alarm.escalated and course.state in UNACKNOWLEDGED and alarm.raised + limit_ms <= now_ms:
        return "escalate"
    return None


def returned(alarm: Alarm, now_ms: int) -> Alarm:
    """Return the alarm once what it spoke of is over. One that is in somebody's hands stays there."""
    over = replace(alarm, over=True)
    if alarm.state == "new":
        return replace(over, course=back(over, now_ms))
    return replace(over, course=gone(now_ms)) if alarm.state == "acknowledged" else over


def raised(alarm: Alarm, now_ms: int) -> Alarm:
    """Return the alarm once what it spoke of is there again. One that waited for a person is new again."""
    again = replace(alarm, over=False)
    if alarm.state != "returned":
        return again
    return replace(again, course=back(again, now_ms), raised=now_ms, escalated=0, undo=None)


def _unshelved(alarm: Alarm, now_ms: int) -> Alarm:
    return replace(alarm, course=back(alarm, now_ms), raised=now_ms, escalated=0, undo=None)


def _lapsed(alarm: Alarm, _now_ms: int) -> Alarm:
    return replace(alarm, course=dropped(alarm), undo=None)


def _escalated(alarm: Alarm, now_ms: int) -> Alarm:
    return replace(alarm, escalated=now_ms)


PASSING: Mapping[str, Callable[[Alarm, int], Alarm]] = {
    "return": returned,
    "unshelve": _unshelved,
    "lapse": _lapsed,
    "escalate": _escalated,
}
