"""Reports as screens are told of them: what people wrote masked, and to a unit's people only what is about their part."""

from collections.abc import Iterable, Sequence

from dashboard.masking import hidden
from dashboard.reports.acts import legal
from dashboard.reports.case import ACTING, LIVE, Act, Case, Part, Request
from dashboard.reports.cases import Line, Listed, Near, Shown
from dashboard.reports.clock import Deadline
from dashboard.reports.parts import due_of
from dashboard.reports.routing import Routed, Way
from dashboard.reports.speaking import ANSWERS, LETTER

# What the house says to itself, and what it says to the citizen: no unit's business.
OWN = frozenset({"note", "write", "hear", "read", "send_again", "bounced", "undelivered", "reveal", "forget"})


def row_told(line: Line) -> dict[str, object]:
    """Return a row of a list."""
    case = line.case
    live = [one.unit for one in case.parts if one.state in LIVE | {"approved"}]
    return {
        "key": case.report,
        "number": hidden(line.number),
        "title": hidden(line.wording.title or line.wording.text[:120]),
        "place": hidden(line.wording.place),
        "service": case.service,
        "ward": case.ward,
        "unit": case.lead,
        "units": len(live),
        "state": case.state,
        "priority": case.priority,
        "submitted": case.submitted,
        **_time(case, line.part),
        "duplicates": len(case.duplicates),
        "recurs": bool(case.recurs),
        "unread": case.unread,
        "version": case.version,
    }


def _time(case: Case, part: Part | None) -> dict[str, object]:
    """Return by when a report, or a unit's own part of it, is to be done, and when it was."""
    clock = part.deadline if part else case.deadline
    done = part.result.at if part and part.result and part.state not in ACTING else 0
    return {
        "started": clock.started,
        "due": due_of(case, part) if part else clock.due,
        "paused": case.deadline.paused,
        "provisional": clock.provisional,
        "handled": done if part else case.handled,
        "part": _own(part),
    }


def _own(part: Part | None) -> dict[str, object] | None:
    return {"nth": part.nth, "state": part.state} if part else None


def listed_told(found: Listed, *, now_ms: int) -> dict[str, object]:
    """Return a window of a list."""
    return {"rows": [row_told(one) for one in found.lines], "total": found.total, "counts": found.counts, "at": now_ms}


def clock_told(deadline: Deadline) -> dict[str, object]:
    """Return a clock."""
    return {
        "started": deadline.started,
        "original": deadline.original,
        "due": deadline.due,
        "paused": deadline.paused,
        "why": hidden(deadline.pauses[-1].why) if deadline.paused else "",
        "provisional": deadline.provisional,
        "extended": len(deadline.extensions),
        "calendar": deadline.calendar,
    }


def shown_told(shown: Shown, role: str | None, mine: frozenset[str] | None) -> dict[str, object]:
    """Return one report, whole, to somebody of a role; `mine` are the units that they work for, None: the centre."""
    case, words = shown.line.case, shown.line.wording
    outside = mine is not None
    return {
        **row_told(shown.line._replace(part=None)),
        "part": _own(shown.line.part),
        "text": hidden(words.text),
        "channel": hidden(words.channel),
        "lon": case.lon,
        "lat": case.lat,
        "clock": clock_told(case.deadline),
        "check": clock_told(case.check) if case.check and not case.checked else None,
        "owner": case.owner,
        "published": case.published,
        "answer": hidden(case.answer),
        "rating": case.rating,
        "outside": hidden(case.outside),
        "merged_into": case.merged_into,
        "earlier": case.recurs,
        "reopened": case.reopened,
        "request": _request(case.request),
        "parts": [_part(case, one, mine) for one in case.parts],
        "members": [row_told(one) for one in shown.members],
        "near": [] if outside else [near_told(one) for one in shown.near],
        "acts": [act_told(one) | _sent(shown, one, outside=outside) for one in _theirs(shown.acts, mine)],
        "legal": legal(case, role),
        "identified": shown.identified and not outside,
        "undo": case.undo.at if case.undo else 0,
        "undo_who": case.undo.who if case.undo else "",
    }


def _part(case: Case, part: Part, mine: frozenset[str] | None) -> dict[str, object]:
    own = mine is None or part.unit in mine
    result = part.result if own else None
    return {
        "nth": part.nth,
        "unit": part.unit,
        "state": part.state,
        "task": hidden(part.task),
        "mine": mine is not None and own,
        "given": part.given,
        "clock": clock_told(part.deadline) | {"due": due_of(case, part)},
        "request": _request(part.request) if own else None,
        "result": {"text": hidden(result.text), "evidence": result.evidence, "who": result.who, "at": result.at}
        if result
        else None,
    }


def _request(request: Request | None) -> dict[str, object] | None:
    if request is None:
        return None
    return {
        "value": request.term.value,
        "unit": request.term.unit,
        "why": hidden(request.why),
        "who": request.who,
        "at": request.at,
    }


def _theirs(acts: Sequence[Act], mine: frozenset[str] | None) -> Iterable[Act]:
    return acts if mine is None else (one for one in acts if one.action not in OWN or one.unit in mine)


def act_told(act: Act) -> dict[str, object]:
    """Return a line of a history."""
    part = act.after.part(act.nth)
    return {
        "seq": act.seq,
        "action": act.action,
        "who": act.who,
        "at": act.at,
        "why": hidden(act.why),
        "text": hidden(act.text),
        "unit": part.unit if part else act.unit,
        "units": [one.unit for one in act.after.parts if one.given == act.at] if act.action == "forward" else [],
        "other": hidden(act.other.partition("/")[2]) if act.action != "enter" else "",
        "event": hidden(act.other) if act.action == "enter" else "",
        "before_due": act.before_due,
        "due": act.after.deadline.due if act.before_due else 0,
        "to": hidden(act.after.outside) if act.action == "hand_outside" else "",
        "rating": act.after.rating if act.action == "rate" else None,
        "service": act.after.service if act.action == "classify" else "",
    }


def _sent(shown: Shown, act: Act, *, outside: bool) -> dict[str, object]:
    """Return how what an act told the citizen was sent; what was written and never was has no channel."""
    found = None if outside else shown.sent.get(act.seq)
    if found is None:
        unsent = not outside and bool(act.text) and (act.action in ANSWERS or act.action == LETTER)
        return {"sent": {"way": "", "state": "no_channel"}} if unsent else {}
    return {"sent": found._asdict() | {"reason": hidden(found.reason)}}


def near_told(one: Near) -> dict[str, object]:
    """Return what may be of the same matter, and why."""
    told = {"metres": one.metres, "hours": one.hours, "likeness": one.likeness, "again": one.again}
    return row_told(one.line) | told


def routed_told(found: Routed) -> dict[str, object]:
    """Return what would happen to a report."""
    return {
        "service": found.service,
        "priority": found.priority,
        "ward": found.ward,
        "route": found.route,
        "units": [_way(one) for one in found.ways],
        "lost": found.lost,
        "due": clock_told(found.deadline),
        "check": clock_told(found.check),
        "alarm": found.alarm,
    }


def _way(way: Way) -> dict[str, object]:
    return {"unit": way.unit, "task": way.task, "clock": clock_told(way.deadline)}
