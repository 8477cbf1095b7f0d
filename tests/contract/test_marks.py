"""Marks in the record and on the board: one writer at a time, nothing removed, the same after a start."""

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.errors import Away, Missing, Unfit
from dashboard.marks.mark import MOST_LIVE, Illegal, Wish
from data.store.map_marks import SqlMarks
from data.store.record import SqlStore
from tests.keep import CITY, START, Hands, Room

WEST, SOUTH, _, _ = CITY.bounds
LINE = ((WEST + 0.01, SOUTH + 0.01), (WEST + 0.02, SOUTH + 0.01), (WEST + 0.02, SOUTH + 0.02))
DRAW = Wish(action="draw", shape="area", points=LINE, kind="road_closed", name="Cầu Trường Tiền")


def drawing(engine: Engine, room: Room) -> SqlMarks:
    return SqlMarks(engine, room.clock, lambda: CITY, nudge=lambda: None)


def kept(engine: Engine, room: Room) -> None:
    room.step()
    assert SqlStore(engine, city=CITY).load(room.clock.at_ms).marks == room.keeper.board.marks


def test_the_board_follows_what_is_drawn_changed_ended_and_undone(engine: Engine) -> None:
    room = Room(engine)
    room.say({"type": "sighted", "id": "a", "at": START, "kind": "red_light", "camera": "H-001"})
    room.step()
    marks = drawing(engine, room)
    one = marks.act(DRAW, who="an", key="k1").mark
    assert marks.act(DRAW, who="an", key="k1").mark == one  # posted twice, done once
    room.clock.go(1100)
    kept(engine, room)
    assert list(room.keeper.board.marks.values()) == [one]
    later = marks.act(Wish(action="change", mark=1, version=1, until=one.begins + HOUR_MS), who="ba", key="k1").mark
    room.clock.go(1100)
    kept(engine, room)
    assert room.keeper.board.marks == {1: later}
    with pytest.raises(Illegal, match="outdated"):
        marks.act(Wish(action="end", mark=1, version=1), who="an", key="k2")
    marks.act(Wish(action="end", mark=1), who="an", key="k2")
    room.clock.go(1100)
    kept(engine, room)
    assert room.keeper.board.marks == {}
    marks.act(Wish(action="undo", mark=1), who="an", key="k3")
    room.clock.go(1100)
    kept(engine, room)
    assert [mark.version for mark in room.keeper.board.marks.values()] == [4]
    room.clock.go(3601000)
    room.step()
    assert room.keeper.board.marks == {}
    assert [act.action for act in marks.history(1)] == ["draw", "change", "end", "undo"]
    assert room.count("map_mark_act") == 4


def test_at_an_instant_it_stands_as_it_stood_then(engine: Engine) -> None:
    room = Room(engine)
    marks, began = drawing(engine, room), room.clock.at_ms
    marks.act(DRAW, who="an", key="k1")
    room.clock.go(60000)
    marks.act(Wish(action="change", mark=1, name="Cầu Phú Xuân"), who="an", key="k2")
    room.clock.go(60000)
    marks.act(replace(DRAW, begins=began + DAY_MS, until=began + 2 * DAY_MS, name="Mai"), who="an", key="k3")
    marks.act(Wish(action="end", mark=1), who="an", key="k4")
    names = {at: [mark.name for mark in marks.at(began + at)] for at in (-1, 0, 60_000, 120_000, DAY_MS, 2 * DAY_MS)}
    assert names == {-1: [], 0: ["Cầu Trường Tiền"], 60_000: ["Cầu Phú Xuân"], 120_000: [], DAY_MS: ["Mai"], 2 * DAY_MS: []}


def test_there_are_so_many_at_most_and_each_names_what_there_is(engine: Engine) -> None:
    with pytest.raises(Away):  # no board has ever kept this record
        SqlMarks(engine, Hands(), lambda: CITY, nudge=lambda: None).act(DRAW, who="an", key="k0")
    marks = drawing(engine, Room(engine))
    for n in range(MOST_LIVE):
        marks.act(DRAW, who="an", key=f"k{n}")
    with pytest.raises(Illegal, match="full"):
        marks.act(DRAW, who="an", key="more")
    marks.act(Wish(action="end", mark=7), who="an", key="end")
    marks.act(DRAW, who="an", key="more")
    with pytest.raises(Illegal, match="full"):
        marks.act(Wish(action="undo", mark=7), who="an", key="undo")
    with pytest.raises(Unfit, match="incident"):
        marks.act(Wish(action="change", mark=8, incident=99), who="an", key="member")
    with pytest.raises(Missing):
        marks.act(Wish(action="end", mark=99), who="an", key="none")
