"""A watch list from a proposal to a hit on the console, by two persons."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DRAWN, PATHS, Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import signed_in, wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-watch")
CELLS = {
    "subject": "75A-246.80",
    "purpose": "Xe gây tai nạn bỏ chạy <img src=x onerror=window.__hit=1>",
    "basis": "QĐ 12/QĐ-CA",
    "origin": "Công an phường",
}


def opened(browser: Browser, house: Rig, name: str) -> Page:
    """Open the page as the supervisor of a name."""
    page = signed_in(browser, house.base, house.session("supervisor", name=name)).new_page()
    page.goto(house.base + PATHS["watch"])
    wait_in(page, DRAWN["watch"])
    return page


def test_from_a_proposal_to_a_hit(browser: Browser, show: Show, house: Rig) -> None:
    first, second = opened(browser, house, "lan"), opened(browser, house, "minh")
    for name, told in CELLS.items():
        first.fill(f".wl-form [name={name}]", told)
    first.keyboard.press("Enter")
    wait_in(first, "document.querySelector('.wl-entry[data-state=proposed]')")
    assert first.locator(".wl-entry [data-does=approve]").count() == 0
    assert "75A-***.80" in first.inner_text(".wl-subject")
    assert "246.80" not in first.content()
    second.reload()
    wait_in(second, "document.querySelector('[data-does=approve]')")
    second.click("[data-does=approve]")
    wait_in(second, "document.querySelector('.wl-entry[data-state=active]')")
    console = show("console", role="operator")
    tell(house, alive(), sighted("plate_read", "H-001", plate="75A-246.80", score=0.93))
    wait_in(console, "document.querySelector('#list > li[data-prio=\"2\"]')")
    console.click("#list > li[data-prio='2']")
    entry = second.get_attribute(".wl-entry", "id")
    assert console.inner_text("#detail .facts a") == entry
    assert "chưa xác minh" in console.inner_text("#detail")
    assert "0,93" in console.inner_text("#detail")
    second.click("[data-does=reveal]")
    second.fill("dialog [name=why]", "đối chiếu hồ sơ 17")
    second.keyboard.press("Enter")
    wait_in(second, "document.querySelector('.wl-subject[data-revealed]')?.textContent.startsWith('75A-246.80')")
    second.click("[data-does=withdraw]")
    second.fill("dialog [name=why]", "đã tìm thấy phương tiện")
    second.keyboard.press("Enter")
    wait_in(second, "document.querySelector('.wl-entry[data-state=withdrawn]')")
    assert second.evaluate("window.__hit") is None


def test_a_table_with_mistakes_tells_each_and_takes_nothing(browser: Browser, house: Rig) -> None:
    page = opened(browser, house, "lan")
    table = "subject,purpose,basis,origin,days\n75A-000.01,p,b,o,91\n,p,b,o,5\n"
    page.set_input_files("[data-import] input", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": table.encode()}])
    wait_in(page, "document.querySelectorAll('[data-mistakes] li').length === 2")
    assert "Dòng 2, Số ngày hiệu lực (tối đa 90): quá dài" in page.inner_text("[data-mistakes]")
    assert page.locator("[data-batch]").count() == 0
    good = table.replace("91", "90").replace("\n,p", "\n75A-000.02,p")
    page.set_input_files("[data-import] input", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": good.encode()}])
    wait_in(page, "document.querySelector('[data-batch]')?.textContent.includes('2 mục')")
    assert page.is_hidden("[data-mistakes]")
