"""The doors of the past: for whoever sees it live, in bounds, masked as live."""

import pytest

from dashboard.access import ROLES, may
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.store.past import SqlPast
from data.store.record import SqlStore
from tests.web.conftest import PACK, now_ms

PLATE, SECRET_PLATE = "75A-***.45", "75A-123.45"


@pytest.fixture
def lived(web) -> int:
    """A board that read a plate a minute ago and raised an alarm; return when."""
    store, at = SqlStore(web.engine, city=PACK.city), now_ms() - 60_000
    hearing = Hearing(PACK.city, locate=lambda *_: "")
    told = [
        hearing.hear("native", at, Sighted(id="p", at=at, kind="plate_read", camera="H-001", plate=SECRET_PLATE)),
        hearing.hear("native", at, Sighted(id="f", at=at, kind="fire_confirmed", camera="H-002")),
    ]
    store.record(turn(store.load(at), at), Reading(told, ()), "1-0")
    return at


@pytest.mark.parametrize("role", ROLES)
def test_nobody_sees_of_the_past_what_he_does_not_see_live(web, lived, role) -> None:
    client = web.signed(role)
    assert not may(role, "replay.view") or may(role, "live.join")
    status = 200 if may(role, "replay.view") else 403
    assert client.get(f"/replay/frames?at={lived}").status_code == status
    assert client.get("/replay/span").status_code == status


def test_a_stranger_is_told_nothing(web, lived) -> None:
    assert web.server.test_client().get(f"/replay/frames?at={lived}").status_code == 401


def test_a_past_second_is_told_topic_by_topic_and_masked(web, lived) -> None:
    answer = web.signed("operator").get(f"/replay/frames?at={lived + 1000}&step=1000&steps=3")
    assert answer.headers["Cache-Control"] == "no-store"
    assert SECRET_PLATE.encode() not in answer.data
    first, *rest = answer.json["frames"]
    assert [one["at"] for one in (first, *rest)] == [lived + 1000, lived + 2000, lived + 3000]
    assert first["topics"]["plates"]["rows"][0]["plate"] == PLATE
    assert first["topics"]["alarms"]["open"]["1"] == 1
    assert all("plates" not in one["topics"] for one in rest)


def test_what_was_before_there_was_a_record_is_nothing_and_what_will_be_is_not_told(web, lived) -> None:
    client = web.signed("operator")
    assert client.get(f"/replay/frames?at={lived - 1000}").json["frames"] == []
    assert client.get(f"/replay/frames?at={now_ms() + 3_600_000}").json["frames"] == []
    half = client.get(f"/replay/frames?at={now_ms() - 1500}&step=60000&steps=30").json["frames"]
    assert len(half) == 1


def test_the_day_shows_where_something_urgent_began(web, lived) -> None:
    told = web.signed("operator").get(f"/replay/span?first={lived - 1000}&last={lived + 1000}").json
    assert (told["first"], told["urgent"]) == (lived, [[lived, 1]])
    assert web.signed("operator").get(f"/replay/span?first=0&last={lived - 1000}").json["urgent"] == []


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "?at=",
        "?at=-1",
        "?at=x",
        "?at=1&steps=0",
        "?at=1&steps=31",
        "?at=1&step=99",
        "?at=1&step=60001",
        "?at=9999999999999999",
        "?at=٣",
    ],
)
def test_what_cannot_be_asked_is_refused(web, asked: str) -> None:
    assert web.signed("operator").get(f"/replay/frames{asked}").status_code == 400


def test_the_past_of_an_empty_record_is_empty(web) -> None:
    client = web.signed("operator")
    assert client.get("/replay/span").json["first"] is None
    assert client.get("/replay/frames?at=1000").json["frames"] == []
    assert SqlPast(web.engine).span() is None
