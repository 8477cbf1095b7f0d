"""Old data is never shown as fresh: ages, states and clocks, counted in the browser (UX-72 to UX-79)."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show, a_house
from tests.browser.eyes import JUDGEMENTS
from tests.browser.says import alive, quick_pack, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-fresh")
# Late, stale and lost, in seconds: the shortest that a busy machine tells apart. What the real packs say is tried by `judge` itself.
CAMERAS, REPORTS = (2, 4, 7), (3, 600, 900)
TURNS = """
() => {
  const turns = window.__turns = [];
  const look = () => {
    const fresh = document.querySelector("[data-kpi][data-feed='camera_events']").dataset.fresh;
    if (turns.at(-1)?.fresh !== fresh) turns.push({fresh, age: kyDai.now() - kyDai.fresh.feeds.camera_events.at});
  };
  new MutationObserver(look).observe(document.body, {attributes: true, attributeFilter: ["data-fresh"], subtree: true});
  look();
}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house whose feeds grow old within seconds."""
    place: Path = quick_pack(tmp_path_factory.mktemp("pack"), camera_events=CAMERAS, reports=REPORTS)
    with a_house(KYDAI_CITY=str(place)) as rig:
        yield rig


@pytest.fixture(scope="module")
def spoken(house: Rig) -> None:
    """Both feeds have spoken: the cameras stand, and a report is open."""
    tell(house, *(standing(f"H-{n:03d}", "online") for n in range(1, 40)))
    tell(house, reported("PA-0"), source="reports")


def looks_like_a_judgement(page: Page, inside: str) -> list[str]:
    """Return every arrow, verdict and mark of "all well" that is seen within `inside`."""
    return list(page.evaluate(JUDGEMENTS, inside))


def test_nothing_told_is_a_dash_and_says_why(show: Show, house: Rig) -> None:
    """The first test: nobody has told this house anything (UX-78)."""
    console, wall = show("console"), show("wall")
    for key in ("cameras_online", "reports_today", "reports_overdue", "reports_due_24h", "reports_on_time"):
        tile = console.locator(f"[data-kpi='{key}']")
        assert tile.locator("[data-value]").inner_text() == "—", key
        assert tile.locator("[data-ref]").inner_text() == "Chưa có dữ liệu", key
        assert tile.get_attribute("data-fresh") == "none", key
    for key in ("events_today", "alarms_today", "plates_today"):
        assert console.inner_text(f"[data-kpi='{key}'] [data-value]") == "—", f"{key}: no camera has spoken yet"
    assert console.inner_text("[data-queue='out']") != "Mọi camera đang hoạt động.", "no camera has spoken yet"
    assert wall.inner_text(".w-feed[data-feed='reports'] [data-shows]") == "—", "no report was ever told"
    assert looks_like_a_judgement(wall, ".w-al") == [], "no camera has spoken yet, so nothing is known to be calm"
    assert {feed["at"] for feed in console.evaluate("window.__ioc.feeds")} == {None}


def test_a_broken_panel_says_so_in_its_own_place(show: Show) -> None:
    page = show("console")
    told = page.evaluate(
        """() => {
          kyDai.paint("kpi", {data: {...kyDai.frames.kpi.data, events_today: {state: "unavailable", value: null}}});
          const tile = (key) => document.querySelector(`[data-kpi='${key}']`);
          return [tile("events_today").dataset.state, tile("events_today").querySelector("[data-value]").textContent,
            tile("events_today").querySelector("[data-ref]").textContent, tile("cameras_online").dataset.state];
        }"""
    )
    assert told[:3] == ["unavailable", "—", "Ô này tạm không đọc được"]
    assert told[3] != "unavailable"


def test_a_painter_that_breaks_breaks_alone(show: Show, house: Rig, spoken: None) -> None:
    """UX-82: one part that raises leaves every other alive."""
    page = show("console")
    page.evaluate(
        "kyDai.paints('kpi', () => { throw new Error('on purpose'); }); kyDai.painters.kpi.unshift(kyDai.painters.kpi.pop())"
    )
    for state, online in (("offline", 38), ("online", 39)):
        tell(house, standing("H-039", state))
        wait_in(page, f"document.querySelector(\"[data-kpi='cameras_online'] [data-value]\").textContent === '{online}'")
    assert "on purpose" in " ".join(page.watch.complaints)


def test_a_feed_turns_late_stale_and_lost_at_its_limits(show: Show, house: Rig, spoken: None) -> None:
    page, wall = show("console"), show("wall")
    tell(house, alive())
    wait_in(page, "kyDai.fresh.feeds.camera_events.fresh === 'live'")
    page.evaluate(TURNS)
    tell(house, sighted("crowd", "H-003"))
    wait_in(page, "window.__turns.some((turn) => turn.fresh === 'late')", seconds=10)
    assert "Chậm" in page.inner_text(".feed[data-feed='camera_events'] [data-age]")
    wait_in(page, "window.__turns.some((turn) => turn.fresh === 'stale')", seconds=10)
    assert page.inner_text(".feed[data-feed='camera_events'] [data-age]").startswith("Cũ")
    stands_old(page, wall, "stale")
    wait_in(page, "window.__turns.some((turn) => turn.fresh === 'lost')", seconds=10)
    assert page.inner_text(".feed[data-feed='camera_events'] [data-age]").startswith("Mất nguồn")
    stands_old(page, wall, "lost")
    turns = [turn for turn in page.evaluate("window.__turns") if turn["fresh"] != "live"]
    assert [turn["fresh"] for turn in turns[-3:]] == ["late", "stale", "lost"]
    for turn, limit_s in zip(turns[-3:], CAMERAS, strict=True):
        assert 0 <= turn["age"] - limit_s * 1000 <= 2000, turn


def stands_old(console: Page, wall: Page, fresh: str) -> None:
    """The last value stays, greyed and hatched, with its age and without a judgement (UX-74)."""
    tile = console.locator("[data-kpi='cameras_online']")
    wait_in(wall, f"document.querySelector('.w-feed[data-feed=camera_events]').dataset.fresh === '{fresh}'")
    assert tile.locator("[data-value]").inner_text() == "39"
    assert console.evaluate(
        "getComputedStyle(document.querySelector(\"[data-kpi='cameras_online'] [data-value]\")).color"
    ) == colour(console, "--stale")
    assert "repeating-linear-gradient" in console.evaluate(
        "getComputedStyle(document.querySelector(\"[data-kpi='cameras_online']\")).backgroundImage"
    )
    assert looks_like_a_judgement(console, "[data-fresh=stale], [data-fresh=lost]") == []
    assert looks_like_a_judgement(wall, "[data-fresh=stale], [data-fresh=lost]") == []
    assert console.inner_text("[data-feeds]") == "1/2", "reports are late at most, cameras are not counted"
    assert "repeating-linear-gradient" in wall.evaluate(
        "getComputedStyle(document.querySelector('.w-feed[data-feed=camera_events]')).backgroundImage"
    )


def colour(page: Page, name: str) -> str:
    """Return a token of the page as a computed colour."""
    return str(
        page.evaluate(
            """(name) => {
              const node = document.body.appendChild(document.createElement("i"));
              node.style.color = `var(${name})`;
              const told = getComputedStyle(node).color;
              node.remove();
              return told;
            }""",
            name,
        )
    )


def test_a_wall_without_alarms_is_not_calm_when_nobody_speaks(show: Show, house: Rig, spoken: None) -> None:
    """The mark of "all well" stands only while the cameras are heard."""
    wall = show("wall")
    wait_in(wall, "document.querySelector('.w-al').dataset.fresh === 'lost'")
    wall.evaluate("kyDai.paint('alarms', {data: {open: {1: 0, 2: 0, 3: 0, 4: 0}, rate10: 0, rows: []}})")
    assert looks_like_a_judgement(wall, ".w-al") == []


def test_ages_count_from_the_datas_own_time(show: Show, house: Rig, spoken: None) -> None:
    page = show("console")
    tell(house, reported("PA-1"), source="reports")
    wait_in(page, "kyDai.fresh.feeds.reports.fresh === 'live'")
    told_s = page.evaluate("+document.querySelector(\".feed[data-feed='reports']\").dataset.ts") / 1000
    age = "document.querySelector(\".feed[data-feed='reports'] [data-age]\").textContent"
    for _ in range(3):
        was = page.evaluate(age)
        wait_in(page, f"{age} !== '{was}'")
        shown = page.evaluate(f"[{age}.match(/\\d+/)[0], kyDai.now() / 1000]")
        assert abs(float(shown[0]) - (shown[1] - told_s)) <= 2
    assert abs(page.evaluate("kyDai.now()") / 1000 - time.time()) <= 2


def test_the_limits_are_those_of_the_city(show: Show) -> None:
    """`judge` is pure: every limit of every feed, on both of its sides, at the figures of the real packs too."""
    page = show("console")
    real = [{"late_s": 10, "stale_s": 15, "lost_s": 60}, {"late_s": 120, "stale_s": 300, "lost_s": 900}]
    for feed in [*page.evaluate("kyDai.city.feeds"), *real]:
        for limit, before, after in (("late_s", "live", "late"), ("stale_s", "late", "stale"), ("lost_s", "stale", "lost")):
            ms = feed[limit] * 1000
            assert page.evaluate("([age, feed]) => kyDai.judge(age, feed)", [ms, feed]) == before
            assert page.evaluate("([age, feed]) => kyDai.judge(age, feed)", [ms + 1, feed]) == after
        assert page.evaluate("(feed) => kyDai.judge(null, feed)", feed) == "none"
        assert page.evaluate("(feed) => kyDai.judge(0, feed, false)", feed) == "lost"
        assert page.evaluate("(feed) => kyDai.judge(-6000, feed)", feed) not in {"live", "late"}, "a time to come is not fresh"


LINKS = [
    ({"connected": True, "beatAge": 0, "statusAge": 0}, "live"),
    ({"connected": True, "beatAge": 4000, "statusAge": 3000}, "live"),
    ({"connected": True, "beatAge": 5000, "statusAge": 0}, "lost"),
    ({"connected": False, "beatAge": 0, "statusAge": 0}, "lost"),
    ({"connected": True, "beatAge": None, "statusAge": 0}, "lost"),
    ({"connected": True, "beatAge": 0, "statusAge": 5000}, "board"),
    ({"connected": True, "beatAge": 0, "statusAge": None}, "board"),
]


def test_the_link_is_judged_by_beat_and_board(show: Show) -> None:
    page = show("console")
    assert [page.evaluate("(told) => kyDai.judgeLink(told)", told) for told, _ in LINKS] == [judged for _, judged in LINKS]


def test_a_time_to_come_is_flagged_and_not_shown_as_now(show: Show, house: Rig, spoken: None) -> None:
    page = show("console")
    page.click("[data-tab='events']")
    ahead = sighted("red_light", "H-005")
    ahead["at"] = int(str(ahead["at"])) + 600_000
    key, *_ = tell(house, ahead)
    wait_in(page, f"document.querySelector(\"#list > li[data-id='{key}']\")")
    row = page.locator(f"#list > li[data-id='{key}']")
    assert row.locator(".a-state").inner_text() == "Đồng hồ camera lệch"
    assert not row.locator(".a-age").inner_text().startswith("-")
    before = page.evaluate("kyDai.frames.kpi.data.events_today.value")
    far = sighted("red_light", "H-005")
    far["at"] = int(str(far["at"])) + 7_200_000
    tell(house, far)
    wait_in(page, "kyDai.frames.status.data.quarantined === 1")
    assert page.evaluate("kyDai.frames.kpi.data.events_today.value") == before


def test_a_clock_that_is_off_is_told_and_not_used(show: Show, house: Rig, spoken: None) -> None:
    """UX-76: the clock shows the server's time; a machine whose own is ten minutes ahead says so."""
    ahead_ms = 600_000
    page = show("console", before=lambda found: found.clock.install(time=time.time() + ahead_ms / 1000))
    wait_in(page, "document.querySelector(\".banner[data-kind='note']\")")
    assert page.inner_text(".banner[data-kind='note'] b") == "Đồng hồ máy này lệch 600 giây so với máy chủ."
    hour, minute, second = (int(one) for one in page.inner_text(".clock").split(":"))
    shown = (hour * 60 + minute) * 60 + second
    assert abs(shown - (int(time.time()) + 7 * 3600) % 86_400) <= 3
    tell(house, alive())
    wait_in(page, "kyDai.fresh.feeds.camera_events.fresh === 'live'")


def test_a_clock_that_was_not_synchronised_for_long_is_old(show: Show, house: Rig, spoken: None) -> None:
    """Five minutes without a beat: ages have grown by five minutes, and the clock itself is greyed."""
    page = show("console", before=lambda found: found.clock.install())
    age = page.evaluate("kyDai.fresh.feeds.reports.age")
    house.signal("web", signal.SIGSTOP)
    try:
        page.clock.fast_forward("05:30")
        page.clock.run_for(1000)
        assert page.get_attribute(".clock", "data-stale") == "true"
        assert 330_000 <= page.evaluate("kyDai.fresh.feeds.reports.age") - age <= 345_000
        assert page.evaluate("getComputedStyle(document.querySelector('.clock')).color") == colour(page, "--stale")
    finally:
        house.signal("web", signal.SIGCONT)


def test_every_page_tells_time_date_and_weekday(show: Show) -> None:
    """UX-76, in the city's zone, whatever the browser's."""
    for name in ("console", "wall", "leader"):
        page = show(name)
        told = page.evaluate("document.getElementById('statebar').innerText.replace(/\\s+/g, ' ')")
        assert page.evaluate("/\\d\\d:\\d\\d:\\d\\d/.test(document.querySelector('[data-clock]').textContent)"), name
        assert re.search(r"(Thứ \w+|Chủ Nhật|T[2-7]|CN) ?\d\d/\d\d", told), f"{name}: {told}"
