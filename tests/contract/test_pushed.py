"""What cameras push, down to the record and back to the camera: one event a happening, whatever the line does to it."""

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

from dashboard.events import FeedSpoke, Heard, Sighted
from dashboard.ports import Reading
from data.clock import SystemClock
from data.doors.intake import Gate, door
from data.intake import Intake
from data.spool import Spool
from data.store.record import SqlStore
from data.store.sources import Sources
from data.store.tables import META
from data.stream import RedisStream
from tests.contract.test_record import CITY, HEARING, START, same
from tests.keep import Room

SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples"
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) + b"\xff\xd9"


def alert(second: int, *, kind: str = "fielddetection", state: str = "active", posts: int = 1, zone: str = "+07:00") -> bytes:
    """A post of a camera that calls itself by our own name for it."""
    at = f"2026-11-23T{12 + second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}{zone}"
    told = {"deviceID": "H-002", "dateTime": at, "activePostCount": posts, "eventType": kind, "eventState": state}
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in told.items())
    return f"<EventNotificationAlert xmlns='http://www.isapi.org/ver20/XMLSchema'>{fields}</EventNotificationAlert>".encode()


def form(body: bytes) -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="%b"\r\nContent-Type: %b\r\nContent-Length: 1\r\n\r\n%b\r\n'
    return part % (b"a", b"text/xml", body) + part % (b"b", b"image/jpeg", JPEG) + b"--x--\r\n"


def car(state: str, packet: int, plate: str, number: int = 7) -> bytes:
    told = {
        "carID": str(number),
        "carState": state,
        "packetCounter": str(packet),
        "capture_timestamp": str(START),
        "plateUTF8": plate,
    }
    return json.dumps(told | {"camera_info": {"SerialNumber": "H-003"}}).encode()


def kept(engine: Engine) -> Counter[str]:
    """What was sighted, by name; how cameras stand is not counted among events."""
    with engine.connect() as sql:
        return Counter(key for (key,) in sql.execute(text("SELECT key FROM event WHERE kind NOT LIKE 'camera\\_%' ESCAPE '\\'")))


def empty(engine: Engine) -> None:
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())


def test_four_thousand_posts_of_one_alarm_are_one_event(sqlite: Engine) -> None:
    room = Room(sqlite)
    for number in range(4_000):
        room.say(alert(number, posts=number + 1), source="hikvision")
        room.clock.at_ms += 1_000
        if number % 200 == 0:
            room.step()
    room.step(30)
    assert room.count("dead_letter") == 0
    assert sum(kept(sqlite).values()) == 1
    assert sum(hour.get("intrusion", 0) for hour in room.keeper.board.hours.values()) == 1
    spot = room.keeper.board.cameras["H-002"]
    assert (spot.state, spot.spoke, spot.skewed) == ("online", 2, False)  # it is back, and it saw something


def test_an_alarm_ends_once_and_an_end_that_nobody_heard_begin_is_no_event(sqlite: Engine) -> None:
    room = Room(sqlite)
    room.say(alert(0, kind="loitering", state="inactive", posts=40), source="hikvision")
    room.step()
    assert kept(sqlite) == Counter()
    for raw in (alert(0), alert(1, posts=2), alert(9, posts=10, state="inactive"), alert(9, posts=10, state="inactive")):
        room.say(raw, source="hikvision")
        room.step()
    (one,) = [row.heard.event for row in room.keeper.board.latest if isinstance(row.heard.event, Sighted)]
    assert (one.kind, one.at, one.ended, one.closes) == ("intrusion", START, START + 9_000, False)
    assert sum(kept(sqlite).values()) == 1


def test_a_clock_without_a_zone_is_counted_when_it_is_heard(sqlite: Engine) -> None:
    room = Room(sqlite)
    room.say(alert(0, zone=""), source="hikvision")
    room.step()
    room.clock.go(5_000)
    room.say(alert(4, zone="", posts=5, state="inactive"), source="hikvision")
    room.step()
    (one,) = [row.heard for row in room.keeper.board.latest if isinstance(row.heard.event, Sighted)]
    assert (one.counted, one.quarantined, one.event.ended) == (START, False, START + 5_000)
    assert room.keeper.board.cameras["H-002"].skewed is False


def test_a_car_is_one_read_whatever_order_its_tellings_come_in(sqlite: Engine) -> None:
    told = [car("new", 1, "75A1234"), car("update", 2, "75A12345"), car("lost", 3, "75A-123.45")]
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0, 1), (2, 2, 2)):
        empty(sqlite)
        room = Room(sqlite)
        for number in order:
            room.say(told[number], source="axis")
            room.step()
        (one,) = room.keeper.board.records
        assert (one.heard.event.plate, room.keeper.board.stored) == ("75A-123.45", 1)


def test_a_lost_picture_is_a_lost_camera_until_it_shows_something(sqlite: Engine) -> None:
    room = Room(sqlite)
    states = []
    beat = {"kind": "videoloss", "state": "inactive", "posts": 0}
    for raw in (alert(0), alert(60, kind="videoloss"), alert(61, **beat), alert(62, kind="VMD")):  # type: ignore[arg-type]
        room.say(raw, source="hikvision")
        room.step()
        states.append(room.keeper.board.cameras["H-002"].state)
    assert states == ["online", "offline", "offline", "online"]


SENT = (
    [(path.read_bytes(), "hikvision") for path in sorted((SHARED / "hikvision").iterdir())]
    + [(path.read_bytes(), "axis") for path in sorted((SHARED / "axis").iterdir())]
    + [(alert(n, posts=n + 1), "hikvision") for n in range(3)]
    + [(alert(3, posts=4, state="inactive"), "hikvision"), (form(alert(0, kind="VMD")), "hikvision")]
    + [(car(state, n, "75A12345"), "axis") for n, state in enumerate(("new", "update", "lost"))]
    + [(car("new", 9, "", 8) + car("new", 10, "75A", 9), "axis")]
)
broken = st.tuples(st.sampled_from(SENT), st.sampled_from(["whole", "cut", "put", "twice"]), st.floats(0, 1), st.binary(max_size=6))


def break_it(raw: bytes, how: str, share: float, put: bytes) -> bytes:
    at = int(share * len(raw))
    return {"whole": raw, "cut": raw[:at], "put": raw[:at] + put + raw[at + len(put) :], "twice": raw + raw}[how]


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(story=st.lists(broken, min_size=1, max_size=14), order=st.randoms(use_true_random=False))
def test_broken_repeated_and_shuffled_it_is_counted_once(sqlite: Engine, story, order) -> None:
    empty(sqlite)
    room = Room(sqlite)
    sent = [(break_it(raw, how, share, put), source) for (raw, source), how, share, put in story]
    for raw, source in sent:
        room.say(raw, source=source)
    room.step(2)
    first = kept(sqlite)
    assert max(first.values(), default=1) == 1
    order.shuffle(sent)
    for raw, source in sent:
        room.say(raw, source=source)
    room.step(2)
    again = kept(sqlite)
    # An end that came before its beginning was no event; told again, it still is none.
    assert again == first
    same(SqlStore(sqlite, city=CITY).load(room.clock.at_ms), room.keeper.board)


def test_closing_takes_nothing_but_the_end(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)

    def heard(revision: int, received: int = START, **more: object) -> Heard:
        event = Sighted(id="a", at=START, kind="red_light", camera="H-001", revision=revision, **more)  # type: ignore[arg-type]
        return HEARING.hear("native", received, event)

    board = store.record(store.load(START), Reading([heard(9, closes=True, ended=START)], ()), "1-0")
    assert (board.stored, board.latest, board.cameras["H-001"].spoke) == (0, (), 0)
    board = store.record(board, Reading([heard(1, plate="75A", box=(0.1, 0.1, 0.1, 0.1))], ()), "2-0")
    board = store.record(board, Reading([heard(9, START + 9_000, closes=True, ended=START + 9_000)], ()), "3-0")
    (one,) = board.latest
    assert (one.heard.event.ended, one.heard.event.plate, one.heard.event.closes) == (START + 9_000, "75A", False)
    assert (one.heard.event.box, one.heard.received, board.stored) == ((0.1, 0.1, 0.1, 0.1), START, 1)
    same(store.load(START), board)


@pytest.mark.parametrize(("adapter", "status"), [("hikvision", 200), ("axis", 202), ("native", 202)])
def test_a_camera_is_answered_as_it_needs_once_its_post_is_kept(
    sqlite: Engine, redis_log: Redis, tmp_path: Path, adapter: str, status: int
) -> None:
    sources, stream = Sources(sqlite), RedisStream(redis_log)
    key = sources.add("gate", adapter=adapter, now_ms=0)
    intake = Intake(stream=stream, spool=Spool(tmp_path / "spool"), clock=SystemClock())
    server = Flask("door")
    server.register_blueprint(door(intake, Gate(sources.all), CollectorRegistry()))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "multipart/form-data; boundary=x"}
    told = server.test_client().post("/api/v1/intake/gate", data=form(alert(0)), headers=headers)
    assert (told.status_code, told.data == b"OK") == (status, status == 200)
    (one,) = stream.take("0-0", wait_s=0)
    assert (one.payload.raw, one.payload.headers["content-type"]) == (form(alert(0)), headers["Content-Type"])
    assert server.test_client().post("/api/v1/intake/gate", data=b"x").status_code == 401


def test_every_post_is_a_sign_of_life(sqlite: Engine) -> None:
    room = Room(sqlite)
    for number in range(3):
        room.clock.at_ms = START + 60_000 * number
        room.say(car("update", number, "75A12345"), source="axis")
        room.say(alert(60 * number, kind="IO", posts=60 * number + 1), source="hikvision")
        room.step()
    assert {room.keeper.board.feeds[source].at for source in ("axis", "hikvision")} == {START + 120_000}
    assert FeedSpoke(id="x", at=0).online
