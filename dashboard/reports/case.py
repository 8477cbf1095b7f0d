"""A report as the centre and the units work on it: how it stands, who has which part, and what was done (docs/reports.md)."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from dashboard.reports.clock import Deadline
from dashboard.term import Term

State = Literal[
    "received",
    "verifying",
    "verified",
    "classified",
    "forwarded",
    "in_progress",
    "resulted",
    "approved",
    "published",
    "rated",
    "closed",
    "ineligible",
    "outside",
    "duplicate",
]
STATES: tuple[State, ...] = get_args(State)
# What the citizen has been told the end of: nobody at the centre or at a unit has anything to do by a deadline any more.
SETTLED: frozenset[State] = frozenset({"published", "rated", "closed", "ineligible", "outside", "duplicate"})
Priority = Literal["normal", "urgent"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
PartState = Literal["given", "accepted", "declined", "resulted", "sent_back", "approved", "withdrawn"]
LIVE: frozenset[PartState] = frozenset({"given", "accepted", "resulted", "sent_back"})  # a unit, or the centre, has it in hand
ACTING: frozenset[PartState] = frozenset({"given", "accepted", "sent_back"})  # the unit has
Rating = Literal["satisfied", "acceptable", "dissatisfied"]
RATINGS: tuple[Rating, ...] = get_args(Rating)
Action = Literal[
    "take",
    "verify",
    "refuse",
    "classify",
    "forward",
    "withdraw",
    "hand_outside",
    "urge",
    "pause",
    "resume",
    "ask_extension",
    "grant",
    "deny",
    "approve",
    "send_back",
    "publish",
    "rate",
    "close",
    "reopen",
    "merge",
    "split",
    "recur",
    "note",
    "write",
    "hear",
    "read",
    "send_again",
    "bounced",
    "undo",
    "accept",
    "decline",
    "result",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
# What becomes of a report without anybody asking for it: it came in, its source closed or opened it, its calendar changed, it is
# the other side of a merge or a split, it was answered together with another, its sender was looked at or forgotten, a photograph was
# attached, what was sent about it did not arrive.
Happening = Literal[
    "enter",
    "source_closed",
    "source_opened",
    "recalendar",
    "merged",
    "parted",
    "answered",
    "reveal",
    "forget",
    "attach",
    "undelivered",
]
Done = Literal[Action, Happening]
MOST_PARTS, MOST_EVIDENCE, MOST_TEXT, MOST_DUPLICATES = 12, 20, 4000, 200


class Request(NamedTuple):
    """More time that somebody has asked for: how much, why, who, when (epoch ms)."""

    term: Term
    why: str
    who: str
    at: int


class Result(NamedTuple):
    """What a unit says that it has done. `evidence` names pictures and letters that the house keeps."""

    text: str
    evidence: tuple[str, ...]
    who: str
    at: int


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A unit's part of a report, with a clock of its own. The first live one leads (*chủ trì*). `task` is what it is asked to do."""

    nth: int
    unit: str
    state: PartState = "given"
    task: str = ""
    given: int
    deadline: Deadline
    request: Request | None = None
    result: Result | None = None
    ended: int = 0


class Undo(NamedTuple):
    """What may be taken back: by whom, from when on (epoch ms), and how the report stood before."""

    who: str
    at: int
    before: "Case"


class Case(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One report on its path. `report` is its key in the record (`source/report`); instants are epoch ms, 0: never.

    `deadline` is what the citizen was told, `check` the centre's own time for verifying it. `handled` is the day that the citizen sees as
    *Ngày xử lý*: when the last result came that the centre then approved. `closed` is when the last thing was done about it.
    `was` is the state that a split, or a reopening from outside, goes back to. `version` counts what was done.
    `unread` is when the citizen wrote what nobody at the centre has read yet.
    """

    report: str
    state: State = "received"
    version: int = 1
    service: str
    priority: Priority = "normal"
    ward: str = ""
    lon: float | None = None
    lat: float | None = None
    submitted: int
    owner: str = ""
    deadline: Deadline
    check: Deadline | None = None
    checked: int = 0
    request: Request | None = None
    parts: tuple[Part, ...] = ()
    handled: int = 0
    published: int = 0
    closed: int = 0
    answer: str = ""
    rating: Rating | None = None
    merged_into: str = ""
    duplicates: tuple[str, ...] = ()
    recurs: str = ""
    outside: str = ""
    reopened: int = 0
    was: State | None = None
    unread: int = 0
    undo: Undo | None = None
    changed: int = 0
    changed_by: str = ""
    changed_how: Done = "enter"

    @property
    def settled(self) -> bool:
        """Whether nobody has anything to do by a deadline any more."""
        return self.state in SETTLED

    @property
    def lead(self) -> str:
        """The unit that leads, "" where none has it."""
        return next((one.unit for states in (LIVE, {"approved"}) for one in self.parts if one.state in states), "")

    def part(self, nth: int) -> Part | None:
        """Return the part of that number."""
        return next((one for one in self.parts if one.nth == nth), None)


class Given(NamedTuple):
    """A unit that is given a part: what it shall do, and its time, None: that of the city's rules."""

    unit: str
    task: str = ""
    term: Term | None = None


class Asked(NamedTuple):
    """What somebody wants to do. `version` is the one they have seen, `other_version` that of the other report; None: whichever."""

    action: Action
    report: str
    version: int | None = None
    why: str = ""
    nth: int = 0  # of the part it is about; 0: the whole report
    service: str = ""
    priority: str = ""
    units: tuple[Given, ...] = ()
    term: Term | None = None
    text: str = ""
    evidence: tuple[str, ...] = ()
    rating: str = ""
    other: str = ""
    other_version: int | None = None
    to: str = ""
    by_rules: bool = False  # to forward: to whom the city's rules name for this report


class Act(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something was done with a report: a line of its history. Carries the whole case as it stands after, never a difference.

    `key` is who did it and their own id of the act: the same key is the same act, told again. `text` is what was written to the citizen, or
    heard from them, or a unit's result; `why` is for the house alone. `before_due` is the deadline that this act has moved.
    """

    seq: int
    key: str
    report: str
    action: Done
    who: str
    role: str
    unit: str = ""
    at: int
    why: str = ""
    text: str = ""
    nth: int = 0
    other: str = ""
    before_due: int = 0
    after: Case


class Illegal(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be done; `code` says why in one word, `case` how the report that stands in the way stands."""

    def __init__(self, code: str, case: Case) -> None:
        super().__init__(code)
        self.code, self.case = code, case


class Incomplete(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked lacks something: `why`, `service`, `units`, `nth`, `term`, `text`, `rating`, `other`, `to`, `picture`."""


TABS: Mapping[str, frozenset[State]] = {
    "received": frozenset({"received"}),
    "verifying": frozenset({"verifying"}),
    "to_assign": frozenset({"verified", "classified"}),
    "in_progress": frozenset({"forwarded", "in_progress"}),
    "to_approve": frozenset({"resulted", "approved"}),
    "published": frozenset({"published", "rated"}),
    "closed": frozenset({"closed", "ineligible", "outside", "duplicate"}),
}
"""Where a list of reports is looked for; `overdue` goes across them."""
