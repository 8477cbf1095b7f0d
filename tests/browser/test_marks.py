"""Marks: drawn on one console they stand on another and on the wall within a second, and go by themselves."""

import json
import urllib.request

import pytest

from tests.browser.conftest import Show
from tests.chromium import wait_in
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-marks")
HOSTILE = '<img src=x onerror="window.hit=1">'
WITHIN = """async (id) => {
  const from = performance.now();
  while (!kyDai.marks.shown().includes(id)) { if (performance.now() - from > 20000) return null; await new Promise(requestAnimationFrame); }
  return kyDai.now();
}"""


def corner(page, dx: float, dy: float) -> None:
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * dx, box["y"] + box["height"] * dy)


def post(page, **body: object) -> dict:
    told = page.evaluate(
        """(body) => fetch('/marks/act', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})
          .then(async (reply) => ({status: reply.status, ...await reply.json()}))""",
        {"key": f"key-{now_ms()}-{body.get('name', '')[:4].encode().hex()}", **body},
    )
    return dict(told)


def square(page, size: float = 0.004, dx: float = 0.0) -> list[list[float]]:
    lat, lng = page.evaluate("(() => { const at = kyDai.map.leaflet().getCenter(); return [at.lat, at.lng]; })()")
    return [[lng + dx, lat], [lng + dx + size, lat], [lng + dx + size, lat + size], [lng + dx, lat + size]]


def feed(house: Rig, query: str = "") -> list[dict]:
    request = urllib.request.Request(
        f"{house.base}/api/v1/marks{query}", headers={"Authorization": f"Bearer {house.token('auditor')}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["features"]


def test_what_is_drawn_on_one_console_stands_on_every_screen(show: Show, house: Rig) -> None:
    page, other, wall = (
        show("console", role="operator", name="an"),
        show("console", role="supervisor", name="ba"),
        show("wall", role="wall"),
    )
    page.keyboard.press("v")
    page.click("[data-draw=area]")
    for dx, dy in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.9, 0.9)):
        corner(page, dx, dy)
    page.keyboard.press("Backspace")
    corner(page, 0.4, 0.6)
    assert page.evaluate("kyDai.draw.points()") == 4
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[data-ask=mark]")
    page.fill("dialog [name=name]", HOSTILE)
    page.check("dialog [value=road_closed]")
    sent = page.evaluate("kyDai.now()")
    page.click("dialog [type=submit]")
    for screen in (page, other, wall):
        assert screen.evaluate(WITHIN, 1) - sent < 1000
    assert page.evaluate("kyDai.draw.active()") is False
    assert other.inner_text("[data-mark='1'] b") == HOSTILE
    assert wall.evaluate("kyDai.marks.names()") == [1]
    late = show("console", role="admin")
    assert late.evaluate(WITHIN, 1)
    assert late.locator("[data-draw]").count() == 0
    (one,) = feed(house)
    assert (one["properties"]["name"], one["properties"]["who"], len(one["geometry"]["coordinates"][0])) == (HOSTILE, "an", 5)
    drawn = other.evaluate("kyDai.marks.rows()[0].points")
    assert sorted(one["geometry"]["coordinates"][0][:-1]) == sorted(drawn)
    other.keyboard.press("v")
    other.click("[data-mark-row='1'] [data-mark-end]")
    for screen in (page, other, wall, late):
        wait_in(screen, "kyDai.marks.shown().length === 0")
    other.keyboard.press("Escape")
    other.keyboard.press("z")
    wait_in(wall, "kyDai.marks.shown().length === 1")
    post(page, action="end", mark=1)
    wait_in(wall, "kyDai.marks.shown().length === 0")
    assert feed(house) == []
    assert len(feed(house, f"?at={int(sent) + 900}")) == 1
    assert page.evaluate("window.hit") is None
    assert page.watch.violations() == wall.watch.violations() == []


def test_it_ends_by_itself_also_where_the_line_is_cut(show: Show, house: Rig) -> None:
    page, wall = show("console", role="operator"), show("wall", role="wall")
    ends = now_ms() + 4000
    told = post(page, action="draw", shape="area", points=square(page), kind="event", name="Lễ hội", until=ends)
    number = told["mark"]["id"]
    assert wall.evaluate(WITHIN, number)
    wall.context.set_offline(True)
    for screen in (page, wall):
        assert (
            screen.evaluate(
                """async (id) => { while (kyDai.marks.shown().includes(id)) await new Promise(requestAnimationFrame); return kyDai.now(); }""",
                number,
            )
            - ends
            < 1000
        )
    wall.context.set_offline(False)
    wait_in(page, f"!kyDai.marks.rows().some((row) => row.id === {number})")  # and the board has let go of it


def test_what_cannot_be_drawn_is_told_and_stays_drawn(show: Show) -> None:
    page = show("console", role="operator")
    page.click("[data-marks-open]")
    page.click("[data-draw=area]")
    for dx, dy in ((0.4, 0.4), (0.6, 0.6), (0.6, 0.4), (0.4, 0.6)):
        corner(page, dx, dy)
    page.click("[data-draw-finish]")
    page.fill("dialog [name=name]", "Chéo")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog .ask-failed:not([hidden])")
    assert "tự cắt" in page.inner_text("dialog .ask-failed")
    page.click("dialog [data-ask-cancel]")
    page.keyboard.press("Backspace")
    assert page.evaluate("kyDai.draw.points()") == 3
    page.keyboard.press("Escape")
    assert page.evaluate("kyDai.draw.active()") is False
    assert page.locator(".here-popup").count() == 0  # clicks that set corners asked for nothing
    page.keyboard.press("v")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second button: a route, by the keyboard alone
    for key in ("Space", "ArrowRight", "ArrowRight", "Space", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("dialog[data-ask=mark]")


def test_a_wall_names_eight_at_most_and_none_over_another(show: Show) -> None:
    page, wall = show("console", role="operator"), show("wall", role="wall")
    for n in range(12):
        told = post(page, action="draw", shape="area", points=square(wall, 0.002, (n - 6) * 0.004), kind="other", name=f"Khu {n}")
        assert told["status"] == 200, told
    wait_in(wall, "kyDai.marks.shown().length >= 12")
    assert 0 < len(wall.evaluate("kyDai.marks.names()")) <= 8
    boxes = wall.evaluate(
        "[...document.querySelectorAll('[data-mark]:not([data-off])')].map((one) => one.getBoundingClientRect().toJSON())"
    )
    for n, one in enumerate(boxes):
        for two in boxes[:n]:
            assert (
                one["left"] >= two["right"]
                or two["left"] >= one["right"]
                or one["top"] >= two["bottom"]
                or two["top"] >= one["bottom"]
            )


def test_the_leader_reads_marks_and_hot_spots_over_the_wards(show: Show, house: Rig) -> None:
    console = show("console", role="operator")
    drawn = post(console, action="draw", shape="area", points=square(console), kind="road_closed", name=HOSTILE)
    assert drawn["status"] == 200, drawn
    for nth in range(12):
        house.post({"type": "sighted", "id": f"over-{nth}", "at": now_ms() - nth, "kind": "red_light", "camera": "H-010"})
    page = show("leader", role="leader")
    wait_in(page, "document.querySelector('[data-choropleth] .lo-mark.lo-road_closed title')")
    told = page.evaluate("[...document.querySelectorAll('.lo-mark.lo-road_closed title')].map((one) => one.textContent)")
    assert any(HOSTILE in one for one in told), told
    keys = page.locator("[data-over] .lo-key").count()
    assert keys == page.locator("[data-over-mark]").count() >= 1
    assert page.locator(".lo-spot").count() == 0, "asked for when somebody wants it"
    page.select_option("[data-spots-of] select", "events")
    wait_in(page, "document.querySelector('[data-choropleth] .lo-spot title')?.textContent === '12'")
    assert page.locator("[data-over] .lo-key").count() == keys + 1
    page.select_option("[data-spots-of] select", "")
    assert page.locator(".lo-spot").count() == 0
    assert page.evaluate("window.hit") is None
