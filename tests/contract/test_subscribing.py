"""Sources behind brokers, with real ones: each hears its own topics under a session of its own, and nothing is lost or told twice."""

import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from redis import Redis
from sqlalchemy import Engine

from dashboard.settings import Settings
from data import pulling, subscribing
from data.clock import SystemClock
from data.dialling import dialler, sessions
from data.intake import Intake
from data.lease import Lease
from data.outward import Line, Login, Refused, Unreached, check
from data.outward.places import BROKERS
from data.puller import Target
from data.pulling import Asking, Puller
from data.reading import ADAPTERS
from data.source import PULLED
from data.spool import Spool
from data.store.pulls import Pulls
from data.store.sources import Registered, Sources
from data.stream import RedisStream
from tests.conftest import until
from tests.contract.test_mqtt import Broker

USERS = {"kydai": "right", "frigate": "other"}


class Guarded(Broker):
    """A broker that asks for a password, and lets `kydai` have what is allowed."""

    def __init__(self, folder: Path) -> None:
        self.passwords, self.access = folder / "passwords", folder / "access"
        super().__init__(folder)

    def start(self) -> None:
        if not self.passwords.exists():
            self.passwords.touch(mode=0o600)
            for user, password in USERS.items():
                subprocess.run(
                    ["/usr/bin/mosquitto_passwd", "-b", str(self.passwords), user, password], check=True, capture_output=True
                )
            self.access.write_text(
                "user kydai\ntopic read north/#\ntopic read city/south/#\ntopic read +/onvif-ej/#\ntopic read +/onvif-mj/#\nuser frigate\ntopic readwrite #\n"
            )
            self.access.chmod(0o600)
            told = self.config.read_text().replace("allow_anonymous true", "allow_anonymous false")
            self.config.write_text(f"{told}password_file {self.passwords}\nacl_file {self.access}\nqueue_qos0_messages true\n")
        super().start()

    def say(self, *told: tuple[str, bytes], qos: int = 1, retain: bool = False) -> None:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set("frigate", USERS["frigate"])
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        for topic, body in told:
            client.publish(topic, body, qos=qos, retain=retain).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(tmp_path / "broker")
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"FIRST_S": 0.02, "LONGEST_S": 0.2, "LOOK_S": 0.05, "ROUND_S": 0.05}.items():
        monkeypatch.setattr(pulling, name, seconds)
    monkeypatch.setattr(subscribing, "LOOK_S", 0.05)


class Road:
    """An intake over a real log, who is heard, and what is on the log."""

    def __init__(self, redis: Redis, engine: Engine, home: Path) -> None:
        self.stream, self.engine, self.home = RedisStream(redis), engine, home
        self.intake = Intake(stream=self.stream, spool=Spool(home / "spool"), clock=SystemClock())
        self.login: Login | None = Login("kydai", "right")

    def asking(self) -> Asking:
        dial = dialler(Settings(), ["127.0.0.1"])
        session = sessions(b"a secret that is long enough to be one")

        def made(source: Registered) -> Puller:
            return Puller(
                source, self.intake, SystemClock(), dial=dial, who=lambda _host, _port: self.login, session=session(source)
            )

        lease = Lease(self.engine, self.home, name="pull")
        one = Asking(Sources(self.engine).all, made, lease=lease, stands=Pulls(self.engine))
        one.start()
        return one

    def told(self) -> list[tuple[str, bytes]]:
        return [
            (one.payload.source, one.payload.raw)
            for one in self.stream.take("0-0", wait_s=0.01)
            if PULLED not in one.payload.headers
        ]

    def pulled(self) -> list[tuple[str, str]]:
        taken = self.stream.take("0-0", wait_s=0.01)
        return [(one.payload.source, one.payload.headers[PULLED]) for one in taken if PULLED in one.payload.headers]

    def stands(self, *names: str) -> Callable[[], bool]:
        return lambda: all((one := Pulls(self.engine).all().get(name)) is not None and one.standing == "online" for name in names)


@pytest.fixture
def road(redis_log: Redis, sqlite: Engine, tmp_path: Path) -> Road:
    return Road(redis_log, sqlite, tmp_path)


def add(road: Road, key: str, broker: str, adapter: str = "frigate") -> None:
    Sources(road.engine).add(key, adapter=adapter, broker=broker, now_ms=1)


def test_two_frigates_behind_one_broker_are_two_sources_and_each_hears_its_own(road: Road, broker: Guarded) -> None:
    add(road, "frigate-north", f"mqtt://127.0.0.1:{broker.port}/north")
    add(road, "frigate-south", f"mqtt://127.0.0.1:{broker.port}/city/south")
    one = road.asking()
    until(road.stands("frigate-north/mqtt", "frigate-south/mqtt"))
    broker.say(
        ("north/reviews", b"n1"),
        ("city/south/reviews", b"s1"),
        ("north/front/person", b"3"),
        ("north/cam/status/detect", b"online"),
    )
    until(lambda: len(road.told()) >= 3)
    assert sorted(road.told()) == [("frigate-north", b"n1"), ("frigate-north", b"online"), ("frigate-south", b"s1")]

    one.stop()
    broker.say(("north/reviews", b"n2"), ("city/south/reviews", b"s2"))  # nobody listens
    broker.say(("north/events", b"n3"), qos=0)
    broker.stop()
    broker.start()
    two = road.asking()
    until(lambda: len(set(road.told())) >= 6)
    told = sorted(set(road.told()))  # the last one before the end may come twice: its receipt was on the way
    assert told[1:4] == [("frigate-north", b"n2"), ("frigate-north", b"n3"), ("frigate-north", b"online")]
    assert (len(told), road.told().count(("frigate-north", b"n2")), road.told().count(("frigate-south", b"s2"))) == (6, 1, 1)
    two.stop()


def test_a_lost_broker_is_shown_and_heard_again_and_a_frigate_that_went_away_says_so_itself(road: Road, broker: Guarded) -> None:
    add(road, "frigate-north", f"mqtt://127.0.0.1:{broker.port}/north")
    broker.say(("north/available", b"offline"), retain=True)
    one = road.asking()
    until(lambda: ("frigate-north", b"offline") in road.told())
    broker.stop()
    until(lambda: ("frigate-north", "offline") in road.pulled())
    stand = until(lambda: (found := Pulls(road.engine).all()["frigate-north/mqtt"]).standing == "waiting" and found)
    assert stand.reason.startswith(("connect:", "cut:"))
    broker.start()
    until(road.stands("frigate-north/mqtt"))
    assert ("frigate-north", "online") not in road.pulled()  # that the broker is there says nothing of Frigate
    broker.say(("north/reviews", b"n1"))
    until(lambda: ("frigate-north", b"n1") in road.told())
    one.stop()


def test_a_wrong_password_is_denied_and_tried_again_once_there_is_another(road: Road, broker: Guarded) -> None:
    add(road, "frigate-north", f"mqtt://127.0.0.1:{broker.port}/north")
    road.login = Login("kydai", "wrong")
    one = road.asking()
    until(lambda: "denied" in Pulls(road.engine).all().get("frigate-north/mqtt", ("", "", 0, ""))[3])
    road.login = Login("kydai", "right")
    until(road.stands("frigate-north/mqtt"))
    one.stop()


def withholding(server: socket.socket) -> None:
    """Be a broker that lets everybody in, and grants no topic."""
    line, _ = server.accept()
    with line:
        line.recv(1000)
        line.sendall(b"\x20\x02\x00\x00")
        asked = line.recv(1000)
        line.sendall(b"\x90\x03" + asked[2:4] + b"\x80")
        line.recv(1000)


def test_topics_that_the_broker_withholds_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=withholding, args=(server,))
        thread.start()
        place = check(f"mqtt://127.0.0.1:{server.getsockname()[1]}/x", ["127.0.0.1"], ports=BROKERS)
        with (
            pytest.raises(Unreached) as no,
            closing(subscribing.listen(Target(place, Line(None), "x", topics=("x/#",), pause=print))) as heard,
        ):
            next(heard)
        thread.join()
    assert no.value.kind == "denied"
    assert "access list" in str(no.value)


def test_who_is_disabled_leaves_nothing_at_the_broker(road: Road, broker: Guarded) -> None:
    add(road, "frigate-north", f"mqtt://127.0.0.1:{broker.port}/north")
    one = road.asking()
    until(road.stands("frigate-north/mqtt"))
    heard = one.running["frigate-north/mqtt"]
    Sources(road.engine).disable("frigate-north", now_ms=2)
    until(lambda: not one.running)
    assert heard.join(10.0)
    until(lambda: "frigate-north/mqtt" not in Pulls(road.engine).all())
    broker.stop()  # what it remembers it writes down
    kept = Path(broker.config.parent / "mosquitto.db").read_bytes()
    assert b"kydai-" not in kept
    broker.start()
    one.stop()


def test_an_onvif_broker_is_heard_for_all_its_devices(road: Road, broker: Guarded) -> None:
    add(road, "onvif-east", f"mqtt://127.0.0.1:{broker.port}", adapter="onvif")
    one = road.asking()
    until(road.stands("onvif-east/mqtt"))
    body = json.dumps({"UtcTime": "2026-11-23T05:00:01Z", "Source": {"Rule": "R"}, "Data": {"IsInside": "true"}}).encode()
    broker.say(("cam-7/onvif-ej/RuleEngine/FieldDetector/ObjectsInside/&R", body))
    until(lambda: ("onvif-east", body) in road.told())
    one.stop()


@pytest.mark.parametrize(
    "address",
    [
        "mqtt://127.0.0.1:6379/x",
        "mqtt://127.0.0.1:22/x",
        "mqtt://169.254.169.254/x",
        "mqtt://8.8.8.8/x",
        "http://127.0.0.1/x",
        "mqtt://u:p@127.0.0.1/x",
    ],
)
def test_a_broker_is_looked_over_like_any_other_address(address: str) -> None:
    with pytest.raises(Refused):
        check(address, ["127.0.0.1"], ports=BROKERS)


def test_a_camera_is_never_a_broker_and_our_own_redis_is_none() -> None:
    with pytest.raises(Refused):
        check("mqtt://10.1.2.3/x", [])
    with pytest.raises(Refused):
        check("http://10.1.2.3:1883/", [])
    with pytest.raises(Refused):
        dialler(Settings(redis_url="redis://127.0.0.1:1883"), ["127.0.0.1"])("mqtt://127.0.0.1/x")
    assert dialler(Settings(mqtt_url="mqtt://127.0.0.1"), ["127.0.0.1"])("mqtt://127.0.0.1/north").port == 1883


def test_prefixes_are_those_of_the_source() -> None:
    assert ADAPTERS["frigate"].topics("")[0] == "frigate/reviews"
    assert "a/b/+/status/+" in ADAPTERS["frigate"].topics("a/b")
    assert ADAPTERS["onvif"].topics("") == ("+/onvif-ej/#",)
    assert ADAPTERS["native"].topics("gates") == ("gates/#",)
