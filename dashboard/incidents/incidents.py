"""What the doors ask of the incidents; `data` keeps them."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from dashboard.incidents.incident import Act, Asked, Incident, Member, Subject
from dashboard.incidents.near import Suggestion
from dashboard.incidents.timeline import Line


class Listed(NamedTuple):
    """The open incidents and the last closed ones, the newest first; the most urgent priority of each one's alarms (none: not named)."""

    incidents: Sequence[Incident]
    priorities: Mapping[int, int]
    cut: bool


class Shown(NamedTuple):
    """An incident with what belongs to it, its whole timeline, what went into it, and what else may belong to it."""

    incident: Incident
    subjects: Sequence[Subject]
    lines: Sequence[Line]
    swallowed: Sequence[int]
    near: Sequence[Suggestion]


class Home(NamedTuple):
    """What something belongs to, if to anything, to which closed ones it belongs, and what it may belong together with."""

    incident: Incident | None
    past: Sequence[Incident]
    near: Sequence[Suggestion]


class Incidents(Protocol):
    """Incidents and what was done with them. Times are epoch ms. Every method raises Away."""

    def act(self, asked: Asked, *, who: str, key: str) -> Act:
        """Do it and keep it, in one transaction; return the line of the incident asked for. The same `key` again does nothing again.

        Raises Illegal, Incomplete, Missing.
        """
        ...

    def listed(self) -> Listed:
        """Return the open incidents and the last closed ones."""
        ...

    def shown(self, incident: int) -> Shown:
        """Return one incident, whole. Raises Missing."""
        ...

    def home(self, member: Member) -> Home:
        """Return which incidents something belongs to, and what it may belong together with. Raises Missing."""
        ...

    def people(self) -> Collection[str]:
        """Return to whom an incident may be handed over."""
        ...
