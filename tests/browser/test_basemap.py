"""A base map of the city's own tiles, drawn on a console without asking anybody else."""

from collections.abc import Iterator

import pytest
import shapely
from playwright.sync_api import Page

from dashboard.basemap import Drawn
from data.basemap.building import build
from data.basemap.kept import Credit, keep
from data.basemap.reading import Thing
from data.pack import load
from tests.browser.conftest import Show, a_house
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-basemap")
# The share of a canvas's pixels in the colour of a token.
SHARE = """
(token) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  let found = 0, all = 0;
  for (const canvas of document.querySelectorAll(".leaflet-base-pane canvas")) {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) { all++; found += [0, 1, 2].every((n) => Math.abs(data[at + n] - wanted[n]) <= 2); }
  }
  return all ? found / all : 0;
}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house whose map is one road over a large lake."""
    city = load("hue").city
    west, south, east, north = city.bounds
    things = [
        Thing(Drawn("water", "lake", 6), {"name": "Hồ"}, shapely.box(west, south, city.centre[0], north)),
        Thing(
            Drawn("roads", "highway", 6, "trunk"),
            {"name": "Đường"},
            shapely.LineString([(west, city.centre[1]), (east, city.centre[1])]),
        ),
    ]
    made = tmp_path_factory.mktemp("tiles") / "made.pmtiles"
    build(things, made)
    with a_house() as rig:
        keep(made, rig.home, city.key, about=Credit(credit="© Ai đó", origin="test", made=1), bounds=city.bounds)
        yield rig


def test_tiles_of_the_city_are_drawn_in_the_colours_of_the_theme(show: Show) -> None:
    page: Page = show("console")
    wait_in(page, "document.querySelectorAll('.leaflet-base-pane canvas').length > 0")
    wait_in(page, f"({SHARE})('--m-water') > 0.2")
    assert page.evaluate(SHARE, "--m-road-1") > 0.0005
    assert page.text_content(".map-credit") == "© Ai đó"
    assert any(".pmtiles" in url for url in page.watch.asked)
    assert not any("base.geojson" in url for url in page.watch.asked)
    assert page.watch.foreign == []
    assert page.watch.violations() == []
