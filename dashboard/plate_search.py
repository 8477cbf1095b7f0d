"""Searching the record for one plate, in the clear: an act like unmasking (P-02, P-03), with a purpose, a case, a reason, and a bound back."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, get_args

from msgspec import Struct
from msgspec.structs import replace

from dashboard.access import Permission
from dashboard.errors import Unfit
from dashboard.plates import normal

Purpose = Literal["accident", "crime", "missing", "safety", "complaint"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
DAY_MS = 86_400_000
SHOWN_MS = 60_000  # for so long what was found stands on the screen (P-02)
HOUR_MS, MOST_AN_HOUR = 3_600_000, 30  # searches of one person (S-12)
# How far back whom: nobody without the right of the nearest bound, further back only who answers for privacy (P-03).
TIERS: tuple[tuple[int, Permission], ...] = ((30, "plate.search"), (90, "plate.search_far"), (3_650, "plate.search_old"))
LEAST_SIGNS, LEAST_REASON = 4, 10


class Search(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked: one plate, `days` back, what for, in which case (`matter`, its number), and why in words."""

    plate: str
    days: int
    purpose: Purpose
    matter: str
    why: str


class Read(NamedTuple):
    """A plate as a camera read it, when (epoch ms) and where."""

    at: int
    camera: str
    ward: str
    kind: str
    plate: str


class Found(NamedTuple):
    """What a search found, the newest first; `cut` where there was more."""

    seq: int
    at: int
    reads: Sequence[Read]
    cut: bool


class Searcher(NamedTuple):
    """How one person searched in a week: how often, for how many plates, how many further back than a month, the most in ten minutes."""

    who: str
    role: str
    n: int
    plates: int
    far: int
    burst: int


class TooMany(Exception):  # noqa: N818  an answer, not a mistake
    """This person has searched as often as one may in an hour."""


class PlateSearches(Protocol):
    """Searches and who made them. Every method raises Away."""

    def search(self, asked: Search, *, who: str, role: str) -> Found:
        """Search, and write down who asked for what before anything is returned. Raises TooMany, TooLong."""
        ...

    def searchers(self, since: int, until: int) -> Sequence[Searcher]:
        """Return who searched in a stretch, the busiest first."""
        ...


def checked(asked: Search) -> Search:
    """Return a search with its texts trimmed. Raises Unfit."""
    told = replace(asked, plate=asked.plate.strip(), matter=asked.matter.strip(), why=asked.why.strip())
    if len(normal(told.plate)) < LEAST_SIGNS or len(told.plate) > 20:  # noqa: PLR2004  the longest plate, written widely
        raise Unfit("plate", "no_plate")
    if not 1 <= told.days <= TIERS[-1][0]:
        raise Unfit("days", "too_long" if told.days > 1 else "missing")
    for name, most in (("matter", 80), ("why", 500)):
        text = getattr(told, name)
        if not text or len(text) > most or "\x00" in text:
            raise Unfit(name, "missing" if not text else "too_long")
    if len(told.why) < LEAST_REASON:
        raise Unfit("why", "too_short")
    return told


def needs(days: int) -> Permission:
    """Return what somebody must hold to search so many days back."""
    return next(permission for most, permission in TIERS if days <= most)
