"""What a browser receives says nothing of anybody, and what strangers write does nothing (S-02, S-07)."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Show
from tests.browser.says import alive, fresh_id, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-hostile")
PLATES = ("75A-987.61", "75a98762", "75F1-98763", "75 - A 987.64", "LD-987.65", "29-987-NG-66")
PEOPLE = ("Nguyễn Thị Canary", "0905987654", "canary@example.org", "99 Đường Canary")
# Every way in which a text has become a program somewhere.
PAYLOADS = (
    "<script>window.__hit=1</script>",
    "<img src=x onerror=window.__hit=2>",
    '"><svg/onload=window.__hit=3>',
    "'-window.__hit=4-'",
    "javascript:window.__hit=5",
    "</script><script>window.__hit=6</script>",
    "{{constructor.constructor('window.__hit=7')()}}",
    "${window.__hit=8}",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>parent.__hit=9</script>'></iframe>",
    "<a href='javascript:window.__hit=10'>x</a>",
    "\u202e<b>reversed",
)
SCREENS = [("wall", "wall"), ("leader", "leader"), ("console", "operator"), ("console", "supervisor"), ("wall", "supervisor")]


@pytest.fixture(scope="module", autouse=True)
def told(house: Rig) -> list[str]:
    """Cameras speak of plates in the clear, in every field that may carry one; citizens' systems send who they are."""
    lines = [
        sighted(kind, f"H-{n:03d}", plate=plate)
        for n, plate in enumerate(PLATES, 1)
        for kind in ("plate_read", "red_light", "watch_plate_stop")
    ]
    keys = tell(house, alive(), *lines)
    tell(house, sighted("red_light", "H-009", subject=f"driver {PEOPLE[0]} in {PLATES[0]}"))
    strangers = reported("CANARY-1") | {"reporter": PEOPLE[0], "phone": PEOPLE[1], "email": PEOPLE[2], "address": PEOPLE[3]}
    house.post([strangers, reported("CANARY-2")], source="reports")
    return keys


@pytest.mark.parametrize(("name", "role"), SCREENS, ids=["-".join(one) for one in SCREENS])
def test_nobody_is_named_in_what_a_browser_receives(show: Show, house: Rig, name: str, role: str) -> None:
    page = show(name, role=role)
    if name == "console":
        visit_everything(page)
    wait_in(page, "kyDai.frames.plates.data.rows.length >= 6 && kyDai.frames.reports.data.open >= 1")
    received = page.watch.received()
    assert "75A-***.61" in received, "the events are here"
    assert len(page.watch.frames) >= 2
    assert leaked(received) == []


def visit_everything(page: Page) -> None:
    """Look at every list, and open each row."""
    for tab in ("alarms", "events", "plates"):
        page.click(f"[data-tab='{tab}']")
        wait_in(page, "document.querySelectorAll('#list > li[data-id]').length > 0")
        for _ in range(8):
            page.keyboard.press("ArrowDown")
    assert leaked(page.evaluate("document.documentElement.outerHTML")) == []


def leaked(text: str) -> list[str]:
    """Return which canaries sing: plates as they were written and without their signs, people as text and as JSON writes it."""
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    plates = [plate for plate in PLATES if plate in text or "".join(sign for sign in plate.upper() if sign.isalnum()) in plain]
    return plates + [one for one in PEOPLE if one in text or json.dumps(one)[1:-1] in text]


def test_a_search_in_the_page_finds_no_plate_in_the_clear(show: Show) -> None:
    page = show("console", role="operator")
    page.click("[data-tab='plates']")
    wait_in(page, "document.querySelectorAll('#list > li[data-id]').length > 0")
    page.fill("[data-search] input", PLATES[0])
    wait_in(page, "document.querySelector('#list > .empty')")


def hostile_events() -> list[dict[str, Any]]:
    """Every field that is a text, with every payload: what no schema takes is a dead letter, and the rest is shown."""
    found: list[dict[str, Any]] = []
    for payload in PAYLOADS:
        found += [
            sighted(payload, "H-001"),
            sighted("red_light", payload),
            sighted("crowd", payload, plate=payload[:20], subject=payload),
            sighted("plate_read", "H-002", plate=payload[:20]),
            sighted("red_light", "H-003") | {"id": f"{payload}{fresh_id()}"},
            standing(payload, "offline"),
            {"type": payload, "id": payload, "at": 1},
        ]
    return found


def hostile_reports() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for payload in PAYLOADS:
        found += [
            reported(payload),
            reported(f"S-{fresh_id()}", payload),
            reported(f"U-{fresh_id()}", unit=payload[:40]),
            reported(f"W-{fresh_id()}", ward=payload[:20]),
            reported(f"C-{fresh_id()}", channel=payload[:40]),
        ]
    return found


@pytest.fixture(scope="module")
def attacked(house: Rig) -> int:
    """Everything hostile has been told; returns how many reports are open then."""
    tell(house, *hostile_events())
    tell(house, *hostile_reports(), source="reports")
    return len(PAYLOADS) * 5


@pytest.mark.parametrize("name", ["console", "wall", "leader"])
def test_what_strangers_write_does_nothing(show: Show, house: Rig, attacked: int, name: str) -> None:
    page = show(name)
    wait_in(page, f"kyDai.frames.reports.data.open >= {attacked} && kyDai.frames.cameras.data.unknown.length > 0")
    if name == "console":
        # What cameras said stands behind so many reports, and alarms in groups: a few events more come first.
        tell(house, *(sighted("red_light", payload) for payload in PAYLOADS))
        wait_in(page, "kyDai.frames.events.data.rows[0]?.kind === 'red_light'")
        open_every_row(page)
    assert page.evaluate("window.__hit") is None
    assert page.watch.violations() == []
    assert page.watch.foreign == []
    assert [one for one in page.watch.complaints if "hit" in one] == []
    assert (
        page.evaluate(
            "[...document.querySelectorAll('img[src=x], iframe, [onerror], [onload], a[href^=\"javascript\"], body style')].map((node) => node.outerHTML.slice(0, 80))"
        )
        == []
    )


# All of them are told of one place: where they are drawn from near.
ALL_AT_ONE_PLACE = """(() => {
  const {id, lon, lat} = kyDai.frames.reports.data.rows[0];
  kyDai.map.leaflet().setView([lat, lon], 17.5, {animate: false});
  return kyDai.map.reportAt(`report:${id}`);
})()"""


def open_every_row(page: Page) -> None:
    """Select each row of each list, and each report on the map; texts are shown as texts."""
    shown = ""
    for tab in ("alarms", "events", "plates"):
        page.click(f"[data-tab='{tab}']")
        wait_in(page, "document.querySelectorAll('#list > li[data-id]').length > 0")
        for at in range(page.locator("#list > li[data-id]").count()):
            page.evaluate(
                "(at) => { const row = document.querySelectorAll('#list > li[data-id]')[at]; kyDai.select(row.row, 'list'); }", at
            )
            assert not page.evaluate("document.getElementById('detail').hidden")
        shown += page.inner_text("#list")
    page.keyboard.press("Escape")
    at, chosen = page.evaluate(ALL_AT_ONE_PLACE), set()
    for _ in range(80):
        page.mouse.click(at["x"], at["y"])  # another of them with every click
        chosen.add(page.evaluate("kyDai.selected?.id"))
    assert len(chosen) >= 10
    written = [one for one in PAYLOADS if "<" in one and one in shown]
    assert len(written) >= 3, "texts are shown as they were written, as many as the newest rows hold"


def test_a_payload_in_an_address_does_nothing(show: Show, browser: Any, house: Rig) -> None:
    """Texts that come from the address: the page after the sign-in, the wall's name and geometry."""
    page = show("sign-in", query='?next="><script>window.__hit=1</script>')
    assert page.evaluate("window.__hit") is None
    wall = show("wall", query="?diag=<script>&cols='\"&rows=${1}&dist=-1e9")
    assert wall.evaluate("window.__hit") is None
    assert 0.3 <= float(wall.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--wall-scale')")) <= 1.3
    assert wall.watch.violations() == []
