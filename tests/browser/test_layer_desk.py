"""The page of layers: a file is sent, seen on the map, taken, and stands on the console; a refused one leaves the old version."""

import json
import os

import pytest

from tests.browser.conftest import Show
from tests.browser.rules import faint, sideways
from tests.chromium import wait_in

pytestmark = pytest.mark.xdist_group("browser-unknown")
HOSTILE = '<img src=x onerror="window.hit=1">'
SHOTS = os.environ.get("KYDAI_SHOTS", "")


def lamps(lon: float, lat: float, n: int) -> dict[str, object]:
    features = [
        {
            "type": "Feature",
            "properties": {"ten": HOSTILE if not at else f"Đèn {at}", "loai": ["LED", "SODIUM"][at % 2]},
            "geometry": {"type": "Point", "coordinates": [lon + at % 20 / 1000, lat + at // 20 / 1000]},
        }
        for at in range(n)
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()
    return {"name": "den_duong.geojson", "mimeType": "application/geo+json", "buffer": body}


def test_a_file_is_seen_then_taken_and_stands_on_the_console(show: Show) -> None:
    page = show("layers", role="admin")
    page.set_input_files("[name=file]", lamps(107.57, 16.45, 200))
    wait_in(page, "document.querySelector('[name=title_vi]')")
    assert "200" in page.inner_text(".ly-facts")
    assert HOSTILE in page.inner_text(".ly-table")
    assert page.input_value("[name=key]") == "den_duong"
    page.fill("[name=title_vi]", "Đèn đường")
    page.select_option("[name=style_field]", "loai")
    page.fill("[name=source]", "Sở Xây dựng")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/desk.png", full_page=True)
    assert faint(page) == []
    page.click("[data-does=take]")
    wait_in(page, "document.querySelector('[data-kept] [data-key=den_duong]')")
    assert "Đèn đường" in page.inner_text("[data-key=den_duong]")
    page.set_input_files("[name=file]", lamps(16.45, 107.57, 3))
    wait_in(page, "document.querySelector('[data-note][data-kind=failed]')")
    assert "nằm ngoài thành phố" in page.inner_text("[data-note]")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/refused.png", full_page=True)
    assert page.evaluate(
        "fetch('/layers/kept').then((one) => one.json()).then((told) => told.layers.map((one) => [one.key, one.version, one.count]))"
    ) == [["den_duong", 1, 200]]
    assert page.evaluate("window.hit") is None
    assert page.watch.violations() == []
    assert page.watch.foreign == []
    console = show("console", role="operator")
    console.click("[data-still-open]")
    console.click("[data-still=den_duong]")
    wait_in(console, "kyDai.still.loadedAt('den_duong') > 0")


def test_the_desk_in_a_hand(show: Show) -> None:
    page = show("layers", role="admin", width=390, height=844, has_touch=True, is_mobile=True)
    page.set_input_files("[name=file]", lamps(107.57, 16.45, 40))
    wait_in(page, "document.querySelector('[name=title_vi]')")
    assert sideways(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/hand.png", full_page=True)
    page.click("[data-does=cancel]")
    wait_in(page, "document.querySelector('[name=file]') && !document.querySelector('.ly-form')")
