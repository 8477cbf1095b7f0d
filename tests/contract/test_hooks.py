"""Signed posts (Standard Webhooks), by their vectors: what is signed is let in, once, for five minutes; everything else is not (S-11)."""

import base64
import hashlib
import hmac
import io
import json
import time

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry
from redis import Redis

from data.clock import SystemClock
from data.doors.intake import HOOK_WINDOW_S, Gate, door
from data.intake import Intake
from data.spool import Spool
from data.store.sources import Sources
from data.stream import RedisStream

SECRET = b"0123456789abcdef0123456789abcdef"
EVENT = b'{"type":"sighted","id":"a","at":5,"kind":"crowd","camera":"H-001"}'


@pytest.fixture
def sources(sqlite) -> Sources:
    return Sources(sqlite)


@pytest.fixture
def client(sources, redis_log: Redis, tmp_path):
    sources.add("native", adapter="native", now_ms=1, hmac=base64.b64encode(SECRET).decode(), secret="kyd_bearer")
    for name, signing in (
        ("empty", "whsec_"),
        ("short", base64.b64encode(b"short").decode()),
        ("broken", "no base64!"),
        ("none", ""),
    ):
        sources.add(name, adapter="native", now_ms=1, hmac=signing)
    server = Flask("test")
    intake = Intake(stream=RedisStream(redis_log), spool=Spool(tmp_path / "spool"), clock=SystemClock())
    server.register_blueprint(door(intake, Gate(sources.all), CollectorRegistry()))
    return server.test_client()


def signed(
    raw: bytes = EVENT, *, key: str = "msg_1", age_s: float = 0, secret: bytes = SECRET, version: str = "v1"
) -> dict[str, str]:
    stamp = str(int(time.time() - age_s))
    mark = base64.b64encode(hmac.new(secret, f"{key}.{stamp}.".encode() + raw, hashlib.sha256).digest()).decode()
    return {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": f"{version},{mark}"}


def post(client, headers: dict[str, str], raw: bytes = EVENT, source: str = "native"):
    return client.post(f"/api/v1/intake/{source}", data=raw, headers={"Content-Type": "application/json"} | headers)


def kept(redis_log: Redis) -> int:
    return len(RedisStream(redis_log).take("0-0", wait_s=0))


@pytest.mark.parametrize("age_s", [0, HOOK_WINDOW_S - 5, -(HOOK_WINDOW_S - 5)])
def test_within_five_minutes_it_is_let_in(client, redis_log: Redis, age_s: float) -> None:
    assert post(client, signed(age_s=age_s)).status_code == 202
    assert kept(redis_log) == 1


def test_one_of_several_signatures_is_enough(client) -> None:
    """Two keys are in force while one is rotated; each is signed with."""
    told = signed()
    assert post(client, told | {"webhook-signature": f"v1,AAAA v1a,xx {told['webhook-signature']}"}).status_code == 202


# Made when they are sent: a second more and the one of 301 s ahead would be in time.
FORGED = {
    "301 s old": lambda: signed(age_s=HOOK_WINDOW_S + 1),
    "301 s ahead": lambda: signed(age_s=-(HOOK_WINDOW_S + 2)),
    "another key": lambda: signed(secret=b"x" * 32),
    "an empty key": lambda: signed(secret=b""),
    "of another version": lambda: signed(version="v2"),
    "another id": lambda: signed() | {"webhook-id": "msg_2"},
    "another stamp": lambda: signed() | {"webhook-timestamp": str(int(time.time()) - 20)},
    "no id": lambda: {key: value for key, value in signed().items() if key != "webhook-id"},
    "no stamp": lambda: {key: value for key, value in signed().items() if key != "webhook-timestamp"},
    "no signature": lambda: {key: value for key, value in signed().items() if key != "webhook-signature"},
    "an empty signature": lambda: signed() | {"webhook-signature": ""},
    "a signature that is none": lambda: signed() | {"webhook-signature": "v1,é v1, v1"},
    "a stamp in strange digits": lambda: signed() | {"webhook-timestamp": "²"},
    "a negative stamp": lambda: signed() | {"webhook-timestamp": "-5"},
    "a stamp with a fraction": lambda: signed() | {"webhook-timestamp": "1e9"},
    "no base64": lambda: {"Authorization": "Basic é"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
def test_what_is_not_signed_is_refused(client, redis_log: Redis, headers) -> None:
    assert post(client, headers()).status_code == 401
    assert kept(redis_log) == 0


def test_the_bytes_are_signed_not_what_they_mean(client) -> None:
    told = json.loads(EVENT)
    turned = json.dumps(dict(reversed(told.items()))).encode()
    assert post(client, signed(), turned).status_code == 401
    assert post(client, signed(), EVENT + b"\n").status_code == 401
    assert post(client, signed(turned, key="msg_3"), turned).status_code == 202


@pytest.mark.parametrize("source", ["empty", "short", "broken", "none"])
@pytest.mark.parametrize("secret", [b"", b"short", b"no base64!", SECRET])
def test_a_source_without_a_proper_signing_key_takes_no_signature(client, source, secret) -> None:
    assert post(client, signed(secret=secret), source=source).status_code == 401


def test_a_replay_gets_the_same_receipt_and_is_kept_once(client, redis_log: Redis) -> None:
    """Also a sender that did not hear our answer asks again, with a new stamp under the old id."""
    first = post(client, signed())
    again = [post(client, signed(age_s=n)) for n in (0, 0, 3)]
    assert {answer.status_code for answer in again} == {202}
    assert {answer.json["ids"][0] for answer in again} == {first.json["ids"][0]}
    assert kept(redis_log) == 1


def test_another_body_under_an_old_id_is_not_lost(client, redis_log: Redis) -> None:
    other = EVENT.replace(b'"a"', b'"b"')
    assert post(client, signed()).json["ids"] != post(client, signed(other), other).json["ids"]
    assert kept(redis_log) == 2


def test_whoever_shows_the_key_is_not_asked_for_ids(client, redis_log: Redis) -> None:
    for _ in range(2):
        assert post(client, {"Authorization": "Bearer kyd_bearer", "webhook-id": "x", "webhook-signature": "x"}).status_code == 202
    assert kept(redis_log) == 2


def test_a_stranger_is_refused_before_his_body_is_read(client) -> None:
    """Ten megabytes of nobody's cost no memory."""

    class Never(io.BytesIO):
        def read(self, *_: int) -> bytes:
            raise AssertionError("the body was read")

    for headers, status in (({"HTTP_AUTHORIZATION": "Bearer wrong"}, 401), ({}, 401)):
        answer = client.post(
            "/api/v1/intake/native",
            input_stream=Never(b"x"),
            content_type="application/json",
            content_length=9_000_000,
            environ_overrides=headers,
        )
        assert answer.status_code == status
    assert client.post("/api/v1/intake/nobody", input_stream=Never(b"x"), content_type="application/json").status_code == 404
