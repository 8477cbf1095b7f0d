"""Searching for one plate: found by its mark alone, kept before it is shown, as often as may be, and told to who answers for it."""

import pytest
from sqlalchemy import Engine, select, text

from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.plate_search import DAY_MS, MOST_AN_HOUR, Search, Searcher, TooMany
from dashboard.ports import Reading
from data.memory import HandClock
from data.sealed import PlateMark
from data.store.plate_searches import MOST, PLATE_SEARCH, SqlPlateSearches
from data.store.record import SqlStore
from tests.town import camera, town

NOW, MINUTE = 1_795_410_000_000, 60_000
CITY = town(cameras=(camera("H-001"), camera("H-002")))
HEARING = Hearing(CITY, locate=lambda *_: "19753")
MARK = PlateMark(b"only for tests: 0123456789abcdef").of
ASKED = Search(plate="75A-123.45", days=7, purpose="accident", matter="HS 17/2026", why="xe gây tai nạn bỏ chạy")


class Desk:
    """Searches over a record with some reads in it, and a clock that the test turns."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock = engine, HandClock(NOW)
        self.store = SqlStore(engine, city=CITY, mark=MARK)
        self.searches = SqlPlateSearches(engine, self.clock, mark=MARK)

    def read(self, *told: tuple[str, str, int]) -> None:
        heard = [
            HEARING.hear("native", at, Sighted(id=f"r{n}-{at}", at=at, kind="plate_read", camera=where, plate=plate))
            for n, (plate, where, at) in enumerate(told)
        ]
        self.store.record(turn(self.store.load(NOW), NOW), Reading(heard, ()), "1-0")

    def kept(self) -> list[tuple[object, ...]]:
        c = PLATE_SEARCH.c
        with self.engine.connect() as sql:
            return [tuple(row) for row in sql.execute(select(c.who, c.role, c.at, c.since, c.purpose, c.matter, c.why, c.found))]


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def test_a_plate_is_found_however_it_is_written_and_nothing_else_is(desk: Desk) -> None:
    desk.read(
        ("75A-123.45", "H-001", NOW - DAY_MS),
        ("75A12345", "H-002", NOW - 2 * DAY_MS),
        ("75A-123.46", "H-001", NOW - DAY_MS),
        ("75A-123.45", "H-001", NOW - 8 * DAY_MS),
    )
    found = desk.searches.search(ASKED, who="an", role="operator")
    assert [(one.at, one.camera, one.plate) for one in found.reads] == [
        (NOW - DAY_MS, "H-001", "75A-123.45"),
        (NOW - 2 * DAY_MS, "H-002", "75A12345"),
    ]
    assert not found.cut
    assert desk.kept() == [("an", "operator", NOW, NOW - 7 * DAY_MS, "accident", "HS 17/2026", "xe gây tai nạn bỏ chạy", 2)]
    with desk.engine.connect() as sql:
        whole = str(sql.execute(text("SELECT * FROM plate_search")).all())
    assert "123.45" not in whole
    assert "12345" not in whole


def test_what_cannot_be_kept_is_not_shown(desk: Desk) -> None:
    desk.read(("75A-123.45", "H-001", NOW))
    with desk.engine.begin() as sql:
        sql.execute(text("ALTER TABLE plate_search RENAME TO gone"))
    with pytest.raises(Exception, match="plate_search"):
        desk.searches.search(ASKED, who="an", role="operator")
    with desk.engine.begin() as sql:
        sql.execute(text("ALTER TABLE gone RENAME TO plate_search"))
    assert desk.kept() == []


def test_thirty_an_hour_and_no_more(desk: Desk) -> None:
    for _ in range(MOST_AN_HOUR):
        desk.searches.search(ASKED, who="an", role="operator")
        desk.clock.at_ms += MINUTE
    with pytest.raises(TooMany):
        desk.searches.search(ASKED, who="an", role="operator")
    desk.searches.search(ASKED, who="bình", role="operator")
    desk.clock.at_ms += 31 * MINUTE
    desk.searches.search(ASKED, who="an", role="operator")
    assert len(desk.kept()) == MOST_AN_HOUR + 2


def test_who_searches_most_is_told_every_week(desk: Desk) -> None:
    other = Search(plate="43A-999.99", days=60, purpose="crime", matter="VA 3", why="theo yêu cầu điều tra")
    for minute in (0, 3, 9, 30):
        desk.clock.at_ms = NOW + minute * MINUTE
        desk.searches.search(ASKED if minute else other, who="lan", role="supervisor")
    desk.searches.search(ASKED, who="an", role="operator")
    assert desk.searches.searchers(NOW, NOW + DAY_MS) == [
        Searcher("lan", "supervisor", 4, 2, 1, 3),
        Searcher("an", "operator", 1, 1, 0, 1),
    ]
    assert desk.searches.searchers(NOW + DAY_MS, NOW + 8 * DAY_MS) == []


def test_five_hundred_reads_and_no_more(desk: Desk) -> None:
    desk.read(*(("75A-123.45", "H-001", NOW - n) for n in range(MOST + 1)))
    found = desk.searches.search(ASKED, who="an", role="operator")
    assert (len(found.reads), found.cut, found.reads[0].at) == (MOST, True, NOW)
