"""Other Open311 endpoints are asked: our own server, and such as answer loosely, late, without pages and in XML."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from dashboard.errors import Rejected
from dashboard.events import ReportChanged, ReportSpoken
from data.outward import Answer, Line, Login, Unreached, check, get
from data.puller import Piece, Target
from data.pulling import PULLS
from data.reading import ADAPTERS
from data.source import Unread
from data.sources.georeport import TOLD, UPDATES
from data.spoken import MOST_ASKED, Updates
from data.store.cases.tables import ACT, CASE, decode, decode_act
from data.store.tables import DEAD_LETTER
from data.store.words import REPORT_UPDATE
from tests.citizens import CLIENT, OTHER, REPORT, SCHEMAS, Town
from tests.contract.test_open311 import closed, number_of
from tests.devices import Request, device, plain

Say = Callable[[bytes], None]


def parse(raw: bytes, zone: str = "Asia/Ho_Chi_Minh") -> list:
    return list(ADAPTERS["georeport"].parse(raw, {"zone": zone, "x-kydai-received": "1795410000000"}))


def one(**told: object) -> dict[str, object]:
    return {
        "service_request_id": "638344",
        "status": "open",
        "service_code": "006",
        "requested_datetime": "2026-11-20T06:37:38-08:00",
    } | told


def test_a_plain_answer() -> None:
    (told,) = parse(
        json.dumps(
            [
                one(
                    status="closed",
                    updated_datetime="2026-11-21T06:37:38-08:00",
                    lat=37.76,
                    long=-122.46,
                    description="A hole",
                    media_url="http://city.gov/a.jpg",
                    agency_responsible="DPW",
                    expected_datetime="2026-11-25T06:37:38-08:00",
                )
            ]
        ).encode()
    )
    assert isinstance(told, ReportChanged)
    assert (told.report, told.open, told.service, told.lon, told.unit) == ("638344", False, "006", -122.46, "DPW")
    assert (told.closed - told.submitted, told.at) == (86_400_000, told.closed)
    assert (told.said.text, told.said.media, told.said.faults) == ("A hole", ("http://city.gov/a.jpg",), ())


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"service_request_id": 638344}, ("638344", True, ())),
        ({"status": "CLOSED"}, ("638344", False, ())),
        ({"status": "Not_Councils_Responsibility"}, ("638344", False, ())),
        ({"status": "IN_PROGRESS"}, ("638344", True, ())),
        ({"status": "wandering"}, ("638344", True, ("unknown_status",))),
        ({"status": None}, ("638344", True, ("unknown_status",))),
        ({"requested_datetime": "2026-11-20T06:37:38"}, ("638344", True, ())),
        ({"requested_datetime": "2026-11-20 06:37:38.123"}, ("638344", True, ())),
        ({"requested_datetime": "2026-11-20 06:37:38 +0700"}, ("638344", True, ())),
        ({"requested_datetime": "2026-11-20T06:37:38.0000000-05:00"}, ("638344", True, ())),
        ({"lat": "16.4676", "long": "107.5905"}, ("638344", True, ())),
        ({"lat": "16,4676", "long": "107,5905"}, ("638344", True, ())),
        ({"lat": 0, "long": 0}, ("638344", True, ("no_coordinates",))),
        ({"lat": "here", "long": None}, ("638344", True, ("no_coordinates",))),
        ({"lat": 107.5, "long": 16.4}, ("638344", True, ("no_coordinates",))),
        ({"description": "x" * 5000}, ("638344", True, ("text_cut",))),
        ({"media_url": "javascript:alert(1)", "extended_attributes": {"x": [1]}}, ("638344", True, ())),
    ],
)
def test_what_is_really_sent_is_understood(told: dict[str, object], found: tuple[object, ...]) -> None:
    (event,) = parse(json.dumps([one(lat=16.4, long=107.5) | told]).encode())
    assert isinstance(event, ReportChanged), event
    assert (event.report, event.open, event.said.faults if event.said else ()) == found
    assert event.said is None or event.said.media == ()


def test_a_time_without_a_zone_is_of_the_endpoints() -> None:
    ours, utc = (
        parse(json.dumps([one(requested_datetime="2026-11-20T06:00:00")]).encode(), zone)[0].submitted
        for zone in ("Asia/Ho_Chi_Minh", "UTC")
    )
    assert utc - ours == 7 * 3_600_000


def test_several_pictures_are_kept_and_a_mark_of_byte_order_is_passed_over() -> None:
    urls = [f"https://city.gov/{n}.jpg" for n in range(14)]
    raw = json.dumps([one(media_url=[*urls[:3], "javascript:alert(1)", None, {"x": 1}, *urls[3:]])]).encode()
    (event,) = parse(b"\xef\xbb\xbf" + raw)
    assert event.said.media == tuple(urls[:10])
    xml = (
        b"<service_requests><request><service_request_id>7</service_request_id><status>open</status><service_code>1</service_code>"
    )
    xml += b"<requested_datetime>2026-11-20 06:37:38 +0700</requested_datetime></request></service_requests>"
    (told,) = parse(b"\xef\xbb\xbf" + xml)
    assert told.submitted == parse(json.dumps([one(requested_datetime="2026-11-19T23:37:38Z")]).encode())[0].submitted


def test_what_cannot_be_read_is_kept_with_its_reason_and_the_others_are_read() -> None:
    told = parse(
        json.dumps(
            [one(), {"token": "123"}, one(requested_datetime="soon"), one(requested_datetime=None), 5, one(service_code="")]
        ).encode()
    )
    assert [type(each) for each in told] == [ReportChanged, Unread, Unread, Unread]
    assert [each.reason.partition(":")[2].strip()[:30] for each in told[1:3]] == [
        "requested_datetime is no time:",
        "requested_datetime is missing",
    ]
    for raw in (b"<html", b"{", b"\xff"):
        with pytest.raises(Rejected):
            parse(raw)
    assert parse(b"{}") == parse(b"[]") == parse(b"<errors/>") == parse(b'{"service_requests": []}') == []


def test_xml_and_the_wrappers_that_some_keep() -> None:
    xml = b"""<?xml version="1.0" encoding="utf-8"?><service_requests><request><service_request_id>7</service_request_id><status>Open</status><service_code>1</service_code>
    <requested_datetime>2026-11-20T06:37:38Z</requested_datetime><lat>16.4</lat><long>107.5</long><description>a &amp; b</description><media_url/></request></service_requests>"""
    wrapped = json.dumps({"service_requests": {"request": [one(service_request_id="7")]}}).encode()
    (first,), (second,) = parse(xml), parse(wrapped)
    assert (first.report, first.said.text, second.report) == ("7", "a & b", "7")


def target(url: str, device_name: str = "", login: Login | None = None) -> Target:
    return Target(check(url, ["127.0.0.1"]), Line(login), device_name, lambda _s: None)


def heard(where: Target, *, rounds: int, then: Callable[[int], None] = lambda _n: None) -> list[ReportChanged]:
    """Return what is told within so many rounds; `then` is done before each but the first."""
    found: list[Piece] = []
    with closing(PULLS["georeport"].listen(where)) as said:
        for number in range(rounds):
            if number:
                then(number)
                found += [
                    each for each in islice(said, 15 + 1) if each is not None
                ]  # a rest is fifteen signs of life, and one after it
            for each in said:
                if each is None:
                    break
                found.append(each)
    return [event for each in found for event in ADAPTERS["georeport"].parse(each.raw, {**each.headers, "x-kydai-received": "5"})]


@pytest.fixture
def town(sqlite: Engine, redis_log: Redis, tmp_path: Path) -> Iterator[Town]:
    made = Town(sqlite, redis_log, tmp_path)
    made.clock.at_ms = 1_000 * int(__import__("time").time())
    server = make_server("127.0.0.1", 0, made.server, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/open311/v2"
    yield made
    server.shutdown()
    server.server_close()


def test_our_own_server_is_followed(town: Town) -> None:
    first = number_of(town.post(REPORT))
    town.board()
    second: list[str] = []

    def then(number: int) -> None:
        town.clock.at_ms += 1000
        if number == 1:
            second.append(number_of(town.post(REPORT | {"description": "nữa"})))
            town.board()
        if number == 2:
            closed(town, first)

    told = heard(target(town.url, "hue@Asia/Ho_Chi_Minh", Login("key", town.keys[OTHER])), rounds=3, then=then)
    assert [(each.report, each.open) for each in told][:2] == [(first, True), (second[0], True)]
    assert (first, False) in [(each.report, each.open) for each in told]
    assert all(each.said is None for each in told)  # another client's words are not told


def test_a_wrong_key_is_denied(town: Town) -> None:
    with pytest.raises(Unreached) as no:
        heard(target(town.url, "hue", Login("key", "kyd_wrong")), rounds=1)
    assert no.value.kind == "denied"


class Loose:
    """An endpoint of core GeoReport: it knows no `updated_after` and no pages, and speaks only what it is told to."""

    def __init__(self, *, xml: bool = False) -> None:
        self.xml, self.rows, self.asked = xml, list[dict[str, object]](), list[dict[str, list[str]]]()

    def answer(self, request: Request, say: Say) -> None:
        asked = urlsplit(request.path)
        query = parse_qs(asked.query)
        self.asked.append(query)
        if asked.path != f"/v2/requests.{'xml' if self.xml else 'json'}":
            return say(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
        if "service_request_id" in query:
            wanted = query["service_request_id"][0].split(",")
            rows = [row for row in self.rows if str(row["service_request_id"]) in wanted]
        else:
            since, until = query.get("start_date", ["0"])[0], query.get("end_date", ["9"])[0]
            rows = (
                [row for row in self.rows if since <= str(row["requested_datetime"]) < until]
                if "start_date" in query
                else self.rows
            )
        if not self.xml:
            return say(plain(json.dumps(rows).encode()))
        inner = "".join(f"<request>{''.join(f'<{key}>{value}</{key}>' for key, value in row.items())}</request>" for row in rows)
        return say(plain(f"<service_requests>{inner}</service_requests>".encode()))


@pytest.mark.parametrize("xml", [False, True])
def test_an_endpoint_of_the_bare_standard_is_asked_again_by_number(xml: bool) -> None:
    loose = Loose(xml=xml)
    old = {"requested_datetime": "2026-06-01T08:00:00Z", "updated_datetime": "2026-06-01T08:00:00Z"}
    with device(loose.answer) as there:
        import time

        day = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        loose.rows = [
            one(service_request_id=1) | old,
            one(service_request_id=2) | {"requested_datetime": day, "updated_datetime": day},
        ]

        def then(number: int) -> None:
            if number == 2:
                loose.rows[0] |= {"status": "Closed"}

        told = heard(target(f"{there.url}/v2"), rounds=3, then=then)
    assert sorted((each.report, each.open) for each in told) == [("1", False), ("1", True), ("2", True)]
    assert any("service_request_id" in query for query in loose.asked)
    assert sum("updated_after" in query for query in loose.asked) == 1  # once it was seen that it is not known


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "protocol"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "status"),
        (b"HTTP/1.1 302 No\r\nLocation: http://a/\r\nContent-Length: 0\r\n\r\n", "moved"),
    ],
)
def test_what_is_no_endpoint_is_told_so(raw: bytes, kind: str) -> None:
    with device(lambda _request, say: say(raw)) as there, pytest.raises(Unreached) as no:
        heard(target(f"{there.url}/v2"), rounds=1)
    assert no.value.kind == kind


def test_no_more_pages_are_read_than_there_should_be() -> None:
    """One that says the same thousand for ever, whatever page is asked for, is asked once more and no more."""
    rows = [one(service_request_id=n) for n in range(1000)]
    asked = []

    def answer(request: Request, say: Say) -> None:
        if "servicerequestupdates" in request.path:
            return say(plain(b"", status="404 Not Found"))
        asked.append(request.path)
        return say(plain(json.dumps(rows).encode()))

    with device(answer) as there:
        told = heard(target(f"{there.url}/v2"), rounds=1)
    assert len(told) == 1000
    assert len(asked) <= 20  # four stretches, those that might have more than is told at once in halves, and what has changed


class Talker(Loose):
    """FixMyStreet's: it says in XML alone what was said about its reports, under the root that it likes, and knows stretches."""

    def __init__(self, root: str = "service_requests_updates", *, status: int = 200) -> None:
        super().__init__()
        self.root, self.status, self.words = root, status, list[dict[str, object]]()
        self.stretches: list[tuple[str, str]] = []

    def answer(self, request: Request, say: Say) -> None:
        asked = urlsplit(request.path)
        if "servicerequestupdates" not in asked.path:
            return super().answer(request, say)
        if asked.path.endswith(".json") or self.status != 200:
            return say(f"HTTP/1.1 {404 if self.status == 200 else self.status} No\r\nContent-Length: 0\r\n\r\n".encode())
        query = parse_qs(asked.query)
        since, until = query["start_date"][0], query["end_date"][0]
        self.stretches.append((since, until))
        rows = [row for row in self.words if since <= str(row["updated_datetime"]) <= until]
        inner = "".join(
            f"<request_update>{''.join(f'<{key}>{value}</{key}>' for key, value in row.items())}</request_update>" for row in rows
        )
        return say(plain(f"<?xml version='1.0'?><{self.root}>{inner}</{self.root}>".encode()))


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def word(number: str, hours: float, **told: object) -> dict[str, object]:
    return {"update_id": number, "service_request_id": "2", "status": "INVESTIGATING", "updated_datetime": ago(hours)} | told


@pytest.mark.parametrize("root", ["service_request_updates", "service_requests_updates"])
def test_what_is_said_there_is_asked_for_once_and_then_by_stretches(root: str) -> None:
    talker = Talker(root)
    talker.rows = [one(service_request_id=2, requested_datetime=ago(30))]
    talker.words = [word("11", 5, description="Hôm nay vẫn còn"), word("10", 24 * 45, description="rất lâu rồi")]
    with device(talker.answer) as there:

        def then(number: int) -> None:
            if number == 1:
                talker.words.append(word("12", 0, description="Đã có người đến"))

        told = heard(target(f"{there.url}/v2"), rounds=3, then=then)
    words = [each for each in told if isinstance(each, ReportSpoken)]
    assert [(each.id, each.report, each.text, each.status) for each in words] == [
        ("11", "2", "Hôm nay vẫn còn", "INVESTIGATING"),
        ("12", "2", "Đã có người đến", "INVESTIGATING"),
    ]
    assert isinstance(told[0], ReportChanged)  # a report is told before what is said about it
    assert talker.stretches[0][0] < ago(24 * 29)
    assert all(since > ago(2) for since, _ in talker.stretches[1:])


def test_an_endpoint_without_updates_is_followed_all_the_same() -> None:
    talker = Talker(status=500)
    talker.rows = [one(service_request_id=2, requested_datetime=ago(30))]
    with device(talker.answer) as there:
        assert [each.report for each in heard(target(f"{there.url}/v2"), rounds=2)] == ["2"]


def test_more_than_one_answer_holds_is_asked_for_in_parts() -> None:
    """A full thousand is gone on with from its last; XML that is too large is asked for in halves; and never without an end."""
    talker, began = Talker(), datetime.now(UTC)
    talker.words = [word(f"{n}", 700 - n / 10, description="x" * 150) for n in range(6000)]
    told, asked = list[str](), list[dict[str, str]]()
    with device(talker.answer) as there:
        where = check(there.url, ["127.0.0.1"])

        def ask(form: str, query: dict[str, str]) -> Answer:
            asked.append(query)
            return get(where.at(f"/v2/servicerequestupdates.{form}?{urlencode(query)}"))

        updates = Updates(ask, "UTC", began)
        for some in updates.news(began, overlap=timedelta()):
            told += [str(each["update_id"]) for each in some]
    assert sorted(map(int, told)) == list(range(6000))
    assert len(asked) <= MOST_ASKED + 1


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"update_id": 7, "service_request_id": 5, "status": "FIXED"}, ("7", "5", "", "FIXED", ())),
        ({"service_request_id": "5", "description": " a "}, (None, "5", "a", "", ())),
        (
            {"update_id": "1", "service_request_id": "5", "media_url": ["javascript:1", "https://a/b.jpg"]},
            ("1", "5", "", "", ("https://a/b.jpg",)),
        ),
        ({"update_id": "1"}, None),
    ],
)
def test_updates_as_they_are_really_sent(told: dict[str, object], found: tuple[object, ...] | None) -> None:
    for wrapped in ([told], {"service_request_updates": [told]}, {"service_requests_updates": {"request_update": [told]}}):
        read = list(ADAPTERS["georeport"].parse(json.dumps(wrapped).encode(), {TOLD: UPDATES, "x-kydai-received": "5"}))
        assert [(each.id if found and found[0] else None, each.report, each.text, each.status, each.media) for each in read] == (
            [found] if found else []
        )
    (bad,) = ADAPTERS["georeport"].parse(
        json.dumps([told | {"service_request_id": 1, "updated_datetime": "soon"}]).encode(), {TOLD: UPDATES}
    )
    assert isinstance(bad, Unread)


def test_a_word_from_there_is_a_line_of_the_report_that_waits_to_be_read_once(town: Town) -> None:
    """Down the whole road: what is told twice is one line, our own word that comes back is none, a bare status waits for nobody."""
    told = [one(service_request_id="9", requested_datetime=ago(30), lat=16.46, long=107.59)]
    words = [
        word("1", 5, service_request_id="9", description="Xe 75A-123.45 vẫn đỗ"),
        word("2", 4, service_request_id="9"),
        word("3", 3, service_request_id="nobody-knows", description="x"),
    ]
    town.sources.add("georeport-x", adapter="georeport", now_ms=town.clock.now_ms())
    for _ in range(2):
        town.intake.accept("georeport-x", json.dumps(told).encode(), {"content-type": "application/json"})
        town.intake.accept("georeport-x", json.dumps(words).encode(), {"content-type": "application/json", TOLD: UPDATES})
        town.board()
    with town.engine.connect() as sql:
        acts = [decode_act(body) for body in sql.scalars(select(ACT.c.body).order_by(ACT.c.seq))]
        case = decode(sql.scalar(select(CASE.c.body).where(CASE.c.report == "georeport-x/9")))
    assert [(act.action, act.who, act.text) for act in acts] == [
        ("enter", "", ""),
        ("hear", "georeport-x", "Xe 75A-123.45 vẫn đỗ"),
        ("hear", "georeport-x", "INVESTIGATING"),
    ]
    assert case.unread > 0


def test_a_word_that_comes_before_its_report_is_a_line_of_it_once_it_is_there(town: Town) -> None:
    """In the order in which it was heard, and of one answer said; once, whatever is told again; of a report that is closed nothing waits until it is opened again."""
    words = [
        word("u2", 4, service_request_id="9", description="Nước vẫn chưa rút", media_url="https://city.example/2.jpg"),
        word("u1", 5, service_request_id="9"),
        word("u4", 2, service_request_id="8", description="Chưa xong"),
    ]
    town.sources.add("georeport-x", adapter="georeport", now_ms=town.clock.now_ms())

    def told(what: object, **more: str) -> None:
        town.intake.accept("georeport-x", json.dumps(what).encode(), {"content-type": "application/json"} | more)
        town.board()

    def lines(number: str) -> list[tuple[str, str]]:
        with town.engine.connect() as sql:
            acts = sql.scalars(select(ACT.c.body).where(ACT.c.report == f"georeport-x/{number}").order_by(ACT.c.seq)).all()
        return [(act.action, act.text) for act in map(decode_act, acts)]

    told(words, **{TOLD: UPDATES})
    assert (lines("9"), lines("8")) == ([], [])
    reports = [one(service_request_id=number, requested_datetime=ago(30), lat=16.46, long=107.59) for number in ("9", "8")]
    for _ in range(2):
        told([reports[0], reports[1] | {"status": "closed", "updated_datetime": ago(20)}])
        told(words, **{TOLD: UPDATES})
    assert lines("9") == [("enter", ""), ("hear", "OPEN"), ("hear", "Nước vẫn chưa rút\nhttps://city.example/2.jpg")]
    assert lines("8") == []
    told([reports[1] | {"updated_datetime": ago(1)}])
    assert lines("8") == [("enter", ""), ("hear", "Chưa xong")]
    with town.engine.connect() as sql:
        case = decode(sql.scalar(select(CASE.c.body).where(CASE.c.report == "georeport-x/9")))
        first = sql.scalar(select(REPORT_UPDATE.c.taken).where(REPORT_UPDATE.c.number == "u2"))
    assert case.unread == first


def test_no_word_of_somebody_else_is_taken_for_one_of_ours_by_its_number(town: Town) -> None:
    town.sources.add("georeport-x", adapter="georeport", now_ms=town.clock.now_ms())

    def told(what: object, **more: str) -> None:
        town.intake.accept("georeport-x", json.dumps(what).encode(), {"content-type": "application/json"} | more)
        town.board()

    report = one(service_request_id="8", requested_datetime=ago(30), lat=16.46, long=107.59)
    told([report])
    told([report | {"agency_responsible": "DPW", "updated_datetime": ago(20)}])
    with town.engine.connect() as sql:
        (ours,) = sql.scalars(select(REPORT_UPDATE.c.number).where(REPORT_UPDATE.c.source == "")).all()
    numbers = [str(n) for n in range(1, 20)]
    told([word(number, 4, service_request_id="8", description=f"Lần {number}") for number in (*numbers, ours)], **{TOLD: UPDATES})
    with town.engine.connect() as sql:
        acts = [decode_act(body) for body in sql.scalars(select(ACT.c.body).order_by(ACT.c.seq))]
    assert [act.text for act in acts if act.action == "hear"] == [f"Lần {number}" for number in numbers]


class Capped(Loose):
    """An endpoint as they really are: it tells so many at once, whatever size of page is asked for; and pages, or no pages at all."""

    def __init__(self, most: int, *, pages: bool, beyond: bool = False) -> None:
        super().__init__()
        self.most, self.pages, self.beyond, self.hidden = most, pages, beyond, set[str]()
        self.lists, self.single, self.packed, self.busy = True, True, False, 0

    def answer(self, request: Request, say: Say) -> None:
        asked = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        self.asked.append(query | {"path": asked.path})
        if self.busy:
            self.busy -= 1
            return say(b"HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n")
        if "servicerequestupdates" in asked.path or (not self.lists and "service_request_id" in query):
            return say(plain(b"", status="404 Not Found"))
        if asked.path.startswith("/v2/requests/"):
            number = asked.path.removeprefix("/v2/requests/").removesuffix(".json")
            found = [row for row in self.rows if str(row["service_request_id"]) == number]
            return say(plain(json.dumps(found).encode()) if found and self.single else plain(b"[]", status="404 Not Found"))
        return self._say(self._page([row for row in self.rows if self._wanted(row, query)], query), say)

    def _wanted(self, row: dict[str, object], query: dict[str, str]) -> bool:
        if row["service_request_id"] in self.hidden:
            return False
        if "service_request_id" in query:
            return str(row["service_request_id"]) in query["service_request_id"].split(",")
        return query.get("start_date", "") <= str(row["requested_datetime"]) < query.get("end_date", "9")

    def _page(self, rows: list[dict[str, object]], query: dict[str, str]) -> list[dict[str, object]]:
        rows = sorted(rows, key=lambda row: str(row["requested_datetime"]), reverse=True)
        page = int(query.get("page", 1)) - 1 if self.pages else 0
        if self.beyond and rows:  # past the end the last page is told again, as Bloomington does
            page = min(page, (len(rows) - 1) // self.most)
        return rows[page * self.most : (page + 1) * self.most]

    def _say(self, rows: list[dict[str, object]], say: Say) -> None:
        raw = json.dumps(rows).encode()
        if not self.packed:
            return say(plain(raw))
        body = __import__("gzip").compress(raw)
        return say(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def many(count: int, hours: float) -> list[dict[str, object]]:
    return [one(service_request_id=f"n{n}", requested_datetime=ago(2 + n * hours)) for n in range(count)]


@pytest.mark.parametrize(
    ("most", "pages", "beyond"), [(50, True, False), (20, False, False), (50, True, True), (10, True, True), (1000, False, False)]
)
def test_nothing_is_passed_over_however_few_are_told_at_once(most: int, pages: bool, beyond: bool) -> None:
    capped = Capped(most, pages=pages, beyond=beyond)
    capped.rows = many(330, 6)
    with device(capped.answer) as there:
        told = heard(target(f"{there.url}/v2"), rounds=2, then=lambda _n: capped.rows.extend(many(1, 0)))
        first = len(capped.asked)
    assert {each.report for each in told} == {f"n{n}" for n in range(330)}
    assert len(told) == 330
    assert first < 200


@pytest.mark.parametrize("lists", [True, False])
def test_what_a_list_leaves_out_is_asked_for_alone_and_what_is_gone_no_more(lists: bool) -> None:
    """CitySDK's lists have open ones alone unless closed are asked for; and citizens take reports back."""
    capped = Capped(50, pages=True)
    capped.rows, capped.lists = many(2, 24), lists
    with device(capped.answer) as there:

        def then(number: int) -> None:
            if number == 1:
                capped.rows[0] |= {"status": "closed", "updated_datetime": ago(0)}
                capped.hidden.add("n0")
                del capped.rows[1]
            capped.asked.clear()

        told = heard(target(f"{there.url}/v2"), rounds=6, then=then)
        alone = [query["path"] for query in capped.asked if query["path"].startswith("/v2/requests/")]
    reports = [(each.report, each.open) for each in told if isinstance(each, ReportChanged)]
    assert sorted(reports) == [("n0", False), ("n0", True), ("n1", True)]
    assert [(each.report, each.status, each.id) for each in told if isinstance(each, ReportSpoken)] == [("n1", "GONE", "n1/gone")]
    assert alone == []


def test_what_was_shown_late_is_found_too() -> None:
    """Moderators look through some first: the time of sending is an old one when they are shown."""
    capped = Capped(50, pages=True)
    capped.rows = many(3, 12)
    capped.hidden = {"n1"}
    with device(capped.answer) as there:

        def then(number: int) -> None:
            capped.hidden.clear()

        told = heard(target(f"{there.url}/v2"), rounds=61, then=then)
    assert [each.report for each in told] == ["n0", "n2", "n1"]


def test_one_that_is_busy_or_packs_its_answers_is_read_all_the_same() -> None:
    capped, waited = Capped(50, pages=True), list[float]()
    capped.rows, capped.busy, capped.packed = many(3, 12), 2, True
    with device(capped.answer) as there:
        where = target(f"{there.url}/v2")
        where.pause = waited.append
        assert len(heard(where, rounds=1)) == 3
    assert sum(waited) == 4


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("404 Not Found", b'[{"code": 404, "description": "jurisdiction_id is unknown"}]', "jurisdiction_id is unknown"),
        (
            "400 Bad",
            b"<errors><error><code>400</code><description>end_date too late</description></error></errors>",
            "end_date too",
        ),
        ("200 OK", b'{"errors": [{"code": 403, "description": "no key"}]}', "says: no key"),
        ("200 OK", b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
        ("200 OK", b"<html><body>Sign in</body></html>", "a web page"),
    ],
)
def test_what_is_wrong_there_is_told_in_its_own_words(status: str, body: bytes, words: str) -> None:
    with device(lambda _request, say: say(plain(body, status=status))) as there, pytest.raises(Unreached, match=words):
        heard(target(f"{there.url}/v2"), rounds=1)


def test_one_that_wants_to_be_left_alone_for_long_says_so() -> None:
    raw = b"HTTP/1.1 429 No\r\nRetry-After: 900\r\nContent-Length: 0\r\n\r\n"
    with device(lambda _request, say: say(raw)) as there, pytest.raises(Unreached) as no:
        heard(target(f"{there.url}/v2"), rounds=1)
    assert no.value.after_s == 900


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps({"requests": [{"request": [{name: [value] for name, value in one().items()}]}]}).encode(),  # old FixMyStreets
        json.dumps([{"request": one()}]).encode(),
        json.dumps({"service_requests": [one()]}).encode(),
        json.dumps([one(description="Caf\xe9 <")], ensure_ascii=False).encode("latin-1"),
        json.dumps([one(description="a\nb")]).replace("\\n", "\n").encode(),
        b'[{"service_request_id": 638344, "status": "open", "service_code": 6, "lat": NaN, "requested_datetime": "2026-11-20T06:37:38-08:00"}]',
        json.dumps([one(description="\ud83d half")]).encode(),
        (
            b"<requests xmlns='http://x.y/z'><request><service_request_id>638344</service_request_id><status>open</status><service_code>6</service_code>"
            b"<requested_datetime>2026-11-20T06:37:38-08:00</requested_datetime><description>a\x0bb&#x1;&#11; \xe9</description></request></requests>"
        ),
        "<?xml version='1.0' encoding='iso-8859-1'?><x:requests xmlns:x='u'><x:request><x:service_request_id>638344</x:service_request_id>"
        "<x:service_code>6</x:service_code><x:requested_datetime>2026-11-20T14:37:38Z</x:requested_datetime><x:status>é</x:status>"
        "</x:request></x:requests>".encode("latin-1"),
    ],
)
def test_answers_that_only_loose_readers_can_read(raw: bytes) -> None:
    (told,) = parse(raw)
    assert isinstance(told, ReportChanged), told
    assert (told.report, told.open, told.submitted) == ("638344", True, 1_795_185_458_000)


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-20T14:37:38Z",
        "2026-11-20 14:37:38 UTC",
        "2026-11-20T06:37:38.1234567-08:00",
        "Fri, 20 Nov 2026 14:37:38 GMT",
        1_795_185_458,
        "1795185458000",
        "/Date(1795185458000-0800)/",
        "2026-11-20T21:37:38",
    ],
)
def test_times_as_they_are_really_written(said: object) -> None:
    (told,) = parse(json.dumps([one(requested_datetime=said)]).encode())
    assert isinstance(told, ReportChanged), told
    assert told.submitted // 1000 == 1_795_185_458


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        ({"updated_datetime": "0001-01-01T00:00:00", "expected_datetime": "0001-01-01T00:00:00Z"}, ()),
        ({"expected_datetime": "next week", "updated_datetime": "20/11/2026"}, ("unknown_time", "unknown_time")),
        ({"status": "closed", "updated_datetime": "2026-11-19T00:00:00Z"}, ("closed_before_submitted",)),
        ({"status": "Fixed - Council"}, ()),
        ({"status": "IN_PROCESS", "requested_datetime": "2031-01-01T00:00:00Z"}, ()),
    ],
)
def test_what_a_report_can_do_without_does_not_cost_it(told: dict[str, object], faults: tuple[str, ...]) -> None:
    (event,) = parse(json.dumps([one(lat=16.4, long=107.5) | told]).encode())
    assert isinstance(event, ReportChanged), event
    assert (event.said.faults if event.said else ()) == faults
    assert event.closed is None or event.closed >= event.submitted


def test_whoever_is_responsible_and_where_it_is_are_kept() -> None:
    (event,) = parse(
        json.dumps([one(agency_responsible={"recipient": ["Roads", "Parks"]}, zipcode=49000, address_id="A7")]).encode()
    )
    assert (event.unit, event.said.zipcode, event.said.address_id) == ("Roads, Parks", "49000", "A7")


def test_a_sign_that_no_database_keeps_costs_no_report(engine: Engine, redis_log: Redis, tmp_path: Path) -> None:
    town = Town(engine, redis_log, tmp_path)
    town.sources.add("georeport-x", adapter="georeport", now_ms=town.clock.now_ms())
    told = [one(description="a\0b", address="c\0d", requested_datetime=ago(30), lat=16.46, long=107.59)]
    town.intake.accept("georeport-x", json.dumps(told).encode(), {"content-type": "application/json"})
    native = {"type": "report_changed", "id": "1@1", "at": 1_795_400_000_000, "report": "1", "service": "MT01", "open": True}
    town.sources.add("reports-x", adapter="native", now_ms=town.clock.now_ms())
    raw = json.dumps(native | {"submitted": 1_795_400_000_000, "said": {"text": "e\0f"}}).encode()
    town.intake.accept("reports-x", raw, {"content-type": "application/json"})
    town.board()
    assert [one["service_request_id"] for one in town.get("requests.json", updated_after="2026-01-01").json] == [
        "georeport-x:638344"
    ]
    with town.engine.connect() as sql:
        assert "NUL" in sql.scalar(select(DEAD_LETTER.c.reason))


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_the_standard_itself_prints_is_read(form: str) -> None:
    """Its JSON has codes that begin with a nought, which no strict reader takes."""
    first, second = parse((SCHEMAS.parent / f"spec_requests.{form}").read_bytes())
    assert (first.report, first.service, first.open, second.report) == ("638344", "006", False, "638349")
    assert (first.said.zipcode, first.said.media[0][-4:]) == ("94122", ".jpg")


def test_numbers_and_commas_are_mended_outside_of_texts_alone() -> None:
    raw = '[{"service_request_id": 101002312345.0, "status": "open", "service_code": 006, "description": "a, 007,] \\" 08",'
    (told,) = parse(f'{raw} "requested_datetime": "2026-11-20T14:37:38Z", "lat": -0.5, "long": 0.25, }}, ]'.encode())
    assert (told.report, told.service, told.said.text, told.lat) == ("101002312345", "006", 'a, 007,] " 08', -0.5)


def test_updates_that_are_numbered_anew_for_each_report_are_all_kept_once(engine: Engine, redis_log: Redis, tmp_path: Path) -> None:
    town = Town(engine, redis_log, tmp_path)
    town.sources.add("georeport-x", adapter="georeport", now_ms=town.clock.now_ms())
    told = [one(service_request_id=number, requested_datetime=ago(30), lat=16.46, long=107.59) for number in ("8", "9")]
    words = [word("1", 5, service_request_id=number, description=f"về {number}") for number in ("8", "9")]
    talker = Talker()
    talker.rows, talker.words = told, words
    with device(talker.answer) as there:
        heard_words = [each for each in heard(target(f"{there.url}/v2"), rounds=1) if isinstance(each, ReportSpoken)]
    assert [each.report for each in heard_words] == ["8", "9"]
    for _ in range(2):
        town.intake.accept("georeport-x", json.dumps(told).encode(), {"content-type": "application/json"})
        town.intake.accept("georeport-x", json.dumps(words).encode(), {"content-type": "application/json", TOLD: UPDATES})
        town.board()
    numbers = [number_of(town.post(REPORT | {"description": str(n)})) for n in range(2)]
    town.board()
    for number in numbers * 2:
        told_us = {
            "api_key": town.keys[CLIENT],
            "service_request_id": number,
            "update_id": "1",
            "status": "OPEN",
            "description": number,
        }
        assert town.client.post("/open311/v2/servicerequestupdates.json", data=told_us).json[0]["update_id"] == "1"
    with town.engine.connect() as sql:
        acts = [decode_act(body) for body in sql.scalars(select(ACT.c.body).order_by(ACT.c.seq))]
    assert [act.text for act in acts if act.action == "hear"] == ["về 8", "về 9", *numbers]


@pytest.mark.parametrize(
    "known", [frozenset({"start_date", "end_date", "status", "service_request_id"}), frozenset({"page", "page_size"})]
)
def test_one_that_refuses_what_it_does_not_know_is_followed_without_that(known: frozenset[str]) -> None:
    """Such as pages, pages behind the last, and `updated_after`."""
    capped = Capped(50, pages="page" in known)
    capped.rows = many(3, 12)

    def answer(request: Request, say: Say) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        strange = set(query) - known - {"start_date", "end_date", "status", "service_request_id"}
        strange |= {query.get("end_date", "")} & {max(query.get("end_date", ""), ago(-1))}  # no time that is still to come
        if "/requests." in request.path and (strange or int(query.get("page", 1)) > 1):
            return say(plain(b'[{"code": 400, "description": "unknown parameter"}]', status="400 Bad"))
        return capped.answer(request, say)

    with device(answer) as there:

        def then(number: int) -> None:
            capped.rows[0] |= {"status": "closed", "updated_datetime": ago(0)}

        told = heard(target(f"{there.url}/v2"), rounds=2, then=then)
    assert [(each.report, each.open) for each in told] == [("n0", True), ("n1", True), ("n2", True), ("n0", False)]
