"""From an alarm to a unit on its way, by keyboard alone, with the Vietnamese input method on (UX-57, 60, 70)."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-dispatch")
LOG = "[...document.querySelectorAll('#detail [data-log] > span')].map((one) => one.textContent).join('|')"
GOES = 10.0
ROWS = "document.querySelectorAll('#list > li.alarm').length"


def raised(house: Rig, page, kind: str, camera: str) -> None:
    tell(house, alive(), sighted(kind, camera))
    wait_in(page, f"document.querySelector(\"[data-alarm][data-at='{camera}']\")")


def type_vietnamese(page: Page, text: str) -> None:
    """Type as an input method does: what is composed is seen while it grows, and its keys are nobody else's (UX-58)."""
    method = page.context.new_cdp_session(page)
    for word in text.split(" "):
        for end in range(1, len(word) + 1):
            method.send(
                "Input.dispatchKeyEvent", {"type": "rawKeyDown", "code": "KeyC", "key": "Process", "windowsVirtualKeyCode": 229}
            )
            method.send("Input.imeSetComposition", {"text": word[:end], "selectionStart": end, "selectionEnd": end})
        method.send("Input.insertText", {"text": word + " "})
    method.detach()


COUNT = """
window.__keys = 0;
document.addEventListener("keydown", (event) => { if (event.keyCode !== 229) window.__keys += 1; }, true);
document.addEventListener("mousedown", () => { window.__mouse = true; }, true);
"""


def test_ten_alarms_from_open_to_closed_with_at_most_six_keys_each(show: Show, house: Rig) -> None:
    """Open, acknowledge, dispatch, note, close. The first goes the whole way; of the others all are sent before the first is closed,
    so that the ten seconds in which a unit is not yet told are waited for once."""
    page = show("console", role="operator")
    page.evaluate(COUNT)
    for number in range(1, 11):
        tell(house, alive(), sighted("crowd", f"H-{number:03d}"))
    wait_in(page, f"{ROWS} === 10")
    for _ in range(10):
        for key in ("ArrowDown", "KeyA", "KeyD"):
            page.keyboard.press(key)
        wait_in(page, "document.activeElement.matches('dialog.ask select')")
        page.keyboard.press("Enter")
        wait_in(page, "!document.querySelector('dialog')")
    assert page.evaluate("window.__keys") == 40
    wait_in(page, "kyDai.frames.alarms.data.rows.every((row) => row.units?.length && !row.goes)", seconds=GOES + 20)
    page.keyboard.press("Escape")
    page.evaluate("window.__keys = 0")
    page.keyboard.press("ArrowDown")  # and from then on the next one is chosen by itself
    for left in range(10, 0, -1):
        page.keyboard.press("KeyC")
        wait_in(page, "document.activeElement.matches('dialog.ask input')")
        type_vietnamese(page, "đã gọi trực ban")
        assert page.input_value("dialog.ask [name=why]").strip() == "đã gọi trực ban"
        page.keyboard.press("Enter")
        wait_in(page, f"{ROWS} === {left - 1}")
    assert page.evaluate("window.__keys") == 1 + 10 * 2
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
