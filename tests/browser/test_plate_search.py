"""One plate in the clear for a minute, under the name of who looks, and then gone (P-02, P-03)."""

import pytest

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-around")
FOUND = "document.querySelector('[data-found]').textContent"


def test_what_is_found_stands_for_a_minute_and_is_gone(show: Show, house: Rig) -> None:
    tell(house, alive(), sighted("plate_read", "H-001", plate="75A-123.45"), sighted("plate_read", "H-002", plate="75A-999.99"))
    page = show("plates", role="operator", before=lambda page: page.clock.install())
    assert page.evaluate("[...document.querySelectorAll('[name=days] option')].map((one) => one.value)") == ["1", "7", "30"]
    page.fill("[name=plate]", "75a 12345")
    page.select_option("[name=purpose]", "accident")
    page.fill("[name=matter]", "HS 17")
    page.fill("[name=why]", "ngắn")
    page.click("[type=submit]")
    assert page.evaluate("document.querySelector('[name=why]').validity.valid") is False
    page.fill("[name=why]", "xe gây tai nạn bỏ chạy")
    page.click("[type=submit]")
    wait_in(page, f"{FOUND}.includes('75A-123.45') && {FOUND}.includes('operator-person')")
    assert "999.99" not in page.evaluate(FOUND)
    assert "75" not in page.url
    page.clock.run_for(50_000)
    assert "75A-123.45" in page.evaluate(FOUND)
    page.clock.run_for(11_000)
    wait_in(page, f"!{FOUND}.includes('75A') && !document.querySelector('.ps-table')")
