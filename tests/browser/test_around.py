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


def test_a_search_that_fails_says_so(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), sighted("crowd", "H-003"))
    wait_in(page, "document.querySelector(\"[data-alarm][data-at='H-003']\")")
    page.route("**/api/v1/around**", lambda route: route.fulfill(status=503, body="{}"))
    page.locator("#list > li[data-prio='3']").first.click()
    page.keyboard.press("KeyF")
    wait_in(page, "document.querySelector('[data-around] [role=alert]')")
