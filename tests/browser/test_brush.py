"""What is pointed at or selected on list, map or timeline is marked on the other two; and the list may keep to the map (UX-64)."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-brush")
ROW, PIN = "#list > li[data-prio='2']", "[data-alarm][data-at='H-002']"
MARKED = "['#list > li[data-{0}]', '.map [data-alarm][data-{0}]', '#timeline [data-{0}]'].map((one) => !!document.querySelector(one)).join()"
# A map that is still zooming takes no drag.
AT_REST = f"""
(() => {{
  const pin = document.querySelector("{PIN}")?.getBoundingClientRect(), map = document.querySelector(".leaflet").getBoundingClientRect();
  return pin && Math.hypot(pin.x + pin.width / 2 - map.x - map.width / 2, pin.y + pin.height / 2 - map.y - map.height / 2) < 60
    && !document.querySelector(".leaflet .leaflet-zoom-anim, .leaflet .leaflet-pan-anim");
}})()
"""
# How long after an event of the pointer all three panes are marked, by the page's own clock (ms).
TOOK = """
() => new Promise((told) => {
  const began = performance.now(), all = () => ['#list > li[data-hover]', '.map [data-alarm][data-hover]', '#timeline [data-hover]'].every((one) => document.querySelector(one));
  document.querySelector("#list > li[data-prio='2']").dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
  const look = () => all() ? told(performance.now() - began) : requestAnimationFrame(look);
  look();
})
"""


@pytest.fixture
def page(show: Show, house: Rig) -> Page:
    found = show("console", role="operator")
    tell(house, alive(), sighted("crowd_critical", "H-002"))
    wait_in(
        found,
        f'document.querySelector("{ROW}") && document.querySelector("{PIN}") && document.querySelector(\'#timeline [data-class=alarm]\')',
    )
    return found


def test_what_is_pointed_at_is_marked_on_every_pane(page: Page) -> None:
    assert page.evaluate(TOOK) <= 1000  # 200 on a machine that does nothing else
    page.mouse.move(5, 5)
    wait_in(page, f"{MARKED.format('hover')} === 'false,false,false'")
    page.hover(PIN)
    wait_in(page, f"{MARKED.format('hover')} === 'true,true,true'")
    page.mouse.move(5, 5)
    page.hover("#timeline [data-class=alarm]")
    wait_in(page, f"{MARKED.format('hover')} === 'true,true,true'")


@pytest.mark.parametrize("by", ["list", "map", "timeline"])
def test_what_is_selected_on_one_is_selected_on_all_and_stays_so(page: Page, house: Rig, by: str) -> None:
    page.click({"list": ROW, "map": PIN, "timeline": "#timeline [data-class=alarm]"}[by])
    wait_in(page, f"{MARKED.format('selected')} === 'true,true,true'")
    was = page.evaluate("kyDai.frames.series.seq")
    tell(house, sighted("crowd_critical", "H-002"), sighted("plate_read", "H-003"))
    wait_in(page, f"kyDai.frames.series.seq !== {was!r}")
    assert page.evaluate(MARKED.format("selected")) == "true,true,true"
    page.keyboard.press("Escape")
    wait_in(page, f"{MARKED.format('selected')} === 'false,false,false'")


def test_the_list_keeps_to_the_map_when_asked(page: Page) -> None:
    page.click(ROW)
    page.keyboard.press("KeyM")
    wait_in(page, AT_REST)
    page.keyboard.press("Escape")
    page.click("[data-extent]")
    assert page.locator(ROW).count() == 1
    box = page.locator(".leaflet").bounding_box()
    assert box is not None
    start = (box["x"] + box["width"] - 150, box["y"] + box["height"] / 2 + 120)  # beside the pin, which would take the press
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] - 0.7 * box["width"], start[1], steps=5)
    page.mouse.up()
    wait_in(page, f'!document.querySelector("{ROW}")')
    page.click("[data-extent]")
    wait_in(page, f'document.querySelector("{ROW}")')
