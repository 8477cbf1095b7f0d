"""What becomes of a case without anybody asking: its source closed or opened it, its calendar changed."""

from msgspec.structs import replace

from dashboard.events import ReportChanged
from dashboard.reports.case import Case, Done
from dashboard.reports.clock import Deadline, recomputed
from dashboard.reports.parts import moved
from dashboard.reports.working import Calendar


def at_source(case: Case, event: ReportChanged, *, now_ms: int) -> Case | None:
    """Return the case after its source has told it anew; None where that changes nothing about it."""
    if not event.open and not case.settled:
        closed = event.closed or now_ms
        return _changed(replace(case, state="closed", was=case.state, handled=closed, closed=closed), "source_closed", now_ms)
    if event.open and case.state == "closed" and case.changed_how == "source_closed":
        return _changed(replace(case, state=case.was or "received", was=None, handled=0, closed=0), "source_opened", now_ms)
    facts = {"service": event.service, "lon": event.lon, "lat": event.lat}
    if all(getattr(case, name) == value for name, value in facts.items()):
        return None
    return replace(case, service=event.service, lon=event.lon, lat=event.lat)


def _changed(case: Case, how: Done, now_ms: int) -> Case:
    return replace(case, version=case.version + 1, undo=None, changed=now_ms, changed_by="", changed_how=how)


def by_calendar(case: Case, calendar: Calendar, *, now_ms: int) -> Case:
    """Return an open case by this calendar; the very one where it was computed by it. What is settled never changes its verdict."""
    if case.settled or case.deadline.calendar == calendar.version:
        return case
    after = replace(
        case,
        deadline=recomputed(case.deadline, calendar),
        check=(case.check and not case.checked and recomputed(case.check, calendar)) or case.check,
        parts=moved(case.parts, lambda one: replace(one, deadline=recomputed(one.deadline, calendar))),
    )
    return _changed(after, "recalendar", now_ms) if _dues(after) != _dues(case) else after


def _dues(case: Case) -> list[int]:
    clocks: list[Deadline] = [case.deadline, *(one.deadline for one in case.parts)]
    return [case.check.due if case.check else 0, *(one.due for one in clocks)]
