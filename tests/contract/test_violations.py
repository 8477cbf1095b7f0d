"""Violations in the record: one for each event, once, and acts of which none is lost or done twice."""

import threading

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from dashboard.board import turn
from dashboard.errors import Missing
from dashboard.events import Heard, Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from dashboard.violations.funnel import Counted
from dashboard.violations.lists import Waiting
from dashboard.violations.violation import Asked, Late
from data.memory import HandClock
from data.store.record import SqlStore
from data.store.violations import SqlViolations
from tests.town import camera, kind, town

NOW, DAY = 1_795_410_000_000, 86_400_000
CITY = town(
    cameras=(camera("H-001"), camera("H-002")), kinds=(replace(kind("red_light", "event"), violation=True), kind("crowd", "event"))
)
HEARING = Hearing(CITY, locate=lambda *_: "")


def seen(key: str, kind: str = "red_light", at: int = NOW, camera: str = "H-001") -> Heard:
    return HEARING.hear("native", NOW, Sighted(id=key, at=at, kind=kind, camera=camera, plate="75A-123.45"))


def recorded(engine: Engine, *heard: Heard) -> SqlViolations:
    store = SqlStore(engine, city=CITY)
    store.record(turn(store.load(NOW), NOW), Reading(heard, ()), store.mark())
    return SqlViolations(engine, HandClock(NOW))


def test_an_event_of_such_a_kind_is_one_once_however_often_it_is_told(engine: Engine) -> None:
    recorded(engine, seen("a"), seen("b", "crowd"), seen("late", at=NOW - 30 * DAY))
    again = seen("a")
    found = recorded(engine, again, replace(again, event=replace(again.event, revision=5)))
    (one,) = found.listed("detected", most=10)
    assert (one.violation.seq, one.violation.kind, one.violation.camera, one.violation.at) == (1, "red_light", "H-001", NOW)
    assert one.event.heard.event.plate == "75A-123.45"  # type: ignore[union-attr]


def test_what_waits_is_listed_from_the_oldest_and_what_is_done_from_the_newest(engine: Engine) -> None:
    found = recorded(engine, *(seen(f"v{n}", at=NOW + 1000 * n) for n in range(5)), seen("other", camera="H-002"))
    seqs = [one.violation.seq for one in found.listed("detected", camera="H-001", most=3)]
    assert seqs == [1, 2, 3]
    found.act([1, 2], Asked("reject", reason="unclear"), who="lan")
    assert [one.violation.seq for one in found.listed("none", most=9)] == [2, 1]
    assert [one.violation.seq for one in found.listed("detected", kind="crowd", most=9)] == []


def test_the_same_act_about_many_is_all_or_none(engine: Engine) -> None:
    found = recorded(engine, *(seen(f"v{n}") for n in range(3)))
    found.act([1, 2], Asked("confirm"), who="lan")
    with pytest.raises(Late):
        found.act([1, 2, 3], Asked("hand", unit="CA"), who="minh")
    with pytest.raises(Missing):
        found.act([1, 99], Asked("hand", unit="CA"), who="minh")
    assert len(found.listed("confirmed", most=9)) == 2
    assert len(found.act([1, 2, 1], Asked("hand", unit="CA"), who="minh")) == 2
    with engine.connect() as sql:
        acts = sql.execute(text("SELECT violation, action, who, told FROM violation_act ORDER BY seq")).all()
    assert acts == [(1, "confirm", "lan", ""), (2, "confirm", "lan", ""), (1, "hand", "minh", "CA"), (2, "hand", "minh", "CA")]


def test_two_people_at_once_are_not_both_the_first(engine: Engine) -> None:
    found = recorded(engine, *(seen(f"v{n}") for n in range(20)))
    done: list[str] = []

    def review(who: str) -> None:
        for seq in range(1, 21):
            try:
                found.act([seq], Asked("confirm"), who=who)
            except Late:
                continue
            done.append(who)

    both = [threading.Thread(target=review, args=(who,)) for who in ("lan", "minh")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(done) == 20
    with engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM violation_act")) == 20


def test_the_funnel_and_the_backlog_are_counted(engine: Engine) -> None:
    found = recorded(engine, seen("a", at=NOW - 5000), seen("b"), seen("c", camera="H-002"), seen("x", "crowd"))
    found.act([2], Asked("confirm"), who="lan")
    assert found.waiting() == Waiting(2, NOW - 5000)
    told = [
        Counted("red_light", "H-001", "confirmed", 1),
        Counted("red_light", "H-001", "detected", 1),
        Counted("red_light", "H-002", "detected", 1),
    ]
    assert sorted(found.counted(NOW - DAY, NOW + 1)) == sorted(told)
    assert found.counted(NOW + 1, NOW + DAY) == []
    found.act([1, 3], Asked("reject", reason="double"), who="lan")
    assert found.waiting() == Waiting(0, 0)
