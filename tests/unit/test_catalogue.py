"""The catalogue of figures: every one has its words, and what cannot be told is not told."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.catalogue import FIGURES, figure
from dashboard.formulas import Known
from dashboard.leader import busiest
from dashboard.panels import reports_due_24h, reports_on_time, reports_overdue
from dashboard.past import DayCounts, is_due_soon, is_overdue
from dashboard.rollups import EIGHT, TIERS, slots_within
from layouts.words import TONGUES, Vocabulary

DAY = 86_400_000


@pytest.mark.parametrize("one", FIGURES, ids=lambda one: one.key)
def test_every_figure_has_its_words_in_both_languages(one) -> None:
    for words in (one.title, one.formula):
        assert set(words) == {"vi", "en"}
        assert words["vi"] != words["en"]
        assert all(text == text.strip() and text for text in words.values())


def test_the_catalogue_is_whole_and_each_key_is_one_figure() -> None:
    assert {one.code.split()[0] for one in FIGURES} == {f"F{n}" for n in range(1, 15)}
    assert len({one.key for one in FIGURES}) == len(FIGURES)
    assert figure("reports_on_time").code == "F8 C"


@pytest.mark.parametrize("tongue", TONGUES)
def test_what_a_figure_needs_to_know_is_named(tongue: str) -> None:
    needs = {one.needs for one in FIGURES if one.needs}
    assert needs == {"eligible"}
    assert all(Vocabulary(tongue).say(f"leader.needs_{one}") for one in needs)
    assert all(one.read or one.code in {"F13", "F14"} for one in FIGURES), "every figure has its number"


def test_nobody_is_eligible_or_not_before_anybody_has_looked() -> None:
    unseen, seen = Known(DayCounts(received=5)), Known(DayCounts(received=5, checked=4, eligible=3, handled=2))
    keys = ("reports_eligible", "eligible_share", "handled_share")
    assert [figure(key).read(unseen) for key in keys] == [None, None, None]  # type: ignore[misc]
    assert [figure(key).read(seen) for key in keys] == [3.0, 60.0, pytest.approx(200 / 3)]  # type: ignore[misc]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 600_000), st.integers(0, 9_000))
def test_any_stretch_of_hours_is_a_handful_of_slots(first: int, length: int) -> None:
    slots = list(slots_within(first, first + length))
    assert sum((end - begin) << EIGHT * tier for tier, begin, end in slots) == length
    hours = sorted((begin << EIGHT * tier, end << EIGHT * tier) for tier, begin, end in slots)
    assert all(one[1] == other[0] for one, other in pairwise(hours))
    assert not hours or (hours[0][0], hours[-1][1]) == (first, first + length)
    assert sum(end - begin for _, begin, end in slots) <= 14 * TIERS


def test_satisfaction_is_told_from_thirty_ratings_on() -> None:
    read = figure("satisfaction").read
    assert read is not None
    assert read(Known(DayCounts(closed=200, rated=29, content=29))) is None
    assert read(Known(DayCounts(closed=200, rated=30, content=27))) == 90.0


def test_the_three_on_time_shares_differ_where_it_matters() -> None:
    """Ten were due and six closed in time; one was closed late, three are open and overdue; 12 received, eight carried over."""
    counts = DayCounts(received=12, closed=7, on_time=6, late=1, due=10, met=6)
    known = Known(counts, ended=counts, carried=8, open_late=3, open=13)
    shares = {key: figure(key).read(known) for key in ("on_time_closed", "on_time_borne", "reports_on_time")}  # type: ignore[misc]
    assert shares == {"on_time_closed": pytest.approx(100 * 6 / 7), "on_time_borne": pytest.approx(80.0), "reports_on_time": 60.0}


def test_nothing_known_is_no_nought() -> None:
    assert {one.read(Known(None)) for one in FIGURES if one.read} == {None}
    assert figure("median_hours").read(Known(DayCounts(), hours=Counter)) is None  # type: ignore[misc]


def test_the_deadline_itself_is_in_time() -> None:
    assert [is_overdue(due, 1000) for due in (999, 1000, 1001)] == [True, False, False]
    assert [is_due_soon(due, 1000) for due in (999, 1000, 999 + DAY, 1000 + DAY)] == [False, True, True, False]


def test_the_walls_tiles_say_the_same_formula() -> None:
    for panel in (reports_overdue.PANEL, reports_due_24h.PANEL, reports_on_time.PANEL):
        assert all(panel.formula[tongue].startswith(figure(panel.key).formula[tongue]) for tongue in TONGUES)


def test_of_more_units_than_a_page_holds_those_with_the_least_to_do_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.leader.MOST_UNITS", 2)
    counts = {"A": DayCounts(due=1), "M": DayCounts(due=30), "Z": DayCounts(due=9), "": DayCounts(due=99)}
    assert busiest(counts, Counter({"Y": 40, "Q": 0})) == ["M", "Y"]
