"""An incident as it stands, what may belong to one, and what somebody may ask of one (docs/incidents.md)."""

from typing import Literal, NamedTuple, get_args

from msgspec import Struct

What = Literal["alarm", "event", "report"]
State = Literal["open", "closed"]
Action = Literal["open", "add", "remove", "split", "merge", "take", "hand_over", "note", "rename", "close", "reopen"]
Done = Literal[Action, "merged"]  # "merged": it went into another, which is told beside
Outcome = Literal["", "handled", "false_alarm", "no_action", "merged"]
OUTCOMES: tuple[Outcome, ...] = ("handled", "false_alarm", "no_action")  # what a person may choose
ACTIONS: tuple[Action, ...] = get_args(Action)
MOST_MEMBERS, MOST_TITLE = 200, 120


class Member(NamedTuple):
    """Something that belongs to an incident: an alarm by its id, an event by its key, a report as `source/report`."""

    what: What
    key: str


class Subject(Struct, frozen=True, kw_only=True):
    """What is known of something that may belong to an incident. Times are epoch ms, 0: never; degrees, None: nobody knows where.

    `kind` is the alarm's or event's kind, or the report's service; `family` is what it is alike with: kinds of one family, services of
    one field. It lasted from `at` to `last`. `state` is the alarm's own, "open" or "closed" of a report, "" of an event, of which `seq` is
    the number. `clips` are the instants at which clips of it begin.
    """

    member: Member
    kind: str
    family: str
    at: int
    last: int
    ward: str = ""
    lon: float | None = None
    lat: float | None = None
    camera: str = ""
    name: str = ""
    plate: str | None = None
    priority: int = 0
    state: str = ""
    owner: str = ""
    ended: int = 0
    due: int = 0
    seq: int = 0
    clips: tuple[int, ...] = ()


class Incident(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One matter. What it is, and where and since when (`at`), are those of its first member; times are epoch ms, 0: never.

    `version` counts what was done with it; `changed`, `changed_by` and `changed_how` say what that was last. One that was merged into
    another is closed, has no members any more, and names it.
    """

    id: int
    title: str = ""
    what: What
    kind: str
    family: str
    state: State = "open"
    owner: str = ""
    opened: int
    opener: str
    closed: int = 0
    outcome: Outcome = ""
    at: int
    lon: float | None = None
    lat: float | None = None
    ward: str = ""
    camera: str = ""
    members: tuple[Member, ...] = ()
    merged_into: int = 0
    version: int = 1
    changed: int = 0
    changed_by: str = ""
    changed_how: Done = "open"


class Asked(NamedTuple):
    """What somebody wants to do. `version` is the one they have seen, `other_version` that of the one to be merged in; None: whichever."""

    action: Action
    incident: int = 0  # 0: there is none yet
    version: int | None = None
    why: str = ""
    title: str = ""
    members: tuple[Member, ...] = ()
    other: int = 0
    other_version: int | None = None
    to: str = ""
    outcome: str = ""
    lead: bool = False  # whoever asks leads a shift


class Act(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something was done with an incident: a line of its timeline. Carries the whole incident as it stands after, never a difference.

    `seq` numbers the acts in the order in which they took effect. `key` is who did it and their own id of the act: the same key is the
    same act, told again. `other` is the incident that it was merged with, split into or split from; `members` what was added or removed.
    """

    seq: int
    key: str
    incident: int
    action: Done
    who: str
    at: int
    why: str
    other: int = 0
    members: tuple[Member, ...] = ()
    to: str = ""
    after: Incident


class Illegal(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be done; `code` says why in one word, `incident` how the one that stands in the way stands."""

    def __init__(self, code: str, incident: Incident) -> None:
        super().__init__(code)
        self.code, self.incident = code, incident


class Incomplete(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked lacks something: `why`, `outcome`, `to`, `members`, `other`, `title`."""
