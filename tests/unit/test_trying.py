"""What would happen to a report, and why: which rule decides, which days of the calendar counted, who stands for a unit that ended."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.handling import Policy, Route
from dashboard.reports.cases import Entry
from dashboard.reports.clock import begun
from dashboard.reports.steps import Stretch, steps
from dashboard.reports.trying import Trial, tried, tried_told
from dashboard.reports.working import calendar_of
from dashboard.term import TERM_UNITS, Term
from tests.unit.test_routing import HUE, WARD, at


def trial(service: str, text: str = "", *, on: str = "2026-11-23T09:00", urgent: bool = False, city=HUE) -> Trial:
    return tried(city, Entry(service, text, urgent=urgent), ward=WARD, at_ms=at(on))


def way(started: str, value: int, unit: str, profile: str = "office") -> list[Stretch]:
    return steps(HUE, begun(calendar_of(HUE), at(started), Term(value, unit), profile=profile))  # type: ignore[arg-type]


def test_every_rule_is_tried_in_its_order_and_says_what_did_not_hold() -> None:
    found = trial("TT02", "Cháy ở bãi phế liệu")
    assert [one.rule.key for one in found.rules] == [one.key for one in HUE.reports.routes]
    assert [one.rule.key for one in found.rules if one.outcome == "decides"] == [found.found.route] == ["fire"]
    fire, flood = found.rules[:2]
    assert [(one.of, one.holds, one.hits) for one in fire.conditions] == [
        ("service", True, ("thien_tai",)),
        ("word", True, ("chay",)),
    ]
    assert [(one.of, one.holds, one.wanted) for one in flood.conditions] == [("service", False, ("TT01",))]
    assert [one.outcome for one in trial("TT02", "khói trắng").rules] == ["no"] * len(HUE.reports.routes)


def test_a_later_rule_that_fits_too_says_that_an_earlier_one_decided() -> None:
    routes = tuple(Route(key=key, units=("HEPCO",)) for key in ("one", "two"))
    found = trial("MT01", city=replace(HUE, reports=Policy(routes=routes)))
    assert [one.outcome for one in found.rules] == ["decides", "later"]


@pytest.mark.parametrize("unit", [one for one in TERM_UNITS if one != "instant"])
@pytest.mark.parametrize("started", ["2026-11-23T09:00", "2026-02-13T16:45", "2026-11-21T23:59", "2027-02-04T10:00"])
def test_the_steps_of_a_clock_lead_without_a_gap_to_its_end(unit: str, started: str) -> None:
    deadline = begun(calendar_of(HUE), at(started), Term(9, unit))  # type: ignore[arg-type]
    found = steps(HUE, deadline)
    assert (found[0].since, found[-1].until) == (deadline.started, deadline.original) or unit == "working_hour"
    assert found[-1].until == deadline.original
    assert all(one.until <= other.since for one, other in pairwise(found))
    counted = sum(one.counted for one in found)
    assert counted == (9 * HOUR_MS if "hour" in unit else 9)


def test_a_holiday_and_a_weekend_say_why_they_do_not_count() -> None:
    found = way("2026-04-24T10:00", 5, "working_day")
    assert [one.kind for one in found][:3] == ["begins", "weekend", "off"]
    assert found[2].day is not None
    assert found[2].day.name["vi"].startswith("Giỗ Tổ")
    assert {one.kind for one in way("2026-04-24T10:00", 5, "day")} == {"begins", "counts"}
    assert {one.kind for one in way("2026-04-24T10:00", 5, "working_day", "24x7")} == {"begins", "counts"}


def test_what_comes_after_the_office_has_shut_begins_with_the_next_opening() -> None:
    found = way("2026-11-20T19:00", 4, "working_hour")  # a Friday
    assert [one.kind for one in found] == ["closed", "weekend", "runs"]
    assert found[-1].counted == 4 * HOUR_MS
    assert found[1].until - found[1].since in {DAY_MS, 2 * DAY_MS}


def test_the_page_is_told_who_stands_for_a_unit_that_ended() -> None:
    old = next(
        one
        for one in HUE.units
        if one.valid_to
        and one.successors
        and one.code.startswith("UB-")
        and not any(other.code == one.code and other.valid_to is None for other in HUE.units)
    )
    city = replace(HUE, reports=Policy(routes=(Route(key="old", units=(old.code,)),)))
    told = tried_told(city, trial("MT01", city=city))
    named = told["named"][0]  # type: ignore[index]
    assert (named["as"], named["heirs"]) == (old.code, tuple(one.partition("@")[0] for one in old.successors))
    assert told["in_force"][named["heirs"][0]]["to"] is None  # type: ignore[index]
    assert trial("DT01").found.ways[0].unit == f"UB-{WARD}"
