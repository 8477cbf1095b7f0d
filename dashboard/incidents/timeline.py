"""One timeline of an incident: what was done with it, what was done about its alarms, what was seen and reported, in order of time."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from dashboard.alarms.alarm import Acted
from dashboard.incidents.incident import Act, Member, Subject


class Line(Struct, frozen=True, kw_only=True):
    """Something that happened. `of` is whose it is: an incident by its number, or an alarm, event or report by its key.

    `who` is "" where the house or the world did it. `title` is what it was renamed to; `unit`, `until` and `outcome` are those of an alarm's own acts, or of closing.
    """

    at: int
    of: Literal["incident", "alarm", "event", "report"]
    key: str
    action: str
    who: str = ""
    why: str = ""
    seq: int = 0
    other: int = 0
    members: tuple[Member, ...] = ()
    to: str = ""
    outcome: str = ""
    unit: str = ""
    until: int = 0
    title: str = ""


def timeline(acts: Iterable[Act], alarms: Iterable[Acted], subjects: Iterable[Subject]) -> Sequence[Line]:
    """Return every line, the oldest first. What the world did stands before what people did about it in the same millisecond."""
    lines = [*map(_by_people, acts), *map(_about_alarm, alarms)]
    for one in subjects:
        lines += _in_the_world(one)
    rank = {"event": 0, "report": 0, "alarm": 1, "incident": 2}
    return sorted(lines, key=lambda line: (line.at, rank[line.of], line.seq))


def _by_people(act: Act) -> Line:
    return Line(
        at=act.at,
        of="incident",
        key=str(act.incident),
        action=act.action,
        who=act.who,
        why=act.why,
        seq=act.seq,
        other=act.other,
        members=act.members,
        to=act.to,
        outcome=act.after.outcome if act.action == "close" else "",
        title=act.after.title if act.action == "rename" else "",
    )


def _about_alarm(act: Acted) -> Line:
    course = act.alarm.course
    return Line(
        at=act.at,
        of="alarm",
        key=act.alarm.id,
        action=act.action,
        who=act.who,
        why=act.why,
        seq=act.seq,
        outcome=course.outcome if act.action in {"close", "verify"} else "",
        unit=act.unit or (course.units[-1] if act.action in {"dispatch", "send"} and course.units else ""),
        until=course.shelved_until if act.action == "shelve" else 0,
    )


def _in_the_world(one: Subject) -> list[Line]:
    """What was reported and seen has no acts: it says when it came, and when it was done with."""
    what, key = one.member
    films = [Line(at=at, of=what, key=key, action="clip") for at in one.clips]
    if what == "alarm":
        return films
    came = Line(at=one.at, of=what, key=key, action="seen" if what == "event" else "submitted")
    return [came, *films, *([Line(at=one.ended, of=what, key=key, action="settled")] if one.ended else [])]
