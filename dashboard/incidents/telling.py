"""Incidents as everybody may see them: plates and telephone numbers in what people and sources wrote are masked."""

from collections.abc import Iterable, Mapping

from dashboard.incidents.incident import Incident, Member, Subject
from dashboard.incidents.near import Suggestion
from dashboard.incidents.timeline import Line
from dashboard.masking import betrays, hidden, plate
from dashboard.places import Places


def brief(one: Incident, places: Places) -> dict[str, object]:
    """Return an incident without what belongs to it."""
    return {
        "id": one.id,
        "title": hidden(one.title),
        "what": one.what,
        "kind": hidden(one.kind),
        "state": one.state,
        "owner": one.owner,
        "opened": one.opened,
        "opener": one.opener,
        "closed": one.closed,
        "outcome": one.outcome,
        "at": one.at,
        "lon": one.lon,
        "lat": one.lat,
        "ward": hidden(one.ward),
        "ix": places.of(one.camera),
        "n": len(one.members),
        "merged_into": one.merged_into,
        "version": one.version,
        "changed": one.changed,
        "changed_by": one.changed_by,
        "changed_how": one.changed_how,
    }


def subject_told(one: Subject, places: Places) -> dict[str, object]:
    """Return what belongs to an incident, or may. `key` is what it is called by when something is done with it."""
    return {
        "what": one.member.what,
        "key": _key(one),
        "kind": hidden(one.kind),
        "at": one.at,
        "last": one.last,
        "ward": hidden(one.ward),
        "lon": one.lon,
        "lat": one.lat,
        "ix": places.of(one.camera),
        "name": hidden(one.name),
        "plate": plate(one.plate),
        "prio": one.priority,
        "state": one.state,
        "owner": one.owner,
        "ended": one.ended,
        "due": one.due,
    }


def near_told(one: Suggestion, places: Places) -> dict[str, object]:
    """Return a suggestion with its reason."""
    told: dict[str, object] = {"what": one.what, "metres": one.metres, "minutes": one.minutes}
    if one.subject is not None:
        told["subject"] = subject_told(one.subject, places)
    return told | ({"incident": brief(one.incident, places)} if one.incident is not None else {})


def names_of(subjects: Iterable[Subject]) -> dict[Member, str]:
    """Return what each is called on a screen."""
    return {one.member: _key(one) for one in subjects}


def line_told(line: Line, names: Mapping[Member, str]) -> dict[str, object]:
    """Return a line of a timeline; what says nothing is left out, and so is the key of an event that is not among `names`."""
    told: dict[str, object] = {
        "at": line.at,
        "of": line.of,
        "key": line.key if line.of == "incident" else _named(Member(line.of, line.key), names),
        "action": line.action,
        "who": line.who,
        "why": hidden(line.why),
        "seq": line.seq,
        "other": line.other,
        "members": [{"what": one.what, "key": _named(one, names)} for one in line.members],
        "to": line.to,
        "outcome": line.outcome,
        "unit": line.unit,
        "until": line.until,
        "title": hidden(line.title),
    }
    return {key: value for key, value in told.items() if value or key in {"at", "of", "key", "action", "who", "seq"}}


def _key(one: Subject) -> str:
    if one.member.what == "event" and betrays(one.member.key, one.plate):
        return f"{one.member.key.partition(':')[0]}:#{one.seq}"
    return hidden(one.member.key)


def _named(member: Member, names: Mapping[Member, str]) -> str:
    """A source may have built an event's key from a plate that only the event itself tells."""
    return names.get(member, "" if member.what == "event" else hidden(member.key))
