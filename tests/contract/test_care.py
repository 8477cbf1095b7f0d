"""Cameras that are late and cameras that are worked on, told by a board over a real record."""

import pytest
from sqlalchemy import Engine, text

from dashboard.board import Board
from dashboard.calendar import hour_of
from dashboard.cameras.care import Care
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.events import Heard
from data.memory import HandClock
from data.store.maintenance import SqlWorks
from data.store.record import SqlStore
from data.store.tables import HOUR_CAMERA
from data.store.usual import hour_of_camera, usual_counts
from tests.contract.test_keeper import same
from tests.keep import CITY, START, Room
from tests.town import ZONE

MINUTE, HOUR = 60_000, 3_600_000
NOW_H = hour_of(START, ZONE)


def count(engine: Engine, *rows: tuple[int, str, int]) -> None:
    with engine.begin() as sql:
        sql.execute(HOUR_CAMERA.insert(), [{"hour": hour, "camera": camera, "n": n} for hour, camera, n in rows])


class Caring(Room):
    """A board's room with a house that cares for its cameras."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, care=self.says)
        self.works = SqlWorks(engine, self.clock)
        self.care = Care(lambda hour: usual_counts(engine, hour), self.works.under_way, zone=ZONE, began_ms=START - 10 * HOUR)

    def says(self, board: Board, city: City) -> list[Heard]:
        return self.care.told(board, city)

    def sees(self, key: str, camera: str = "H-001", **more: object) -> None:
        self.say({"type": "sighted", "id": key, "at": self.clock.at_ms, "kind": "red_light", "camera": camera, **more})
        self.step()

    def stands(self, key: str, state: str, camera: str = "H-001") -> None:
        self.say({"type": "camera_changed", "id": key, "at": self.clock.at_ms, "camera": camera, "state": state})
        self.step()

    def passes(self, ms: int) -> None:
        self.clock.go(ms)
        self.step(2)

    @property
    def states(self) -> str:
        return str(self.frame("cameras")["states"])

    def agrees(self) -> None:
        """What is loaded equals what was folded."""
        same(SqlStore(self.engine, city=CITY).load(self.clock.at_ms), self.keeper.board)


@pytest.fixture
def room(engine: Engine) -> Caring:
    return Caring(engine)


def test_a_silent_camera_is_late_by_its_own_measure_and_back_with_its_next_event(room: Caring) -> None:
    count(
        room.engine,
        *[
            (NOW_H - 24 * back - ago, camera, n)
            for back in range(1, 8)
            for ago in (0, 1)
            for camera, n in (("H-001", 12), ("H-002", 1))
        ],
    )
    for camera in ("H-001", "H-002", "H-003"):
        room.sees(f"a{camera}", camera)
    room.passes(31 * MINUTE)
    room.sees("b", "H-003")
    room.step(2)
    assert room.states == "loo"
    assert room.frame("cameras")["online"] == 3
    assert room.keeper.board.alarms == {}
    told = room.frame("cameras")
    assert (told["seen"][0], told["since"][0] > told["seen"][0], told["spoke"][0]) == (START, True, 1)
    room.step(5)
    assert room.count("event WHERE kind = 'camera_late'") == 1
    room.agrees()
    room.sees("c", "H-001", at=room.clock.at_ms - 125_000)
    assert room.states == "ooo"
    assert room.frame("cameras")["skews"] == {"0": -125}
    room.agrees()


def test_what_the_house_says_is_in_no_count_of_the_camera(room: Caring) -> None:
    count(room.engine, *[(NOW_H - 24 * back - ago, "H-001", 60) for back in range(1, 8) for ago in (0, 1)])
    room.sees("a")
    room.sees("b", "H-002")
    room.passes(11 * MINUTE)
    room.sees("c", "H-002")
    room.step(2)
    assert room.states == "lo-"
    assert hour_of_camera(room.engine, "H-001", NOW_H) == (1, None)
    assert room.keeper.board.feeds.keys() == {"native"}


def test_a_camera_that_is_worked_on_raises_no_alarm_until_its_time_is_up(room: Caring) -> None:
    room.stands("a", "online")
    work = room.works.begin("H-001", minutes=60, why="thay ống kính", who="lan")
    assert (work.who, work.until - work.at) == ("lan", HOUR)
    room.passes(2000)
    assert room.states == "m--"
    for n, state in enumerate(("offline", "offline", "online", "offline")):
        room.stands(f"b{n}", state)
    room.sees("c")
    assert (room.states, room.keeper.board.alarms) == ("m--", {})
    assert room.count("event WHERE kind LIKE 'camera_%'") == 2  # that it was online, and that it is worked on
    room.agrees()
    room.passes(HOUR)
    assert room.states == "o--"
    assert room.count("event WHERE kind LIKE 'camera_%'") == 3
    room.stands("d", "offline")
    assert [alarm.kind for alarm in room.keeper.board.alarms.values()] == ["camera_critical_lost"]
    room.agrees()


def test_the_alarm_of_a_lost_camera_is_over_once_somebody_works_on_it(room: Caring) -> None:
    room.stands("a", "offline")
    assert len(room.keeper.board.alarms) == 1
    room.works.begin("H-001", minutes=30, why="thay ống kính", who="lan")
    room.passes(2000)
    room.passes(2 * MINUTE)
    assert (room.states, room.keeper.board.alarms) == ("m--", {})
    room.works.end("H-001", who="minh")
    room.passes(2000)
    assert room.states == "x--"  # nobody has heard it since
    assert [alarm.kind for alarm in room.keeper.board.alarms.values()] == ["camera_critical_lost"]
    room.clock.go(1)
    room.sees("b")
    assert room.states == "o--"
    room.agrees()


def test_what_nobody_has_heard_while_it_was_worked_on_is_late_until_it_is(room: Caring) -> None:
    room.sees("a")
    room.works.begin("H-001", minutes=30, why="thay ống kính", who="lan")
    room.passes(2000)
    room.works.end("H-001", who="minh")
    room.passes(2000)
    assert (room.states, room.keeper.board.alarms) == ("l--", {})
    room.sees("b")
    assert room.states == "o--"
    room.agrees()


def test_work_is_kept_with_who_when_and_why(engine: Engine) -> None:
    clock = HandClock(START)
    works = SqlWorks(engine, clock)
    first = works.begin("H-001", minutes=30, why=" thay ống kính ", who="lan")
    clock.at_ms += MINUTE
    second = works.begin("H-001", minutes=60, why="chờ phụ tùng mới", who="minh")
    other = works.begin("H-002", minutes=30, why="vệ sinh ống kính", who="lan")
    assert works.under_way(clock.at_ms) == {"H-001": second, "H-002": other}
    told = works.history("H-001", most=5)
    assert [(one.id, one.why, one.ended, one.ended_by) for one in told] == [
        (second.id, "chờ phụ tùng mới", 0, ""),
        (first.id, "thay ống kính", START + MINUTE, "minh"),
    ]
    assert works.end("H-001", who="an").ended_by == "an"
    with pytest.raises(Missing):
        works.end("H-001", who="an")
    assert works.under_way(other.until - 1) == {"H-002": other}
    assert works.under_way(other.until) == {}


def test_a_camera_is_held_against_its_own_hour_of_the_week(engine: Engine) -> None:
    weeks = [(NOW_H - 168 * back, "H-001", n) for back, n in ((1, 10), (2, 20), (3, 30), (4, 90), (9, 1000))]
    count(engine, (NOW_H, "H-001", 7), (NOW_H - 168, "H-002", 5), *weeks)
    assert hour_of_camera(engine, "H-001", NOW_H) == (7, 25.0)
    assert hour_of_camera(engine, "H-002", NOW_H) == (0, None)
    with engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM hour_camera")) == 7
