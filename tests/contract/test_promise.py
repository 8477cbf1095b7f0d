"""What was answered 2xx is kept: with a crowd at the door, spools of the dead, a garbled disk, a full one, and strange headers."""

import base64
import threading
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from redis import Redis
from sqlalchemy import Engine

import data.intake
from dashboard.errors import Away
from dashboard.ports import Payload
from dashboard.settings import Settings
from data.clock import SystemClock
from data.doors.intake import Gate, door
from data.intake import Intake
from data.memory import HandClock, MemoryStream
from data.mqtt import listen
from data.spool import Full, Spool
from data.store.sources import Registered, digest
from data.stream import RedisStream
from tests.conftest import until
from tests.contract.test_mqtt import Broker, publish

CROWD = 3 * data.intake.MOST_TOGETHER


def test_who_comes_before_a_crowd_has_its_turn_is_kept_with_it(tmp_path: Path) -> None:
    """A lock may let the last one in first: it is not told "kept" for a round that took only those before it."""
    stream = MemoryStream()
    intake = Intake(stream=stream, spool=Spool(tmp_path), clock=SystemClock())
    crowd = [data.intake._Waiting(one) for one in payloads(*range(CROWD))]
    intake._queue.extend(crowd)
    told = intake.accept("native", b"last", {})
    kept = [one.payload for one in stream.take("0-0", wait_s=0)]
    assert (told.where, kept[-1].receipt, len(kept)) == ("stream", told.receipt, CROWD + 1)
    assert all(one.done.is_set() and one.where == "stream" for one in crowd)


def payloads(*numbers: int) -> list[Payload]:
    return [Payload("s", number, str(number).encode(), {}, f"r{number}") for number in numbers]


def test_what_a_process_that_is_gone_left_on_disk_is_sent_by_another(tmp_path: Path, redis_log: Redis, monkeypatch) -> None:
    monkeypatch.setattr(data.intake, "LOOK_EVERY_S", 0.0)
    first, second, gone = Spool(tmp_path), Spool(tmp_path), Spool(tmp_path)
    second.append(payloads(2))
    gone.append(payloads(1, 3))
    gone.close()
    stream = RedisStream(redis_log)
    intake = Intake(stream=stream, spool=first, clock=SystemClock())
    until(intake.drain)
    assert [one.payload.raw for one in stream.take("0-0", wait_s=0)] == [b"1", b"3"]
    assert intake.drain() == 0
    assert second.waiting_bytes > 0
    assert intake.accept("native", b"4", {}).where == "stream"
    first.close()


def test_what_the_disk_garbled_keeps_nothing_else_back(tmp_path: Path, caplog) -> None:
    spool = Spool(tmp_path)
    spool.append(payloads(1))
    middle = spool.waiting_bytes
    spool.append(payloads(2))
    spool.append(payloads(3))
    spool.close()
    with (tmp_path / "0.spool").open("r+b") as file:
        file.seek(middle + 4)
        file.write(b"\xff")
    again = Spool(tmp_path)
    found: list[Payload] = []
    assert again.drain(found.extend) == 3
    assert [one.raw for one in found] == [b"1", b"3"]
    assert again.empty
    assert "garbled" in caplog.text


def test_the_drain_outlives_whatever_goes_wrong(tmp_path: Path, caplog) -> None:
    clock = HandClock(1_000_000)
    intake = Intake(stream=MemoryStream(), spool=Spool(tmp_path), clock=clock)
    answers = iter([RuntimeError("odd"), Away(), 5, 0])
    waits: list[float] = []

    def drain() -> int:
        told = next(answers)
        if isinstance(told, Exception):
            raise told
        return told

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 4:
            raise KeyboardInterrupt

    intake.drain = drain  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        intake.drain_for_ever(sleep)
    assert waits == [data.intake.LOOK_EVERY_S, 0.5, 0.0, 0.1]
    assert "odd" in caplog.text


class Filling:
    """An intake whose disk is full until it is emptied."""

    def __init__(self) -> None:
        self.full, self.asked, self.kept = True, 0, []

    def accept(self, _source: str, raw: bytes, _headers: dict[str, str]) -> None:
        self.asked += 1
        if self.full:
            raise Full("full")
        self.kept.append(raw)


def test_a_broker_goes_on_where_a_full_disk_stopped_it(tmp_path: Path, monkeypatch) -> None:
    """More messages than the broker lets wait unacknowledged: all of them come once there is room, in their order."""
    monkeypatch.setattr("data.mqtt.ASK_AGAIN_S", 0.05)
    broker, intake = Broker(tmp_path / "broker"), Filling()
    client = listen(Settings(mqtt_url=f"mqtt://127.0.0.1:{broker.port}"), intake, tmp_path)  # type: ignore[arg-type]
    try:
        until(client.is_connected)
        sent = [str(number).encode() for number in range(60)]
        publish(broker, sent)
        until(lambda: intake.asked > 3)
        assert intake.kept == []
        intake.full = False
        until(lambda: len(intake.kept) == len(sent))
        assert intake.kept == sent
    finally:
        intake.full = False
        client.disconnect()
        client.loop_stop()
        broker.stop()


SECRET = base64.b64encode(b"s" * 32).decode()
SOURCES = {"native": Registered("native", "native", "", (digest("key"),), SECRET, 1, None)}
header = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40).map(str.strip) | st.sampled_from(
    ["²", "9" * 5000]
)


def a_client(tmp_path: Path, ask):
    server = Flask("strange")
    intake = Intake(stream=MemoryStream(), spool=Spool(tmp_path), clock=SystemClock())
    server.register_blueprint(door(intake, Gate(ask), CollectorRegistry()))
    return server.test_client()


@settings(max_examples=150, deadline=None)
@given(stamp=header, signature=header, key=header, authorization=header | st.binary(max_size=20).map(lambda raw: f"Basic {raw!r}"))
def test_no_header_is_ever_a_5xx(tmp_path_factory, stamp: str, signature: str, key: str, authorization: str) -> None:
    client = a_client(tmp_path_factory.mktemp("s"), lambda: SOURCES)
    headers = {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": signature, "Authorization": authorization}
    assert client.post("/api/v1/intake/native", data=b"{}", headers=headers).status_code == 401


@pytest.mark.parametrize(("stamp", "signature"), [("²", "v1,x"), ("9" * 5000, "v1,x"), ("now", "v1,é"), ("-5", "v1,x")])
def test_a_signature_of_no_known_signs_is_401(tmp_path: Path, stamp: str, signature: str, monkeypatch) -> None:
    if stamp == "now":
        monkeypatch.setattr("data.doors.intake.time.time", lambda: 1000.0)
        stamp = "1000"
    client = a_client(tmp_path, lambda: SOURCES)
    headers = {"webhook-id": "a", "webhook-timestamp": stamp, "webhook-signature": signature}
    assert client.post("/api/v1/intake/native", data=b"{}", headers=headers).status_code == 401


def test_a_register_that_cannot_be_asked_is_503_and_a_known_one_goes_on(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("data.doors.intake.CACHED_S", 0.0)
    away = [False]

    def ask():
        if away[0]:
            raise ConnectionError("gone")
        return SOURCES

    bearer = {"Authorization": "Bearer key"}
    client = a_client(tmp_path, ask)
    assert client.post("/api/v1/intake/native", data=b"{}", headers=bearer).status_code == 202
    away[0] = True
    assert client.post("/api/v1/intake/native", data=b"{}", headers=bearer).status_code == 202
    answer = a_client(tmp_path / "other", ask).post("/api/v1/intake/native", data=b"{}", headers=bearer)
    assert (answer.status_code, answer.json["error"]["code"], "Retry-After" in answer.headers) == (503, "unavailable", True)


def test_the_same_event_a_hundred_times_from_ten_hands_is_one(tmp_path: Path, redis_log: Redis, engine: Engine) -> None:
    """Posted by ten threads, half of it again by the spool's way: one row, one more on every count (R-04)."""
    from tests.keep import START, Room

    intake = Intake(stream=RedisStream(redis_log), spool=Spool(tmp_path / "spool"), clock=SystemClock())
    raw = b'{"type":"sighted","id":"same","at":%d,"kind":"red_light","camera":"H-001"}' % START

    def post() -> None:
        for number in range(10):
            if number % 2:
                with intake._writing:
                    intake._spool.append([Payload("native", START, raw, {}, f"again{number}")])
            intake.accept("native", raw, {})

    hands = [threading.Thread(target=post) for _ in range(10)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    until(lambda: not intake.spooled_bytes or not intake.drain())
    room = Room(engine)
    room.clock.at_ms = SystemClock().now_ms()
    taken = RedisStream(redis_log).take("0-0", wait_s=0)
    assert len(taken) >= 100
    room.stream.append([one.payload for one in taken])
    room.step(2)
    board = room.keeper.board
    counted = sum(sum(hour.values()) for hour in board.hours.values())
    assert (room.count("event"), board.stored, board.cameras["H-001"].spoke, counted) == (1, 1, 1, 1)


def test_a_spool_that_is_full_is_503_until_there_is_room(tmp_path: Path) -> None:
    class Shut:
        def append(self, _items: object) -> list[str]:
            raise Away("shut")

    spool = Spool(tmp_path, most_bytes=3000)
    intake = Intake(stream=Shut(), spool=spool, clock=SystemClock())  # type: ignore[arg-type]
    server = Flask("full")
    server.register_blueprint(door(intake, Gate(lambda: SOURCES), CollectorRegistry()))
    client, bearer = server.test_client(), {"Authorization": "Bearer key"}
    answers = [client.post("/api/v1/intake/native", data=b"x" * 1000, headers=bearer) for _ in range(5)]
    assert [one.status_code for one in answers] == [202, 202, 503, 503, 503]
    assert (answers[2].json["error"]["code"], answers[2].headers["Retry-After"]) == ("full", "10")
    found: list[Payload] = []
    assert spool.drain(found.extend) == 2
    assert client.post("/api/v1/intake/native", data=b"y" * 1000, headers=bearer).status_code == 202
