"""An event as everybody may see it, in a list."""

from collections.abc import Sequence
from typing import Any

from dashboard.city import City
from dashboard.events import CameraChanged, Found, Recorded, ReportChanged, Sighted
from dashboard.joining import entry_of
from dashboard.kinds import Kinds
from dashboard.masking import betrays, hidden, plate
from dashboard.places import Places, places_of
from dashboard.skew import flagged

SAME_MS = 1000  # as near as a person reads a clock
USUAL: dict[str, object] = {
    "prio": 0,
    "name": "",
    "ended": None,
    "ward": "",
    "count": 1,
    "score": None,
    "plate": None,
    "watch": "",
    "report": None,
    "service": None,
    "skewed": False,
    "revised": False,
}


def row(one: Recorded, kinds: Kinds, places: Places) -> dict[str, Any]:
    """Return one event as everybody may see it: the plate masked, the sender of a report unknown.

    Ids, kinds and names are the source's own words, and some build them from plates: such an id is shown as our number, the rest masked.
    """
    heard, event = one.heard, one.heard.event
    sighted = event if isinstance(event, Sighted) else None
    found = heard.found or Found()
    read = (sighted.plate if sighted else None) or found.plate
    named = event.camera if isinstance(event, Sighted | CameraChanged) else ""
    return {
        "seq": one.seq,
        "id": f"{heard.source}:#{one.seq}" if betrays(heard.key, read) else heard.key,
        "kind": hidden(one.kind),
        "cls": kinds.class_of(one.kind),
        "prio": kinds.priority(one.kind),
        "ix": places.of(heard.camera),
        "name": "" if heard.camera else hidden(named),
        "at": event.at,
        "received": heard.received,
        "counted": heard.counted,
        "ended": sighted.ended if sighted else None,
        "ward": hidden(heard.ward),
        "count": sighted.count if sighted else 1,
        "score": sighted.score if sighted else None,
        "plate": plate(read),
        "watch": found.entry or entry_of(heard),
        "report": hidden(event.report) if isinstance(event, ReportChanged) else None,
        "service": hidden(event.service) if isinstance(event, ReportChanged) else None,
        "skewed": flagged(event.at, heard.received),
        "revised": event.revision > 0,
    }


def listed(recorded: Sequence[Recorded], city: City) -> dict[str, object]:
    """Return rows as they travel."""
    kinds, places = places_of(city)
    return {"rows": [_lean(row(one, kinds, places)) for one in recorded]}


def _lean(told: dict[str, Any]) -> dict[str, object]:
    """Leave out what says nothing: these rows travel to every screen up to sixty times a second."""
    counted = told["counted"]
    usual = {**USUAL, "at": counted, "received": told["received"] if abs(told["received"] - counted) < SAME_MS else None}
    return {key: value for key, value in told.items() if key not in usual or usual[key] != value}
