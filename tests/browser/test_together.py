"""Several alarms at once (UX-49): marked by keyboard and mouse, what is hidden never among them, undone together, a P1 by itself."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-acts")
MARKED = "[...document.querySelectorAll('#list > li[data-picked]')].map((one) => one.dataset.id)"
TOAST = "(document.querySelector('.toast')?.textContent ?? '')"


def states(page: Page) -> dict[str, str]:
    told = page.evaluate("[...document.querySelectorAll('#list > li[data-id]')].map((one) => [one.dataset.id, one.dataset.state])")
    return dict(told)


def seek(page: Page, words: str) -> None:
    page.keyboard.press("Slash")
    page.keyboard.type(words)
    page.evaluate("document.activeElement.blur()")


def test_several_alarms_at_once(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), *(sighted("crowd", f"H-{n:03d}") for n in range(2, 7)), sighted("fire_confirmed", "H-021"))
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length === 6")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")  # the P1: by itself only
    wait_in(page, f"{TOAST}.includes('P1')")
    assert page.evaluate(MARKED) == []
    page.keyboard.press("ArrowDown")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    marked = page.evaluate(MARKED)
    assert len(marked) == 4
    tell(house, alive(), sighted("crowd", "H-009"))  # what comes meanwhile changes no mark
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length === 7")
    assert page.evaluate(MARKED) == marked
    page.keyboard.press("Space")
    page.locator(f"#list > li[data-id='{marked[0]}']").click(modifiers=["Control"])
    left = marked[1:3]
    assert sorted(page.evaluate(MARKED)) == sorted(left)
    assert page.evaluate("[...document.querySelectorAll('#list > [aria-selected=true]')].map((one) => one.dataset.id)") == [
        one for one in states(page) if one in left
    ]
    page.keyboard.press("KeyT")
    wait_in(page, "document.querySelectorAll('dialog .ask-list li').length === 2")
    page.keyboard.press("Enter")  # no reason, no act
    assert page.locator("dialog.ask").is_visible()
    page.keyboard.type("một đám rước")
    page.keyboard.press("Enter")
    wait_in(page, f"{TOAST}.includes('2 cảnh báo') && document.querySelector('.toast [data-undo]')")
    wait_in(page, "document.querySelectorAll('#list > li[data-state=in_work]').length === 2")
    assert {one for one, state in states(page).items() if state == "in_work"} == set(left)
    told = page.evaluate(f"fetch('/alarms/{left[0]}').then((one) => one.json())")
    assert [(one["action"], one["why"]) for one in told["acts"]] == [("raise", ""), ("claim", "một đám rước")]
    page.keyboard.press("KeyZ")
    wait_in(page, "document.querySelectorAll('#list > li[data-state=in_work]').length === 0")
    hidden_is_never_marked(page)


def hidden_is_never_marked(page: Page) -> None:
    """What is filtered away is marked no more, and does not come back marked."""
    page.keyboard.press("Escape")
    for node in page.locator("#list > li[data-prio='3']").all()[:3]:
        node.click(modifiers=["Control"])
    assert len(page.evaluate(MARKED)) == 3
    kept = page.locator("#list > li[data-picked] .a-place").first.inner_text().split(" · ")[0]
    seek(page, kept)
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length < 7")
    n = len(page.evaluate(MARKED))
    assert 1 <= n < 3
    page.keyboard.press("Slash")
    page.keyboard.press("Escape")
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length === 7")
    assert len(page.evaluate(MARKED)) == n
    assert page.locator("[data-picked-bar]").is_visible()
    page.locator("[data-pick-none]").click()
    wait_in(page, "document.querySelector('[data-picked-bar]').hidden")
