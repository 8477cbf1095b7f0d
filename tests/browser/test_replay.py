"""A past second on console and wall: told from live at a glance, never mixed with it, and nothing can be done there."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-replay")
SHOWN = "window.kyDai?.replay?.on && kyDai.frames.alarms && kyDai.replay.state.known !== null"
ROWS = "document.querySelectorAll('#list > li.alarm').length"


_cameras = (f"H-{n:03d}" for n in range(1, 43))


def kept_from(show: Show, house: Rig) -> tuple[Page, int]:
    """Raise one alarm; return the live console that shows it, and a second at which it stood and nothing since."""
    live = show("console")
    before = live.evaluate(ROWS)
    tell(house, alive(), sighted("fire_confirmed", next(_cameras)))
    wait_in(live, f"{ROWS} > {before}")
    at = now_ms() + 1000
    wait_in(live, f"kyDai.now() > {at + 500}")
    return live, at


def text_of(page: Page, at: int) -> str:
    """Return a moment as an address tells it: by the city's clock, to the second."""
    options = "{timeZone: kyDai.told.zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit'}"
    return page.evaluate(f"new Intl.DateTimeFormat('sv-SE', {options}).format({at}).replace(' ', 'T')")


def test_a_link_opens_the_second_and_what_comes_since_is_not_shown(show: Show, house: Rig) -> None:
    live, at = kept_from(show, house)
    then, before = text_of(live, at), live.evaluate(ROWS)
    tell(house, sighted("fire_confirmed", next(_cameras)), sighted("fire_confirmed", next(_cameras)))
    wait_in(live, f"{ROWS} === {before + 2}")
    past = show("console", query=f"?replay={then}", when=SHOWN)
    assert past.inner_text(".rp-mark") == "PHÁT LẠI"
    assert past.evaluate(ROWS) == before
    assert past.inner_text("[data-rp-at]") == then[-8:] == past.inner_text("[data-clock]")
    assert not past.evaluate("performance.getEntriesByType('resource').some((one) => one.name.includes('socket.io/?'))")
    tell(house, sighted("fire_confirmed", next(_cameras)))
    wait_in(live, f"{ROWS} === {before + 3}")
    assert past.evaluate(ROWS) == before


def test_it_plays_faster_than_life_up_to_now(show: Show, house: Rig) -> None:
    live, at = kept_from(show, house)
    begins = live.evaluate(ROWS)
    tell(house, sighted("fire_confirmed", next(_cameras)))
    wait_in(live, f"{ROWS} > {begins} && kyDai.now() > {at + 4000}")
    past = show("console", query=f"?replay={text_of(live, at)}", when=SHOWN)
    past.keyboard.press("Equal")
    wait_in(past, "document.querySelector('[data-rp-speed=\"5\"]').getAttribute('aria-pressed') === 'true'")
    past.keyboard.press("Space")
    wait_in(past, f"{ROWS} > {begins}")
    wait_in(past, "!kyDai.replay.state.playing && kyDai.replay.state.ended")
    assert past.inner_text("[data-rp-why]") == "đã đến hiện tại"
    past.keyboard.press("Escape")
    past.wait_for_url("**/console")
    wait_in(past, "window.kyDai?.fresh?.link === 'live' && !kyDai.replay.on")
    assert past.query_selector(".rp-bar") is None


def test_nothing_is_done_in_the_past(show: Show, house: Rig) -> None:
    live, at = kept_from(show, house)
    past = show("console", query=f"?replay={text_of(live, at)}", when=SHOWN)
    sent: list[str] = []
    past.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    past.click("#list > li.alarm")
    past.keyboard.press("KeyA")
    wait_in(past, "document.querySelector('.toast-slot').textContent.includes('Đang phát lại')")
    assert [url for url in sent if "/alarms/" in url] == []


def test_the_wall_looks_back_too_and_says_so(show: Show, house: Rig) -> None:
    live, at = kept_from(show, house)
    wall = show("wall", query=f"?replay={text_of(live, at)}", when=SHOWN)
    assert wall.inner_text(".rp-mark") == "PHÁT LẠI"
    wait_in(wall, "document.querySelectorAll('.w-row').length >= 1")
    wait_in(wall, "document.documentElement.hasAttribute('data-replay')")


def test_a_time_of_which_nothing_is_kept_says_so(show: Show, house: Rig) -> None:
    kept_from(show, house)
    past = show(
        "console", query="?replay=2020-01-01T00:00:00", when="window.kyDai?.replay?.on && document.querySelector('.rp-bar')"
    )
    wait_in(past, "document.querySelector('[data-rp-why]').textContent.startsWith('Chưa có dữ liệu lúc này. Lưu từ')")
    assert past.evaluate(ROWS) == 0


def test_r_opens_the_past_and_nonsense_in_the_address_opens_live(show: Show, house: Rig) -> None:
    live, _ = kept_from(show, house)
    live.keyboard.press("KeyR")
    live.wait_for_url("**/console?replay=20*")
    other = show("console", query="?replay=<script>")
    assert not other.evaluate("kyDai.replay.on")
