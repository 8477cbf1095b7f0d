"""An entry of a watch list, and who may do what with it (P-07, S-23): one proposes, another approves, and every entry ends."""

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from dashboard.errors import Unfit
from dashboard.plates import normal

What = Literal["plate", "person"]
Level = Literal["watch", "stop"]  # to be seen, or to be stopped at once
State = Literal["proposed", "active", "refused", "withdrawn", "expired"]
Action = Literal["propose", "approve", "refuse", "withdraw", "reveal", "review"]
WHATS: tuple[What, ...] = get_args(What)
LEVELS: tuple[Level, ...] = get_args(Level)
DAY_MS = 86_400_000
REVIEW_MS = 7 * DAY_MS  # so long after it was approved or reviewed, an active entry is to be reviewed (P-07)
USUAL_DAYS, MOST_DAYS = 30, 90
LEAST_SIGNS, MOST_SUBJECT, MOST_TEXT = 4, 100, 500
USUAL_SCORE = 0.8


FROM: Mapping[Action, frozenset[State]] = {
    "approve": frozenset({"proposed"}),
    "refuse": frozenset({"proposed"}),
    "withdraw": frozenset({"proposed", "active"}),
    "review": frozenset({"active"}),
}


class Barred(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be done: `second_person` (it takes another than the proposer) or `state` (it does not stand so)."""


class Content(Struct, frozen=True, kw_only=True):
    """What is kept sealed: whom an entry looks for, what for, by which law, and where the plate or the picture comes from."""

    subject: str
    purpose: str
    basis: str
    origin: str


class Proposal(Struct, frozen=True, kw_only=True):
    """What somebody proposes. `least` is the score (0..1) from which a person's match counts; `days` is how long it is to last."""

    what: What = "plate"
    level: Level = "watch"
    content: Content
    days: int = USUAL_DAYS
    least: float = USUAL_SCORE


class Entry(Struct, frozen=True, kw_only=True):
    """An entry without what is sealed in it. Times are epoch ms, 0: never; `batch` names the import that it came with."""

    id: int
    what: What
    level: Level
    least: float
    proposer: str
    proposed: int
    expires: int
    approver: str = ""
    approved: int = 0
    ended: int = 0
    ended_by: str = ""
    batch: str = ""
    reviewed: int = 0
    reviewed_by: str = ""

    @property
    def name(self) -> str:
        """Return what an entry is called."""
        return f"W-{self.id}"

    def state(self, now_ms: int) -> State:
        """Return how it stands. A proposal that nobody has decided on lapses with its time, like any other."""
        if self.ended:
            return "withdrawn" if self.approved else "refused"
        if self.expires <= now_ms:
            return "expired"
        return "active" if self.approved else "proposed"

    def review_due(self, now_ms: int) -> int:
        """Return when somebody has to look whether it is still needed; 0 where it is not active."""
        return max(self.approved, self.reviewed) + REVIEW_MS if self.state(now_ms) == "active" else 0


def checked(proposal: Proposal) -> Proposal:
    """Return a proposal with its texts trimmed. Raises Unfit."""
    told = proposal.content
    content = Content(**{name: getattr(told, name).strip() for name in told.__struct_fields__})
    for name, most in (("subject", MOST_SUBJECT), ("purpose", MOST_TEXT), ("basis", MOST_TEXT), ("origin", MOST_TEXT)):
        text = getattr(content, name)
        if not text:
            raise Unfit(name, "missing")
        if len(text) > most or "\x00" in text:
            raise Unfit(name, "too_long")
    if proposal.what == "plate" and len(normal(content.subject)) < LEAST_SIGNS:
        raise Unfit("subject", "no_plate")
    if not 1 <= proposal.days <= MOST_DAYS:
        raise Unfit("days", "too_long" if proposal.days > MOST_DAYS else "missing")
    if not 0 <= proposal.least <= 1:
        raise Unfit("least", "no_share")
    return replace(proposal, content=content)


def decided(entry: Entry, action: Action, who: str, now_ms: int) -> Entry:
    """Return an entry after somebody approved, refused, withdrew or reviewed it. Raises Barred.

    Nobody approves their own proposal, nor finds it still needed.
    """
    if entry.state(now_ms) not in FROM.get(action, frozenset()):
        raise Barred("state")
    if action in {"approve", "review"} and who == entry.proposer:
        raise Barred("second_person")
    if action == "approve":
        return replace(entry, approver=who, approved=now_ms)
    if action == "review":
        return replace(entry, reviewed=now_ms, reviewed_by=who)
    return replace(entry, ended=now_ms, ended_by=who)
