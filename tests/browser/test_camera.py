"""What the console tells of one camera, and that somebody works on it."""

import pytest

from dashboard.calendar import hour_of
from data.store.tables import HOUR_CAMERA
from tests.browser.conftest import Show
from tests.browser.says import alive, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-unknown")
ITSELF = "document.querySelector('[data-camera-itself=\"H-007\"]')"


def test_a_camera_is_told_against_its_usual_hour_and_put_in_maintenance(show: Show, house: Rig) -> None:
    hour = hour_of(now_ms(), "Asia/Ho_Chi_Minh")
    with house.engine.begin() as sql:  # a camera as it was over the last weeks, whichever hour this test runs in
        rows = [{"hour": at - 168 * back, "camera": "H-007", "n": 30} for back in range(1, 7) for at in (hour, hour + 1)]
        sql.execute(HOUR_CAMERA.insert(), rows)
    console, operator = show("console", role="supervisor"), show("console", role="operator")
    tell(house, alive(), sighted("fire_single", "H-007", at=now_ms() - 125_000))
    for page in (console, operator):
        wait_in(page, "document.querySelector('#list > li[data-id]')")
        page.click("#list > li[data-id]")
        wait_in(page, f"{ITSELF}?.textContent.includes('thường 30')")
        assert "−125 giây" in page.inner_text("[data-camera-itself]")
    assert operator.locator("[data-maintain]").count() == 0
    console.click("[data-maintain=begin]")
    console.fill("dialog [name=why]", "thay ống kính <b>mờ</b>")
    console.select_option("dialog [name=minutes]", "120")
    console.keyboard.press("Enter")
    wait_in(console, f"{ITSELF}.querySelector('[data-work]')?.textContent.includes('thay ống kính <b>mờ</b>')")
    wait_in(operator, "document.querySelector('.mk-cam[data-camera=\"H-007\"]').dataset.cam === 'm'")
    tell(house, standing("H-007", "offline"), sighted("red_light", "H-007"))
    wait_in(operator, "kyDai.frames.cameras.data.spoke[6] === 2")
    assert operator.get_attribute('.mk-cam[data-camera="H-007"]', "data-cam") == "m"
    console.click("[data-maintain=end]")
    wait_in(operator, "document.querySelector('.mk-cam[data-camera=\"H-007\"]').dataset.cam === 'o'")
    wait_in(console, f"{ITSELF}.textContent.includes('trực tuyến') && !{ITSELF}.querySelector('[data-work]')")
