"""The API: what it promises in OpenAPI is what it answers; plates are masked; paging neither skips nor repeats."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from dashboard.board import turn
from dashboard.errors import TooLong
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.doors.api import OPENAPI
from data.store.record import SqlStore
from tests.web.conftest import PACK

SPEC = json.loads(OPENAPI.read_text())
NOW = 1_795_410_000_000
FIRST = PACK.city.cameras[0]
HERE = f"?lon={FIRST.lon}&lat={FIRST.lat}&at={NOW}"
HEARING = Hearing(PACK.city, locate=lambda *_: "")


@pytest.fixture
def filled(web):
    store = SqlStore(web.engine, city=PACK.city)
    kinds = ["red_light", "plate_read", "fire_single"]
    things = [
        HEARING.hear(
            "native",
            NOW + n,
            Sighted(id=str(n), at=NOW + n, kind=kinds[n % 3], camera=f"H-{n % 4 + 1:03d}", plate="75A-123.45", score=0.5),
        )
        for n in range(57)
    ]
    store.record(turn(store.load(NOW), NOW), Reading(things, ()), "1-0")
    return web


def get(web, path: str):
    answer = web.signed("operator").get(f"/api/v1{path}")
    return answer.status_code, answer.json


def fits(path: str, told: object) -> None:
    schema = SPEC["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(told)


def test_the_description_is_openapi() -> None:
    validate(SPEC)


@pytest.mark.parametrize("path", ["/events", "/around", "/cameras", "/kpis", "/feeds", "/indicators"])
def test_answers_are_as_described(filled, path) -> None:
    filled.latest |= {
        "kpi": {
            "events_today": {
                "state": "live",
                "value": 1.0,
                "of": None,
                "unit": "count",
                "target": None,
                "verdict": "none",
                "feed": "x",
                "at": 1,
            }
        },
        "status": {"feeds": [{"key": "camera_events", "at": None, "online": False}]},
        "cameras": {
            "states": "o" * len(PACK.city.cameras),
            "spoke": [1] * len(PACK.city.cameras),
            "seen": [0] * len(PACK.city.cameras),
        },
    }
    status, told = get(filled, path + (HERE if path == "/around" else ""))
    assert status == 200
    fits(path, told)


def test_pages_neither_skip_nor_repeat(filled) -> None:
    seen, cursor = [], ""
    while True:
        _, told = get(filled, f"/events?limit=10{cursor}")
        seen += [event["seq"] for event in told["events"]]
        if told["next"] is None:
            break
        cursor = f"&cursor={told['next']}"
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 57


@pytest.mark.parametrize("query", ["camera=H-001", "ward=00000", f"since={NOW + 50}", "class=alarm&camera=H-002", "kind=red_light"])
def test_a_rare_thing_is_found_over_many_short_looks(filled, monkeypatch, query) -> None:
    whole = [event["seq"] for event in get(filled, f"/events?limit=1000&{query}")[1]["events"]]
    monkeypatch.setattr("data.query.SCANNED", 10)
    seen, cursor, pages = [], "", 0
    while True:
        _, told = get(filled, f"/events?limit=3&{query}{cursor}")
        seen += [event["seq"] for event in told["events"]]
        pages += 1
        if told["next"] is None:
            break
        cursor = f"&cursor={told['next']}"
    assert seen == whole
    assert pages < 40


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=red_light", 19),
        ("class=alarm", 19),
        ("class=record", 19),
        ("camera=H-001", 15),
        (f"since={NOW + 50}", 7),
        (f"until={NOW + 10}", 10),
        ("ward=00000", 0),
        ("kind=none", 0),
    ],
)
def test_filters(filled, query, count) -> None:
    _, told = get(filled, f"/events?limit=1000&{query}")
    assert len(told["events"]) == count


def test_no_plate_is_in_the_clear(filled) -> None:
    text = json.dumps(get(filled, "/events?limit=1000")[1])
    assert "123.45" not in text
    assert "75A-***.45" in text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "cursor=-1", "since=1.5", "class=panic", "until=99999999999999999999", "limit=²"]
)
def test_a_bad_parameter_is_named(filled, query) -> None:
    status, told = get(filled, f"/events?{query}")
    assert status == 400
    assert query.split("=")[0] in told["error"]["message"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["limit", "cursor", "since", "until", "kind", "class", "camera", "ward"]), st.text(max_size=12), max_size=4
    )
)
def test_no_parameter_is_ever_a_5xx(filled, query) -> None:
    assert filled.signed("operator").get("/api/v1/events", query_string=query).status_code in {200, 400}


def test_ready_says_what_is_wrong_and_what_to_do(web) -> None:
    answer = web.server.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["ok"]
    assert "logs/board.log" in answer.json["checks"]["board"]["help"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?lon=107.58&lat=16.46", "at is needed"),
        (f"?lat=16.46&at={NOW}", "lon must be"),
        (f"?lon=nan&lat=16.46&at={NOW}", "lon must be"),
        (f"?lon=107&lat=91&at={NOW}", "lat must be"),
        (f"{HERE}&radius=501", "radius must be"),
        (f"{HERE}&minutes=31", "minutes must be"),
    ],
)
def test_a_place_that_is_none_is_named(filled, query, named) -> None:
    status, told = get(filled, f"/around{query}")
    assert status == 400
    assert named in told["error"]["message"]


def test_around_what_has_a_name(filled) -> None:
    status, event = get(filled, "/around?event=native:%230&minutes=5")
    assert (status, event["error"]["code"]) == (404, "not_found")
    first = get(filled, "/events?limit=1&kind=fire_single")[1]["events"][0]
    status, told = get(filled, f"/around?event={first['id'].replace('#', '%23')}&minutes=5")
    assert status == 200
    assert told["asked"]["minutes"] == 5
    assert first["id"] in [one["id"] for one in told["events"]]
    store, now = SqlStore(filled.engine, city=PACK.city), time.time_ns() // 1_000_000
    fire = HEARING.hear("native", now, Sighted(id="fire", at=now, kind="fire_single", camera="H-010"))
    board = store.record(turn(store.load(now), now), Reading([fire], ()), "2-0")
    raised = next(one.id for one in board.alarms.values() if one.camera == "H-010")
    status, alarm = get(filled, f"/around?alarm={raised}")
    assert status == 200
    assert (alarm["asked"]["at"], [one["id"] for one in alarm["events"]]) == (now, ["native:fire"])
    fits("/around", alarm)


@pytest.mark.parametrize("query", ["?alarm=1&event=2", "?alarm=1&lon=107", "?report=", "?event=" + "x" * 201, "?alarm=%00"])
def test_a_name_and_a_place_are_not_asked_for_at_once(filled, query) -> None:
    assert get(filled, f"/around{query}")[0] == 400


def test_a_search_that_takes_too_long_says_so(filled, monkeypatch) -> None:
    def endless(*_args: object, **_more: object) -> object:
        raise TooLong("took longer than 5 s")

    monkeypatch.setattr("data.around.SqlAround.find", endless)
    status, told = get(filled, f"/around{HERE}")
    assert (status, told["error"]["code"]) == (503, "too_long")
