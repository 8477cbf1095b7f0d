"""The board of any past second: equal to the board that the fold gave then, through restarts, on both databases."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, func, select, text

import dashboard.topics
from dashboard.board import Board, turn
from dashboard.events import Heard, Sighted
from dashboard.ports import Reading
from dashboard.registry import collect
from dashboard.replay.change import COUNTED, KEYED, LISTS, NUMBERS, change, changed
from dashboard.replay.past import KEPT_DAYS, pictures
from dashboard.topic import Topic
from data.store import past
from data.store.past import SqlPast
from data.store.record import SqlStore
from data.store.tables_past import PAST_BOARD
from tests.contract.test_record import CITY, DAY, HOUR, SLOW, START, fresh, heard_at, same, sighted, stories

TOPICS = collect(dashboard.topics, "TOPIC", Topic)


def lived(engine: Engine, things, *, cut: int, restarts: Sequence[int]) -> list[tuple[int, Board]]:
    """Tell everything, and begin the board anew now and then; return every board that there was, and since when."""
    store, now, waiting = fresh(engine), START, []
    board, boards = store.load(now), []
    for number, ((event, skew), later) in enumerate(things):
        now += later
        waiting.append(heard_at(event, skew, now))
        if len(waiting) < cut:
            continue
        board = store.record(turn(board, now), Reading(waiting, ()), f"{number + 1}-0")
        boards.append((now, board))
        waiting = []
        if number in restarts:
            store = SqlStore(engine, city=CITY)
            board = store.load(now)
    return boards


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(
    things=stories,
    cut=st.integers(1, 4),
    restarts=st.lists(st.integers(0, 30), max_size=3),
    least=st.sampled_from([0, 400, 10**9]),
    asked=st.lists(st.integers(-HOUR, 3 * DAY), min_size=1, max_size=6).map(sorted),
)
def test_any_past_second_shows_the_board_that_the_fold_gave_then(engine: Engine, things, cut, restarts, least, asked) -> None:
    before, past.LEAST_BYTES = past.LEAST_BYTES, least
    try:
        boards = lived(engine, things, cut=cut, restarts=restarts)
    finally:
        past.LEAST_BYTES = before
    moments = [START + one for one in asked]
    for moment, found in zip(moments, SqlPast(engine).boards(moments), strict=True):
        then = [board for at, board in boards if at <= moment]
        assert (found is None) == (not then)
        if found is not None:
            same(turn(found, moment), turn(then[-1], moment))


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(things=stories)
def test_a_change_leads_from_any_board_to_any_other(engine: Engine, things) -> None:
    boards = [Board(), *(board for _, board in lived(engine, things, cut=1, restarts=()))]
    for one in boards[:6]:
        for other in boards[-6:]:
            if one.seq <= other.seq:
                same(changed(one, change(one, other)), other)


def test_nothing_of_a_board_is_forgotten() -> None:
    assert {"zone", "raised", *NUMBERS, *COUNTED, *KEYED, *(name for name, _ in LISTS)} == set(Board.__struct_fields__)


def test_what_was_told_again_later_is_shown_as_it_was_known_then(engine: Engine) -> None:
    store = fresh(engine)

    def told(at: int, plate: str, revision: int, board: Board) -> Board:
        one = sighted("a", kind="plate_read", plate=plate, revision=revision)
        return store.record(turn(board, at), Reading([replace(one, received=at)], ()), f"{at}-0")

    board = told(START, "75A-111.11", 1, store.load(START))
    told(START + 60_000, "75A-222.22", 2, board)
    found = list(SqlPast(engine).boards([START + 30_000, START + 90_000]))
    assert [one.records[0].heard.event.plate for one in found if one is not None] == ["75A-111.11", "75A-222.22"]


def test_screens_are_given_the_same_pictures_as_live_and_only_what_changes(engine: Engine) -> None:
    store = fresh(engine)
    board = store.record(turn(store.load(START), START), Reading([sighted("a"), sighted("b", kind="fire_single")], ()), "1-0")
    moments = [START + 1000, START + 2000]
    found = pictures(SqlPast(engine).boards(moments), moments, CITY, TOPICS)
    assert [one.at for one in found] == moments
    assert set(found[0].topics) == {topic.key for topic in TOPICS}
    assert set(found[1].topics) < set(found[0].topics)
    live = {topic.key: topic.draw(turn(board, moments[0]), CITY) for topic in TOPICS}
    assert {key: msgspec.json.decode(body) for key, body in found[0].topics.items()} == msgspec.json.decode(
        msgspec.json.encode(live)
    )


def test_what_nobody_may_look_back_to_is_let_go_and_the_rest_stays_whole(engine: Engine) -> None:
    store = fresh(engine)
    board, last = store.load(START), START
    boards = []
    for day in range(40):
        last = START + day * DAY
        board = store.record(turn(board, last), Reading([seen(f"d{day}", last)], ()), f"{day + 1}-0")
        boards.append(board)
        if day % 7 == 0:  # a restart writes the whole
            store = SqlStore(engine, city=CITY)
            board = store.load(last)
    with engine.begin() as sql:
        kept = sql.scalar(select(func.count()).select_from(PAST_BOARD))
        past.forget(sql, last)
        assert 0 < (sql.scalar(select(func.count()).select_from(PAST_BOARD)) or 0) < (kept or 0)
    oldest = last - (KEPT_DAYS - 1) * DAY
    found = next(iter(SqlPast(engine).boards([oldest])))
    assert found is not None
    same(turn(found, oldest), turn(boards[39 - KEPT_DAYS + 1], oldest))


def seen(key: str, at: int) -> Heard:
    return heard_at(Sighted(id=key, at=at, kind="red_light", camera="H-001"), None, at)


def test_a_board_that_could_not_be_committed_leaves_no_past(engine: Engine) -> None:
    store = fresh(engine)
    board = store.record(turn(store.load(START), START), Reading([sighted("a")], ()), "1-0")
    with engine.begin() as sql:
        sql.execute(text("ALTER TABLE day_kind RENAME TO day_kind_away"))
    with pytest.raises(Exception, match="day_kind"):
        store.record(turn(board, START + 1000), Reading([sighted("b")], ()), "2-0")
    with engine.begin() as sql:
        sql.execute(text("ALTER TABLE day_kind_away RENAME TO day_kind"))
    after = store.record(turn(board, START + 2000), Reading([sighted("c")], ()), "2-0")
    found = list(SqlPast(engine).boards([START + 1500, START + 2000]))
    same(turn(found[0], START + 1500), turn(board, START + 1500))
    same(found[1], after)
