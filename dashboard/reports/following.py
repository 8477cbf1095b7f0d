"""How a case and what the record knows of its report follow each other.

The record keeps a report as it was told last, whoever told it (dashboard.events.ReportChanged). As soon as somebody has worked on it here,
the house tells it: what its source says of its state, unit or deadline from then on is kept, and changes nothing.
"""

from msgspec.structs import replace

from dashboard.city import City
from dashboard.events import HOUSE, Heard, Path, ReportChanged, Sighted
from dashboard.reports.case import Case, State
from dashboard.reports.clock import begun
from dashboard.reports.terms import term_of
from dashboard.reports.working import calendar_of
from dashboard.term import Term

OURS = "case:"  # how the id of what the house tells begins
NEVER = 7_258_118_400_000  # the latest instant of an event: what stands still is not due
ALARM = "report_urgent"
UNVERIFIED: frozenset[State] = frozenset({"received", "verifying"})


def entered(source: str, ward: str, event: ReportChanged, city: City) -> Case:
    """Return the case of a report that has come in. A deadline that its source has told is not computed again."""
    calendar = calendar_of(city)
    told = Term(event.due, "instant") if event.due is not None else None
    priority = "urgent" if event.urgent else "normal"
    term = told or term_of(city, "report", service=event.service, priority=priority)
    return Case(
        report=f"{source}/{event.report}",
        service=event.service,
        priority="urgent" if event.urgent else "normal",
        ward=ward,
        lon=event.lon,
        lat=event.lat,
        submitted=event.submitted,
        deadline=begun(calendar, event.submitted, term),
        check=begun(calendar, event.submitted, term_of(city, "check", service=event.service, priority=priority)),
        changed=event.at,
    )


def ours(event: object) -> bool:
    """Return whether the house itself has told this of a report."""
    return isinstance(event, ReportChanged) and event.id.startswith(OURS)


def told(case: Case, *, seq: int, now_ms: int, last: ReportChanged | None, channel: str | None = None) -> ReportChanged:
    """Return what the record is told of a case: open until the citizen has an answer, closed on the day of handling."""
    return ReportChanged(
        id=f"{OURS}{seq}",
        at=max(now_ms, last.at if last else 0),
        report=case.report.partition("/")[2],
        service=case.service,
        submitted=case.submitted,
        open=not case.settled,
        closed=(case.handled or case.closed or now_ms) if case.settled else None,
        due=NEVER if case.deadline.paused and not case.settled else min(case.deadline.due, NEVER),
        lon=case.lon,
        lat=case.lat,
        ward=case.ward or None,
        unit=case.lead or (last.unit if last else None),
        urgent=case.priority == "urgent",
        channel=last.channel if last else channel,
        rating=case.rating,
        path=path_of(case, last.path if last else None),
    )


def path_of(case: Case, known: Path | None, *, extended: int = 0) -> Path | None:
    """Return what figures ask of a case's path, None where there is nothing to tell and never was.

    `known` is what was told last: that more time was once granted stays so when a reopening begins a new clock. So does `extended`, which
    the history tells where nothing was told yet.
    """
    clock, before = case.deadline, (known.extended if known else None) or extended or None
    found = Path(
        eligible=_eligible(case),
        original=min(clock.original, NEVER) if clock.paused or clock.original != clock.due else None,
        extended=min([one.at for one in clock.extensions] + [before or NEVER]) if clock.extensions or before else None,
        recurs=bool(case.recurs),
    )
    return found if known is not None or found != Path() else None


def _eligible(case: Case) -> bool | None:
    """Return what verifying a report has found. One that was merged, or that its source closed, is what it was before that."""
    if case.state == "ineligible":
        return False
    stood = case.was if case.was and not case.published else case.state
    return True if case.checked and stood not in UNVERIFIED else None


def news(event: ReportChanged, last: ReportChanged | None) -> bool:
    """Return whether a telling says anything that the record does not know."""
    return last is None or replace(event, id=last.id, at=last.at, revision=last.revision) != last


def spoken(held: ReportChanged, event: ReportChanged) -> ReportChanged:
    """Return what a source tells of a report that the house works on: the house's word stands, but for what only the source hears."""
    return replace(
        held,
        id=event.id,
        at=event.at,
        channel=event.channel or held.channel,
        rating=held.rating or event.rating,
        revision=event.revision,
    )


def heard(case: Case, event: ReportChanged, *, now_ms: int) -> Heard:
    """Return a telling of ours as the board hears it."""
    source = case.report.partition("/")[0]
    return Heard(
        key=f"{source}:{event.id}",
        source=source,
        received=now_ms,
        counted=now_ms,
        quarantined=False,
        camera="",
        ward=case.ward,
        event=event,
    )


def alarming(case: Case, *, seq: int, now_ms: int) -> Heard:
    """Return what raises the alarm of an urgent report (the pack's kind `report_urgent`)."""
    number = case.report.partition("/")[2]
    event = Sighted(id=f"{OURS}{seq}:urgent", at=now_ms, kind=ALARM, camera=number[:120], subject=case.report)
    return Heard(
        key=f":{event.id}", source=HOUSE, received=now_ms, counted=now_ms, quarantined=False, camera="", ward=case.ward, event=event
    )
