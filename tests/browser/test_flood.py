"""When alarms come faster than people: what is seen, what is heard, and nothing urgent hidden (UX-41, 42, 62, 63)."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DRAWN, a_house
from tests.browser.says import alive, sighted, tell
from tests.chromium import signed_in, wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-flood")
LISTEN = """
window.__heard = [];
document.addEventListener("kydai:sound", (event) => window.__heard.push({prio: event.detail, at: performance.now(), flood: !!kyDai.frames.alarms.data.flood}));
const start = OscillatorNode.prototype.start;
window.__tones = [];
OscillatorNode.prototype.start = function (...given) { window.__tones.push(this.frequency.value); return start.apply(this, given); };
"""
# Whatever the driver evaluates counts as a gesture of the user. So the policy is put back: no sound before somebody has pressed something.
STRICT = """
let pressed = false;
addEventListener("pointerdown", (event) => { pressed ||= event.isTrusted; }, true);
const {get} = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state");
Object.defineProperty(BaseAudioContext.prototype, "state", {get() { return pressed ? get.call(this) : "suspended"; }});
"""
VISIBLE = "[...document.querySelectorAll('#list > li')].filter((row) => row.offsetHeight > 0).length"
LOW = ("rain_heavy", "feed_lost", "report_due_soon")
PAUSE_MS, CLOCK_MS = 10_000, 50  # a listener looks at the clock a little after the cue did


@pytest.fixture
def house() -> Iterator[Rig]:
    """A house of its own for each: a flood lasts for ten minutes."""
    with a_house() as rig:
        yield rig


def console(browser: Browser, house: Rig, *, first: str = "") -> Page:
    page = signed_in(browser, house.base, house.session("operator")).new_page()
    page.add_init_script(LISTEN + first)
    page.goto(f"{house.base}/console")
    wait_in(page, DRAWN["console"])
    tell(house, alive())
    return page


def heard(page: Page) -> list[dict[str, float]]:
    return list(page.evaluate("window.__heard"))


def test_thirty_alarms_in_a_minute_are_at_most_twelve_rows_and_nothing_urgent_is_hidden(browser: Browser, house: Rig) -> None:
    page = console(browser, house)
    page.mouse.click(900, 500)
    cameras = [f"H-{n:03d}" for n in range(1, 31)]
    urgent = {"H-003": "fire_confirmed", "H-011": "watch_plate", "H-019": "fire_single", "H-027": "crowd_critical"}
    for n, camera in enumerate(cameras):
        tell(house, sighted(urgent.get(camera, LOW[n % 3]), camera))
    wait_in(page, "kyDai.frames.alarms?.data.flood && kyDai.frames.alarms.data.rate10 === 30")
    wait_in(page, "document.querySelectorAll(\"#list > li[data-prio='2'][data-id]\").length === 3")
    assert page.evaluate("document.querySelectorAll(\"#list > li[data-prio='1'][data-id]\").length") == 1
    assert page.evaluate(VISIBLE) <= 12
    grouped = page.evaluate("[...document.querySelectorAll('.alarm-group')].map((row) => +row.dataset.children)")
    assert sum(grouped) == 26
    assert (
        page.evaluate("document.querySelectorAll(\"#list > li.alarm[data-prio='3'], #list > li.alarm[data-prio='4']\").length") == 0
    )
    assert page.inner_text(".banner[data-kind=flood] b") == "TRÀN CẢNH BÁO"
    assert page.get_attribute("#rate", "data-level") == "flood"
    page.keyboard.press("KeyG")
    wait_in(page, f'{VISIBLE} > 12 && document.querySelectorAll("#list > li.alarm").length === 30')
    page.keyboard.press("KeyG")
    wait_in(page, 'document.querySelectorAll("#list > li.alarm").length === 4')
    page.locator(".alarm-group button").first.focus()
    page.keyboard.press("Enter")
    wait_in(page, 'document.querySelectorAll("#list > li.alarm").length > 4')
    assert page.evaluate("document.activeElement.closest('.alarm-group') !== null || document.activeElement === document.body")
    wait_in(page, "window.__heard.filter((one) => one.prio === 1).length >= 2", seconds=30)
    told = heard(page)
    gaps = [later["at"] - earlier["at"] for earlier, later in pairwise(told) if later["flood"]]
    assert gaps
    assert all(gap >= PAUSE_MS - CLOCK_MS for gap in gaps), told
    with house.engine.connect() as sql:
        assert sql.exec_driver_sql("SELECT count(*) FROM flood WHERE ended = 0 AND rate > 10 AND duty = 1").scalar() == 1


def test_each_priority_is_told_apart_and_what_is_silenced_is_not_acknowledged(browser: Browser, house: Rig) -> None:
    page = console(browser, house)
    page.mouse.click(900, 500)
    for number, (kind, camera) in enumerate((("rain_heavy", "H-001"), ("watch_plate", "H-002"), ("fire_confirmed", "H-003")), 1):
        tell(house, sighted(kind, camera))
        wait_in(page, f"window.__heard.length === {number}")
    assert [one["prio"] for one in heard(page)] == [3, 2, 1]
    low, middle, high = sorted(set(page.evaluate("window.__tones")))
    assert middle / low >= 1.2
    assert high / middle >= 1.2
    tell(house, sighted("report_due_soon", "H-004"), sighted("red_light", "H-005"))
    wait_in(page, "document.querySelectorAll('#list > li.alarm').length === 4")
    page.keyboard.press("F8")
    wait_in(page, "document.querySelector('.toast')")
    before = len(heard(page))
    assert page.evaluate("document.querySelectorAll(\"#list > li[data-state='new']\").length") == 4
    page.wait_for_timeout(PAUSE_MS + 1500)  # a P1 that nobody acknowledges would sound again within so long
    assert len(heard(page)) == before
    tell(house, sighted("fire_confirmed", "H-006"))
    wait_in(page, f"window.__heard.length === {before + 1}")
    row = page.locator("#list > li", has_text="Cháy").first
    row.click()
    page.keyboard.press("KeyA")
    wait_in(page, "document.querySelectorAll(\"#list > li[data-prio='1'][data-state='new']\").length === 1")


def test_while_the_browser_lets_no_sound_out_a_banner_says_so(browser: Browser, house: Rig) -> None:
    page = console(browser, house, first=STRICT)
    wait_in(page, "document.querySelector('.banner[data-kind=sound]')")
    assert page.inner_text(".banner[data-kind=sound] b") == "ÂM THANH ĐANG TẮT"
    assert page.get_attribute("[data-sound]", "aria-pressed") == "false"
    page.click(".banner[data-kind=sound]")
    wait_in(page, "!document.querySelector('.banner[data-kind=sound]')")
    wait_in(page, "document.querySelector(\"[data-sound][aria-pressed='true']\")")
    page.click("[data-sound]")
    page.locator(".sound-card input").fill("0")
    assert page.evaluate("kyDai.sound.state().off")
    page.reload()
    wait_in(page, DRAWN["console"])
    assert page.evaluate("kyDai.sound.state().off")
    assert page.query_selector(".banner[data-kind=sound]") is None


def test_shortcuts_can_be_switched_off_and_on(browser: Browser, house: Rig) -> None:
    page = console(browser, house)
    tell(house, sighted("fire_confirmed", "H-001"))
    page.locator("#list > li.alarm").click()
    page.click("[data-help]")
    page.locator(".help-off input").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("KeyA")
    page.reload()
    wait_in(page, f"{DRAWN['console']} && document.querySelector('#list > li.alarm')")
    page.locator("#list > li.alarm").click()
    page.keyboard.press("KeyA")
    assert page.get_attribute("#list > li.alarm", "data-state") == "new"
    page.keyboard.press("Shift+Slash")
    page.locator(".help-off input").check()
    page.keyboard.press("Escape")
    page.keyboard.press("KeyA")
    wait_in(page, "document.querySelector(\"#list > li.alarm[data-state='acknowledged']\")")
