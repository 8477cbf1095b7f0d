"""What an event makes of an alarm: opens it, lets it go on, makes it worse."""

from msgspec.structs import replace

from dashboard.alarms.alarm import Alarm, Course
from dashboard.alarms.grouping import camera_of, name_of
from dashboard.city import Kind
from dashboard.events import Found, Heard, Sighted
from dashboard.kinds import FOREVER, Kinds

MOST_CAMERAS = 20


def opened(group: str, heard: Heard, kind: Kind) -> Alarm:
    """Return the alarm that an event would open. It has no id yet; `raised` is when its matter will have lasted long enough."""
    event, end = heard.event, last(heard)
    seen, found = event if isinstance(event, Sighted) else None, heard.found or Found()
    return Alarm(
        id="",
        group=group,
        kind=kind.key,
        priority=kind.priority,
        camera=heard.camera,
        name=name_of(heard),
        ward=heard.ward,
        since=heard.counted,
        last=end,
        until=until(heard, end, kind),
        raised=heard.counted + 1000 * kind.on_delay_s,
        score=seen.score if seen else None,
        plate=(seen.plate if seen else None) or found.plate,
        subject=((seen.subject or "") if seen else "") or found.entry,
        stays=kind.stays,
        verify=kind.verify,
        cameras=(camera_of(heard),),
        events=(heard.key,),
        level=seen.count if seen else 0,
        steps=tuple(heard.counted + 1000 * step for step in kind.realarm.steps_s),
    )


def renewed(held: Alarm, heard: Heard, kind: Kind, *, again: bool) -> Alarm:
    """Return an alarm after a further event of its group; `again` is one that it counts already, amended.

    A cluster stays where it was first seen; a plate or a person is where it was seen last.
    """
    event, end = heard.event, last(heard)
    seen, till = event if isinstance(event, Sighted) else None, until(heard, end, kind)
    stays_put = "cluster" in kind.group_by
    return replace(
        held,
        last=max(end, held.last),
        until=till if again else max(till, held.until),
        count=held.count + int(not again),
        score=seen.score if seen else None,
        plate=(seen.plate if seen else None) or (heard.found or Found()).plate or held.plate,
        subject=(heard.found or Found()).entry or held.subject,
        camera=held.camera if stays_put else heard.camera,
        name=held.name if stays_put else name_of(heard),
        ward=held.ward if stays_put else heard.ward,
        cameras=_with(held.cameras, camera_of(heard)),
        events=_of_note(held.events, heard.key),
    )


def learnt(held: Alarm, heard: Heard) -> Alarm:
    """Return an alarm once more is known of one of its events, which happened no differently for that."""
    found = heard.found
    if found is None or heard.key not in held.events:
        return held
    return replace(held, plate=found.plate or held.plate, subject=found.entry or held.subject)


def _of_note(events: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Return the first event and the last two."""
    later = [one for one in events[1:] if one != key][-1:]
    return events if events[:1] == (key,) else (*events[:1], *later, key)


def _with(cameras: tuple[str, ...], camera: str) -> tuple[str, ...]:
    known = camera in cameras or len(cameras) >= MOST_CAMERAS
    return cameras if known else (*cameras, camera)


def last(heard: Heard) -> int:
    """Return when an event says that its matter was last seen; never after we have heard of it."""
    ended = heard.event.ended if isinstance(heard.event, Sighted) else None
    return heard.counted if ended is None else max(heard.counted, min(ended, heard.received))


def until(heard: Heard, end: int, kind: Kind) -> int:
    """Return when an alarm is over: after its off-delay once its end was told, else after its grouping window."""
    if not isinstance(heard.event, Sighted):
        return FOREVER
    return end + 1000 * (kind.off_delay_s if ended(heard) else kind.group_window_s)


def ended(heard: Heard) -> bool:
    """Return whether an event tells its own end."""
    return isinstance(heard.event, Sighted) and heard.event.ended is not None


def lasted(alarm: Alarm, heard: Heard) -> int:
    """Return for how long (ms) what has ended had lasted: by our clock, or by that of its own device."""
    event = heard.event
    own = event.ended - event.at if isinstance(event, Sighted) and event.ended is not None else 0
    return max(own, alarm.last - alarm.since)


def worse(before: Alarm, alarm: Alarm, heard: Heard, kind: Kind, kinds: Kinds) -> tuple[str, Alarm] | None:
    """Return how an alarm grew worse with an event, and the alarm that alarms again for it; None where it did not.

    `before` is the alarm without the event, `kind` the event's own.
    """
    rule = kinds.alarm(before.kind) or kind
    becomes = _becomes(before, alarm, kind, rule, kinds)
    if becomes is not None and becomes.priority < alarm.priority:
        return "promote", replace(
            alarm, kind=becomes.key, priority=becomes.priority, stays=becomes.stays or alarm.stays, verify=becomes.verify
        )
    seen = heard.event.count if isinstance(heard.event, Sighted) else 0
    if rule.realarm.doubles and seen >= 2 * max(alarm.level, 1):
        return "realarm", replace(alarm, level=seen)
    if rule.realarm.quiet_s and heard.counted >= before.last + 1000 * rule.realarm.quiet_s:
        return "realarm", alarm
    return None


def _becomes(before: Alarm, alarm: Alarm, kind: Kind, rule: Kind, kinds: Kinds) -> Kind | None:
    """Return what an alarm has become: what a second camera makes of it, else the event's own kind."""
    second = len(before.cameras) < len(alarm.cameras) and len(alarm.cameras) > 1
    return (kinds.alarm(rule.realarm.second_camera) if second and rule.realarm.second_camera else None) or kind


def again(alarm: Alarm, now_ms: int) -> Alarm:
    """Return the alarm once it alarms again. Who had only acknowledged it has to look once more; who works on it goes on."""
    course = Course() if alarm.state == "acknowledged" else alarm.course
    return replace(alarm, course=course, raised=now_ms, escalated=0, again=alarm.again + 1, reviewed=0, undo=None)
