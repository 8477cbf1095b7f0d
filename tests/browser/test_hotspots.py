"""Hot spots on the console: the list is the map, each leads to the other, and both are what the record counts."""

import pytest

from tests.browser.conftest import Show
from tests.chromium import wait_in
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-marks")
SUM = "kyDai.spots.told()?.total"


def test_the_list_is_the_map_and_the_record(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    page.keyboard.press("h")
    wait_in(page, SUM + " !== undefined")
    for nth in range(12):
        camera = f"H-0{10 + nth % 3}"
        house.post({"type": "sighted", "id": f"hot-{nth}", "at": now_ms() - nth, "kind": "red_light", "camera": camera})
    wait_in(page, "kyDai.frames.kpi?.data.events_today.value >= 12")
    page.select_option("[data-spots-choose=kind]", "red_light")
    wait_in(page, f"{SUM} === 12")
    drawn, told = page.evaluate("kyDai.spots.drawn()"), page.evaluate("kyDai.spots.told().spots.map((one) => [one.id, one.n])")
    assert sorted(drawn) == sorted(told)
    listed = page.evaluate(
        "[...document.querySelectorAll('[data-spot]')].map((one) => [one.dataset.spot, +one.querySelector('.sp-n').textContent])"
    )
    assert listed == told
    since, until = page.evaluate("[kyDai.spots.told().since, kyDai.spots.told().until]")
    events = page.evaluate(
        f"fetch('/api/v1/events?kind=red_light&since={since}&until={until}&limit=1000').then((reply) => reply.json())"
    )
    assert len(events["events"]) == sum(n for _, n in told)
    assert "4 tuần" in page.inner_text("[data-spots]")  # too little is known to say what is usual
    page.focus("[data-spot] button")
    first = listed[0][0]
    assert page.evaluate("kyDai.spots.lit()") == first
    page.keyboard.press("ArrowDown")
    if len(listed) > 1:
        assert page.evaluate("kyDai.spots.lit()") == listed[1][0]
    box = page.evaluate(
        """(() => { const [w, s, e, n] = kyDai.spots.told().spots[0].box, map = kyDai.map.leaflet();
        map.setView([(s + n) / 2, (w + e) / 2 + 0.0004], 16, {animate: false});
        const at = map.latLngToContainerPoint([s + (n - s) * 0.8, w + (e - w) * 0.8]), host = map.getContainer().getBoundingClientRect();
        return [host.left + at.x, host.top + at.y]; })()"""
    )
    page.mouse.move(*box)
    wait_in(page, f"kyDai.spots.lit() === '{first}'")
    page.select_option("[data-spots-choose=of]", "reports")
    page.wait_for_selector("[data-spots-none]")
    page.focus("[data-spots-choose=of]")
    page.keyboard.press("Escape")
    assert page.get_attribute("[data-spots-open]", "aria-expanded") == "false"
    assert page.evaluate("kyDai.spots.drawn().length") == 0
    assert page.watch.violations() == []


def test_wards_are_shaded_by_a_figure_and_the_list_is_the_map(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    house.post({"type": "sighted", "id": "shade-1", "at": now_ms(), "kind": "illegal_parking", "camera": "H-001"})
    wait_in(page, "kyDai.frames.kpi?.data.events_today.value >= 1")
    page.click("[data-spots-open]")
    page.focus("[data-shades-open]")
    page.keyboard.press("Enter")
    wait_in(page, "kyDai.shades.drawn().length > 0")
    assert page.get_attribute("[data-spots-open]", "aria-expanded") == "false"  # one list at a time
    wards = page.evaluate(
        "kyDai.city.wards.filter((one) => !one.gone && kyDai.shades.told().wards.some((it) => it.code === one.code)).length"
    )
    assert page.evaluate("kyDai.shades.drawn().length") == wards == page.locator("[data-shade]").count()
    page.select_option("[data-shades-choose=figure]", "events:illegal_parking")
    wait_in(page, "kyDai.shades.told()?.kind === 'illegal_parking' && kyDai.shades.rows().some((one) => one.value === 1)")
    first = page.evaluate("kyDai.shades.rows()[0]")
    assert first["value"] == 1
    assert first["code"] == page.evaluate("kyDai.city.cameras[0].ward")
    wait_in(page, "document.querySelector('.leaflet-shades-pane path.ws-0')")  # wards without a camera are hatched
    page.focus("[data-shade] button")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("kyDai.shades.lit()") == page.evaluate("kyDai.shades.rows()[1].code")
    page.keyboard.press("Escape")
    assert page.evaluate("kyDai.shades.drawn().length") == 0
    assert page.watch.violations() == []
    assert not [url for url in page.watch.asked if "plotly" in url]
