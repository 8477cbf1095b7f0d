"""What systems really send, broken, repeated and out of order, down to the record: an event, a dead letter or nothing; once."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from dashboard.errors import Rejected
from dashboard.events import CameraChanged, FeedSpoke, Sighted
from data.sources.frigate import SOURCE as FRIGATE
from data.store.record import SqlStore
from data.store.tables import META
from tests.keep import CITY, START, Room

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "frigate"
FILES = sorted(SAMPLES.glob("docs_*.json"))
AT = START / 1000
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def topic_of(path: Path) -> str:
    return "frigate/" + next((name for name in ("reviews", "events", "tracked_object_update") if name in path.name), "triggers")


def told(body: object, topic: str, prefix: str = "frigate") -> list:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(FRIGATE.parse(raw, {"mqtt-topic": f"{prefix}/{topic}"}))


def review(key: str, kind: str, *, severity: str = "alert", ended: float | None = None, seen: int = 1, objects=("person",)) -> dict:
    after = {
        "id": key,
        "camera": "h_001",
        "start_time": AT,
        "end_time": ended,
        "severity": severity,
        "thumb_path": "",
        "data": {
            "detections": [f"{AT}-{n}" for n in range(seen)],
            "objects": list(objects),
            "sub_labels": [],
            "zones": [],
            "audio": [],
        },
    }
    return {"type": kind, "before": after, "after": after}


@pytest.mark.parametrize("prefix", ["frigate", "hue/nvr-1", "a/b/c"])
def test_whatever_prefix_its_owner_chose(prefix: str) -> None:
    assert isinstance(told(review("1-a", "new"), "reviews", prefix)[0], Sighted)
    assert told(b"offline", "available", prefix)[0].online is False
    alive, camera = told(b"offline", "h_001/status/detect", prefix)
    assert isinstance(alive, FeedSpoke)
    assert (camera.camera, camera.state) == ("h_001", "offline")
    assert told(b"online", "h_001/status/record", prefix) == []


@pytest.mark.parametrize(
    ("topic", "raw"),
    [
        ("h_001/person", b"3"),
        ("h_001/person/snapshot", b"\xff\xd8\xff\xe0" + bytes(range(256))),
        ("h_001/all/active", b"1"),
        ("h_001/detect/state", b"ON"),
        ("h_001/review_status", b"ALERT"),
        ("reviews/person", b"2"),
        ("camera_activity", b"{"),
        ("notifications/state", b""),
        ("something/new/in/0.19", b"\x00\x01"),
    ],
)
def test_topics_that_tell_nothing_give_nothing(topic: str, raw: bytes) -> None:
    assert told(raw, topic) == []


@pytest.mark.parametrize("key", [None, "", 5, ["1"], {"a": 1}])
def test_things_without_a_name_are_not_one_thing(key: object) -> None:
    for body, topic in (
        (review(key, "new"), "reviews"),  # type: ignore[arg-type]
        (
            {"type": "update", "after": {"id": key, "camera": "h_001", "start_time": AT, "recognized_license_plate": "75A"}},
            "events",
        ),
    ):
        with pytest.raises(Rejected):
            told(body, topic)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_example_of_every_version_is_recorded_once(sqlite: Engine, path: Path) -> None:
    room = Room(sqlite)
    for _ in range(3):
        room.say(path.read_bytes(), source="frigate", mqtt_topic=topic_of(path))
        room.step()
    assert room.count("dead_letter") == 0
    assert room.count("event") <= 1
    assert "frigate" in room.keeper.board.feeds or topic_of(path) == "frigate/triggers"


def test_a_review_told_in_any_order_is_one_event_that_ends_as_an_alert(sqlite: Engine) -> None:
    steps = [
        review("1-a", "new", severity="detection"),
        review("1-a", "update", severity="detection", seen=2),
        review("1-a", "update", seen=3),
        review("1-a", "end", seen=3, ended=AT + 20),
    ]
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (0, 0, 3, 3, 1)):
        empty(sqlite)
        room = Room(sqlite)
        for number in order:
            room.say(steps[number], source="frigate", mqtt_topic="frigate/reviews")
            room.step()
        (one,) = room.keeper.board.latest
        assert (one.heard.event.ended, room.keeper.board.stored, room.frame("kpi")["events_today"]["value"]) == (
            START + 20_000,
            1,
            1,
        )


def test_a_plate_is_one_read_over_all_its_messages(sqlite: Engine) -> None:
    room = Room(sqlite)
    plain = {"id": "2-b", "camera": "h_002", "start_time": AT, "false_positive": False, "label": "car"}
    for frame, plate in ((0, None), (1, ["75A-12", 0.5]), (2, ["75A-123.45", 0.93])):
        after = plain | {"frame_time": AT + frame, "recognized_license_plate": plate}
        room.say({"type": "update", "before": after, "after": after}, source="frigate", mqtt_topic="frigate/events")
    lpr = {"type": "lpr", "id": "2-b", "name": None, "plate": "75A-123.45", "score": 0.97, "camera": "h_002", "timestamp": AT + 3}
    room.say(lpr, source="frigate", mqtt_topic="frigate/tracked_object_update")
    room.step()
    (one,) = room.keeper.board.records
    assert (one.heard.event.plate, one.heard.event.score, room.keeper.board.stored) == ("75A-123.45", 0.97, 1)
    assert room.keeper.board.cameras["H-002"].spoke == 1


def empty(engine: Engine) -> None:
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())


natives = [
    b'{"type":"sighted","id":"a","at":1795410000000,"kind":"red_light","camera":"H-001"}',
    b'[{"type":"sighted","id":"b","at":1795410000000,"kind":"crowd","camera":"H-002"},{"type":"feed_spoke","id":"f","at":5}]',
    b'{"type":"camera_changed","id":"c","at":1795410000000,"camera":"H-001","state":"offline"}',
    b'{"type":"report_changed","id":"r","at":1795410000000,"report":"7","service":"MT01","submitted":1795410000000,"open":true}',
    (
        b'{"specversion":"1.0","type":"vn.kydai.sighted","source":"/x","id":"ce","time":"2026-11-23T12:00:00+07:00",'
        b'"data":{"kind":"red_light","camera":"H-003"}}'
    ),
]
payloads = st.sampled_from(
    [(path.read_bytes(), "frigate", topic_of(path)) for path in FILES] + [(raw, "native", "") for raw in natives]
)
broken = st.tuples(payloads, st.sampled_from(["whole", "cut", "put", "twice"]), st.floats(0, 1), st.binary(max_size=6))


def break_it(raw: bytes, how: str, share: float, put: bytes) -> bytes:
    at = int(share * len(raw))
    return {"whole": raw, "cut": raw[:at], "put": raw[:at] + put + raw[at + len(put) :], "twice": raw + b"\n" + raw}[how]


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(story=st.lists(broken, min_size=1, max_size=12), order=st.randoms(use_true_random=False))
def test_broken_repeated_and_shuffled_it_is_counted_once(sqlite: Engine, story, order) -> None:
    """The same payloads in another order, and then all of them again, leave the same events and the same counts."""
    empty(sqlite)
    room = Room(sqlite)
    sent = [(break_it(raw, how, share, put), source, topic) for (raw, source, topic), how, share, put in story]
    for raw, source, topic in sent:
        room.say(raw, source=source, **({"mqtt_topic": topic} if topic else {}))
    room.step(2)
    first = kept(sqlite)
    order.shuffle(sent)
    for raw, source, topic in sent:
        room.say(raw, source=source, **({"mqtt_topic": topic} if topic else {}))
    room.step(2)
    assert kept(sqlite) == first
    assert len(first) == len(set(first)) == room.keeper.board.stored
    counted = sum(sum(hour.values()) for hour in room.keeper.board.hours.values())
    assert counted + quarantined(sqlite) == len(first)
    loaded = SqlStore(sqlite, city=CITY).load(room.clock.at_ms)
    assert (loaded.hours, loaded.cameras, loaded.reports) == (
        room.keeper.board.hours,
        room.keeper.board.cameras,
        room.keeper.board.reports,
    )


def kept(engine: Engine) -> list[str]:
    with engine.connect() as sql:
        return [key for (key,) in sql.execute(text("SELECT key FROM event ORDER BY key"))]


def quarantined(engine: Engine) -> int:
    with engine.connect() as sql:
        return int(sql.scalar(text("SELECT count(*) FROM event WHERE quarantined")) or 0)


def test_native_in_every_mode_of_cloudevents(sqlite: Engine) -> None:
    inner = {"kind": "red_light", "camera": "H-001"}
    plain = {"specversion": "1.0", "type": "vn.kydai.sighted", "source": "/x", "time": "2026-11-23T12:00:00+07:00"}
    room = Room(sqlite)
    room.say(plain | {"id": "one", "data": inner})
    room.say([plain | {"id": key, "data": inner} for key in ("two", "three", "two")])
    binary = {"ce_id": "four", "ce_type": "vn.kydai.sighted", "ce_specversion": "1.0", "ce_time": "2026-11-23T12:00:00+07:00"}
    room.say(inner, **binary)
    room.say(inner, **binary)
    room.step()
    assert kept(sqlite) == ["native:four", "native:one", "native:three", "native:two"]
    assert room.count("dead_letter") == 0
    assert {one.heard.event.at for one in room.keeper.board.latest} == {START}


def test_a_recorded_standing_is_a_sign_of_life_and_a_new_one_an_event(sqlite: Engine) -> None:
    room = Room(sqlite)
    for minute, fps in enumerate((5.0, 5.0, 0.0, 0.0, 5.0)):
        stats = {"cameras": {"h_002": {"camera_fps": fps, "process_fps": fps}}, "service": {"last_updated": AT + 60 * minute}}
        assert [type(one) for one in told(stats, "stats")] == [FeedSpoke, CameraChanged]
        room.say(stats, source="frigate", mqtt_topic="frigate/stats")
        room.step()
        room.clock.go(60_000)
    assert (room.count("event"), room.keeper.board.cameras["H-002"].state) == (3, "online")
