"""What the house itself says of cameras, and what is usual for one."""

import pytest
from msgspec.structs import replace

from dashboard.board import Board, turn
from dashboard.calendar import hour_of
from dashboard.cameras.adopted import merged
from dashboard.cameras.care import DEAF_MS, FLOOR_MS, SLICES, Care, is_late, late
from dashboard.cameras.maintenance import MOST_MINUTES, Work, until_of
from dashboard.cameras.usual import DAY_H, WEEK_H, same_hours, usual
from dashboard.errors import Unfit
from dashboard.events import HOUSE, CameraChanged, Heard, Sighted
from dashboard.hearing import Hearing
from dashboard.spot import Spot
from dashboard.standing import spot_after
from tests.town import ZONE, town
from tests.unit.test_adopted import adopted

NOW, MINUTE, HOUR = 1_795_410_000_000, 60_000, 3_600_000
CITY = town()
HEARING = Hearing(CITY, locate=lambda *_: "")


def board(**spots: Spot) -> Board:
    return turn(Board(zone=ZONE, cameras={name.replace("_", "-"): spot for name, spot in spots.items()}), NOW)


def online(ago: int, **more: object) -> Spot:
    return Spot(**{"state": "online", "since": NOW - 9 * HOUR, "last": NOW - ago, **more})  # type: ignore[arg-type]


def who_is_late(usual: dict[str, float], *, began: int = 24 * HOUR, **spots: Spot) -> list[str]:
    return [one.camera for one in late(board(**spots), CITY.cameras, [usual] * SLICES, began_ms=NOW - began)]


@pytest.mark.parametrize(
    ("often", "after"),
    [
        ([60] * 36, 10 * MINUTE + 1),  # never within ten minutes
        ([12] * 36, 30 * MINUTE),
        ([1] * 36, 6 * HOUR),
        ([0.5] * 36, 6 * HOUR),  # after six hours one that has not come is enough
        ([60, *[0] * 35], 10 * MINUTE + 1),
        ([0, *[60] * 35], 20 * MINUTE),
        ([6, 6, 6, *[0] * 33], 6 * HOUR),  # the morning begins: what was silent all night has missed three so far
        ([6, 6, 6, 6, 6, 6, *[0] * 30], 60 * MINUTE),
    ],
)
def test_how_much_silence_is_late(often: list[float], after: int) -> None:
    assert is_late(after, often)
    assert not is_late(after - 1, often)


@pytest.mark.parametrize("often", [[0] * 36, [0.1] * 36])
def test_who_hardly_ever_speaks_is_never_late(often: list[float]) -> None:
    assert not is_late(100 * HOUR, often)


def test_a_camera_is_late_when_its_silence_is_longer_than_its_own() -> None:
    spots = {"H_001": online(31 * MINUTE), "H_002": online(30 * MINUTE - 1), "H_003": online(0)}
    assert who_is_late({"H-001": 12, "H-002": 12, "H-003": 12}, **spots) == ["H-001"]
    assert who_is_late({"H-002": 12}, **spots) == []
    assert who_is_late({"H-001": 0.0}, **spots) == []


@pytest.mark.parametrize("state", ["unknown", "late", "offline", "frozen", "maintenance"])
def test_only_what_is_online_becomes_late(state: str) -> None:
    assert who_is_late({"H-001": 60}, H_001=online(5 * HOUR, state=state), H_002=online(0)) == []


def test_while_nobody_is_heard_it_is_not_the_cameras_that_are_late() -> None:
    silent = {"H_001": online(5 * HOUR), "H_002": online(DEAF_MS + 1)}
    assert who_is_late({"H-001": 60}, **silent) == []
    assert who_is_late({"H-001": 60}, **silent | {"H_002": online(DEAF_MS)}) == ["H-001"]


def test_no_silence_counts_from_before_the_board_could_hear() -> None:
    spots = {"H_001": online(5 * HOUR), "H_002": online(0)}
    assert who_is_late({"H-001": 60}, began=FLOOR_MS, **spots) == []
    assert who_is_late({"H-001": 60}, began=FLOOR_MS + 1, **spots) == ["H-001"]


def test_what_is_removed_is_never_late() -> None:
    city = merged(CITY, [adopted(1, removed=5)])
    care = Care(lambda _: {"N-001": 60.0}, lambda _: {}, zone=ZONE, began_ms=0)
    assert care.told(board(N_001=online(HOUR), H_001=online(0)), city) == []


def test_what_is_usual_is_asked_once_an_hour() -> None:
    asked: list[int] = []

    def ask(hour: int) -> dict[str, float]:
        asked.append(hour)
        return {}

    care, now = Care(ask, lambda _: {}, zone=ZONE, began_ms=0), board()
    for later in (0, MINUTE, HOUR, HOUR + MINUTE):
        care.told(turn(now, NOW + later), CITY)
    first = hour_of(NOW, ZONE)
    assert sorted(asked) == [*range(first - 6, first + 2)]


def work(**more: object) -> Work:
    return Work(**{"id": 7, "camera": "H-001", "who": "lan", "at": NOW, "until": NOW + HOUR, "why": "thay ống kính", **more})  # type: ignore[arg-type]


def test_maintenance_is_told_once_and_its_end_once() -> None:
    works = {"H-001": work()}
    care = Care(lambda _: {}, lambda _: works, zone=ZONE, began_ms=0)
    (told,) = care.told(board(H_001=online(0)), CITY)
    assert (told.camera, told.source, told.event.state) == ("H-001", HOUSE, "maintenance")  # type: ignore[union-attr]
    held = spot_after(online(0), told, 0)
    assert (held.state, held.held, held.last) == ("maintenance", True, NOW)
    assert care.told(board(H_001=held), CITY) == []
    works.clear()
    for meanwhile, state in (("online", "online"), ("", "late"), ("offline", "offline")):
        (told,) = care.told(board(H_001=replace(held, meanwhile=meanwhile)), CITY)
        after = spot_after(held, told, 0)
        assert (after.state, after.held, after.meanwhile) == (state, False, "")


def heard(event, later: int = 1) -> Heard:
    return HEARING.hear("native", NOW + later, event)


def test_what_people_began_no_camera_ends() -> None:
    held = Spot(state="maintenance", since=NOW, last=NOW, held=True)
    for told in (
        CameraChanged(id="a", at=NOW + 1, camera="H-001", state="online"),
        CameraChanged(id="b", at=NOW + 1, camera="H-001", state="offline"),
        Sighted(id="c", at=NOW + 1, camera="H-001", kind="crowd"),
    ):
        after = spot_after(held, heard(told), 1)
        assert (after.state, after.held, after.since, after.last, after.spoke) == ("maintenance", True, NOW, NOW + 1, 1)


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ("online", [], ""),
        ("offline", [], "offline"),  # it was lost when somebody began to work on it, and nobody has heard it since
        ("frozen", ["seen"], "frozen"),
        ("offline", ["seen"], "online"),
        ("online", ["offline"], "offline"),
        ("online", ["offline", "maintenance"], "offline"),
        ("online", ["offline", "online"], "online"),
        ("online", ["seen", "frozen"], "frozen"),
    ],
)
def test_how_a_camera_would_stand_is_kept_while_somebody_works_on_it(before: str, told: list[str], after: str) -> None:
    works = {"H-001": work()}
    (said,) = Care(lambda _: {}, lambda _: works, zone=ZONE, began_ms=0).told(board(H_001=Spot(state=before)), CITY)
    spot = spot_after(Spot(state=before), said, 0)
    for state in told:
        seen = Sighted(id="s", at=NOW + 1, camera="H-001", kind="crowd")
        spot = spot_after(
            spot, heard(seen if state == "seen" else CameraChanged(id="c", at=NOW + 1, camera="H-001", state=state)), 1
        )  # type: ignore[arg-type]
    assert (spot.state, spot.meanwhile) == ("maintenance", after)


def test_the_next_event_of_a_late_camera_ends_that_also_when_its_clock_is_wrong() -> None:
    for skew in (0, -125_000, 125_000):
        event = Sighted(id="a", at=NOW + 1 + skew, camera="H-001", kind="crowd")
        after = spot_after(Spot(state="late", since=NOW), heard(event), 1)
        assert (after.state, after.skew, after.skewed) == ("online", skew, skew != 0)
    lost = spot_after(Spot(state="offline", since=NOW), heard(Sighted(id="a", at=NOW - 125_000, camera="H-001", kind="crowd")), 1)
    assert lost.state == "offline"


def test_what_the_house_says_is_no_sign_of_life() -> None:
    spot = Spot(state="online", since=5, last=6, spoke=3, skew=-40, skewed=True)
    (told,) = late(board(H_001=online(HOUR), H_002=online(0)), CITY.cameras, [{"H-001": 60}] * SLICES, began_ms=0)
    assert spot_after(spot, told, 0) == replace(spot, state="late", since=NOW)


def test_what_is_usual_is_the_median_of_the_same_hours_since_the_first_that_says_something() -> None:
    hours = same_hours(1000, DAY_H, 7)
    assert hours == [976, 952, 928, 904, 880, 856, 832]
    assert usual({}, hours) is None
    assert usual({976: 5, 952: 5, 928: 5}, hours) is None
    assert usual({976: 4, 952: 8, 928: 6, 904: 10}, hours) == 7
    assert usual({832: 5}, hours) == 0
    assert usual({832: 5, 856: 1, 880: 3, 904: 2, 928: 9}, hours) == 2
    assert same_hours(1000, WEEK_H, 2) == [832, 664]


@pytest.mark.parametrize(
    ("minutes", "why", "field"),
    [(0, "thay ống kính", "minutes"), (-5, "thay ống kính", "minutes"), (481, "thay ống kính", "minutes")]
    + [(5, why, "why") for why in ("ngắn", " " * 20, "x" * 501, "x" * 20 + "\0")],
)
def test_maintenance_is_short_and_has_a_reason(minutes: int, why: str, field: str) -> None:
    with pytest.raises(Unfit) as unfit:
        until_of(minutes, why, NOW)
    assert unfit.value.field == field
    assert until_of(MOST_MINUTES, "thay ống kính", NOW) == NOW + 8 * HOUR
