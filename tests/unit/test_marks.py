"""Marks: what may be drawn, for how long, and what becomes of one."""

from math import cos, inf, sin

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.board import Board, turn
from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.errors import Unfit
from dashboard.marks import telling
from dashboard.marks.mark import Acted, Illegal, Wish, changed, drawn, follow
from dashboard.marks.shape import MOST_POINTS, area_m2, crosses, fitted
from dashboard.topics.marks import TOPIC
from data.pack import load

BOUNDS = (107.5, 16.4, 107.7, 16.6)
NOW = 1_795_410_000_000
SQUARE = ((107.55, 16.45), (107.56, 16.45), (107.56, 16.46), (107.55, 16.46))
PLACE = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda at: (107.5 + at[0] / 1000, 16.5 + at[1] / 1000))


def wish(**more: object) -> Wish:
    return Wish(**{"action": "draw", "shape": "area", "points": SQUARE, "kind": "event", "name": "Festival", **more})


def mark(**more: object):
    return drawn(wish(**more), number=1, who="an", now_ms=NOW, bounds=BOUNDS)


def round_of(n: int, radius: float = 0.01) -> list[tuple[float, float]]:
    return [(107.6 + radius * cos(6.283 * at / n), 16.5 + radius * sin(6.283 * at / n)) for at in range(n)]


@pytest.mark.parametrize(
    ("shape", "points", "why"),
    [
        ("area", SQUARE[:2], "too_few"),
        ("area", [SQUARE[0], SQUARE[0], SQUARE[1], SQUARE[0]], "too_few"),
        ("route", [SQUARE[0], SQUARE[0]], "too_few"),
        ("area", round_of(MOST_POINTS + 1), "too_many"),
        ("area", [(16.45, 107.55), *SQUARE[1:]], "outside"),
        ("route", [(107.55, 16.375), SQUARE[0]], "outside"),
        ("area", [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "crosses"),
        ("area", [(107.55, 16.45), (107.56, 16.45), (107.57, 16.45)], "crosses"),
        ("area", [(107.55, 16.45), (107.550001, 16.45), (107.55, 16.450001)], "flat"),
        ("area", [(inf, 16.45), *SQUARE], "not_a_number"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_why(shape, points, why) -> None:
    with pytest.raises(Unfit) as unfit:
        fitted(shape, points, BOUNDS)
    assert (unfit.value.field, unfit.value.why) == ("points", why)


def test_what_may_be_drawn_is_kept_plain() -> None:
    assert fitted("area", [*SQUARE, SQUARE[0]], BOUNDS) == SQUARE
    assert fitted("area", round_of(MOST_POINTS), BOUNDS)
    assert fitted("route", [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], BOUNDS)  # a route may cross itself
    assert fitted("route", [(107.55, 16.383), SQUARE[0]], BOUNDS)  # within two kilometres
    assert area_m2(SQUARE) == pytest.approx(1_112 * 1_066, rel=0.01)


@given(st.lists(PLACE, min_size=3, max_size=9, unique=True))
def test_crossing_is_what_geos_says(ring) -> None:
    whole = [(round(lon * 1e6), round(lat * 1e6)) for lon, lat in ring]
    assert crosses(ring) == (not shapely.Polygon(whole).is_valid)


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"name": " \n "}, "name", "missing"),
        ({"name": "x" * 81}, "name", "too_long"),
        ({"name": "a\x00"}, "name", "signs"),
        ({"note": "x" * 501}, "note", "too_long"),
        ({"until": NOW}, "until", "past"),
        ({"until": NOW + 30 * DAY_MS + 1}, "until", "too_long"),
        ({"begins": NOW + HOUR_MS, "until": NOW + HOUR_MS}, "until", "past"),
        ({"begins": NOW - DAY_MS - 1}, "begins", "too_early"),
        ({"begins": NOW + 30 * DAY_MS + 1}, "begins", "too_late"),
        ({"kind": None}, "kind", "missing"),
        ({"points": None}, "points", "missing"),
    ],
)
def test_what_is_said_of_it_is_checked(more, field, why) -> None:
    with pytest.raises(Unfit) as unfit:
        mark(**more)
    assert (unfit.value.field, unfit.value.why) == (field, why)


def test_it_holds_for_four_hours_unless_said() -> None:
    one = mark()
    assert (one.until - one.begins, one.holds(NOW), one.holds(NOW + 4 * HOUR_MS)) == (4 * HOUR_MS, True, False)
    later = changed(
        one, wish(action="change", shape=None, points=None, kind=None, name=None, until=NOW + DAY_MS), now_ms=NOW + 5, bounds=BOUNDS
    )
    assert later == replace(one, until=NOW + DAY_MS, version=2)


def acts(*done: tuple[str, object], who: str = "an") -> list[Acted]:
    return [Acted(seq=n, action=action, who=who, at=NOW, mark=after) for n, (action, after) in enumerate(done)]


def test_undone_is_ones_own_last_act_for_ten_seconds() -> None:
    one, undo = mark(), Wish(action="undo", mark=1)
    told = acts(("draw", one))
    gone = follow(told, undo, who="an", now_ms=NOW + 10_000, bounds=BOUNDS)
    assert not any(gone.holds(at) for at in (NOW - 1, NOW, NOW + HOUR_MS))
    end = follow(told, Wish(action="end", mark=1, version=1), who="ba", now_ms=NOW + 5, bounds=BOUNDS)
    assert (end.until, end.ended_by, end.version) == (NOW + 5, "ba", 2)
    back = follow([*told, *acts(("end", end), who="ba")], undo, who="ba", now_ms=NOW + 9, bounds=BOUNDS)
    assert back == replace(one, version=3)
    for who, at, code in (("ba", NOW, "outdated"), ("an", NOW + 10_001, "too_late")):
        with pytest.raises(Illegal) as illegal:
            follow(told, undo, who=who, now_ms=at, bounds=BOUNDS)
        assert illegal.value.code == code
    for action, version, code in (("end", 7, "outdated"), ("end", 1, "over"), ("change", 1, "over")):
        with pytest.raises(Illegal) as illegal:
            follow(told, Wish(action=action, mark=1, version=version), who="an", now_ms=NOW + DAY_MS, bounds=BOUNDS)
        assert (illegal.value.code, illegal.value.last) == (code, told[-1])


def test_the_board_lets_go_of_what_is_over() -> None:
    one, two = mark(), replace(mark(), id=2, until=NOW + 5)
    board = turn(Board(marks={1: one, 2: two}), NOW)
    assert set(board.marks) == {1, 2}
    later = turn(board, NOW + 5)
    assert set(later.marks) == {1}
    assert turn(later, NOW + 6).marks is later.marks  # nothing is drawn anew for nothing
    (row,) = TOPIC.draw(later, load("hue").city)["rows"]
    assert (row["id"], row["points"], row["until"]) == (1, SQUARE, one.until)


def test_a_feature_is_as_the_standard_says() -> None:
    told = telling.feature(mark(points=SQUARE[::-1], name="gọi 0912345678", note="75A-123.45"))
    (ring,) = told["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert shapely.LinearRing(ring).is_ccw
    assert "0912345678" not in str(told)
    assert "123.45" not in str(told)
    assert telling.feature(mark(shape="route"))["geometry"]["type"] == "LineString"
