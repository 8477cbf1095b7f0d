"""The console without a mouse: by the place of a key, never while somebody writes (UX-57 to UX-59)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show
from tests.browser.says import alive, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-keyboard")
SELECTED = "kyDai.selected?.id ?? null"
STATE = """
() => JSON.stringify([kyDai.selected?.id ?? null, document.querySelector("[data-tab][aria-selected='true']").dataset.tab,
  !!document.querySelector(".help"), document.activeElement?.tagName])
"""
KEYS = ("ArrowDown", "ArrowUp", "Enter", "Escape", "Slash", "KeyM", "KeyK", "Digit1", "Digit2", "Digit3")
NAME = """
(node) => {
  const like = [...document.querySelectorAll(node.tagName)].indexOf(node);
  return [node.tagName, like, node.className, node.id, node.getAttribute("href") ?? node.textContent.trim().slice(0, 24)].join(" ");
}
"""
TOUCHABLE = """
() => [...document.querySelectorAll("a[href], button, input, select, [role=listbox]")]
  .filter((node) => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().width > 0)
"""
FIRE = """
({code, more}) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", {code, key: "Process", bubbles: true, cancelable: true, ...more}))
"""


@pytest.fixture(scope="module", autouse=True)
def told(house: Rig) -> None:
    tell(house, alive(), *(standing(f"H-{n:03d}", "online") for n in range(1, 20)), standing("H-030", "offline"))
    tell(house, *(sighted("crowd", f"H-{n:03d}") for n in range(1, 8)), *(sighted("red_light", f"H-{n:03d}") for n in range(1, 8)))
    tell(house, sighted("plate_read", "H-001", plate="75A-123.45"))
    tell(house, reported("PA-1", due=None), source="reports")


@pytest.fixture
def page(show: Show) -> Page:
    found = show("console")
    wait_in(found, "document.querySelectorAll('#list > li[data-id]').length >= 7")
    return found


def fire(page: Page, code: str, **more: object) -> bool:
    """Send a key by its place alone, as a keyboard with any letters on it would; return whether the page left it alone."""
    return bool(page.evaluate(FIRE, {"code": code, "more": more}))


def test_arrows_go_through_the_list(page: Page) -> None:
    ids = page.evaluate("[...document.querySelectorAll('#list > li[data-id]')].map((row) => row.dataset.id)")
    for at in (0, 1, 2):
        fire(page, "ArrowDown")
        assert page.evaluate(SELECTED) == ids[at]
    fire(page, "ArrowUp")
    assert page.evaluate(SELECTED) == ids[1]
    for _ in ids:
        fire(page, "ArrowUp")
    assert page.evaluate(SELECTED) == ids[0]
    for _ in range(len(ids) + 3):
        fire(page, "ArrowDown")
    assert page.evaluate(SELECTED) == ids[-1]
    box = page.locator("#list > li[data-selected]").bounding_box()
    pane = page.locator("#list").bounding_box()
    assert box is not None
    assert pane is not None
    assert box["y"] + box["height"] <= pane["y"] + pane["height"] + 1


def test_enter_opens_the_details_m_shows_on_the_map_and_escape_lets_go(page: Page) -> None:
    fire(page, "ArrowDown")
    assert page.evaluate("!document.getElementById('detail').hidden")
    fire(page, "Enter")
    assert page.evaluate("document.activeElement.id") == "detail"
    zoom = "document.querySelector('.map-scale span').textContent"
    was = page.evaluate(zoom)
    fire(page, "KeyM")
    wait_in(page, f"{zoom} !== '{was}'")
    fire(page, "Escape")
    assert page.evaluate(SELECTED) is None
    assert page.evaluate("document.getElementById('detail').hidden")
    fire(page, "KeyM")
    wait_in(page, f"{zoom} === '{was}'")


@pytest.mark.parametrize(("code", "tab"), [("Digit1", "alarms"), ("Digit2", "events"), ("Digit3", "plates")])
def test_digits_turn_to_the_lists(page: Page, code: str, tab: str) -> None:
    fire(page, "Digit2" if code != "Digit2" else "Digit3")
    fire(page, code)
    assert page.get_attribute("[data-tab][aria-selected='true']", "data-tab") == tab
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length > 0")


def test_slash_searches_and_escape_leaves_the_search(page: Page) -> None:
    fire(page, "Slash")
    assert page.evaluate("document.activeElement.matches('[data-search] input')")
    page.keyboard.type("cau phu xuan")
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length < 7")
    places = page.locator("#list > li[data-id] .a-place").all_inner_texts()
    assert places
    assert all("Phú Xuân" in place for place in places)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")


def test_help_lists_every_key_and_closes(page: Page) -> None:
    fire(page, "Slash", shiftKey=True)
    told = page.inner_text(".help")
    for key in ("↑", "Enter", "1 2 3", "M", "K", "/", "Esc", "?"):
        assert key in told
    fire(page, "Escape")
    assert page.locator(".help").count() == 0
    fire(page, "Slash", shiftKey=True)
    fire(page, "Slash", shiftKey=True)
    assert page.locator(".help").count() == 0


def test_no_key_acts_while_vietnamese_is_composed(page: Page) -> None:
    """Telex and VNI send keys that compose: they belong to the word."""
    for code in KEYS:
        before = page.evaluate(STATE)
        for more in ({"isComposing": True}, {"keyCode": 229}):
            fire(page, code, **more)
            assert page.evaluate(STATE) == before, (code, more)


def test_no_key_acts_in_a_text_field(page: Page) -> None:
    page.focus("[data-search] input")
    for code in (key for key in KEYS if key != "Escape"):
        before = page.evaluate(STATE)
        assert fire(page, code), f"{code} is left to the field"
        assert page.evaluate(STATE) == before, code


def test_no_key_acts_with_a_modifier(page: Page) -> None:
    """Ctrl+1 is the browser's."""
    for code in KEYS:
        before = page.evaluate(STATE)
        for more in ({"ctrlKey": True}, {"altKey": True}, {"metaKey": True}):
            assert fire(page, code, **more)
            assert page.evaluate(STATE) == before, (code, more)


def test_no_key_acts_on_other_pages(show: Show) -> None:
    page = show("leader")
    assert all(fire(page, code) for code in KEYS)


def test_tab_reaches_everything_that_can_be_touched(page: Page) -> None:
    """UX-57: and in an order that ends."""
    wanted = set(page.evaluate(f"({TOUCHABLE})().map({NAME})"))
    reached: list[str] = []
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"({NAME})(document.activeElement)"))
    assert wanted - set(reached) == set()


def test_what_is_reached_by_tab_acts_by_key(page: Page) -> None:
    """A button does by key what it does by hand."""
    acts: list[tuple[str, str, Callable[[], bool]]] = [
        ("[data-tab='events']", "Enter", lambda: page.get_attribute("[data-tab='events']", "aria-selected") == "true"),
        ("[data-layer='reports']", "Space", lambda: page.get_attribute("[data-layer='reports']", "aria-pressed") == "false"),
        ("[data-help]", "Enter", lambda: page.locator(".help").count() == 1),
        ("[data-queue='out'] button", "Enter", lambda: bool(page.evaluate("kyDai.selected?.id === 'camera:H-030'"))),
    ]
    for where, key, done in acts:
        page.focus(where)
        page.keyboard.press(key)
        assert done(), where


def test_ten_alarms_without_a_mouse(page: Page) -> None:
    """From one alarm to the next, at six keys each or fewer: seen, shown on the map, left."""
    page.evaluate("document.addEventListener('mousedown', () => { window.__mouse = true; }, true)")
    seen = set()
    for _ in range(7):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        seen.add(page.evaluate(SELECTED))
        assert page.evaluate("!document.getElementById('detail').hidden")
    assert len(seen) == 7
    assert page.evaluate("window.__mouse") is None
