"""The page of the cameras: real pictures from a real RTSP server, tiles that alarms fill, tiles that stay, and the list."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show, a_house
from tests.browser.says import alive, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig, prompt_pack
from tests.rtsp import RtspCamera, rtsp_camera

pytestmark = pytest.mark.xdist_group("browser-cameras")
STREAMED, DEAD, ELSEWHERE, NONE = "H-001", "H-002", "H-003", "H-005"
PICTURE_S, TOLD_S, UP_S = 4.0, 12.0, 2.0
HAND = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


def seeing_pack(folder: Path, streams: dict[str, str]) -> Path:
    """Return a copy of the first city in which some cameras have streams, on this machine."""
    place = prompt_pack(folder)
    file, city = place / "cameras.csv", place / "city.toml"
    rows = [row | {"stream": streams.get(row["id"], "")} for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))]
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(held.getvalue(), encoding="utf-8")
    city.write_text(city.read_text(encoding="utf-8") + '\n[outward]\nallow = ["127.0.0.1"]\n', encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def source() -> Iterator[RtspCamera]:
    with rtsp_camera() as made:
        yield made


@pytest.fixture(scope="module")
def house(source: RtspCamera, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    streams = {STREAMED: source.url, DEAD: "rtsp://127.0.0.1:9/cam", ELSEWHERE: "https://vms.example.vn/cam/3"}
    with a_house(KYDAI_CITY=str(seeing_pack(tmp_path_factory.mktemp("pack"), streams))) as rig:
        tell(rig, alive(), *(standing(f"H-{n:03d}", "online") for n in range(1, 40)), standing("H-040", "frozen"))
        tell(rig, standing("H-041", "offline"), sighted("red_light", "H-001"), sighted("red_light", "H-001"))
        yield rig


def tile(camera: str) -> str:
    return f".cam[data-cam='{camera}']"


def sight(page: Page, camera: str) -> str:
    return str(page.get_attribute(tile(camera), "data-sight"))


def wait_sight(page: Page, camera: str, word: str, *, seconds: float = 20.0) -> float:
    """Wait until a tile says so; return after how long."""
    began = time.monotonic()
    wait_in(page, f"document.querySelector(\"{tile(camera)}\")?.dataset.sight === '{word}'", seconds=seconds)
    return time.monotonic() - began


def pin(page: Page, camera: str) -> None:
    """Put a camera on a tile by the list."""
    page.fill("[data-seek] input", camera)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_in(page, f'document.querySelector("{tile(camera)}[data-pinned]")')
    page.keyboard.press("Escape")


def moves(page: Page) -> bool:
    """Whether what is painted changes: two looks at the video's own pixels."""
    return bool(
        page.evaluate(
            """async (where) => {
              const video = document.querySelector(where), pen = new OffscreenCanvas(64, 36).getContext("2d");
              const look = () => { pen.drawImage(video, 0, 0, 64, 36); return [...pen.getImageData(0, 0, 64, 36).data]; };
              const first = look();
              for (let n = 0; n < 60; n += 1) {
                await new Promise((done) => requestAnimationFrame(done));
                const other = look();
                if (other.some((one, at) => Math.abs(one - first[at]) > 40)) return true;
              }
              return false;
            }""",
            f"{tile(STREAMED)} video",
        )
    )


def test_a_picture_is_there_soon_and_moves(show: Show) -> None:
    page = show("cameras")
    began = time.monotonic()
    pin(page, STREAMED)
    wait_in(page, f'document.querySelector("{tile(STREAMED)} video")?.currentTime > 0')
    assert time.monotonic() - began < PICTURE_S
    wait_sight(page, STREAMED, "live")
    assert moves(page)
    said = page.inner_text(f"{tile(STREAMED)} [data-shown]")
    assert said.endswith("giây")
    assert int(said.split()[0]) <= 6
    assert page.watch.complaints == []
    assert page.watch.violations() == []
    assert page.watch.foreign == []
