"""What the record says of its alarms, for the report."""

from msgspec.structs import replace
from sqlalchemy import Engine

from dashboard.alarms.report import Span
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.alarm_history import SqlAlarmHistory
from data.store.record import SqlStore
from tests.town import camera, kind, town

NOW, MINUTE = 1_795_410_000_000, 60_000
DAY = 24 * 60 * MINUTE
CITY = town(
    cameras=tuple(camera(f"H-{n:03d}") for n in range(1, 30)),
    kinds=(replace(kind("crowd", "alarm", 3, window_s=40 * 86_400), stays=True),),
)
HEARING = Hearing(CITY, locate=lambda *_: "19753")


def test_acts_standing_alarms_and_floods_of_a_stretch(engine: Engine) -> None:
    store, board = SqlStore(engine, city=CITY), None
    for n in range(12):
        now = NOW + n * 1000
        event = Sighted(id=f"s{n}", at=now, kind="crowd", camera=f"H-{n + 1:03d}" if n else "gate 75A-123.45")
        board = turn(board or store.load(now), now)
        board = store.record(board, Reading([HEARING.hear("native", now, event)], ()), f"{n + 1}-0")
    history = SqlAlarmHistory(engine)
    told, cut = history.told(Span(NOW, NOW + MINUTE))
    assert not cut
    assert [one.action for one in told.acts] == ["raise"] * 12
    assert (told.acts[0].source, told.acts[1].source, told.acts[1].priority) == ("gate 75A-***.45", "H-002", 3)
    assert told.standing == 0
    assert told.floods == [Span(NOW + 10_000, NOW + MINUTE)]
    assert history.told(Span(NOW + MINUTE, NOW + 2 * DAY))[0].standing == 12
    assert history.told(Span(NOW - DAY, NOW))[0].acts == []
    assert board is not None
    store.record(turn(board, NOW + 11 * MINUTE), Reading((), ()), "99-0")
    assert history.told(Span(NOW, NOW + DAY))[0].floods == [Span(NOW + 10_000, NOW + 11 * MINUTE)]
