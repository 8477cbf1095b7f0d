"""What a person may do with an incident, from which state, and what becomes of it. Nothing here happens by itself."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from dashboard.incidents.incident import (
    MOST_MEMBERS,
    MOST_TITLE,
    OUTCOMES,
    Action,
    Asked,
    Done,
    Illegal,
    Incident,
    Incomplete,
    Member,
    State,
    Subject,
)


class Standing(NamedTuple):
    """What stands, as far as an act needs to know it.

    `held` is the incident asked for, `other` the one to be merged in; `homes` are the open incidents that hold what is asked for; `first`
    is what the first of it is; `fresh` is the number that a new incident would have.
    """

    held: Incident | None
    other: Incident | None
    homes: Mapping[Member, Incident]
    first: Subject | None
    fresh: int


class Step(NamedTuple):
    """What becomes of one incident, and how the line in its timeline reads."""

    action: Done
    after: Incident
    other: int = 0
    members: tuple[Member, ...] = ()
    to: str = ""


Steps = tuple[Step, ...]


class Rule(NamedTuple):
    """From which state an act is legal, what it asks for, and what follows from it, the incident asked for first."""

    state: State
    after: Callable[[Incident, Standing, Asked, str, int], Steps]
    why: bool = False  # needs a reason
    owned: bool = True  # another's ownership stands in the way: it has to be taken over first
    led: bool = False  # a shift's lead may do it though another owns it
    seen: bool = True  # whoever has seen an older version is refused


def decide(stands: Standing, asked: Asked, *, who: str, now_ms: int) -> Steps:
    """Return what an act makes of the incidents that it concerns, the one asked for first. Raises Illegal, and Incomplete."""
    if asked.action == "open" or stands.held is None:
        return (_opened(stands, asked, who, now_ms),)
    held, rule = stands.held, RULES[asked.action]
    if rule.seen and asked.version not in {None, held.version}:
        raise Illegal("outdated", held)
    if held.state != rule.state or held.merged_into:
        raise Illegal("merged" if held.merged_into else "state", held)
    if rule.owned and held.owner not in {"", who} and not (rule.led and asked.lead):
        raise Illegal("held", held)
    if rule.why and not asked.why.strip():
        raise Incomplete("why")
    return rule.after(held, stands, asked, who, now_ms)


def _opened(stands: Standing, asked: Asked, who: str, now_ms: int) -> Step:
    """Open one for what belongs to none. Who opens it has it."""
    if not asked.members or stands.first is None:
        raise Incomplete("members")
    _free(stands, asked.members)
    return Step("open", _made(stands, stands.first, asked, who, now_ms), members=asked.members)


def _made(stands: Standing, first: Subject, asked: Asked, who: str, now_ms: int) -> Incident:
    return Incident(
        id=stands.fresh,
        title=asked.title.strip()[:MOST_TITLE],
        what=first.member.what,
        kind=first.kind,
        family=first.family,
        owner=who,
        opened=now_ms,
        opener=who,
        at=first.at,
        lon=first.lon,
        lat=first.lat,
        ward=first.ward,
        camera=first.camera,
        members=asked.members,
        changed=now_ms,
        changed_by=who,
    )


def _free(stands: Standing, members: tuple[Member, ...]) -> None:
    """Raise Illegal where something belongs to an open incident already."""
    for member in members:
        if member in stands.homes:
            raise Illegal("taken", stands.homes[member])


def _next(held: Incident, action: Done, who: str, now_ms: int, **changes: object) -> Incident:
    return replace(held, version=held.version + 1, changed=now_ms, changed_by=who, changed_how=action, **changes)


def _added(held: Incident, stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    if not asked.members:
        raise Incomplete("members")
    if set(asked.members) & set(held.members):
        raise Illegal("member", held)
    _free(stands, asked.members)
    return (Step("add", _next(held, "add", who, now_ms, members=_few(held, *asked.members)), members=asked.members),)


def _few(held: Incident, *more: Member) -> tuple[Member, ...]:
    if len(held.members) + len(more) > MOST_MEMBERS:
        raise Illegal("full", held)
    return (*held.members, *more)


def _without(held: Incident, asked: Asked) -> tuple[Member, ...]:
    """Return what is left without what was asked for. An open incident always has something that it is about."""
    if not asked.members:
        raise Incomplete("members")
    if not set(asked.members) <= set(held.members):
        raise Illegal("member", held)
    left = tuple(member for member in held.members if member not in asked.members)
    if not left:
        raise Illegal("last", held)
    return left


def _removed(held: Incident, _stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    return (Step("remove", _next(held, "remove", who, now_ms, members=_without(held, asked)), members=asked.members),)


def _split(held: Incident, stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    """Make another incident of some of its members."""
    left = _without(held, asked)
    if stands.first is None:
        raise Incomplete("members")
    made = _made(stands, stands.first, asked, who, now_ms)
    after = _next(held, "split", who, now_ms, members=left)
    return (
        Step("split", after, other=made.id, members=asked.members),
        Step("open", made, other=held.id, members=asked.members),
    )


def _merged(held: Incident, stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    """Take all of another incident in. The other is closed, and says where it went."""
    other = stands.other
    if other is None or other.id == held.id:
        raise Incomplete("other")
    if asked.other_version not in {None, other.version}:
        raise Illegal("outdated", other)
    if other.state != "open":
        raise Illegal("merged" if other.merged_into else "state", other)
    if other.owner not in {"", who}:
        raise Illegal("held", other)
    after = _next(held, "merge", who, now_ms, members=_few(held, *other.members), at=min(held.at, other.at))
    gone = _next(other, "merged", who, now_ms, members=(), state="closed", outcome="merged", closed=now_ms, merged_into=held.id)
    return (
        Step("merge", after, other=other.id, members=other.members),
        Step("merged", gone, other=held.id, members=other.members),
    )


def _taken(held: Incident, _stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    """Become its owner: of nobody's at once, of another's with a reason."""
    if held.owner == who:
        raise Illegal("yours", held)
    if held.owner and not asked.why.strip():
        raise Incomplete("why")
    return (Step("take", _next(held, "take", who, now_ms, owner=who), to=who),)


def _handed_over(held: Incident, _stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    if not asked.to or asked.to == held.owner:
        raise Incomplete("to")
    return (Step("hand_over", _next(held, "hand_over", who, now_ms, owner=asked.to), to=asked.to),)


def _noted(held: Incident, _stands: Standing, _asked: Asked, who: str, now_ms: int) -> Steps:
    return (Step("note", _next(held, "note", who, now_ms)),)


def _renamed(held: Incident, _stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    """Call it otherwise. What it was called stands in the lines before."""
    title = asked.title.strip()[:MOST_TITLE]
    if not title or title == held.title:
        raise Incomplete("title")
    return (Step("rename", _next(held, "rename", who, now_ms, title=title)),)


def _closed(held: Incident, _stands: Standing, asked: Asked, who: str, now_ms: int) -> Steps:
    if asked.outcome not in OUTCOMES:
        raise Incomplete("outcome")
    return (Step("close", _next(held, "close", who, now_ms, state="closed", closed=now_ms, outcome=asked.outcome)),)


def _reopened(held: Incident, stands: Standing, _asked: Asked, who: str, now_ms: int) -> Steps:
    """Open it again, unless what it is about belongs to another meanwhile."""
    _free(stands, held.members)
    return (Step("reopen", _next(held, "reopen", who, now_ms, state="open", closed=0, outcome="", owner=who)),)


RULES: Mapping[Action, Rule] = {
    "add": Rule("open", _added, owned=False, seen=False),
    "remove": Rule("open", _removed, why=True),
    "split": Rule("open", _split, why=True),
    "merge": Rule("open", _merged, why=True),
    "take": Rule("open", _taken, owned=False),
    "hand_over": Rule("open", _handed_over),
    "note": Rule("open", _noted, why=True, owned=False, seen=False),
    "rename": Rule("open", _renamed, led=True),
    "close": Rule("open", _closed),
    "reopen": Rule("closed", _reopened, why=True, owned=False),
}
