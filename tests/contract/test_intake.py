"""The intake's promise and its door: with a real log, with none, and with bad guests."""

import base64
import gzip
import hashlib
import hmac
import json
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from redis import Redis
from sqlalchemy import Engine

from dashboard.errors import Away
from dashboard.ports import Payload
from data.clock import SystemClock
from data.doors.intake import MOST_BYTES, Bucket, Gate, door
from data.intake import Intake
from data.road import connect
from data.spool import Full, Spool
from data.store.sources import Sources
from data.stream import RedisStream
from tests.conftest import Server

EVENT = b'{"type":"sighted","id":"a","at":5,"kind":"crowd","camera":"H-001"}'


@pytest.fixture
def keys(sqlite: Engine) -> tuple[Sources, str]:
    sources = Sources(sqlite)
    return sources, sources.add("native", adapter="native", now_ms=1, hmac=base64.b64encode(b"s" * 32).decode())


@pytest.fixture
def intake(redis_log: Redis, tmp_path: Path) -> Intake:
    return Intake(stream=RedisStream(redis_log), spool=Spool(tmp_path / "spool"), clock=SystemClock())


@pytest.fixture
def client(intake: Intake, keys):
    server = Flask("test")
    server.register_blueprint(door(intake, Gate(keys[0].all), CollectorRegistry()))
    return server.test_client()


@pytest.fixture
def bearer(keys) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys[1]}", "Content-Type": "application/json"}


def post(client, raw: bytes, headers: dict[str, str], source: str = "native"):
    return client.post(f"/api/v1/intake/{source}", data=raw, headers=headers)


def kept(redis_log: Redis) -> list[bytes]:
    return [one.payload.raw for one in RedisStream(redis_log).take("0-0", wait_s=0)]


def test_202_only_with_the_bytes_in_the_log(client, bearer, redis_log: Redis) -> None:
    answer = post(client, EVENT, bearer)
    assert answer.status_code == 202
    assert (answer.json["kept"], len(answer.json["ids"])) == ("stream", 1)
    assert kept(redis_log) == [EVENT]


def test_basic_and_signed_posts_are_let_in(client, keys, redis_log: Redis) -> None:
    basic = base64.b64encode(f"camera:{keys[1]}".encode()).decode()
    assert post(client, EVENT, {"Authorization": f"Basic {basic}"}).status_code == 202
    stamp = str(int(time.time()))
    signed = base64.b64encode(hmac.new(b"s" * 32, f"m1.{stamp}.".encode() + EVENT, hashlib.sha256).digest()).decode()
    hook = {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": f"v1,xx v1,{signed}"}
    assert post(client, EVENT, hook).status_code == 202
    assert post(client, EVENT + b" ", hook).status_code == 401
    assert post(client, EVENT, hook | {"webhook-timestamp": str(int(stamp) - 400)}).status_code == 401
    assert len(kept(redis_log)) == 2


@pytest.mark.parametrize(
    ("headers", "raw", "source", "status", "code"),
    [
        ({}, EVENT, "native", 401, "unauthorized"),
        ({"Authorization": "Bearer wrong"}, EVENT, "native", 401, "unauthorized"),
        (None, EVENT, "nobody", 404, "unknown_source"),
        (None, b"  ", "native", 400, "empty"),
        (None, b"x" * (MOST_BYTES + 1), "native", 413, "too_large"),
        ({"Content-Type": "video/mp4"}, EVENT, "native", 415, "unsupported_type"),
        ({"Content-Encoding": "br"}, EVENT, "native", 415, "unsupported_encoding"),
        ({"Content-Encoding": "gzip"}, EVENT, "native", 400, "bad_gzip"),
        ({"Content-Encoding": "gzip"}, gzip.compress(EVENT, mtime=0)[:-9], "native", 400, "bad_gzip"),
        ({"Content-Encoding": "gzip"}, gzip.compress(b" " * (MOST_BYTES + 1), mtime=0), "native", 413, "too_large"),
    ],
)
def test_no_is_said_in_json(client, bearer, redis_log: Redis, headers, raw: bytes, source: str, status: int, code: str) -> None:
    given_headers = bearer | headers if headers is not None and headers and "Authorization" not in headers else headers
    answer = post(client, raw, bearer if given_headers is None else given_headers, source)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.json["error"]["message"]
    assert kept(redis_log) == []


def test_other_methods_and_gzip(client, bearer, redis_log: Redis) -> None:
    assert client.get("/api/v1/intake/native").status_code == 405
    assert post(client, gzip.compress(EVENT, mtime=0), bearer | {"Content-Encoding": "gzip"}).status_code == 202
    assert kept(redis_log) == [EVENT]


def test_a_disabled_source_is_refused_and_a_rotated_key_takes_over(keys, intake: Intake) -> None:
    sources, old = keys
    new = sources.rotate("native")
    server = Flask("test")
    server.register_blueprint(door(intake, Gate(sources.all), CollectorRegistry()))
    for secret in (old, new):
        assert post(server.test_client(), EVENT, {"Authorization": f"Bearer {secret}"}).status_code == 202
    sources.disable("native", now_ms=5)
    other = Flask("other")
    other.register_blueprint(door(intake, Gate(sources.all), CollectorRegistry()))
    assert post(other.test_client(), EVENT, {"Authorization": f"Bearer {new}"}).status_code == 404


def test_a_source_has_an_allowance(monkeypatch) -> None:
    monkeypatch.setattr("data.doors.intake.RATE", 0.0)
    bucket = Bucket(left=2.0)
    assert [bucket.take(), bucket.take(), bucket.take()] == [True, True, False]


def test_too_much_is_429_with_a_time_to_come_back(client, bearer, monkeypatch) -> None:
    monkeypatch.setattr(Bucket, "take", lambda _self: False)
    answer = post(client, EVENT, bearer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_a_full_disk_is_503(client, bearer, intake: Intake, monkeypatch) -> None:
    monkeypatch.setattr(intake, "accept", lambda *_: (_ for _ in ()).throw(Full("full")))
    answer = post(client, EVENT, bearer)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "full")


def test_while_the_log_is_away_the_disk_keeps_the_order(short: Path, tmp_path: Path) -> None:
    server = Server(short / "away", durable=True)
    stream = RedisStream(connect(server.url, timeout_s=0.5))
    intake = Intake(stream=stream, spool=Spool(tmp_path / "spool"), clock=SystemClock())
    assert intake.accept("native", b"0", {}).where == "stream"
    server.kill()
    assert [intake.accept("native", str(n).encode(), {}).where for n in range(1, 6)] == ["spool"] * 5
    server.start()
    assert intake.accept("native", b"6", {}).where == "spool"
    deadline = time.monotonic() + 10
    while intake.spooled_bytes:
        assert time.monotonic() < deadline
        try:
            intake.drain()
        except Away:
            continue
    assert [one.payload.raw for one in RedisStream(connect(server.url, timeout_s=2)).take("0-0", wait_s=0)] == [
        str(n).encode() for n in range(7)
    ]
    server.kill()


def test_many_at_once_share_rounds_and_lose_nothing(intake: Intake, redis_log: Redis) -> None:
    def send(name: int) -> None:
        for n in range(40):
            intake.accept("native", f"{name}/{n}".encode(), {})

    threads = [threading.Thread(target=send, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = kept(redis_log)
    assert sorted(found) == sorted(f"{name}/{n}".encode() for name in range(8) for n in range(40))
    for name in range(8):
        assert [one for one in found if one.startswith(f"{name}/".encode())] == [f"{name}/{n}".encode() for n in range(40)]


def payloads(count: int) -> list[Payload]:
    return [Payload("s", n, bytes([n]) * n, {"k": "v"}, f"r{n}") for n in range(count)]


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 400))
def test_a_torn_tail_costs_only_what_was_never_answered(tmp_path_factory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder)
    spool.append(payloads(8))
    spool.close()
    path = folder / "0.spool"
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(whole) - cut, 0)])
    again: list[Payload] = []
    opened = Spool(folder)
    while opened.drain(again.extend):
        pass
    assert again == payloads(8)[: len(again)]
    assert cut or len(again) == 8
    opened.close()


def test_what_is_refused_while_draining_stays(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(payloads(5))

    def shut(_items: object) -> None:
        raise Away

    with pytest.raises(Away):
        spool.drain(shut)
    found: list[Payload] = []
    assert spool.drain(found.extend, at_once=2) == 2
    spool.drain(found.extend)
    assert found == payloads(5)
    assert spool.empty


def test_a_dead_processes_spool_is_taken_over_and_a_living_ones_is_not(tmp_path: Path) -> None:
    first = Spool(tmp_path)
    first.append(payloads(2))
    second = Spool(tmp_path)
    assert second.empty
    first.close()
    assert not Spool(tmp_path).empty


def test_a_spool_has_a_limit(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=100)
    with pytest.raises(Full):
        spool.append([Payload("s", 1, b"x" * 200, {}, "r")])
    assert spool.empty


@settings(max_examples=60, deadline=None)
@given(
    raw=st.binary(max_size=300),
    kind=st.sampled_from(["application/json", "application/xml", "text/plain", "multipart/form-data; boundary=x", ""]),
)
def test_no_body_is_ever_a_5xx(tmp_path_factory, raw: bytes, kind: str) -> None:
    server = Flask("test")

    class Nowhere:
        def append(self, items: list[Payload]) -> list[str]:
            return [json.dumps(one.receipt) for one in items]

    taking = Intake(stream=Nowhere(), spool=Spool(tmp_path_factory.mktemp("s")), clock=SystemClock())  # type: ignore[arg-type]
    server.register_blueprint(door(taking, Gate(dict), CollectorRegistry()))
    answer = server.test_client().post("/api/v1/intake/native", data=raw, headers={"Content-Type": kind})
    assert answer.status_code < 500
