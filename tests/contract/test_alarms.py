"""Alarms in the record: people and the board write them at once, and neither loses what the other did, nor does it twice."""

import threading
from contextlib import suppress
from typing import get_args

import msgspec
import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from dashboard.alarms.acts import UNDO_MS, Asked, Illegal, Incomplete
from dashboard.alarms.alarm import Action
from dashboard.board import Board, turn
from dashboard.city import Realarm
from dashboard.errors import Away, Missing
from dashboard.events import CameraChanged, Heard, Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.store.alarms import SqlAlarms
from data.store.migrate import config
from data.store.record import SqlStore
from data.store.tables import ALARM, ALARM_ACT, META
from data.stream import nudge
from tests.keep import Hands, Room
from tests.town import camera, kind, town

CITY = town(
    cameras=(camera("H-001", critical=True), *(camera(f"H-{n:03d}") for n in range(2, 30))),
    kinds=(
        msgspec.structs.replace(kind("fire_single", "alarm", 2), stays=True),
        kind("crowd", "alarm", 3),
        kind("camera_critical_lost", "alarm", 4),
        msgspec.structs.replace(kind("fire_confirmed", "alarm", 1), group_by=("cluster",), group_radius_m=300, family="smoke"),
        msgspec.structs.replace(
            kind("smoke", "alarm", 2),
            group_by=("cluster",),
            group_radius_m=300,
            family="smoke",
            on_delay_s=10,
            realarm=Realarm(second_camera="fire_confirmed", doubles=True, quiet_s=60, steps_s=(300, 900)),
        ),
        msgspec.structs.replace(kind("flicker", "alarm", 3, off_s=0)),
        msgspec.structs.replace(kind("camera_group_lost", "alarm", 3), on_delay_s=60),
        kind("red_light", "event"),
        kind("camera_lost", "event"),
    ),
)
HEARING = Hearing(CITY, locate=lambda *_: "19753")
START = 1_795_410_000_000
MINUTE = 60_000


def seen(key: str, now: int, *, kind: str = "fire_single", camera: str = "H-002", ended: bool = False, revision: int = 0) -> Heard:
    event = Sighted(id=key, at=now, kind=kind, camera=camera, ended=now if ended else None, revision=revision)
    return HEARING.hear("native", now, event)


def stood(key: str, now: int, state: str, camera: str = "H-001") -> Heard:
    return HEARING.hear("native", now, CameraChanged(id=key, at=now, camera=camera, state=state))


class World:
    """A board and people over one record, with a clock that the test turns."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.nudged, self._keys, self._marks = engine, Hands(START), 0, 0, 0
        self.store = SqlStore(engine, city=CITY)
        self.alarms = SqlAlarms(engine, self.clock, nudge=self._nudge)
        self.board = self.store.record(self.store.load(START), Reading((), ()), "0-0")

    def _nudge(self) -> None:
        self.nudged += 1

    def hear(self, *heard: Heard) -> Board:
        self._marks += 1
        self.board = self.store.record(turn(self.board, self.clock.at_ms), Reading(heard, ()), f"{self._marks}-0")
        return self.board

    def act(self, alarm: str, action: str, *, who: str = "An", key: str = "", **more: object):
        self._keys += 1
        full = {"why": "a reason", "minutes": 15, "outcome": "handled"} | more
        return self.alarms.act(alarm, Asked(action, **full), who=who, key=key or f"k{self._keys}")

    @property
    def only(self):
        (alarm,) = self.board.alarms.values()
        return alarm


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def same(one: Board, other: Board) -> None:
    for name in Board.__struct_fields__:
        assert getattr(one, name) == getattr(other, name), name


pauses = st.sampled_from([0, 500, 5_000, 11_000, 2 * MINUTE, 6 * MINUTE, 61 * MINUTE])
tellings = st.tuples(
    st.just("hear"),
    st.integers(0, 8),
    st.sampled_from(["fire_single", "crowd", "smoke", "flicker"]),
    st.sampled_from(["H-001", "H-002"]),
    st.booleans(),
)
cameras = st.tuples(
    st.just("stood"),
    st.integers(0, 50),
    st.sampled_from(["online", "offline", "offline"]),
    st.sampled_from(["H-001", "H-003", "all"]),
)
doings = st.tuples(st.just("act"), st.integers(0, 4), st.sampled_from(get_args(Action)), st.sampled_from(["An", "Bình"]))
stories = st.lists(st.tuples(st.one_of(tellings, cameras, doings), pauses), max_size=25)


def play(world: World, story) -> None:
    for number, (thing, later) in enumerate(story):
        world.clock.at_ms += later
        now = world.clock.at_ms
        if thing[0] == "hear":
            world.hear(seen(f"s{thing[1]}", now, kind=thing[2], camera=thing[3], ended=thing[4], revision=number))
        elif thing[0] == "stood":
            which = [f"H-{n:03d}" for n in range(1, 8)] if thing[3] == "all" else [thing[3]]
            world.hear(*(stood(f"c{thing[1]}-{one}", now, thing[2], one) for one in which))
        else:
            _, which, action, who = thing
            with world.engine.connect() as sql:
                ids = list(sql.scalars(select(ALARM.c.id).order_by(ALARM.c.id)))
            with suppress(Illegal, Incomplete, Missing):
                world.act(ids[which % len(ids)] if ids else "9", action, who=who)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(story=stories)
def test_what_is_loaded_equals_what_was_folded_whoever_wrote(engine: Engine, story) -> None:
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())
    world = World(engine)
    play(world, story)
    world.hear()
    same(SqlStore(engine, city=CITY).load(world.clock.at_ms), world.board)
    with engine.connect() as sql:
        numbers = list(sql.scalars(select(ALARM_ACT.c.seq).order_by(ALARM_ACT.c.seq)))
        last = dict(sql.execute(select(ALARM_ACT.c.alarm, ALARM_ACT.c.state).order_by(ALARM_ACT.c.seq)).all())
        assert dict(sql.execute(select(ALARM.c.id, ALARM.c.state)).all()) == last
    assert numbers == list(range(1, len(numbers) + 1))
    assert world.board.acted == len(numbers)


def test_an_alarm_from_its_first_event_to_its_end(world: World) -> None:
    world.hear(seen("a", START), seen("b", START))
    assert (world.only.state, world.only.count, world.only.version) == ("new", 2, 0)
    assert world.act(world.only.id, "acknowledge").alarm.state == "acknowledged"
    world.hear(seen("c", START))
    assert (world.only.state, world.only.count, world.only.course.owner) == ("acknowledged", 3, "An")
    world.act(world.only.id, "claim")
    world.act(world.only.id, "note", why="  two engines are there ")
    closed = world.act(world.only.id, "close", outcome="false_alarm")
    assert world.hear().alarms == {}
    told = [(one.action, one.who, one.why, one.alarm.state) for one in world.alarms.history(closed.alarm.id)]
    assert told == [
        ("raise", "", "", "new"),
        ("acknowledge", "An", "a reason", "acknowledged"),
        ("claim", "An", "a reason", "in_work"),
        ("note", "An", "two engines are there", "in_work"),
        ("close", "An", "a reason", "closed"),
    ]
    same(world.store.load(START), world.board)


def test_after_closing_a_new_event_opens_another_and_an_amended_one_does_not(world: World) -> None:
    world.hear(seen("a", START))
    first = world.only.id
    world.act(first, "acknowledge")
    world.act(first, "close")
    assert world.hear(seen("a", START, revision=1)).alarms == {}
    world.hear(seen("b", START))
    assert world.only.id != first
    with pytest.raises(Illegal) as no:
        world.act(first, "undo")
    assert no.value.code == "newer"


def test_a_closing_is_undone_on_the_board_too(world: World) -> None:
    world.hear(seen("a", START))
    number = world.only.id
    world.act(number, "acknowledge")
    world.act(number, "close")
    assert world.hear().alarms == {}
    world.clock.at_ms += UNDO_MS
    world.act(number, "undo")
    world.hear()
    assert (world.only.id, world.only.state) == (number, "acknowledged")
    same(world.store.load(world.clock.at_ms), world.board)


def test_what_stays_waits_for_a_person_and_a_new_event_alarms_again(world: World) -> None:
    world.hear(seen("a", START, ended=True))
    world.clock.at_ms += 2 * MINUTE
    world.hear()
    assert (world.only.state, world.only.over) == ("returned", True)
    world.hear(seen("b", world.clock.at_ms))
    assert (world.only.state, world.only.count, world.only.raised) == ("new", 2, world.clock.at_ms)
    world.clock.at_ms += 6 * MINUTE
    world.hear()
    assert world.act(world.only.id, "acknowledge").alarm.course.outcome == "over"
    assert world.hear().alarms == {}


def test_time_that_passed_unseen_by_the_board_counts_for_whoever_acts(world: World) -> None:
    world.hear(seen("a", START))
    world.act(world.only.id, "shelve", minutes=5)
    world.clock.at_ms += 5 * MINUTE
    assert world.act(world.only.id, "acknowledge").alarm.state == "acknowledged"
    told = [(one.action, one.who) for one in world.alarms.history(world.only.id)]
    assert told == [("raise", ""), ("shelve", "An"), ("unshelve", ""), ("acknowledge", "An")]
    world.hear()
    same(world.store.load(world.clock.at_ms), world.board)


def test_the_same_act_told_again_is_one_act(world: World) -> None:
    world.hear(seen("a", START))
    first = world.act(world.only.id, "acknowledge", key="abc")
    assert world.act(world.only.id, "acknowledge", key="abc") == first
    assert len(world.alarms.history(world.only.id)) == 2
    with pytest.raises(Illegal) as no:
        world.act(world.only.id, "close", key="abc")
    assert no.value.code == "key"
    with pytest.raises(Illegal) as other:
        world.act(world.only.id, "acknowledge", key="abc", who="Bình")
    assert other.value.alarm.course.owner == "An"


def test_there_is_nothing_to_do_about_what_is_not_there(world: World, sqlite: Engine) -> None:
    with pytest.raises(Missing):
        world.act("404", "acknowledge")
    assert world.alarms.history("404") == []


def test_a_record_that_no_board_has_kept_has_no_alarms(engine: Engine) -> None:
    with pytest.raises(Missing):
        SqlAlarms(engine, Hands(), nudge=lambda: None).act("1", Asked("acknowledge"), who="An", key="k")


def test_two_at_once_never_act_twice(world: World) -> None:
    """Twenty-five alarms, six people who all want each of them, and a board that goes on counting meanwhile."""
    world.hear(*(seen(f"s{n}", START, camera=f"H-{n:03d}") for n in range(2, 27)))
    ids, won, errors = [one.id for one in world.board.alarms.values()], [], []
    gate = threading.Barrier(7)

    def person(who: str) -> None:
        gate.wait()
        for number in ids:
            try:
                won.append((number, world.alarms.act(number, Asked("claim", version=0), who=who, key=number).who))
            except Illegal as no:
                errors.append((no.code, no.alarm.course.owner))

    people = [threading.Thread(target=person, args=(f"P{n}",)) for n in range(6)]
    for one in people:
        one.start()
    gate.wait()
    for n in range(100):
        world.hear(seen(f"more{n}", START, camera=f"H-{2 + n % 25:03d}"))
    for one in people:
        one.join(60)
    world.hear()
    assert sorted(number for number, _ in won) == sorted(ids)
    assert len(errors) == 5 * len(ids)
    assert {code for code, _ in errors} == {"outdated"}
    assert all(owner for _, owner in errors)
    assert {one.id: one.course.owner for one in world.board.alarms.values()} == dict(won)
    assert sum(one.count for one in world.board.alarms.values()) == 125
    same(world.store.load(START), world.board)


def test_an_act_is_kept_though_nobody_could_be_told(world: World) -> None:
    def away() -> None:
        raise Away("no log")

    world.hear(seen("a", START))
    acts = SqlAlarms(world.engine, world.clock, nudge=away)
    assert acts.act(world.only.id, Asked("acknowledge"), who="An", key="k").alarm.state == "acknowledged"
    world.hear()
    assert world.only.state == "acknowledged"


def test_a_board_that_dies_after_an_act_comes_back_with_it_once(world: World) -> None:
    world.hear(seen("a", START))
    world.act(world.only.id, "acknowledge")
    before = world.board  # what a board that was only asleep still believes
    reborn = SqlStore(world.engine, city=CITY)
    board = reborn.record(reborn.load(START), Reading([seen("b", START)], ()), "7-0")
    (alarm,) = board.alarms.values()
    assert (alarm.state, alarm.count, alarm.version) == ("acknowledged", 2, 1)
    assert before.acted < board.acted
    same(reborn.load(START), board)


def test_the_keeper_hears_of_an_act_at_once_and_without_a_word_within_a_second(engine: Engine) -> None:
    room = Room(engine)
    room.say({"events": [{"type": "sighted", "id": "a", "at": room.clock.at_ms, "kind": "fire_single", "camera": "H-001"}]})
    room.step()
    (row,) = room.frame("alarms")["rows"]
    assert (row["state"], "owner" in row) == ("new", False)
    acts = SqlAlarms(engine, room.clock, nudge=lambda: nudge(room.stream, room.clock))
    acts.act(row["id"], Asked("acknowledge"), who="An", key="k1")
    room.step()
    (row,) = room.frame("alarms")["rows"]
    assert (row["state"], row["owner"], row["version"]) == ("acknowledged", "An", 1)
    assert room.count("dead_letter") == 0
    SqlAlarms(engine, room.clock, nudge=lambda: None).act(
        row["id"], Asked("shelve", why="work on it", minutes=5), who="An", key="k2"
    )
    room.step(2)
    frame = room.frame("alarms")
    assert (frame["shelved"], frame["rows"], frame["open"]["2"]) == (1, [], 0)
    assert frame["aside"][0]["until"] == room.clock.at_ms + 5 * MINUTE


def test_the_keeper_does_what_time_has_made_due(engine: Engine) -> None:
    room = Room(engine)
    room.say({"events": [{"type": "sighted", "id": "a", "at": room.clock.at_ms, "kind": "fire_single", "camera": "H-001"}]})
    room.step()
    assert room.frame("alarms")["rate10"] == 1
    room.clock.go(3 * MINUTE)
    room.step(2)
    assert room.frame("alarms")["rows"][0]["escalated"] == room.clock.at_ms
    room.clock.go(3 * MINUTE)
    room.step(2)
    assert room.frame("alarms")["rows"] == []
    assert room.frame("alarms")["rate10"] == 1  # what is closed was raised all the same
    room.clock.go(5 * MINUTE)
    room.step(2)
    assert room.frame("alarms")["rate10"] == 0


def test_an_older_record_is_carried_over(engine: Engine, record_url: str) -> None:
    world = World(engine)
    command.downgrade(config(record_url), "0002")
    old = {
        "kind": "crowd",
        "priority": 3,
        "camera": "H-002",
        "name": "H-002",
        "ward": "19753",
        "last": START,
        "until": START + MINUTE,
    }
    with engine.begin() as sql:
        for n, group in enumerate(("crowd:H-002", "crowd:H-003")):
            body = msgspec.msgpack.encode(old | {"since": START - n, "count": 3, "score": 0.5, "plate": None})
            sql.execute(text("INSERT INTO standing (part, key, body) VALUES ('alarms', :key, :body)"), {"key": group, "body": body})
    command.upgrade(config(record_url), "head")
    board = world.store.load(START)
    assert {group: (one.id, one.state, one.count, one.raised) for group, one in board.alarms.items()} == {
        "crowd:H-003": ("1", "new", 3, START - 1),
        "crowd:H-002": ("2", "new", 3, START),
    }
    assert [one.action for one in world.alarms.history("2")] == ["raise"]
    world.board = board
    world.act("2", "acknowledge")
    world.hear()
    assert world.board.alarms["crowd:H-002"].state == "acknowledged"
    same(world.store.load(START), world.board)


def test_several_are_done_at_once_each_kept_by_itself_and_taken_back_together(world) -> None:
    world.hear(*(seen(f"t{n}", START, kind="crowd", camera=f"H-{n:03d}") for n in range(2, 6)))
    world.hear(seen("p1", START, kind="fire_confirmed", camera="H-009"))
    by_kind = sorted(world.board.alarms.values(), key=lambda one: (one.priority, one.id))
    urgent, low = by_kind[0], by_kind[1:]
    world.act(low[0].id, "claim", who="Bình")
    told = {one.id: Asked("claim", "xe cứu hộ", version=one.version, together=True) for one in by_kind} | {
        "999999": Asked("claim", "xe cứu hộ", together=True)
    }
    done = world.alarms.act_together(told, who="An", key="together-1")
    assert {alarm: getattr(one, "code", type(one).__name__) for alarm, one in done.items()} == {
        urgent.id: "alone",
        low[0].id: "outdated",
        **{one.id: "Acted" for one in low[1:]},
        "999999": "Missing",
    }
    again = world.alarms.act_together(told, who="An", key="together-1")
    assert {one.id: again[one.id].seq for one in low[1:]} == {one.id: done[one.id].seq for one in low[1:]}
    world.hear()
    assert {one.id: one.course.owner for one in world.board.alarms.values()} == {
        urgent.id: "",
        low[0].id: "Bình",
        **{one.id: "An" for one in low[1:]},
    }
    for one in low[1:]:
        assert [(act.action, act.who, act.why) for act in world.alarms.history(one.id)][1:] == [("claim", "An", "xe cứu hộ")]
    back = world.alarms.act_together({one.id: Asked("undo", together=True) for one in low[1:]}, who="An", key="together-2")
    assert {one.alarm.state for one in back.values()} == {"new"}
    world.clock.at_ms += UNDO_MS + 1
    late = world.alarms.act_together({low[1].id: Asked("undo", together=True)}, who="An", key="together-3")
    assert late[low[1].id].code == "too_late"
