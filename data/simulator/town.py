"""The simulated city: second by second, what would be said by whom. The same seed and start give the same stream."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import Camera, City, Service
from dashboard.reports.clock import due_ms
from data.simulator.counts import counts
from data.simulator.duty import written
from data.simulator.places import Home, place
from data.simulator.plates import Plates, misread
from data.simulator.rhythm import Rhythm
from data.simulator.shares import ABILITY, ALARMS, RATINGS, VIOLATIONS
from data.simulator.spoken import Spoken

ALARMS_A_DAY, LOSSES_A_DAY, FROZEN_A_DAY = 42.0, 1 / 21, 1 / 90
BURSTS_A_DAY, BURST_A_SECOND = 0.5, 0.6
KEEP_ALIVE_S, STATS_S = 5, 60
# A room that is opened wants to see something: the first half minute brings a dozen events and a handful of alarms (a second's means).
LIVELY_MS, LIVELY_EVENTS, LIVELY_ALARMS = 30_000, 0.5, 0.2
WATCHED = "75W-000.75"
DAY_S = 86_400


@dataclass
class Town:
    """A city in motion. `step` gives what is said within one second of it.

    With `speed` its clock runs ahead of the one by which it speaks: what is said bears the time at which it is said, for nobody counts
    what comes from tomorrow; outages and handling are as much shorter.
    """

    city: City
    rhythm: Rhythm
    seed: int
    start_ms: int
    factor: float = 1.0
    homes: tuple[Home, ...] = ()
    plates: Plates = field(default_factory=Plates)
    speed: float = 1.0
    random: Random = field(init=False)
    now_ms: int = field(init=False)
    out: dict[str, tuple[int, str]] = field(default_factory=dict)  # camera id to (back at, state)
    open: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # reports by when they are closed
    told: int = 0
    seconds: int = 0  # of the city, since the start
    burst_until: int = 0
    junction: Camera | None = None  # where the burst is

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.start_ms}")  # noqa: S311  a simulation, nothing secret
        self.now_ms = self.start_ms
        self._zone = ZoneInfo(self.city.zone)
        self._own = [camera for camera in self.city.cameras if camera.owner == "city"]

    def step(self) -> Iterator[Spoken]:
        """Yield what is said in the second that begins now, and move on."""
        second = self.start_ms // 1000 + self.seconds
        rates = self.rhythm.rates(self.local(second * 1000), cameras=len(self._own), factor=self.factor)
        if second % KEEP_ALIVE_S == 0:
            yield from self._alive(second)
        yield from self._outages()
        lively = self.now_ms < self.start_ms + LIVELY_MS
        yield from self._each(rates["violation"] + lively * LIVELY_EVENTS, self._violation)
        yield from self._each(self._burst(), self._wild)
        yield from self._each(ALARMS_A_DAY / DAY_S * self.factor + lively * LIVELY_ALARMS, self._alarm)
        yield from self._each(rates["plate"], self._plate)
        yield from self._each(rates["report"], self._report)
        yield from self._closings()
        self.seconds += 1
        self.now_ms = self.start_ms + int(self.seconds * 1000 / self.speed)

    def local(self, at_ms: int) -> datetime:
        """Return an instant on the city's clock."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone)

    def states(self) -> Iterator[Spoken]:
        """Yield how every camera stands, as on a first connection."""
        yield Spoken("frigate", "online", "frigate/available")
        yield from self._stats()

    def past_reports(self, days: int) -> Iterator[Spoken]:
        """Yield the reports of the last `days` days, closed or open as they stand now."""
        for back in range(days, 0, -1):
            for _ in range(self._poisson(113 * self.factor)):
                said = self._report(self.now_ms - back * DAY_MS + self.random.randrange(DAY_MS))
                closed_at, report = self.open[-1]
                if closed_at <= self.now_ms:
                    self.open.pop()
                    said = self._closing(closed_at, {**report, "said": None})  # what was closed long ago is only counted
                yield said

    def _each(self, rate: float, say: Any) -> Iterator[Spoken]:
        for _ in range(self._poisson(rate)):
            if (said := say()) is not None:
                yield said

    def _poisson(self, mean: float) -> int:
        """Return how often something of this mean happens (Knuth for small means, the normal law for large)."""
        if mean > 30:  # noqa: PLR2004  where the two agree
            return max(0, round(self.random.gauss(mean, mean**0.5)))
        count, left = 0, self.random.expovariate(1.0)
        while left < mean:
            count, left = count + 1, left + self.random.expovariate(1.0)
        return count

    def _burst(self) -> float:
        """A junction runs wild now and then: hundreds of violations in some minutes. Returns how many more there are a second."""
        if self.now_ms < self.burst_until:
            return BURST_A_SECOND
        if self.random.random() < BURSTS_A_DAY / DAY_S:
            self.junction = self._camera("red_light")
            self.burst_until = self.now_ms + self._lasts(self.random.randrange(180, 600) * 1000)
        return 0.0

    def _wild(self) -> Spoken | None:
        if self.junction is None or self.junction.id in self.out:
            return None
        more = {"score": round(self.random.betavariate(14, 3), 2), "plate": self.plates.draw(self.random)}
        return Spoken("native", self._sighted("red_light", self.junction, **more), shown=True)

    def _lasts(self, ms: float) -> int:
        """Return how long a stretch of the city's time lasts by the clock by which it speaks."""
        return int(ms / self.speed)

    def over(self) -> dict[str, int]:
        """Return when the matter of each open report will be said to be over (epoch ms)."""
        return {report["report"]: at for at, report in tuple(self.open)}

    def adopt(self, report: dict[str, Any]) -> None:
        """Go on with a report that an earlier run left open."""
        service = next((one for one in self.city.services if one.code == report["service"]), self.city.services[0])
        self.open.append((max(self.now_ms, report["submitted"] + self._handling_ms(service, report["submitted"])), report))

    def _camera(self, kind: str) -> Camera | None:
        ability = ABILITY.get(kind)
        able = [one for one in self._own if one.id not in self.out and (ability is None or ability in one.abilities)]
        return self.random.choice(able) if able else None

    def _next(self, word: str) -> str:
        self.told += 1
        return f"{word}-{self.start_ms // 1000}-{self.told}"

    def _sighted(self, kind: str, camera: Camera, **more: Any) -> dict[str, Any]:
        at = self.now_ms + self.random.randrange(1000)
        return {"type": "sighted", "id": self._next(kind), "at": at, "kind": kind, "camera": camera.id, **more}

    def _violation(self) -> Spoken | None:
        kind = self.random.choices([word for word, _ in VIOLATIONS], [share for _, share in VIOLATIONS])[0]
        camera = self._camera(kind)
        if camera is None:
            return None
        more: dict[str, Any] = {"score": round(self.random.betavariate(14, 3), 2)}
        if kind in {"red_light", "wrong_way", "illegal_parking", "truck_hours"}:
            more["plate"] = self.plates.draw(self.random)
        return Spoken("native", self._sighted(kind, camera, **more), shown=True)

    def _alarm(self) -> Spoken | None:
        kind = self.random.choices([word for word, _ in ALARMS], [share for _, share in ALARMS])[0]
        camera = self._camera(kind)
        if camera is None:
            return None
        if kind == "fire_single":
            return self._review(camera, "smoke")
        more: dict[str, Any] = {"score": round(self.random.betavariate(9, 3), 2)}
        if kind == "watch_plate":
            more |= {"plate": WATCHED, "score": 0.94}
        return Spoken("native", self._sighted(kind, camera, **more), shown=True)

    def _review(self, camera: Camera, label: str) -> Spoken:
        at = self.now_ms / 1000
        key = f"{at:.6f}-{self.random.randrange(36**6):06x}"
        inner = {"detections": [key], "objects": [label], "sub_labels": [], "zones": [], "audio": []}
        review = {
            "id": key,
            "camera": _called(camera),
            "start_time": at,
            "end_time": None,
            "severity": "alert",
            "thumb_path": "",
            "data": inner,
        }
        return Spoken("frigate", {"type": "new", "before": review, "after": review}, "frigate/reviews")

    def _plate(self) -> Spoken | None:
        camera = self._camera("plate_read")
        if camera is None:
            return None
        text = self.plates.draw(self.random)
        if self.random.random() < 0.04:  # noqa: PLR2004  share of misreads by day
            text = misread(self.random, text)
        at = (self.now_ms + self.random.randrange(1000)) / 1000
        key = f"{at:.6f}-{self.random.randrange(36**6):06x}"
        read = {
            "type": "lpr",
            "id": key,
            "camera": _called(camera),
            "plate": text,
            "score": round(self.random.betavariate(18, 2), 3),
            "timestamp": at,
        }
        return Spoken("frigate", read, "frigate/tracked_object_update")

    def _report(self, at_ms: int | None = None) -> Spoken:
        at = at_ms if at_ms is not None else self.now_ms
        service = self.random.choices(self.city.services, [max(one.share, 0.01) for one in self.city.services])[0]
        where = place(self.random, self.city, self.homes)
        report = {
            "type": "report_changed",
            "report": self._next("PA"),
            "service": service.code,
            "submitted": at,
            "at": at,
            "open": True,
            "lon": where.lon,
            "lat": where.lat,
            "unit": f"UB-{where.ward}" if service.unit == "WARD" else service.unit,
            "urgent": service.urgent,
            "channel": "app",
            "said": {"text": written(self.random, service)},
        }
        report["id"] = f"{report['report']}@{at}"
        self.open.append((at + self._lasts(self._handling_ms(service, at)), report))
        return Spoken("reports", report)

    def _handling_ms(self, service: Service, at_ms: int) -> int:
        """Return how long the handling takes: mostly within the deadline, some late, some very."""
        allowed = max(due_ms(self.city, service, at_ms) - at_ms, HOUR_MS)
        draw = self.random.random()
        if draw < 0.915:  # noqa: PLR2004  on time
            return int(allowed * self.random.betavariate(2.2, 2.6))
        return int(allowed * self.random.uniform(1.02, 1.7 if draw < 0.985 else 3.5))  # noqa: PLR2004  late, and very late

    def _closings(self) -> Iterator[Spoken]:
        """Yield what is closed by now."""
        due = [one for one in self.open if one[0] <= self.now_ms]
        if due:
            self.open = [one for one in self.open if one[0] > self.now_ms]
        for at, report in due:
            yield self._closing(at, report)

    def _closing(self, at: int, report: dict[str, Any]) -> Spoken:
        rating = self.random.choices(*RATINGS)[0]
        told = {"id": f"{report['report']}@{at}", "at": at, "open": False, "closed": at}
        return Spoken("reports", report | told | ({"rating": rating} if rating else {}))

    def _outages(self) -> Iterator[Spoken]:
        """Cameras are lost and stand still, one by one or, by a switch, a handful at once; most are back within the hour."""
        back = [key for key, (until, _) in self.out.items() if until <= self.now_ms]
        for key in back:
            del self.out[key]
            yield self._changed(key, "online")
        lost = self._poisson(len(self.city.cameras) * LOSSES_A_DAY / DAY_S)
        frozen = self._poisson(len(self.city.cameras) * FROZEN_A_DAY / DAY_S)
        switch = self.random.randrange(5, 9) if self.random.random() < 1 / (20 * DAY_S) else 0
        for state, count in (("offline", lost + switch), ("frozen", frozen)):
            for camera in self.random.sample(self.city.cameras, min(count, len(self.city.cameras))):
                if camera.id not in self.out:
                    yield self.lose(camera.id, state)

    def lose(self, key: str, state: str) -> Spoken:
        """Return the loss of a camera, which is back after a while."""
        minutes = self.random.lognormvariate(2.9, 0.9)
        self.out[key] = (self.now_ms + self._lasts(minutes * 60_000), state)
        return self._changed(key, state)

    def _changed(self, key: str, state: str) -> Spoken:
        told = {"type": "camera_changed", "id": self._next(f"camera-{key}"), "at": self.now_ms, "camera": key, "state": state}
        return Spoken("native", told)

    def _alive(self, second: int) -> Iterator[Spoken]:
        for source in ("native", "reports") if second % 20 == 0 else ("native",):
            yield Spoken(source, {"type": "feed_spoke", "id": f"alive-{self.now_ms}", "at": self.now_ms})
        if second % STATS_S == 0:
            yield from self._stats()
            yield from (Spoken("indicators", one) for one in counts(self.city, self.local(self.now_ms), self.now_ms))

    def _stats(self) -> Iterator[Spoken]:
        fps = {_called(camera): self._fps(camera.id) for camera in self.city.cameras}
        yield Spoken(
            "frigate", {"cameras": fps, "service": {"last_updated": self.now_ms // 1000, "version": "0.17.0"}}, "frigate/stats"
        )

    def _fps(self, key: str) -> dict[str, float]:
        state = self.out.get(key, (0, ""))[1]
        return {
            "camera_fps": 0.0 if state == "offline" else 5.0,
            "process_fps": 0.0 if state in {"offline", "frozen"} else 5.0,
            "detection_fps": 2.0,
        }


def _called(camera: Camera) -> str:
    return camera.names.get("frigate", camera.id)
