"""The leader's doors: what may be asked, what is refused, and that the page, the API and the spreadsheet tell one number."""

import csv
import io
import json
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dashboard.board import turn
from dashboard.events import ReportChanged
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.store.record import SqlStore
from tests.web.conftest import PACK

SPEC = json.loads((Path(__file__).parents[2] / "data" / "doors" / "openapi.json").read_text(encoding="utf-8"))
HOUR = 3_600_000
STRANGER = "Tổ dân phố 5 & 6"  # a unit that reports name and the pack does not
BAD = [
    "period=century",
    "first=2026-01-01",
    "first=2026-02-30&last=2026-03-01",
    "first=2026-03-01&last=2026-02-01",
    "first=0001-01-01&last=2026-02-01",
    "first=9999-01-01&last=9999-02-01",
    "ward=nowhere",
    "ward=19753&service=nothing",
    "unit=%00",
]


@pytest.fixture
def filled(web):
    now = time.time_ns() // 1_000_000
    hearing, store = Hearing(PACK.city, locate=lambda *_: ""), SqlStore(web.engine, city=PACK.city)
    reports = [
        ReportChanged(
            id=f"{n}",
            at=now,
            report=f"=R-{n}",
            service="MT01",
            submitted=now - 700 * HOUR,
            open=n % 2 == 0,
            closed=None if n % 2 == 0 else now - 1,
            ward="19753",
            unit=STRANGER,
        )
        for n in range(60)
    ]
    store.record(turn(store.load(now), now), Reading([hearing.hear("reports", now, one) for one in reports], ()), "1-0")
    return web


def test_page_api_and_spreadsheet_tell_one_number(filled) -> None:
    client = filled.signed("leader")
    shown = client.get("/leader/figures?period=year").json
    told = client.get("/api/v1/figures?period=year").json
    assert {one["key"]: one["value"] for one in told["figures"]} == {one["key"]: one["value"] for one in shown["figures"]}
    overdue = {one["key"]: one["value"] for one in shown["tiles"]}["reports_overdue"]
    assert overdue == 30.0
    answer = client.get("/api/v1/figures?period=year&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert (answer.mimetype, {row["key"]: row["value"] for row in rows}["reports_overdue"]) == ("text/csv", "30.00")
    assert all(row["formula_vi"] and not row["formula_vi"].startswith(("=", "+", "-", "@")) for row in rows)
    schema = SPEC["paths"]["/figures"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(told)


def test_a_number_leads_to_as_many_reports(filled) -> None:
    client, after, seen = filled.signed("leader"), "", []
    while True:
        page = client.get(f"/leader/items?list=open&ward=19753&after={after.replace('=', '%3D')}").json
        seen += [one["report"] for one in page["items"]]
        after = page["after"]
        if not after:
            break
    assert (page["count"], len(seen), len(set(seen))) == (30, 30, 30)
    assert len(client.get("/leader/items?list=received&period=year").json["items"]) == 50
    field = next(one.field for one in PACK.city.services if one.code == "MT01")
    assert client.get(f"/leader/items?list=open&field={field}").json["count"] == 30
    assert client.get("/leader/items?list=open&field=nothing").json["count"] == 0
    assert client.get("/leader/items?list=due&period=day").json == {"name": "due", "count": 0, "after": "", "items": []}


def test_so_does_that_of_a_unit_which_the_pack_does_not_know(filled) -> None:
    client = filled.signed("leader")
    (row,) = client.get("/leader/figures?period=year").json["units"]
    assert (row["code"], row["overdue"]) == (STRANGER, 30)
    for name, number in (("overdue", row["overdue"]), ("due", row["due"])):
        told = client.get("/leader/items", query_string={"list": name, "unit": row["code"], "period": "year"}).json
        assert told["count"] == number
        assert {one["unit"] for one in told["items"]} == {STRANGER}
    assert client.get("/leader/figures", query_string={"unit": STRANGER}).status_code == 400, "nobody chooses it"


@pytest.mark.parametrize("query", BAD)
@pytest.mark.parametrize("path", ["/leader/figures?", "/leader/items?list=open&", "/api/v1/figures?"])
def test_what_cannot_be_asked_is_refused_with_a_reason(web, path: str, query: str) -> None:
    answer = web.signed("leader").get(path + query)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_parameter")


@pytest.mark.parametrize(
    "query",
    ["list=everything", "", "list=open&after=x", "list=open&after=1", "list=open&after=9.%00", f"list=open&after={'9' * 30}.k"],
)
def test_so_is_a_list_that_there_is_not(web, query: str) -> None:
    assert web.signed("leader").get(f"/leader/items?{query}").status_code == 400
