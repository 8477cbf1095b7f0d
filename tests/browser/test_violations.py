"""Violations reviewed by keyboard alone, and handed over together."""

import pytest

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-violations")
ROWS = "document.querySelectorAll('.vi-row').length"
STAGE = "document.querySelector(\"[data-stage='{}']\").textContent"


def test_from_detected_to_decided(show: Show, house: Rig) -> None:
    tell(
        house,
        alive(),
        *(sighted("red_light", f"H-{n:03d}", plate=f"75A-000.{n:02d}") for n in range(1, 5)),
        sighted("crowd", "H-001"),
    )
    page = show("violations")
    wait_in(page, f"{ROWS} === 4", seconds=60)  # the page asks again every ten seconds
    page.keyboard.press("ArrowDown")
    wait_in(page, "document.querySelector('[data-does=confirm]')")
    assert "75A-***.01" in page.inner_text("[data-one]")
    for left in (3, 2):
        page.keyboard.press("KeyA")
        wait_in(page, f"{ROWS} === {left}")
    page.keyboard.press("KeyX")
    page.keyboard.press("Digit4")
    wait_in(page, f"{ROWS} === 1 && {STAGE.format('reviewed')} === '3' && {STAGE.format('confirmed')} === '2'")
    assert "1 đang chờ duyệt" in page.inner_text("[data-waiting]")
    page.click("[data-state=none]")
    wait_in(page, f"{ROWS} === 1")
    page.keyboard.press("ArrowDown")
    wait_in(page, "document.querySelector('[data-one]').textContent.includes('Không có vi phạm')")
    page.click("[data-state=confirmed]")
    wait_in(page, f"{ROWS} === 2")
    for box in page.locator(".vi-row input").all():
        box.check()
    page.keyboard.press("ArrowDown") if page.locator("[data-does=hand]").count() else page.click(".vi-row .vi-kind >> nth=0")
    wait_in(page, "document.querySelector('[data-does=hand]')")
    page.click("[data-does=hand]")
    assert page.evaluate("document.querySelector('dialog select').selectedOptions[0].value") == "CA-CSGT"
    page.click("dialog [type=submit]")
    wait_in(page, f"{ROWS} === 0 && {STAGE.format('handed')} === '2'")
    page.click("[data-state=handed]")
    wait_in(page, f"{ROWS} === 2")
    page.click(".vi-row .vi-kind >> nth=0")
    page.click("[data-does=decide]")
    page.fill("dialog [name=paper]", "118/QĐ-XPHC")
    page.keyboard.press("Enter")
    wait_in(page, f"{STAGE.format('decided')} === '1'")
    assert page.watch.violations() == []  # type: ignore[attr-defined]
