"""What is published of reports is read by everybody through Open311, and not before; what citizens write back is seen at the centre."""

from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from dashboard.reports.case import Incomplete
from dashboard.reports.cases import Actor
from data.pictures.developed import Developed
from data.store.cases.photos import SqlPhotos
from tests.cases import Office
from tests.citizens import CLIENT, NOW, OTHER, PACK, REPORT, Town, fits

HANOI = Actor("Hà", "ward_officer", "UB-19789")
ANSWER = "Đã thu gom xong, gọi 0914 555 777 nếu còn."


class Pair(Town):
    """The doors, and the people at the centre over the same record."""

    def __init__(self, engine: Engine, redis_log: Redis, folder: Path) -> None:
        super().__init__(engine, redis_log, folder, public=True)
        self.office = Office(engine, PACK.city)
        self.office.clock = self.clock  # type: ignore[assignment]
        self.office.cases._clock = self.clock
        self.photos = SqlPhotos(engine, self.clock, lambda: PACK.city, self.pictures, lambda raw: Developed(raw, b"masked", 4, 3))  # type: ignore[arg-type]
        self.proof = "f" * 32  # until a unit has attached one

    def tell(self) -> None:
        """Let the board take what it is owed."""
        self.office.board = self.store.load(self.clock.at_ms)
        self.office._n += 10_000
        self.office.hear()

    def answered(self, report: str) -> None:
        self.office.walk(report, "forwarded", units="UB-19789")
        self.office.act("accept", report, by=HANOI, nth=1)
        self.proof = self.photos.attach(report, b"clear", nth=1, by=HANOI, key=f"proof-{report}").picture.id
        with pytest.raises(Incomplete):
            self.office.act("result", report, by=HANOI, nth=1, text="Đã dọn", evidence=(self.proof, "../../etc/passwd"))
        self.office.act("result", report, by=HANOI, nth=1, text="Đã dọn", evidence=(self.proof,))
        self.office.act("approve", report)
        self.tell()
        self.office.act("publish", report, text=ANSWER)
        self.tell()

    def read(self, number: str, key: str) -> dict:
        answer = self.get(f"requests/{number}.json", key=key, extensions="true")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        (told,) = answer.json
        fits("request", told)
        return told


@pytest.fixture
def town(engine: Engine, redis_log: Redis, tmp_path: Path) -> Pair:
    return Pair(engine, redis_log, tmp_path)


def posted(town: Pair, **more: str) -> str:
    number = town.post(REPORT | more).json[0]["service_request_id"]
    town.board()
    return number


def test_published_words_are_everybodys_and_not_before(town: Pair) -> None:
    number = posted(town, description="Rác chất đống cạnh xe 75A-123.45", address_string="5 Lê Lợi", **{"attribute[note]": "riêng"})
    other = town.keys[OTHER]
    for who in (other, ""):
        told = town.read(number, who)
        assert (told["description"], told["media_url"], told["status_notes"]) == (None, None, "Đã tiếp nhận")
    town.answered(f"{CLIENT}/{number}")
    for who in (other, ""):
        told = town.read(number, who)
        assert told["description"] == "Rác chất đống cạnh xe 75A-***.45"
        assert (told["status"], told["status_notes"]) == ("closed", "Đã thu gom xong, gọi 0***77 nếu còn.")
        assert (told["address"], told["attributes"]) == (None, [])
        (picture,) = told["extended_attributes"]["photos"]
        shown = town.client.get(picture.removeprefix("http://localhost"))
        assert (shown.status_code, shown.get_data(), shown.mimetype) == (200, b"masked", "image/jpeg")
    mine = town.read(number, town.keys[CLIENT])
    assert (mine["address"], mine["attributes"][0]["value"]) == ("5 Lê Lợi", "riêng")
    town.office.act("reopen", f"{CLIENT}/{number}")
    town.tell()
    told = town.read(number, other)
    assert (told["description"], told["status"], told["media_url"]) == (None, "open", None)
    assert town.client.get(picture.removeprefix("http://localhost")).status_code == 404


def test_reports_taken_in_by_hand_and_told_by_others_follow_the_same_rule(town: Pair) -> None:
    by_hand = town.office.enter("Cây đổ chắn đường, gọi 0914 555 777", service="HT04")
    town.tell()
    number = by_hand.replace("/", ":")
    assert town.read(number, "")["description"] is None
    town.answered(by_hand)
    assert town.read(number, "")["description"] == "Cây đổ chắn đường, gọi 0***77"
    refused = town.office.enter("Nhà hàng xóm ồn", service="TO01")
    town.office.act("refuse", refused, text="Không thuộc thành phố")
    town.tell()
    told = town.read(refused.replace("/", ":"), "")
    assert (told["status"], told["status_notes"], told["description"]) == ("closed", "Đã trả lời", None)


def test_a_picture_is_shown_only_as_evidence_of_that_report(town: Pair) -> None:
    first, second = posted(town), posted(town, description="khác")
    assert town.client.get(f"/open311/v2/requests/{first}/media/{town.proof}.jpg").status_code == 404
    town.answered(f"{CLIENT}/{first}")
    assert town.client.get(f"/open311/v2/requests/{first}/media/{town.proof}.jpg").status_code == 200
    assert town.client.get(f"/open311/v2/requests/{second}/media/{town.proof}.jpg").status_code == 404
    assert town.client.get(f"/open311/v2/requests/{first}/media/{'0' * 32}.jpg").status_code == 404
    assert town.client.get(f"/open311/v2/media/{town.proof}.jpg").status_code == 404


def test_updates_tell_the_way_and_the_answer(town: Pair) -> None:
    number = posted(town)
    report = f"{CLIENT}/{number}"
    town.office.act("write", report, text="Kính gửi: đã tiếp nhận.")
    town.answered(report)
    mine = town.get("servicerequestupdates.json").json
    assert [one["description"] for one in mine] == [
        "Kính gửi: đã tiếp nhận.",
        "Phản ánh đang được xác minh.",
        "Phản ánh đã được chuyển đến đơn vị xử lý.",
        "Phản ánh đang được xử lý.",
        "Đã thu gom xong, gọi 0***77 nếu còn.",
    ]
    assert [one["status"] for one in mine] == ["open"] * 4 + ["closed"]
    assert len({one["update_id"] for one in mine}) == 5
    theirs = town.get("servicerequestupdates.json", key=town.keys[OTHER], service_request_id=number).json
    assert [one["description"] for one in theirs] == [one["description"] for one in mine[1:]]
    assert town.get("servicerequestupdates.json", service_request_id="none").json == []
    town.office.act("reopen", report)
    town.tell()
    assert town.get("servicerequestupdates.json", key=town.keys[OTHER]).json == []
    assert town.get("servicerequestupdates.json").json[-1]["status"] == "open"


def update(town: Pair, number: str, name: str, text: str, key: str = CLIENT):
    told = {"api_key": town.keys[key], "service_request_id": number, "update_id": name, "status": "OPEN", "description": text}
    return town.client.post("/open311/v2/servicerequestupdates.json", data=told)


def test_what_a_citizen_writes_back_waits_at_the_centre_to_be_read(town: Pair) -> None:
    number = posted(town)
    report = f"{CLIENT}/{number}"
    assert town.office.listed(due="unread") == []
    for _ in range(2):
        assert update(town, number, "u-1", "vẫn còn rác").status_code == 200
    assert update(town, number, "u-2", "").status_code == 200
    assert town.office.listed(due="unread") == [report]
    shown = town.office.shown(report)
    assert [(one.action, one.who, one.text) for one in shown.acts[-2:]] == [
        ("hear", CLIENT, "vẫn còn rác"),
        ("hear", CLIENT, "OPEN"),
    ]
    assert shown.line.case.unread == NOW
    town.office.act("read", report)
    assert (town.office.listed(due="unread"), town.office.case(report).unread) == ([], 0)
    assert update(town, number, "u-3", "và nữa").status_code == 200
    town.office.act("write", report, text="Đã rõ.")
    assert town.office.case(report).unread == 0
    assert update(town, number, "u-4", "của người khác", key=OTHER).status_code == 403
    assert town.office.case(report).unread == 0


def test_our_own_words_that_come_back_are_no_words_of_a_citizen(town: Pair) -> None:
    number = posted(town)
    report = f"{CLIENT}/{number}"
    town.office.act("write", report, text="Kính gửi: đã tiếp nhận.")
    (told,) = town.get("servicerequestupdates.json").json
    assert update(town, number, told["update_id"], "gì đó").status_code == 200
    assert update(town, number, "fms-9", "Kính gửi:  đã TIẾP nhận. ").status_code == 200
    assert town.office.case(report).unread == 0
    assert [one.action for one in town.office.shown(report).acts] == ["enter", "write"]


def test_nobody_who_may_not_write_to_citizens_reads_their_words_away(town: Pair) -> None:
    from dashboard.reports.acts import legal, may_act

    number = posted(town)
    update(town, number, "u-1", "vẫn còn rác")
    case = town.office.case(f"{CLIENT}/{number}")
    assert "read" in legal(case, "operator")
    assert not may_act("ward_officer", "read")
    assert not may_act("leader", "read")
