"""From events to alarms: grouping, delays, chattering, what alarms again, and floods; by the rules of the pack and nothing else."""

import pytest
from msgspec.structs import replace

from dashboard.alarms.alarm import Alarm
from dashboard.alarms.flood import Flood, changed
from dashboard.board import Board, turn
from dashboard.city import Realarm
from dashboard.events import CameraChanged, Heard, Recorded, Sighted
from dashboard.fold import advance
from dashboard.geo import metres
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds
from dashboard.topics.alarms import groups
from tests.town import camera, kind, town

NOW = 1_795_410_000_000
S, MINUTE = 1000, 60_000
FIRE = {"group_by": ("cluster",), "group_radius_m": 300, "family": "fire", "realarm": Realarm(second_camera="fire_confirmed")}
CITY = town(
    cameras=(
        camera("H-001", critical=True, lon=107.5800),
        camera("H-002", lon=107.5820),  # 213 m east of the first
        camera("H-003", lon=107.5840),  # 427 m
        *(camera(f"H-{n:03d}", lon=107.0 + n / 10) for n in range(4, 30)),
        *(camera(f"S-{n:03d}", critical=n < 4, ward=f"s{n}", switch="sw-1", recorder="nvr-1") for n in range(1, 13)),
    ),
    kinds=(
        replace(kind("fire_confirmed", "alarm", 1, window_s=900), **FIRE, stays=True),
        replace(kind("fire_single", "alarm", 2, window_s=900), **FIRE, on_delay_s=10, stays=True),
        replace(kind("crowd", "alarm", 3, off_s=120), on_delay_s=60, realarm=Realarm(doubles=True)),
        replace(kind("wrong_way", "alarm", 3), group_by=("camera", "plate")),
        replace(kind("watch_plate", "alarm", 2, window_s=600), group_by=("plate",), realarm=Realarm(quiet_s=300)),
        replace(kind("parking", "alarm", 4, window_s=3600), realarm=Realarm(steps_s=(300, 900))),
        kind("flicker", "alarm", 3, off_s=0),
        replace(kind("camera_critical_lost", "alarm", 4, off_s=120), on_delay_s=60),
        replace(kind("camera_group_lost", "alarm", 3, off_s=120), on_delay_s=60),
        kind("camera_lost", "event"),
    ),
)
KINDS, HEARING = Kinds(CITY), Hearing(CITY, locate=lambda *_: "19753")


class Tale:
    """A board to which things are told one after the other, by a clock that the tale turns."""

    def __init__(self) -> None:
        self.now, self.seq, self.acts = NOW, 0, []  # type: ignore[var-annotated]
        self.board = turn(Board(zone=CITY.zone), NOW)

    def hear(self, *heard: Heard, later: int = 0) -> Board:
        self.now += later
        told = []
        for one in heard:
            self.seq += 1
            told.append(Recorded(self.seq, one, "seen"))
        step = advance(turn(self.board, self.now), told, KINDS)
        self.board, self.acts = step.board, [*self.acts, *(one.action for one in step.acts)]
        return self.board

    def see(self, kind: str, camera: str = "H-001", *, later: int = 0, **more: object) -> Board:
        at = self.now + later
        event = Sighted(id=f"s{self.seq}", at=at, kind=kind, camera=camera, **more)  # type: ignore[arg-type]
        self.last = HEARING.hear("native", at, event)
        return self.hear(self.last, later=later)

    def end(self, *, later: int = 0) -> Board:
        """What was seen last is told again, with its end."""
        self.now += later
        before = self.last
        event = replace(before.event, ended=self.now, revision=1)  # type: ignore[type-var]
        after = replace(before, event=event, received=self.now)
        step = advance(turn(self.board, self.now), [Recorded(self.seq, after, "seen", before, "seen")], KINDS)
        self.board, self.acts = step.board, [*self.acts, *(one.action for one in step.acts)]
        return self.board

    def stand(self, state: str, camera: str = "H-001", *, later: int = 0) -> Board:
        at = self.now + later
        event = CameraChanged(id=f"c{self.seq}", at=at, camera=camera, state=state)  # type: ignore[arg-type]
        return self.hear(HEARING.hear("native", at, event), later=later)

    def wait(self, ms: int) -> Board:
        return self.hear(later=ms)

    @property
    def only(self) -> Alarm:
        (alarm,) = self.board.alarms.values()
        return alarm


@pytest.fixture
def tale() -> Tale:
    return Tale()


def test_distances_are_those_on_the_ground() -> None:
    assert metres((107.58, 16.46), (107.58, 16.46)) == 0
    assert metres((0, 0), (0, 1)) == pytest.approx(111_195, abs=1)
    assert metres((107.58, 16.46), (107.582, 16.46)) == pytest.approx(213.3, abs=0.2)


def test_nothing_is_raised_before_it_has_lasted(tale: Tale) -> None:
    tale.see("crowd")
    assert tale.board.alarms == {}
    tale.see("crowd", later=30 * S)
    assert tale.board.alarms == {}
    tale.wait(29_999)
    assert tale.board.alarms == {}
    tale.wait(1)
    assert (tale.only.since, tale.only.raised, tale.only.count) == (NOW, NOW + 60 * S, 2)
    assert tale.board.pending == {}
    assert tale.board.raised == (NOW,)


def test_what_ends_before_it_has_lasted_is_nothing(tale: Tale) -> None:
    tale.see("crowd")
    tale.end(later=20 * S)
    tale.wait(10 * MINUTE)
    assert (tale.board.alarms, tale.board.pending, tale.acts) == ({}, {}, [])


def test_what_is_told_as_a_whole_has_lasted_or_has_not(tale: Tale) -> None:
    event = Sighted(id="w", at=NOW - 70 * S, kind="crowd", camera="H-001", ended=NOW)
    tale.hear(HEARING.hear("native", NOW, event))
    assert (tale.only.since, tale.only.until) == (NOW, NOW + 120 * S)  # so old a time is not believed
    tale.hear(HEARING.hear("native", NOW, Sighted(id="v", at=NOW - 59 * S, kind="crowd", camera="H-002", ended=NOW)))
    assert len(tale.board.alarms) == 1


def test_it_is_over_only_after_its_off_delay(tale: Tale) -> None:
    tale.see("crowd")
    tale.wait(60 * S)
    tale.end(later=S)
    tale.wait(119 * S)
    assert not tale.only.over
    tale.wait(2 * S)
    assert tale.board.alarms == {}
    assert tale.acts == ["raise", "return"]


def test_a_critical_camera_is_lost_after_a_minute_and_back_after_two(tale: Tale) -> None:
    tale.stand("offline")
    tale.stand("online", later=59 * S)
    tale.wait(10 * MINUTE)
    assert tale.acts == []
    tale.stand("offline")
    tale.wait(60 * S)
    assert tale.only.kind == "camera_critical_lost"
    tale.stand("online", later=S)
    tale.stand("offline", later=100 * S)
    tale.wait(10 * MINUTE)
    assert not tale.only.over
    assert tale.only.count == 2
    tale.stand("online", later=S)
    tale.wait(121 * S)
    assert tale.board.alarms == {}
    assert tale.acts == ["raise", "return"]


@pytest.mark.parametrize("state", ["frozen", "maintenance", "late"])
def test_a_camera_that_is_frozen_late_or_cared_for_is_not_lost(tale: Tale, state: str) -> None:
    tale.stand(state)
    tale.wait(10 * MINUTE)
    assert tale.board.alarms == {}


def test_a_camera_that_somebody_works_on_is_not_lost_until_it_was_there_again(tale: Tale) -> None:
    """A recorder's statistics tell of no pictures while its camera is switched off by hand."""
    tale.stand("maintenance")
    for state in ("offline", "frozen", "late"):
        tale.stand(state, later=S)
    tale.wait(10 * MINUTE)
    assert (tale.board.alarms, tale.board.cameras["H-001"].state) == ({}, "maintenance")
    tale.see("parking", later=S)
    assert tale.board.cameras["H-001"].state == "maintenance"
    tale.stand("online", later=S)
    tale.stand("offline", later=S)
    tale.wait(2 * MINUTE)
    assert "camera_critical_lost" in {one.kind for one in tale.board.alarms.values()}


def test_a_lost_camera_that_sends_an_event_is_there_again(tale: Tale) -> None:
    tale.stand("offline")
    tale.wait(60 * S)
    assert tale.only.kind == "camera_critical_lost"
    old = HEARING.hear("native", tale.now, Sighted(id="old", at=NOW - S, kind="seen", camera="H-001"))
    tale.hear(old, later=S)
    assert tale.board.cameras["H-001"].state == "offline"  # it was seen before the camera was lost, and told late
    tale.see("seen", later=S)
    assert tale.board.cameras["H-001"].state == "online"
    tale.wait(121 * S)
    assert (tale.board.alarms, tale.acts) == ({}, ["raise", "return"])


def test_what_is_lost_and_sends_within_one_batch_is_there(tale: Tale) -> None:
    lost = CameraChanged(id="c", at=NOW, camera="H-001", state="offline")
    seen = Sighted(id="s", at=NOW + S, kind="seen", camera="H-001")
    tale.hear(*(HEARING.hear("native", NOW + S, one) for one in (lost, seen)), later=S)
    tale.wait(10 * MINUTE)
    assert (tale.board.alarms, tale.board.pending) == ({}, {})


def test_fire_seen_by_a_second_camera_nearby_becomes_confirmed(tale: Tale) -> None:
    tale.see("fire_single")
    tale.wait(10 * S)
    assert (tale.only.kind, tale.only.priority) == ("fire_single", 2)
    tale.see("fire_single", "H-001", later=S)
    assert (tale.only.kind, tale.only.count) == ("fire_single", 2)
    tale.see("fire_single", "H-002", later=S)
    assert (tale.only.kind, tale.only.priority, tale.only.camera) == ("fire_confirmed", 1, "H-001")
    assert (tale.only.cameras, tale.only.count, tale.only.again) == (("H-001", "H-002"), 3, 1)
    assert tale.acts == ["raise", "promote"]
    tale.see("fire_single", "H-003", later=S)  # 427 m from where it was first seen
    tale.wait(10 * S)
    assert sorted(one.kind for one in tale.board.alarms.values()) == ["fire_confirmed", "fire_single"]


def test_two_cameras_that_see_fire_at_once_raise_one_alarm(tale: Tale) -> None:
    tale.see("fire_single", "H-001")
    tale.see("fire_single", "H-002", later=S)
    assert tale.board.alarms == {}
    tale.wait(9 * S)
    assert tale.only.cameras == ("H-001", "H-002")


def test_a_cluster_is_one_only_within_its_window(tale: Tale) -> None:
    tale.see("fire_confirmed", "H-001")
    tale.see("fire_confirmed", "H-002", later=16 * MINUTE)
    assert len(tale.board.alarms) == 2


def test_a_more_urgent_kind_of_the_family_raises_what_stands(tale: Tale) -> None:
    tale.see("fire_single")
    tale.see("fire_confirmed", later=S)
    assert (tale.only.kind, tale.acts) == ("fire_confirmed", ["raise"])
    other = Tale()
    other.see("fire_single")
    other.wait(10 * S)
    other.see("fire_confirmed", later=S)
    assert (other.only.priority, other.acts) == (1, ["raise", "promote"])
    other.see("fire_single", later=S)
    assert (other.only.priority, other.acts) == (1, ["raise", "promote"])


def test_what_was_acknowledged_alarms_again_when_it_doubles_and_what_is_worked_on_stays_in_hand(tale: Tale) -> None:
    tale.see("crowd", count=40)
    tale.wait(60 * S)
    tale.see("crowd", later=S, count=79)
    assert tale.acts == ["raise"]
    tale.see("crowd", later=S, count=80)
    assert (tale.only.again, tale.only.level, tale.acts) == (1, 80, ["raise", "realarm"])
    tale.see("crowd", later=S, count=120)
    assert tale.only.again == 1


def test_it_alarms_again_after_it_was_quiet(tale: Tale) -> None:
    tale.see("watch_plate", plate="75A-123.45")
    tale.see("watch_plate", "H-002", later=299 * S, plate="75A12345")
    assert (tale.only.again, tale.only.count, tale.only.camera) == (0, 2, "H-002")
    tale.see("watch_plate", "H-003", later=300 * S, plate="75A 123.45")
    assert (tale.only.again, tale.only.cameras) == (1, ("H-001", "H-002", "H-003"))


def test_it_alarms_again_at_each_step_that_it_lasts(tale: Tale) -> None:
    tale.see("parking")
    tale.wait(300 * S)
    tale.wait(600 * S)
    tale.wait(1200 * S)
    assert tale.acts == ["raise", "realarm", "realarm"]


def test_other_plates_are_other_alarms_and_one_that_was_not_read_is_the_cameras(tale: Tale) -> None:
    tale.see("wrong_way", plate="75A-123.45")
    tale.see("wrong_way", plate="75A-999.99")
    tale.see("wrong_way", "H-002", plate="75A-123.45")
    tale.see("wrong_way")
    tale.see("wrong_way", plate="unknown")
    assert sorted(one.count for one in tale.board.alarms.values()) == [1, 1, 1, 2]


def test_the_same_alarm_four_thousand_times_is_one_row(tale: Tale) -> None:
    for _ in range(4_000):
        tale.see("fire_confirmed")
    assert (tale.only.count, tale.acts) == (4_000, ["raise"])


def test_what_comes_and_goes_three_times_a_minute_chatters_and_is_held(tale: Tale) -> None:
    for _ in range(5):
        tale.see("flicker", later=4 * S)
        tale.end(later=4 * S)
        tale.wait(S)
    assert (tale.only.chatters, tale.only.over) == (True, False)
    assert tale.acts == ["raise", "return", "raise", "return", "raise"]
    assert tale.only.count == 3  # its third beginning, and what came after
    tale.wait(61 * S)
    assert tale.board.alarms == {}
    tale.see("flicker", later=MINUTE)
    assert not tale.only.chatters


def test_what_comes_back_now_and_then_does_not_chatter(tale: Tale) -> None:
    for _ in range(5):
        tale.see("flicker", later=31 * S)
        tale.end(later=S)
        tale.wait(S)
    assert tale.board.alarms == {}


def test_a_flood_begins_above_ten_for_each_on_duty_and_ends_below_five(tale: Tale) -> None:
    for n in range(4, 14):
        tale.see("flicker", f"H-{n:03d}", later=S)
    assert tale.board.flood == 0
    tale.see("flicker", "H-014", later=S)
    began = tale.board.flood
    assert began == tale.now
    tale.wait(10 * MINUTE - 5 * S)
    assert (len(tale.board.raised), tale.board.flood) == (5, began)
    tale.wait(S)  # the seventh is ten minutes old by now
    assert (len(tale.board.raised), tale.board.flood) == (4, 0)


def test_two_on_duty_take_twice_as_much() -> None:
    raised = tuple(range(20))
    assert changed(0, raised, 2, NOW) is None
    assert changed(0, (*raised, 20), 2, NOW) == Flood(NOW, 0, 21, 2)
    assert changed(7, raised[:10], 2, NOW) is None
    assert changed(7, raised[:9], 2, NOW) == Flood(7, NOW, 9, 2)
    assert changed(0, raised[:11], 0, NOW) is not None


def test_in_a_flood_the_less_urgent_stand_together_and_none_of_the_urgent_is_hidden(tale: Tale) -> None:
    for n in range(4, 14):
        tale.see("flicker", f"H-{n:03d}")
    tale.see("fire_confirmed", "H-020")
    tale.see("watch_plate", plate="75A-111.11")
    told = groups(tale.board.alarms.values())
    assert told == [{"prio": 3, "kind": "flicker", "ward": "19753", "n": 10}]
    spread = [replace(one, ward=str(n)) for n, one in enumerate(tale.board.alarms.values())]
    assert len(groups(spread)) == 10
    more = [*spread, *(replace(spread[0], ward=f"w{n}") for n in range(5))]
    assert groups(more) == [{"prio": 3, "kind": "flicker", "ward": "", "n": 15}]


def fall(tale: Tale, *numbers: int, later: int = S, state: str = "offline") -> None:
    for number in numbers:
        tale.stand(state, f"S-{number:03d}", later=later)


def test_cameras_of_one_switch_that_fall_together_are_one_alarm_with_the_first_one_named(tale: Tale) -> None:
    fall(tale, 5, 1, 2, 3, 6, 7, 8, 9)
    assert tale.board.alarms == {}
    tale.wait(60 * S)
    assert (tale.only.kind, tale.only.group, tale.only.camera) == ("camera_group_lost", "camera_group_lost:switch sw-1", "S-005")
    assert (len(tale.only.cameras), tale.only.cameras[0], tale.only.count) == (8, "S-005", 8)
    tale.wait(10 * MINUTE)
    assert tale.acts == ["raise"]  # none of the three critical ones has an alarm of its own


def test_four_or_too_slow_are_no_outage(tale: Tale) -> None:
    fall(tale, 5, 6, 7, 8)
    fall(tale, 9, later=121 * S)
    tale.wait(5 * MINUTE)
    assert tale.board.alarms == {}


def test_what_a_critical_camera_had_raised_already_is_folded_into_the_outage(tale: Tale) -> None:
    fall(tale, 1)
    tale.wait(70 * S)
    assert tale.only.kind == "camera_critical_lost"
    fall(tale, 5, 6, 7, 8)
    tale.wait(60 * S)
    assert (tale.only.kind, tale.only.cameras[0]) == ("camera_group_lost", "S-001")
    assert tale.acts == ["raise", "raise", "fold"]


def test_an_outage_alarms_again_when_half_as_many_more_are_lost(tale: Tale) -> None:
    fall(tale, 1, 2, 3, 4, 5, 6)
    tale.wait(60 * S)
    fall(tale, 7, 8)
    assert tale.acts == ["raise"]
    fall(tale, 9)
    assert (tale.only.again, tale.only.count, tale.acts) == (1, 9, ["raise", "realarm"])


def test_an_outage_is_over_once_all_are_back_for_long_enough(tale: Tale) -> None:
    fall(tale, 1, 2, 3, 4, 5)
    tale.wait(60 * S)
    fall(tale, 1, 2, 3, 4, state="online")
    tale.wait(10 * MINUTE)
    assert not tale.only.over
    fall(tale, 5, state="online")
    tale.wait(100 * S)
    fall(tale, 5)
    tale.wait(10 * MINUTE)
    assert not tale.only.over
    fall(tale, 5, state="maintenance")
    tale.wait(121 * S)
    assert tale.board.alarms == {}


def test_an_outage_ends_with_what_its_cameras_send(tale: Tale) -> None:
    fall(tale, 1, 5, 6, 7, 8)
    tale.wait(60 * S)
    assert tale.only.kind == "camera_group_lost"
    for number in (1, 5, 6, 7, 8):
        tale.see("seen", f"S-{number:03d}", later=S)
    tale.wait(121 * S)
    assert tale.board.alarms == {}


def test_what_is_back_before_it_has_lasted_was_no_outage_and_a_critical_one_that_stays_away_is_told(tale: Tale) -> None:
    fall(tale, 1, 5, 6, 7, 8)
    fall(tale, 5, 6, state="online")
    tale.wait(60 * S)
    assert (tale.only.kind, tale.only.camera) == ("camera_critical_lost", "S-001")


def test_cameras_of_one_ward_are_an_outage_too(tale: Tale) -> None:
    lines = KINDS.lines("H-001")
    assert [(line.label, len(line.cameras)) for line in lines] == [("ward 19753", 29)]
    assert [line.label for line in KINDS.lines("S-001")] == ["switch sw-1", "recorder nvr-1", "ward s1"]
