"""The city's own layers on the console: chosen from a list, drawn on the map, asked at a place; surveyed wards come without a reload."""

import json

import numpy as np
import pytest
import shapely
from msgspec.structs import replace

from data.clock import SystemClock
from data.layers.about import About
from data.layers.importing import Wish, described, understood, write
from data.layers.wards import areas
from data.pack import load
from data.store.layers import SqlLayers
from tests import layer_files
from tests.browser.conftest import Show, a_house
from tests.chromium import wait_in
from tests.rig import Rig, now_ms, prompt_pack

pytestmark = pytest.mark.xdist_group("browser-unknown")
HOSTILE = '<img src=x onerror="window.hit=1">'
# How many dots of the map's layer are not empty.
INKED = """[...document.querySelectorAll('.leaflet-still-pane canvas')].reduce((sum, canvas) => {
  const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let at = 3; at < dots.length; at += 4) n += dots[at] > 0;
  return sum + n;
}, 0)"""


def keep(house: Rig, file, key: str, about: About | None = None, **more: str) -> None:
    layers, city = SqlLayers(house.engine, SystemClock()), load("hue").city
    draft = understood(file, Wish(), city)
    layer = described(draft, about, None, key=key)
    layer = replace(layer, version=layers.next_version(key), imported=now_ms(), as_of=now_ms() - 86_400_000, **more)
    write(house.home, layer, draft)
    wards = areas(draft.column("code"), draft.shapes) if layer.wards_from else ()
    layers.take(layer, who="lan", wards=wards)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    """A house whose wall draws two layers, one of which is not for everybody."""
    pack = prompt_pack(tmp_path_factory.mktemp("pack"))
    told = (pack / "city.toml").read_text(encoding="utf-8")
    (pack / "city.toml").write_text(told.replace("[[walls]]\n", '[[walls]]\nlayers = ["squares", "lamps"]\n'), encoding="utf-8")
    with a_house(KYDAI_CITY=str(pack)) as rig:
        yield rig


@pytest.fixture(scope="module")
def drains(house: Rig):
    """A grid of squares over the middle of the city, one of them with a hostile name, and lamps that only supervisors see."""
    lon, lat = np.meshgrid(np.arange(107.55, 107.61, 0.002), np.arange(16.44, 16.49, 0.002))
    squares = shapely.box(lon.ravel(), lat.ravel(), lon.ravel() + 0.001, lat.ravel() + 0.001)
    names = [HOSTILE, *(f"Ô {n}" for n in range(1, len(squares)))]
    fields = {"ten": names, "loai": [["ODT", "CLN"][n % 2] for n in range(len(squares))]}
    file = layer_files.write(house.home / "squares.gpkg", squares, fields, crs="EPSG:4326", driver="GPKG", kind="Polygon")
    keep(house, file, "squares", About(title={"vi": "Ô vuông", "en": "Squares"}, style_field="loai", every_days=30))
    lamp = house.home / "lamps.geojson"
    point = {"type": "Feature", "properties": {"ten": "Đèn 1"}, "geometry": {"type": "Point", "coordinates": [107.58, 16.46]}}
    lamp.write_text(json.dumps({"type": "FeatureCollection", "features": [point]}), encoding="utf-8")
    keep(house, lamp, "lamps", About(roles=("supervisor",)))
    return squares


def test_a_layer_is_chosen_drawn_and_asked_at_a_place(show: Show, drains) -> None:
    page = show("console", role="supervisor")
    page.click("[data-still-open]")
    page.wait_for_selector("[data-still=squares]")
    assert page.inner_text("[data-still-row=squares]").split("\n")[0] == "Ô vuông"
    assert page.locator("[data-still=lamps]").count() == 1
    page.click("[data-still=squares]")
    wait_in(page, "kyDai.still.loadedAt('squares') > 0")
    assert page.evaluate(INKED) > 5000
    assert page.inner_text("[data-still-n]") == "1"
    page.keyboard.press("Escape")
    assert page.get_attribute("[data-still-open]", "aria-expanded") == "false"
    page.evaluate("void kyDai.still.ask({lat: 16.4405, lng: 107.5505})")
    wait_in(page, "document.querySelector('.here [data-here=squares] dl')")
    told = page.inner_text(".here")
    assert HOSTILE in told
    assert "ODT" in told
    assert page.evaluate("window.hit") is None
    thing = page.get_attribute(".here [data-here=squares] a", "href")
    assert thing.startswith("/features/squares/_")  # a name that is no plain word is told in another alphabet
    page.reload()
    wait_in(page, "kyDai.still?.loadedAt('squares') > 0")  # what one looks at is kept for the next visit
    page.click("[data-still-open]")
    page.click("[data-still=squares]")
    assert page.locator(".leaflet-still-pane canvas").count() == 0
    operator = show("console", role="operator")
    operator.click("[data-still-open]")
    operator.wait_for_selector("[data-still=squares]")
    assert operator.locator("[data-still=lamps]").count() == 0
    assert page.watch.violations() == []


def test_a_wall_draws_the_layers_of_its_plan_that_are_for_everybody(show: Show, drains) -> None:
    wall = show("wall", role="wall")
    wait_in(wall, "kyDai.wallLayers.loadedAt('squares') > 0")
    assert wall.evaluate("kyDai.wallLayers.shown()") == ["squares"]
    assert wall.evaluate(INKED) > 5000
    assert wall.watch.violations() == []


def test_surveyed_wards_come_to_an_open_screen(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    before = page.evaluate("kyDai.told.city")
    shapes, fields = layer_files.wards()
    file = layer_files.write(house.home / "wards.gpkg", shapes, fields, crs="EPSG:4326", driver="GPKG")
    with page.expect_response(lambda reply: "/wards.geojson" in reply.url) as later:
        keep(house, file, "wards_2025", wards_from="2025-07-01", code_field="code")
    assert {one["properties"]["code"] for one in later.value.json()["features"]} == set(fields["code"])
    assert page.evaluate("kyDai.told.city") != before
