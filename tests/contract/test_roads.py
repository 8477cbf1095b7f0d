"""Stream and frames: the in-memory adapters are the reference, the Redis ones must match them."""

import pytest
from redis import Redis

from dashboard.errors import Away
from dashboard.ports import Payload
from data.frames import RedisFrames
from data.memory import MemoryFrames, MemoryStream
from data.road import connect, not_durable
from data.stream import RedisStream


@pytest.fixture(params=["memory", "redis"])
def stream(request: pytest.FixtureRequest):
    return MemoryStream() if request.param == "memory" else RedisStream(request.getfixturevalue("redis_log"))


@pytest.fixture(params=["memory", "redis"])
def frames(request: pytest.FixtureRequest):
    return MemoryFrames() if request.param == "memory" else RedisFrames(request.getfixturevalue("redis_wire"), ["kpi", "events"])


def payload(n: int) -> Payload:
    return Payload("native", n, bytes([n, 0, 255]), {"content-type": "x"}, f"r{n}")


def test_what_goes_in_comes_out_in_order_and_whole(stream) -> None:
    entries = stream.append([payload(n) for n in range(5)])
    taken = stream.take("0-0", wait_s=0)
    assert [one.entry for one in taken] == entries
    assert [one.payload for one in taken] == [payload(n) for n in range(5)]


def test_reading_goes_on_after_a_mark(stream) -> None:
    entries = stream.append([payload(n) for n in range(3)])
    assert [one.payload.received for one in stream.take(entries[1], wait_s=0)] == [2]
    assert stream.take(entries[2], wait_s=0) == []


def test_trimming_never_takes_what_is_behind_the_mark(stream) -> None:
    entries = stream.append([payload(n % 250) for n in range(400)])
    stream.trim(entries[200])
    assert [one.entry for one in stream.take(entries[200], wait_s=0)] == entries[201:]


def test_a_log_that_lost_its_past_is_read_from_its_start(redis_log: Redis) -> None:
    RedisStream(redis_log).append([payload(1)])
    assert [one.payload for one in RedisStream(redis_log).take("99999999999999-0", wait_s=0)] == [payload(1)]


def test_the_latest_of_each_topic_wins_and_a_late_comer_sees_it(frames) -> None:
    frames.publish({"kpi": b"1", "events": b"a"})
    frames.publish({"kpi": b"2"})
    seen = {topic: body for topic, _, body in next(iter(frames.follow()))}
    assert seen == {"kpi": b"2", "events": b"a"}


def test_numbers_grow(frames) -> None:
    frames.publish({"kpi": b"1"})
    (_, first, _), *_ = next(iter(frames.follow()))
    frames.publish({"kpi": b"2"})
    assert max(seq for _, seq, _ in next(iter(frames.follow()))) > first


def test_following_yields_a_round_once(redis_wire: Redis) -> None:
    frames = RedisFrames(redis_wire, ["kpi", "events"])
    frames.publish({"kpi": b"1"})
    following = frames.follow()
    assert [topic for topic, _, _ in next(following)] == ["kpi"]
    frames.publish({"kpi": b"2", "events": b"a"})
    assert sorted(topic for topic, _, _ in next(following)) == ["events", "kpi"]


def test_nobody_there_is_away(tmp_path) -> None:
    nowhere = connect(f"unix://{tmp_path}/none", timeout_s=0.2)
    with pytest.raises(Away):
        RedisStream(nowhere).append([payload(1)])
    with pytest.raises(Away):
        RedisFrames(nowhere, ["kpi"]).publish({"kpi": b"1"})


def test_only_a_log_that_keeps_everything_is_durable(redis_log: Redis, redis_wire: Redis) -> None:
    assert not_durable(redis_log) == []
    assert {one.split()[0] for one in not_durable(redis_wire)} == {"appendonly", "appendfsync"}
