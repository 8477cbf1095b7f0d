"""What happened around a place: found by distance and time and nothing else, masked, bounded; and plates by their mark alone."""

import time

import pytest
from sqlalchemy import Engine, select, text

from dashboard.board import turn
from dashboard.errors import Missing, TooLong
from dashboard.events import Heard, ReportChanged, Sighted
from dashboard.geo import bearing, metres
from dashboard.hearing import Hearing
from dashboard.incidents.incident import Member
from dashboard.ports import Reading
from data.around import MOST, Around, SqlAround
from data.sealed import PlateMark
from data.store import marks
from data.store.engine import asking
from data.store.record import SqlStore
from data.store.tables import EVENT, STANDING
from tests.town import camera, town

NOW, MINUTE = 1_795_410_000_000, 60_000
HERE = (107.5800, 16.4600)
CITY = town(
    cameras=(
        camera("H-001", lon=107.5800, lat=16.4600),
        camera("H-002", lon=107.5815, lat=16.4600),  # 160 m east
        camera("H-003", lon=107.5800, lat=16.4640),  # 445 m north
        camera("H-004", lon=107.6800, lat=16.4600),
    )
)
HEARING = Hearing(CITY, locate=lambda *_: "19753")
MARK = PlateMark(b"only for tests: 0123456789abcdef").of


def seen(key: str, camera: str, at: int, plate: str | None = None) -> Heard:
    return HEARING.hear("native", at, Sighted(id=key, at=at, kind="plate_read", camera=camera, plate=plate))


def report(key: str, lon: float | None, lat: float | None, at: int) -> Heard:
    event = ReportChanged(id=f"{key}@1", at=at, report=key, service="MT01", submitted=at, open=True, lon=lon, lat=lat)
    return HEARING.hear("reports", at, event)


def told(engine: Engine, *heard: Heard, mark=MARK) -> SqlAround:
    store = SqlStore(engine, city=CITY, mark=mark)
    store.record(turn(store.load(NOW), NOW), Reading(heard, ()), "1-0")
    return SqlAround(engine, lambda: CITY)


def test_of_a_past_second_only_what_was_known_then_is_told(engine: Engine) -> None:
    late = HEARING.hear("native", NOW + 3 * MINUTE, Sighted(id="told late", at=NOW, kind="plate_read", camera="H-001"))
    closed = ReportChanged(
        id="R-1@2",
        at=NOW,
        report="R-1",
        service="MT01",
        submitted=NOW,
        open=False,
        closed=NOW + 2 * MINUTE,
        lon=HERE[0],
        lat=HERE[1],
    )
    around = told(
        engine,
        seen("a", "H-001", NOW),
        seen("b", "H-001", NOW + 2 * MINUTE),
        late,
        report("R-1", *HERE, NOW),
        HEARING.hear("reports", NOW + 2 * MINUTE, closed),
        report("R-2", *HERE, NOW + 5 * MINUTE),
    )
    found = around.find(Around(*HERE, NOW, known=NOW + MINUTE))
    assert [one["id"] for one in found["events"]] == ["native:a"]
    assert [(one["report"], one["open"]) for one in found["reports"]] == [("R-1", True)]
    found = around.find(Around(*HERE, NOW, known=NOW + 4 * MINUTE))
    assert {one["id"] for one in found["events"]} == {"native:a", "native:b", "native:told late"}
    assert [(one["report"], one["open"]) for one in found["reports"]] == [("R-1", False)]


def test_what_is_near_in_place_and_time_is_found_and_nothing_else(engine: Engine) -> None:
    around = told(
        engine,
        seen("a", "H-001", NOW - 10 * MINUTE, "75A-123.45"),
        seen("b", "H-002", NOW),
        seen("early", "H-001", NOW - 10 * MINUTE - 1),
        seen("late", "H-001", NOW + 10 * MINUTE + 1),
        seen("far", "H-003", NOW),
        report("R-1", 107.5801, 16.4601, NOW + MINUTE),
        report("corner", 107.5817, 16.4617, NOW),  # in the square, not in the circle
        report("placeless", None, None, NOW),
        report("old", 107.58, 16.46, NOW - 11 * MINUTE),
    )
    found = around.find(Around(*HERE, NOW))
    assert [(one["id"], one["metres"]) for one in found["events"]] == [("native:a", 0), ("native:b", 160)]
    assert found["events"][0]["plate"] == "75A-***.45"
    assert [(one["report"], one["metres"]) for one in found["reports"]] == [("R-1", 15)]
    assert [(one["id"], one["metres"], one["bearing"]) for one in found["cameras"]] == [("H-001", 0, 0), ("H-002", 160, 90)]
    assert not found["cut"]
    wide = around.find(Around(*HERE, NOW, radius=500, minutes=30))
    assert [one["id"] for one in wide["events"]] == ["native:early", "native:a", "native:b", "native:far", "native:late"]
    assert [one["report"] for one in wide["reports"]] == ["old", "corner", "R-1"]


def test_where_no_camera_is_there_are_reports_all_the_same(engine: Engine) -> None:
    found = told(engine, report("R-1", 107.60, 16.50, NOW)).find(Around(107.60, 16.50, NOW))
    assert (found["cameras"], found["events"], len(found["reports"])) == ([], [], 1)


def test_an_answer_is_bounded_and_says_so(sqlite: Engine) -> None:
    around = told(sqlite, *(seen(f"s{n}", "H-001", NOW + n) for n in range(MOST + 1)))
    found = around.find(Around(*HERE, NOW))
    assert (len(found["events"]), found["cut"]) == (MOST, True)


def test_reports_in_the_corners_of_the_square_push_none_of_the_near_ones_out(sqlite: Engine) -> None:
    corners = (report(f"c{n}", 107.5817, 16.4617, NOW - MINUTE) for n in range(MOST + 1))
    found = told(sqlite, *corners, report("near", *HERE, NOW)).find(Around(*HERE, NOW))
    assert [one["report"] for one in found["reports"]] == ["near"]
    assert not found["cut"]


def test_a_plate_is_found_by_its_mark_however_it_is_written_and_stands_nowhere_in_a_column(engine: Engine) -> None:
    around = told(
        engine, seen("a", "H-001", NOW, "75A-123.45"), seen("b", "H-002", NOW, "75a 12345"), seen("c", "H-001", NOW, "75A-999.99")
    )
    found = around.find(Around(*HERE, NOW, mark=MARK("75A12345")))
    assert [one["id"] for one in found["events"]] == ["native:a", "native:b"]
    with engine.connect() as sql:
        held = list(sql.scalars(select(EVENT.c.mark).order_by(EVENT.c.seq)))
    assert held[0] == held[1] == MARK("75A-123.45")
    assert len(held[0]) == 16


def test_what_was_recorded_before_there_were_marks_is_marked_once(engine: Engine) -> None:
    around = told(
        engine, seen("a", "H-001", NOW, "75A-123.45"), seen("b", "H-001", NOW, "unknown"), seen("c", "H-001", NOW), mark=None
    )
    assert around.find(Around(*HERE, NOW, mark=MARK("75A-123.45")))["events"] == []
    SqlStore(engine, city=CITY, fence=1, mark=MARK).claim()
    assert [one["id"] for one in around.find(Around(*HERE, NOW, mark=MARK("75A-123.45")))["events"]] == ["native:a"]
    with engine.begin() as sql:
        assert sql.scalar(select(STANDING.c.key).where(STANDING.c.part == "marks")) == ""
        sql.execute(text("UPDATE event SET mark = NULL"))
        assert marks.fill(sql, MARK) == 0


@pytest.mark.parametrize(
    ("to", "degrees"), [((107.58, 17.0), 0), ((108.0, 16.46), 90), ((107.58, 16.0), 180), ((107.0, 16.46), 270)]
)
def test_bearings_are_clockwise_from_north(to: tuple[float, float], degrees: float) -> None:
    assert abs((bearing((107.58, 16.46), to) - degrees + 180) % 360 - 180) < 0.2
    assert metres((107.58, 16.46), to) > 1000


def test_around_an_alarm_an_event_or_a_report_is_around_where_and_when_it_was(engine: Engine) -> None:
    around = told(
        engine,
        seen("a", "H-002", NOW, "75A-123.45"),
        report("R-1", 107.5801, 16.4601, NOW + MINUTE),
        report("R-2", None, None, NOW),
    )
    wanted = {"radius": 500, "minutes": 5}
    assert around.place_of(Member("event", "native:a"), **wanted) == Around(107.5815, 16.46, NOW, 500, 5)
    assert around.place_of(Member("event", "native:#1"), **wanted).lon == 107.5815
    assert around.place_of(Member("report", "reports/R-1"), **wanted) == Around(107.5801, 16.4601, NOW + MINUTE, 500, 5)
    for nowhere in (Member("report", "reports/R-2"), Member("event", "native:none"), Member("alarm", "1")):
        with pytest.raises(Missing):
            around.place_of(nowhere, **wanted)


def test_a_question_that_takes_too_long_is_stopped_and_the_record_goes_on(engine: Engine) -> None:
    """S-24: whoever asks too much is told, and the connection that was lent writes for the next one."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    began = time.monotonic()
    with pytest.raises(TooLong), asking(engine, seconds=0.2) as sql:
        sql.execute(text(endless))
    assert time.monotonic() - began < 3
    around = told(engine, *(seen(f"e{n}", "H-001", NOW) for n in range(300)))
    assert len(around.find(Around(*HERE, NOW))["events"]) == 300
    with engine.connect() as sql:  # nothing of the bound is left on it
        assert (
            sql.scalar(
                text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT count(*) FROM n")
            )
            == 400_000
        )
        if sql.dialect.name == "postgresql":
            assert sql.scalar(text("SHOW statement_timeout")) == "0"
