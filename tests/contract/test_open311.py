"""Open311 GeoReport v2: what is posted is kept before it is answered, once; what is read fits the standard, in JSON and in XML alike."""

import io
import json
import random
import sys
import threading
import types
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image
from redis import Redis
from sqlalchemy import Engine, text
from werkzeug.serving import make_server

from dashboard.board import turn
from dashboard.events import ReportChanged
from dashboard.ports import Payload, Reading, Taken
from data.doors.open311 import clients
from data.sealed import Tampered
from data.store.words import REPORT_WORDS
from tests.citizens import CLIENT, NOW, OTHER, PACK, PLACE, REPORT, Town, fits, plain, texts

WHO = {
    "first_name": "Lê",
    "last_name": "Thị Bưởi",
    "email": "buoi@example.vn",
    "phone": "0914 555 777",
    "device_id": "may-cua-buoi",
}


@pytest.fixture
def town(engine: Engine, redis_log: Redis, tmp_path: Path) -> Town:
    return Town(engine, redis_log, tmp_path)


@pytest.fixture
def small(sqlite: Engine, redis_log: Redis, tmp_path: Path) -> Town:
    return Town(sqlite, redis_log, tmp_path)


def kept(town: Town) -> list[Payload]:
    return [one.payload for one in town.stream.take("0-0", wait_s=0)]


def number_of(answer) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (told,) = answer.json
    return told["service_request_id"]


def test_what_is_answered_lies_in_the_log_and_is_found_again(town: Town) -> None:
    number = number_of(town.post(REPORT | WHO | {"attribute[note]": "gần chợ", "media_url": "https://example.vn/a.jpg"}))
    (payload,) = kept(town)
    assert (payload.source, json.loads(payload.raw)["report"]) == (CLIENT, number)
    for clear in ("Bưởi", "buoi@", "555", "may-cua-buoi"):
        assert clear not in payload.raw.decode()
    assert town.board() == 1
    (told,) = town.get(f"requests/{number}.json", extensions="true").json
    fits("request", told)
    assert told["service_request_id"] == number
    assert (told["status"], told["service_code"], told["service_name"]) == ("open", "MT01", "Rác thải sinh hoạt tồn đọng")
    assert (told["description"], told["lat"], told["long"]) == (REPORT["description"], 16.4676, 107.5905)
    assert (told["media_url"], told["requested_datetime"]) == ("https://example.vn/a.jpg", "2026-11-23T12:00:00+07:00")
    assert told["extended_attributes"]["ward"]
    assert told["attributes"] == [{"label": "note", "name": "note", "code": "note", "value": "gần chợ"}]
    with town.engine.connect() as sql:
        row = sql.execute(REPORT_WORDS.select()).one()
    assert town.writer.open(row.sealed, report=row.key) == WHO
    with pytest.raises(Tampered):
        town.writer.open(row.sealed, report=f"{CLIENT}/another")
    assert town.store.load(NOW).reports.keys() == {f"{CLIENT}/{number}"}


def test_nothing_of_the_words_is_in_the_events_or_the_board(small: Town) -> None:
    small.post(REPORT | WHO)
    small.board()
    with small.engine.connect() as sql:
        bodies = [
            bytes(row[0]) for name in ("event", "report", "standing") for row in sql.execute(text(f"SELECT body FROM {name}"))
        ]
    assert bodies
    assert not [body for body in bodies if "bốc mùi".encode() in body]


def test_the_same_post_twice_is_one_report(town: Town) -> None:
    town.clock.at_ms += 30 * 60_000
    first = number_of(town.post(REPORT | WHO))
    assert number_of(town.post(REPORT | WHO)) == first
    town.board()
    town.clock.at_ms += 50 * 60_000  # the clock's hour is another by now, and no process remembers
    fresh = _beside(town)
    assert number_of(fresh.post(REPORT | WHO)) == first
    town.clock.at_ms += 61 * 60_000
    assert number_of(fresh.post(REPORT | WHO)) != first
    assert number_of(town.post(REPORT)) not in {first, number_of(town.post(REPORT, key=town.keys[OTHER]))}


def _beside(town: Town) -> Town:
    """Return the doors of another process over the same record and log."""
    from flask import Flask

    from data.doors import open311

    other = Town.__new__(Town)
    other.__dict__ = dict(town.__dict__)
    other.server = Flask("beside")
    means = open311.Means(
        city=lambda: PACK.city,
        clients=open311.Clients(town.sources.all),
        desk=open311.Desk(town.intake, town.clock, b"only for tests: 0123456789abcdef", town.reports.submitted),
        reports=town.reports,
        writer=town.writer,
        pictures=town.pictures,
        locate=town.atlas.locate,
        clock=town.clock,
    )
    other.server.register_blueprint(open311.door(means))
    return other


def test_the_clients_own_id_is_one_report_for_ever(small: Town) -> None:
    told = REPORT | {"attribute[fixmystreet_id]": "4711"}
    first = number_of(small.post(told))
    small.board()
    small.clock.at_ms += 40 * 86_400_000
    assert number_of(_beside(small).post(told | {"description": "và nữa"})) == first
    small.board()
    with small.engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM report")) == 1
        assert sql.scalar(text("SELECT count(*) FROM event")) == 1
    assert number_of(small.post(REPORT, headers={"Idempotency-Key": "k1"})) == number_of(
        small.post(REPORT | {"description": "khác"}, headers={"Idempotency-Key": "k1"})
    )


def test_while_the_log_is_away_it_is_in_the_spool(small: Town, monkeypatch) -> None:
    from dashboard.errors import Away

    def away(_payloads: object) -> None:
        raise Away("gone")

    with monkeypatch.context() as lost:
        lost.setattr(small.intake._stream, "append", away)
        number = number_of(small.post(REPORT))
    assert small.intake.spooled_bytes > 0
    assert kept(small) == []
    small.clock.at_ms += 2000
    assert small.intake.drain() == 1
    assert small.board() == 1
    assert small.get(f"requests/{number}.json").status_code == 200


@pytest.mark.parametrize(
    ("told", "status", "reason"),
    [
        ({"service_code": ""}, 400, "service_code: is needed"),
        ({"service_code": "XX99"}, 404, "service_code: there is no service 'XX99'"),
        ({"lat": "", "long": ""}, 400, "location: give lat and long"),
        ({"lat": "16.4", "long": ""}, 400, "long: is needed beside the other"),
        ({"lat": "107.5905", "long": "16.4676"}, 400, "lat: latitude and longitude are swapped"),
        ({"lat": "21.03", "long": "105.85"}, 400, "lat: the place lies outside the city"),
        ({"lat": "16,46"}, 400, "lat: '16,46' is no number"),
        ({"lat": "nan"}, 400, "lat: 'nan' is no number"),
        ({"description": "x" * 40_000}, 400, "description: has 40,000 letters, at most 4,000"),
        ({"email": "x" * 300}, 400, "email: has 300 letters"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url: must be an http or https address"),
        ({"media_url": [f"https://a.vn/{n}" for n in range(11)]}, 400, "media_url: is given 11 times"),
        ({"service_code": "TT01"}, 400, "attribute[people]: is needed"),
        ({"service_code": "TT01", "attribute[people]": "hai"}, 400, "attribute[people]: 'hai' is no number"),
        ({"service_code": "HT03", "attribute[lights]": "all"}, 400, "attribute[lights]: knows no 'all'"),
        ({"service_code": "HT03", "attribute[lights][]": ["one", "street"]}, 400, "attribute[lights]: has one value"),
        ({"jurisdiction_id": "boston.gov"}, 404, "jurisdiction_id: this is hue"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(small: Town, told: dict[str, object], status: int, reason: str) -> None:
    answer = small.post(REPORT | told)
    assert answer.status_code == status
    assert [one for one in answer.json if one["code"] == status and one["description"].startswith(reason)], answer.json
    assert kept(small) == []


def test_everything_that_is_wrong_is_said_at_once_in_xml_too(small: Town) -> None:
    told = REPORT | {"lat": "107.5905", "long": "16.4676", "description": "x" * 5000, "api_key": small.keys[CLIENT]}
    answer = small.client.post("/open311/v2/requests.xml", data=told)
    assert (answer.status_code, answer.content_type) == (400, "text/xml; charset=utf-8")
    errors = fromstring(answer.get_data())
    assert [one.findtext("code") for one in errors] == ["400", "400"]


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"lat": "", "long": "", "address_string": "12 Nguyễn Huệ"}, "no_coordinates"),
        ({"lat": "16.70", "long": "107.90"}, "outside_wards"),
    ],
)
def test_what_is_odd_is_taken_and_marked(small: Town, told: dict[str, str], fault: str) -> None:
    answer = small.post(REPORT | told, headers={"Accept-Language": "en"})
    number = number_of(answer)
    small.board()
    (found,) = small.get(f"requests/{number}.json", extensions="true").json
    assert found["extended_attributes"]["faults"] == [fault]
    assert "xpected" in answer.json[0]["service_notice"]


def test_markup_and_formulas_are_words_and_nothing_else(small: Town) -> None:
    for said in ("<script>alert(1)</script>]]><!--", '=HYPERLINK("https://x.vn","a")', "@SUM(1+1)|cmd", "'; DROP TABLE report; --"):
        number = number_of(small.post(REPORT | {"description": said}))
        small.board()
        assert small.get(f"requests/{number}.json").json[0]["description"] == said
        assert fromstring(small.get(f"requests/{number}.xml").get_data()).findtext("request/description") == said


def test_keys(small: Town) -> None:
    assert small.post(REPORT, key="kyd_wrong").status_code == 403
    assert small.client.post("/open311/v2/requests.json", data=REPORT).status_code == 403
    bearer = {"Authorization": f"Bearer {small.keys[CLIENT]}"}
    assert small.client.post("/open311/v2/requests.json", data=REPORT, headers=bearer).status_code == 200
    for path in ("requests.json", "requests/x.json", "tokens/x.json", "servicerequestupdates.json"):
        assert small.get(path, key="").status_code == 403, path
        assert small.get(path, key="kyd_wrong").status_code == 403, path
    for path in ("services.json", "services/MT01.json", "discovery.json"):
        assert small.get(path, key="").status_code == 200, path
    new = small.sources.rotate(CLIENT)
    small.sources.disable(OTHER, now_ms=NOW)
    fresh = _beside(small)
    assert [fresh.post(REPORT, key=key).status_code for key in (new, small.keys[CLIENT], small.keys[OTHER])] == [200, 200, 403]


def test_a_client_reads_its_own_words_and_nobody_elses(small: Town) -> None:
    number = number_of(small.post(REPORT | WHO))
    small.board()
    (own,) = small.get(f"requests/{number}.json").json
    (others,) = small.get(f"requests/{number}.json", key=small.keys[OTHER]).json
    assert own["description"] == REPORT["description"]
    assert (others["description"], others["media_url"], others["address"]) == (None, None, None)
    assert (others["status"], others["service_code"]) == ("open", "MT01")


def test_strangers_read_only_where_the_setting_says_so(sqlite: Engine, redis_log: Redis, tmp_path: Path) -> None:
    town = Town(sqlite, redis_log, tmp_path, public=True, origins="https://hue.example.vn")
    town.post(REPORT | WHO)
    town.board()
    answer = town.client.get("/open311/v2/requests.json", headers={"Origin": "https://hue.example.vn"})
    (told,) = answer.json
    assert (told["description"], told["status"]) == (None, "open")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://hue.example.vn"
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    for origin in ("https://evil.example", ""):
        answer = town.client.get("/open311/v2/requests.json", headers={"Origin": origin} if origin else {})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_masked_in_words(small: Town) -> None:
    number = number_of(small.post(REPORT | {"description": "Xe 75A-123.45 đổ rác, gọi 0914 555 777"}))
    small.board()
    (told,) = small.get(f"requests/{number}.json").json
    assert told["description"] == "Xe 75A-***.45 đổ rác, gọi 0***77"


def test_who_asks_too_much_waits(small: Town, monkeypatch) -> None:
    monkeypatch.setattr(clients, "WRITES", (1.0, 2.0))
    answers = [small.post(REPORT | {"description": str(n)}) for n in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert small.post(REPORT, key=small.keys[OTHER]).status_code == 200


def days_of_reports(town: Town, count: int = 120) -> None:
    """Put in a report an hour of three services, every third of them closed after a day."""
    things = []
    for n in range(count):
        at = NOW - n * 3_600_000
        told = ReportChanged(
            id=f"{n}", at=at, report=f"PA-{n}", service=("MT01", "HT03", "DT01")[n % 3], submitted=at, open=n % 3 != 0,
            closed=at + 86_400_000 if n % 3 == 0 else None, lon=107.59, lat=16.467, unit="HEPCO",
        )  # fmt: skip
        things.append(town.reader._hearing.hear("hotline", NOW - n, told))
    town.store.record(turn(town.store.load(NOW), NOW), Reading(things, ()), "0-1")


def written(ms: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_filters(town: Town) -> None:
    days_of_reports(town)

    def found(**query: str) -> list[str]:
        answer = town.get("requests.json", **query)
        assert answer.status_code == 200, answer.json
        fits("requests", answer.json)
        return [one["service_request_id"].removeprefix("hotline:PA-") for one in answer.json]

    everything = found()
    assert everything == [str(n) for n in range(120)]
    assert found(service_code="HT03") == [str(n) for n in range(1, 120, 3)]
    assert found(service_code="HT03,DT01", page_size="4") == ["1", "2", "4", "5"]
    assert found(status="closed") == [str(n) for n in range(0, 120, 3)]
    assert found(status="open,closed") == everything
    hour = 3_600_000
    assert found(start_date=written(NOW - 10 * hour), end_date=written(NOW - 7 * hour)) == ["8", "9", "10"]
    pages = [found(page=str(page), page_size="50") for page in (1, 2, 3, 4)]
    assert ([n for page in pages for n in page], [len(page) for page in pages]) == (everything, [50, 50, 20, 0])
    assert sorted(found(service_request_id="hotline:PA-3,hotline:PA-5,none:9", status="closed", service_code="MT01")) == ["3", "5"]
    assert found(updated_after=written(NOW - 1_000), page_size="3") == ["119", "118", "117"]  # the oldest that we learnt first
    assert town.get("requests/hotline:PA-7.json").json[0]["service_request_id"] == "hotline:PA-7"
    assert town.get("tokens/hotline:PA-7.json").json == [{"service_request_id": "hotline:PA-7", "token": "hotline:PA-7"}]


def test_following_what_changes(town: Town) -> None:
    numbers = [number_of(town.post(REPORT | {"description": str(n)})) for n in range(3)]
    town.board()
    since = written(town.clock.at_ms + 1000)
    town.clock.at_ms += 60_000
    closed(town, numbers[1])
    told = town.get("requests.json", updated_after=since, status="closed").json
    assert [one["service_request_id"] for one in told] == [numbers[1]]
    assert told[0]["updated_datetime"] == "2026-11-23T12:01:00+07:00"
    assert town.get("requests.json", updated_before=since).json != []


def closed(town: Town, number: str) -> None:
    """The centre closes a report."""
    at = town.clock.at_ms
    told = ReportChanged(
        id=f"{number}@1",
        at=at,
        report=number,
        service="MT01",
        submitted=NOW,
        open=False,
        closed=at,
        unit="HEPCO",
        lon=107.5905,
        lat=16.4676,
    )
    heard = town.reader._hearing.hear(CLIENT, at, told)
    town.store.record(turn(town.store.load(at), at), Reading([heard], ()), town.store.mark())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"service_code": "XX"}, 404),
        ({"status": "late"}, 400),
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, 400),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, 400),
        ({"page": "0"}, 400),
        ({"page": "99999", "page_size": "50"}, 400),
        ({"page_size": "5000"}, 400),
        ({"service_request_id": ",".join(map(str, range(101)))}, 400),
        ({"jurisdiction_id": "boston"}, 404),
        ({"start_date": "2026-10-01T00:00:00 07:00"}, 200),  # a plus that nobody escaped
    ],
)
def test_questions_that_cannot_be_answered(small: Town, query: dict[str, str], status: int) -> None:
    assert small.get("requests.json", **query).status_code == status


def test_xml_says_what_json_says(town: Town) -> None:
    number = number_of(
        town.post(REPORT | {"service_code": "HT03", "attribute[lights]": "one", "description": 'a & b < c > "d" ]]> \u000b'})
    )
    days_of_reports(town, 3)
    town.board()
    closed(town, number)
    paths = [
        "discovery", "services", "services/HT03", "services/MT01", "requests", f"requests/{number}", f"tokens/{number}",
        "servicerequestupdates", "requests/none",
    ]  # fmt: skip
    for path in paths:
        for query in ({}, {"extensions": "true"}, {"locale": "en"}):
            as_json, as_xml = (town.get(f"{path}.{form}", **query) for form in ("json", "xml"))
            assert as_json.status_code == as_xml.status_code
            assert as_xml.content_type == "text/xml; charset=utf-8"
            assert plain(fromstring(as_xml.get_data())) == texts(as_json.json), path


def test_services_fit_the_standard_in_both_languages(small: Town) -> None:
    vi, en = small.get("services.json").json, small.get("services.json", locale="en").json
    fits("services", vi)
    fits("services", en)
    assert [one["service_code"] for one in vi] == [one.code for one in PACK.city.services]
    assert (vi[0]["service_name"], en[0]["service_name"]) == ("Rác thải sinh hoạt tồn đọng", "Uncollected household waste")
    assert small.client.get("/open311/v2/services.json", headers={"Accept-Language": "en-GB"}).json == en
    told = small.get("services/TT01.json").json
    fits("service-definition", told)
    assert [(one["code"], one["datatype"], one["required"]) for one in told["attributes"]] == [
        ("people", "number", True), ("needs", "multivaluelist", False),
    ]  # fmt: skip
    assert small.get("services/XX.json").status_code == 404


def test_updates_go_both_ways(town: Town) -> None:
    number = number_of(town.post(REPORT))
    town.board()
    town.clock.at_ms += 60_000
    closed(town, number)
    for form in ("json", "xml"):
        assert town.get(f"servicerequestupdates.{form}", key=town.keys[OTHER]).status_code == 200
    assert town.get("servicerequestupdates.json", key=town.keys[OTHER]).json == []
    (told,) = town.get("servicerequestupdates.json").json
    assert (told["service_request_id"], told["status"], told["updated_datetime"]) == (number, "closed", "2026-11-23T12:01:00+07:00")
    later = written(town.clock.at_ms + 60_000)
    assert town.get("servicerequestupdates.json", start_date=later).json == []

    update = {
        "api_key": town.keys[CLIENT], "service_request_id": number, "update_id": "u-1", "status": "OPEN",
        "updated_datetime": "2026-11-23T12:00:00+07:00", "description": "vẫn còn rác", "email": "buoi@example.vn",
    }  # fmt: skip
    for _ in range(2):
        answer = town.client.post("/open311/v2/servicerequestupdates.xml", data=update)
        assert fromstring(answer.get_data()).findtext("request_update/update_id") == "u-1"
    with town.engine.connect() as sql:
        rows = sql.execute(text("SELECT text, status, sealed FROM report_update WHERE source = :s"), {"s": CLIENT}).all()
        assert [(row.text, row.status) for row in rows] == [("vẫn còn rác", "open")]
        assert town.writer.open(bytes(rows[0].sealed), report=f"{CLIENT}/{number}") == {"email": "buoi@example.vn"}
        assert not sql.scalar(text("SELECT open FROM report"))
    refused = {
        "none": (update | {"service_request_id": "none"}, 404),
        "another's": (update | {"api_key": town.keys[OTHER]}, 403),
        "status": (update | {"status": "perhaps"}, 400),
        "id": (update | {"update_id": ""}, 400),
        "time": (update | {"updated_datetime": "soon"}, 400),
        "media": (update | {"media_url": "file:///etc/passwd"}, 400),
        "key": (update | {"api_key": ""}, 403),
    }
    for why, (given, status) in refused.items():
        assert town.client.post("/open311/v2/servicerequestupdates.json", data=given).status_code == status, why


def photo(*, comment: bytes = b"", seed: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "75A-123.45 lives here"
    out = io.BytesIO()
    picture = Image.frombytes("RGB", (320, 240), random.Random(seed).randbytes(320 * 240 * 3))
    picture.save(out, "JPEG", quality=95, exif=exif, comment=comment)
    return out.getvalue()


def test_photographs_come_with_a_report_and_are_shown_masked(town: Town) -> None:
    form = REPORT | {
        "api_key": town.keys[CLIENT],
        "photo1": (io.BytesIO(photo(comment=b"lon 107.59")), "../../x.php"),
        "photo2": (io.BytesIO(photo(seed=2)), "b.jpg"),
    }
    number = number_of(town.client.post("/open311/v2/requests.json", data=form, content_type="multipart/form-data"))
    (payload,) = kept(town)
    assert payload.headers["content-type"].startswith("multipart/form-data")
    assert b"x.php" not in payload.raw
    assert (town.board(), town.darkroom()) == (1, 2)
    (told,) = town.get(f"requests/{number}.json", extensions="true").json
    fits("request", told)
    assert len(told["extended_attributes"]["photos"]) == 2
    shown = town.client.get(told["media_url"])
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert not any(sign in shown.get_data() for sign in (b"75A", b"107.59", b"Exif"))
    masked = np.asarray(Image.open(io.BytesIO(shown.get_data())).convert("L"), dtype=float)
    assert np.abs(np.diff(masked, axis=1)).mean() < 8  # of noise, nothing but blocks is left
    (others,) = town.get(f"requests/{number}.json", key=town.keys[OTHER], extensions="true").json
    assert (others["media_url"], others["extended_attributes"]["photos"]) == (None, [])
    assert town.client.get("/open311/v2/media/0123456789abcdef0123456789abcdef.jpg").status_code == 404
    picture = told["media_url"].rpartition("/")[2].removesuffix(".jpg")
    clear = Image.open(io.BytesIO(town.pictures.clear(picture, who="Lê Thị")))  # who may, sees it as it was, with their name in it
    assert np.abs(np.diff(np.asarray(clear.convert("L"), dtype=float), axis=1)).mean() > 30
    town.clock.at_ms += 366 * 86_400_000
    assert town.client.get(told["media_url"]).status_code == 404


def test_the_same_report_with_another_photograph_is_another(small: Town) -> None:
    def number(seed: int) -> str:
        form = REPORT | {"api_key": small.keys[CLIENT], "photo": (io.BytesIO(photo(seed=seed)), "a.jpg")}
        return number_of(small.client.post("/open311/v2/requests.json", data=form))

    assert number(1) == number(1) != number(2)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({f"photo{n}": (b"\xff\xd8\xff", f"{n}.jpg") for n in range(50)}, "photo: there are 50, at most 6"),
        ({"photo": (b"<?php system($_GET[0]);", "a.jpg")}, "photo: is no JPEG, PNG or WebP"),
        ({"photo": (b"RIFF....AVI ", "a.webp")}, "photo: is no JPEG, PNG or WebP"),
        ({"photo": (b"GIF89a", "a.gif")}, "photo: is no JPEG, PNG or WebP"),
    ],
)
def test_what_is_no_photograph_is_refused_by_name(small: Town, files: dict[str, tuple[bytes, str]], reason: str) -> None:
    form = REPORT | {"api_key": small.keys[CLIENT]} | {name: (io.BytesIO(raw), file) for name, (raw, file) in files.items()}
    answer = small.client.post("/open311/v2/requests.json", data=form)
    assert (answer.status_code, answer.json[0]["description"][: len(reason)]) == (400, reason)
    assert kept(small) == []


def encoded(form: str, **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    "raw", [encoded("JPEG"), encoded("PNG"), encoded("WEBP"), encoded("WEBP", lossless=True), encoded("JPEG", progressive=True)]
)
def test_a_photograph_however_small_is_developed(small: Town, raw: bytes) -> None:
    number = number_of(
        small.client.post("/open311/v2/requests.json", data=REPORT | {"api_key": small.keys[CLIENT], "p": (io.BytesIO(raw), "a")})
    )
    assert (small.board(), small.darkroom()) == (1, 1)
    (told,) = small.get(f"requests/{number}.json", extensions="true").json
    assert (len(told["extended_attributes"]["photos"]), told["extended_attributes"]["faults"]) == (1, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xd8\xff" + b"x" * 5000,
        b"\xff\xd8\xff",
        photo()[:20_000],
        encoded("PNG")[:-8],
        encoded("WEBP")[:-8],
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0IEND\xaeB`\x82",
    ],
)
def test_a_photograph_that_cannot_be_read_costs_nothing_but_itself_and_is_told_of(small: Town, raw: bytes) -> None:
    form = REPORT | {"api_key": small.keys[CLIENT], "photo": (io.BytesIO(raw), "a.jpg"), "good": (io.BytesIO(photo()), "b.jpg")}
    answer = small.client.post("/open311/v2/requests.json", data=form, headers={"Accept-Language": "en"})
    number = number_of(answer)
    assert "A photograph could not be read" in answer.json[0]["service_notice"]
    assert (small.board(), small.darkroom()) == (1, 1)
    (told,) = small.get(f"requests/{number}.json", extensions="true").json
    assert (told["extended_attributes"]["faults"], len(told["extended_attributes"]["photos"])) == (["photo_unreadable"], 1)


@pytest.fixture
def three(monkeypatch):
    """The Python client of the standard's own people, as it was written for an older Python: two names are lent to it."""
    import itertools

    import requests

    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    monkeypatch.setitem(sys.modules, "relaxml", types.ModuleType("relaxml"))
    monkeypatch.setattr(sys.modules["relaxml"], "xml", None, raising=False)
    assert requests.Session
    from three.core import Three

    return Three


def test_the_client_of_others_works_against_a_running_server(small: Town, three, tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, small.server, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ours = three(f"http://127.0.0.1:{server.server_port}/open311/v2", api_key=small.keys[CLIENT], jurisdiction="hue")
        assert ours.discovery()["endpoints"][0]["url"] == f"http://127.0.0.1:{server.server_port}/open311/v2"
        assert ours.services()[0]["service_code"] == "MT01"
        assert ours.services("TT01")["attributes"][0]["code"] == "people"
        (told,) = ours.post("MT01", name="Lê Bưởi", description="Rác", **PLACE)
        small.board()
        key = {"api_key": small.keys[CLIENT]}
        number = told["service_request_id"]
        assert ours.request(number, **key)[0]["description"] == "Rác"
        assert [one["service_request_id"] for one in ours.requests("MT01", count=5, **key)] == [number]
        assert ours.token(number, **key) == [{"service_request_id": number, "token": number}]
        assert ours.requests(between=["11-01-2026", "11-30-2026"], **key)[0]["service_request_id"] == number
        assert ours.requests("HT03", **key) == []
    finally:
        server.shutdown()
        server.server_close()
        ours.session.close()


def test_what_the_adapter_cannot_read_is_a_dead_letter(small: Town) -> None:
    for raw in (b"{}", b"--x\r\n\r\nnothing", b'{"type":"sighted"}', b"\xff"):
        taken = Taken("1-0", Payload(CLIENT, NOW, raw, {"content-type": "application/json"}, "r"))
        assert (small.reader.read(taken).heard, len(small.reader.read(taken).dead)) == ((), 1)


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "reason"),
    [
        (b'{"service_code": "MT01"}', "application/json", 415, "Content-Type: is 'application/json'"),
        (b"<request/>", "text/xml", 415, "Content-Type: is 'text/xml'"),
        (b"service_code=MT01", "", 415, "Content-Type: is 'missing'"),
        (b"service_code=MT01&description=Caf%E9", FORM, 400, "the form is not in utf-8"),
        ("service_code=MT01&description=Café".encode("latin-1"), FORM, 400, "the form is not in utf-8"),
        (b"--x\r\nfoo", "multipart/form-data; boundary=x", 400, "the multipart cannot be read"),
        (b"--x\r\nfoo", "multipart/form-data", 400, "the multipart cannot be read"),
        (
            b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\nCaf\xe9\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            400,
            "description: is not in UTF-8",
        ),
        (b"&".join(b"a%d=1" % n for n in range(1001)), FORM, 413, "the form has more than 1000 fields"),
    ],
)
def test_what_is_no_form_in_utf_8_is_told_so_and_nothing_of_it_is_kept_wrong(
    small: Town, raw: bytes, content_type: str, status: int, reason: str
) -> None:
    shown = {"Authorization": f"Bearer {small.keys[CLIENT]}"}
    for path in ("requests.json", "servicerequestupdates.json"):
        answer = small.client.post(f"/open311/v2/{path}", data=raw, content_type=content_type or None, headers=shown)
        assert answer.status_code == status
        assert [one["code"] for one in answer.json if one["description"].startswith(reason)] == [status], answer.json
    assert kept(small) == []


@pytest.mark.parametrize("charset", ["iso-8859-1", "ISO-8859-1", "utf-8", "x-nobody-knows", "punycode"])
def test_a_form_is_read_in_the_charset_that_it_says(small: Town, charset: str) -> None:
    from urllib.parse import urlencode

    spoken = charset if "8859" in charset else "utf-8"  # what nobody knows, or takes hours, is the standard's
    raw = urlencode(
        REPORT | {"api_key": small.keys[CLIENT], "description": "Café đỏ"[: 4 if "8859" in charset else 7]}, encoding=spoken
    )
    answer = small.client.post("/open311/v2/requests.json", data=raw, content_type=f"{FORM}; charset={charset}")
    number = number_of(answer)
    small.board()
    assert small.get(f"requests/{number}.json").json[0]["description"] == ("Café" if "8859" in charset else "Café đỏ")


def test_a_file_with_an_update_is_not_lost_in_silence(small: Town) -> None:
    told = {"api_key": small.keys[CLIENT], "service_request_id": "x", "update_id": "1", "status": "OPEN"}
    answer = small.client.post(
        "/open311/v2/servicerequestupdates.json", data=told | {"photo1": (io.BytesIO(b"\xff\xd8\xff"), "a.jpg")}
    )
    assert (answer.status_code, answer.json[0]["description"][:7]) == (400, "photo1:")


def test_a_number_with_a_slash_and_a_list_said_in_several_words(small: Town) -> None:
    things = []
    for n in range(3):
        told = ReportChanged(
            id=f"{n}", at=NOW, report=f"{n}/PA-UBND", service="MT01", submitted=NOW, open=n != 1, closed=NOW if n == 1 else None
        )
        things.append(small.reader._hearing.hear("hotline", NOW, told))
    small.store.record(turn(small.store.load(NOW), NOW), Reading(things, ()), "0-1")
    for path in ("requests/hotline:1/PA-UBND.json", "requests/hotline:1%2FPA-UBND.json", "tokens/hotline:1/PA-UBND.json"):
        assert [one["service_request_id"] for one in small.get(path).json] == ["hotline:1/PA-UBND"], path
    asked = [("api_key", small.keys[CLIENT]), ("status", "open"), ("status", "closed")]
    assert len(small.client.get("/open311/v2/requests.json", query_string=asked).json) == 3
    asked = [("api_key", small.keys[CLIENT]), *(("service_request_id", f"hotline:{n}/PA-UBND") for n in (0, 2))]
    assert len(small.client.get("/open311/v2/requests.json", query_string=asked).json) == 2
    assert small.client.head("/open311/v2/requests.json", query_string={"jurisdiction_id": "boston.gov"}).status_code == 404
