"""The keeper over a real record: poison, a locked or vanished database, clocks that jump; nothing stalls, nothing is lost or doubled."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, text

import dashboard.keeper
import data.store.engine
from dashboard.board import Board
from dashboard.errors import Away, Superseded
from dashboard.ports import Reading, Taken
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.record import SqlStore
from data.store.tables import META
from tests.keep import CITY, START, Room, reader

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
HOUR, DAY = 3_600_000, 86_400_000


def event(key: str, **more: object) -> dict[str, object]:
    return {"type": "sighted", "id": key, "at": START, "kind": "red_light", "camera": "H-001"} | more


def same(one: Board, other: Board, *, but: tuple[str, ...] = ("lag_ms",)) -> None:
    for name in set(Board.__struct_fields__) - set(but):
        assert getattr(one, name) == getattr(other, name), name


BAD = [
    event("a\u0000b"),
    event("a", camera="cam\u0000"),
    event("a", kind="\u0000"),
    event("a", plate="75A\u0000"),
    {"type": "report_changed", "id": "r", "at": 5, "report": "\u0000", "service": "MT01", "submitted": 5, "open": True},
    {
        "type": "report_changed",
        "id": "r",
        "at": 5,
        "report": "1",
        "service": "MT01",
        "submitted": 253_402_300_000_000,
        "open": True,
    },
    {"type": "report_changed", "id": "r", "at": 5, "report": "1", "service": "s\u0000", "submitted": 5, "open": True},
    event("a", revision=2**63),
    event("a", revision=10**40),
    event("a", at=10**30),
    event("a", count=2**70),
    b'{"type":"sighted","id":"\\ud800","at":5,"kind":"red_light","camera":"H-001"}',
    b'{"type":"sighted","id":"\xff","at":5,"kind":"red_light","camera":"H-001"}',
    b'{"type":"sighted","id":"x","at":5,"kind":"red_light","camera":"H-001","score":NaN}',
    b'{"type":"sighted","id":"x","at":5,"kind":"red_light","camera":"H-001","score":1e400}',
    b"[" * 50_000 + b"]" * 50_000,
    b'{"a":' * 50_000,
]


def test_what_no_database_keeps_is_a_dead_letter_on_either_and_the_rest_goes_on(engine: Engine) -> None:
    room = Room(engine)
    for number, body in enumerate(BAD):
        room.say(body)
        room.say(event(f"good{number}"))
    room.step(2)
    assert (room.count("event"), room.count("dead_letter"), room.keeper.board.dead_letters) == (len(BAD), len(BAD), len(BAD))
    same(SqlStore(engine, city=CITY).load(room.clock.at_ms), room.keeper.board)


def test_a_bad_piece_of_a_batch_is_kept_with_its_bytes_and_spoils_no_other(engine: Engine) -> None:
    room = Room(engine)
    room.say([event("a"), event("b\u0000"), event("c")])
    room.say(
        {"type": "lpr", "id": "1\u0000", "camera": "h_001", "plate": "75A", "score": 0.9, "timestamp": START / 1000},
        source="frigate",
    )
    room.step()
    assert room.count("event") == 2
    with engine.connect() as sql:
        raws = sorted(bytes(raw) for (raw,) in sql.execute(text("SELECT raw FROM dead_letter")))
    assert sorted(json.loads(raw)["id"] for raw in raws) == ["1\u0000", "b\u0000"]


def test_what_only_the_record_finds_out_is_buried_alone(engine: Engine, caplog) -> None:
    """One in a hundred is poison that passed every check: the others are recorded as if it were not there (R-07)."""
    plain = reader()

    def read(taken: Taken) -> Reading:
        told = plain.read(taken)
        if b"poison" in taken.payload.raw:
            return Reading([replace(one, counted=1 << 80) for one in told.heard], told.dead)
        return told

    room = Room(engine, read=read)
    for number in range(400):
        room.say(event(f"{'poison' if number % 100 == 50 else 'good'}{number}"))
    room.step()
    assert (room.count("event"), room.count("dead_letter")) == (396, 4)
    assert room.store.mark() == "400-0"
    assert "cannot be recorded" in caplog.text
    same(SqlStore(engine, city=CITY).load(room.clock.at_ms), room.keeper.board)


def test_the_same_payload_down_the_road_twice_is_one_dead_letter(engine: Engine) -> None:
    room = Room(engine)
    room.say(b"no json")
    room.stream.append([room.stream.take("0-0", wait_s=0)[0].payload])
    room.step()
    assert (room.count("dead_letter"), room.keeper.board.dead_letters) == (1, 1)


def test_an_unknown_camera_that_says_every_minute_how_it_stands_is_no_event_a_minute(engine: Engine) -> None:
    room = Room(engine)
    for minute in range(5):
        stats = {
            "cameras": {"stranger": {"camera_fps": 5.0 if minute != 3 else 0.0}},
            "service": {"last_updated": START / 1000 + minute * 60},
        }
        room.say(stats, source="frigate", mqtt_topic="frigate/stats")
        room.step()
        room.clock.go(60_000)
    (unknown,) = room.keeper.board.unknown.values()
    assert (room.count("event"), unknown.name, unknown.state) == (3, "stranger", "online")
    same(SqlStore(engine, city=CITY).load(room.clock.at_ms - 60_000), room.keeper.board)


@pytest.fixture
def hasty(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An SQLite record that waits for nobody's lock."""
    monkeypatch.setattr(data.store.engine, "BUSY_MS", 1)
    monkeypatch.setattr(data.store.engine, "PRAGMAS", ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=1"))
    migrate(sqlite_url)
    made = connect(sqlite_url)
    yield made
    made.dispose()


def test_a_locked_record_is_waited_for(hasty: Engine) -> None:
    """Nothing rises, screens go on hearing that we live and fall behind, and all is there once the lock is gone (R-10)."""
    room = Room(hasty)
    room.say(event("a"))
    room.step()
    holder = hasty.raw_connection()
    holder.cursor().execute("BEGIN EXCLUSIVE")
    for number in range(20):
        room.say(event(f"b{number}"))
        room.clock.go(1000)
        room.step()
    assert (room.keeper.board.stored, room.frame("status")["lag_ms"] > 15_000) == (1, True)
    assert json.loads(room.frames.latest["status"][1])["at"] > START + 15_000
    holder.rollback()
    holder.close()
    room.step(2)
    assert (room.keeper.board.stored, room.count("event"), room.keeper.lag_ms <= 20_000) == (21, 21, True)
    room.clock.go(1000)
    room.step()
    assert room.frame("status")["lag_ms"] == 0
    same(SqlStore(hasty, city=CITY).load(room.clock.at_ms), room.keeper.board)


def test_a_full_record_is_waited_for(hasty: Engine) -> None:
    room = Room(hasty)
    with hasty.connect() as sql:
        pages = sql.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(count: int) -> None:
        hasty.dispose()
        data.store.engine.event.listen(hasty, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={count}").close())

    limit(int(pages) + 1)
    for number in range(3000):
        room.say(event(f"{number}" + "x" * 150))
    room.step(6)
    assert room.keeper.board.stored < 3000
    limit(1_000_000)
    room.step(30)
    assert (room.keeper.board.stored, room.count("event")) == (3000, 3000)


def test_a_database_that_dies_in_between_is_asked_again(pg_url: str) -> None:
    migrate(pg_url)
    engine = connect(pg_url)
    other = connect(pg_url)
    try:
        room = Room(engine)
        for number in range(10):
            room.say(event(f"{number}"))
            if number % 3 == 0:
                kill_others(other)
            room.step()
        room.step(3)
        assert (room.keeper.board.stored, room.count("event")) == (10, 10)
        same(SqlStore(engine, city=CITY).load(room.clock.at_ms), room.keeper.board)
    finally:
        engine.dispose()
        other.dispose()


def kill_others(other: Engine) -> None:
    with other.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_a_commit_whose_answer_was_lost_is_not_counted_again(engine: Engine, monkeypatch) -> None:
    from dashboard.errors import Away

    room = Room(engine)
    record = room.store.record

    def lose(board, reading, mark):
        record(board, reading, mark)
        raise Away("the answer was lost")

    monkeypatch.setattr(room.store, "record", lose)
    room.say([event("a"), event("b")])
    room.step()
    monkeypatch.setattr(room.store, "record", record)
    room.step(2)
    assert (room.keeper.board.stored, room.keeper.board.cameras["H-001"].spoke) == (2, 2)
    same(SqlStore(engine, city=CITY).load(room.clock.at_ms), room.keeper.board)


def test_screens_are_told_while_much_still_waits(engine: Engine, monkeypatch) -> None:
    monkeypatch.setattr(dashboard.keeper, "BATCH_BYTES", 10)
    room = Room(engine)

    def slowly(taken: Taken) -> Reading:
        room.clock.at_s += 0.2
        return reader_.read(taken)

    reader_, room.keeper._read = reader(), slowly
    room.step()
    for n in range(10):
        room.say(event(f"e{n}"))
    seen = []
    for _ in range(5):
        room.step()
        seen.append((room.count("event"), room.keeper.drawn))
    assert [kept for kept, _ in seen] == [3, 6, 9, 10, 10]
    assert len({told for _, told in seen[:4]}) == 4  # each time screens were told of it


def test_what_was_taken_before_the_record_went_away_is_asked_for_again(engine: Engine, monkeypatch) -> None:
    monkeypatch.setattr(dashboard.keeper, "BATCH_BYTES", 10)
    room = Room(engine)
    record, calls = room.store.record, iter((True, True, False, True))

    def now_and_then(*told):
        room.clock.at_s += 0.2
        if not next(calls, True):
            raise Away("gone")
        return record(*told)

    monkeypatch.setattr(room.store, "record", now_and_then)
    for n in range(10):
        room.say(event(f"e{n}"))
    room.step(12)
    assert room.count("event") == 10
    assert room.keeper.board.stored == 10


def test_another_board_ends_this_one(engine: Engine) -> None:
    room = Room(engine)
    SqlStore(engine, city=CITY, fence=2).claim()
    room.say(event("a"))
    with pytest.raises(Superseded):
        room.step()


def test_a_board_that_slept_draws_nothing_before_it_knows_that_it_is_still_the_one(engine: Engine, monkeypatch) -> None:
    """It was stopped within a transaction, which the database has ended since, and another board goes on."""
    room = Room(engine)
    room.step()
    drawn, behind = dict(room.frames.latest), room.store.behind

    def cut(acted: int) -> bool:
        raise Away("server closed the connection unexpectedly")

    younger = SqlStore(engine, city=CITY, fence=2)
    younger.claim()
    monkeypatch.setattr(room.store, "behind", cut)
    room.clock.go(20_000)
    room.step()
    assert room.frames.latest == drawn
    assert not room.keeper.sure
    monkeypatch.setattr(room.store, "behind", behind)
    with pytest.raises(Superseded):
        room.step()
    assert room.frames.latest == drawn


def test_a_board_whose_record_is_away_goes_on_drawing(engine: Engine, monkeypatch) -> None:
    room = Room(engine)
    room.step()
    drawn = room.frames.latest["status"]

    def away(*_: object) -> bool:
        raise Away("nobody there")

    for name in ("behind", "load", "record"):
        monkeypatch.setattr(room.store, name, away)
    for _ in range(20):
        room.clock.go(1_000)
        room.step()
    assert room.keeper.sure
    assert room.frames.latest["status"] > drawn


moves = st.sampled_from([0, 900, 61_000, 20 * 60_000, 13 * HOUR, 3 * DAY, -1_000, -90_000, -2 * HOUR, -26 * HOUR])
kinds = st.sampled_from(["red_light", "fire_single", "plate_read", "none"])
# Minutes are kept for two days: nobody puts a clock back farther.
sayings = st.lists(st.tuples(moves, kinds, st.integers(-40_000, 20_000)), max_size=14).filter(
    lambda story: sum(min(move, 0) for move, _, _ in story) > -46 * HOUR
)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(sayings)
def test_the_board_agrees_with_its_record_wherever_the_clock_jumps(sqlite: Engine, story) -> None:
    with sqlite.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())
    room = Room(sqlite)
    for number, (move, kind, skew) in enumerate(story):
        room.clock.go(move)
        if kind != "none":
            room.say(event(str(number), kind=kind, at=room.clock.at_ms + skew))
        room.step(2)
        same(SqlStore(sqlite, city=CITY).load(room.clock.at_ms), room.keeper.board)


def test_a_deadline_passes_and_midnight_comes_with_nobody_saying_anything(sqlite: Engine) -> None:
    """What depends on the time of day is drawn again with every minute, not with the next event."""
    room = Room(sqlite)
    sent = START - 4 * HOUR + 30_000
    room.say(
        {"type": "report_changed", "id": "r", "at": sent, "report": "1", "service": "KC01", "submitted": sent, "open": True},
        source="reports",
    )
    room.say([event("a"), event("f", kind="fire_single", camera="H-002")])
    room.step(6)
    assert (room.frame("kpi")["reports_overdue"]["value"], room.frame("kpi")["events_today"]["value"]) == (0, 2)
    assert room.frame("alarms")["rate10"] == 1
    room.clock.go(60_000)
    room.step(6)
    assert (room.frame("kpi")["reports_overdue"]["value"], room.frame("reports")["overdue"]) == (1, 1)
    assert room.frame("series")["start"] == room.clock.at_ms // 60_000 - 59
    room.clock.go(660_000)
    room.step(2)
    assert room.frame("alarms")["rate10"] == 0
    room.clock.go(12 * HOUR)
    room.step(2)
    assert (room.frame("kpi")["events_today"]["value"], room.frame("status")["day"]) == (0, "2026-11-24")
    assert room.frame("cameras")["spoke"] == [0, 0, 0]


def test_a_home_that_never_held_a_city_says_no_data_and_not_nought(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    engine = connect(url)
    room = Room(engine)
    room.step()
    kpis = room.frame("kpi")
    for key in ("reports_today", "reports_overdue", "reports_due_24h", "reports_on_time", "cameras_online"):
        assert (kpis[key]["state"], kpis[key]["value"]) == ("none", None), key
    engine.dispose()
