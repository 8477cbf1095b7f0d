"""What of a reading is new, what amends, and what was told before: decided against the record, inside its transaction."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from dashboard.board import Board
from dashboard.city import City
from dashboard.events import HOUSE, CameraChanged, FeedSpoke, Heard, Measured, Recorded, ReportChanged, ReportSpoken, Said, Sighted
from dashboard.joining import asks, joined, things_of
from dashboard.kinds import FOREVER, Kinds, word
from dashboard.reports.clock import due_after, whole_term
from dashboard.reports.following import ours, spoken
from dashboard.rollups import is_row
from dashboard.spot import Spot
from dashboard.term import Term
from data.store import bulk
from data.store.joining import remember, speaking_of
from data.store.tables import EVENT, REPORT

encode = msgspec.msgpack.Encoder().encode
APART = FeedSpoke | Measured | ReportSpoken  # readings and words are kept apart, and are no events of the city
decode = msgspec.msgpack.Decoder(Heard).decode


class Known(NamedTuple):
    """What the record already holds under a key."""

    seq: int
    revision: int
    kind: str


class Judge:
    """Judges one batch. `recorded` fills in order; `things` are new rows of which event speaks of what."""

    def __init__(self, sql: Connection, board: Board, heard: Sequence[Heard], *, city: City, kinds: Kinds) -> None:
        self._sql, self._city, self._kinds = sql, city, kinds
        keys = {one.key: None for one in heard if not isinstance(one.event, APART)}
        rows = bulk.fetch(sql, "key, seq, revision, kind", EVENT, "key", list(keys))
        self._known = {key: Known(seq, revision, kind) for key, seq, revision, kind in rows}
        self._held: dict[str, Recorded] = {}
        self._bodies = self._read_bodies([one for one in heard if self._amends(one)])
        self._reports = self._read_reports(heard)
        self._spots: dict[str, Spot] = dict(board.cameras)
        self._terms: dict[tuple[str, bool], Term] = {}
        self._strange = {key: one.state for key, one in board.unknown.items()}
        self.start = self._seq = board.seq
        self.recorded: list[Recorded] = []
        self.things: list[bulk.Row] = []
        self.said: dict[str, Said] = {}  # what citizens wrote, by report: taken off what goes on to the board
        for one in heard:
            self._judge(one)
        self._join()

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
        if isinstance(event, APART):
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
        settled = {"received": before.received, "counted": before.counted, "quarantined": before.quarantined, "found": before.found}
        after = replace(_ended(one, before), **settled)
        kind = word(after)
        if (kind in self._kinds.records) != (known.kind in self._kinds.records):
            kind = known.kind
        self._keep(Recorded(known.seq, after, kind, before, known.kind), after.event.revision)

    def _join(self) -> None:
        """Let events know what others tell of the same things, whichever came first. None is counted anew for that."""
        told = {one.heard.key: self._bodies[one.heard.key] for one in self.recorded if is_row(one) and things_of(one.heard)}
        if not told:
            return
        known = speaking_of(self._sql, {name for one in told.values() for name in things_of(one)})
        self.things = remember(known, told.values())
        about = [one for one in self._named(chain.from_iterable(known.values())) if asks(one)]
        more = speaking_of(self._sql, {name for one in about for name in things_of(one)} - known.keys())
        by_name = self._by_name(chain.from_iterable((*known.values(), *more.values())))
        for one in sorted(about, key=lambda one: self._known[one.key].seq):
            self._learn(one, [other for name in sorted(things_of(one)) for other in by_name.get(name, ())])

    def _learn(self, one: Heard, others: Sequence[Heard]) -> None:
        found, known = joined(one, others), self._known[one.key]
        if found != one.found:
            self._keep(Recorded(known.seq, replace(one, found=found), known.kind, one, known.kind), known.revision)

    def _by_name(self, keys: Iterable[str]) -> dict[str, list[Heard]]:
        """Return events by the things that they speak of."""
        found: dict[str, list[Heard]] = {}
        for one in self._named(keys):
            for name in things_of(one):
                found.setdefault(name, []).append(one)
        return found

    def _named(self, keys: Iterable[str]) -> list[Heard]:
        """Return events by their keys, as the record will hold them after this batch."""
        wanted = sorted(set(keys))
        lacking = [key for key in wanted if key not in self._bodies]
        rows = bulk.fetch(self._sql, "key, body, seq, revision, kind", EVENT, "key", lacking) if lacking else []
        for key, body, seq, revision, kind in rows:
            self._bodies[key], self._known[key] = decode(body), Known(seq, revision, kind)
        return [self._bodies[key] for key in wanted if key in self._bodies]

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
        if before is not None and isinstance(before.event, ReportChanged):
            event = _followed(before.event, event)
            one = replace(one, event=event)
        due = event.due if event.due is not None else self._due(event)
        self._reports[key] = (one, due)
        kind = word(one, first=before is None)
        self._keep(Recorded(self._next(), one, kind, before, "", due, before_due), event.revision)

    def _due(self, event: ReportChanged) -> int:
        service = self._kinds.services.get(event.service)
        if service is None:
            return FOREVER
        given = (event.service, event.urgent)
        if given not in self._terms:
            self._terms[given] = whole_term(self._city, service, priority="urgent" if event.urgent else "normal")
        return due_after(self._city, event.submitted, self._terms[given])


def _followed(before: ReportChanged, event: ReportChanged) -> ReportChanged:
    """Return a telling with what stands of those before: the house's word, where it has worked on it, and how far it has come."""
    if ours(before) and not ours(event):
        return spoken(before, event)
    return replace(event, path=before.path) if event.path is None and before.path is not None else event


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
