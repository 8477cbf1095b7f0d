"""What one event knows from another of the same source: a plate, or a watch list's hit, of a thing that both speak of.

A system that follows things tells of each on its own: that somebody crossed a line, and later, or before, what plate was read off the same car.
What is joined depends on what is known by now and never on the order in which it came.
"""

import re
from collections.abc import Iterable

from dashboard.events import Found, Heard, Sighted

ENTRY = re.compile(r"W-[0-9]{1,12}")  # an entry of a watch list; a person's id in a camera system is shown to nobody here
HIT = "watch:"  # how the key of a watch list's hit begins
# The gravest first: what is to be stopped at once, then what is watched, then what is only like it.
HITS = ("watch_plate_wanted", "watch_face_wanted", "watch_plate", "watch_face", "watch_plate_near")


def things_of(heard: Heard) -> frozenset[str]:
    """Return the names of what an event speaks of, each unique in the house."""
    return frozenset(f"{heard.source}/{one}" for one in heard.event.things) if isinstance(heard.event, Sighted) else frozenset()


def entry_of(heard: Heard) -> str:
    """Return the entry of a watch list of which an event is a hit, "" where it is none."""
    subject = heard.event.subject if isinstance(heard.event, Sighted) else None
    return subject if subject and heard.key.startswith(HIT) and ENTRY.fullmatch(subject) else ""


def tells(heard: Heard) -> bool:
    """Return whether an event says something of its thing that others may want to know."""
    event = heard.event
    return isinstance(event, Sighted) and bool(event.things) and bool(event.plate or entry_of(heard))


def asks(heard: Heard) -> bool:
    """Return whether an event is one to which such things belong: it speaks of things, and of neither plate nor person itself."""
    event = heard.event
    return isinstance(event, Sighted) and bool(event.things) and not event.plate and not event.subject


def joined(heard: Heard, others: Iterable[Heard]) -> Found | None:
    """Return what is known of the things of an event: the plate that was read best, and the gravest hit."""
    mine = things_of(heard)
    told = [one for one in others if tells(one) and mine & things_of(one)]
    if not asks(heard) or not told:
        return None
    plate = max(map(_read, told))[2]
    hits = min(((_rank(one), entry_of(one)) for one in told if entry_of(one)), default=((0, 0), ""))
    return Found(plate=plate or None, entry=hits[1])


def _read(one: Heard) -> tuple[float, int, str]:
    """Return how well a plate was read, when, and what it is; the least of all where none was."""
    event = one.event
    if not isinstance(event, Sighted) or not event.plate:
        return -2.0, 0, ""
    return event.score if event.score is not None else -1.0, event.at, event.plate


def _rank(one: Heard) -> tuple[int, int]:
    kind = one.event.kind if isinstance(one.event, Sighted) else ""
    return HITS.index(kind) if kind in HITS else len(HITS), int(entry_of(one)[2:])
