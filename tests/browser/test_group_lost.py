"""Cameras of one ward that are lost together are one row, and the details name them, the first one marked (UX-46)."""

from collections import Counter

import pytest

from data.pack import load
from tests.browser.conftest import Show
from tests.browser.says import alive, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-group-lost")
LOST = 8


def of_one_ward() -> list[str]:
    """Return eight cameras of the ward that has the most."""
    cameras = load("hue").city.cameras
    ward = Counter(one.ward for one in cameras).most_common(1)[0][0]
    return [one.id for one in cameras if one.ward == ward][-LOST:]


def test_eight_cameras_of_a_ward_that_are_lost_are_one_row_and_the_first_one_is_named(show: Show, house: Rig) -> None:
    page, cameras = show("console"), of_one_ward()
    assert len(cameras) == LOST
    tell(house, alive(), *(standing(one, "online") for one in cameras))
    wait_in(page, "kyDai.frames.cameras.data.states.split('o').length > 8")
    for one in cameras:
        tell(house, standing(one, "offline"))
    wait_in(page, f"document.querySelector('#list > li.alarm')?.dataset.children === '{LOST}'")
    assert page.locator("#list > li.alarm").count() == 1
    page.click("#list > li.alarm")
    lost = page.locator("#detail .inc-sec", has_text="Camera bị mất").locator(".near > .strong").all_inner_texts()
    assert [one.split(" ")[0] for one in lost] == cameras
    assert page.locator("#detail .near > .num", has_text="Đầu tiên").count() == 1
