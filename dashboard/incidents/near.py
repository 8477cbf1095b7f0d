"""What may belong together: the same place, the same class, the same hours. Only ever suggested; nothing is merged by itself."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from dashboard.geo import metres
from dashboard.incidents.incident import Incident, Subject

# Wide enough for one fire seen from two streets; the same for every city, since they are about how people move, not about its cameras.
NEAR_M = 300
NEAR_MS = 2 * 3_600_000
MOST = 10
MINUTE_MS = 60_000


class Suggestion(NamedTuple):
    """Something that may belong to the same matter, and why: how far away, and how many minutes apart (0: at once)."""

    what: Literal["alarm", "event", "report", "incident"]
    metres: int
    minutes: int
    subject: Subject | None = None
    incident: Incident | None = None


def suggested(
    mine: Sequence[Subject], others: Iterable[Subject], incidents: Iterable[tuple[Incident, Sequence[Subject]]] = ()
) -> list[Suggestion]:
    """Return what of `others` and `incidents` may belong to what `mine` is about, the nearest first. Neither holds any of `mine`."""
    found = [Suggestion(one.member.what, *reason, subject=one) for one in others for reason in _reasons(mine, [one])]
    found += [Suggestion("incident", *reason, incident=one) for one, about in incidents for reason in _reasons(mine, about)]
    return sorted(found, key=_order)[:MOST]


def _order(one: Suggestion) -> tuple[bool, int, int, int, str]:
    """An incident that is there already comes first."""
    number, key = one.incident.id if one.incident else 0, one.subject.member.key if one.subject else ""
    return (one.incident is None, one.metres, one.minutes, number, key)


def _reasons(mine: Sequence[Subject], theirs: Sequence[Subject]) -> Iterator[tuple[int, int]]:
    """Yield the nearest pair of the same family, at most one: metres, minutes."""
    pairs = [found for one in mine for other in theirs if (found := _apart(one, other)) is not None]
    if pairs:
        yield min(pairs)


def _apart(one: Subject, other: Subject) -> tuple[int, int] | None:
    """Return how far (m) and how long (minutes) two things are apart; None where it is too much, or nobody knows where they are."""
    if one.family != other.family or one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    between = max(one.at - other.last, other.at - one.last, 0)
    far = metres((one.lon, one.lat), (other.lon, other.lat))
    if far > NEAR_M or between > NEAR_MS:
        return None
    return round(far), between // MINUTE_MS
