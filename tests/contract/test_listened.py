"""Dahua and ONVIF down to the record, and the door that ITSAPI cameras post to: one event a happening, and answered only once it is kept."""

import base64
import json
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from redis import Redis
from sqlalchemy import Engine, text

from dashboard.events import Sighted
from data.clock import SystemClock
from data.doors.intake import MOST_BYTES, Gate, door
from data.intake import Intake
from data.road import connect
from data.spool import Spool
from data.store.record import SqlStore
from data.store.sources import Sources
from data.store.tables import META
from data.stream import RedisStream
from tests.keep import CITY, START, Room

SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples"
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) + b"\xff\xd9"
S = START // 1000
CAR = {
    "Picture": {
        "Plate": {"PlateNumber": "75A-123.45"},
        "SnapInfo": {"DeviceID": "H-003", "AccurateTime": "2026-11-23 12:00:00.100"},
    }
}


def dahua(code: str, action: str = "Start", **told: object) -> bytes:
    return f"Code={code};action={action};index=0".encode() + (b";data=" + json.dumps(told, indent=1).encode() if told else b"")


def onvif(topic: str, second: int, operation: str = "Changed", **items: object) -> bytes:
    data = "".join(f'<tt:SimpleItem Name="{name}" Value="{value}"/>' for name, value in items.items())
    return (
        f"<wsnt:NotificationMessage><wsnt:Topic>tns1:{topic}</wsnt:Topic><wsnt:Message>"
        f"<tt:Message UtcTime='2026-11-23T05:{second // 60:02d}:{second % 60:02d}Z' PropertyOperation='{operation}'>"
        f"<tt:Source/><tt:Data>{data}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>"
    ).encode()


def mqtt(state: object, second: int) -> bytes:
    told = {"UtcTime": f"2026-11-23T05:00:{second:02d}Z", "Source": {"Rule": "R"}, "Data": {"IsInside": state}}
    return json.dumps(told).encode()


INSIDE = "H-002/onvif-ej/RuleEngine/FieldDetector/ObjectsInside/&R"


def kept(engine: Engine) -> Counter[str]:
    """What was sighted, by name; how cameras stand is not counted among events."""
    with engine.connect() as sql:
        rows = sql.execute(text("SELECT key, kind FROM event"))
        return Counter(key for key, kind in rows if kind == "camera_tamper" or not kind.startswith("camera_"))


def events(room: Room) -> list[Sighted]:
    return [
        row.heard.event for row in (*room.keeper.board.latest, *room.keeper.board.records) if isinstance(row.heard.event, Sighted)
    ]


def empty(engine: Engine) -> None:
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())


def test_a_beginning_and_its_end_are_one_event_by_every_way(sqlite: Engine) -> None:
    said = [
        (dahua("CrossRegionDetection", EventID=7, RealUTC=S), dahua("CrossRegionDetection", "Stop", EventID=7, RealUTC=S + 20), "dahua", {}),
        (dahua("VideoBlind"), dahua("VideoBlind", "Stop"), "dahua", {}),
        (onvif("RuleEngine/FieldDetector/ObjectsInside", 0, IsInside="true"), onvif("RuleEngine/FieldDetector/ObjectsInside", 20, IsInside="false"), "onvif", {}),
        (mqtt("true", 0), mqtt("false", 20), "onvif", {"mqtt_topic": INSIDE}),
        (mqtt("true", 0), b"", "onvif", {"mqtt_topic": INSIDE}),
    ]  # fmt: skip
    for begins, ends, source, headers in said:
        empty(sqlite)
        room = Room(sqlite)
        headers |= {"x_kydai_device": "H-002"}
        for raw, wait in ((ends, 0), (begins, 0), (begins, 20_000), (ends, 0), (ends, 5_000), (begins, 0)):
            room.say(raw, source=source, **headers)
            room.step()
            room.clock.go(wait)
        (one,) = events(room)
        assert (one.at, one.ended, one.closes) == (START, START + 20_000, False), (begins, ends)
        assert (sum(kept(sqlite).values()), room.count("dead_letter")) == (1, 0), (begins, ends)


def test_a_clock_in_local_time_is_counted_at_once_and_marks_no_camera(sqlite: Engine) -> None:
    room = Room(sqlite)
    for told in (
        {"UTC": S + 7 * 3_600},
        {"UTC": S + 7 * 3_600, "LocaleTime": "2026-11-23 12:00:00"},
        {"RealUTC": S, "UTC": S + 7 * 3_600},
    ):
        room.say(dahua("CrossLineDetection", "Pulse", EventID=len(told), **told), source="dahua", x_kydai_device="H-002")
    room.step()
    found = [row.heard for row in room.keeper.board.latest if isinstance(row.heard.event, Sighted)]
    assert [(one.counted, one.quarantined) for one in found] == [(START, False)] * 3
    assert room.keeper.board.cameras["H-002"].skewed is False


def test_states_that_are_told_again_raise_nothing_and_show_a_lost_camera(sqlite: Engine) -> None:
    room = Room(sqlite)
    for _ in range(3):
        room.say(
            onvif("VideoSource/GlobalSceneChange/ImagingService", 0, "Initialized", State="true"),
            source="onvif",
            x_kydai_device="H-002",
        )
        room.say(mqtt("true", 0), source="onvif", mqtt_topic=INSIDE, mqtt_retain="1")
        room.step()
    assert (kept(sqlite), "onvif" in room.keeper.board.feeds) == (Counter(), True)
    room.say(onvif("VideoSource/SignalLoss", 0, "Initialized", State="true"), source="onvif", x_kydai_device="H-002")
    room.step()
    assert room.keeper.board.cameras["H-002"].state == "offline"


def test_a_vehicle_posted_again_and_again_is_one_read(sqlite: Engine) -> None:
    room = Room(sqlite)
    for _ in range(5):
        room.say(CAR, source="dahua", itsapi="TollgateInfo")
        room.clock.go(60_000)
        room.step()
    (one,) = events(room)
    assert (one.camera, one.plate, sum(kept(sqlite).values())) == ("H-003", "75A-123.45", 1)
    assert room.keeper.board.cameras["H-003"].state == "online"


SENT = (
    [(path.read_bytes(), "dahua", {}) for path in sorted((SHARED / "dahua").iterdir())]
    + [(path.read_bytes(), "onvif", {"x_kydai_device": "H-001"}) for path in sorted((SHARED / "onvif").glob("*.xml"))]
    + [(dahua("CrossRegionDetection", action, EventID=7, RealUTC=S + n), "dahua", {}) for n, action in enumerate(("Start", "Stop"))]
    + [(dahua("TrafficJunction", "Pulse", RealUTC=S, UTCMS=n, TrafficCar={"PlateNumber": "75A1"}), "dahua", {}) for n in range(2)]
    + [(dahua("VideoMotion", action), "dahua", {}) for action in ("Start", "Stop")]
    + [
        (
            b"--b\r\n\r\n"
            + dahua("VideoBlind")
            + b"\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n"
            + JPEG
            + b"\r\n--b\r\n\r\nHeartbeat\r\n",
            "dahua",
            {},
        )
    ]
    + [(mqtt(state, n), "onvif", {"mqtt_topic": INSIDE}) for n, state in enumerate(("true", "false"))]
    + [(b"", "onvif", {"mqtt_topic": INSIDE}), (json.dumps(CAR).encode(), "dahua", {"itsapi": "TollgateInfo"})]
)
broken = st.tuples(
    st.sampled_from(SENT), st.sampled_from(["whole", "whole", "cut", "put", "twice"]), st.floats(0, 1), st.binary(max_size=6)
)


def break_it(raw: bytes, how: str, share: float, put: bytes) -> bytes:
    at = int(share * len(raw))
    return {"whole": raw, "cut": raw[:at], "put": raw[:at] + put + raw[at + len(put) :], "twice": raw + b"\n" + raw}[how]


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(story=st.lists(broken, min_size=1, max_size=14), order=st.randoms(use_true_random=False))
def test_broken_repeated_and_shuffled_it_is_counted_once(sqlite: Engine, story, order) -> None:
    empty(sqlite)
    room = Room(sqlite)
    sent = [(break_it(raw, how, share, put), source, headers) for (raw, source, headers), how, share, put in story]
    for raw, source, headers in sent:
        room.say(raw, source=source, **headers)
    room.step(2)
    first = kept(sqlite)
    assert max(first.values(), default=1) == 1
    order.shuffle(sent)
    for raw, source, headers in sent:
        room.say(raw, source=source, **headers)
    room.step(2)
    assert kept(sqlite) == first
    loaded = SqlStore(sqlite, city=CITY).load(room.clock.at_ms)
    assert (loaded.hours, loaded.cameras) == (room.keeper.board.hours, room.keeper.board.cameras)


# ---- the door of ITSAPI ----


@pytest.fixture
def keys(sqlite: Engine) -> Sources:
    sources = Sources(sqlite)
    sources.add("dahua-gate", adapter="dahua", now_ms=0, secret="right")
    sources.add("native", adapter="native", now_ms=0, secret="native")
    return sources


def client_of(keys: Sources, intake: Intake):
    server = Flask("door")
    server.register_blueprint(door(intake, Gate(keys.all), CollectorRegistry()))
    return server.test_client()


@pytest.fixture
def client(keys: Sources, redis_log: Redis, tmp_path: Path):
    return client_of(keys, Intake(stream=RedisStream(redis_log), spool=Spool(tmp_path / "spool"), clock=SystemClock()))


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


KNOWN = basic("dahua-gate", "right")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("TollgateInfo", json.dumps(CAR).encode()),
        ("KeepAlive", b'{"Active":"keepAlive","DeviceID":"x"}'),
        ("KeepAlive", b""),
        ("DeviceInfo", b"{}"),
    ],
)
def test_a_camera_is_answered_as_it_needs_once_its_post_is_kept(client, redis_log: Redis, what: str, body: bytes) -> None:
    told = client.post(f"/NotificationInfo/{what}", data=body, headers=KNOWN | {"Content-Type": "application/json;charset=UTF-8"})
    assert (told.status_code, told.json["Result"], told.json["result"]) == (200, True, "true")
    (one,) = RedisStream(redis_log).take("0-0", wait_s=0)
    assert (one.payload.source, one.payload.raw, one.payload.headers["itsapi"]) == ("dahua-gate", body, what)
    assert "right" not in repr(one)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{}", 401),
        (basic("dahua-gate", "wrong"), b"{}", 401),
        (basic("nobody", "right"), b"{}", 401),
        (basic("native", "native"), b"{}", 401),
        (basic("", "right"), b"{}", 401),
        ({"Authorization": "Basic ?"}, b"{}", 401),
        ({"Authorization": "Bearer right"}, b"{}", 401),
        ({"Authorization": 'Digest username="dahua-gate", realm="x", nonce="n", uri="/", response="r"'}, b"{}", 401),
        (KNOWN, b"", 400),
        (KNOWN, b"x" * (MOST_BYTES + 1), 413),
    ],
)
def test_no_is_said_loudly_and_nothing_is_kept(client, redis_log: Redis, headers: dict, body: bytes, status: int) -> None:
    told = client.post("/NotificationInfo/TollgateInfo", data=body, headers=headers)
    assert told.status_code == status
    assert "result" not in told.json
    assert RedisStream(redis_log).take("0-0", wait_s=0) == []
    if status == 401:
        assert told.headers["WWW-Authenticate"].endswith('Basic realm="intake"')
        assert "Digest" not in told.headers["WWW-Authenticate"]


def test_while_the_log_is_away_a_post_goes_to_the_disk_and_when_that_is_full_it_is_not_taken(keys: Sources, tmp_path: Path) -> None:
    nobody = RedisStream(connect("redis://127.0.0.1:1/0", timeout_s=0.2))
    spool = Spool(tmp_path / "spool")
    client = client_of(keys, Intake(stream=nobody, spool=spool, clock=SystemClock()))
    assert client.post("/NotificationInfo/TollgateInfo", json=CAR, headers=KNOWN).status_code == 200
    assert not spool.empty
    full = Intake(stream=nobody, spool=Spool(tmp_path / "full", most_bytes=1), clock=SystemClock())
    told = client_of(keys, full).post("/NotificationInfo/TollgateInfo", json=CAR, headers=KNOWN)
    assert (told.status_code, "result" in told.json) == (503, False)


def test_get_is_no_post_and_a_disabled_source_speaks_no_more(keys: Sources, client, redis_log: Redis) -> None:
    assert client.get("/NotificationInfo/KeepAlive", headers=KNOWN).status_code == 405
    keys.disable("dahua-gate", now_ms=1)
    assert client.post("/NotificationInfo/KeepAlive", data=b"{}", headers=KNOWN).status_code == 404
    assert RedisStream(redis_log).take("0-0", wait_s=0) == []


def test_a_poster_says_of_which_device_it_speaks(client, redis_log: Redis) -> None:
    for address, headers in (("?device=gate-7", {}), ("", {"X-Kydai-Device": "gate-7"})):
        told = client.post(
            f"/api/v1/intake/dahua-gate{address}", data=b"Heartbeat", headers=KNOWN | headers | {"Content-Type": "text/plain"}
        )
        assert told.status_code == 200
    assert [one.payload.headers["x-kydai-device"] for one in RedisStream(redis_log).take("0-0", wait_s=0)] == ["gate-7"] * 2
