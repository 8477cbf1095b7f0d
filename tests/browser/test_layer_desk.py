"""The page of layers: a file is sent, seen on the map, taken, and stands on the console; a refused one leaves the old version; so does a layer by address."""

import json
import os
import re
import time
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Show, a_house
from tests.browser.rules import faint, sideways
from tests.chromium import wait_in
from tests.map_server import map_server
from tests.rig import Rig, prompt_pack

pytestmark = pytest.mark.xdist_group("browser-unknown")
HOSTILE = '<img src=x onerror="window.hit=1">'
SHOTS = os.environ.get("KYDAI_SHOTS", "")
AHEAD = "const now = Date.now; Date.now = () => now.call(Date) + 365 * 86400000;"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house that may ask map services on loopback."""
    pack = prompt_pack(tmp_path_factory.mktemp("pack"))
    with (pack / "city.toml").open("a", encoding="utf-8") as file:
        file.write('\n[outward]\nallow = ["127.0.0.1"]\n')
    with a_house(KYDAI_CITY=str(pack)) as rig:
        yield rig


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
    page.select_option("[name=id_field] >> nth=0", "loai")
    assert page.inner_text(".ly-ids [role=status]").startswith("200 đối tượng trùng nhau (ví dụ LED, SODIUM), 0 để trống")
    page.select_option("[name=id_field] >> nth=0", "ten")
    assert page.inner_text(".ly-ids [role=status]") == "Không trùng, không trống."
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
    assert "Hãy chọn Đảo trục" in page.inner_text("[data-note]")
    assert page.evaluate("document.activeElement.name") == "swap"  # what is asked for waits for its answer
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


# How many dots of the pictures from afar are not empty, and how many of those are coloured.
DOTS = """[...document.querySelectorAll('canvas.still-remote')].map((canvas) => {
  const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0, red = 0;
  for (let at = 0; at < dots.length; at += 4) { n += dots[at + 3] > 0; red += dots[at + 3] > 0 && dots[at] > dots[at + 1] + 60; }
  return [n, red];
}).reduce(([n, red], [more, redder]) => [n + more, red + redder], [0, 0])"""


def grow_old(house: Rig) -> None:
    """Make every picture that is kept two days older."""
    for one in (house.home / "remote_tiles" / "far_lamps").rglob("*"):
        if one.is_file() and one.name.isdigit():
            os.utime(one, (time.time() - 172_900, time.time() - 172_900))


def test_a_layer_by_address_is_taken_drawn_and_marked_when_it_is_old(show: Show, house: Rig) -> None:
    with map_server() as server:
        page = show("layers", role="admin")
        page.click(".ly-more > summary")
        page.fill("[name=address]", f"{server.url}?key=s3cret")
        page.click("[data-remote-does=look]")
        wait_in(page, "document.querySelector('[name=layer]') && document.querySelector('.ly-remote [name=key]').value")
        assert page.input_value(".ly-remote [name=key]") == "lamps"
        page.fill(".ly-remote [name=key]", "far_lamps")
        page.fill(".ly-remote [name=title_vi]", "Đèn của tỉnh")
        page.fill(".ly-remote [name=source]", "Sở Xây dựng")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/remote-new.png", full_page=True)
        page.click("[data-remote-does=add]")
        wait_in(page, "document.querySelector('[data-remote-key=far_lamps]')")
        console = show("console", role="operator")
        console.click("[data-still-open]")
        console.click("[data-still=far_lamps]")
        wait_in(console, f"{DOTS}[1] > 0")
        if SHOTS:
            console.screenshot(path=f"{SHOTS}/remote-fresh.png")
        server.mode = "html"
        grow_old(house)
        page.click("[data-remote-key=far_lamps] [data-remote-does=again]")
        wait_in(page, "document.querySelector('[data-remote-key=far_lamps] .ly-fault')")
        assert "trang web thay vì bản đồ" in page.inner_text("[data-remote-key=far_lamps] .ly-fault")
        assert faint(page) == []
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/remote-failed.png", full_page=True)
        # A browser that has no picture of its own, and a clock that is a year ahead: ages are the server's all the same.
        console = show("console", role="operator", before=lambda it: it.add_init_script(AHEAD))
        console.click("[data-still-open]")
        console.click("[data-still=far_lamps]")
        wait_in(console, f"{DOTS}[0] > 0")
        assert console.evaluate(DOTS)[1] < console.evaluate(DOTS)[0] / 10
        wait_in(console, "document.querySelector('[data-still-row=far_lamps] .still-of').textContent.includes('ảnh đã cũ')")
        assert "trang web thay vì bản đồ" in console.inner_text("[data-still-row=far_lamps]")
        days = [int(n) for n in re.findall(r"(\d+)\sngày", console.inner_text("[data-still-row=far_lamps] .still-of"))]
        assert days
        assert max(days) < 100
        if SHOTS:
            console.screenshot(path=f"{SHOTS}/remote-old.png")
            for width, height, name in ((390, 844, "hand"),):
                small = show("layers", role="admin", width=width, height=height, has_touch=True, is_mobile=True)
                wait_in(small, "document.querySelector('[data-remote-key=far_lamps]')")
                small.screenshot(path=f"{SHOTS}/remote-{name}.png", full_page=True)
                assert sideways(small) == []
        for one in (page, console):
            assert (one.watch.violations(), one.watch.foreign, one.evaluate("window.hit")) == ([], [], None)
            assert "s3cret" not in one.content()
