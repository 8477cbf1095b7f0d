"""What a person may do about an alarm: from which states, with which permission, and what becomes of it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, get_args

from msgspec.structs import replace

from dashboard.access import Permission
from dashboard.alarms.alarm import Action, Alarm, Course, Outcome, State, Undo

MINUTE_MS = 60_000
STANDING_MS = 24 * 60 * MINUTE_MS  # what is open for longer is a standing alarm (UX-45)
LEASE_MS = 10 * MINUTE_MS  # a claim without an act for so long returns
UNDO_MS = 10_000
SHELF_MINUTES = (5, 15, 30, 60)
LONGEST_SHELF_MS = 8 * 60 * MINUTE_MS
SECOND_MS = 10 * MINUTE_MS  # for so long a second person may agree to shelve a P1
VERDICTS = ("right", "wrong")
BESIDE = frozenset({"note", "escalate", "dispatch", "undo"})  # what may be done while a unit is about to be told
OWN_COURSE = frozenset({"dispatch", "verify", "undo"})
TOGETHER = frozenset({"acknowledge", "claim", "shelve", "close", "undo"})  # what may be done to several at once (UX-49)
MOST_TOGETHER = 20
OUTCOMES: tuple[Outcome, ...] = ("handled", "false_alarm", "no_action")
STATES: tuple[State, ...] = get_args(State)


class Asked(NamedTuple):
    """What somebody wants to do. `version` is the one they have seen; None: whichever it is. `together`: to several alarms at once."""

    action: Action
    why: str = ""
    minutes: int = 0
    outcome: str = ""
    version: int | None = None
    unit: str = ""
    together: bool = False


class Illegal(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be done to an alarm that stands so; `code` says why, `alarm` how it stands."""

    def __init__(self, code: str, alarm: Alarm) -> None:
        super().__init__(code)
        self.code, self.alarm = code, alarm


class Incomplete(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked lacks something that the act needs: a reason, a time, an outcome."""


class Rule(NamedTuple):
    """From which states an act is legal, what it asks for, and the course after it."""

    states: frozenset[State]
    permission: Permission
    after: Callable[[Alarm, Asked, str, int], Course]
    why: bool = False  # needs a reason
    owned: bool = True  # another's claim stands in the way


def act(alarm: Alarm, asked: Asked, *, who: str, now_ms: int) -> Alarm:
    """Return the alarm after somebody's act. Raises Illegal, and Incomplete."""
    rule = RULES[asked.action]
    if asked.together:
        _alone(alarm, asked)
    if asked.version is not None and asked.version != alarm.version and asked.action != "note":
        raise Illegal("outdated", alarm)
    if alarm.state not in rule.states:
        raise Illegal("state", alarm)
    if rule.owned and alarm.course.owner not in {"", who}:
        raise Illegal("held", alarm)
    if rule.why and not asked.why.strip():
        raise Incomplete("why")
    if alarm.course.goes and asked.action not in BESIDE:
        raise Illegal("sending", alarm)
    after = replace(alarm, course=rule.after(alarm, asked, who, now_ms))
    if asked.action not in OWN_COURSE:
        after = carried(alarm, after)
    return _kept(alarm, after, asked, who, now_ms)


def _alone(alarm: Alarm, asked: Asked) -> None:
    """Refuse what is done to each alarm by itself only: whatever concerns a P1, and what needs words of its own (UX-49)."""
    if asked.action not in TOGETHER or (alarm.priority == 1 and asked.action != "undo"):
        raise Illegal("alone", alarm)
    if asked.action != "undo" and not asked.why.strip():
        raise Incomplete("why")


def _kept(before: Alarm, after: Alarm, asked: Asked, who: str, now_ms: int) -> Alarm:
    """Return the alarm with what follows from an act beside its course."""
    if asked.action == "note":
        return replace(after, notes=before.notes + 1, untold=())  # whoever writes has seen whom to call
    if asked.action == "escalate":
        return replace(after, escalated=now_ms, version=before.version + 1, undo=None)
    if asked.action == "review":
        return replace(after, reviewed=now_ms, version=before.version + 1, undo=None)
    undo = None if asked.action == "undo" else Undo(who, now_ms, before.course)
    if before.state in {"shelved", "out_of_service"} and after.listed:  # it alarms again
        after = replace(after, raised=now_ms, escalated=0)
    return replace(after, version=before.version + 1, undo=undo)


def carried(before: Alarm, after: Alarm) -> Alarm:
    """Return an alarm with what stays whatever becomes of it: whom it was dispatched to, and that it was verified."""
    was, now = before.course, after.course
    if (was.units, was.verified) == (now.units, now.verified):
        return after
    return replace(after, course=replace(now, units=was.units, verified=was.verified))


def back(alarm: Alarm, now_ms: int) -> Course:
    """Return the course of an alarm that nobody has in hand any more: it alarms again, unless what it spoke of is over."""
    if not alarm.over:
        return Course()
    return Course(state="returned") if alarm.stays else gone(now_ms)


def gone(now_ms: int) -> Course:
    """Return the course of an alarm that returned to normal, and needs nobody any more."""
    return Course(state="closed", outcome="over", closed=now_ms)


def _acknowledged(alarm: Alarm, _asked: Asked, who: str, now_ms: int) -> Course:
    return gone(now_ms) if alarm.over else Course(state="acknowledged", owner=who, lease=now_ms + LEASE_MS)


def _claimed(_alarm: Alarm, _asked: Asked, who: str, now_ms: int) -> Course:
    return Course(state="in_work", owner=who, lease=now_ms + LEASE_MS)


def _taken_over(alarm: Alarm, _asked: Asked, who: str, now_ms: int) -> Course:
    if alarm.course.owner in {"", who}:
        raise Illegal("unclaimed", alarm)
    return replace(alarm.course, owner=who, lease=now_ms + LEASE_MS)


def _released(alarm: Alarm, _asked: Asked, _who: str, _now_ms: int) -> Course:
    if not alarm.course.owner:
        raise Illegal("unclaimed", alarm)
    return dropped(alarm)


def dropped(alarm: Alarm) -> Course:
    """Return the course of an alarm whose claim has returned. Who had it has not closed it: it waits for another."""
    return Course(state="returned" if alarm.over else "acknowledged")


def _shelved(alarm: Alarm, asked: Asked, who: str, now_ms: int) -> Course:
    """Shelve for a while. Nobody shelves a P1 alone: the first only asks, a second person does it (UX-48)."""
    if asked.minutes not in SHELF_MINUTES:
        raise Incomplete("minutes")
    since, until = alarm.course.shelved or now_ms, now_ms + asked.minutes * MINUTE_MS
    if until - since > LONGEST_SHELF_MS:
        raise Illegal("too_long", alarm)
    if alarm.priority == 1 and not _agreed(alarm, who, now_ms):
        return replace(alarm.course, asked=who, asked_at=now_ms)
    return Course(state="shelved", shelved=since, shelved_until=until)


def _agreed(alarm: Alarm, who: str, now_ms: int) -> bool:
    """Return whether another person has asked for the same not long ago. Raises Illegal to one who asks twice."""
    course = alarm.course
    if not course.asked or now_ms - course.asked_at > SECOND_MS:
        return False
    if course.asked == who:
        raise Illegal("second", alarm)
    return True


def _returned(alarm: Alarm, _asked: Asked, _who: str, now_ms: int) -> Course:
    return back(alarm, now_ms)


def _removed(_alarm: Alarm, _asked: Asked, _who: str, _now_ms: int) -> Course:
    return Course(state="out_of_service")


def _closed(alarm: Alarm, asked: Asked, _who: str, now_ms: int) -> Course:
    if asked.outcome not in OUTCOMES:
        raise Incomplete("outcome")
    return Course(state="closed", owner=alarm.course.owner, outcome=asked.outcome, closed=now_ms)


def _escalated(alarm: Alarm, _asked: Asked, who: str, now_ms: int) -> Course:
    if alarm.escalated:
        raise Illegal("escalated", alarm)
    return _noted(alarm, _asked, who, now_ms)


def _noted(alarm: Alarm, _asked: Asked, who: str, now_ms: int) -> Course:
    """A note changes nothing but that its owner is still there."""
    course = alarm.course
    return replace(course, lease=now_ms + LEASE_MS) if course.owner == who and course.lease else course


def _reviewed(alarm: Alarm, _asked: Asked, _who: str, now_ms: int) -> Course:
    """A shift has looked at what stands: from then on it stands in its own list only (UX-45)."""
    if alarm.since > now_ms - STANDING_MS:
        raise Illegal("young", alarm)
    return alarm.course


def _verified(alarm: Alarm, asked: Asked, who: str, now_ms: int) -> Course:
    """Say that what a machine suspects is so, or that it is not: then it is closed (UX-55)."""
    if asked.outcome not in VERDICTS:
        raise Incomplete("outcome")
    if not alarm.verify or alarm.course.verified:
        raise Illegal("verified", alarm)
    if asked.outcome == "wrong":
        return Course(state="closed", owner=alarm.course.owner, outcome="false_alarm", closed=now_ms, units=alarm.course.units)
    seen = _acknowledged(alarm, asked, who, now_ms) if alarm.state in {"new", "returned"} else alarm.course
    return replace(seen, verified=True, units=alarm.course.units)


def _dispatched(alarm: Alarm, asked: Asked, who: str, now_ms: int) -> Course:
    """Send a unit. It is told only once the act can no longer be undone (UX-60)."""
    if not asked.unit:
        raise Incomplete("unit")
    if alarm.verify and not alarm.course.verified:
        raise Illegal("unverified", alarm)
    if asked.unit in alarm.course.units:
        raise Illegal("dispatched", alarm)
    told = replace(_claimed(alarm, asked, who, now_ms), verified=alarm.course.verified)
    return replace(told, units=(*alarm.course.units, asked.unit), goes=now_ms + UNDO_MS + 1)


def _undone(alarm: Alarm, _asked: Asked, who: str, now_ms: int) -> Course:
    """Put back what was before one's own last act. What was over meanwhile stays over."""
    undo = alarm.undo
    if undo is None or undo.who != who or now_ms - undo.at > UNDO_MS:
        raise Illegal("too_late", alarm)
    return back(alarm, now_ms) if alarm.over and undo.before.state in {"new", "acknowledged"} else undo.before


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


OPEN = frozenset(STATES) - {"closed"}
RULES: Mapping[Action, Rule] = {
    "acknowledge": Rule(_from("new", "returned"), "alarm.acknowledge", _acknowledged),
    "claim": Rule(_from("new", "acknowledged", "returned"), "alarm.claim", _claimed),
    "take_over": Rule(_from("acknowledged", "in_work"), "alarm.take_over", _taken_over, why=True, owned=False),
    "release": Rule(_from("acknowledged", "in_work"), "alarm.claim", _released),
    "shelve": Rule(_from("new", "acknowledged", "in_work", "shelved"), "alarm.shelve", _shelved, why=True),
    "unshelve": Rule(_from("shelved"), "alarm.shelve", _returned),
    "remove": Rule(OPEN - {"out_of_service"}, "alarm.suppress", _removed, why=True, owned=False),
    "restore": Rule(_from("out_of_service"), "alarm.suppress", _returned),
    "close": Rule(_from("acknowledged", "in_work"), "alarm.close", _closed),
    "escalate": Rule(OPEN - {"shelved", "out_of_service"}, "alarm.escalate", _escalated, owned=False),
    "note": Rule(OPEN, "alarm.note", _noted, why=True, owned=False),
    "review": Rule(OPEN - {"shelved", "out_of_service"}, "alarm.acknowledge", _reviewed, owned=False),
    "verify": Rule(_from("new", "acknowledged", "in_work", "returned"), "alarm.verify", _verified, why=True),
    "dispatch": Rule(_from("new", "acknowledged", "in_work"), "alarm.dispatch", _dispatched, why=True),
    "undo": Rule(frozenset(STATES), "alarm.undo", _undone, owned=False),
}
