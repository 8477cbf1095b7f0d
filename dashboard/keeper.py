"""The keeper of the board: takes, records, folds, draws. The only writer."""

from collections.abc import Callable, Iterator, Sequence
from logging import getLogger

from msgspec.structs import replace

from dashboard.alarms.flood import changed
from dashboard.alarms.passing import due
from dashboard.board import Board, turn
from dashboard.cadence import Cadence
from dashboard.calendar import day_of
from dashboard.city import City
from dashboard.errors import Away, Superseded
from dashboard.events import Heard
from dashboard.frame import draw
from dashboard.ports import Clock, Dead, Frames, Read, Reading, Store, Stream, Taken

BATCH_BYTES = 256_000
BATCH_EVENTS = 2_000
SETTLE_EVERY_S = 30.0
ASK_EVERY_S, SURE_S = 1.0, 3.0
PAUSE_S = 0.2
AT_A_STRETCH_S = 0.5  # is recorded at most: much that waits is no reason to leave screens blind
MANY = 100
BACK_MS = 2_000  # how far a clock may be put back before windows are missed that were let go
log = getLogger(__name__)


class Keeper:
    """One city's board, and its whole life, one `step` at a time. What rises out of `step` ends the process, as it should."""

    def __init__(
        self,
        *,
        stream: Stream,
        store: Store,
        frames: Frames,
        clock: Clock,
        city: City,
        cadence: Cadence,
        read: Read,
        pause: Callable[[float], None],
        living: Callable[[], City] | None = None,
        renew: Callable[[], None] | None = None,
        care: Callable[[Board, City], Sequence[Heard]] = lambda *_: (),
    ) -> None:
        """`living` returns the city as it stands now; `renew` is called after it has become another one.

        `care` returns what the house itself has to say of cameras.
        """
        self._care = care
        self._stream, self._store, self._frames, self._clock = stream, store, frames, clock
        self._city, self._cadence, self._read, self._pause = city, cadence, read, pause
        self._living, self._renew = living or (lambda: city), renew or (lambda: None)
        self._epoch = clock.now_ms()
        self.board = store.load(self._epoch)
        self._mark = store.mark()
        self._settled_s = clock.monotonic_s()
        self._asked_s = self._sure_s = self._settled_s
        self._behind = False
        self._left: list[Taken] = []  # taken and not yet recorded
        self._lost_ms = 0  # since when we cannot say what the record holds; 0: we can
        self.drawn = 0
        self.lag_ms = 0

    @property
    def epoch(self) -> int:
        """When this keeper began: frames of another epoch come from another one."""
        return self._epoch

    @property
    def sure(self) -> bool:
        """Whether we have asked the record lately. One that slept may have been followed by another, and draws nothing before it knows."""
        return self._clock.monotonic_s() - self._sure_s < SURE_S

    def step(self) -> None:
        """Take what is waiting, never wait to fill; record it, fold it, draw what is due."""
        start = self._clock.monotonic_s()
        if not self._behind and (rest_s := self._cadence.rest_s(start)) > 0:
            self._pause(rest_s)
        if self._lost_ms and not self._try(self._reload):
            self._pause(PAUSE_S)
        taken = self._take(self._cadence.wait_s(self.board, self._clock.monotonic_s())) if not self._lost_ms else []
        idle = self._clock.monotonic_s()
        self._know()
        self._turn()
        self._left = self._record_all(taken)
        self._behind = bool(self._left) or len(taken) >= MANY
        self._catch_up()
        self._measure(taken)
        self._draw()
        self._settle()
        self._cadence.worked(busy_s=self._clock.monotonic_s() - idle, idle_s=idle - start)

    def _know(self) -> None:
        """Follow the city between two batches: ears, record and pictures always speak of the same cameras."""
        city = self._living()
        if city is self._city:
            return
        log.info("the city has other cameras: %s, %d", city.version, len(city.cameras))
        self._city = city
        self._store.know(city)
        self._renew()
        self._cadence.forget()

    def _turn(self) -> None:
        """Follow the clock.

        One that was put back needs windows again that were let go, and a new day may have begun before by another machine's clock: the
        record knows.
        """
        now_ms = self._clock.now_ms()
        back = now_ms < self.board.now - BACK_MS
        if back:
            log.warning("the clock was put back by %d s: reading the record again", (self.board.now - now_ms) // 1000)
        if (back or day_of(now_ms, self.board.zone) != self.board.day) and not self._try(self._reload):
            self._lost_ms = self._lost_ms or now_ms
        if not self._lost_ms:
            self.board = turn(self.board, now_ms)

    def _reload(self) -> None:
        self._left = []
        self._sure_s = self._clock.monotonic_s()  # whatever comes of it: a record that is away for us is away for others
        self._store.behind(self.board.acted)
        board, mark = self._store.load(self._clock.now_ms()), self._store.mark()
        self.board, self._mark, self._lost_ms = replace(board, duty=self.board.duty), mark, 0

    def _take(self, wait_s: float) -> list[Taken]:
        if self._left:
            return self._left
        try:
            return self._stream.take(self._mark, wait_s=wait_s)
        except Away as away:
            log.warning("the log is away, will ask again: %s", away)
            self._pause(PAUSE_S)
            return []

    def _record_all(self, taken: Sequence[Taken]) -> list[Taken]:
        """Record what was taken, as much of it as screens can wait for; return what is left for the next step.

        Not while the record is away: then what was committed is unknown, and it is read again first.
        """
        left, began_s = list(taken), self._clock.monotonic_s()
        while left and not self._lost_ms and self._clock.monotonic_s() - began_s < AT_A_STRETCH_S:
            batch = next(cut(left))
            try:
                self._record_or_bury(batch)
            except Away as away:
                log.warning("the record is away, will ask again: %s", away)
                self._lost_ms = min(one.payload.received for one in taken)
                self._pause(PAUSE_S)
                return []
            left = left[len(batch) :]
        return [] if self._lost_ms else left

    def _catch_up(self) -> None:
        """Do what time has made due about alarms, and read acts of which no word has come: the record is asked once a second."""
        now_s = self._clock.monotonic_s()
        asks = now_s - self._asked_s >= ASK_EVERY_S
        if self._lost_ms or not (asks or self._due()):
            return
        self._asked_s = now_s
        if asks:
            self._try(self._count_duty)
        if asks and not self._behind and not self._try(self._record_care):
            self._lost_ms = self._clock.now_ms()
        if not self._try(self._record_due):
            self._lost_ms = self._clock.now_ms()

    def _count_duty(self) -> None:
        duty = max(self._frames.attending(self.board.now), 1)
        if duty != self.board.duty:
            self.board = replace(self.board, duty=duty)

    def _record_due(self) -> None:
        if self._due() or self._store.behind(self.board.acted):
            self.board = self._store.record(self.board, Reading((), ()), self._mark)
        self._sure_s = self._clock.monotonic_s()

    def _record_care(self) -> None:
        """Record what the house itself says of cameras. Never while payloads wait: who is late may stand among them."""
        if told := self._care(self.board, self._city):
            self.board = self._store.record(self.board, Reading(told, ()), self._mark)

    def _due(self) -> bool:
        board = self.board
        return (
            any(due(alarm, board.now) is not None for alarm in board.alarms.values())
            or any(waits.raised <= board.now for waits in board.pending.values())
            or changed(board.flood, board.raised, board.duty, board.now) is not None
        )

    def _record_or_bury(self, batch: Sequence[Taken]) -> None:
        """Record a batch. One payload that the record cannot take must not stall all others: it becomes a dead letter (R-07)."""
        try:
            self._record(batch)
        except (Away, Superseded):
            raise
        except Exception as error:
            log.exception("%d payloads cannot be recorded as they are", len(batch))
            if len(batch) > 1:
                for one in batch:
                    self._record_or_bury([one])
                return
            self._bury(batch[0], f"cannot be recorded: {type(error).__name__}")

    def _bury(self, taken: Taken, reason: str) -> None:
        dead = Dead(taken, reason, 0, taken.payload.raw)
        self.board = self._store.record(self.board, Reading((), (dead,)), taken.entry)
        self._mark = taken.entry

    def _record(self, batch: Sequence[Taken]) -> None:
        """Record a batch. A payload of very many events is cut; the mark moves only with its last piece, for what is read twice is known."""
        whole = [self._read(taken) for taken in batch]
        heard = [one for reading in whole for one in reading.heard]
        dead = [one for reading in whole for one in reading.dead]
        pieces = [heard[at : at + BATCH_EVENTS] for at in range(0, len(heard), BATCH_EVENTS)] or [[]]
        for piece in pieces[:-1]:
            self.board = self._store.record(self.board, Reading(piece, ()), self._mark)
        self.board = self._store.record(self.board, Reading(pieces[-1], dead), batch[-1].entry)
        self._mark = batch[-1].entry

    def _measure(self, taken: Sequence[Taken]) -> None:
        """Know how far behind we are: the age of the oldest payload when it was recorded."""
        oldest = self._lost_ms or min((one.payload.received for one in taken), default=0)
        self.lag_ms = max(self._clock.now_ms() - oldest, 0) if oldest else 0
        if self.lag_ms != self.board.lag_ms:
            self.board = replace(self.board, lag_ms=self.lag_ms)

    def _draw(self) -> None:
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        due = self._cadence.due(self.board, now_s)
        if not due or not self.sure:
            return
        drawn = {topic.key: draw(topic, self.board, self._city, epoch=self._epoch, now_ms=now_ms) for topic in due}
        if not self._try(lambda: self._frames.publish(drawn)):
            self._cadence.forget()
            self._pause(PAUSE_S)
            return
        self.drawn += len(drawn)
        for topic in due:
            self._cadence.drew(topic, self.board, now_s)

    def _settle(self) -> None:
        """Let go of stream entries only once the record is on the disk itself."""
        now_s = self._clock.monotonic_s()
        if now_s - self._settled_s > SETTLE_EVERY_S:
            self._settled_s = now_s
            self._try(lambda: self._stream.trim(self._store.settle()))

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except Away as away:
            log.warning("away, will try again: %s", away)
            return False
        return True


def cut(taken: Sequence[Taken]) -> Iterator[list[Taken]]:
    """Cut what was taken so that no transaction grows long."""
    batch: list[Taken] = []
    size = 0
    for one in taken:
        batch.append(one)
        size += len(one.payload.raw)
        if size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
