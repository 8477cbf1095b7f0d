"""Hot spots of a real record: the same as counted one by one; what was recorded before there were any is counted once."""

from collections import Counter
from random import Random

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from dashboard.hotspots import Grid
from data.hotspots import Asked, SqlHotspots
from data.query import Asked as Wanted
from data.query import Query
from data.store.record import SqlStore
from data.store.tables import REPORT
from tests.keep import CITY, START, Room

HOUR, WEEK = 3_600_000, 7 * 24 * 3_600_000
# The cameras of the tests' city stand in one place; here each stands in a square of its own.
WEST, SOUTH, _, _ = CITY.bounds
APART = replace(CITY, cameras=tuple(replace(one, lon=WEST + 0.01 * n, lat=SOUTH + 0.01) for n, one in enumerate(CITY.cameras)))
GRID = Grid(CITY.bounds)
PLACE = {camera.id: GRID.cell(camera.lon, camera.lat) for camera in APART.cameras}
ONE, TWO, THREE = list(PLACE)[:3]


@pytest.fixture
def room(engine: Engine) -> Room:
    """Nine weeks of events at three cameras: one a week at the first, and five times as many today; the room's clock is real events' own."""
    room = Room(engine)
    room.clock.at_ms = START - 9 * WEEK
    for week in range(9, -1, -1):
        room.clock.at_ms = START - week * WEEK
        count = {ONE: 2, TWO: 4} if week else {ONE: 10, TWO: 4, THREE: 1}
        for camera, n in count.items():
            for nth in range(n):
                body = {"type": "sighted", "id": f"{camera}-{week}-{nth}", "at": room.clock.at_ms - nth, "camera": camera}
                room.say(body | {"kind": "red_light" if nth % 2 else "speeding"})
        room.step()
    return room


def spots(room: Room) -> SqlHotspots:
    return SqlHotspots(room.engine, room.clock, lambda: APART)


def test_they_are_what_is_counted_one_by_one(room: Room) -> None:
    for period, weeks in (("24h", 0), ("7d", 0), ("30d", 4)):
        told = spots(room).find(Asked("events", period=period))
        events = Query(room.engine, lambda: CITY).events(Wanted(since=told["since"], until=told["until"], limit=1000))["events"]
        by_hand = Counter(PLACE[one["camera"]] for one in events)
        assert {one["id"]: one["n"] for one in told["spots"]} == {f"{x}.{y}": n for (x, y), n in by_hand.items()}
        assert told["total"] == sum(by_hand.values()) == 15 + weeks * 6
        assert told["weeks"] == (8 if not weeks else 4)


def test_of_a_past_second_they_are_those_until_its_last_full_hour(room: Room) -> None:
    told = spots(room).find(Asked("events", at=START - WEEK + HOUR))
    assert told["total"] == 6
    assert told["until"] <= START - WEEK + HOUR
    begun = spots(room).find(Asked("events", at=START - WEEK))
    assert (begun["total"], begun["until"] <= START - WEEK) == (
        4,
        True,
    )  # of the two in the hour that had just begun nothing is told


def test_usual_is_told_and_what_is_unusual_comes_first(room: Room) -> None:
    told = spots(room).find(Asked("events", order="unusual"))
    assert told["spots"][0]["parts"][0] == {"key": ONE, "n": 10}
    usual = {part["key"]: one["usual"] for one in told["spots"] for part in one["parts"][:1]}
    assert usual == {ONE: 2, TWO: 4, THREE: 0}
    red = spots(room).find(Asked("events", kind="red_light"))
    assert (red["total"], red["spots"][0]["n"]) == (7, 5)
    few = spots(room).find(Asked("events", least=5))
    assert (len(few["spots"]), few["total"]) == (1, 10)
    assert few["few"] == len(told["spots"]) - 1
    young = spots(room)
    room.clock.at_ms = START - 6 * WEEK
    assert {one["usual"] for one in young.find(Asked("events"))["spots"]} == {None}


def test_alarms_and_reports_have_places_too(room: Room) -> None:
    for nth in range(6):
        report = {
            "type": "report_changed",
            "id": f"r{nth}",
            "at": START,
            "report": f"R{nth}",
            "service": "MT01",
            "submitted": START - nth,
            "open": True,
        }
        room.say(report | {"lon": CITY.centre[0], "lat": CITY.centre[1]})
    room.step()
    told = spots(room).find(Asked("reports", least=5))
    assert [(one["n"], one["parts"]) for one in told["spots"]] == [(6, [{"key": "MT01", "n": 6}])]
    west, south, east, north = told["spots"][0]["box"]
    assert west <= CITY.centre[0] <= east
    assert south <= CITY.centre[1] <= north
    assert spots(room).find(Asked("reports", kind="MT02"))["spots"] == []
    with room.engine.connect() as sql:
        alarms = sql.scalar(text("SELECT count(*) FROM alarm WHERE since >= :at"), {"at": START - 23 * HOUR})
    assert sum(one["n"] for one in spots(room).find(Asked("alarms"))["spots"]) == alarms


def test_an_older_record_is_counted_at_the_first_start_and_once(room: Room) -> None:
    before = spots(room).find(Asked("events", period="30d"))
    with room.engine.begin() as sql:
        for table in ("hour_spot", "day_spot"):
            sql.execute(text(f"DELETE FROM {table}"))
        sql.execute(text("DELETE FROM standing WHERE part = 'spots'"))
    for fence in (5, 6):
        SqlStore(room.engine, city=CITY, fence=fence).claim()
        assert spots(room).find(Asked("events", period="30d")) == before


def test_squares_of_reports_are_those_of_their_places(room: Room) -> None:
    """Counted one by one: on both sides of the city's corner, outside it, without a place, and of services that nobody knows."""
    chance, services = Random(5), ("MT01", 'a","b', "Đường, hè\x1f")
    rows = [
        {"lon": WEST + chance.uniform(-0.02, 0.04), "lat": SOUTH + chance.uniform(-0.02, 0.04), "service": chance.choice(services)}
        for _ in range(3000)
    ]
    rows += [{"lon": WEST, "lat": SOUTH, "service": "MT01"}, {"lon": None, "lat": SOUTH, "service": "MT01"}]
    same = {"ward": "", "unit": "", "due": 0, "open": False, "body": b"", "report": "", "submitted": START - HOUR}
    with room.engine.begin() as sql:
        sql.execute(REPORT.insert(), [row | same | {"key": f"here/{n}"} for n, row in enumerate(rows)])
    for least, kind in ((1, ""), (5, ""), (5, services[1])):
        held = Counter(
            (GRID.cell(one["lon"], one["lat"]), one["service"]) for one in rows if one["lon"] and kind in ("", one["service"])
        )
        totals = Counter[tuple[int, int]]()
        for (cell, _), n in held.items():
            totals[cell] += n
        told = spots(room).find(Asked("reports", kind, least=least))
        assert told["total"] == sum(n for n in totals.values() if n >= least)
        assert told["few"] == sum(n < least for n in totals.values())
        for one in told["spots"]:
            column, row = map(int, one["id"].split("."))
            assert {part["key"]: part["n"] for part in one["parts"]} == {
                name: n for (cell, name), n in held.items() if cell == (column, row)
            }
        assert min(int(one["id"].split(".")[0]) for one in told["spots"]) < 0 or least > 1
