"""The record and the board: whatever is told, in whatever order, the two agree with each other and with a plain count."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, text

from dashboard.board import Board, turn
from dashboard.calendar import day_of, hour_of
from dashboard.events import HOUSE, CameraChanged, FeedSpoke, Heard, ReportChanged, Sighted
from dashboard.hearing import Hearing
from dashboard.kinds import FOREVER, Kinds
from dashboard.ports import Dead, Payload, Reading, Taken
from dashboard.rollups import FIELDS
from data.store.judge import decode
from data.store.record import SqlStore, Superseded
from data.store.tables import META
from tests.town import ZONE, town

CITY = town()
HEARING = Hearing(CITY, locate=lambda *_: "19753")
START = 1_795_410_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

names = st.sampled_from(["H-001", "H-002", "H-003", "stranger"])
small = st.integers(0, 40)
sightings = st.builds(
    lambda n, kind, camera, revision, ended, plate, skew: (
        Sighted(id=f"s{n}", at=START, kind=kind, camera=camera, revision=revision, ended=START if ended else None, plate=plate),
        skew,
    ),
    small,
    st.sampled_from(["red_light", "fire_single", "crowd", "plate_read", "never_heard_of"]),
    names,
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from([None, "75A-123.45"]),
    st.sampled_from([0, 5_000, -20_000, -600_000, 2 * HOUR, -8 * DAY]),
)
changes = st.builds(
    lambda n, camera, state: (CameraChanged(id=f"c{n}", at=START, camera=camera, state=state), 0),
    small,
    names,
    st.sampled_from(["online", "offline", "frozen"]),
)
reports = st.builds(
    lambda n, v, service, ago, took: (
        ReportChanged(
            id=f"r{n}@{v}",
            at=START + v,
            report=f"r{n}",
            service=service,
            submitted=START - ago * HOUR,
            open=took is None,
            closed=None if took is None else START - ago * HOUR + took * HOUR,
            lon=107.5,
            lat=16.4,
        ),
        None,
    ),
    st.integers(0, 6),
    st.integers(0, 5),
    st.sampled_from(["MT01", "KC01", "unknown_service"]),
    st.integers(0, 900),
    st.none() | st.integers(0, 400),
)
said = st.builds(
    lambda camera, state: (CameraChanged(id="said", at=START, camera=camera, state=state), HOUSE),
    st.sampled_from(["H-001", "H-002"]),
    st.sampled_from(["online", "late", "maintenance"]),
)
beats = st.just((FeedSpoke(id="alive", at=START), 0))
pauses = st.sampled_from([0, 1000, 20 * MINUTE, 2 * HOUR, 13 * HOUR])
stories = st.lists(st.tuples(st.one_of(sightings, changes, reports, beats, said), pauses), max_size=30)


def heard_at(event, skew, now: int) -> Heard:
    if skew == HOUSE:
        told = HEARING.hear(HOUSE, now, replace(event, at=now))
        return replace(told, key=f":{event.camera}:{event.state}:{now}")
    moved = event if skew is None else replace(event, at=now + skew)
    if isinstance(moved, Sighted) and moved.ended is not None:
        moved = replace(moved, ended=moved.at + 5)
    return HEARING.hear("native", now, moved)


def play(store: SqlStore, things, *, cut: int) -> tuple[Board, int]:
    """Tell everything, at most `cut` events a transaction, with the clock going on."""
    now = START
    board = store.load(now)
    waiting: list[Heard] = []
    for number, ((event, skew), later) in enumerate(things):
        now += later
        waiting.append(heard_at(event, skew, now))
        if len(waiting) >= cut or later > HOUR:
            board = store.record(turn(board, now), Reading(waiting, ()), f"{number + 1}-0")
            waiting = []
    if waiting:
        board = store.record(turn(board, now), Reading(waiting, ()), "999-0")
    return turn(board, now), now


def same(one: Board, other: Board) -> None:
    for name in Board.__struct_fields__:
        assert getattr(one, name) == getattr(other, name), name


def fresh(engine: Engine) -> SqlStore:
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())
    return SqlStore(engine, city=CITY)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(things=stories, cut=st.integers(1, 12))
def test_what_is_loaded_equals_what_was_folded(engine: Engine, things, cut: int) -> None:
    board, now = play(fresh(engine), things, cut=cut)
    same(SqlStore(engine, city=CITY).load(now), board)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(things=stories, cut=st.integers(1, 12))
def test_every_window_equals_a_plain_count_over_the_events(engine: Engine, things, cut: int) -> None:
    play(fresh(engine), things, cut=cut)
    kinds = Kinds(CITY)
    with engine.connect() as sql:
        raw = pd.DataFrame(
            sql.execute(text("SELECT key, kind, camera, counted, quarantined, body FROM event")).all(),
            columns=["key", "kind", "camera", "counted", "quarantined", "body"],
        )
        assert all(decode(body).camera == camera for body, camera in zip(raw.body, raw.camera, strict=True))
        live = raw[~raw.quarantined.astype(bool)]
        live = live.assign(
            hour=[hour_of(at, ZONE) for at in live.counted],
            minute=[at // MINUTE for at in live.counted],
            group=[kinds.class_of(kind) for kind in live.kind],
        )
        live = live.assign(day=[hour // 24 for hour in live.hour])
        for table, at, what, column, rows in (
            ("hour_kind", "hour", "kind", "kind", live),
            ("hour_camera", "hour", "camera", "camera", live[(live.camera != "") & ~live.key.str.startswith(":")]),
            ("minute_class", "minute", "class", "group", live),
            ("day_kind", "day", "kind", "kind", live),
        ):
            counted = {key: int(n) for key, n in rows.groupby([at, column]).size().items()} if len(rows) else {}
            kept = {(a, b): n for a, b, n in sql.execute(text(f'SELECT {at}, "{what}", n FROM {table} WHERE n <> 0'))}
            assert kept == counted, table


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(things=stories, cut=st.integers(1, 12))
def test_report_days_equal_a_plain_count_over_the_reports(engine: Engine, things, cut: int) -> None:
    play(fresh(engine), things, cut=cut)
    expected: dict[tuple[int, str], int] = {}
    with engine.connect() as sql:
        for submitted, due, closed, is_open in sql.execute(text("SELECT submitted, due, closed, open FROM report")):
            cells = [(day_of(submitted, ZONE), "received")]
            if due < FOREVER:
                met = not is_open and closed is not None and closed <= due
                cells += [(day_of(due - 1, ZONE), "due"), *([(day_of(due - 1, ZONE), "met")] if met else [])]
            if not is_open and closed is not None:
                cells += [(day_of(closed, ZONE), "closed"), (day_of(closed, ZONE), "on_time" if closed <= due else "late")]
            for cell in cells:
                expected[cell] = expected.get(cell, 0) + 1
        kept = {}
        for row in sql.execute(text("SELECT * FROM report_day WHERE dim = 'all'")).mappings():
            kept |= {(row["day"], field): row[field] for field in FIELDS if row[field]}
    assert kept == expected


def sighted(key: str, **more) -> Heard:
    return HEARING.hear("native", START, Sighted(**({"id": key, "at": START, "kind": "red_light", "camera": "H-001"} | more)))


def test_an_event_told_a_hundred_times_is_one(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    board = turn(store.load(START), START)
    for number in range(100):
        board = store.record(board, Reading([sighted("a"), sighted("a")], ()), f"{number}-1")
    assert (board.stored, board.cameras["H-001"].spoke, store.mark()) == (1, 1, "99-1")


def test_a_better_telling_amends_and_an_older_one_does_not(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    board = store.record(store.load(START), Reading([sighted("a", kind="plate_read", plate="75A-1", revision=5)], ()), "1-0")
    board = store.record(board, Reading([sighted("a", kind="plate_read", plate="75A-123.45", revision=9)], ()), "2-0")
    board = store.record(board, Reading([sighted("a", kind="plate_read", plate="nonsense", revision=7)], ()), "3-0")
    assert [one.heard.event.plate for one in board.records] == ["75A-123.45"]
    assert board.stored == 1
    same(store.load(START), board)


@pytest.mark.parametrize(("first", "then"), [("stranger", "H-001"), ("H-001", "stranger"), ("H-001", "H-002")])
def test_an_event_that_turns_out_to_be_another_cameras_is_counted_there(engine: Engine, first: str, then: str) -> None:
    store = SqlStore(engine, city=CITY)
    board = store.record(turn(store.load(START), START), Reading([sighted("a", camera=first)], ()), "1-0")
    board = store.record(board, Reading([sighted("a", camera=then, revision=1)], ()), "2-0")
    assert {key: spot.spoke for key, spot in board.cameras.items() if spot.spoke} == ({then: 1} if then != "stranger" else {})
    same(store.load(START), board)


def test_an_alarm_opens_groups_and_is_over(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    fires = [sighted("a", kind="fire_single"), sighted("b", kind="fire_single")]
    board = store.record(turn(store.load(START), START), Reading(fires, ()), "1-0")
    (alarm,) = board.alarms.values()
    assert (alarm.count, alarm.priority) == (2, 2)
    over = store.record(turn(board, alarm.until + 1), Reading((), ()), "1-0")
    assert over.alarms == {}
    same(store.load(over.now), over)
    later = HEARING.hear("native", over.now, Sighted(id="c", at=over.now, kind="fire_single", camera="H-001"))
    again = store.record(over, Reading([later], ()), "1-0")
    assert [one.id for one in again.alarms.values()] == ["3"]


def test_an_alarm_whose_end_is_told_is_over_after_its_off_delay(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    fires = [sighted("a", kind="fire_single"), sighted("b", kind="fire_single")]
    board = store.record(turn(store.load(START), START), Reading(fires, ()), "1-0")
    ended = store.record(board, Reading([sighted("b", kind="fire_single", ended=START, revision=1)], ()), "2-0")
    (alarm,) = ended.alarms.values()
    assert (alarm.until, alarm.count) == (START + 60_000, 2)


def test_a_critical_camera_that_is_lost_is_an_alarm_until_it_is_back(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)

    def changed(key: str, state: str, later: int) -> Heard:
        return HEARING.hear("native", START + later, CameraChanged(id=key, at=START + later, camera="H-001", state=state))

    board = store.record(
        turn(store.load(START), START), Reading([changed("1", "offline", 0), changed("2", "offline", 1)], ()), "1-0"
    )
    assert [alarm.kind for alarm in board.alarms.values()] == ["camera_critical_lost"]
    assert board.stored == 1
    board = store.record(turn(board, START + 10 * DAY), Reading([changed("3", "online", 2)], ()), "2-0")
    assert board.alarms == {}
    same(store.load(START + 10 * DAY), board)


def test_a_dead_letter_is_kept_and_counted_once(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    dead = Dead(Taken("5-0", Payload("native", START, b"\xff\x00", {"a": "b"}, "r")), "is no JSON\x00", 1, b"\xff\x00")
    board = store.record(store.load(START), Reading((), [dead, dead]), "5-0")
    board = store.record(board, Reading((), [dead]), "5-0")
    assert board.dead_letters == 1
    with engine.connect() as sql:
        assert bytes(sql.execute(text("SELECT raw FROM dead_letter")).scalar_one()) == b"\xff\x00"


def test_a_board_that_was_only_asleep_cannot_write_any_more(engine: Engine) -> None:
    first, second = SqlStore(engine, city=CITY, fence=1), SqlStore(engine, city=CITY, fence=2)
    first.claim()
    board = first.record(first.load(START), Reading([sighted("a")], ()), "1-0")
    second.claim()
    with pytest.raises(Superseded):
        first.record(board, Reading([sighted("b")], ()), "2-0")
    assert second.mark() == "1-0"
    assert second.load(START).stored == 1


def test_nothing_of_a_transaction_that_fails_is_kept(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    board = store.record(store.load(START), Reading([sighted("a")], ()), "1-0")
    with pytest.raises(AttributeError):
        store.record(board, Reading([sighted("b"), object()], ()), "2-0")  # type: ignore[list-item]
    assert store.mark() == "1-0"
    same(store.load(START), board)


def test_settling_keeps_the_mark(engine: Engine) -> None:
    store = SqlStore(engine, city=CITY)
    store.record(store.load(START), Reading([sighted("a")], ()), "7-0")
    assert store.settle() == "7-0"
