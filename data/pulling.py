"""Asking every device that has to be asked: one thread each (a greenlet in the intake), connected again whenever it breaks.

What a device says goes the same way as what is pushed: each whole piece is on a disk before the next one is taken.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from logging import getLogger

from msgspec import json
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import data.pull
from dashboard.errors import Away
from dashboard.ports import Clock
from dashboard.registry import collect
from data import subscribing
from data.intake import Intake
from data.lease import Lease
from data.outward import Checked, Line, Login, Refused, Unreached
from data.puller import Piece, Pull, Target
from data.reading import ADAPTERS
from data.sealed import Tampered
from data.source import PULLED
from data.spool import Full
from data.store.pulls import Pulls, Stand
from data.store.sources import Registered

PULLS = {one.key: one for one in collect(data.pull, "PULL", Pull)}
MQTT = "/mqtt"  # behind the key of a source, where it is the broker through which it is heard that stands so
FIRST_S, LONGEST_S = 1.0, 60.0
LONGEST_AFTER_S = 3600.0
SPREAD = 0.5  # of a wait, either way: devices that fell together are not asked together
# A wrong password locks an account after a few tries: it is shown again when it was changed, or after so long.
DENIED_S, LOOK_S = 600.0, 5.0
STEADY_S = 30.0  # whoever was heard for so long is asked again at once
BEAT_S = 5.0  # signs of life are passed on so often
ROUND_S, WRITE_S = 2.0, 30.0
FULL_S = 1.0
Ask = Callable[[], Mapping[str, Registered]]
Who = Callable[[str, int], Login | None]
log = getLogger(__name__)


def ways_of(source: Registered) -> Iterator[Registered]:
    """Yield a source once for each way in which it is heard by us: asked at its address, through its broker; each with where that is."""
    if source.disabled is not None:
        return
    if source.address and source.adapter in PULLS:
        yield source._replace(broker="")
    if source.broker and source.adapter in ADAPTERS:
        yield source._replace(address=source.broker)


def name_of(way: Registered) -> str:
    """Return under which name it is written down how one way stands."""
    return f"{way.key}{MQTT if way.broker else ''}"


def pull_of(way: Registered) -> Pull:
    """Return how it is asked."""
    return subscribing.PULL if way.broker else PULLS[way.adapter]


def target_of(way: Registered, place: Checked, line: Line, *, session: str = "") -> Target:
    """Return whom to speak to, and about what."""
    topics = tuple(ADAPTERS[way.adapter].topics(place.path.strip("/"))) if way.broker else ()
    return Target(place, line, way.device or way.key, time.sleep, topics=topics, session=session if way.broker else "")


class Puller:
    """Asks one device for as long as it is not told to stop."""

    def __init__(
        self, source: Registered, intake: Intake, clock: Clock, *, dial: Callable[[str], Checked], who: Who, session: str = ""
    ) -> None:
        """`session` is under which name a broker keeps what comes while we are away, "": it does not."""
        self.source, self._intake, self._clock = source, intake, clock
        self._dial, self._who = dial, who
        self._ended, self._line, self._place = threading.Event(), Line(None), ("", 0)
        self._told, self._told_s, self._failed = "", -BEAT_S, 0
        self._target: Target | None = None
        self.dropped = 0
        self._session, self.pull = session, pull_of(source)
        self.stand = Stand(name_of(source), "starting", clock.now_ms(), "", 0, 0)
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"pull {source.key}")

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self, *, for_good: bool = False) -> None:
        """Hang up; what was taken is kept. `for_good`: nobody goes on with it later."""
        self._ended.set()
        if self._target is not None:
            self._target.forget = for_good
        self._line.hang_up()

    def join(self, seconds: float) -> bool:
        """Wait for the end; returns whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._ended.is_set():
            began_s = self._clock.monotonic_s()
            kind, reason, after_s = self._once()
            if self._ended.is_set():
                return
            self._failed = 1 if self._clock.monotonic_s() - began_s > STEADY_S else self._failed + 1
            self._lost(kind, reason)
            self._wait(kind, after_s)

    def _once(self) -> tuple[str, str, float]:
        """Ask until it breaks; return why it did, and for how long it wants to be left alone."""
        try:
            self._listen()
        except Unreached as no:
            return no.kind, str(no), no.after_s
        except Refused as no:
            return "refused", str(no), 0.0
        except Tampered:
            return "refused", "its login was sealed under another KYDAI_SECRET_KEY: `login add` once more", 0.0
        except Exception as error:  # one device's oddity is no other's
            log.exception("asking %s fell over", self.source.key)
            return "failed", type(error).__name__, 0.0
        return "stopped", "", 0.0

    def _listen(self) -> None:
        place = self._dial(self.source.address)
        self._place = (place.host, place.port)
        self._line = Line(self._who(*self._place))
        if self._ended.is_set():
            return
        self._target = target = target_of(self.source, place, self._line, session=self._session)
        heard = self.pull.listen(target)
        try:
            for one in heard:
                self._heard(one)
        finally:
            self.dropped += target.dropped
            heard.close()

    def _heard(self, one: Piece | None) -> None:
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic_s()
        if self.stand.standing != "online":
            log.info("%s: hears its device", self.source.key)
            self.stand = self.stand._replace(standing="online", since=now_ms, reason="")
        self.stand = self.stand._replace(heard=now_ms, pieces=self.stand.pieces + (one is not None))
        if one is not None:
            self._keep(one.raw, one.headers)
            self._told, self._told_s = "online", now_s
        elif self._told != "online" or now_s - self._told_s >= BEAT_S:
            self._tell("online")
            self._told_s = now_s

    def _lost(self, kind: str, reason: str) -> None:
        """Note that it broke. A device that comes back at the first try was never away."""
        told = f"{kind}: {reason}"[:300]
        if self.stand.standing != "waiting":
            log.warning("%s: %s", self.source.key, told)
            self.stand = self.stand._replace(standing="waiting", since=self._clock.now_ms())
        self.stand = self.stand._replace(reason=told)
        if self._told != "offline" and (self._failed > 1 or kind in {"denied", "refused"}):
            self._tell("offline")

    def _tell(self, state: str) -> None:
        self._told = state
        if self.pull.beside or (self.pull.through and state == "online"):
            return
        self._keep(json.encode({"pulled": state}), {"content-type": "application/json", PULLED: state})

    def _keep(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Keep a piece; while nothing can be kept, the device waits with the rest."""
        while True:
            try:
                self._intake.accept(self.source.key, raw, headers)
            except Full as full:
                log.warning("nothing more can be kept, %s waits: %s", self.source.key, full)
                if self._ended.wait(FULL_S):
                    return
            else:
                return

    def _wait(self, kind: str, after_s: float = 0.0) -> None:
        """Wait longer after every failure, more or less, and at least `after_s`; after a wrong login until there is another."""
        seconds = DENIED_S if kind == "denied" else min(FIRST_S * 2 ** min(self._failed - 1, 10), LONGEST_S / (1 + SPREAD))
        end_s = self._clock.monotonic_s() + max(
            seconds * random.uniform(1 - SPREAD, 1 + SPREAD),  # noqa: S311  no secret
            FIRST_S,
            min(after_s, LONGEST_AFTER_S),
        )
        while not self._ended.is_set() and (left_s := end_s - self._clock.monotonic_s()) > 0:
            self._ended.wait(min(left_s, LOOK_S))
            if kind == "denied" and self._is_another():
                return

    def _is_another(self) -> bool:
        """Whether the login at the device is another than the one that was turned away."""
        try:
            return self._who(*self._place) != self._line.login
        except Exception:  # noqa: BLE001  the record is away, or it was sealed otherwise: it is looked at again
            return False


class Asking(Collector):
    """Keeps one Puller for each source that has an address, while this process is the one that asks."""

    def __init__(self, ask: Ask, make: Callable[[Registered], Puller], *, lease: Lease, stands: Pulls) -> None:
        self._ask, self._make, self._lease, self._stands = ask, make, lease, stands
        self.running: dict[str, Puller] = {}
        self._written: dict[str, Stand] = {}
        self._written_s = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="pulls")

    def start(self) -> None:
        """Begin to look after them."""
        self._thread.start()

    def stop(self, seconds: float = 1.5) -> None:
        """Hang up everywhere, and wait a little for subscriptions to be given back."""
        self._ended.set()
        end_s = time.monotonic() + seconds
        running = list(self.running.values())
        for one in running:
            one.stop()
        for one in running:
            one.join(max(end_s - time.monotonic(), 0.0))
        self._lease.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  the record is away: what runs runs on
                log.warning("who is to be asked cannot be looked up now: %s", type(error).__name__)
            self._ended.wait(ROUND_S)

    def look(self) -> None:
        """Start and stop what the register says now, and write down how all stand."""
        if not (self._lease.holds() or self._lease.take()):
            self._leave(list(self.running))
            return
        wanted = {name_of(one): one for known in self._ask().values() for one in ways_of(known)}
        self._leave([key for key, one in self.running.items() if wanted.get(key) != one.source], for_good=True)
        for key, one in wanted.items():
            if key not in self.running:
                self.running[key] = self._make(one)
                self.running[key].start()
        self._write()

    def _leave(self, keys: list[str], *, for_good: bool = False) -> None:
        for key in keys:
            self.running.pop(key).stop(for_good=for_good)

    def _write(self) -> None:
        now = {key: one.stand for key, one in self.running.items()}
        often = time.monotonic() - self._written_s >= WRITE_S
        news = [one for key, one in now.items() if often or _differs(self._written.get(key), one)]
        gone = self._written.keys() - now.keys()
        try:
            self._stands.write(news, gone=gone)
        except Away:  # a moment later then
            return
        self._written = now
        self._written_s = time.monotonic() if often else self._written_s

    def collect(self) -> list[Metric]:
        """Return the metrics of this moment."""
        online = GaugeMetricFamily("kydai_pull_online", "Whether a device that is asked can be heard", labels=["source"])
        pieces = CounterMetricFamily("kydai_pull_pieces", "Whole pieces that a device told", labels=["source"])
        dropped = CounterMetricFamily("kydai_pull_dropped", "Pieces of a device too large to be kept", labels=["source"])
        for key, one in list(self.running.items()):
            online.add_metric([key], float(one.stand.standing == "online"))
            pieces.add_metric([key], float(one.stand.pieces))
            dropped.add_metric([key], float(one.dropped))
        return [online, pieces, dropped]

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked."""
        return []


def _differs(before: Stand | None, now: Stand) -> bool:
    return before is None or (before.standing, before.reason) != (now.standing, now.reason)
