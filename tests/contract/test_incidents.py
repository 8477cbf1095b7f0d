"""Incidents in the record: one owner, nothing in two of them, every change a line that stays, whoever writes at once."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from dashboard.alarms.acts import Asked as AlarmAsked
from dashboard.board import turn
from dashboard.errors import Missing
from dashboard.events import Heard, ReportChanged, Sighted
from dashboard.hearing import Hearing
from dashboard.incidents.incident import ACTIONS, Act, Asked, Illegal, Incomplete, Member
from dashboard.incidents.near import NEAR_MS
from dashboard.ports import Reading
from data.store.accounts import SqlAccounts
from data.store.alarms import SqlAlarms
from data.store.incidents import SqlIncidents
from data.store.record import SqlStore
from data.store.sources import Sources
from tests.keep import Hands
from tests.town import camera, kind, town

START = 1_795_410_000_000
MINUTE, HOUR = 60_000, 3_600_000
CITY = town(
    cameras=(
        camera("H-001"),
        camera("H-002", lat=16.461),  # 111 m further north
        camera("H-003", lat=16.47),  # a kilometre
        *(camera(f"H-{n:03d}", lat=16.46 + n / 1000) for n in range(50, 60)),
    ),
    kinds=(kind("fire_single", "alarm", 2), kind("crowd", "alarm", 3), kind("red_light", "event"), kind("report_new", "event")),
)
HEARING = Hearing(CITY, locate=lambda *_: "19753")
PEOPLE = ("An", "Bình")


def fire(key: str, now: int, at: str, kind: str = "fire_single") -> Heard:
    return HEARING.hear("native", now, Sighted(id=key, at=now, kind=kind, camera=at))


def report(key: str, now: int, *, service: str = "MT01", lat: float = 16.46) -> Heard:
    event = ReportChanged(id=key, at=now, report=key, service=service, submitted=now, open=True, lon=107.58, lat=lat)
    return HEARING.hear("reports", now, event)


class Room:
    """A board, people, and incidents over one record, with a clock that the test turns."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self._keys, self._marks = engine, Hands(START), 0, 0
        self.store = SqlStore(engine, city=CITY)
        self.board = self.store.record(self.store.load(START), Reading((), ()), "0-0")
        self.alarms = SqlAlarms(engine, self.clock, nudge=lambda: None)
        self.incidents = SqlIncidents(engine, self.clock, lambda: CITY)
        accounts = SqlAccounts(engine, pepper=b"p" * 32)
        for name, role in (*((one, "operator") for one in PEOPLE), ("Chi", "leader")):
            accounts.open_session(name, role, now_ms=START)
        Sources(engine).add("reports", adapter="native", now_ms=START)

    def hear(self, *heard: Heard) -> None:
        self._marks += 1
        self.board = self.store.record(turn(self.board, self.clock.at_ms), Reading(heard, ()), f"{self._marks}-0")

    def fires(self, *cameras: str, kind: str = "fire_single") -> list[Member]:
        """Raise an alarm at each camera; return them in that order."""
        now = self.clock.at_ms
        self.hear(*(fire(f"{kind}-{one}-{now}", now, one, kind) for one in cameras))
        found = {one.camera: one.id for one in self.board.alarms.values() if one.kind == kind}
        return [Member("alarm", found[one]) for one in cameras]

    def act(self, action: str, incident: int = 0, *members: Member, who: str = "An", key: str = "", **more: object) -> Act:
        self._keys += 1
        asked = Asked(action, incident, members=members, **({"why": "a reason", "outcome": "handled"} | more))  # type: ignore[arg-type]
        return self.incidents.act(asked, who=who, key=key or f"k{self._keys}")

    def lines(self, incident: int) -> list[tuple[str, str]]:
        return [(one.of, one.action) for one in self.incidents.shown(incident).lines]

    def holds(self, incident: int) -> set[Member]:
        return {one.member for one in self.incidents.shown(incident).subjects}


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def refused(room: Room, *given: object, **more: object) -> str:
    with pytest.raises((Illegal, Incomplete)) as no:
        room.act(*given, **more)  # type: ignore[arg-type]
    return str(no.value)


def test_from_an_alarm_to_a_closed_incident_with_one_timeline(room: Room) -> None:
    (alarm,) = room.fires("H-001")
    room.clock.go(61_500)
    opened = room.act("open", 0, alarm, title="Cháy nhà dân").after
    assert (opened.id, opened.owner, opened.kind, opened.ward, opened.at) == (1, "An", "fire_single", "19753", START)
    room.clock.go(1_000)
    room.alarms.act(alarm.key, AlarmAsked("acknowledge"), who="Bình", key="alarm-key")
    room.clock.go(1_000)
    room.act("note", 1, why="hai xe đã tới", who="Bình")
    room.act("close", 1)
    shown = room.incidents.shown(1)
    assert (shown.incident.state, shown.incident.outcome, shown.incident.version) == ("closed", "handled", 3)
    told = [(one.at - START, one.of, one.action, one.who) for one in shown.lines]
    assert told == [
        (0, "alarm", "raise", ""),
        (61_500, "incident", "open", "An"),
        (62_500, "alarm", "acknowledge", "Bình"),
        (63_500, "incident", "note", "Bình"),
        (63_500, "incident", "close", "An"),
    ]


def test_something_belongs_to_one_open_incident_at_most(room: Room) -> None:
    first, second = room.fires("H-001", "H-002")
    room.act("open", 0, first)
    with pytest.raises(Illegal, match="taken") as no:
        room.act("open", 0, first, who="Bình")
    assert no.value.incident.id == 1
    room.act("open", 0, second)
    assert refused(room, "add", 2, first) == "taken"
    assert refused(room, "add", 1, first) == "member"
    room.act("close", 1)
    room.act("add", 2, first)
    home = room.incidents.home(first)
    assert (home.incident and home.incident.id, [one.id for one in home.past]) == (2, [1])
    assert refused(room, "reopen", 1) == "taken"
    room.act("remove", 2, first)
    assert room.act("reopen", 1, who="Bình").after.owner == "Bình"
    assert room.holds(1) == {first}


def test_the_record_itself_refuses_a_second_home(room: Room) -> None:
    (alarm,) = room.fires("H-001")
    room.act("open", 0, alarm)
    twice = text("INSERT INTO incident_member VALUES (9, 'alarm', :key, :open)")
    with pytest.raises(IntegrityError), room.engine.begin() as sql:
        sql.execute(twice, {"key": alarm.key, "open": True})


def test_two_incidents_become_one_and_the_other_says_where_it_went(room: Room) -> None:
    first, second, third = room.fires("H-001", "H-002", "H-050")
    room.act("open", 0, first)
    room.act("open", 0, second)
    room.act("note", 2, why="khói đen")
    assert refused(room, "merge", 1, other=1) == "other"
    assert refused(room, "merge", 1, other=2, why=" ") == "why"
    room.act("merge", 1, other=2, why="cùng một đám cháy")
    assert room.holds(1) == {first, second}
    gone = room.incidents.shown(2).incident
    assert (gone.state, gone.outcome, gone.merged_into, gone.members) == ("closed", "merged", 1, ())
    assert room.lines(2) == [("incident", "open"), ("incident", "note"), ("incident", "merged")]
    ours = [action for of, action in room.lines(1) if of == "incident"]
    assert ours == ["open", "open", "note", "merge", "merged"]
    for action in ("reopen", "note", "add"):
        assert refused(room, action, 2, third) == "merged"
    assert room.incidents.shown(1).swallowed == [2]
    room.act("open", 0, third)
    room.act("merge", 3, other=1)
    assert set(room.incidents.shown(3).swallowed) == {1, 2}
    assert ("incident", "note") in room.lines(3)


def test_an_incident_is_split_and_keeps_something(room: Room) -> None:
    alarms = room.fires("H-001", "H-002", "H-050")
    room.act("open", 0, *alarms)
    assert refused(room, "split", 1, *alarms) == "last"
    assert refused(room, "remove", 1) == "members"
    assert refused(room, "split", 1, *room.fires("H-051")) == "member"
    done = room.act("split", 1, alarms[2], title="Việc khác")
    assert (done.incident, done.other) == (1, 2)
    assert (room.holds(1), room.holds(2)) == (set(alarms[:2]), {alarms[2]})
    assert room.incidents.shown(2).incident.title == "Việc khác"
    assert [one.other for one in room.incidents.shown(2).lines if one.of == "incident"] == [1]


def test_one_owner_who_is_asked_first(room: Room) -> None:
    first, second = room.fires("H-001", "H-002")
    room.act("open", 0, first)
    for action, more in (("close", {}), ("remove", {}), ("hand_over", {"to": "Bình"}), ("split", {}), ("merge", {"other": 1})):
        assert refused(room, action, 1, first, who="Bình", **more) == "held", action
    room.act("add", 1, second, who="Bình")
    room.act("note", 1, who="Bình")
    assert refused(room, "take", 1, who="Bình", why="") == "why"
    assert refused(room, "take", 1) == "yours"
    assert room.act("take", 1, who="Bình", why="đổi ca").after.owner == "Bình"
    assert refused(room, "close", 1) == "held"
    for nobody in ("", "Bình", "Chi", "không ai"):
        assert refused(room, "hand_over", 1, who="Bình", to=nobody) == "to"
    done = room.act("hand_over", 1, who="Bình", to="An")
    assert (done.to, done.after.owner) == ("An", "An")
    assert room.incidents.people() == ["An", "Bình"]


def test_another_owner_stands_in_the_way_of_a_merge_too(room: Room) -> None:
    first, second = room.fires("H-001", "H-002")
    room.act("open", 0, first)
    room.act("open", 0, second, who="Bình")
    with pytest.raises(Illegal, match="held") as no:
        room.act("merge", 1, other=2)
    assert no.value.incident.id == 2
    assert refused(room, "merge", 1, other=2, other_version=9) == "outdated"


def test_the_same_act_again_does_nothing_again(room: Room) -> None:
    (alarm,) = room.fires("H-001")
    one, again = (room.act("open", 0, alarm, key="same") for _ in range(2))
    assert one == again
    assert refused(room, "note", 1, key="same") == "key"
    assert room.lines(1) == [("alarm", "raise"), ("incident", "open")]


def test_whoever_has_seen_an_older_one_is_refused_but_notes_and_additions_are_not(room: Room) -> None:
    first, second = room.fires("H-001", "H-002")
    room.act("open", 0, first)
    room.act("note", 1, who="Bình", version=1)
    room.act("add", 1, second, version=1)
    with pytest.raises(Illegal, match="outdated") as no:
        room.act("close", 1, version=2)
    assert (no.value.incident.changed_by, no.value.incident.changed_how) == ("An", "add")
    room.act("close", 1, version=3)


def test_what_is_not_there_is_missing(room: Room) -> None:
    (alarm,) = room.fires("H-001")
    for member in (Member("alarm", "99"), Member("event", "x:1"), Member("event", "x:#99"), Member("report", "PA-1")):
        with pytest.raises(Missing):
            room.act("open", 0, member)
        with pytest.raises(Missing):
            room.incidents.home(member)
    with pytest.raises(Missing):
        room.act("note", 7)
    with pytest.raises(Missing):
        room.incidents.shown(7)
    room.act("open", 0, alarm)
    with pytest.raises(Missing):
        room.act("merge", 1, other=8)


def test_an_event_and_a_report_belong_as_alarms_do(room: Room) -> None:
    (alarm,) = room.fires("H-001")
    room.hear(
        HEARING.hear("native", START, Sighted(id="75A12345-1", at=START, kind="red_light", camera="H-001", plate="75A-123.45"))
    )
    room.clock.go(MINUTE)
    room.hear(report("PA-1", room.clock.at_ms), report("0905123456", room.clock.at_ms))
    room.act("open", 0, alarm)
    with room.engine.connect() as sql:
        seq = sql.scalar(text("SELECT seq FROM event WHERE kind = 'red_light'"))
    room.act("add", 1, Member("event", f"native:#{seq}"), Member("report", "PA-1"), Member("report", "0***56"))
    assert room.holds(1) == {
        alarm,
        Member("event", "native:75A12345-1"),
        Member("report", "reports/PA-1"),
        Member("report", "reports/0905123456"),
    }
    assert ("report", "submitted") in room.lines(1)
    assert ("event", "seen") in room.lines(1)
    assert room.incidents.home(Member("report", "PA-1")).incident.id == 1  # type: ignore[union-attr]
    room.act("remove", 1, Member("report", "reports/0***56"))
    assert len(room.holds(1)) == 3


def near(room: Room, member: Member) -> list[tuple[str, int, int]]:
    return [(one.what, one.metres, one.minutes) for one in room.incidents.home(member).near]


def test_what_is_near_in_place_time_and_kind_is_suggested_and_nothing_more(room: Room) -> None:
    first, far = room.fires("H-001", "H-003")
    room.fires("H-001", kind="crowd")
    room.clock.go(14 * MINUTE)
    (second,) = room.fires("H-002")
    assert near(room, first) == [("alarm", 111, 14)]
    assert near(room, far) == []
    room.act("open", 0, first)
    assert near(room, second) == [("incident", 111, 14)]
    assert [one.what for one in room.incidents.shown(1).near] == ["alarm"]
    assert room.holds(1) == {first}
    room.act("add", 1, second)
    assert room.incidents.shown(1).near == []
    room.clock.go(NEAR_MS + MINUTE)
    (late,) = room.fires("H-050")
    assert near(room, late) == []


def test_reports_of_one_field_are_suggested_to_each_other(room: Room) -> None:
    room.hear(report("PA-1", START), report("PA-2", START, service="KC01", lat=16.4605), report("PA-3", START, lat=16.5))
    assert near(room, Member("report", "PA-1")) == [("report", 56, 0)]


def test_the_list_has_the_open_ones_first_with_their_most_urgent_alarm(room: Room) -> None:
    first, second = room.fires("H-001", "H-002")
    (crowd,) = room.fires("H-050", kind="crowd")
    room.act("open", 0, first)
    room.act("open", 0, crowd)
    room.act("open", 0, second)
    room.act("close", 3)
    listed = room.incidents.listed()
    assert [one.id for one in listed.incidents] == [2, 1, 3]
    assert (listed.priorities, listed.cut) == ({1: 2, 2: 3, 3: 2}, False)


def test_two_at_once_make_one(room: Room) -> None:
    alarms = room.fires("H-001", "H-002", "H-050", "H-051")
    gate, found = threading.Barrier(2), []

    def person(name: str) -> None:
        gate.wait()
        for nth, alarm in enumerate(alarms):
            try:
                found.append(room.incidents.act(Asked("open", members=(alarm,)), who=name, key=f"{name}-{nth}").incident)
            except Illegal as illegal:
                found.append(illegal.code)

    both = [threading.Thread(target=person, args=(name,)) for name in PEOPLE]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert sorted(found, key=str) == [1, 2, 3, 4, *["taken"] * 4]


doings = st.tuples(
    st.sampled_from(ACTIONS),
    st.integers(1, 4),
    st.integers(1, 4),
    st.lists(st.integers(0, 4), min_size=1, max_size=3),
    st.sampled_from(PEOPLE),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(doings, max_size=30))
def test_whatever_is_done_nothing_is_in_two_and_no_line_is_lost(room: Room, story: list) -> None:
    with room.engine.begin() as sql:
        for table in ("incident", "incident_member", "incident_act"):
            sql.execute(text(f"DELETE FROM {table}"))
    alarms = room.fires("H-001", "H-002", "H-050", "H-051", "H-052")
    before: list = []
    for action, incident, other, chosen, who in story:
        members = tuple(alarms[one] for one in dict.fromkeys(chosen))
        try:
            room.act(action, 0 if action == "open" else incident, *members, who=who, other=other, to="An")
            done = True
        except (Illegal, Incomplete, Missing):
            done = False
        with room.engine.connect() as sql:
            rows = list(sql.execute(text("SELECT seq, key, body FROM incident_act ORDER BY seq")))
            homes = list(sql.execute(text("SELECT what, key FROM incident_member WHERE open")))
            standing = {row.id: row.state for row in sql.execute(text("SELECT id, state FROM incident"))}
            held = {row.incident for row in sql.execute(text("SELECT incident FROM incident_member WHERE open"))}
        assert rows[: len(before)] == before
        assert (len(rows) > len(before)) == done
        assert len(set(homes)) == len(homes)
        assert held == {one for one, state in standing.items() if state == "open"}
        before = rows
