"""Those who ask: what is told is kept as what is pushed, a device that breaks is asked again, and the register decides who is asked."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from redis import Redis
from sqlalchemy import Engine

from dashboard.ports import Taken
from data import pulling
from data.clock import SystemClock
from data.intake import Intake
from data.lease import Lease
from data.outward import Login, check
from data.pulling import Asking, Puller
from data.reading import ADAPTERS
from data.source import PULLED
from data.spool import Full, Spool
from data.store.pulls import Pulls
from data.store.sources import Registered, Sources
from data.stream import RedisStream
from tests.conftest import Server, until
from tests.contract.test_pull import HEADS, alert, hik_part
from tests.devices import PASSWORD, USER, Device, Request, device, plain

LOGIN = Login(USER, PASSWORD)
HEAD = HEADS["hikvision"]
Say = Callable[[bytes], None]


def source(one: Device, key: str = "hikvision-gate", adapter: str = "hikvision") -> Registered:
    return Registered(key, adapter, "", (), "", 0, None, one.url)


class Road:
    """An intake over a real log, and what is on it."""

    def __init__(self, redis: Redis, home: Path) -> None:
        self.stream = RedisStream(redis)
        self.intake = Intake(stream=self.stream, spool=Spool(home / "spool"), clock=SystemClock())

    def taken(self) -> list[Taken]:
        return self.stream.take("0-0", wait_s=0.01)

    def told(self) -> list[str]:
        return [taken.payload.headers.get(PULLED) or taken.payload.raw.decode() for taken in self.taken()]


@pytest.fixture
def road(redis_log: Redis, tmp_path: Path) -> Road:
    return Road(redis_log, tmp_path)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"FIRST_S": 0.02, "LONGEST_S": 0.2, "LOOK_S": 0.05, "ROUND_S": 0.05, "FULL_S": 0.02}.items():
        monkeypatch.setattr(pulling, name, seconds)


@contextmanager
def asking(one: Device, road: Road, who: Callable[[str, int], Login | None] = lambda _host, _port: LOGIN) -> Iterator[Puller]:
    made = Puller(source(one), road.intake, SystemClock(), dial=lambda url: check(url, ["127.0.0.1"]), who=who)
    made.start()
    yield made
    made.stop()
    assert made.join(5.0)


def holding(raw: bytes) -> Callable[[Request, Say], None]:
    """Return a device that says this, and then holds the line until it is cut or hung up."""

    def answer(request: Request, say: Say) -> None:
        say(raw)
        request.hold()

    return answer


def test_what_a_device_tells_is_on_the_log_before_the_next_is_taken(road: Road) -> None:
    raw = HEAD + b"".join(hik_part(alert(n)) for n in (1, 2, 3))
    with device(holding(raw), auth="md5") as one, asking(one, road) as puller:
        until(lambda: len(road.taken()) == 4)
        assert road.told() == ["online", *(alert(n).decode() for n in (1, 2, 3))]
        assert {taken.payload.source for taken in road.taken()} == {"hikvision-gate"}
        assert (puller.stand.standing, puller.stand.pieces) == ("online", 3)


def test_a_device_that_hangs_up_is_asked_again_and_was_never_away(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "STEADY_S", 0.0)
    with device(holding(HEAD + hik_part(alert(1)))) as one, asking(one, road):
        for times in (1, 2, 3):
            until(lambda times=times: len(one.asked) == times and one.open_now == 1)
            until(lambda times=times: len([text for text in road.told() if text != "online"]) == times)
            one.drop()
        until(lambda: len(one.asked) == 4)
    assert "offline" not in road.told()


def test_a_device_that_stays_away_is_told_offline_once_and_online_again(road: Road) -> None:
    up = threading.Event()

    def answer(request: Request, say: Say) -> None:
        if not up.is_set():
            return say(plain(b"", status="503 Busy"))
        return holding(HEAD + hik_part(alert(1)))(request, say)

    with device(answer) as one, asking(one, road) as puller:
        until(lambda: len(one.asked) > 4)
        assert puller.stand.standing == "waiting"
        assert puller.stand.reason == "status: answers 503"
        up.set()
        until(lambda: puller.stand.standing == "online")
        until(lambda: len(road.told()) == 3)
    assert road.told()[:2] == ["offline", "online"]


def test_waits_grow_and_are_never_the_same() -> None:
    waits = []

    class Clock(SystemClock):
        now_s = 0.0

        def monotonic_s(self) -> float:
            return self.now_s

    clock = Clock()
    puller = Puller(
        Registered("hikvision-x", "hikvision", "", (), "", 0, None, "http://10.1.2.3"), None, clock, dial=None, who=None
    )  # type: ignore[arg-type]

    class Ended:
        def is_set(self) -> bool:
            return False

        def wait(self, seconds: float) -> None:
            clock.now_s += seconds

    puller._ended = Ended()  # type: ignore[assignment]
    for failed in range(1, 40):
        puller._failed, before = failed, clock.now_s
        puller._wait("connect")
        waits.append(clock.now_s - before)
    assert len(set(waits)) > 30
    assert max(waits) <= pulling.LONGEST_S
    assert all(one <= pulling.FIRST_S * 2**at * (1 + pulling.SPREAD) for at, one in enumerate(waits))
    assert min(waits) >= pulling.FIRST_S
    assert min(waits[10:]) > max(waits[:2])


def test_a_wrong_password_is_not_shown_again_until_there_is_another(road: Road) -> None:
    known = [Login(USER, "wrong")]
    with (
        device(holding(HEAD + hik_part(alert(1))), auth="md5") as one,
        asking(one, road, who=lambda _host, _port: known[0]) as puller,
    ):
        until(lambda: puller.stand.standing == "waiting")
        looks = []
        until(lambda: looks.append(1) or len(looks) > 20)
        assert (one.refused, puller.stand.reason[:7]) == (2, "denied:")
        known[0] = LOGIN
        until(lambda: puller.stand.standing == "online")
    assert road.told()[0] == "offline"


def test_heartbeats_are_passed_on_now_and_then(road: Road) -> None:
    beats = b"".join(hik_part(alert(0, kind="videoloss", state="inactive", count=0)) for _ in range(50))
    with device(holding(HEAD + beats + hik_part(alert(1)))) as one, asking(one, road):
        until(lambda: len(road.told()) >= 2)
        assert road.told() == ["online", alert(1).decode()]


def test_while_nothing_can_be_kept_the_device_waits(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    full, accept = threading.Event(), road.intake.accept
    full.set()

    def maybe(*told: object) -> object:
        if full.is_set():
            raise Full("no room")
        return accept(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(road.intake, "accept", maybe)
    with device(holding(HEAD + hik_part(alert(1)) + hik_part(alert(2)))) as one, asking(one, road):
        until(lambda: one.asked)
        assert road.told() == []
        full.clear()
        until(lambda: len(road.told()) == 3)
    assert road.told() == ["online", alert(1).decode(), alert(2).decode()]


def test_who_asks_outlives_the_log(log_server: Server, road: Road) -> None:
    """While Redis is away what a device tells goes to the spool, in order."""
    more = threading.Event()

    def answer(request: Request, say: Say) -> None:
        say(HEAD + hik_part(alert(1)))
        more.wait(10)
        say(hik_part(alert(2)) + hik_part(alert(3)))
        request.hold()

    with device(answer) as one, asking(one, road):
        until(lambda: len(road.told()) == 2)
        log_server.kill()
        more.set()
        until(lambda: road.intake.spooled_bytes > 0)
        log_server.start()
        until(lambda: road.intake.drain() or len(road.told()) == 4)
        until(lambda: road.intake.drain() or len(road.told()) == 4)
    assert road.told() == ["online", *(alert(n).decode() for n in (1, 2, 3))]


def test_stopped_it_hangs_up_at_once_whatever_it_waits_for(road: Road) -> None:
    for raw in (b"", HEAD, b"HTTP/1.1 200 OK\r\n"):
        with device(holding(raw)) as one:
            with asking(one, road) as puller:
                until(lambda: one.open_now == 1)
                until(lambda: puller._line._wire is not None)
            until(lambda: one.open_now == 0, seconds=5)


def test_an_address_that_is_not_allowed_is_not_asked(road: Road) -> None:
    made = Puller(
        Registered("hikvision-x", "hikvision", "", (), "", 0, None, "http://127.0.0.1:1/"),
        road.intake,
        SystemClock(),
        dial=lambda url: check(url, ()),
        who=lambda _host, _port: LOGIN,
    )
    made.start()
    until(lambda: made.stand.standing == "waiting")
    assert "refused: 127.0.0.1 leads to 127.0.0.1, this machine itself" in made.stand.reason
    until(lambda: road.told() == ["offline"])
    made.stop()
    assert made.join(5.0)


# ---- who is asked ----


@pytest.fixture
def register(engine: Engine, tmp_path: Path, road: Road) -> Iterator[tuple[Sources, Callable[[], Asking]]]:
    made: list[Asking] = []

    def another() -> Asking:
        one = Asking(
            Sources(engine).all,
            lambda told: Puller(
                told, road.intake, SystemClock(), dial=lambda url: check(url, ["127.0.0.1"]), who=lambda _h, _p: LOGIN
            ),
            lease=Lease(engine, tmp_path, name="pull"),
            stands=Pulls(engine),
        )
        made.append(one)
        one.start()
        return one

    yield Sources(engine), another
    for one in made:
        one.stop()


def test_the_register_decides_who_is_asked(register: tuple[Sources, Callable[[], Asking]], road: Road, engine: Engine) -> None:
    sources, start = register
    with device(holding(HEAD + hik_part(alert(1))), auth="md5") as one, device(holding(HEAD)) as other:
        sources.add("native", adapter="native", now_ms=1)
        asking = start()
        sources.add("hikvision-gate", adapter="hikvision", now_ms=1, address=one.url, device="gate")
        began = time.monotonic()
        until(lambda: len(road.told()) == 2)
        assert set(asking.running) == {"hikvision-gate"}
        until(lambda: Pulls(engine).all().get("hikvision-gate", ("", ""))[1] == "online")
        sources.move("hikvision-gate", address=other.url)
        until(lambda: other.asked and one.open_now == 0)
        registry = CollectorRegistry()
        registry.register(asking)
        assert b'kydai_pull_online{source="hikvision-gate"} ' in generate_latest(registry)
        sources.disable("hikvision-gate", now_ms=2)
        until(lambda: not asking.running and other.open_now == 0)
        until(lambda: "hikvision-gate" not in Pulls(engine).all())
        assert time.monotonic() - began < 5 * 5


def test_one_process_asks_and_another_stands_by(register: tuple[Sources, Callable[[], Asking]]) -> None:
    sources, start = register
    with device(holding(HEAD)) as one:
        sources.add("hikvision-gate", adapter="hikvision", now_ms=1, address=one.url)
        first = start()
        until(lambda: one.open_now == 1)
        second = start()
        second.look()
        assert (set(second.running), one.open_now) == (set(), 1)
        first.stop()
        until(lambda: second.running and one.open_now == 1 and len(one.asked) == 2)


def test_every_adapter_that_is_asked_is_an_adapter() -> None:
    assert set(pulling.PULLS) == {"dahua", "frigate", "georeport", "hikvision", "onvif"}
    assert set(pulling.PULLS) <= set(ADAPTERS)
