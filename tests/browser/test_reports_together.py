"""Several reports are marked by keyboard and pointer, done at once after one question, taken back; the list is taken away as a file."""

import os
from pathlib import Path

import pytest

from dashboard.reports.case import Asked
from dashboard.reports.cases import Actor, Entry
from tests.browser.conftest import Show
from tests.browser.says import fresh_id
from tests.browser.test_reports import cases, ready
from tests.chromium import wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-reports")
PICKED = "document.querySelectorAll('.rp-row[data-picked]').length"
AN = Actor("An", "operator")
PICTURES = os.environ.get("KYDAI_TEST_PICTURES", "")


def pictured(page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


def entered(house: Rig, count: int, place: str = "Lê Lợi") -> list[str]:
    held = cases(house)
    words = (
        "Rác dồn ở đầu kiệt",
        "Vỉa hè bị lấn chiếm",
        "Đèn đường hỏng",
        "Ổ gà trước cổng trường",
        "Ngập sau mưa",
        "Cây ngã chắn đường",
    )
    entries = [Entry("MT01", f"{words[n % 6]}, gần số {n}", f"{words[n % 6]} {n}", place, 107.5909, 16.4637) for n in range(count)]
    return [held.enter(one, by=AN, key=fresh_id()).report for one in entries]


def test_marked_by_key_done_at_once_and_taken_back(show: Show, house: Rig, tmp_path: Path) -> None:
    ready(house)
    reports = entered(house, 7)
    page = show(
        "reports", role="supervisor", query="?tab=received", when="document.querySelectorAll('.rp-row[data-key]').length > 6"
    )
    page.wait_for_selector(".rp-row .a-pick")
    page.keyboard.press("x")
    wait_in(page, f"{PICKED} === 1")
    for _ in range(3):
        page.keyboard.press("Shift+KeyJ")
    wait_in(page, f"{PICKED} === 4 && !document.querySelector('[data-picked-bar]').hidden")
    page.click(".rp-row[data-nth='5'] .a-pick")
    wait_in(page, f"{PICKED} === 5")
    pictured(page, "picked")
    chosen = page.evaluate("kyDai.reportPicked.keys()")
    cases(house).act(Asked("verify", chosen[0]), by=AN, key=fresh_id())  # somebody else is first
    page.keyboard.press("t")
    page.wait_for_selector("dialog[open] [data-coming] li")
    wait_in(page, "document.querySelectorAll('[data-coming] li').length === 2")
    assert "Đang xác minh" in page.inner_text("[data-coming]")
    pictured(page, "question")
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('[data-list-note]').textContent.includes('4')")
    pictured(page, "answered")
    held = cases(house)
    assert [held.shown(one, by=AN).line.case.state for one in chosen] == ["verified"] + ["verifying"] * 4
    page.click("[data-report-undo]")
    wait_in(page, "document.querySelector('[data-list-note]').textContent.includes('hoàn tác')")
    assert [held.shown(one, by=AN).line.case.state for one in chosen] == ["verified"] + ["received"] * 4
    assert set(chosen) <= set(reports)
    with page.expect_download() as coming:
        page.click("[data-export=csv]")
    told = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    total = page.evaluate("kyDai.reportList.state().total")
    assert len(told.strip().splitlines()) == total + 1
    wait_in(page, "document.querySelector('[data-list-note]').textContent.includes('ghi lại')")
    pictured(page, "exported")
    assert page.watch.violations() == []  # type: ignore[attr-defined]


def test_many_are_forwarded_to_whom_the_rules_name(show: Show, house: Rig) -> None:
    ready(house)
    held = cases(house)
    reports = entered(house, 3, "Đường Hà Nội")
    for one in reports:
        for action in ("verify", "classify"):
            held.act(Asked(action, one), by=AN, key=fresh_id())
    page = show(
        "reports",
        role="operator",
        query="?tab=to_assign&q=duong+ha+noi",
        when="document.querySelectorAll('.rp-row[data-key]').length > 2",
    )
    page.wait_for_selector(".rp-row .a-pick")
    assert page.locator("[data-export]").count() == 0  # not this role's
    page.click(".rp-row[data-nth='0'] .a-pick")
    page.click(".rp-row[data-nth='2']", modifiers=["Shift"])
    wait_in(page, f"{PICKED} === 3")
    page.keyboard.press("f")
    wait_in(page, "document.querySelector('dialog [data-coming] li')?.textContent.includes('3')")
    pictured(page, "forward")
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('[data-list-note]').textContent.includes('3')")
    page.keyboard.press("Escape")
    wait_in(page, f"{PICKED} === 0")
    assert {held.shown(one, by=AN).line.case.state for one in reports} == {"forwarded"}
    page.set_viewport_size({"width": 390, "height": 844})
    pictured(page, "narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.watch.violations() == []  # type: ignore[attr-defined]
