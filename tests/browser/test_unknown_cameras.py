"""A camera that nobody knows is put on the map, and its next event stands there under its new name, on screens that stay open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Show, a_house
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-unknown")
HOSTILE = "<img src=x onerror=window.__hit=1>"
LONG = "x" * 120
NAME = "Ngã tư <b>Mới</b>"


@pytest.fixture
def house() -> Iterator[Rig]:
    """A house for each of them: what was adopted in one, or in a first try, is nobody else's to count."""
    with a_house() as rig:
        yield rig


def marks(page: Page, camera: str) -> str:
    return f"document.querySelector('.mk-cam[data-camera=\"{camera}\"]')"


def place(page: Page, name: str, *, at: tuple[float, float] = (0.5, 0.5)) -> None:
    """Click the map at a share of its size, name the camera, and send."""
    box = page.locator(".uc-map .leaflet-container").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"])
    page.fill("[name=name_vi]", name)
    page.click(".uc-form [type=submit]")


def test_from_a_stranger_to_a_marker_on_every_open_screen(show: Show, house: Rig) -> None:
    console, wall = show("console", role="operator"), show("wall", role="wall")
    tell(house, alive(), sighted("red_light", "cam-new"), sighted("red_light", HOSTILE), sighted("red_light", LONG))
    wait_in(console, "document.querySelector('[data-doubt=unknown_cameras]')?.textContent.includes('3')")
    page = show("unknown", role="supervisor")
    wait_in(page, "document.querySelectorAll('[data-strangers] [data-key]').length === 3")
    told = page.inner_text("[data-strangers]")
    assert HOSTILE in told
    assert LONG in told
    console.evaluate("window.__stays = true")
    page.locator("[data-strangers] [data-key]", has_text="cam-new").locator("[data-does=adopt]").click()
    place(page, NAME, at=(0.4, 0.45))
    wait_in(page, "document.querySelector('[data-adopted] [data-key]')?.textContent.includes('N-001')")
    assert NAME in page.inner_text("[data-adopted]")
    for screen in (console, wall, page):
        wait_in(screen, marks(screen, "N-001"))
    wait_in(page, "document.querySelectorAll('[data-strangers] [data-key]').length === 2")
    tell(house, sighted("fire_single", "cam-new"))
    wait_in(
        console,
        "[...document.querySelectorAll('#list > li[data-id]')].some((row) => row.textContent.includes('Ngã tư <b>Mới</b>'))",
    )
    wait_in(console, "document.querySelector('.mk-alarm[data-at=\"N-001\"]')")
    wait_in(console, "document.querySelector('.mk-cam[data-camera=\"N-001\"]').dataset.cam === 'o'")
    console.click("#list > li[data-id]")
    assert f"N-001 {NAME}" in console.inner_text("#detail .facts")
    assert console.evaluate("window.__stays") is True
    assert [screen.evaluate("window.__hit ?? null") for screen in (console, wall, page)] == [None] * 3
    page.click("[data-adopted] [data-does=change]")
    page.fill("[name=name_vi]", "Ngã tư đã đổi tên")
    page.click(".uc-form [type=submit]")
    wait_in(
        console,
        "[...document.querySelectorAll('#list > li[data-id]')].some((row) => row.textContent.includes('Ngã tư đã đổi tên'))",
    )
    page.click("[data-adopted] [data-does=history]")
    wait_in(page, "document.querySelectorAll('[data-log=\"N-001\"] > *').length === 2")
    page.click("[data-adopted] [data-does=remove]")
    page.click("dialog [type=submit]")
    wait_in(page, "!document.querySelector('[data-adopted] [data-key]')")
    for screen in (console, wall):
        wait_in(screen, f"!{marks(screen, 'N-001')}")
    tell(house, sighted("red_light", "cam-new"))
    wait_in(page, "document.querySelectorAll('[data-strangers] [data-key]').length === 3")


def test_what_is_wrong_is_told_where_it_stands(show: Show, house: Rig, browser: Browser) -> None:
    tell(house, alive(), sighted("red_light", "cam-other"))
    page, second = show("unknown"), show("unknown", role="admin")
    for one in (page, second):
        wait_in(one, "[...document.querySelectorAll('.uc-name')].some((node) => node.textContent === 'cam-other')")
        one.locator("[data-strangers] [data-key]", has_text="cam-other").locator("[data-does=adopt]").click()
    page.fill("[name=name_vi]", "Cầu Mới")
    page.fill("[name=lon]", "16.46")
    page.fill("[name=lat]", "107.58")
    page.click(".uc-form [type=submit]")
    wait_in(page, "document.querySelector('[data-wrong]')?.textContent.includes('đổi chỗ')")
    assert page.get_attribute("[name=lon]", "aria-invalid") == "true"
    place(page, "cầu trường tiền  (giữa cầu)")
    wait_in(page, "document.querySelector('[data-wrong]')?.textContent === 'Tên này đã có ở một camera khác.'")
    place(page, "")
    wait_in(page, "document.querySelector('[data-wrong]')?.textContent.includes('còn thiếu')")
    place(page, "Cầu Mới")
    wait_in(page, "document.querySelector('[data-note]')?.textContent.includes('N-00')")
    place(second, "Cầu Khác")
    wait_in(second, "document.querySelector('[data-wrong]')?.textContent.startsWith('Camera này đã được nhận, với mã N-00')")


def test_a_stranger_that_is_a_camera_of_ours_is_told_to_be_it(show: Show, house: Rig) -> None:
    tell(house, alive(), sighted("red_light", "cam-second"))
    page = show("unknown")
    wait_in(page, "[...document.querySelectorAll('.uc-name')].some((node) => node.textContent === 'cam-second')")
    page.locator("[data-strangers] [data-key]", has_text="cam-second").locator("[data-does=adopt]").click()
    before = page.evaluate("kyDai.city.version")
    page.select_option("[name=same]", "H-005")
    assert page.is_hidden("[name=name_vi]")
    page.click(".uc-form [type=submit]")
    wait_in(page, "document.querySelector('[data-adopted] [data-does=unname]')")
    assert "native gọi là cam-second" in page.inner_text("[data-adopted]")
    wait_in(page, f"kyDai.city.version !== '{before}'")
    tell(house, sighted("red_light", "cam-second"))
    wait_in(page, "kyDai.frames.cameras.data.spoke[4] === 1")
    page.click("[data-adopted] [data-does=unname]")
    wait_in(page, "!document.querySelector('[data-does=unname]')")
