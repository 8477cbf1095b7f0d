"""Figures by ward: each the number that the leader's page of that ward tells; too few are named; events by the cameras that stand there."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from sqlalchemy import insert

from dashboard.board import Board, OpenReport
from dashboard.calendar import number_of
from dashboard.leader import page
from dashboard.past import Part
from dashboard.periods import chosen
from data.clock import SystemClock
from data.doors.api import OPENAPI
from data.history import SqlHistory
from data.store import past
from data.store.spots import DAY_SPOT
from tests.web.conftest import PACK
from tests.web.test_layers import get

SPEC = json.loads(OPENAPI.read_text())
CITY = PACK.city
CAMERA = next(one for one in CITY.cameras if one.ward)


def city_today() -> date:
    return datetime.now(ZoneInfo(CITY.zone)).date()


def ten_days(today: date) -> str:
    """Return the stretch that ends today: yesterday is in it whatever the day, as it is not in a year on its first."""
    return f"first={today - timedelta(days=9)}&last={today}"


@pytest.fixture
def counted(web) -> Iterator[FlaskClient]:
    """A record with reports of today and yesterday in two wards, many and few, and with events."""
    from data.store.tables import REPORT_DAY

    today = number_of(city_today())
    web.wards = [one.code for one in CITY.wards if one.valid_to is None][:2]
    with web.engine.begin() as sql:
        for ward, n in zip(web.wards, (40, 4), strict=True):
            row = {"dim": "ward", "value": ward, "received": n, "closed": n, "on_time": n - 1, "late": 1, "due": n, "met": n - 2}
            sql.execute(insert(REPORT_DAY).values([{**row, "day": today - 1}, {**row, "day": today}]))
        sql.execute(
            insert(DAY_SPOT).values([{"day": today, "camera": CAMERA.id, "kind": kind, "n": 3} for kind in ("crowd", "plate_read")])
        )
    return web


def test_each_is_the_number_of_the_leaders_page(counted) -> None:
    today = city_today()
    answer = get(counted, f"/api/v1/by-ward?{ten_days(today)}")
    content = SPEC["paths"]["/by-ward"]["get"]["responses"]["200"]["content"]["application/json"]
    Draft202012Validator(content["schema"]).validate(answer.json)
    history = SqlHistory(counted.engine, CITY.zone)
    told = {one["code"]: one for one in answer.json["wards"]}
    assert len(told) == sum(one.valid_to is None for one in CITY.wards)
    for ward in (*counted.wards, list(told)[-1]):
        theirs = page(
            history,
            CITY,
            chosen(today - timedelta(days=9), today, today),
            now_ms=SystemClock().now_ms(),
            today=number_of(today),
            part=Part("ward", ward),
        )
        assert {key: value for key, value in told[ward]["values"].items() if key != "reports_open"} == {
            one.key: one.value for one in theirs.figures
        }
    many, few = (told[ward] for ward in counted.wards)
    assert many["values"]["reports_received"] == 80
    assert few["few"]
    assert set(few["few"]) > set(many["few"])
    assert {"reports_received", "reports_on_time"} <= {one["key"] for one in answer.json["figures"]}


def test_events_are_those_of_the_cameras_in_a_ward(counted) -> None:
    assert get(counted, "/api/v1/by-ward").json["events"][CAMERA.ward] == 3  # plates that were read are mere records
    assert get(counted, "/api/v1/by-ward?kind=plate_read").json["events"][CAMERA.ward] == 3
    assert get(counted, "/api/v1/by-ward?kind=fire_single").json["events"][CAMERA.ward] == 0
    assert get(counted, "/api/v1/by-ward", "leader").json["events"][CAMERA.ward] is None  # too few for who is not on duty
    assert get(counted, "/api/v1/by-ward", "privacy_officer").status_code == 403


@pytest.mark.parametrize("asked", ["period=decade", "kind=nothing", "first=2026-13-01&last=2026-12-01"])
def test_what_cannot_be_used_is_named(web, asked) -> None:
    assert get(web, f"/api/v1/by-ward?{asked}").status_code == 400


def test_of_a_past_second_they_are_what_was_known(counted) -> None:
    now_ms, (many, few), today = SystemClock().now_ms(), counted.wards, city_today()
    heard = {key: OpenReport(key, "MT01", many, "", now_ms, now_ms, None, None, urgent=False) for key in ("a", "b")}
    with counted.engine.begin() as sql:
        past.write(sql, past.Told(), replace(Board(), reports=heard, now=now_ms - 60_000))
    answer = get(counted, f"/api/v1/by-ward?{ten_days(today)}&at={now_ms}").json
    schema = SPEC["paths"]["/by-ward"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(answer)
    assert answer["known"] == {"at": now_ms, "until": (today - timedelta(days=1)).isoformat(), "open": True}
    told = {one["code"]: one["values"] for one in answer["wards"]}
    assert told[many]["reports_received"] == 40  # today is not over at that second
    assert (told[many]["reports_open"], told[few]["reports_open"]) == (2, 0)
    assert answer["events"][CAMERA.ward] == 0
    earlier = get(counted, f"/api/v1/by-ward?at={now_ms - 3_600_000}").json
    assert earlier["known"]["open"] is False  # no board is kept of then
    assert (answer["first"], answer["last"]) == ((today - timedelta(days=9)).isoformat(), (today - timedelta(days=1)).isoformat())
    assert get(counted, "/api/v1/by-ward?at=yesterday").status_code == 400
