"""From an alarm to a unit on its way, by keyboard alone, with the Vietnamese input method on (UX-57, 60, 70)."""

import pytest

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-dispatch")
LOG = "[...document.querySelectorAll('#detail [data-log] > span')].map((one) => one.textContent).join('|')"
GOES = 10.0


def raised(house: Rig, page, kind: str, camera: str) -> None:
    tell(house, alive(), sighted(kind, camera))
    wait_in(page, f"document.querySelector(\"[data-alarm][data-at='{camera}']\")")


def test_ten_alarms_from_open_to_closed_with_at_most_six_keys_each(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    page.evaluate("document.addEventListener('mousedown', () => { window.__mouse = true; }, true)")
    for number in range(1, 11):
        tell(house, alive(), sighted("crowd", f"H-{number:03d}"))
    wait_in(page, "document.querySelectorAll('#list > li.alarm').length === 10")
    page.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyA', key: 'Process', isComposing: true, bubbles: true}))"
    )
    for left in range(10, 0, -1):
        keys = 0
        for key in ("ArrowDown", "KeyA", "KeyT"):
            page.keyboard.press(key)
            keys += 1
        page.keyboard.press("KeyN")
        page.keyboard.type("đã gọi trực ban")
        page.keyboard.press("Enter")
        page.keyboard.press("KeyC")
        page.keyboard.press("Enter")
        assert keys + 3 <= 6  # Enter ends what was typed
        wait_in(page, f"document.querySelectorAll('#list > li.alarm').length === {left - 1}")
        page.keyboard.press("Escape")
    assert page.evaluate("window.__mouse") is None


def test_a_unit_is_dispatched_by_keys_and_told_once_it_cannot_be_undone(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    raised(house, page, "fire_confirmed", "H-011")
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("KeyD")
    wait_in(page, "document.querySelector('dialog.ask select')")
    assert page.evaluate("document.querySelector('dialog.ask select').selectedOptions[0].value") == "CA-PCCC"
    assert "Cháy, khói đã xác nhận" in page.input_value("dialog.ask textarea")
    assert page.evaluate("document.querySelectorAll('dialog.ask [required]').length") <= 3
    page.keyboard.press("Tab")
    page.keyboard.type("Xin xe chữa cháy. ")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_in(page, "document.querySelector('.toast')?.textContent.startsWith('Gửi sau 10 giây')")
    wait_in(page, f"{LOG}.includes('điều phối')")
    assert "Đã gửi" not in page.evaluate(LOG)
    page.keyboard.press("KeyZ")
    wait_in(page, f"{LOG}.includes('hoàn tác') && kyDai.frames.alarms.data.rows.every((row) => !row.units)")
    page.keyboard.press("KeyD")
    wait_in(page, "document.querySelector('dialog.ask select')")
    page.locator("dialog.ask [type=submit]").focus()
    page.keyboard.press("Enter")
    wait_in(page, f"{LOG}.includes('Đã gửi')", seconds=GOES + 20)
    assert page.evaluate(LOG).count("Đã gửi") == 1


def test_a_suspicion_is_verified_before_anybody_is_sent(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    raised(house, page, "watch_plate", "H-012")
    page.click("#list > li[data-prio='2']")
    assert "chưa xác minh" in page.inner_text("#list > li[data-prio='2']")
    page.keyboard.press("KeyD")
    wait_in(page, "document.querySelector(\"dialog[data-ask='verify']\")")
    page.locator("dialog.ask [name=why]").fill("trùng biển và màu xe")
    page.keyboard.press("Enter")
    wait_in(page, f"{LOG}.includes('xác minh')")
    wait_in(page, "document.querySelector(\"#detail [data-act='KeyD'][data-does='dispatch']\")")
    assert "chưa xác minh" not in page.inner_text("#list > li[data-prio='2']")
