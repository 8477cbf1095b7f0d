"""What may be done with a report: from which states, by whom, and what becomes of it. Declared as data (RULES), screens.md UX-93.

The units' own acts, and what the centre does with their parts, stand in `dashboard.reports.parts`.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from dashboard.access import may
from dashboard.reports.case import PRIORITIES, RATINGS, SETTLED, STATES, Action, Asked, Case, Illegal, Incomplete, State
from dashboard.reports.clock import begun, paused, recomputed, resumed
from dashboard.reports.parts import PART_RULES, ended, moved, state_of
from dashboard.reports.rule import Rule, Standing, Step, Steps, stepped
from dashboard.reports.terms import term_of

UNDO_MS = 60_000
TOGETHER = frozenset[Action]({"take", "classify", "forward", "note", "close", "undo"})  # what may be done with several at once
MOST_TOGETHER = 50
OPEN = frozenset(STATES) - SETTLED
BEFORE_FORWARDING = frozenset[State]({"received", "verifying", "verified", "classified"})
ANSWERED = frozenset[State]({"published", "rated", "closed", "ineligible", "outside"})


def decide(stands: Standing, asked: Asked) -> Steps:
    """Return what an act makes of the reports that it concerns, the one asked for first. Raises Illegal, and Incomplete."""
    case, rule = stands.case, RULES[asked.action]
    if rule.seen and asked.version not in {None, case.version}:
        raise Illegal("outdated", case)
    if case.state not in rule.states:
        raise Illegal("state", case)
    if rule.why and not asked.why.strip():
        raise Incomplete("why")
    first, *more = rule.after(stands, asked)
    return (_with_undo(rule, stands, first), *more)


def may_act(role: str | None, action: Action) -> bool:
    """Return whether a role may do such a thing at all."""
    return any(may(role, permission) for permission in RULES[action].permissions)


def legal(case: Case, role: str | None) -> list[Action]:
    """Return what a role may do with a report that stands so."""
    able = [action for action, rule in RULES.items() if case.state in rule.states and may_act(role, action)]
    return able if case.unread else [action for action in able if action != "read"]


def together_from(role: str | None) -> dict[Action, list[State]]:
    """Return what a role may do with several at once, and from which states."""
    return {action: sorted(RULES[action].states) for action in sorted(TOGETHER) if may_act(role, action)}


def _with_undo(rule: Rule, stands: Standing, step: Step) -> Step:
    """Remember how it stood, for whoever may take the act back. A note, or a word to the citizen, leaves what was there."""
    if not rule.seen:
        return step
    undo = stands.undo(replace(stands.case, undo=None)) if rule.undo else None
    return step._replace(after=replace(step.after, undo=undo))


def _taken(stands: Standing, asked: Asked) -> Steps:
    return stepped(stands, asked, state="verifying", owner=stands.who)


def _verified(stands: Standing, asked: Asked) -> Steps:
    return stepped(stands, asked, state="verified", checked=stands.now_ms)


def _refused(stands: Standing, asked: Asked) -> Steps:
    """It is not for the city to handle: the citizen is told why."""
    if not asked.text.strip():
        raise Incomplete("text")
    now_ms, checked = stands.now_ms, stands.case.checked or stands.now_ms
    steps = stepped(stands, asked, state="ineligible", checked=checked, closed=now_ms, handled=now_ms, answer=asked.text)
    return (*steps, *_answered_too(stands, asked.text, now_ms))


def _classified(stands: Standing, asked: Asked) -> Steps:
    """Say what it is about. Its deadline is that of its service, from when it began; units that have it in hand keep it."""
    case, service = stands.case, asked.service or stands.case.service
    if service not in stands.services:
        raise Incomplete("service")
    priority = asked.priority or case.priority
    if priority not in PRIORITIES:
        raise Incomplete("priority")
    if service == case.service and priority == case.priority:
        return stepped(stands, asked, state=state_of(case.parts))
    term = term_of(stands.city, "report", service=service, priority=priority)
    deadline = recomputed(replace(case.deadline, term=term), stands.calendar)
    return stepped(stands, asked, state=state_of(case.parts), service=service, priority=priority, deadline=deadline)


def _urged(stands: Standing, asked: Asked) -> Steps:
    """Make it urgent: an alarm is raised beside, and its time is that of urgent ones where that is shorter."""
    case = stands.case
    if case.priority == "urgent":
        raise Illegal("urgent", case)
    sooner = begun(stands.calendar, stands.now_ms, term_of(stands.city, "report", service=case.service, priority="urgent"))
    if case.deadline.paused:  # what stands still goes on standing, with all its parts
        sooner = paused(sooner, at=stands.now_ms, why=case.deadline.pauses[-1].why)
    deadline = (
        replace(sooner, original=min(sooner.due, case.deadline.original)) if sooner.due < case.deadline.due else case.deadline
    )
    return stepped(stands, asked, priority="urgent", deadline=deadline)


def _handed_outside(stands: Standing, asked: Asked) -> Steps:
    """It is somebody's who does not work here: the citizen is told whose."""
    if not asked.to.strip():
        raise Incomplete("to")
    after: dict[str, Any] = {"outside": asked.to.strip(), "closed": stands.now_ms, "handled": stands.now_ms, "answer": asked.text}
    steps = stepped(stands, asked, state="outside", parts=ended(stands.case.parts, "withdrawn", stands.now_ms), **after)
    return (*steps, *(_answered_too(stands, asked.text, stands.now_ms) if asked.text.strip() else ()))


def _paused(stands: Standing, asked: Asked) -> Steps:
    """Stop every clock: the city waits for somebody else."""
    case, why = stands.case, asked.why.strip()
    if case.deadline.paused:
        raise Illegal("paused", case)
    parts = moved(case.parts, lambda one: replace(one, deadline=paused(one.deadline, at=stands.now_ms, why=why)))
    return stepped(stands, asked, deadline=paused(case.deadline, at=stands.now_ms, why=why), parts=parts)


def _resumed(stands: Standing, asked: Asked) -> Steps:
    case, now_ms, calendar = stands.case, stands.now_ms, stands.calendar
    if not case.deadline.paused:
        raise Illegal("running", case)
    parts = moved(case.parts, lambda one: replace(one, deadline=resumed(one.deadline, calendar, at=now_ms)))
    return stepped(stands, asked, deadline=resumed(case.deadline, calendar, at=now_ms), parts=parts)


def _published(stands: Standing, asked: Asked) -> Steps:
    """Tell the citizen, and everybody, what was done; whoever reported the same is answered with it."""
    if not asked.text.strip():
        raise Incomplete("text")
    now_ms = stands.now_ms
    told = stepped(stands, asked, state="published", published=now_ms, closed=now_ms, answer=asked.text)
    return (*told, *_answered_too(stands, asked.text, stands.case.handled))


def _answered_too(stands: Standing, answer: str, handled: int) -> Steps:
    """Return the answers to all whose report was merged into this one."""
    return tuple(
        Step("answered", replace(one, answer=answer, handled=handled, version=one.version + 1), stands.case.report)
        for one in stands.members
    )


def _rated(stands: Standing, asked: Asked) -> Steps:
    if asked.rating not in RATINGS:
        raise Incomplete("rating")
    return stepped(stands, asked, state="closed" if stands.case.state == "closed" else "rated", rating=asked.rating)


def _closed(stands: Standing, asked: Asked) -> Steps:
    return stepped(stands, asked, state="closed", closed=stands.now_ms)


def _reopened(stands: Standing, asked: Asked) -> Steps:
    """Work on it again. What was promised and missed stays in the history; from now on it has a time of its own again."""
    case = stands.case
    term = term_of(stands.city, "report", service=case.service, priority=case.priority)
    fresh: dict[str, Any] = {
        "handled": 0,
        "published": 0,
        "closed": 0,
        "answer": "",
        "outside": "",
        "rating": None,
        "was": None,
        "request": None,
        "reopened": case.reopened + 1,
    }
    state = "classified" if case.parts else "verifying"
    deadline = begun(stands.calendar, stands.now_ms, term)
    return stepped(stands, asked, state=state, deadline=deadline, parts=ended(case.parts, "withdrawn", stands.now_ms), **fresh)


def _merged(stands: Standing, asked: Asked) -> Steps:
    """Say that it is of the same matter as another, which is worked on; it waits for what becomes of that one."""
    case, main = stands.case, stands.other
    if main is None or main.report == case.report:
        raise Incomplete("other")
    if asked.other_version not in {None, main.version}:
        raise Illegal("outdated", main)
    if main.state == "duplicate" or main.settled:
        raise Illegal("state", main)
    if case.duplicates:
        raise Illegal("has_duplicates", case)
    parts = ended(case.parts, "withdrawn", stands.now_ms)
    gone = stepped(stands, asked, state="duplicate", was=case.state, merged_into=main.report, closed=stands.now_ms, parts=parts)
    kept = replace(main, duplicates=(*main.duplicates, case.report), version=main.version + 1, undo=None)
    return (gone[0]._replace(other=main.report), Step("merged", kept, case.report))


def _split(stands: Standing, asked: Asked) -> Steps:
    """Take it out again: it is open as it was, by the clock that has run on meanwhile."""
    case, main = stands.case, stands.other
    if main is None:
        raise Incomplete("other")
    was = case.was if case.was in BEFORE_FORWARDING else "classified"
    out = stepped(stands, asked, state=was, was=None, merged_into="", closed=0, handled=0, answer="")
    left = tuple(one for one in main.duplicates if one != case.report)
    return (
        out[0]._replace(other=main.report),
        Step("parted", replace(main, duplicates=left, version=main.version + 1, undo=None), case.report),
    )


def _recurred(stands: Standing, asked: Asked) -> Steps:
    """Say that it is an earlier matter that has come again (F12)."""
    if stands.other is None or not stands.other.settled or stands.other.report == stands.case.report:
        raise Incomplete("other")
    return stepped(stands, asked, recurs=stands.other.report)


def _noted(stands: Standing, asked: Asked) -> Steps:
    return (Step(asked.action, stands.case),)


def _written(stands: Standing, asked: Asked) -> Steps:
    """A word from the citizen: kept, and changing nothing."""
    if not asked.text.strip():
        raise Incomplete("text")
    return (Step(asked.action, stands.case),)


def _answered(stands: Standing, asked: Asked) -> Steps:
    """A letter to the citizen: what they wrote was read, then."""
    if not asked.text.strip():
        raise Incomplete("text")
    return (Step(asked.action, replace(stands.case, unread=0)),)


def _read(stands: Standing, asked: Asked) -> Steps:
    if not stands.case.unread:
        raise Illegal("read", stands.case)
    return (Step(asked.action, replace(stands.case, unread=0)),)


def _sent_again(stands: Standing, asked: Asked) -> Steps:
    """Let what did not arrive be sent once more; the record says whether there is any."""
    return (Step(asked.action, stands.case),)


def _undone(stands: Standing, _asked: Asked) -> Steps:
    """Put back what was before one's own last act."""
    undo = stands.case.undo
    if undo is None or undo.who != stands.who or stands.now_ms - undo.at > UNDO_MS:
        raise Illegal("too_late", stands.case)
    unread = stands.case.unread  # a word may have come meanwhile
    return (Step("undo", stands.changed("undo", undo.before, version=stands.case.version + 1, unread=unread)),)


RULES: Mapping[Action, Rule] = {
    "take": Rule(frozenset({"received", "verifying"}), ("case.verify",), _taken, undo=True),
    "verify": Rule(frozenset({"received", "verifying"}), ("case.verify",), _verified, undo=True),
    "refuse": Rule(BEFORE_FORWARDING, ("case.verify",), _refused, why=True),
    "classify": Rule(frozenset({"verified", "classified", "forwarded", "in_progress"}), ("case.verify",), _classified, undo=True),
    "urge": Rule(OPEN, ("case.verify",), _urged, why=True),
    "hand_outside": Rule(OPEN, ("case.assign",), _handed_outside, why=True),
    "pause": Rule(OPEN, ("case.assign",), _paused, why=True, undo=True),
    "resume": Rule(OPEN, ("case.assign",), _resumed, undo=True),
    "publish": Rule(frozenset({"approved"}), ("case.publish",), _published),
    "rate": Rule(frozenset({"published", "rated", "closed"}), ("case.write",), _rated),
    "close": Rule(frozenset({"published", "rated"}), ("case.publish",), _closed),
    "reopen": Rule(ANSWERED, ("case.publish",), _reopened, why=True),
    "merge": Rule(OPEN, ("case.assign",), _merged, why=True),
    "split": Rule(frozenset({"duplicate"}), ("case.assign",), _split, why=True),
    "recur": Rule(OPEN, ("case.verify",), _recurred, undo=True),
    "note": Rule(frozenset(STATES), ("case.note",), _noted, why=True, seen=False),
    "write": Rule(frozenset(STATES), ("case.write",), _answered, seen=False),
    "hear": Rule(frozenset(STATES), ("case.write",), _written, seen=False),
    "read": Rule(frozenset(STATES), ("case.write",), _read, seen=False),
    "send_again": Rule(frozenset(STATES), ("case.write",), _sent_again, seen=False),
    "bounced": Rule(frozenset(STATES), ("case.write",), _noted, why=True, seen=False),
    "undo": Rule(frozenset(STATES), ("case.note",), _undone),
    **PART_RULES,
}
