"""What of a reading is new, what amends, and what was told before: decided against the record, inside its transaction."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from dashboard.board import Board
from dashboard.calendar import due_ms
from dashboard.city import City
from dashboard.events import HOUSE, CameraChanged, FeedSpoke, Heard, Measured, Recorded, ReportChanged, Said, Sighted
from dashboard.kinds import FOREVER, Kinds, word
from dashboard.spot import Spot
from data.store import bulk
from data.store.tables import EVENT, REPORT

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Heard).decode


class Known(NamedTuple):
    """What the record already holds under a key."""

    seq: int
    revision: int
    kind: str


class Judge:
    """Judges one batch. `recorded` fills in order; `amended` are those whose row is to be rewritten."""

    def __init__(self, sql: Connection, board: Board, heard: Sequence[Heard], *, city: City, kinds: Kinds) -> None:
        self._sql, self._city, self._kinds = sql, city, kinds
        keys = {one.key: None for one in heard if not isinstance(one.event, FeedSpoke | Measured)}
        rows = bulk.fetch(sql, "key, seq, revision, kind", EVENT, "key", list(keys))
        self._known = {key: Known(seq, revision, kind) for key, seq, revision, kind in rows}
        self._held: dict[str, Recorded] = {}
        self._bodies = self._read_bodies([one for one in heard if self._amends(one)])
        self._reports = self._read_reports(heard)
        self._spots: dict[str, Spot] = dict(board.cameras)
        self._strange = {key: one.state for key, one in board.unknown.items()}
        self.start = self._seq = board.seq
        self.recorded: list[Recorded] = []
        self.said: dict[str, Said] = {}  # what citizens wrote, by report: taken off what goes on to the board
        for one in heard:
            self._judge(one)

    @property
    def reports(self) -> dict[str, tuple[Heard, int]]:
        """Reports as they stand after the batch: key to (Heard, due)."""
        return self._reports

    def _amends(self, one: Heard) -> bool:
        known = self._known.get(one.key)
        return known is not None and isinstance(one.event, Sighted) and one.event.revision > known.revision

    def _read_bodies(self, amending: Sequence[Heard]) -> dict[str, Heard]:
        rows = bulk.fetch(self._sql, "key, body", EVENT, "key", [one.key for one in amending]) if amending else []
        return {key: decode(body) for key, body in rows}

    def _read_reports(self, heard: Sequence[Heard]) -> dict[str, tuple[Heard, int]]:
        keys = {f"{one.source}/{one.event.report}": None for one in heard if isinstance(one.event, ReportChanged)}
        rows = bulk.fetch(self._sql, "key, body, due", REPORT, "key", list(keys)) if keys else []
        return {key: (decode(body), due) for key, body, due in rows}

    def _judge(self, one: Heard) -> None:
        event = one.event
        if isinstance(event, FeedSpoke | Measured):  # readings are kept apart, and are no events of the city
            self.recorded.append(Recorded(0, one))
        elif self._amends(one):
            self._amend(one)
        elif one.key in self._known:
            return
        elif isinstance(event, Sighted) and event.closes:
            self.recorded.append(Recorded(0, one))
        elif isinstance(event, CameraChanged):
            self._camera(one, event)
        elif isinstance(event, ReportChanged):
            self._report(one, event)
        else:
            self._keep(Recorded(self._next(), one, word(one)), event.revision)

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _keep(self, recorded: Recorded, revision: int) -> None:
        self.recorded.append(recorded)
        self._known[recorded.heard.key] = Known(recorded.seq, revision, recorded.kind)
        self._bodies[recorded.heard.key] = recorded.heard

    def _amend(self, one: Heard) -> None:
        """Rewrite an earlier telling. When it counts is settled by the first; a record never becomes an event, nor the reverse."""
        known, before = self._known[one.key], self._bodies[one.key]
        after = replace(_ended(one, before), received=before.received, counted=before.counted, quarantined=before.quarantined)
        kind = word(after)
        if (kind in self._kinds.records) != (known.kind in self._kinds.records):
            kind = known.kind
        self._keep(Recorded(known.seq, after, kind, before, known.kind), after.event.revision)

    def _camera(self, one: Heard, event: CameraChanged) -> None:
        """A camera that stands as it stood has only shown a sign of life."""
        if self._stood(one, event) == event.state:
            self.recorded.append(Recorded(0, one))
            return
        self._keep(Recorded(self._next(), one, word(one)), event.revision)

    def _stood(self, one: Heard, event: CameraChanged) -> str:
        """Return how a camera stood, and remember how it stands: one of ours, or one that no registry knows."""
        if not one.camera:
            key = f"{one.source}/{event.camera}"
            before, self._strange[key] = self._strange.get(key, ""), event.state
            return before
        spot = self._spots.get(one.camera, Spot())
        if spot.held and one.source != HOUSE:
            return event.state  # what it says while somebody works on it is only a sign of life
        self._spots[one.camera] = replace(spot, state=event.state, held=one.source == HOUSE and event.state == "maintenance")
        return spot.state

    def _report(self, one: Heard, event: ReportChanged) -> None:
        """A report told out of its order is kept back: the newer state stands."""
        key = f"{one.source}/{event.report}"
        before, before_due = self._reports.get(key, (None, 0))
        if before is not None and before.event.at > event.at:
            self.recorded.append(Recorded(0, one))
            return
        if event.said is not None:
            self.said[key] = event.said
            one, event = _unsaid(one, event)
        due = event.due if event.due is not None else self._due(event)
        self._reports[key] = (one, due)
        kind = word(one, first=before is None)
        self._keep(Recorded(self._next(), one, kind, before, "", due, before_due), event.revision)

    def _due(self, event: ReportChanged) -> int:
        service = self._kinds.services.get(event.service)
        return FOREVER if service is None else due_ms(self._city, service, event.submitted)


def _unsaid(one: Heard, event: ReportChanged) -> tuple[Heard, ReportChanged]:
    """Return a report without what the citizen wrote."""
    bare = replace(event, said=None)
    return replace(one, event=bare), bare


def _ended(one: Heard, before: Heard) -> Heard:
    """Return what amends: a telling that only closes leaves everything else as it was told."""
    event, was = one.event, before.event
    if not (isinstance(event, Sighted) and event.closes and isinstance(was, Sighted)):
        return one
    return replace(before, event=replace(was, ended=event.ended, revision=event.revision))
