"""A camera's picture beside its alarm: masked at first, clear for a minute after a reason."""

import io
import json
import random
import urllib.request

import pytest
from PIL import Image

from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, tell
from tests.chromium import wait_in
from tests.rig import Rig

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


def test_an_alarm_without_a_picture_says_so(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, alive(), sighted("crowd_critical", "H-002"))
    wait_in(page, "document.querySelector(\"[data-alarm][data-at='H-002']\")")
    page.click("#list > li[data-prio='2']")
    assert page.inner_text("#detail [data-pictures]") == "Chưa có hình cho việc này."
