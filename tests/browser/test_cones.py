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
