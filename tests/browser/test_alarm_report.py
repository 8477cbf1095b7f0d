"""The alarm report on the screen and on paper."""

import pytest

from tests.browser.conftest import DRAWN, Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-report")


def test_a_shift_is_told_in_figures_and_fits_one_sheet(show: Show, house: Rig) -> None:
    tell(house, alive(), *(sighted("crowd", f"H-{n:03d}") for n in range(1, 4)), sighted("fire_confirmed", "H-001"))
    console = show("console")
    wait_in(console, "document.querySelectorAll('#list > li.alarm').length === 4")
    console.click("#list > li[data-prio='1']")
    console.keyboard.press("KeyA")
    wait_in(console, "document.querySelector(\"#list > li[data-prio='1'][data-state='acknowledged']\")")
    assert console.get_attribute(".nav a[href='/alarm-report']", "href") == "/alarm-report"
    page = show("report")
    wait_in(page, "document.querySelector('[data-value=raised]').textContent === '4'")
    assert page.inner_text("[data-value=ack_median_s]") != "—"
    assert page.inner_text("[data-list=mix] .r-row:first-child > b") == "25,0\u00a0%"
    assert "H-001" in page.inner_text("[data-list=top] .r-row:first-child")
    assert page.is_visible("[data-note]")
    page.click("[data-period=day]")
    wait_in(page, "document.querySelector('[data-span]').textContent.startsWith('00:00')")
    page.click("[data-step='1']")
    wait_in(page, "document.querySelector('[data-value=raised]').textContent === '0'")
    page.click("[data-step='-1']")
    wait_in(page, f"{DRAWN['report']} && document.querySelector('[data-value=raised]').textContent === '4'")
    assert (
        page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") + page.pdf(prefer_css_page_size=True).count(b"/Type /Page ")
        <= 1
    )


def test_a_figure_that_cannot_be_had_says_so(show: Show, house: Rig) -> None:
    page = show("report")
    page.route("**/api/v1/alarm-report**", lambda route: route.fulfill(status=503, body="{}"))
    page.click("[data-period=month]")
    wait_in(
        page,
        "!document.querySelector('[data-note]').hidden && document.querySelector('[data-note]').textContent.includes('sẽ thử lại')",
    )
