"""Incidents on the console and on their page: opened, joined, merged, split, handed over, closed; heard of by the others; on paper."""

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import DRAWN, PATHS, Show
from tests.browser.eyes import click_report
from tests.browser.says import alarm_at, alive, incident, reported, sighted, tell
from tests.chromium import signed_in, wait_in
from tests.rig import Rig

pytestmark = pytest.mark.xdist_group("browser-incidents")
TOAST = "(document.querySelector('.toast')?.textContent ?? '')"
SHOWN = "document.querySelector('[data-shown=\"{}\"]')"
LINE = "document.querySelector('[data-line={}]')"
NEAR = ("H-001", "H-002")  # on the two ends of one half of a bridge, 240 m apart


def raised(house: Rig, camera: str, kind: str) -> str:
    tell(house, alive(), sighted(kind, camera))
    return alarm_at(house, camera, kind)


def choose(page: Page, alarm: str) -> None:
    wait_in(page, f"document.querySelector(\"#list > li[data-id='{alarm}']\")")
    page.click(f"#list > li[data-id='{alarm}']")
    wait_in(page, f"document.querySelector(\"[data-incident-of='{alarm}'] p\")?.textContent !== kyDai.say('incident.asking')")


def opened(browser: Browser, house: Rig, number: int, name: str, **more: object) -> Page:
    """Open an incident's page as the supervisor of a name."""
    page = signed_in(browser, house.base, house.session(name=name), **more).new_page()
    page.goto(f"{house.base}{PATHS['incidents']}#{number}")
    wait_in(page, f"{DRAWN['incidents']} && {SHOWN.format(number)}")
    return page


def ask(page: Page, does: str, **fields: str) -> None:
    """Press a button, fill in what it asks for, and do it."""
    page.click(f".in-acts [data-does={does}]")
    for name, value in fields.items():
        node = page.locator(f"dialog [name={name}]").first
        if node.get_attribute("type") == "radio":
            page.check(f"dialog [name={name}][value='{value}']")
        elif node.evaluate("(one) => one.tagName") == "SELECT":
            node.select_option(value)
        else:
            node.fill(value)
    page.click("dialog [type=submit]")
    wait_in(page, "!document.querySelector('dialog')")


def test_an_alarm_is_opened_by_one_key_and_the_next_one_joins_it(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    first = raised(house, NEAR[0], "crowd")
    choose(page, first)
    assert page.inner_text(f"[data-incident-of='{first}'] p") == "Chưa thuộc sự việc nào."
    page.keyboard.press("KeyI")
    wait_in(page, f"{TOAST}.includes('bạn phụ trách') && document.querySelector('[data-incident-id]')")
    number = page.get_attribute("[data-incident-id]", "data-incident-id")
    assert "operator-person" in page.inner_text("[data-incident-id]")
    assert page.get_attribute("[data-incident-id] a", "href") == f"/incidents#{number}"
    page.keyboard.press("KeyI")
    wait_in(page, f"{TOAST}.includes('Đã thuộc sự việc #{number}')")
    second = raised(house, NEAR[1], "crowd")
    choose(page, second)
    assert " m, " in page.inner_text(f"[data-incident-near='{number}']")
    page.keyboard.press("KeyI")
    wait_in(page, "document.querySelector('[data-incident-ask=open]')")
    told = page.inner_text("dialog")
    assert f"Nhập vào #{number}" in told
    assert "Mở sự việc mới" in told
    page.keyboard.press("Escape")
    wait_in(page, "!document.querySelector('dialog')")
    assert page.locator("[data-incident-id]").count() == 0
    page.keyboard.press("KeyI")
    wait_in(page, "document.querySelector('[data-incident-ask=open]')")
    page.keyboard.press("Enter")
    wait_in(page, f"document.querySelector(\"[data-incident-of='{second}'] [data-incident-id='{number}']\")")
    third = raised(house, "H-004", "congestion")
    choose(page, third)
    page.click("[data-incident-open]")
    wait_in(page, f"document.querySelector(\"[data-incident-of='{third}'] [data-incident-id]\")")
    assert page.get_attribute("[data-incident-id]", "data-incident-id") != number
    page.keyboard.press("?")
    assert "mở sự việc" in page.inner_text(".help")
    assert page.watch.complaints == []  # type: ignore[attr-defined]


def test_a_new_one_may_be_chosen_though_another_is_near(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    near, mine = raised(house, NEAR[0], "street_flood"), raised(house, NEAR[1], "street_flood")
    number = incident(house, "open", near)
    choose(page, mine)
    page.keyboard.press("KeyI")
    wait_in(page, "document.querySelector('[data-incident-ask=open]')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_in(page, f"document.querySelector(\"[data-incident-of='{mine}'] [data-incident-id]\")")
    assert page.get_attribute("[data-incident-id]", "data-incident-id") != str(number)


def test_a_report_is_opened_too_and_what_others_open_is_heard_of(show: Show, house: Rig) -> None:
    page = show("console", role="operator")
    tell(house, reported("IN-1", lon=107.61, lat=16.47), source="reports")
    wait_in(page, "kyDai.map.reportAt('report:IN-1')")
    click_report(page, "report:IN-1")
    wait_in(page, "document.querySelector('[data-incident-open]')")
    page.keyboard.press("KeyI")
    wait_in(page, "document.querySelector('[data-incident-id]')")
    alarm = raised(house, "H-030", "crowd")
    choose(page, alarm)
    number = incident(house, "open", alarm, name="minh")
    wait_in(page, f"document.querySelector(\"[data-incident-id='{number}']\")?.textContent.includes('minh')")
    incident(house, "close", incident=number, name="minh", outcome="handled")
    wait_in(page, f"document.querySelector(\"[data-incident-past='{number}']\")?.textContent.includes('Đã đóng')")
    assert page.locator("[data-incident-open]").count() == 1
    incident(house, "reopen", incident=number, name="minh", why="còn khói")
    reader = show("console", role="admin")
    choose(reader, alarm)
    wait_in(reader, f"document.querySelector(\"[data-incident-id='{number}']\")")
    assert reader.locator("[data-incident-open]").count() == 0


def test_an_incident_from_a_suggestion_to_its_close(browser: Browser, house: Rig) -> None:
    first, second, third = (raised(house, one, "fire_single") for one in ("H-001", "H-002", "H-003"))
    number = incident(house, "open", first, name="lan", title="<img src=x onerror=window.__hit=1>")
    other = incident(house, "open", third, name="lan")
    page, another = opened(browser, house, number, "lan"), opened(browser, house, number, "minh")
    assert another.locator(".in-acts [data-does]").evaluate_all("(all) => all.map((one) => one.dataset.does)") == [
        "take_over",
        "note",
        "rename",
    ]
    page.click(f"[data-near='alarm {second}'] [data-does=add]")
    wait_in(page, f"document.querySelector(\"[data-member='alarm {second}']\") && {LINE.format('add')}")
    page.click(f"[data-near='incident {other}'] [data-does=merge]")
    assert f"#{other}" in page.inner_text("dialog .ask-list")
    page.keyboard.press("Enter")
    assert page.locator("dialog").count() == 1  # without a reason nothing is merged
    page.fill("dialog [name=why]", "cùng một đám cháy, xe 75A-123.45")
    page.keyboard.press("Enter")
    wait_in(page, f"{LINE.format('merge')} && document.querySelectorAll('.in-list .in-member').length === 3")
    assert "75A-***.45" in page.inner_text("[data-line=merge]")
    wait_in(another, LINE.format("merge"))  # within some seconds, without being asked for
    page.check(f"[data-member='alarm {third}'] input")
    ask(page, "split", title="Cháy ở bờ nam", why="khác chủ nhà")
    wait_in(page, f"{LINE.format('split')} && document.querySelectorAll('.in-list .in-member').length === 2")
    ask(page, "hand_over", to="minh", why="hết ca")
    wait_in(page, f"{LINE.format('hand_over')} && !document.querySelector('.in-acts [data-does=close]')")
    wait_in(another, "document.querySelector('.in-acts [data-does=close]')")
    ask(another, "note", why="đã dập tắt")
    wait_in(another, LINE.format("note"))
    ask(another, "close", outcome="handled", why="")
    wait_in(another, f"{LINE.format('close')} && document.querySelector('.in-acts [data-does=reopen]')")
    told = another.locator("[data-of=incident]").all_inner_texts()
    said = [one for one in told if not one.endswith(f" · #{other}")]
    assert [one.split(" ")[0] for one in said] == ["lan", "lan", "lan", "lan", "lan", "minh", "minh"]
    assert said[-1] == "minh đóng sự việc: Đã xử lý"
    assert another.evaluate("window.__hit") is None
    another.goto(f"{house.base}/incidents#{other}")
    wait_in(another, f"{SHOWN.format(other)} && document.querySelector('.facts a')")
    assert another.inner_text(".facts a") == f"Đã gộp vào #{number}"


def test_two_at_once_and_the_second_is_told_who_was_first(browser: Browser, house: Rig) -> None:
    number = incident(house, "open", raised(house, "H-020", "crowd"), name="lan")
    page = opened(browser, house, number, "lan")
    page.click(".in-acts [data-does=close]")
    incident(house, "take", incident=number, name="minh", why="đổi ca")
    page.click("dialog [type=submit]")
    wait_in(page, "document.querySelector('[data-note][data-kind=failed]')?.textContent.includes('minh vừa nhận phụ trách lúc')")
    wait_in(page, "document.querySelector('.in-acts [data-does=take_over]')")


def test_what_was_typed_stays_when_the_answer_is_lost_and_is_written_once(browser: Browser, house: Rig) -> None:
    page = opened(browser, house, incident(house, "open", raised(house, "H-025", "crowd"), name="lan"), "lan")

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/incidents/act", lost, times=1)
    page.click(".in-acts [data-does=note]")
    page.fill("dialog [name=why]", "bảy xe đã tới")
    page.keyboard.press("Enter")
    wait_in(page, "document.querySelector('dialog .ask-failed:not([hidden])')?.textContent === 'Chưa làm được, hãy thử lại.'")
    assert page.input_value("dialog [name=why]") == "bảy xe đã tới"
    page.keyboard.press("Enter")
    wait_in(page, f"!document.querySelector('dialog') && {LINE.format('note')}")
    assert page.locator("[data-line=note]").count() == 1


def test_the_list_is_searched_without_marks_and_filtered(browser: Browser, house: Rig) -> None:
    mine = incident(house, "open", raised(house, "H-021", "crowd"), name="thu", title="Đông người ở Cầu Phú Xuân")
    theirs = incident(house, "open", raised(house, "H-022", "crowd"), name="lan")
    page = opened(browser, house, theirs, "thu")
    page.fill("[data-search] input", "cau phu xuan")
    wait_in(page, "document.querySelectorAll('.in-row').length >= 1")
    assert page.locator(f".in-row[data-id='{mine}']").count() == 1
    assert page.locator(f".in-row[data-id='{theirs}']").count() == 0
    page.fill("[data-search] input", "")
    page.click("[data-filter=mine]")
    assert page.locator(".in-row").evaluate_all("(all) => all.map((one) => one.dataset.id)") == [str(mine)]
    page.click("[data-filter=closed]")
    assert page.locator(f".in-row[data-id='{mine}']").count() == 0
    page.goto(f"{house.base}/incidents#99999")
    wait_in(page, "document.querySelector('[data-incident]').textContent.includes('Không tìm thấy')")


def test_whoever_only_reads_is_offered_nothing(show: Show, house: Rig) -> None:
    number = incident(house, "open", raised(house, "H-023", "crowd"))
    page = show("incidents", role="leader", query=f"#{number}")
    wait_in(page, SHOWN.format(number))
    assert page.locator("[data-does]").count() == 0
    assert page.locator("[data-lines] time").count() >= 2


def test_on_paper_it_is_the_record_of_one_on_a_sheet(browser: Browser, house: Rig) -> None:
    number = incident(house, "open", raised(house, "H-024", "crowd"), name="lan")
    page = opened(browser, house, number, "lan")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for hidden in (".in-listed", ".in-acts", ".in-near", ".r-head .btn"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert "người in: lan" in page.inner_text(".in-printed")
    assert page.is_visible("[data-lines]")
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 594.9" in paper or b"/MediaBox [0 0 595" in paper or b"/MediaBox [0 0 596" in paper
