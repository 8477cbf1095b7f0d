"""Every number on the wall against a plain count over the same events, and when it is drawn."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.board import Board, FeedState, turn
from dashboard.cadence import Cadence
from dashboard.calendar import day_start_ms, number_of
from dashboard.events import CameraChanged, Recorded, ReportChanged, Sighted
from dashboard.fold import follow
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds, word
from dashboard.topic import Topic
from dashboard.topics.kpi import PANELS, view
from tests.town import ZONE, town

CITY = town()
KINDS, HEARING = Kinds(CITY), Hearing(CITY, locate=lambda *_: "19753")
HOUR, DAY = 3_600_000, 86_400_000
NOON = 1_795_410_000_000  # Monday, 23 November 2026, 12:00 in the town


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_every_panel_says_in_both_languages_how_it_comes_about(panel) -> None:
    for words in (panel.title, panel.short, panel.formula):
        assert set(words) == {"vi", "en"}
        assert all(text.strip() == text and text for text in words.values())
    assert len(panel.formula["vi"]) > 20
    assert panel.formula["vi"] != panel.formula["en"]
    assert all(len(text) <= 16 for text in panel.short.values())
    assert panel.feed in {feed.key for feed in CITY.feeds}


def test_keys_are_unique() -> None:
    assert len({panel.key for panel in PANELS}) == len(PANELS)


sightings = st.tuples(
    st.sampled_from(["red_light", "fire_single", "crowd", "plate_read", "never_heard_of"]), st.integers(0, 60 * 60)
)
reports = st.tuples(st.sampled_from(["MT01", "KC01"]), st.integers(0, 500), st.none() | st.integers(0, 300))


def board_of(seen, told, now: int, states=()) -> tuple[Board, list]:
    """Tell everything in its time, minute by minute; returns the board and the reports with their deadlines."""
    from dashboard.reports.clock import due_ms

    services = {one.code: one for one in CITY.services}
    things = [
        (now - ago * 60_000, Sighted(id=f"s{n}", at=now - ago * 60_000, kind=kind, camera="H-002"))
        for n, (kind, ago) in enumerate(seen)
    ]
    things += [(now, CameraChanged(id=camera, at=now, camera=camera, state=state)) for camera, state in states]
    kept = []
    for number, (service, ago, took) in enumerate(told):
        sent = now - ago * HOUR
        closed = None if took is None or sent + took * HOUR > now else sent + took * HOUR
        event = ReportChanged(
            id=f"r{number}",
            at=closed or sent,
            report=f"r{number}",
            service=service,
            submitted=sent,
            open=closed is None,
            closed=closed,
        )
        kept.append((event, due_ms(CITY, services[service], sent)))
        things.append((max(sent, now - 6 * DAY), event))
    board = turn(Board(zone=ZONE), now - 7 * DAY)
    for seq, (at, event) in enumerate(sorted(things, key=lambda thing: thing[0]), 1):
        heard = HEARING.hear("native" if not isinstance(event, ReportChanged) else "reports", at, event)
        due = next((due for one, due in kept if one is event), 0)
        board = follow(turn(board, at), [Recorded(seq, heard, word(heard), due=due)], KINDS)
    return turn(board, now), kept


def city_day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(ZONE)).date().isoformat()


@settings(max_examples=80, deadline=None)
@given(
    seen=st.lists(sightings, min_size=1, max_size=25),
    told=st.lists(reports, min_size=1, max_size=15),
    later=st.integers(0, 24 * 60),
    states=st.lists(
        st.tuples(st.sampled_from(["H-001", "H-003"]), st.sampled_from(["online", "offline", "late"])),
        max_size=2,
        unique_by=lambda one: one[0],
    ),
)
def test_every_value_is_the_plain_count(seen, told, later: int, states) -> None:
    now = NOON + later * 60_000
    board, kept = board_of(seen, told, now, states)
    values = {panel.key: view(panel, board, CITY) for panel in PANELS}
    today, midnight = city_day(now), day_start_ms(number_of(datetime.fromisoformat(city_day(now)).date()), ZONE)
    kinds = [kind for kind, ago in seen if now - ago * 60_000 >= midnight]
    alarms = {"fire_single", "crowd"}
    assert values["events_today"]["value"] == sum(kind != "plate_read" for kind in kinds)
    assert values["alarms_today"]["value"] == sum(kind in alarms for kind in kinds)
    assert values["plates_today"]["value"] == sum(kind == "plate_read" for kind in kinds)
    standing = {"H-002": "online"} | dict(states)
    assert (values["cameras_online"]["value"], values["cameras_online"]["of"]) == (
        sum(one != "offline" for one in standing.values()),
        3,
    )
    assert values["reports_today"]["value"] == sum(city_day(one.submitted) == today for one, _ in kept)
    opened = [due for one, due in kept if one.open]
    assert values["reports_overdue"]["value"] == sum(due < now for due in opened)
    assert values["reports_due_24h"]["value"] == sum(now <= due < now + DAY for due in opened)
    over = [(one, due) for one, due in kept if midnight - 30 * DAY < due <= midnight]
    share = 100 * sum(one.closed is not None and one.closed <= due for one, due in over) / len(over) if over else None
    assert values["reports_on_time"]["value"] == share
    yesterday = [
        now - ago * 60_000 for kind, ago in seen if kind == "plate_read" and midnight - DAY <= now - ago * 60_000 < midnight
    ]
    first = min(now - ago * 60_000 for _, ago in seen)
    ref = values["plates_today"]["ref"]["value"]  # type: ignore[index]
    if first >= midnight and not any(city_day(one.at) < today for one, _ in kept):
        assert ref is None
    elif ref is not None:
        whole_hours = now - (now - midnight) % HOUR - DAY
        assert sum(at < whole_hours for at in yesterday) <= ref <= sum(at < whole_hours + HOUR for at in yesterday)


def test_yesterday_is_unknown_on_the_first_day() -> None:
    board, _ = board_of([], [("KC01", 1, None)], NOON)
    (panel,) = [one for one in PANELS if one.key == "reports_today"]
    assert view(panel, board, CITY)["ref"] == {"key": "yesterday", "value": None}
    board, _ = board_of([], [("KC01", 1, None), ("KC01", 24, None), ("MT01", 24, None)], NOON)
    assert view(panel, board, CITY)["ref"] == {"key": "yesterday", "value": 2}


def test_a_broken_panel_says_so_in_its_own_place_and_is_logged_once(caplog) -> None:
    from dataclasses import replace as changed

    def breaks(*_: object) -> object:
        raise ZeroDivisionError

    broken = changed(PANELS[0], key="broken", read=breaks)  # type: ignore[arg-type]
    board = replace(Board(zone=ZONE, now=NOON), feeds={"native": FeedState(NOON), "reports": FeedState(NOON)})
    for _ in range(3):
        assert view(broken, board, CITY)["state"] == "unavailable"
    assert caplog.text.count("panel broken is broken") == 1


def topic(key: str, field: str, **more) -> Topic:
    return Topic(key=key, reads=(field,), draw=lambda *_: None, **more)


TOPICS = (topic("quick", "hours"), topic("slow", "minutes", every_s=5.0), topic("status", "feeds", every_s=1.0, always=True))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.001, 3.0), st.sampled_from(["", "hours", "minutes", "both"]), st.floats(0, 1)),
        min_size=1,
        max_size=60,
    )
)
def test_what_changed_is_drawn_in_time_and_never_oftener_than_allowed(story) -> None:
    """Whatever happens when: nothing changed is drawn late by more than its gap, nothing unchanged is drawn, the status always is."""
    cadence = Cadence(TOPICS, fast_s=0.016, slow_s=0.25)
    board, now = Board(zone=ZONE), 1000.0
    drawn: dict[str, float] = {}
    fresh = {"quick": True, "slow": True, "status": True}
    for pause, change, busy in story:
        now += pause
        if change in {"hours", "both"}:
            board, fresh["quick"] = replace(board, hours={1: {"a": int(now)}}), True
        if change in {"minutes", "both"}:
            board, fresh["slow"] = replace(board, minutes={1: {"a": int(now)}}), True
        cadence.worked(busy_s=pause * busy, idle_s=pause * (1 - busy))
        assert 0.016 <= cadence.gap_s <= 0.25
        due = {one.key for one in cadence.due(board, now)}
        for one in TOPICS:
            least = max(cadence.gap_s, one.every_s)
            ripe = one.key not in drawn or now >= drawn[one.key] + least
            assert (one.key in due) is ((fresh[one.key] or one.always) and ripe), one.key
            if one.key in due:
                cadence.drew(one, board, now)
                drawn[one.key], fresh[one.key] = now, False
        assert 0 <= cadence.wait_s(board, now) <= 1.0
    cadence.forget()
    assert {one.key for one in cadence.due(board, now)} == {"quick", "slow", "status"}


def test_a_lone_change_after_a_quiet_moment_is_drawn_at_once() -> None:
    cadence = Cadence(TOPICS)
    board = Board(zone=ZONE)
    for one in TOPICS:
        cadence.drew(one, board, 1000.0)
    changed = replace(board, hours={1: {"a": 1}})
    assert [one.key for one in cadence.due(changed, 1010.0)] == ["quick", "status"]
    assert cadence.rest_s(1010.0) == 0.0
