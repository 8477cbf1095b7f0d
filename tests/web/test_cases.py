"""The doors of reports: who may do what, what is told to whom, and what is asked wrongly."""

import io
from unicodedata import normalize
from urllib.parse import urlencode

import pytest
from PIL import Image

from dashboard.pictures import DAY_MS
from dashboard.ports import Reading
from dashboard.reports.case import Asked, Given
from dashboard.reports.cases import Actor, Entry, Person
from dashboard.reports.photos import MOST_PHOTOS
from data.pictures.developed import develop
from data.store.pictures import New
from data.store.record import SqlStore
from tests.web.conftest import PACK, PASSWORD, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
WARD = "UB-19789"
AN = Actor("An", "operator")


@pytest.fixture
def report(web) -> str:
    """A report that somebody called in: a plate and a telephone number in its text."""
    store = SqlStore(web.engine, city=PACK.city)
    store.record(store.load(now_ms()), Reading((), ()), "0-0")
    entry = Entry(
        "MT01",
        "Xe 75A-123.45 đổ rác, gọi 0905123456",
        title="Rác ở Thuận Hoá",
        lon=107.5909,
        lat=16.4637,
        person=Person("Nguyễn Thị Mẫu", "0905123456"),
    )
    return str(web.cases.enter(entry, by=AN, key="enter-01").report)


def officer(web, unit: str = WARD, name: str = "ha"):
    web.accounts.add(name, "ward_officer", PASSWORD, now_ms=now_ms(), unit=unit)
    client = web.server.test_client()
    client.set_cookie("kydai", web.accounts.open_session(name, "ward_officer", now_ms=now_ms()))
    return client


def post(client, path: str, **body: object):
    return client.post(path, json={"key": "k-" + str(abs(hash(repr(sorted(body.items())))))[:12], **body}, headers=SAME)


def forwarded(web, report: str) -> None:
    for n, (action, more) in enumerate({"verify": {}, "classify": {}, "forward": {"units": (Given(WARD), Given("HEPCO"))}}.items()):
        web.cases.act(Asked(action, report, **more), by=AN, key=f"walk-{n}-{report}")  # type: ignore[arg-type]


def test_a_list_with_its_counts_and_a_report_whole(web, report) -> None:
    client = web.signed("operator")
    told = client.get("/reports/list?tab=received&q=thuan+hoa").json
    assert (told["total"], told["counts"]["received"], told["rows"][0]["key"]) == (1, 1, report)
    one = client.get(f"/reports/one?key={report}").json
    assert "0905123456" not in str(one)
    assert "123.45" not in str(one)
    assert one["text"] == "Xe 75A-***.45 đổ rác, gọi 0***56"
    assert {"verify", "refuse", "note"} <= set(one["legal"])
    assert "grant" not in one["legal"]
    assert one["identified"]
    assert client.get("/reports/one?key=centre/none").status_code == 404
    for query in ("offset=-1", "limit=9999", "offset=x"):
        assert client.get(f"/reports/list?{query}").status_code == 400


def test_what_is_done_and_what_stands_in_its_way(web, report) -> None:
    client = web.signed("operator")
    done = post(client, "/reports/act", action="verify", report=report, version=1)
    assert (done.status_code, done.json["state"], done.json["version"]) == (200, "verified", 2)
    late = post(client, "/reports/act", action="take", report=report, version=1)
    assert (late.status_code, late.json["error"]["code"], late.json["last"]["action"]) == (409, "outdated", "verify")
    wrong = post(client, "/reports/act", action="publish", report=report, text="x")
    assert (wrong.status_code, wrong.json["error"]["code"], wrong.json["state"]) == (409, "state", "verified")
    lacks = post(client, "/reports/act", action="refuse", report=report, why="x")
    assert (lacks.status_code, lacks.json["error"]) == (400, {"code": "incomplete", "lacks": "text"})
    assert post(client, "/reports/act", action="grant", report=report).status_code == 403
    assert post(client, "/reports/act", action="dance", report=report).status_code == 400
    assert client.post("/reports/act", data=b"{", headers=SAME).status_code == 400
    assert client.post("/reports/act", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("role", ["leader", "auditor", "admin", "wall"])
def test_who_only_reads_does_nothing_and_never_sees_who_sent_it(web, report, role) -> None:
    client = web.signed(role)
    assert client.get(f"/reports/one?key={report}").status_code == (403 if role == "wall" else 200)
    assert post(client, "/reports/act", action="verify", report=report).status_code == 403
    assert post(client, "/reports/identity", report=report, why="x").status_code == 403
    assert post(client, "/reports/enter", service="MT01", text="x").status_code == 403


def test_who_sent_it_is_shown_for_a_reason(web, report) -> None:
    client = web.signed("operator")
    assert post(client, "/reports/identity", report=report, why="").status_code == 400
    told = post(client, "/reports/identity", report=report, why="gọi lại xác minh")
    assert told.json["phone"] == "0905123456"
    assert told.headers["Cache-Control"] == "no-store"
    assert client.get(f"/reports/one?key={report}").json["acts"][-1]["action"] == "reveal"


def test_a_token_reads_and_does_nothing(web, report) -> None:
    token = web.accounts.add_token("machine", "operator", days=1, now_ms=now_ms())
    shown = {"Authorization": f"Bearer {token}", **SAME}
    assert web.server.test_client().get(f"/reports/one?key={report}", headers=shown).status_code == 200
    body = {"key": "k-12345678", "action": "verify", "report": report}
    assert web.server.test_client().post("/reports/act", json=body, headers=shown).status_code == 403


def test_a_units_people_have_their_part_and_nothing_else(web, report) -> None:
    mine, other, nobody = officer(web), officer(web, "UB-19777", "le"), officer(web, "", "ai")
    assert mine.get(f"/reports/one?key={report}").status_code == 404
    forwarded(web, report)
    web.cases.act(Asked("note", report, why="nội bộ: người gửi hay gọi"), by=AN, key="note-0001")
    assert [row["key"] for row in mine.get("/reports/list").json["rows"]] == [report]
    row, part = mine.get("/reports/list?tab=in_progress").json["rows"][0], mine.get(f"/reports/one?key={report}").json["parts"][0]
    assert (row["due"], row["started"], row["part"]) == (
        part["clock"]["due"],
        part["clock"]["started"],
        {"nth": 1, "state": "given"},
    )
    assert web.signed("operator").get("/reports/list?tab=in_progress").json["rows"][0]["part"] is None
    assert other.get("/reports/list").json["rows"] == nobody.get("/reports/list").json["rows"] == []
    assert other.get(f"/reports/one?key={report}").status_code == 404
    one = mine.get(f"/reports/one?key={report}").json
    assert ([part["mine"] for part in one["parts"]], one["identified"], one["near"]) == ([True, False], False, [])
    assert "nội bộ" not in str(one)
    assert set(one["legal"]) == {"accept", "decline", "result", "ask_extension", "note", "undo"}
    assert post(mine, "/reports/act", action="accept", report=report, nth=2).status_code == 400
    assert post(mine, "/reports/act", action="verify", report=report).status_code == 403
    assert post(mine, "/reports/act", action="accept", report=report, nth=1).json["state"] == "in_progress"
    assert post(mine, "/reports/identity", report=report, why="x").status_code == 403


def test_a_call_is_taken_in_and_what_would_happen_is_said(web, report) -> None:
    client = web.signed("operator")
    told = post(
        client,
        "/reports/enter",
        service="TT02",
        text="Cháy ở bãi phế liệu",
        title=normalize("NFD", "Cháy trên đường Nguyễn Huệ"),  # as some keyboards write
        lon=107.5909,
        lat=16.4637,
        person={"phone": "0905000111"},
    )
    assert told.status_code == 200
    found = client.get("/reports/one", query_string={"key": told.json["key"]}).json
    assert (found["ward"], found["state"], found["title"]) == ("19789", "received", "Cháy trên đường Nguyễn Huệ")
    way = client.get(
        "/reports/route", query_string={"text": "Cháy ở bãi phế liệu", "lon": "107.5909", "lat": "16.4637", "service": "TT02"}
    ).json
    assert (way["route"], [one["unit"] for one in way["units"]], way["alarm"]) == ("fire", ["CA-PCCC", WARD], True)
    assert client.get("/reports/route?service=XX").status_code == 400
    assert client.get("/reports/route?service=MT01&lon=x&lat=1").status_code == 400
    assert {one["key"] for one in client.get("/reports/facts").json["templates"]} >= {"done", "not_ours"}
    assert post(client, "/reports/enter", service="MT01", text="x", lon=16.4637, lat=107.5909).status_code == 400
    assert post(client, "/reports/enter", service="MT01", text="x", lon=16.4637, lat=7.5).json["error"]["lacks"] == "place"


def test_what_a_camera_saw_becomes_a_report_that_says_so(web, report) -> None:
    client = web.signed("operator")
    body = {"service": "MT01", "text": "Rác ở H-001", "lon": 107.5909, "lat": 16.4637, "event": "frigate:1732.5-abc 75A-123.45"}
    made = post(client, "/reports/enter", **body, channel="camera")
    first = client.get("/reports/one", query_string={"key": made.json["key"]}).json["acts"][0]
    assert (first["action"], first["event"], first["who"]) == ("enter", "frigate:1732.5-abc 75A-***.45", "operator-person")


def jpeg(size: tuple[int, int] = (640, 360), **more: object) -> bytes:
    out = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 50).convert("RGB").save(out, "JPEG", **more)
    return out.getvalue()


def attach(client, report: str, raw: bytes, key: str = "photo-0001", nth: int = 1):
    return client.post(f"/reports/attach?{urlencode({'report': report, 'key': key, 'nth': nth})}", data=raw, headers=SAME)


def photos(client, report: str):
    return client.get(f"/reports/photos?key={report}").json["photos"]


def test_a_units_evidence_is_kept_once_and_shown_with_its_result(web, report) -> None:
    forwarded(web, report)
    mine, other, centre = officer(web), officer(web, "UB-19777", "le"), web.signed("operator")
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "ở nhà tôi", 6
    first, again = (attach(mine, report, jpeg(exif=exif)) for _ in range(2))
    assert (first.status_code, first.json["id"]) == (200, again.json["id"])
    assert (first.json["width"], first.json["height"]) == (360, 640)  # as the telephone was held
    assert photos(centre, report) == photos(mine, report) == []  # until it is handed in
    assert attach(other, report, jpeg()).status_code == 404
    assert attach(mine, report, jpeg(), "photo-0002", nth=2).json["error"] == {"code": "incomplete", "lacks": "nth"}
    done = {"action": "result", "report": report, "nth": 1, "text": "Đã dọn"}
    assert post(mine, "/reports/act", **done, evidence=["0" * 32]).json["error"] == {"code": "incomplete", "lacks": "picture"}
    assert post(mine, "/reports/act", **done, evidence=[first.json["id"]]).json["state"] == "in_progress"
    (shown,) = photos(centre, report)
    assert (shown["id"], shown["of"], shown["nth"], shown["who"]) == (first.json["id"], "unit", 1, "ha")
    served = centre.get(shown["url"])
    assert (served.status_code, served.mimetype, b"nh\xc3\xa0" in served.data) == (200, "image/jpeg", False)
    assert mine.get(shown["url"]).status_code == 404  # it was made for somebody else
    assert attach(mine, report, jpeg(), "photo-0003").json["error"]["code"] == "part"
    told = {"picture": shown["id"], "why": "xem có đúng chỗ không"}
    assert mine.post("/pictures/reveal", json=told, headers=SAME).status_code == 403
    assert centre.get(centre.post("/pictures/reveal", json=told, headers=SAME).json["url"]).status_code == 200
    assert mine.get(f"/pictures/{shown['id']}/masked").status_code == 403


def test_what_is_no_photograph_is_refused_with_a_reason(web, report) -> None:
    forwarded(web, report)
    mine = officer(web)
    bomb = io.BytesIO()
    Image.new("1", (6000, 5000)).save(bomb, "PNG")
    for raw, status, code in (
        (b"%PDF-1.7" + b"x" * 2000, 400, "photo_unreadable"),
        (b"\xff\xd8\xff" + b"x" * 2000, 400, "photo_unreadable"),
        (jpeg()[:3000], 400, "photo_unreadable"),
        (bomb.getvalue(), 400, "photo_pixels"),
        (b"\xff\xd8\xff" + b"x" * 13_000_000, 413, "photo_size"),
        (b"", 400, "photo_unreadable"),
    ):
        answer = attach(mine, report, raw)
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert attach(mine, report, jpeg(), key="short").status_code == 400
    assert attach(web.signed("leader"), report, jpeg()).status_code == 403


def test_the_centre_adds_photographs_and_a_citizens_are_shown(web, report) -> None:
    centre = web.signed("operator")
    assert attach(centre, report, jpeg(), nth=0).json["of"] == "centre"
    assert attach(centre, report, jpeg(), nth=0).status_code == 200
    source, _, number = report.partition("/")
    web.pictures.keep([New(f"{source}:{number}@0", "scene", now_ms(), now_ms() + DAY_MS, develop(jpeg(), None))], mark="9-0")
    forwarded(web, report)
    mine = officer(web)
    assert [one["of"] for one in photos(mine, report)] == [one["of"] for one in photos(centre, report)] == ["citizen", "centre"]
    lines = [line["action"] for line in mine.get(f"/reports/one?key={report}").json["acts"]]
    assert lines.count("attach") == 1
    for nth in range(MOST_PHOTOS - 1):
        assert attach(centre, report, jpeg((64, 64)), f"photo-9{nth:03d}", nth=0).status_code == 200
    assert attach(centre, report, jpeg(), "photo-9999", nth=0).json["error"]["code"] == "photos"
    assert attach(web.signed("supervisor"), "centre/none", jpeg(), nth=0).status_code == 404


def test_a_list_is_taken_away_by_whoever_may(web, report) -> None:
    for role in ("operator", "leader", "auditor", "wall"):
        assert web.signed(role).get("/reports/export.csv").status_code == 403
    with web.signed("supervisor").get("/reports/export.csv?tab=received&q=thuan+hoa") as told:
        assert (told.status_code, told.headers["X-Rows"], told.headers["Cache-Control"]) == (200, "1", "no-store")
        assert told.headers["Content-Disposition"].startswith('attachment; filename="reports-')
        assert told.data.startswith(b"\xef\xbb\xbf")
        assert "Rác ở Thuận Hoá" in told.text
        assert "Mẫu" not in told.text
        assert "0905123456" not in told.text
    with web.signed("admin").get("/reports/export.xlsx") as told:
        assert told.data[:2] == b"PK"
    assert web.signed("supervisor").get("/reports/export.csv?limit=x").status_code == 400
    assert web.signed("supervisor").get("/reports/export.pdf").status_code == 404
    token = web.accounts.add_token("machine", "supervisor", days=1, now_ms=now_ms())
    assert web.server.test_client().get("/reports/export.csv", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_several_at_once_each_with_its_answer(web, report) -> None:
    client, body = web.signed("operator"), {"reports": [{"report": report, "version": 1}, {"report": "centre/none"}]}
    would = post(client, "/reports/act-together", action="take", preview=True, **body).json["results"]
    assert [(one["done"], one.get("state"), one.get("code")) for one in would] == [
        (True, "verifying", None),
        (False, None, "not_found"),
    ]
    assert client.get(f"/reports/one?key={report}").json["state"] == "received"
    told = post(client, "/reports/act-together", action="take", **body).json["results"]
    assert [(one["done"], one.get("version")) for one in told] == [(True, 2), (False, None)]
    late = post(client, "/reports/act-together", action="classify", reports=body["reports"][:1]).json["results"][0]
    assert (late["code"], late["last"]["action"]) == ("outdated", "take")
    assert post(client, "/reports/act-together", action="publish", **body).status_code == 400
    many = [{"report": f"centre/{n}"} for n in range(51)]
    assert post(client, "/reports/act-together", action="take", reports=many).status_code == 400
    assert post(client, "/reports/act-together", action="take", reports=[]).status_code == 400
    assert post(web.signed("leader"), "/reports/act-together", action="take", **body).status_code == 403
    assert post(officer(web), "/reports/act-together", action="take", **body).status_code == 403
    token = web.accounts.add_token("machine", "operator", days=1, now_ms=now_ms())
    shown = {"Authorization": f"Bearer {token}", **SAME}
    told = web.server.test_client().post(
        "/reports/act-together", json={"key": "k-12345678", "action": "take", **body}, headers=shown
    )
    assert told.status_code == 403
    facts = client.get("/reports/facts").json["together"]
    assert (facts["most"], set(facts["from"])) == (50, {"take", "classify", "forward", "note", "close", "undo"})
    assert set(officer(web, name="le").get("/reports/facts").json["together"]["from"]) == {"note", "undo"}


def test_what_would_happen_to_a_report_is_said_to_whoever_keeps_the_rules(web, report) -> None:
    asked = {"service": "MT01", "text": "Xe đổ rác, gọi ngay", "lat": 16.4637, "lon": 107.5909}
    assert web.signed("operator").post("/reports/tried", json=asked, headers=SAME).status_code == 403
    client = web.signed("admin")
    told = client.post("/reports/tried", json=asked, headers=SAME).json
    assert (told["ward"], told["route"], [one["unit"] for one in told["units"]]) == ("19789", "", ["HEPCO"])
    assert [one["key"] for one in told["near"]] == [report]
    assert {one["outcome"] for one in told["rules"]} == {"no"}
    then = client.post("/reports/tried", json=asked | {"at": "2024-05-06T09:00"}, headers=SAME).json
    assert (then["near"], then["ward"] != told["ward"]) == ([], True)  # the wards of that year, and nothing near in time
    for body, lacks in (({"text": "xin chào"}, "service"), (asked | {"lat": None}, "place")):
        wrong = client.post("/reports/tried", json=body, headers=SAME)
        assert (wrong.status_code, wrong.json["error"]["lacks"]) == (400, lacks)
    for body in (asked | {"at": "2024-02-31T09:00"}, asked | {"lat": 91}, asked | {"more": 1}, []):
        assert client.post("/reports/tried", json=body, headers=SAME).status_code == 400
    assert client.get("/report-rules").status_code == 200
    assert web.signed("operator").get("/report-rules").status_code == 403


def test_a_long_text_is_routed_too(web) -> None:
    long = "Cháy lớn, " + "khói đen " * 400
    told = web.signed("operator").post("/reports/route", json={"service": "TT02", "text": long}, headers=SAME).json
    assert told["route"] == "fire"
