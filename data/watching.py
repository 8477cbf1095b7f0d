"""What a camera read, held against the watch lists: a hit is an event of its own, which no person has confirmed yet (P-08).

The lists are held by their marks only. Exact marks stand in a table; marks of all that is one sign away stand sorted, eight bytes each,
so that a hundred thousand plates take some 20 MB and one read some 40 µs (docs/benchmark.md).
"""

import time
from collections.abc import Callable, Iterable, Sequence
from logging import getLogger
from typing import NamedTuple, Protocol

import numpy as np
from msgspec.structs import replace

from dashboard.errors import Away
from dashboard.events import Heard, Sighted
from dashboard.plates import normal
from dashboard.ports import Reading
from dashboard.watch.entry import Level, What
from data.sealed import WatchMark

ASK_EVERY_S = 2.0  # an entry that was approved or withdrawn is so everywhere within seconds; an expired one at once
KINDS: dict[tuple[What, Level], str] = {
    ("plate", "watch"): "watch_plate",
    ("plate", "stop"): "watch_plate_wanted",
    ("person", "watch"): "watch_face",
    ("person", "stop"): "watch_face_wanted",
}
NEAR = "watch_plate_near"
FACE = "face_seen"
OWN = frozenset({*KINDS.values(), NEAR, "watch_plate_stop", "watch_face_stop"})
log = getLogger(__name__)


class Row(NamedTuple):
    """An active entry as it is matched: by marks. `near` are those of `dashboard.watch.nearness.kept`, joined."""

    id: int
    what: What
    level: Level
    least: float
    expires: int
    mark: bytes
    near: bytes


class Lists(Protocol):
    """Where active entries stand. Raises Away."""

    def version(self) -> int:
        """Return a number that is another whenever an entry stands differently."""
        ...

    def active(self, now_ms: int) -> Sequence[Row]:
        """Return the entries that match at `now_ms`."""
        ...


class Hit(NamedTuple):
    """An entry that a read fits; `near`: but for one sign."""

    row: Row
    near: bool


class Index:
    """The active entries, to be found by what was read."""

    def __init__(self, rows: Sequence[Row], mark: WatchMark) -> None:
        self._mark, self._rows = mark, rows
        self._exact: dict[bytes, list[Row]] = {}
        for row in rows:
            self._exact.setdefault(row.mark, []).append(row)
        keys = np.frombuffer(b"".join(row.near for row in rows), dtype="<u8")
        owners = np.repeat(np.arange(len(rows), dtype=np.uint32), [len(row.near) // 8 for row in rows])
        order = np.argsort(keys, kind="stable")
        self._keys, self._owners = keys[order], owners[order]

    def __len__(self) -> int:
        return len(self._rows)

    def plate(self, plate: str, now_ms: int) -> list[Hit]:
        """Return the entries that a plate fits, and those that it fits but for one sign."""
        plain = normal(plate)
        if not plain or not len(self._keys):
            return []
        exact = [Hit(row, near=False) for row in self._exact.get(self._mark.plate(plain), ()) if row.expires > now_ms]
        taken = {hit.row.id for hit in exact}
        return exact + [
            Hit(row, near=True) for row in self._near(plain) if row.expires > now_ms and row.id not in taken and row.what == "plate"
        ]

    def person(self, subject: str, score: float | None, now_ms: int) -> list[Hit]:
        """Return the entries of a person, as the camera system names them, that a score is enough for."""
        rows = self._exact.get(self._mark.person(subject), ())
        return [Hit(row, near=False) for row in rows if row.expires > now_ms and (score is None or score >= row.least)]

    def _near(self, plain: str) -> Iterable[Row]:
        asked = self._mark.asked(plain)
        first = self._keys.searchsorted(asked)
        held = np.flatnonzero(self._keys.take(first, mode="clip") == asked)  # almost never any: then this is all that a read costs
        found = {int(owner) for at in held for owner in self._same(int(first[at]), asked[at])}
        return [self._rows[at] for at in sorted(found)]

    def _same(self, first: int, key: np.uint64) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
        """Return whose marks are `key`, of which the first stands at `first`."""
        return self._owners[first : int(self._keys.searchsorted(key, "right"))]


class Watching:
    """Holds what is read against lists that may change meanwhile."""

    def __init__(self, lists: Lists, mark: WatchMark, *, now_ms: Callable[[], int]) -> None:
        self._lists, self._mark, self._now_ms = lists, mark, now_ms
        self._index, self._version, self._asked_s = Index((), mark), -1, float("-inf")

    def add(self, reading: Reading) -> Reading:
        """Return a reading with a hit after each event that is one, and without the names of faces: nobody is kept who is not looked for."""
        seen = [one for one in reading.heard if isinstance(one.event, Sighted) and one.event.kind not in OWN]
        if not any(one.event.plate or one.event.subject for one in seen):  # type: ignore[union-attr]  # chosen above
            return reading
        self._refresh()
        hits = [hit for one in seen for hit in self._hits(one)] if len(self._index) else []
        return Reading((*map(_nameless, reading.heard), *hits), reading.dead)

    def _hits(self, heard: Heard) -> list[Heard]:
        event = heard.event
        if not isinstance(event, Sighted) or event.closes:
            return []
        now_ms = self._now_ms()
        found = self._index.plate(event.plate, now_ms) if event.plate else []
        if event.subject:
            found = [*found, *self._index.person(event.subject, event.score, now_ms)]
        return [hit_of(heard, event, hit) for hit in found]

    def _refresh(self) -> None:
        """Read the lists again when they have changed. While the record is away the last ones stand: an expired entry matches no more."""
        now_s = time.monotonic()
        if now_s - self._asked_s < ASK_EVERY_S:
            return
        self._asked_s = now_s
        try:
            version = self._lists.version()
            if version != self._version:
                self._index = Index(self._lists.active(self._now_ms()), self._mark)
                self._version = version
        except Away as away:
            log.warning("the watch lists cannot be read, the last ones stand: %s", away)


def _nameless(one: Heard) -> Heard:
    """Return what is kept of an event: that there was a face, and not whose it is (P-04)."""
    event = one.event
    if not isinstance(event, Sighted) or event.kind != FACE or event.subject is None:
        return one
    return replace(one, event=replace(event, subject=None))


def hit_of(heard: Heard, event: Sighted, hit: Hit) -> Heard:
    """Return the event that a hit is: where and when the read was, and which entry. Told again with the read, it is the same one."""
    kind = NEAR if hit.near else KINDS[hit.row.what, hit.row.level]
    key = f"watch:{hit.row.id}:{heard.key}"
    match = replace(event, id=key[-200:], kind=kind, subject=f"W-{hit.row.id}")
    return replace(heard, key=key, event=match)
