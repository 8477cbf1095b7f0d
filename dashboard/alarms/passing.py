"""What time does to an alarm by itself: conditions end, shelvings end, claims return, what nobody acknowledges is escalated."""

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from dashboard.alarms.acts import MINUTE_MS, back, carried, dropped, gone
from dashboard.alarms.alarm import Alarm
from dashboard.alarms.telling import again

# Unacknowledged for so long, an alarm goes to the shift's lead (UX-54). A P4 waits.
ESCALATE_MS: Mapping[int, int] = {1: MINUTE_MS, 2: 3 * MINUTE_MS, 3: 15 * MINUTE_MS}
UNACKNOWLEDGED = frozenset({"new", "returned"})


def passed(alarm: Alarm, now_ms: int) -> Iterator[tuple[str, Alarm]]:
    """Yield what time has done to an alarm by `now_ms`, one act after the other, each with the alarm after it."""
    while (action := due(alarm, now_ms)) is not None:
        alarm = carried(alarm, PASSING[action](alarm, now_ms))
        yield action, alarm


def due(alarm: Alarm, now_ms: int) -> str | None:
    """Return what is due to be done by the house itself, the first thing first."""
    course = alarm.course
    if not alarm.open:
        return None
    if course.goes and course.goes <= now_ms:
        return "send"
    if alarm.until < now_ms and not alarm.over:
        return "return"
    if course.state == "shelved" and course.shelved_until <= now_ms:
        return "unshelve"
    if course.lease and course.lease <= now_ms:
        return "lapse"
    return _too_long(alarm, now_ms)


def _too_long(alarm: Alarm, now_ms: int) -> str | None:
    """Return what is due since something lasts: the matter itself, or that nobody has acknowledged it."""
    if alarm.steps and alarm.steps[0] <= now_ms and not alarm.over:
        return "realarm"
    limit_ms = ESCALATE_MS.get(alarm.priority)
    if limit_ms is not None and not alarm.escalated and alarm.state in UNACKNOWLEDGED and alarm.raised + limit_ms <= now_ms:
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
    lasts = replace(alarm, over=False)
    if alarm.state != "returned":
        return lasts
    return replace(lasts, course=back(lasts, now_ms), raised=now_ms, escalated=0, reviewed=0, undo=None)


def _stepped(alarm: Alarm, now_ms: int) -> Alarm:
    """It has lasted for too long once more; steps that passed together are one."""
    return again(replace(alarm, steps=tuple(step for step in alarm.steps if step > now_ms)), now_ms)


def _unshelved(alarm: Alarm, now_ms: int) -> Alarm:
    return replace(alarm, course=back(alarm, now_ms), raised=now_ms, escalated=0, undo=None)


def _lapsed(alarm: Alarm, _now_ms: int) -> Alarm:
    return replace(alarm, course=dropped(alarm), undo=None)


def _sent(alarm: Alarm, _now_ms: int) -> Alarm:
    return replace(alarm, course=replace(alarm.course, goes=0), undo=None)


def _escalated(alarm: Alarm, now_ms: int) -> Alarm:
    return replace(alarm, escalated=now_ms)


PASSING: Mapping[str, Callable[[Alarm, int], Alarm]] = {
    "send": _sent,
    "return": returned,
    "unshelve": _unshelved,
    "lapse": _lapsed,
    "realarm": _stepped,
    "escalate": _escalated,
}
