"""Hot spots: what is counted, what is usual, who is ranked first, and who is not shown."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.geo import metres
from dashboard.hotspots import CELL_M, HOURS, WEEK_H, Grid, Window, days_of, plan, ranked

BOUNDS = (107.5, 16.4, 107.7, 16.6)
NOW = 500_000


@given(st.floats(107.4, 107.8), st.floats(16.3, 16.7))
def test_a_place_lies_in_its_square(lon, lat) -> None:
    grid = Grid(BOUNDS)
    west, south, east, north = grid.box(grid.cell(lon, lat))
    assert west - 2e-6 <= lon <= east + 2e-6
    assert south - 2e-6 <= lat <= north + 2e-6
    assert metres((west, south), (west, north)) == pytest.approx(CELL_M, rel=0.01)
    assert metres((west, 16.5), (east, 16.5)) == pytest.approx(CELL_M, rel=0.01)


@given(st.integers(0, 10_000), st.integers(1, 2000))
def test_whole_days_and_their_edges_are_the_window(first, hours) -> None:
    edges, days = days_of(Window(first, first + hours))
    counted = [hour for edge in edges for hour in range(*edge)] + [
        hour for day in range(*(days or (0, 0))) for hour in range(day * 24, day * 24 + 24)
    ]
    assert sorted(counted) == list(range(first, first + hours))
    assert sum(edge.end - edge.first for edge in edges) <= 47


@pytest.mark.parametrize("period", HOURS)
@pytest.mark.parametrize("weeks", [4, 6, 8, 30])
def test_usual_is_the_mean_of_the_same_hours_of_the_weeks_before(period, weeks) -> None:
    """Counted hour by hour, where each hour of the week has a number of its own."""
    told = plan(NOW, period, NOW + 1 - HOURS[period] - weeks * WEEK_H)
    assert told.weeks == min(weeks, 8)
    assert told.now == Window(NOW + 1 - HOURS[period], NOW + 1)
    usual = sum(weight * hour**0 * (hour % WEEK_H) for weight, window in told.usual for hour in range(*window))
    assert usual == pytest.approx(sum(hour % WEEK_H for hour in range(*told.now)))
    assert all(told.now.first - 8 * WEEK_H <= window.first < window.end <= told.now.first for _, window in told.usual)


def test_with_less_than_four_weeks_nothing_is_usual() -> None:
    assert plan(NOW, "24h", None).usual == ()
    assert plan(NOW, "24h", NOW - 24 - 4 * WEEK_H + 2) == (Window(NOW - 23, NOW + 1), (), 3)
    assert plan(NOW, "24h", NOW + 5).weeks == 0


def test_they_are_ranked_by_count_or_by_what_is_unusual() -> None:
    now = Counter({((1, 1), "a"): 60, ((1, 1), "b"): 40, ((2, 2), "c"): 20, ((3, 3), "d"): 4, ((4, 4), "e"): 0})
    usual = {(1, 1): 95.0, (2, 2): 4.0}
    spots, few = ranked(now, usual, least=5, order="count")
    assert [(spot.cell, spot.n, spot.usual) for spot in spots] == [((1, 1), 100, 95.0), ((2, 2), 20, 4.0)]
    assert spots[0].parts == [("a", 60), ("b", 40)]
    assert few == 1
    assert [spot.cell for spot in ranked(now, usual, least=1, order="unusual")[0]] == [(2, 2), (3, 3), (1, 1)]
    assert [spot.usual for spot in ranked(now, None, least=1, order="unusual")[0]] == [None] * 3
