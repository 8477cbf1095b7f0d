"""Other Open311 endpoints are asked: our own server, and such as answer loosely, late, without pages and in XML."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from redis import Redis
from sqlalchemy import Engine
from werkzeug.serving import make_server

from dashboard.errors import Rejected
from dashboard.events import ReportChanged
from data.outward import Line, Login, Unreached, check
from data.puller import Piece, Target
from data.pulling import PULLS
from data.reading import ADAPTERS
from data.source import Unread
from tests.citizens import OTHER, REPORT, Town
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
        ({"lat": "16.4676", "long": "107.5905"}, ("638344", True, ())),
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
        asked.append(request.path)
        say(plain(json.dumps(rows).encode()))

    with device(answer) as there:
        told = heard(target(f"{there.url}/v2"), rounds=1)
    assert len(told) == 1000
    assert len(asked) == 8  # four stretches, twice each
