"""Deadlines in the city's working time: begun, paused, extended, and computed anew when its calendar changes (calendar.md §3).

A deadline in hours runs day and night; one in working hours while its unit's office is open; one in days ends with its last day, at the
city's midnight: stored as the instant that the public portal prints as `00:00` of the day after.
"""

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from dashboard.calendar import DAY_MS, HOUR_MS, MINUTE_MS, day_of, day_start_ms
from dashboard.city import City, Service
from dashboard.reports.terms import term_of
from dashboard.reports.working import OFFICE, Calendar, Clock, calendar_of
from dashboard.term import Term

AS_TOLD = frozenset({"hour", "day", "instant"})  # what no calendar moves


class Pause(NamedTuple):
    """A stretch in which the clock stood still, and why; `until` 0: it still does. Epoch ms."""

    since: int
    until: int
    why: str


class Extension(NamedTuple):
    """More time, granted at an instant (epoch ms)."""

    at: int
    term: Term


class Deadline(Struct, frozen=True, kw_only=True):
    """One clock, its own or a unit's, with all that it was computed from. Instants are epoch ms.

    `original` is what was promised at first: neither a pause nor an extension moves it, only the calendar does. `due` is what counts now.
    `calendar` is the version (dashboard.reports.working) of both, `provisional` says that a day which nobody has announced decides.
    """

    started: int
    term: Term
    profile: str
    original: int
    due: int
    calendar: str
    provisional: bool = False
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.pauses) and self.pauses[-1].until == 0


def begun(calendar: Calendar, started: int, term: Term, *, profile: str = OFFICE) -> Deadline:
    """Return a clock that begins at `started`."""
    clock = calendar.clock(profile)
    due, provisional = _after(clock, started, term)
    return Deadline(
        started=started,
        term=term,
        profile=profile,
        original=due,
        due=due,
        calendar=calendar.version,
        provisional=provisional,
    )


def paused(deadline: Deadline, *, at: int, why: str) -> Deadline:
    """Return a clock that stands still from `at` on. One that does already is returned as it is."""
    if deadline.paused:
        return deadline
    return replace(deadline, pauses=(*deadline.pauses, Pause(at, 0, why)))


def resumed(deadline: Deadline, calendar: Calendar, *, at: int) -> Deadline:
    """Return a clock that runs again. What it stood still for is added, where it stood still before it had run out."""
    if not deadline.paused:
        return deadline
    last = deadline.pauses[-1]._replace(until=max(at, deadline.pauses[-1].since))
    return recomputed(replace(deadline, pauses=(*deadline.pauses[:-1], last)), calendar)


def extended(deadline: Deadline, calendar: Calendar, more: Term, *, at: int) -> Deadline:
    """Return a clock with more time; what was promised at first stays."""
    return recomputed(replace(deadline, extensions=(*deadline.extensions, Extension(at, more))), calendar)


def recomputed(deadline: Deadline, calendar: Calendar) -> Deadline:
    """Return the same clock by this calendar: a holiday was announced, or moved. Pauses and extensions follow in their order."""
    clock = calendar.clock(deadline.profile)
    original, provisional = _after(clock, deadline.started, deadline.term)
    due = original
    steps = sorted(
        [(one.since, one) for one in deadline.pauses] + [(one.at, one) for one in deadline.extensions], key=lambda step: step[0]
    )
    for _, step in steps:
        due = _more(clock, due, step.term) if isinstance(step, Extension) else _stood(clock, due, step, deadline.term)
    if steps:
        provisional = _unsure(clock, deadline, due)
    return replace(deadline, original=original, due=due, calendar=calendar.version, provisional=provisional)


def due_ms(city: City, service: Service, submitted_ms: int, *, priority: str = "normal") -> int:
    """Return the instant by which a report of `service` is to be handled: what the citizen is told when it comes in."""
    return due_after(city, submitted_ms, whole_term(city, service, priority=priority))


def whole_term(city: City, service: Service, *, priority: str) -> Term:
    """Return how long a report of `service` is given."""
    if city.reports.allowances:
        return term_of(city, "report", service=service.code, priority=priority)
    return Term(service.deadline_value, service.deadline_unit)


def due_after(city: City, submitted_ms: int, term: Term) -> int:
    """Return the instant at which a report's time has run out."""
    return _after(calendar_of(city).clock(OFFICE), submitted_ms, term)[0]


def _after(clock: Clock, started: int, term: Term) -> tuple[int, bool]:
    """Return when a term that begins at `started` ends, and whether that hangs on a day that nobody has announced."""
    if term.unit == "hour":
        return started + term.value * HOUR_MS, False
    if term.unit == "instant":
        return term.value, False
    day = day_of(started, clock.zone)
    if term.unit == "working_hour":
        due = clock.after(started, term.value * HOUR_MS)
        return due, clock.unsure(day - 1, _last_day(clock, due))
    if term.unit == "day":
        return day_start_ms(day + term.value + 1, clock.zone), False
    last = clock.last_day(day, term.value)
    return day_start_ms(last + 1, clock.zone), clock.unsure(day, last)


def _unsure(clock: Clock, deadline: Deadline, due: int) -> bool:
    """Return the same of a deadline that was moved to `due`: its own term may hang on no calendar, and more time that was granted on one."""
    if deadline.term.unit in AS_TOLD and all(one.term.unit in AS_TOLD for one in deadline.extensions):
        return False
    day = day_of(deadline.started, clock.zone)
    return clock.unsure(day - 1 if deadline.term.unit == "working_hour" else day, _last_day(clock, due))


def _last_day(clock: Clock, due: int) -> int:
    """Return the last day that lies in a term: an end at midnight is the end of the day before."""
    return day_of(due - 1, clock.zone)


def _more(clock: Clock, due: int, more: Term) -> int:
    """Return `due` with more time. Days are added to the last day, hours to the instant."""
    if more.unit == "hour":
        return due + more.value * HOUR_MS
    if more.unit == "working_hour":
        return clock.after(due, more.value * HOUR_MS)
    last = _last_day(clock, due)
    return day_start_ms((clock.last_day(last, more.value) if more.unit == "working_day" else last + more.value) + 1, clock.zone)


def _stood(clock: Clock, due: int, pause: Pause, term: Term) -> int:
    """Return `due` with what a pause that is over took. Of days, those are given back that began while the clock stood still."""
    if not pause.until or pause.since >= due:
        return due
    if term.unit in {"hour", "instant"}:
        return due + pause.until - pause.since
    if term.unit == "working_hour":
        return clock.after(due, clock.worked(pause.since, pause.until))
    first, last = day_of(pause.since, clock.zone), day_of(pause.until, clock.zone)
    return _more(clock, due, Term(last - first if term.unit == "day" else clock.between(first, last), term.unit))


class Left(NamedTuple):
    """How much time is left, or (`over`) has passed since it ran out: whole days, hours and minutes of the clock on the wall."""

    over: bool
    days: int
    hours: int
    minutes: int


def left(due: int, now_ms: int) -> Left:
    """Return what is left until `due`: of a day and more, days and hours are told; of less, hours and minutes."""
    minutes = abs(due - now_ms) // MINUTE_MS
    days, rest = divmod(minutes, DAY_MS // MINUTE_MS)
    return Left(now_ms > due, days, *divmod(rest, HOUR_MS // MINUTE_MS))


def ends_with(due: int, zone: str) -> int | None:
    """Return the day (number) with whose end a deadline runs out, where it runs out at a midnight: `00:00 08/11` is the end of 07/11."""
    day = day_of(due, zone)
    return day - 1 if day_start_ms(day, zone) == due else None
