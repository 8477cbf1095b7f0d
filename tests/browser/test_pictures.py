"""A camera's picture beside its alarm: masked at first, clear for a minute after a reason."""

import io
import json
import random
import urllib.request

import pytest
from PIL import Image

from dashboard.settings import read
from data import opened
from data.pictures.copied import copy
from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.films import film
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-pictures")
IMAGE = "document.querySelector('#detail .pic img')"


def posted(house: Rig, event: dict[str, object]) -> None:
    """Post an event with a picture, as a multipart."""
    out = io.BytesIO()
    Image.frombytes("RGB", (640, 360), random.Random(1).randbytes(640 * 360 * 3)).save(out, "JPEG", quality=90)
    head = b'--b\r\nContent-Disposition: form-data; name="event"\r\nContent-Type: application/json\r\n\r\n'
    tail = b'\r\n--b\r\nContent-Disposition: form-data; name="scene"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = head + json.dumps(event).encode() + tail + out.getvalue() + b"\r\n--b--\r\n"
    headers = {"Authorization": f"Bearer {house.source('native')}", "Content-Type": "multipart/form-data; boundary=b"}
    asked = urllib.request.Request(f"{house.intake}/api/v1/intake/native", body, headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 202


def test_a_picture_is_seen_masked_then_clear_after_a_reason(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive())
    posted(house, sighted("fire_confirmed", "H-001", box=[0.2, 0.2, 0.3, 0.3]))
    wait_in(page, "document.querySelector(\"#list > li[data-prio='1']\")")
    page.click("#list > li[data-prio='1']")
    wait_in(page, f"{IMAGE}?.complete && {IMAGE}.naturalWidth === 640")
    assert "đã che" in page.inner_text("#detail .pic")
    masked = page.evaluate(f"{IMAGE}.src")
    page.click("#detail [data-reveal]")
    page.fill("dialog [name=why]", "đối chiếu hồ sơ 17")
    page.keyboard.press("Enter")
    wait_in(page, f"document.querySelector('#detail .pic[data-clear]') && {IMAGE}.complete && {IMAGE}.src !== {json.dumps(masked)}")
    wait_in(page, f"{IMAGE}.naturalWidth === 640")
    with house.engine.connect() as sql:
        assert sql.exec_driver_sql("SELECT who, why FROM picture_act").all() == [("operator-person", "đối chiếu hồ sơ 17")]
    assert page.watch.violations() == []  # type: ignore[attr-defined]


def test_a_clip_plays_after_a_reason_and_can_be_sought_in(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), sighted("fire_confirmed", "H-003", id="film-1"))
    row = "#list > li[data-prio='1']"
    wait_in(page, f'[...document.querySelectorAll("{row}")].some((one) => one.textContent.includes("H-003") || one.row.ix === 2)')
    clips, now = opened.clips(read(house.environ), house.engine), now_ms()
    clips.want("native:film-1", source="native", camera="H-003", began=now - 9000, ended=now, expires=now + 3_600_000)
    with house.engine.connect() as sql:
        clip = sql.exec_driver_sql("SELECT id FROM clip").scalar_one()
    page.evaluate("kyDai.select(kyDai.frames.alarms.data.rows.find((one) => one.ix === 2), 'test')")
    wait_in(page, "document.querySelector('#detail .clip[data-state=wanted]')")
    clips.keep(clip, copy(film(seconds=6)))
    wait_in(page, "document.querySelector('#detail [data-clip]')", seconds=30)
    assert page.locator("#detail video").count() == 0
    page.click("#detail [data-clip]")
    page.fill("dialog [name=why]", "đối chiếu hồ sơ 18")
    page.keyboard.press("Enter")
    wait_in(
        page, "document.querySelector('#detail video')?.readyState >= 2 && document.querySelector('#detail video').duration > 5"
    )
    page.evaluate("document.querySelector('#detail video').currentTime = 4")
    wait_in(page, "document.querySelector('#detail video').currentTime >= 4 && !document.querySelector('#detail video').seeking")
    assert "che lại sau" in page.inner_text("#detail .clip")
    with house.engine.connect() as sql:
        assert ("operator-person", "đối chiếu hồ sơ 18") in sql.exec_driver_sql("SELECT who, why FROM picture_act").all()
    assert page.watch.violations() == []  # type: ignore[attr-defined]


def test_an_alarm_without_a_picture_says_so(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), sighted("crowd_critical", "H-002"))
    wait_in(page, "document.querySelector(\"[data-alarm][data-at='H-002']\")")
    page.click("#list > li[data-prio='2']")
    assert page.inner_text("#detail [data-pictures]") == "Chưa có hình cho việc này."
