"""A wall is read from across a room and touched by nobody: geometry, fit, light (UX-1 to UX-14, UX-33, UX-34)."""

import io
import signal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from layouts.pages.wall import LONG_NAME
from tests.browser.conftest import Show
from tests.browser.eyes import ARCMIN, BOXES, INK, OVERFLOW, apart
from tests.browser.says import alive, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.conftest import until
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-wall")
SIZE = 20.5  # what must be read, in arc minutes
ROOM = {"diag": 55, "cols": 1, "dist": 5}
# Chromium rounds a glyph's box to whole pixels: two in a hundred either way (screens.md §2).
TOLERANCE = 0.98
ROOMS = [
    ("", ROOM),
    ("?dist=3", {**ROOM, "dist": 3}),
    ("?dist=4", {**ROOM, "dist": 4}),
    ("?diag=75&dist=6", {"diag": 75, "cols": 1, "dist": 6}),
    ("?diag=98&dist=4", {"diag": 98, "cols": 1, "dist": 4}),
    ("?cols=2&rows=2&dist=6", {"diag": 55, "cols": 2, "dist": 6}),
    ("?cols=3&rows=3&dist=12", {"diag": 55, "cols": 3, "dist": 12}),
    ("?dist=8", {**ROOM, "dist": 8}),
]
FULL_HD, FOUR_K = {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}
# An hour's, a day's and a week's old alarm: the longest ages, in the place of what the board last said.
OLD = """
() => {
  const frame = kyDai.frames.alarms, at = kyDai.now(), ages = [3600e3 * 3.5, 86400e3 + 5e6, 86400e3 * 6.9];
  kyDai.frames.alarms = {...frame, data: {...frame.data, rows: frame.data.rows.map((row, nth) => ({...row, since: at - (ages[nth] ?? 0)}))}};
  kyDai.paint("alarms", kyDai.frames.alarms);
}
"""


@pytest.fixture(scope="module", autouse=True)
def calm(house: Rig) -> None:
    """Every camera stands, reports come in, and nothing is wrong."""
    tell(house, alive(), *(standing(f"H-{n:03d}", "online") for n in range(1, 43)))
    tell(house, *(reported(f"R-{n}") for n in range(1200)), source="reports")


@pytest.fixture(scope="module")
def flood(house: Rig) -> None:
    """More alarms than fit, and the most urgent ones have the longest names."""
    tell(house, sighted("watch_face_stop", "P-006"), sighted("fire_confirmed", "A-008"), sighted("watch_plate_stop", "H-008"))
    tell(
        house,
        *(sighted("crowd_critical", f"H-{n:03d}") for n in range(1, 6)),
        *(sighted("street_flood", f"H-{n:03d}") for n in range(1, 10)),
    )


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, list[float]]]:
    """Where the tiles stood, by what was shown."""
    return {}


def both_heard(house: Rig, page: Page) -> bool:
    """Let both feeds speak, and return whether the wall has heard them: a slow machine may draw for longer than a feed stays fresh."""
    tell(house, alive())
    tell(house, alive(), source="reports")
    return bool(page.evaluate("document.querySelectorAll('.w-feed:is([data-fresh=live], [data-fresh=late])').length === 2"))


def wall(show: Show, house: Rig, query: str = "", **more: object) -> Page:
    """Open the wall while both feeds are heard."""
    page = show("wall", query=query, **more)
    until(lambda: both_heard(house, page), every_s=1.0)
    wait_in(page, "document.querySelector('.w-kpi [data-value]').textContent !== '—'")
    return page


def test_a_calm_wall_is_dark_grey_and_says_that_all_is_well(show: Show, house: Rig, kept: dict[str, object]) -> None:
    """UX-13, UX-17: little light, no colour but for what is abnormal."""
    page = wall(show, house)
    assert page.inner_text(".w-calm") == "Không có việc mức 1, 2"
    kept["calm"] = page.evaluate(BOXES)
    light, bright, coloured = shades(page)
    assert light <= 0.10
    assert bright <= 0.05
    assert coloured <= 0.02


def shades(page: Page) -> tuple[float, float, float]:
    """Return a picture's mean luminance, its share of bright pixels, and its share of coloured ones outside the map."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    seen = np.asarray(picture, dtype=np.float64) / 255
    linear = np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    box = page.evaluate(
        "(() => { const box = document.querySelector('.map').getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; })()"
    )
    left, top, right, bottom = (round(max(0, side)) for side in box)
    most, least = seen.max(axis=2), seen.min(axis=2)
    saturation = np.divide(most - least, most, out=np.zeros_like(most), where=most > 0.1)
    saturation[top:bottom, left:right] = 0
    return float(luminance.mean()), float((luminance > 0.8).mean()), float((saturation > 0.35).mean())


@pytest.mark.parametrize("size", [FULL_HD, FOUR_K], ids=["1080p", "4K"])
@pytest.mark.parametrize("tongue", ["vi", "en"])
def test_nothing_on_a_wall_scrolls_or_clips(show: Show, house: Rig, flood: None, tongue: str, size: dict[str, int]) -> None:
    """UX-7, with the longest names, a P1, a flood and long ages."""
    page = wall(show, house, tongue=tongue, **size)
    wait_in(page, "document.querySelectorAll('.w-row[data-prio]').length === 3")
    assert page.evaluate(OVERFLOW) == []
    page.evaluate(OLD)
    wait_in(
        page, "document.querySelectorAll('.w-a').length === 3 && document.querySelectorAll('.w-a')[2].textContent.includes('6')"
    )
    assert page.evaluate(OVERFLOW) == [], [node.inner_text() for node in page.query_selector_all(".w-a")]


@pytest.mark.parametrize(("query", "room"), ROOMS, ids=[query or "as the city says" for query, _ in ROOMS])
def test_everything_is_read_from_the_farthest_seat(show: Show, house: Rig, flood: None, query: str, room: dict[str, int]) -> None:
    """UX-1 to UX-4: sixteen arc minutes for all, twenty for what must be read, thirty for what is read first; and it fits."""
    page = wall(show, house, query)
    told = page.evaluate(ARCMIN, room)
    floors = {"": 16, "must": 20, "headline": 30}
    assert [one for one in told if one["arcmin"] < floors[one["read"]] * TOLERANCE] == []
    least = min(one["arcmin"] for one in told if one["read"] == "must")
    assert abs(least - SIZE) / SIZE <= 0.02, "another room is another size in pixels, and the same to the eye"
    assert page.evaluate(OVERFLOW) == []


def test_a_wall_looks_the_same_at_every_resolution(show: Show, house: Rig, flood: None, kept: dict[str, object]) -> None:
    """UX-5: 4K buys sharper letters and no other picture."""
    seen = []
    for size in (FULL_HD, FOUR_K, {**FULL_HD, "device_scale_factor": 2}):
        page = wall(show, house, **size)
        seen.append(page.evaluate(BOXES))
        page.context.close()
    assert apart(seen[0], seen[1]) == {}
    assert apart(seen[0], seen[2]) == {}
    kept["flood"] = seen[0]


def test_tiles_stay_where_they_are_whatever_happens(
    show: Show, house: Rig, flood: None, kept: dict[str, dict[str, list[float]]]
) -> None:
    """UX-33: calm, flooded, stale or cut off."""
    page = wall(show, house)
    wait_in(page, "document.querySelector('.w-feed[data-feed=camera_events]').dataset.fresh === 'stale'", seconds=30)
    kept["stale"] = page.evaluate(BOXES)
    assert page.evaluate(OVERFLOW) == []
    house.signal("board", signal.SIGSTOP)
    try:
        wait_in(page, "document.querySelector('.w-lost:not([hidden])')")
        kept["lost"] = page.evaluate(BOXES)
        banner = [one for one in page.evaluate(ARCMIN, ROOM) if one["read"] == "headline"]
        assert page.evaluate(OVERFLOW) == []
        assert fits(page)
        other = show("wall", tongue="en", when="document.querySelector('.w-lost:not([hidden])')")
        assert fits(other)
        assert min(one["arcmin"] for one in banner) >= 30 * TOLERANCE
        box = page.locator(".w-lost").bounding_box()
        assert box is not None
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert page.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.w-lost')", middle), (
            "nothing covers the banner"
        )
    finally:
        house.signal("board", signal.SIGCONT)
    for name in ("flood", "stale", "lost"):
        assert apart(kept["calm"], kept[name]) == {}, name


def fits(page: Page) -> bool:
    """Return whether the banner holds its words."""
    return bool(
        page.evaluate(
            "[document.querySelector('.w-lost')].every((box) => box.scrollWidth <= box.clientWidth + 1 && box.scrollHeight <= box.clientHeight + 1)"
        )
    )


def test_a_wall_says_no_more_than_is_taken_in(show: Show, house: Rig, flood: None) -> None:
    """UX-6: few tiles, few lines, few numbers."""
    page = wall(show, house)
    assert page.locator("[data-tile]").count() <= 9
    tops = page.evaluate(
        """[...new Set([...document.querySelectorAll(".wall > :not(.w-head):not(.w-map) [data-read]")]
        .filter((node) => node.textContent && node.checkVisibility()).map((node) => Math.round(node.getBoundingClientRect().top / 12)))]"""
    )
    assert len(tops) <= 12
    numerals = page.evaluate(
        "[...document.querySelectorAll('.wall [data-num], .wall .prio > b')].filter((node) => /\\d/.test(node.textContent) && node.checkVisibility()).length"
    )
    assert numerals <= 60


@pytest.mark.parametrize("tongue", ["vi", "en"])
def test_letters_have_room_contrast_and_no_capitals(show: Show, house: Rig, flood: None, tongue: str) -> None:
    """UX-8, UX-9, UX-14, UX-15: stacked marks do not clip; nothing glares, nothing fades."""
    page = wall(show, house, tongue=tongue)
    told = page.evaluate(INK)
    assert len(told) > 20
    assert [one for one in told if any(sign.isalpha() for sign in one["text"]) and one["line"] < 1.35] == []
    assert [one for one in told if one["upper"] and len(one["text"].split()) > 2] == []
    assert [one for one in told if one["ratio"] > 15] == []
    assert [one for one in told if one["ratio"] < (7 if one["read"] else 4.5)] == []


def test_numbers_do_not_jump(show: Show, house: Rig) -> None:
    """UX-11: every digit is as wide as every other."""
    for name in ("wall", "console", "leader"):
        page = wall(show, house) if name == "wall" else show(name)
        wide = page.evaluate(
            """() => [...document.querySelectorAll("[data-num]")].filter((node) => node.checkVisibility()).map((node) => {
              const probe = node.cloneNode(false), widths = ["111111", "888888"].map((text) => {
                probe.textContent = text;
                probe.style.cssText = "position: absolute; width: auto; display: inline-block; visibility: hidden; white-space: nowrap";
                node.parentNode.append(probe);
                const width = probe.getBoundingClientRect().width;
                probe.remove();
                return width;
              });
              return [node.className, ...widths];
            })"""
        )
        assert len(wide) > 5
        assert [one for one in wide if abs(one[1] - one[2]) > 0.5] == []


def test_a_wall_needs_no_hand(show: Show, house: Rig) -> None:
    """UX-34: nothing hides behind a pointer, and none is left standing on the picture."""
    page = wall(show, house)
    assert page.locator(".wall [title]").count() == 0
    assert page.locator(".wall :is(a, button, input, select, [tabindex='0'])").count() == 0
    cursor = "getComputedStyle(document.querySelector('.wall')).cursor"
    assert page.evaluate(cursor) == "none"
    page.mouse.move(400, 400)
    page.mouse.move(500, 500)
    wait_in(page, f"{cursor} === 'default'")
    wait_in(page, f"{cursor} === 'none'")
    under = page.evaluate(
        "(() => { const map = document.querySelector('.wall .leaflet-container'); return getComputedStyle(map).cursor; })()"
    )
    assert under == "none", "the map has a pointer of its own"


@pytest.mark.parametrize("name", ["Đồng Hới", "Testville upon the very long River"])
def test_a_long_name_of_a_city_takes_nobodys_place(show: Show, house: Rig, flood: None, name: str) -> None:
    page = wall(show, house)
    beside = page.evaluate(
        """(name) => {
          const told = document.querySelector('.w-brand > b'), edge = (selector, side) => document.querySelector(selector).getBoundingClientRect()[side];
          told.textContent = name;
          told.dataset.long = '';
          return [edge('.w-brand > b', 'right') <= edge('.w-counts', 'left'), edge('.w-date', 'right') <= innerWidth, edge('.w-brand > b', 'bottom') <= edge('.w-head', 'bottom'),
            told.scrollWidth <= told.clientWidth + 1];
        }""",
        name,
    )
    assert beside == [True] * 4
    assert len(name) > LONG_NAME
