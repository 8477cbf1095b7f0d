"""The rules of incidents by themselves: what near is, what a timeline is, and that nothing is ever in two places or unwritten."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.geo import metres
from dashboard.incidents.acts import RULES, Standing, decide
from dashboard.incidents.incident import ACTIONS, MOST_MEMBERS, Act, Asked, Illegal, Incident, Incomplete, Member, Subject
from dashboard.incidents.near import MOST, NEAR_M, NEAR_MS, suggested
from dashboard.incidents.telling import line_told, names_of, subject_told
from dashboard.incidents.timeline import Line, timeline
from dashboard.places import Places
from tests.town import town

NOW = 1_795_410_000_000
DEGREE_M = 111_195.0
PEOPLE = ("An", "Bình")


def subject(key: str = "1", *, north_m: float = 0, at: int = NOW, last: int = 0, **more: object) -> Subject:
    base = {"member": Member("alarm", key), "kind": "fire", "family": "fire", "lon": 107.58, "lat": 16.46 + north_m / DEGREE_M}
    return Subject(**(base | {"at": at, "last": last or at} | more))  # type: ignore[arg-type]


class Desk:
    """Incidents in memory, as the record would keep them."""

    def __init__(self) -> None:
        self.held: dict[int, Incident] = {}
        self.lines: list[tuple[int, str, str]] = []
        self._times = count(NOW)

    def homes(self) -> dict[Member, Incident]:
        return {member: one for one in self.held.values() if one.state == "open" for member in one.members}

    def act(self, asked: Asked, who: str = "An") -> None:
        held = self.held.get(asked.incident)
        sought = held.members if held and asked.action == "reopen" else asked.members
        homes = {member: home for member, home in self.homes().items() if member in sought}
        first = subject(asked.members[0].key) if asked.members else None
        stands = Standing(held, self.held.get(asked.other), homes, first, len(self.held) + 1)
        for step in decide(stands, asked, who=who, now_ms=next(self._times)):
            self.held[step.after.id] = step.after
            self.lines.append((step.after.id, step.action, who))


members = st.lists(st.integers(0, 5).map(lambda n: Member("alarm", str(n))), max_size=3, unique=True).map(tuple)
askings = st.builds(
    Asked,
    st.sampled_from(ACTIONS),
    st.integers(1, 5),
    st.none() | st.integers(1, 4),
    st.sampled_from(["", " ", "vì thế"]),
    st.just(""),
    members,
    st.integers(0, 5),
    st.none(),
    st.sampled_from(["", *PEOPLE]),
    st.sampled_from(["", "handled", "merged"]),
)


@given(st.lists(st.tuples(askings, st.sampled_from(PEOPLE)), max_size=60))
def test_whatever_is_asked_nothing_is_in_two_open_incidents_and_every_change_is_a_line(story: list[tuple[Asked, str]]) -> None:
    desk = Desk()
    for asked, who in story:
        before, lines = dict(desk.held), list(desk.lines)
        if asked.action != "open" and asked.incident not in desk.held:
            continue
        try:
            desk.act(asked, who)
        except (Illegal, Incomplete):
            assert (desk.held, desk.lines) == (before, lines)
            continue
        changed = [one for key, one in desk.held.items() if before.get(key) != one]
        assert desk.lines[: len(lines)] == lines
        assert sorted(one for one, _, _ in desk.lines[len(lines) :]) == sorted(one.id for one in changed)
        opened = [member for one in desk.held.values() if one.state == "open" for member in one.members]
        assert len(set(opened)) == len(opened)
        assert all(one.members for one in desk.held.values() if one.state == "open")
        assert all(one.changed_by == who and one.version == before[one.id].version + 1 for one in changed if one.id in before)
        if asked.action in {"split", "merge", "remove", "reopen"}:
            assert asked.why.strip()


def test_an_act_that_is_not_named_has_no_rule() -> None:
    assert {*RULES, "open"} == set(ACTIONS)


def test_an_incident_is_full_one_day() -> None:
    desk = Desk()
    desk.act(Asked("open", members=tuple(Member("alarm", str(n)) for n in range(MOST_MEMBERS))))
    with pytest.raises(Illegal, match="full"):
        desk.act(Asked("add", 1, members=(Member("alarm", "more"),)))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (subject("2", north_m=120, at=NOW + 14 * 60_000), (120, 14)),
        (subject("2", north_m=NEAR_M - 1), (NEAR_M - 1, 0)),
        (subject("2", north_m=NEAR_M + 1), None),
        (subject("2", at=NOW - NEAR_MS), (0, 120)),
        (subject("2", at=NOW - NEAR_MS - 1), None),
        (subject("2", at=NOW - 3 * NEAR_MS, last=NOW - 60_000), (0, 1)),
        (subject("2", at=NOW + NEAR_MS + 1), None),
        (subject("2", family="crowd"), None),
        (subject("2", lon=None), None),
    ],
)
def test_near_is_the_same_place_and_class_and_hours(other: Subject, reason: tuple[int, int] | None) -> None:
    found = suggested([subject()], [other])
    assert [(one.metres, one.minutes) for one in found] == ([reason] if reason else [])
    assert [(one.metres, one.minutes) for one in suggested([other], [subject()])] == [(one.metres, one.minutes) for one in found]


@given(st.lists(st.tuples(st.floats(-500, 500), st.integers(-5, 5)), max_size=30))
def test_suggestions_are_the_nearest_and_say_why(others: list[tuple[float, int]]) -> None:
    told = [subject(str(n), north_m=north, at=NOW + hours * 1_800_000) for n, (north, hours) in enumerate(others, 2)]
    found = suggested([subject()], told)
    here = (107.58, 16.46)
    good = [one for one in told if metres(here, (one.lon, one.lat)) <= NEAR_M and abs(one.at - NOW) <= NEAR_MS]  # type: ignore[arg-type]
    assert len(found) == min(len(good), MOST)
    assert [one.metres for one in found] == sorted(one.metres for one in found)
    assert all(one.metres <= NEAR_M and one.minutes <= NEAR_MS / 60_000 for one in found)


def test_an_incident_comes_before_what_belongs_to_none() -> None:
    desk = Desk()
    desk.act(Asked("open", members=(Member("alarm", "9"),)))
    found = suggested([subject()], [subject("2")], [(desk.held[1], [subject("9", north_m=200)])])
    assert [one.what for one in found] == ["incident", "alarm"]


def test_what_is_told_of_a_member_and_a_line_hides_plates_and_numbers() -> None:
    event = subject(member=Member("event", "cam:75F51234-7"), name="xe 75A-123.45", plate="75F-512.34", seq=4)
    told = subject_told(event, Places(town()))
    assert (told["key"], told["name"], told["plate"]) == ("cam:#4", "xe 75A-***.45", "75F-***.34")
    line = Line(at=1, of="incident", key="1", action="add", who="An", why="gọi 0905 123 456", members=(event.member,))
    assert line_told(line, names_of([event]))["members"] == [{"what": "event", "key": "cam:#4"}]
    assert line_told(line, {})["members"] == [{"what": "event", "key": ""}]
    assert line_told(line, {})["why"] == "gọi 0***56"


def test_a_timeline_says_what_was_seen_before_what_was_done_in_the_same_moment() -> None:
    desk = Desk()
    desk.act(Asked("open", members=(Member("report", "s/1"),)))
    act = Act(seq=1, key="k", incident=1, action="open", who="An", at=NOW, why="", after=desk.held[1])
    done = subject(member=Member("report", "s/1"), at=NOW, ended=NOW + 5)
    assert [(one.at - NOW, one.action) for one in timeline([act], [], [done])] == [(0, "submitted"), (0, "open"), (5, "settled")]
