"""A report walks through its whole path on the pages, by keyboard, with people of four roles; and a list too long to be held is scrolled through."""

import io
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image

from dashboard.reports.case import Asked, Given
from dashboard.reports.cases import Actor, Entry, Person
from data.atlas import Atlas
from data.clock import SystemClock
from data.pack import load
from data.store.cases.acting import SqlCases
from tests.browser.conftest import Show
from tests.browser.says import alive, fresh_id, reported, sighted, tell
from tests.chromium import wait_in
from tests.conftest import until
from tests.rig import SECRET, Rig, now_ms, prompt_city

pytestmark = pytest.mark.xdist_group("browser-reports")
STATE = "document.querySelector('[data-one-head] .pill').textContent"
LINES = "document.querySelectorAll('[data-line]').length"
UNIT = "UB-19789"


def cases(house: Rig) -> SqlCases:
    pack = load(str(prompt_city()))
    atlas = Atlas(pack.folder, zone=pack.city.zone)
    return SqlCases(house.engine, SystemClock(), lambda: pack.city, secret=SECRET.encode(), locate=atlas.locate, nudge=lambda: None)


def ready(house: Rig) -> None:
    """Wait until a board has kept the record."""
    tell(house, alive())
    token = house.token()
    until(lambda: house.get("/api/v1/kpis", token))


def officer_acts(house: Rig, action: str, report: str, **more: object) -> int:
    """Act as the committee's officer does, through the door."""
    if "officer" not in house.keys:
        house.accounts.add("Phường", "ward_officer", "a long enough password", now_ms=now_ms(), unit=UNIT)
        house.keys["officer"] = house.session("ward_officer", name="Phường")
    headers = {"Cookie": f"kydai={house.keys['officer']}", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    body = msgspec.json.encode({"action": action, "report": report, "key": fresh_id().replace(".", "-"), "nth": 1, **more})
    with urllib.request.urlopen(urllib.request.Request(f"{house.base}/reports/act", body, headers), timeout=30) as answer:
        return int(answer.status)


def officer_attaches(house: Rig, report: str) -> str:
    """Attach a photograph to the committee's part; return its id."""
    photo = io.BytesIO()
    Image.effect_mandelbrot((320, 240), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(photo, "JPEG")
    headers = {"Cookie": f"kydai={house.keys['officer']}", "Sec-Fetch-Site": "same-origin", "Content-Type": "image/jpeg"}
    query = urlencode({"report": report, "nth": 1, "key": fresh_id().replace(".", "-")})
    asked = urllib.request.Request(f"{house.base}/reports/attach?{query}", photo.getvalue(), headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(msgspec.json.decode(answer.read())["id"])


def read_by_others(house: Rig, report: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what another client reads of a report through Open311, as JSON and as XML; nothing where its words are not published."""
    number, key = report.replace("/", ":"), house.source("open311-neighbour", "open311")
    asked = {}
    for form in ("json", "xml"):
        headers = {"Authorization": f"Bearer {key}"}
        where = f"{house.intake}/open311/v2/requests/{number}.{form}"
        try:
            with urllib.request.urlopen(urllib.request.Request(where, headers=headers), timeout=30) as answer:
                asked[form] = answer.read()
        except urllib.error.HTTPError:  # until the doors know this client
            return {}, {}
    (told,) = msgspec.json.decode(asked["json"])
    node = fromstring(asked["xml"]).find("request")
    xml = {one.tag: one.text or "" for one in node} if node is not None else {}
    return (told, xml) if told.get("description") else ({}, {})


def press(page, key: str, *, text: str = "", why: str = "") -> None:
    """Press a key, fill what is asked, and send it."""
    page.keyboard.press(key)
    if text or why:
        page.wait_for_selector("dialog[open]")
        if text:
            page.fill("dialog textarea", text)
        if why:
            page.fill("dialog [name=why]", why)
        page.click("dialog [type=submit]")


def call_in(page) -> str:
    """Take a call in, as it is told on the telephone; return the report's key."""
    page.keyboard.press("n")
    page.wait_for_selector("dialog[open]")
    page.fill("dialog textarea", "Quán lấn chiếm vỉa hè, gọi 0905123456")
    page.keyboard.press("Tab")
    wait_in(page, "document.querySelector('dialog [name=service]').value === 'DT01'")  # told by its words
    page.fill("dialog [name=title]", "Lấn chiếm vỉa hè ở Thuận Hoá")
    page.fill("dialog [name=lat]", "16,4637")
    page.fill("dialog [name=lon]", "107.5909")
    page.keyboard.press("Tab")
    wait_in(page, "document.querySelector('dialog [data-ward]').textContent.startsWith('Thuận Hóa')")
    page.click("dialog .map", position={"x": 90, "y": 60})  # or by a click, which says where it is
    wait_in(page, "document.querySelector('dialog [name=lat]').value !== '16,4637' && document.querySelector('dialog .rp-pin')")
    page.fill("dialog [name=lat]", "16,4637")
    page.fill("dialog [name=lon]", "107.5909")
    page.fill("dialog [name=phone]", "0905123456")
    page.click("dialog [type=submit]")
    wait_in(page, f"document.querySelector('[data-shown]') && {STATE} === 'Chờ tiếp nhận' && {LINES} === 1")
    report = str(page.evaluate("document.querySelector('[data-shown]').dataset.shown"))
    assert "0905123456" not in page.content()
    return report


def through_the_unit(show: Show, house: Rig, page: Any, report: str) -> Any:
    """The committee accepts, asks for more time, which a supervisor grants, hands in its result, gets it back, hands it in again."""
    assert officer_acts(house, "accept", report) == 200
    assert officer_acts(house, "ask_extension", report, why="chờ biển cấm", term={"value": 2, "unit": "working_day"}) == 200
    chief = show(
        "reports", role="supervisor", query=f"#{report.replace('/', '%2F')}", when="document.querySelector('[data-does=grant]')"
    )
    chief.click("[data-does=grant]")
    wait_in(
        chief,
        "document.querySelector('[data-line=grant]') && document.querySelector('[data-one-facts]').textContent.includes('Hạn gốc')",
    )
    proof = officer_attaches(house, report)
    assert officer_acts(house, "result", report, text="Đã dọn", evidence=[proof]) == 200
    # Others' acts are seen without asking.
    wait_in(page, f"{STATE} === 'Chờ duyệt' && document.querySelector('[data-does=send_back]')")
    page.click("[data-does=send_back]")
    page.fill("dialog [name=why]", "thiếu biên bản")
    page.click("dialog [type=submit]")
    wait_in(
        page, f"{STATE} === 'Đang xử lý' && document.querySelector('[data-line=send_back]').textContent.includes('thiếu biên bản')"
    )
    assert read_by_others(house, report)[0] == {}
    assert officer_acts(house, "result", report, text="Đã dọn, có biên bản", evidence=[proof]) == 200
    wait_in(page, f"{STATE} === 'Chờ duyệt'")
    return chief


def published_closed_and_reopened(house: Rig, page: Any, report: str) -> None:
    """Others read the answer and its evidence through Open311, in both formats, until the report is opened again."""
    until(lambda: read_by_others(house, report)[0].get("status_notes"))
    told, xml = read_by_others(house, report)
    assert told["status"] == xml["status"] == "closed"
    for read in (told, xml):
        assert "Đã dọn, có biên bản" in read["status_notes"]
        assert "lấn chiếm vỉa hè" in read["description"]
        assert "0905123456" not in str(read)
    assert told["media_url"] == xml["media_url"]  # what shows that it was done
    with urllib.request.urlopen(told["media_url"], timeout=30) as picture:
        assert picture.headers["Content-Type"] == "image/jpeg"
    page.keyboard.press("l")
    wait_in(page, f"{STATE} === 'Đã đóng'")
    page.click(".rp-rest-acts > summary")
    page.click("[data-does=reopen]")
    page.fill("dialog [name=why]", "lấn chiếm lại")
    page.click("dialog [type=submit]")
    wait_in(page, f"{STATE} === 'Chờ chuyển' && document.querySelector('[data-line=reopen]')")
    until(lambda: read_by_others(house, report)[0] == {})  # what is opened again is not published any more


def test_from_the_call_to_the_rating(show: Show, house: Rig) -> None:
    ready(house)
    page = show("reports", role="operator", query="?tab=received")
    report = call_in(page)
    page.click("[data-identity]")
    page.fill("dialog [name=why]", "gọi lại xác minh")
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('[data-one-facts]').textContent.includes('0905123456')")
    page.keyboard.press("v")
    wait_in(page, f"{STATE} === 'Đủ điều kiện'")
    page.keyboard.press("z")
    wait_in(page, f"{STATE} === 'Chờ tiếp nhận'")
    page.keyboard.press("v")
    wait_in(page, f"{STATE} === 'Đủ điều kiện'")
    page.keyboard.press("c")
    page.wait_for_selector("dialog[open]")
    page.click("dialog [type=submit]")
    wait_in(page, f"{STATE} === 'Chờ chuyển'")
    page.keyboard.press("f")
    page.wait_for_selector(f"dialog [name='unit:{UNIT}']:checked")  # what the city's rules suggest
    page.click("dialog [type=submit]")
    wait_in(page, f"{STATE} === 'Đã chuyển' && document.querySelector('[data-part]').textContent.includes('Thuận Hóa')")
    chief = through_the_unit(show, house, page, report)
    page.keyboard.press("a")
    wait_in(page, f"{STATE} === 'Chờ công khai'")
    page.keyboard.press("g")
    page.wait_for_selector("dialog[open]")
    assert "Đã dọn, có biên bản" in page.input_value("dialog textarea")
    page.click("dialog [type=submit]")
    wait_in(page, f"{STATE} === 'Đã công khai'")
    press(page, "y")
    page.click("dialog [type=submit]")
    wait_in(page, f"{STATE} === 'Đã đánh giá' && document.querySelector('[data-one-head] .rp-left').textContent === 'Đúng hạn'")
    leader = show(
        "reports",
        role="leader",
        query=f"?tab=published#{report.replace('/', '%2F')}",
        when=f"document.querySelector('[data-shown]') && {LINES} > 9",
    )
    assert leader.locator("[data-does], [data-identity], [data-enter]").count() == 0
    published_closed_and_reopened(house, page, report)
    assert page.watch.violations() == chief.watch.violations() == leader.watch.violations() == []  # type: ignore[attr-defined]


def test_a_units_officer_works_on_a_telephone(show: Show, house: Rig) -> None:
    ready(house)
    held = cases(house)
    report = held.enter(
        Entry("DT01", "Lấn chiếm", "Vỉa hè Lê Lợi", "", 107.5909, 16.4637), by=Actor("An", "operator"), key=fresh_id()
    ).report
    for action, units in (("verify", ()), ("classify", ()), ("forward", (Given(UNIT),))):
        held.act(Asked(action, report, units=units), by=Actor("An", "operator"), key=fresh_id())
    house.accounts.add("Thu", "ward_officer", "a long enough password", now_ms=now_ms(), unit=UNIT)
    page = show("my_unit", role="ward_officer", name="Thu", width=390, height=844, has_touch=True, is_mobile=True)
    page.click(f".rp-row[data-key='{report}']")
    page.click("[data-does=accept]")
    wait_in(page, f"{STATE} === 'Đang xử lý'")
    page.click("[data-does=result]")
    page.fill("dialog textarea", "Đã nhắc nhở, lập biên bản")
    tries: list[str] = []

    def falter(route: Any) -> None:
        """Lose the first answer on its way back: the photograph is there, and the telephone does not know."""
        tries.append(route.request.url)
        if len(tries) == 1:
            route.fetch()
            return route.abort()
        return route.continue_()

    page.route("**/reports/attach*", falter)
    photo = io.BytesIO()
    Image.effect_mandelbrot((2400, 1800), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(photo, "JPEG")
    page.set_input_files("dialog [capture]", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}])
    wait_in(page, "document.querySelector('.rp-taken [data-state=sent]')")
    page.set_input_files(
        "dialog input:not([capture])[type=file]", [{"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}]
    )
    wait_in(page, "document.querySelector('.rp-taken [data-state=failed]')")
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('dialog .ask-failed:not([hidden])')")
    page.click(".rp-taken [data-state=failed] button:last-child")
    page.click("dialog [type=submit]")
    wait_in(page, f"{STATE} === 'Chờ duyệt' && !document.querySelector('[data-identity]')")
    wait_in(page, "document.querySelectorAll('.rp-part .rp-thumb img').length === 1")
    assert (len(tries), len({told.partition("key=")[2] for told in tries[:2]})) == (3, 1)
    page.click(".rp-part .rp-thumb")
    wait_in(page, "document.querySelector('.rp-large > img').naturalWidth === 1920")
    page.click(".rp-large .btn[data-kind=strong]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("[data-back]")
    wait_in(page, "document.querySelector('.rp-list').checkVisibility()")
    assert page.watch.violations() == []  # type: ignore[attr-defined]


def test_a_report_is_made_of_what_a_camera_saw(show: Show, house: Rig) -> None:
    tell(house, alive(), sighted("crowd", "H-002"))
    page = show("console", role="operator", when="document.querySelector('#list > li[data-id]')")
    page.keyboard.press("ArrowDown")
    link = page.wait_for_selector("[data-report-of]")
    assert link is not None
    page.goto(f"{house.base}{link.get_attribute('href')}")
    page.wait_for_selector("dialog[open]")
    assert "H-002" in page.input_value("dialog textarea")
    page.select_option("dialog [name=service]", "DT01")  # a person says what it is
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('[data-line=enter]')?.textContent.includes('camera')")
    assert "event=" not in page.url
    assert "H-002" in page.inner_text("[data-one-body] .near")


def test_a_long_list_is_scrolled_by_windows_and_sought_without_diacritics(show: Show, house: Rig) -> None:
    ready(house)
    tell(house, *(reported(f"L{n:04d}", service="HT03") for n in range(700)), source="reports")
    own = str(now_ms())[-8:]  # a word that no other report has
    cases(house).enter(
        Entry("MT02", f"Đổ xà bần trộm {own}", "Đống xà bần", "12 Hoà Bình", 107.5909, 16.4637, person=Person("A")),
        by=Actor("An", "operator"),
        key=fresh_id(),
    )
    page = show(
        "reports", role="operator", query="?tab=received&field=ha_tang", when="window.kyDai?.reportList?.state().total >= 700"
    )
    assert page.locator(".rp-row").count() < 80
    page.evaluate("document.querySelector('[data-rows]').scrollTop = 1e7")
    wait_in(page, "[...document.querySelectorAll('.rp-row')].some((row) => row.dataset.nth === '699' && row.dataset.key)")
    assert page.evaluate("kyDai.reportList.state().pages.length") <= 4
    # Another field beside it, and two wards, by the keyboard alone.
    page.focus("[data-filter=field] .rp-several")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("moi truong")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_in(page, "kyDai.reportList.state().total >= 701")
    assert page.inner_text("[data-filter=field] .rp-several") == "2 lĩnh vực"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "rp-several"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for ward in ("thuan hoa", "phu xuan"):
        page.fill("[data-filter=ward] [type=search]", ward)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
    wait_in(page, "location.search.includes('ward=19789,19753')")
    assert page.inner_text("[data-filter=ward] .rp-several") == "2 phường, xã"
    page.reload()
    wait_in(page, "document.querySelector('[data-filter=ward] .rp-several')?.textContent === '2 phường, xã'")
    assert "field=ha_tang,moi_truong" in page.url
    for name in ("field", "ward"):
        page.click(f"[data-filter={name}] .rp-several")
        wait_in(page, f"!document.querySelector('[data-filter={name}] .rp-options').hidden")
        page.click(f"[data-filter={name}] .rp-option-acts .btn")
        wait_in(page, f"!location.search.includes('{name}=')")
        page.keyboard.press("Escape")
        wait_in(page, f"document.querySelector('[data-filter={name}] .rp-options').hidden")
    page.evaluate("document.querySelector('[data-rows]').focus()")
    page.keyboard.press("/")
    page.keyboard.type(f"xa ban hoa binh {own}")
    wait_in(page, "kyDai.reportList.state().total === 1 && document.querySelector('.rp-row b').textContent.includes('Đống xà bần')")
    assert f"tab=received&q=xa+ban+hoa+binh+{own}" in page.url
    page.reload()
    wait_in(
        page,
        "window.kyDai?.reportList?.state().total === 1 && document.querySelector('[data-seek] input').value.startsWith('xa ban hoa binh')",
    )
    held = cases(house)
    first = page.evaluate("document.querySelector('.rp-row').dataset.key")
    held.act(Asked("verify", first), by=Actor("Bình", "operator"), key=fresh_id())
    wait_in(
        page,
        "document.querySelector('[data-n=received]').textContent === '0' && document.querySelector('[data-n=to_assign]').textContent === '1'",
    )
    assert page.watch.violations() == []  # type: ignore[attr-defined]


def test_nothing_typed_is_lost_and_a_double_click_is_one_act(show: Show, house: Rig) -> None:
    ready(house)
    page = show("reports", role="operator", query="?tab=nonsense&due=never")
    assert page.evaluate("kyDai.reportList.sought().due") == ""
    page.keyboard.press("n")
    page.wait_for_selector("dialog[open]")
    page.fill("dialog textarea", "Cây đổ chắn đường")
    page.fill("dialog [name=lat]", "16,46 độ")
    page.fill("dialog [name=lon]", "107.59")
    page.focus("dialog textarea")
    page.keyboard.press("Control+Enter")
    wait_in(page, "document.querySelector('dialog .ask-failed').textContent.includes('phải là số')")
    page.keyboard.press("Escape")  # asks first
    wait_in(page, "document.querySelector('dialog .ask-failed').textContent.includes('Esc')")
    page.reload()
    wait_in(page, "window.kyDai?.reportList && document.querySelector('[data-space] > *')")
    page.keyboard.press("n")
    page.wait_for_selector("dialog .ask-kept")
    assert page.input_value("dialog textarea") == "Cây đổ chắn đường"
    page.fill("dialog [name=lat]", "16,4637")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="kydai")
    page.focus("dialog textarea")
    page.keyboard.press("Control+Enter")
    wait_in(page, "document.querySelector('dialog .ask-failed a[target=_blank]')")  # the session has ended
    page.context.add_cookies(cookies)
    page.keyboard.press("Control+Enter")
    wait_in(page, f"document.querySelector('[data-shown]') && {STATE} === 'Chờ tiếp nhận'")
    page.dblclick("[data-does=take]")
    wait_in(page, f"{STATE} === 'Đang xác minh'")
    page.dblclick("[data-does=refuse]")
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog[open]").count() == 1
    assert not page.is_visible("[data-note]")
    page.click("dialog .ask-foot .btn:first-child")
    page.set_viewport_size({"width": 1440, "height": 520})
    page.focus(".rp-body")
    page.keyboard.press("ArrowDown")  # scrolls the report, and leaves it in view
    wait_in(page, "document.querySelector('.rp-body').scrollTop > 0")
    page.click("[data-tab=closed]")
    page.go_back()
    wait_in(page, "document.querySelector('[data-tab=received]').getAttribute('aria-selected') === 'true'")


def test_what_a_citizen_is_told_names_the_right_office_and_has_no_gap(show: Show, house: Rig) -> None:
    ready(house)
    entry = Entry("DT01", "Lấn chiếm trên quốc lộ", "Quốc lộ 1", "", 107.5909, 16.4637)
    report = cases(house).enter(entry, by=Actor("An", "operator"), key=fresh_id()).report
    page = show(
        "reports",
        role="operator",
        query=f"?tab=received#{report.replace('/', '%2F')}",
        when="document.querySelector('[data-does=refuse]')",
    )
    page.click("[data-does=refuse]")
    page.wait_for_selector("dialog[open]")
    page.fill("dialog [name=why]", "thuộc tỉnh khác")
    wait_in(page, "document.querySelector('dialog textarea').value.includes('của thành phố: thuộc tỉnh khác.')")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.click(".rp-rest-acts > summary")
    page.click("[data-does=hand_outside]")
    page.wait_for_selector("dialog[open]")
    page.fill("dialog [name=why]", "ngoài thẩm quyền")
    page.fill("dialog textarea", "Đã chuyển đến […]")
    page.fill("dialog [name=to]", "Cục Đường bộ")
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('dialog .ask-failed').textContent.includes('[…]')")
    page.select_option("dialog [name=template]", "outside")
    page.dispatch_event("dialog [name=template]", "change")
    cases(house).act(Asked("verify", report), by=Actor("Bình", "operator"), key=fresh_id())
    page.click("dialog [type=submit]")
    wait_in(
        page, "document.querySelector('dialog .ask-failed').textContent.includes('Bình')"
    )  # who was first; what was typed stays, and goes
    page.click("dialog [type=submit]")
    wait_in(
        page,
        f"{STATE} === 'Chuyển ngoài' && document.querySelector('[data-one-body]').textContent.includes('có thẩm quyền: Cục Đường bộ.')",
    )
