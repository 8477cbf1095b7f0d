"""Parts of a report: how the centre gives them to units, and what units and centre do with them. Each has a clock of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from dashboard.reports.case import (
    ACTING,
    LIVE,
    MOST_EVIDENCE,
    MOST_PARTS,
    Action,
    Asked,
    Case,
    Given,
    Illegal,
    Incomplete,
    Part,
    PartState,
    Request,
    Result,
    State,
)
from dashboard.reports.clock import Deadline, begun, extended, paused
from dashboard.reports.rule import Rule, Standing, Steps, stepped
from dashboard.reports.terms import term_of
from dashboard.term import TERM_UNITS, Term

Parts = tuple[Part, ...]
LONGEST_MORE = 60  # days, or as many hours: what one extension may give
WITH_UNITS = frozenset[State]({"forwarded", "in_progress", "resulted"})
UNDER_WAY = frozenset[State]({"forwarded", "in_progress"})


def due_of(case: Case, part: Part) -> int:
    """Return by when a part is to be done: its own deadline, and never after what the citizen was told, where that was yet to come."""
    told = case.deadline.due
    return min(part.deadline.due, told) if told > part.given else part.deadline.due


def moved(parts: Parts, change: Callable[[Part], Part]) -> Parts:
    """Return the parts with those changed that somebody has in hand."""
    return tuple(change(one) if one.state in LIVE else one for one in parts)


def ended(parts: Parts, state: PartState, now_ms: int) -> Parts:
    """Return the parts with nobody having any in hand any more."""
    return moved(parts, lambda one: replace(one, state=state, ended=now_ms))


def state_of(parts: Parts) -> State:
    """Return how a report stands by its parts. What was approved before it was opened again is nobody's any more."""
    states = {one.state for one in parts if one.state in LIVE}
    if not states:
        return "classified"
    if states & {"accepted", "sent_back"}:
        return "in_progress"
    if "given" in states:
        return "in_progress" if "resulted" in states else "forwarded"
    return "resulted"


def _forwarded(stands: Standing, asked: Asked) -> Steps:
    """Give it to one or several units, each with its own time."""
    case = stands.case
    if not asked.units:
        raise Incomplete("units")
    if len(case.parts) + len(asked.units) > MOST_PARTS:
        raise Illegal("full", case)
    held = {one.unit for one in case.parts if one.state in LIVE}
    if held & {one.unit for one in asked.units} or len({one.unit for one in asked.units}) < len(asked.units):
        raise Illegal("given", case)
    parts = (*case.parts, *(_given(stands, one, len(case.parts) + n) for n, one in enumerate(asked.units, 1)))
    return stepped(stands, asked, state=state_of(parts), parts=parts)


def _given(stands: Standing, given: Given, nth: int) -> Part:
    if given.unit not in stands.units:
        raise Incomplete("units")
    case = stands.case
    term = given.term or term_of(stands.city, "part", service=case.service, priority=case.priority, unit=given.unit)
    deadline = begun(stands.calendar, stands.now_ms, _sound(term), profile=stands.units[given.unit])
    if case.deadline.paused:
        deadline = paused(deadline, at=stands.now_ms, why=case.deadline.pauses[-1].why)
    return Part(nth=nth, unit=given.unit, task=given.task.strip(), given=stands.now_ms, deadline=deadline)


def _sound(term: Term | None) -> Term:
    if term is None or term.unit not in TERM_UNITS or not 0 < term.value <= LONGEST_MORE * 24:
        raise Incomplete("term")
    return term


def _part(stands: Standing, asked: Asked, states: frozenset[PartState]) -> Part:
    """Return the part that is asked for. A person of a unit has to do with that unit's parts alone."""
    part = stands.case.part(asked.nth)
    if part is None or (stands.mine is not None and part.unit not in stands.mine):
        raise Incomplete("nth")
    if part.state not in states:
        raise Illegal("part", stands.case)
    return part


def _with(stands: Standing, asked: Asked, part: Part, **changes: Any) -> Steps:
    """Return the report with one part changed, and its state by all of them."""
    parts = tuple(replace(one, **changes) if one.nth == part.nth else one for one in stands.case.parts)
    return stepped(stands, asked, nth=part.nth, parts=parts, state=state_of(parts))


def _withdrawn(stands: Standing, asked: Asked) -> Steps:
    return _with(stands, asked, _part(stands, asked, LIVE), state="withdrawn", ended=stands.now_ms)


def _accepted(stands: Standing, asked: Asked) -> Steps:
    return _with(stands, asked, _part(stands, asked, frozenset({"given"})), state="accepted")


def _declined(stands: Standing, asked: Asked) -> Steps:
    """A unit says that it is not its matter; the centre decides to whom it goes instead."""
    return _with(stands, asked, _part(stands, asked, frozenset({"given", "accepted"})), state="declined", ended=stands.now_ms)


def _resulted(stands: Standing, asked: Asked) -> Steps:
    """A unit says what it has done, with evidence where it has some."""
    part = _part(stands, asked, ACTING)
    if not asked.text.strip():
        raise Incomplete("text")
    if len(asked.evidence) > MOST_EVIDENCE:
        raise Incomplete("evidence")
    result = Result(asked.text.strip(), asked.evidence, stands.who, stands.now_ms)
    return _with(stands, asked, part, state="resulted", result=result, ended=stands.now_ms, request=None)


def _sent_back(stands: Standing, asked: Asked) -> Steps:
    """The centre is not content: the unit goes on, by the clock that has never stopped."""
    return _with(stands, asked, _part(stands, asked, frozenset({"resulted"})), state="sent_back", ended=0)


def _approved(stands: Standing, asked: Asked) -> Steps:
    """The centre is content with every part. The day of handling is that of the last result."""
    parts = tuple(replace(one, state="approved") if one.state == "resulted" else one for one in stands.case.parts)
    handled = max(one.result.at for one in parts if one.state == "approved" and one.result)
    return stepped(stands, asked, state="approved", parts=parts, handled=handled)


def _asked_more(stands: Standing, asked: Asked) -> Steps:
    """Ask for more time: a unit for its part, the centre for the whole report."""
    term = _sound(asked.term)
    if term.value > LONGEST_MORE:
        raise Incomplete("term")
    request = Request(term, asked.why.strip(), stands.who, stands.now_ms)
    if asked.nth or stands.mine is not None:
        part = _part(stands, asked, ACTING)
        if part.request:
            raise Illegal("asked", stands.case)
        return _with(stands, asked, part, request=request)
    if stands.case.request:
        raise Illegal("asked", stands.case)
    return stepped(stands, asked, request=request)


def _request(stands: Standing, asked: Asked) -> tuple[Part | None, Request]:
    """Return what was asked for. Nobody grants what they have asked for themselves (UX-95)."""
    part = _part(stands, asked, ACTING) if asked.nth else None
    request = part.request if part else stands.case.request
    if request is None:
        raise Illegal("unasked", stands.case)
    if request.who == stands.who:
        raise Illegal("second", stands.case)
    return part, request


def _granted(stands: Standing, asked: Asked) -> Steps:
    """Give more time. Where a part then ends after what the citizen was told, the citizen's deadline moves too; its first one stays."""
    part, request = _request(stands, asked)
    case = stands.case

    def more(held: Deadline) -> Deadline:
        return extended(held, stands.calendar, request.term, at=stands.now_ms)

    if part is None:
        return stepped(stands, asked, request=None, deadline=more(case.deadline))
    deadline = more(part.deadline)
    steps = _with(stands, asked, part, request=None, deadline=deadline)
    if deadline.due <= case.deadline.due:
        return steps
    return (steps[0]._replace(after=replace(steps[0].after, deadline=more(case.deadline))),)


def _denied(stands: Standing, asked: Asked) -> Steps:
    part, _ = _request(stands, asked)
    return stepped(stands, asked, request=None) if part is None else _with(stands, asked, part, request=None)


PART_RULES: Mapping[Action, Rule] = {
    "forward": Rule(frozenset({"classified", "forwarded", "in_progress"}), ("case.assign",), _forwarded, undo=True),
    "withdraw": Rule(WITH_UNITS, ("case.assign",), _withdrawn, why=True, undo=True),
    "accept": Rule(UNDER_WAY, ("case.work",), _accepted, undo=True),
    "decline": Rule(UNDER_WAY, ("case.work",), _declined, why=True, undo=True),
    "result": Rule(UNDER_WAY, ("case.work",), _resulted),
    "send_back": Rule(frozenset({"in_progress", "resulted"}), ("case.approve",), _sent_back, why=True, undo=True),
    "approve": Rule(frozenset({"resulted"}), ("case.approve",), _approved, undo=True),
    "ask_extension": Rule(UNDER_WAY, ("case.work", "case.assign"), _asked_more, why=True),
    "grant": Rule(UNDER_WAY, ("case.grant",), _granted),
    "deny": Rule(UNDER_WAY, ("case.grant",), _denied, why=True),
}
