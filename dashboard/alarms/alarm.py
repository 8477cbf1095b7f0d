"""An alarm as it stands: what was seen, and what people have done about it."""

from typing import Literal

from msgspec import Struct

State = Literal["new", "acknowledged", "in_work", "returned", "shelved", "out_of_service", "closed"]
Action = Literal[
    "acknowledge",
    "claim",
    "take_over",
    "release",
    "shelve",
    "unshelve",
    "remove",
    "restore",
    "close",
    "escalate",
    "note",
    "review",
    "verify",
    "dispatch",
    "undo",
]
Outcome = Literal["", "handled", "false_alarm", "no_action", "over"]  # "over": it returned to normal by itself


class Course(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What people have done about an alarm, in one piece, so that an undo can put it back. Times are epoch ms, 0: never.

    `owner` has it until `lease`, unless they act again. `asked` is who wants a P1 shelved and waits for a second person. `units` are those
    that it was dispatched to; the last of them is told at `goes`, until which it can be undone. `verified`: a person has looked, and it is so.
    """

    state: State = "new"
    owner: str = ""
    lease: int = 0
    shelved: int = 0
    shelved_until: int = 0
    asked: str = ""
    asked_at: int = 0
    outcome: Outcome = ""
    closed: int = 0
    units: tuple[str, ...] = ()
    goes: int = 0
    verified: bool = False


class Undo(Struct, frozen=True):
    """What the last act of a person can still be undone to: by the same person, for a few seconds."""

    who: str
    at: int
    before: Course


class Alarm(Struct, frozen=True, kw_only=True):
    """Sightings of one kind at one camera that need a person, from the first until somebody has closed it.

    `group` is what further events are recognised by; at most one alarm of a group is open. `cameras` are those that saw it, the first
    one first. The condition lasts until `until` (epoch ms) or until told otherwise; then it is `over`, and an alarm that `stays` waits
    for a person all the same. `raised` is since when it is new, which is what escalation counts from.

    `again` is how often it alarmed again because it grew worse: `level` is how many things were seen when it last did, `steps` are the
    instants (epoch ms) at which it will have lasted too long once more. One that `chatters` comes and goes so fast that it is held
    open. `reviewed` is when a shift last looked at it standing. `version` counts the acts of people: who has seen an older one has not
    seen this.
    """

    id: str
    group: str
    kind: str
    priority: int
    camera: str
    name: str
    ward: str
    since: int
    last: int
    until: int
    raised: int
    count: int = 1
    score: float | None = None
    plate: str | None = None
    subject: str = ""  # the entry of a watch list that it fits, or whoever was recognised
    stays: bool = False
    verify: bool = False  # nobody is sent before a person has verified it
    over: bool = False
    escalated: int = 0
    version: int = 0
    notes: int = 0
    cameras: tuple[str, ...] = ()
    events: tuple[str, ...] = ()  # the keys of the first event and of the last two
    level: int = 0
    steps: tuple[int, ...] = ()
    again: int = 0
    chatters: bool = False
    reviewed: int = 0
    untold: tuple[str, ...] = ()  # units whose message was given up: somebody has to call them
    course: Course = Course()
    undo: Undo | None = None

    @property
    def state(self) -> State:
        """Return in which of the seven states it is."""
        return self.course.state

    @property
    def open(self) -> bool:
        """Return whether it is still somebody's matter."""
        return self.course.state != "closed"

    @property
    def listed(self) -> bool:
        """Return whether it stands in the list: not closed, not shelved, not taken out of service, nor standing and looked at."""
        return self.course.state not in {"closed", "shelved", "out_of_service"} and not self.reviewed


class Acted(Struct, frozen=True, kw_only=True):
    """Something was done about an alarm. Carries the whole alarm as it stands after, never a difference.

    `seq` numbers the acts in the order in which they took effect. `who` is "" where the house did it by itself: raised it, returned
    a claim, ended a shelving. `unit` is whom a message did or did not reach. `key` is who did it and their own id of the act: the same key is the same act, told again.
    """

    seq: int
    key: str
    action: str
    who: str
    at: int
    why: str
    alarm: Alarm
    unit: str = ""
