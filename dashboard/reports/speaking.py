"""What a citizen may know of a report: when everybody may read its words, and what each act tells.

Who reads it how: whoever brought the report is told everything here; everybody else how it stands, and the words once they are published.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from dashboard.reports.case import Action, Case, Done, State

Kind = Literal["received", "verifying", "forwarded", "in_progress", "answered", "ineligible", "outside", "duplicate", "letter"]
KINDS: Mapping[State, Kind] = {
    "received": "received",
    "verifying": "verifying",
    "verified": "verifying",
    "classified": "verifying",
    "forwarded": "forwarded",
    "in_progress": "in_progress",
    "resulted": "in_progress",
    "approved": "in_progress",
    "published": "answered",
    "rated": "answered",
    "closed": "answered",
    "ineligible": "ineligible",
    "outside": "outside",
    "duplicate": "duplicate",
}
PHRASES: Mapping[str, Mapping[str, str]] = {
    "received": {"vi": "Phản ánh đã được tiếp nhận.", "en": "The report has been received."},
    "verifying": {"vi": "Phản ánh đang được xác minh.", "en": "The report is being verified."},
    "forwarded": {"vi": "Phản ánh đã được chuyển đến đơn vị xử lý.", "en": "The report was forwarded to the unit in charge."},
    "in_progress": {"vi": "Phản ánh đang được xử lý.", "en": "The report is being dealt with."},
    "answered": {"vi": "Phản ánh đã được trả lời.", "en": "The report has been answered."},
    "ineligible": {"vi": "Phản ánh không đủ điều kiện xử lý.", "en": "The report is not eligible."},
    "outside": {"vi": "Phản ánh đã được chuyển đến cơ quan khác.", "en": "The report was passed on to another authority."},
    "duplicate": {"vi": "Phản ánh trùng với một phản ánh khác.", "en": "The report is of the same matter as another."},
}
# Acts whose text is for the citizen, and what happens by them besides.
ANSWERS: frozenset[Done] = frozenset({"refuse", "hand_outside", "publish", "answered"})
LETTER: Action = "write"
PUBLIC: frozenset[State] = frozenset({"published", "rated", "closed"})
_PICTURE = re.compile(r"[0-9a-f]{32}")


class Word(NamedTuple):
    """What a citizen is told by an act. `status` is Open311's; without a `text` the kind's own phrase says it."""

    kind: Kind
    status: Literal["open", "closed"]
    text: str = ""


def is_public(case: Case) -> bool:
    """Return whether everybody may read what was written: its answer is published, and it was not opened again since."""
    return case.published > 0 and case.state in PUBLIC


def evidence(case: Case) -> Sequence[str]:
    """Return the pictures, by id, of the results that the centre has approved."""
    told = [name for one in case.parts if one.state == "approved" and one.result for name in one.result.evidence]
    return [name for name in dict.fromkeys(told) if _PICTURE.fullmatch(name)]


def told(before: Case, action: Done, text: str, after: Case) -> Word | None:
    """Return what an act tells the citizen; None where it is no business of theirs."""
    status: Literal["open", "closed"] = "closed" if after.settled else "open"
    if action == LETTER:
        return Word("letter", status, text)
    kind = KINDS[after.state]
    if action in ANSWERS:
        return Word("answered" if action == "answered" else kind, status, text)
    return Word(kind, status) if kind != KINDS[before.state] else None


def phrase(kind: str, status: str, tongue: str) -> str:
    """Return what is said where nobody has written anything."""
    return PHRASES.get(kind, PHRASES["answered" if status == "closed" else "in_progress"])[tongue]


def same(one: str, other: str) -> bool:
    """Return whether two texts say the same: what we have told comes back with other spaces and in other letters."""
    return one.casefold().split() == other.casefold().split()
