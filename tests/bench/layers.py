"""The city's own layers: how long an import takes, how many points a second are told their ward, and how a hundred thousand shapes move."""

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from playwright.sync_api import Page

from data.atlas import Atlas, Ground, Survey
from data.pack import load
from tests import layer_files
from tests.bench.tally import Tally
from tests.browser.conftest import DRAWN, PATHS
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig

NOW = 1_795_410_000_000
ROUNDS = 3
# Toggled: until the last of its tiles is drawn.
SHOWN = """async (key) => {
  const from = performance.now();
  document.querySelector(`[data-still=${key}]`).click();
  while (!(kyDai.still.loadedAt(key) > from)) await new Promise((then) => setTimeout(then, 5));
  return kyDai.still.loadedAt(key) - from;
}"""
# Pulled to and fro by 25 dots a frame: how long each frame took.
PANNED = """async () => {
  const map = kyDai.map.leaflet(), took = [];
  let last = performance.now();
  for (let n = 0; n < 120; n++) {
    map.panBy([n % 60 < 30 ? 25 : -25, 0], {animate: false});
    await new Promise((then) => requestAnimationFrame(then));
    took.push(performance.now() - last);
    last = performance.now();
  }
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)];
}"""


def made(folder: Path, count: int, *, kind: str) -> Path:
    """Write so many parcels or lamps, over the middle of Huế, as a GeoPackage in VN-2000."""
    rng = np.random.default_rng(1)
    places = layer_files.turned(shapely.points(rng.uniform((107.53, 16.42), (107.63, 16.50), (count, 2))), 9214)
    wide = rng.uniform(6, 18, count)
    x, y = shapely.get_coordinates(places).T
    shapes = places if kind == "Point" else shapely.box(x, y, x + wide, y + 1.3 * wide)
    fields = {
        "ten": [f"{kind} {n}" for n in range(count)],
        "loai": [str(one) for one in rng.choice(["ODT", "CLN", "LUC", "ONT"], count)],
    }
    return layer_files.write(folder / f"{kind.lower()}s_{count}.gpkg", shapes, fields, crs="EPSG:9214", driver="GPKG", kind=kind)


def imported(rig: Rig, file: Path) -> float:
    """Import a file as a person does; return how long that took (s)."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "app.py", "layer", "import", str(file)], cwd=ROOT, env=rig.environ, check=True, capture_output=True
    )
    return time.monotonic() - began


def assigned(tally: Tally, count: int) -> None:
    """Measure how many points a second are told their ward, of surveyed ones."""
    shapes, fields = layer_files.wards()
    grounds = [Ground(code, date(2025, 7, 1), date.max, shape) for code, shape in zip(fields["code"], shapes, strict=True)]
    pack = load("hue")
    atlas = Atlas(pack.folder, zone=pack.city.zone, surveys=[Survey(date(2025, 7, 1), grounds)])
    west, south, east, north = pack.city.bounds
    for what, low, high in (("the whole city", (west, south), (east, north)), ("its middle", (107.5, 16.4), (107.7, 16.55))):
        places = np.random.default_rng(3).uniform(low, high, (count, 2))
        atlas.assign(places[:1000], NOW)
        began = time.perf_counter()
        told = atlas.assign(places, NOW)
        rate = count / (time.perf_counter() - began)
        note = f"{count:,} points, {sum(map(bool, told)) / count:.0%} in one of {len(shapes)} wards"
        tally.add(f"wards of points over {what}", rate / 1e6, "M/s", must=1, goal=3, better="high", note=note)


def shown(tally: Tally, page: Page, key: str, count: int, bounds: dict[str, float]) -> None:
    """Measure a layer from the click until it is drawn, and then how the map moves."""
    took = []
    for _ in range(ROUNDS):
        took.append(page.evaluate(SHOWN, key))
        page.click(f"[data-still={key}]")
    tally.add(f"{count:,} features shown, from the click", sorted(took)[1], "ms", note=f"median of {ROUNDS}", **bounds)
    page.evaluate(SHOWN, key)
    page.evaluate(PANNED)
    tally.add(f"{count:,} features, a frame of moving the map, p95", page.evaluate(PANNED), "ms", must=50, goal=20)
    page.click(f"[data-still={key}]")


def run(tally: Tally, *, quick: bool) -> None:
    """Measure all of it."""
    assigned(tally, 100_000 if quick else 1_000_000)
    rig = Rig()
    try:
        few, many = made(rig.home, 10_000, kind="Point"), made(rig.home, 10_000 if quick else 100_000, kind="Polygon")
        rig.start()
        imported(rig, few)
        count = int(many.stem.rpartition("_")[2])
        tally.add(f"import of {count:,} parcels (GPKG, VN-2000) to the map", imported(rig, many), "s", must=60, goal=20)
        with chromium() as browser:
            page = signed_in(browser, rig.base, rig.session()).new_page()
            page.goto(f"{rig.base}{PATHS['console']}")
            wait_in(page, DRAWN["console"])
            tally.add("no layer, a frame of moving the map, p95", page.evaluate(PANNED), "ms")
            page.click("[data-still-open]")
            page.wait_for_selector(f"[data-still={many.stem}]")
            shown(tally, page, few.stem, 10_000, {"must": 300, "goal": 100})
            shown(tally, page, many.stem, count, {"must": 1000, "goal": 300})
    finally:
        rig.close()
