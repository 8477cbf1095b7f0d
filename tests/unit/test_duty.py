"""What the people of a simulated city do about reports: legal acts alone, in the time that fits, and nothing twice."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard.reports.case import TABS, Asked
from dashboard.reports.cases import Sought
from data.simulator.duty import CENTRE, LEAD, fate
from data.simulator.staff import Staff
from tests.cases import AN, TOWN, Office
from tests.keep import START

DAY = 86_400_000


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def staff_of(office: Office, over: dict[str, int], **more: float) -> Staff:
    return Staff(office.cases, TOWN, office.clock, seed=7, pace=more.get("pace", 1.0), over=lambda: over)


def watches(office: Office, staff: Staff, days: int) -> Iterator[int]:
    """Let watches of three hours pass, and the staff work in each until nothing is left to do."""
    for _ in range(days * 8):
        office.clock.at_ms += DAY // 8
        yield sum(iter(staff.turn, 0))


def test_a_fate_is_drawn_once() -> None:
    drawn = [fate(7, f"PA-{n}") for n in range(400)]
    assert drawn == [fate(7, f"PA-{n}") for n in range(400)]
    assert fate(8, "PA-1") != fate(7, "PA-1")
    assert all(list(one.until.values()) == sorted(one.until.values()) for one in drawn)
    assert 10 < sum(one.refused for one in drawn) < 60


def test_reports_go_their_whole_way_and_every_step_is_somebodys(office: Office) -> None:
    numbers = [f"PA-{n}" for n in range(40)]
    keys = [office.told(number) for number in numbers]
    over = dict.fromkeys(numbers, START + 4 * DAY)
    staff = staff_of(office, over)
    seen = Counter[str]()
    for _ in watches(office, staff, 7):
        seen |= Counter(office.case(key).state for key in keys[:10])
    states = Counter(office.case(key).state for key in keys)
    assert set(states) == {"closed", "ineligible"}, states
    assert {"in_progress", "resulted", "approved", "published"} <= set(seen)
    acts = [one for key in keys for one in office.shown(key).acts]
    assert {one.who for one in acts if one.action in {"verify", "take", "forward", "approve", "publish"}} == {CENTRE}
    assert {one.who for one in acts if one.action == "grant"} <= {LEAD}
    assert all(one.unit and one.role == "ward_officer" for one in acts if one.action in {"accept", "decline", "result"})
    published = [office.case(key) for key in keys if office.case(key).published]
    assert all("{" not in one.answer and one.answer for one in published)
    assert all(one.handled <= START + 4 * DAY for one in published)


def test_what_has_lain_long_is_caught_up_with_at_once(office: Office) -> None:
    numbers = [f"PA-{n}" for n in range(30)]
    keys = [office.told(number, submitted=START - 3 * DAY) for number in numbers]
    staff = staff_of(office, dict.fromkeys(numbers, START + 3 * DAY))
    while staff.turn():
        pass
    states = Counter(office.case(key).state for key in keys)
    assert not states.keys() & {"received", "verifying", "verified", "classified"}
    assert states["in_progress"] > 15


def test_what_a_visitor_took_in_or_has_in_hand_is_left_to_them(office: Office) -> None:
    own = office.enter()
    other = office.told("PA-1", submitted=START - 3 * DAY)
    office.act("take", other)
    staff = staff_of(office, {"PA-1": START + 3 * DAY})
    seen = office.case(other).version
    while staff.turn():
        pass
    assert office.case(own).state == "received"
    assert office.case(other).version > seen
    assert office.cases.listed(Sought(tab="received"), by=AN).counts["received"] == 1
    assert set(office.cases.listed(Sought(), by=AN).counts) >= set(TABS)


def test_a_declined_part_goes_out_again_and_is_then_taken_on(office: Office) -> None:
    number = next(f"PA-{n}" for n in range(900) if fate(7, f"PA-{n}").declined and not fate(7, f"PA-{n}").refused)
    key = office.told(number, submitted=START - 3 * DAY)
    staff = staff_of(office, {number: START + 3 * DAY})
    while staff.turn():
        pass
    done = [one.action for one in office.shown(key).acts]
    assert done.count("decline") == 1
    assert done.count("forward") == 2
    assert office.case(key).state == "in_progress"


def test_more_time_is_asked_for_once_and_granted_by_the_shifts_lead(office: Office) -> None:
    fates = {f"PA-{n}": fate(7, f"PA-{n}") for n in range(900)}
    number = next(name for name, one in fates.items() if one.extended and not one.refused and not one.declined)
    key = office.told(number)
    for _ in watches(office, staff_of(office, {number: START + 4 * DAY}), 5):
        pass
    acts = [one for one in office.shown(key).acts if one.action in {"ask_extension", "grant"}]
    assert [one.action for one in acts] == ["ask_extension", "grant"]
    assert acts[1].who == LEAD != acts[0].who


def test_somebody_who_was_faster_is_no_trouble(office: Office) -> None:
    key = office.told("PA-1", submitted=START - 3 * DAY)
    staff, before = staff_of(office, {"PA-1": START + 3 * DAY}), office.case(key)
    office.act("verify", key)
    told = office.cases.act_together([Asked("verify", key, before.version)], by=AN, key="late")
    assert isinstance(told[key], Exception)
    assert staff.turn() > 0


def test_what_cannot_be_done_holds_up_nothing_else(office: Office) -> None:
    stuck = office.told("PA-0", submitted=START - 9 * DAY, service="nobody-knows-it")
    keys = [office.told(f"PA-{n}", submitted=START - 3 * DAY) for n in range(1, 9)]
    staff = staff_of(office, {f"PA-{n}": START + 3 * DAY for n in range(9)})
    for _ in range(60):
        if not staff.turn():
            break
    else:
        raise AssertionError("it never comes to rest")
    assert office.case(stuck).state in {"verified", "ineligible"}
    assert all(office.case(key).state in {"in_progress", "ineligible"} for key in keys)
