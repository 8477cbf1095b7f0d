"""View cones: as wide and as far as the registry says, from near alone."""

import pytest

from dashboard.geo import bearing, metres
from tests.browser.conftest import Show
from tests.chromium import wait_in

pytestmark = pytest.mark.xdist_group("browser-marks")


def test_a_cone_is_what_the_registry_says_and_shown_from_near(show: Show) -> None:
    page = show("console", role="operator")
    assert page.evaluate("kyDai.cones.drawn()") == []
    camera = page.evaluate("kyDai.city.cameras.find((one) => one.bearing !== null && one.fov !== null && one.fov < 360)")
    page.evaluate(f"void kyDai.map.leaflet().setView([{camera['lat']}, {camera['lon']}], 17, {{animate: false}})")
    wait_in(page, "kyDai.cones.drawn().length > 0")
    here = (camera["lon"], camera["lat"])
    (cone,) = [one for one in page.evaluate("kyDai.cones.drawn()") if metres(tuple(one[0]), here) < 0.1]
    assert all(abs(metres(here, tuple(point)) - (camera["range_m"] or 60)) < 1 for point in cone[1:])
    middle = bearing(here, tuple(cone[len(cone) // 2]))
    assert abs((middle - camera["bearing"] + 180) % 360 - 180) <= 4
    wide = (bearing(here, tuple(cone[-1])) - bearing(here, tuple(cone[1]))) % 360
    assert abs(wide - camera["fov"]) < 1
    page.click("[data-layer=cameras]")
    assert page.evaluate("kyDai.cones.drawn()") == []
    page.click("[data-layer=cameras]")
    assert page.evaluate("kyDai.cones.drawn().length") > 0
    assert page.watch.violations() == []


# Where the base map's canvas lies, whether it covers all of the map, and how many of its dots are drawn.
UNDER = """(() => {
  const canvas = document.querySelector('.leaflet-base-pane canvas'), a = canvas.getBoundingClientRect();
  const b = document.querySelector('.leaflet').getBoundingClientRect(), dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return {at: canvas.style.transform, covers: a.left <= b.left && a.right >= b.right && a.top <= b.top && a.bottom >= b.bottom,
    inked: dots.reduce((sum, value, n) => sum + (n % 4 === 3 && value > 0), 0)};
})()"""


def test_the_base_is_drawn_anew_only_where_the_map_moves_beyond_it(show: Show) -> None:
    page = show("console", role="operator")
    first = page.evaluate(UNDER)
    assert first["covers"]
    assert first["inked"] > 1000
    page.evaluate("void kyDai.map.leaflet().panBy([60, 40], {animate: false})")
    assert page.evaluate(UNDER) == first
    page.evaluate("void kyDai.map.leaflet().panBy([900, 0], {animate: false})")
    far = page.evaluate(UNDER)
    assert far["covers"]
    assert far["at"] != first["at"]
    assert far["inked"] > 1000
    page.evaluate("void kyDai.map.leaflet().panBy([-960, -40], {animate: false})")
    again = page.evaluate(UNDER)
    assert again["covers"]
    assert again["inked"] == first["inked"]
    page.evaluate("void kyDai.map.leaflet().setZoom(13, {animate: false})")
    assert page.evaluate(UNDER)["covers"]
    page.set_viewport_size({"width": 2400, "height": 1300})
    page.evaluate("void kyDai.map.leaflet().invalidateSize({animate: false})")
    assert page.evaluate(UNDER)["covers"]
