"""What happens in the city is seen on every screen, and is the same on each."""

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, WebSocketRoute

from tests.bench.live_map import MADE
from tests.browser.eyes import click_report
from tests.browser.says import alive, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.conftest import until
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-live")
BACK_S = 5.0
TILE = "document.querySelector(\"[data-kpi='{}'] [data-value]\").textContent"
TRUTH = """
() => ({
  map: kyDai.map.state(),
  numbers: [...document.querySelectorAll("[data-kpi] [data-value], [data-open], [data-cameras], [data-rate], [data-n], [data-queue-n]")].map((node) => node.textContent),
  references: [...document.querySelectorAll("[data-kpi] [data-of], [data-kpi] [data-verdict]")].map((node) => node.textContent),
  rows: [...document.querySelectorAll("#list > li")].map((node) => [node.dataset.id, node.querySelector(".a-type").textContent]),
})
"""


def number(page: Page, key: str) -> int:
    digits = "".join(sign for sign in page.evaluate(TILE.format(key)) if sign.isdigit())
    return int(digits or 0)


def shows(key: str, value: int) -> str:
    return f"{TILE.format(key)}.replace(/\\D/g, '') === '{value}'"


@pytest.fixture(scope="module", autouse=True)
def spoken(house: Rig) -> None:
    """Both feeds have spoken, and some cameras stand."""
    tell(house, alive(), *(standing(f"H-{n:03d}", "online") for n in range(1, 20)))
    tell(house, alive(), source="reports")


def test_an_event_is_seen_on_every_screen(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    console.click("[data-tab='events']")
    before = {key: number(console, key) for key in ("events_today", "alarms_today", "plates_today")}
    spoke = "+document.querySelector(\"[data-camera='H-007']\").dataset.spoke"
    heard = {page: page.evaluate(spoke) for page in (console, wall)}
    key, *_ = tell(house, sighted("red_light", "H-007"))
    for page in (console, wall):
        wait_in(
            page,
            f"{spoke} === {heard[page] + 1} && 'pulse' in document.querySelector(\"[data-camera='H-007']\").dataset",
        )
    wait_in(console, f"document.querySelector(\"#list > li[data-id='{key}']\")")
    assert console.inner_text(f"#list > li[data-id='{key}'] .a-type") == "Vượt đèn đỏ"
    wait_in(console, shows("events_today", before["events_today"] + 1))
    assert number(console, "alarms_today") == before["alarms_today"]
    assert number(console, "plates_today") == before["plates_today"]


def test_an_alarm_is_seen_on_every_screen(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    before, opened = number(console, "alarms_today"), console.inner_text("[data-open='2']")
    tell(house, sighted("fire_single", "H-002"))
    wait_in(console, "document.querySelector(\"#list > li[data-prio='2']\")")
    key = console.get_attribute("#list > li[data-prio='2']", "data-id")
    assert console.inner_text("#list > li[data-prio='2'] .a-place").startswith("Cầu Trường Tiền (giữa cầu) · ")
    for page in (console, wall):
        wait_in(page, f"document.querySelector(\"[data-alarm='{key}'] .prio[data-prio='2']\")")
        wait_in(page, f"document.querySelector(\"[data-open='2']\").textContent === '{int(opened) + 1}'")
    wait_in(console, shows("alarms_today", before + 1))
    wait_in(wall, "document.querySelector('.w-row .w-t')?.textContent === 'Nghi cháy · Tr.Tiền'")


def test_a_report_is_seen_on_every_screen(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    before = number(console, "reports_today")
    opened = "document.querySelector(\".w-feed[data-feed='reports'] [data-shows]\").textContent.replace(/\\D/g, '') || '0'"
    was = int(wall.evaluate(opened))
    key, *_ = tell(house, reported("PA-1"), source="reports")
    for page in (console, wall):
        wait_in(page, "kyDai.map.state().reports.includes('report:PA-1')")
    assert console.evaluate("kyDai.map.reportAt('report:PA-1').n") >= 1
    assert wall.evaluate("kyDai.map.reportAt('report:PA-1')") is None, "a wall shows alarms alone, and counts reports"
    wait_in(console, shows("reports_today", before + 1))
    wait_in(wall, f"({opened}) === '{was + 1}'")
    console.click("[data-tab='events']")
    wait_in(console, f"document.querySelector(\"#list > li[data-id='{key}']\")")


def test_a_camera_that_falls_is_seen_on_every_screen(show, house: Rig) -> None:
    console, wall = show("console"), show("wall")
    was = console.inner_text("[data-cameras]")
    online = int(was.split("/")[0])
    tell(house, standing("H-011", "offline"))
    for page in (console, wall):
        wait_in(page, "document.querySelector(\"[data-camera='H-011']\").dataset.cam === 'x'")
    wait_in(console, f"document.querySelector('[data-cameras]').textContent === '{online - 1}/66'")
    assert "H-011" in console.inner_text("[data-queue='out']")
    tell(house, standing("H-011", "online"))
    wait_in(console, f"document.querySelector('[data-cameras]').textContent === '{online}/66'")


def test_what_is_selected_in_the_list_is_selected_on_the_map_and_stays_so(show, house: Rig) -> None:
    page = show("console")
    tell(house, sighted("crowd", "H-004"))
    wait_in(page, "[...document.querySelectorAll('#list > li')].some((row) => row.textContent.includes('Cầu Phú Xuân'))")
    row = page.locator("#list > li", has_text="Cầu Phú Xuân")
    row.click()
    key = row.get_attribute("data-id")
    wait_in(page, f"kyDai.selected?.id === '{key}' && !document.getElementById('detail').hidden")
    assert row.get_attribute("data-selected") == ""
    assert page.locator(".leaflet-overlay-pane path").count() == 1
    at = row.bounding_box()
    assert at is not None
    tell(house, sighted("crowd", "H-010"))
    wait_in(page, "document.querySelector(\"[data-alarm][data-at='H-010']\")")
    wait_in(page, "document.querySelectorAll('#list > li').length === document.querySelectorAll('[data-alarm]').length")
    assert page.evaluate("kyDai.selected.id") == key
    assert page.locator("#list > li[data-selected]").get_attribute("data-id") == key
    now = row.bounding_box()
    assert now is not None
    assert abs(now["y"] - at["y"]) <= at["height"] + 1


def test_what_is_selected_on_the_map_is_selected_in_the_list(show, house: Rig) -> None:
    page = show("console")
    tell(house, sighted("fire_single", "H-001"))
    wait_in(page, "document.querySelector(\"[data-alarm][data-at='H-001']\")")
    marker = page.locator("[data-alarm][data-at='H-001']").first
    key = marker.get_attribute("data-alarm")
    marker.click(force=True)
    wait_in(page, f"document.querySelector('#list > li[data-selected]')?.dataset.id === '{key}'")
    assert page.get_attribute(f"#list > li[data-id='{key}']", "aria-selected") == "true"
    page.click("[data-deselect]")
    wait_in(page, "!document.querySelector('[data-selected]') && document.getElementById('detail').hidden")


def test_a_report_is_selected_in_the_list_and_on_the_map(show, house: Rig) -> None:
    page = show("console")
    key, *_ = tell(house, reported("PA-2", lon=107.6, lat=16.46), source="reports")
    page.click("[data-tab='events']")
    page.click(f"#list > li[data-id='{key}']")
    wait_in(page, "document.querySelectorAll('.leaflet-overlay-pane path').length === 1")
    page.keyboard.press("Escape")
    wait_in(page, "document.querySelectorAll('.leaflet-overlay-pane path').length === 0")
    click_report(page, "report:PA-2")
    wait_in(page, f"document.querySelector('#list > li[data-selected]')?.dataset.id === '{key}'")


def test_who_joins_late_sees_the_same(show, house: Rig) -> None:
    early = show("console")
    tell(
        house,
        *(sighted("red_light", f"H-{n:03d}", plate=f"75A-{n:03d}.11") for n in range(1, 12)),
        sighted("plate_read", "H-004", plate="75A-123.45"),
    )
    tell(house, reported("PA-3"), source="reports")
    wait_in(early, "kyDai.map.state().reports.includes('report:PA-3')")
    late = show("console")
    for tab in ("alarms", "events", "plates"):
        for page in (early, late):
            page.click(f"[data-tab='{tab}']")
        for topic in ("events", "reports", "kpi", "cameras", "alarms"):
            wait_in(late, f"kyDai.frames.{topic}.seq === {early.evaluate(f'kyDai.frames.{topic}.seq')}")
        assert early.evaluate(TRUTH) == late.evaluate(TRUTH)


def test_who_was_cut_off_sees_the_same(show, house: Rig) -> None:
    """A browser to which nothing came for a while says so, and shows the same picture again without a replay."""
    cable = Cable()
    stays, cut_off = show("console"), show("console", before=cable.lay)
    for page in (stays, cut_off):
        page.click("[data-tab='events']")
    cable.cut = True
    keys = tell(house, *(sighted("red_light", f"H-{n:03d}") for n in range(3, 14)))
    wait_in(stays, f"document.querySelector(\"#list > li[data-id='{keys[-1]}']\")")
    wait_in(cut_off, "document.querySelector('.banner[data-kind=lost]')")
    assert not cut_off.query_selector(f"#list > li[data-id='{keys[-1]}']")
    cable.cut = False
    wait_in(cut_off, f"document.querySelector(\"#list > li[data-id='{keys[-1]}']\")", seconds=BACK_S)
    wait_in(cut_off, "!document.querySelector('.banner[data-kind=lost]')", seconds=BACK_S)
    assert stays.evaluate(TRUTH) == cut_off.evaluate(TRUTH)


class Cable:
    """The wire of one browser's socket, through which nothing comes while it is cut."""

    def __init__(self) -> None:
        self.cut = False

    def lay(self, page: Page) -> None:
        page.route_web_socket("**/socket.io/**", self._joined)

    def _joined(self, near: WebSocketRoute) -> None:
        far = near.connect_to_server()
        near.on_message(lambda body: None if self.cut else far.send(body))
        far.on_message(lambda body: None if self.cut else near.send(body))


RIVER = "document.querySelector(\"[data-indicator='water_level']\")"


def test_what_another_system_counts_stands_on_the_console_and_the_leaders_page(show, house: Rig) -> None:
    """Declared by the pack, told by a source: shown with its judgement and its age, without a line of code."""
    screens = [show("console"), show("leader", role="leader")]
    for screen in screens:
        wait_in(screen, f"{RIVER}.dataset.fresh === 'none' && {RIVER}.querySelector('[data-value]').textContent === '—'")
    told = {"indicator": "water_level", "value": 2.31, "at": now_ms()}
    asked = urllib.request.Request(
        f"{house.base}/api/v1/indicators",
        json.dumps(told).encode(),
        {"Authorization": f"Bearer {house.source('gauges', 'indicators')}"},
    )
    until(lambda: _accepted(asked), every_s=0.3)
    for screen in screens:
        wait_in(screen, f"{RIVER}.dataset.fresh === 'live' && {RIVER}.querySelector('[data-value]').textContent === '2,31'")
        assert screen.evaluate(f"{RIVER}.querySelector('[data-verdict]').textContent") == "vượt mức 2"


def _accepted(asked: urllib.request.Request) -> bool:
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return bool(answer.status == 202)
    except urllib.error.HTTPError:
        return False


# The house's own frames of reports, which have numbers, stay away meanwhile.
ALONE = "() => { const paint = kyDai.paint; kyDai.paint = (topic, frame) => { if (topic !== 'reports' || !('seq' in frame)) paint(topic, frame); }; }"
# Of a thousand, one that stands alone where nothing lies over it, and a bubble of several.
FREE = """
() => {
  const free = ({x, y}) => { const node = document.elementFromPoint(x, y); return node?.closest(".leaflet") && !node.closest(".mk"); };
  const all = kyDai.map.state().reports.map((id) => ({id, ...kyDai.map.reportAt(id)}));
  const drawn = new Map(all.map((one) => [`${one.x} ${one.y}`, one.n]));
  const counted = [...drawn.values()].reduce((sum, n) => sum + n, 0);
  return {there: all.length, counted, one: all.find((one) => one.n === 1 && free(one)), many: all.find((one) => one.n > 1 && free(one))};
}
"""
INK = """
([x, y]) => {
  const canvas = document.querySelector(".mk-reports"), box = canvas.getBoundingClientRect(), k = canvas.width / box.width;
  const dots = canvas.getContext("2d").getImageData((x - box.x - 4) * k, (y - box.y - 4) * k, 8 * k, 8 * k).data;
  return dots.filter((alpha, at) => at % 4 === 3 && alpha > 0).length;
}
"""
GOES = "(id) => { const {data} = kyDai.frames.reports, rows = window.__rows().filter((row) => `report:${row.id}` !== id); kyDai.paint('reports', {data: {...data, rows}}); }"


def pointed(page: Page, report: str, seen: str) -> list[float]:
    """Point at a report until it is seen that it is pointed at: a banner that comes moves the map. Return where that is."""
    for _ in range(20):
        at = page.evaluate("(id) => { const {x, y} = kyDai.map.reportAt(id); return [x, y]; }", report)
        page.mouse.move(at[0] + 40, at[1] + 40)
        page.mouse.move(*at)
        page.wait_for_timeout(100)
        if page.evaluate(f"!!({seen})") and at == page.evaluate(
            "(id) => { const {x, y} = kyDai.map.reportAt(id); return [x, y]; }", report
        ):
            return list(at)
    raise AssertionError(f"{report} is never pointed at")


def test_a_thousand_reports_are_drawn_and_each_can_be_reached(show, house: Rig) -> None:
    page = show("console")
    wait_in(page, "kyDai.frames.reports")
    page.evaluate(ALONE)
    page.evaluate(MADE, 1000)
    seen = page.evaluate(FREE)
    assert (seen["there"], seen["counted"]) == (1000, 1000)
    one, many = seen["one"], seen["many"]
    marked = f"kyDai.map.reportAt('{one['id']}')?.marked.join()"
    at = pointed(page, one["id"], f"document.querySelector('.leaflet.over-report') && {marked} === 'hover'")
    inked = page.evaluate(INK, at)
    assert inked > 10
    page.mouse.click(*at)
    wait_in(page, f"kyDai.selected?.id === '{one['id']}' && {marked} === 'hover,selected'")
    page.evaluate(GOES, one["id"])
    assert page.evaluate(f"kyDai.map.reportAt('{one['id']}')") is None
    assert page.evaluate(INK, at) < inked / 2  # a neighbour may reach in
    at = pointed(page, many["id"], "document.querySelector('.leaflet').title.includes(' phản ánh')")
    zoom = page.evaluate("kyDai.map.leaflet().getZoom()")
    page.mouse.click(*at)
    wait_in(page, f"kyDai.map.leaflet().getZoom() >= {zoom} + 1 && !document.querySelector('.leaflet-zoom-anim')")
    page.click("[data-layer=reports]")
    assert page.locator(".mk-reports").count() == 0
    page.click("[data-layer=reports]")
    assert page.locator(".mk-reports").count() == 1
