"""What every screen shows while a part of the house is dead or hangs, and when it is back."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from tests.browser.eyes import JUDGEMENTS
from tests.browser.says import alive, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-outage")
LOST_S = BACK_S = 5.0
# When the page first said that something is wrong, and when it first was whole again, by its own clock.
NOTE = """
() => {
  const note = window.__note = {lost: null, back: null, at: () => performance.timeOrigin + performance.now()};
  const look = () => {
    const live = document.documentElement.dataset.link === "live", banner = document.querySelector(".banner[data-kind='lost'], .w-lost:not([hidden])");
    if (!live && banner && note.lost === null) note.lost = note.at();
    if (live && !banner && note.lost !== null && note.back === null) note.back = note.at();
  };
  new MutationObserver(look).observe(document.documentElement, {attributes: true, childList: true, subtree: true});
}
"""


@pytest.fixture(scope="module", autouse=True)
def spoken(house: Rig) -> None:
    """Both feeds have spoken, some cameras stand, and an alarm is open."""
    tell(house, alive(), *(standing(f"H-{n:03d}", "online") for n in range(1, 20)), sighted("fire_single", "H-001"))
    tell(house, reported("PA-1"), source="reports")


@contextmanager
def supervisor_held(house: Rig) -> Iterator[None]:
    """Nobody starts again what falls, until the block ends."""
    assert house.process is not None
    os.kill(house.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(house.process.pid, signal.SIGCONT)


@contextmanager
def hangs(house: Rig, name: str) -> Iterator[None]:
    """A role neither answers nor ends, until the block ends."""
    house.signal(name, signal.SIGSTOP)
    try:
        yield
    finally:
        house.signal(name, signal.SIGCONT)


def says_so(pages: list[Page], act: Callable[[], object]) -> None:
    """The pages say that what they show is old, within five seconds of `act`."""
    for page in pages:
        page.evaluate(NOTE)
    began = pages[0].evaluate("performance.timeOrigin + performance.now()")
    act()
    for page in pages:
        wait_in(page, "window.__note.lost !== null", seconds=LOST_S * 2)
        assert page.evaluate("window.__note.lost") - began <= LOST_S * 1000


def stands_old(page: Page) -> None:
    """Nothing on the page looks like a fresh reading or a judgement."""
    wait_in(page, "document.querySelectorAll('[data-feed]:not([data-fresh=lost])').length === 0")
    assert page.evaluate(JUDGEMENTS, "[data-fresh=lost]") == []


def test_a_killed_server_is_seen_and_its_return_too(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    tell(house, reported("PA-4", closed=None), source="reports")
    with supervisor_held(house):
        says_so([console, wall], lambda: house.signal("web"))
        assert "MẤT KẾT NỐI MÁY CHỦ" in console.inner_text(".banner[data-kind='lost']")
        assert "dừng lúc" in console.inner_text(".banner[data-kind='lost']")
        assert "MẤT KẾT NỐI MÁY CHỦ" in wall.inner_text(".w-lost")
        for page in (console, wall):
            stands_old(page)
        keeps_counting(console)
        tell(house, sighted("red_light", "H-014"))  # taken in all the same: the intake is another process
    back_in_time([console, wall], house)
    wait_in(console, "+document.querySelector(\"[data-camera='H-014']\").dataset.spoke > 0", seconds=BACK_S)


def keeps_counting(page: Page) -> None:
    """The browser's own clock and ages go on without the server."""
    gone = page.inner_text(".banner [data-gone]")
    assert gone
    wait_in(page, f"document.querySelector('.banner [data-gone]').textContent !== '{gone}'")
    clock, age = page.inner_text(".clock"), page.evaluate("kyDai.fresh.feeds.camera_events.age")
    wait_in(
        page,
        f"document.querySelector('.clock').textContent !== '{clock}' && kyDai.fresh.feeds.camera_events.age >= {age} + 1000",
    )


def back_in_time(pages: list[Page], house: Rig) -> None:
    """The pages are right again within five seconds of the server's first answer."""
    house.wait_ready()
    for page in pages:
        wait_in(
            page,
            "document.documentElement.dataset.link === 'live' && !document.querySelector('.banner[data-kind=lost], .w-lost:not([hidden])')",
            seconds=BACK_S,
        )


def test_a_server_that_hangs_is_seen(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    with hangs(house, "web"):
        says_so([console, wall], lambda: None)
        for page in (console, wall):
            stands_old(page)
        keeps_counting(console)
    key, *_ = tell(house, sighted("no_helmet", "H-015"))
    back_in_time([console, wall], house)
    console.click("[data-tab='events']")
    wait_in(console, f"document.querySelector(\"#list > li[data-id='{key}']\")", seconds=BACK_S)


def test_a_board_that_hangs_is_seen(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    with hangs(house, "board"):
        says_so([console, wall], lambda: None)
        assert "SỐ LIỆU KHÔNG CẬP NHẬT" in console.inner_text(".banner[data-kind='lost']")
        assert "SỐ LIỆU KHÔNG CẬP NHẬT" in wall.inner_text(".w-lost")
        for page in (console, wall):
            stands_old(page)
        key, *_ = tell(house, sighted("no_helmet", "H-016"))
    back_in_time([console, wall], house)
    console.click("[data-tab='events']")
    wait_in(console, f"document.querySelector(\"#list > li[data-id='{key}']\")", seconds=BACK_S)
