"""The darkroom: a process of its own that looks through the log for pictures and develops them, apart from the board.

Decoding what strangers send takes time and may end a process. So the board never does it: it keeps the event at once, and the picture comes a
moment later. A payload over which this process ended is passed over when it starts again.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from logging import getLogger
from pathlib import Path
from typing import NamedTuple

from dashboard.errors import Away, Rejected
from dashboard.events import Heard, ReportChanged, Sighted
from dashboard.kinds import Kinds
from dashboard.pictures import DAY_MS, REPORT_DAYS, days
from dashboard.ports import Clock, Reading, Taken, entry_number
from data.pictures.developed import develop
from data.pictures.found import Shot, shots
from data.store.pictures import New, SqlPictures
from data.stream import RedisStream

REVIEWS = "/reviews"  # how the topic ends under which a recorder tells that something is over
LEAST_BYTES = 1_000  # no payload with a picture is smaller
WAIT_S, REST_S, TELL_S, PURGE_S, SWEEP_S = 1.0, 1.0, 10.0, 60.0, 3600.0
FEW = 16  # payloads of which pictures are held at once
MOST_MEMORY = 2 * 1024**3
log = getLogger(__name__)


class Settled(NamedTuple):
    """What decides how long a picture is kept, and how much is."""

    kinds: Kinds
    most_bytes: int


class Darkroom:
    """Looks through the log. `read` is the board's own reader, watch lists included: what it makes of a payload decides about its pictures."""

    def __init__(
        self,
        stream: RedisStream,
        pictures: SqlPictures,
        clock: Clock,
        *,
        read: Callable[[Taken], Reading],
        settled: Settled,
        hand: Path,
        wish: Callable[[Heard, Kinds], None] | None = None,
    ) -> None:
        """`wish` is told of every review that a recorder tells, and decides whether a clip of it is wanted (data.clipping)."""
        self._stream, self._pictures, self._clock, self._read, self._settled = stream, pictures, clock, read, settled
        self._hand, self._mark, self._wish = hand, "", wish
        self._purged_s = self._swept_s = self._told_s = float("-inf")
        self.kept = self.refused = 0

    def begin(self) -> None:
        """Go on where the last one stopped; beyond the payload that it had in its hand. Raises Away."""
        held = self._hand.read_text() if self._hand.exists() else ""
        self._mark = self._pictures.mark() or self._stream.last()
        if held:
            log.error("the payload %s ended this process once: its pictures are passed over", held)
            self._mark = max(self._mark, held, key=entry_number)
            self._hand.unlink()

    def step(self) -> None:
        """Take what is waiting, develop and keep it. Raises Away."""
        taken = self._stream.take(self._mark, wait_s=WAIT_S)
        for at in range(0, len(taken), FEW):
            some, new = taken[at : at + FEW], list[New]()
            for each in some:
                new += self._develop(each, new)
                self._ask_for(each)
            self._keep(new, some[-1].entry)
        if time.monotonic() - self._told_s > TELL_S:
            self._keep([], self._mark)
        self._tidy()

    def _keep(self, new: list[New], mark: str) -> None:
        self._pictures.keep(new, mark=mark)
        self._mark, self._told_s, self.kept = mark, time.monotonic(), self.kept + len(new)

    def _develop(self, taken: Taken, before: Sequence[New]) -> list[New]:
        """Return the pictures of one payload, developed, `before` being those that are not kept yet.

        Only where it speaks of one thing is it known what a picture shows.
        """
        payload = taken.payload
        kind = payload.headers.get("content-type", "")
        if (len(payload.raw) < LEAST_BYTES and not kind.startswith("multipart/")) or not (found := shots(payload.raw, kind)):
            return []
        self._hand.write_text(taken.entry)
        try:
            heard = [one for one in self._read(taken).heard if isinstance(one.event, Sighted | ReportChanged)]
            seen = [one for one in heard if not one.key.startswith("watch:")]
            if len(seen) != 1:
                return []
            room = self._pictures.room(seen[0].key) - sum(one.event == seen[0].key for one in before)
            return self._of_one(seen[0], found[: max(room, 0)], hit=len(heard) > len(seen))
        finally:
            self._hand.unlink(missing_ok=True)

    def _ask_for(self, taken: Taken) -> None:
        if self._wish is None or not taken.payload.headers.get("mqtt-topic", "").endswith(REVIEWS):
            return
        for heard in self._read(taken).heard:
            self._wish(heard, self._settled.kinds)

    def _of_one(self, heard: Heard, found: list[Shot], *, hit: bool) -> list[New]:
        event, new = heard.event, []
        for shot in found:
            kept_ms = DAY_MS * self._days(heard, shot, hit=hit)
            box = event.box if isinstance(event, Sighted) and shot.role == "scene" else None
            try:
                developed = develop(shot.raw, box)
            except Rejected as reason:
                self.refused += 1
                log.warning("a picture of %s is not kept: it %s", heard.source, reason)
                continue
            new.append(New(heard.key, shot.role, heard.received, heard.received + kept_ms, developed, heard.camera))
        return new

    def _days(self, heard: Heard, shot: Shot, *, hit: bool) -> int:
        """Return for how many days a picture is kept. What a citizen photographed is masked whole: nobody has told what may be seen."""
        if isinstance(heard.event, Sighted):
            return days(self._settled.kinds.class_of(heard.event.kind), shot.role, hit=hit)
        return REPORT_DAYS

    def _tidy(self) -> None:
        now_s = time.monotonic()
        if now_s - self._purged_s > PURGE_S:
            self._purged_s = now_s
            while gone := self._pictures.purge(most_bytes=self._settled.most_bytes):
                log.info("%d pictures have had their time", gone)
        if now_s - self._swept_s > SWEEP_S:
            self._swept_s = now_s
            self._pictures.sweep()


def run(darkroom: Darkroom) -> None:
    """Work until the process ends. It may take so much memory and no more: a picture that needs more ends it, and is passed over."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    begun = False
    while True:
        try:
            if not begun:
                darkroom.begin()
                begun = True
            darkroom.step()
        except Away as away:
            log.warning("away, will try again: %s", away)
            time.sleep(REST_S)
        except MemoryError:
            log.exception("a picture needs more memory than there may be")
            sys.exit(1)
