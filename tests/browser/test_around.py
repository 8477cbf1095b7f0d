"""What happened around what is selected, by one key (UX-65)."""

import pytest

from tests.browser.conftest import Show
from tests.browser.says import alive, reported, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-around")
LINES = "[...document.querySelectorAll('[data-around-log] > span')].map((one) => one.textContent)"


def test_what_happened_around_an_alarm_is_told_with_time_and_distance(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), sighted("red_light", "H-001", plate="75A-123.45"), sighted("plate_read", "H-001", plate="75A-777.77"))
    tell(house, sighted("crowd", "H-001"), sighted("no_helmet", "H-041"))
    tell(house, reported("AR-1", lon=107.5880, lat=16.4709), source="reports")
    wait_in(page, "document.querySelector(\"#list > li[data-prio='3']\")")
    wait_in(page, "kyDai.frames.reports.data.rows.length === 1")
    page.click("#list > li[data-prio='3']")
    page.keyboard.press("KeyF")
    wait_in(page, f"{LINES}.length > 0")
    told = page.evaluate(LINES)
    assert any("Vượt đèn đỏ" in line and "75A-***.45" in line and "0 m" in line for line in told)
    assert not any("75A-123.45" in line for line in told)
    assert not any("Không đội mũ" in line for line in told)
    assert page.inner_text("#detail [data-around] .strong") == "2 sự kiện · 1 phản ánh · 1 bản ghi"
    wait_in(page, "document.querySelectorAll('.leaflet-overlay-pane path').length === 1")
    page.click("[data-around] .seg >> text=500 m")
    wait_in(page, f"document.querySelector('[data-around] [aria-pressed=true]')?.textContent === '500 m' && {LINES}.length > 0")
    page.keyboard.press("KeyF")
    wait_in(page, "!document.querySelector('[data-around-log]')")


AT_31 = "kyDai.frames.alarms?.data.rows.find((row) => kyDai.city.cameras[row.ix]?.id === 'H-031')"
MARKS = "[...document.querySelectorAll('#timeline button.tl-mark')].map((one) => [one.dataset.lane, one.rows.length])"


def test_the_timeline_is_that_of_what_is_chosen_and_of_the_last_hour_when_nothing_is(show: Show, house: Rig) -> None:
    """Four lanes around the chosen one, asked for once, and taken back when the choice changes; marks are reached by keys (wireframe 6.1)."""
    page = show("console", role="operator")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/api/v1/around" in one.url else None)
    tell(
        house,
        alive(),
        sighted("red_light", "H-031", plate="75A-123.45"),
        *(sighted("plate_read", "H-031", plate="75A-777.77") for _ in range(3)),
    )
    tell(house, sighted("crowd", "H-031"), sighted("crowd", "H-041"))
    wait_in(page, f"{AT_31} && document.querySelector('#timeline [data-minute]')")
    page.evaluate(f"kyDai.select({AT_31}, 'list')")
    wait_in(page, f"{MARKS}.length >= 3 && document.querySelectorAll('.tl-lane').length === 4")
    assert len(asked) == 1
    assert dict(page.evaluate(MARKS)) == {"alarms": 1, "plates": 3, "violations": 1}
    assert "75A-777.77" not in page.inner_html("#timeline")
    page.keyboard.press("KeyF")  # the same answer, in words
    wait_in(page, f"{LINES}.length > 0")
    assert len(asked) == 1
    page.locator("#timeline button.tl-mark[tabindex='0']").focus()
    for _ in range(3):
        if page.evaluate("document.activeElement.dataset.lane") == "violations":
            break
        page.keyboard.press("ArrowRight")
    page.hover("#timeline button.tl-mark[data-lane='violations']")
    wait_in(page, "document.querySelector('.map [data-hover]')")
    page.keyboard.press("Enter")
    wait_in(
        page, "kyDai.selected?.kind === 'red_light' && document.querySelector('#timeline [data-selected][data-lane=violations]')"
    )
    page.click("[data-tl-note] [data-around-by='minutes 30']")
    wait_in(page, "document.querySelector('[data-tl-note] [data-around-by=\"minutes 30\"][aria-pressed=true]')")
    wait_in(page, f"{MARKS}.length >= 3")
    page.keyboard.press("Escape")
    wait_in(page, "document.querySelector('#timeline [data-minute]') && !document.querySelector('.tl-lane')")


def test_a_search_that_fails_says_so(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), sighted("crowd", "H-003"))
    wait_in(page, "document.querySelector(\"[data-alarm][data-at='H-003']\")")
    page.route("**/api/v1/around**", lambda route: route.fulfill(status=503, body="{}"))
    page.locator("#list > li[data-prio='3']").first.click()
    page.keyboard.press("KeyF")
    wait_in(page, "document.querySelector('[data-around] [role=alert]')")
