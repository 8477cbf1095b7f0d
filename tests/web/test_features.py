"""One feature of a layer: for whom the layer is meant, found again after a re-import, with what was sent from near it."""

import json

import pytest
import shapely
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from sqlalchemy import insert

from data.doors.api import OPENAPI
from data.layers import kept
from data.store.tables import REPORT
from tests.web.test_layers import NOW, get, keep

SPEC = json.loads(OPENAPI.read_text())
LAMP = (107.58, 16.46)


def take(web, folder, names: list[str], *, version: int, roles: tuple[str, ...] = ()) -> None:
    """Keep a version of the lamps, told apart by what they are called."""
    told = [(name, [name, "gọi 0912345678", n], shapely.Point(LAMP[0] + n / 100, LAMP[1])) for n, name in enumerate(names)]
    layer = keep(web, folder, "lamps", told, shape="point", version=version, roles=roles)
    file = kept.file_of(folder, "lamps", version)
    kept.write(file, [(name, 1, values, shape) for name, values, shape in told], (), known=names)
    with web.engine.begin() as sql:
        shown = replace(layer, id_fields=("ten",), imported=NOW - 1000 + version)
        sql.exec_driver_sql("UPDATE layer_version SET body = ? WHERE version = ?", (msgspec_body(shown), version))


def msgspec_body(layer) -> bytes:
    from msgspec import msgpack

    return msgpack.encode(layer)


def sent(web, number: int, *, metres: float, is_open: bool = True) -> None:
    row = {
        "key": f"reports/PA-{number}", "report": f"PA-{number}", "service": "MT01", "ward": "", "unit": "", "submitted": NOW - number,
        "due": NOW - number, "open": is_open, "closed": None if is_open else NOW, "lon": LAMP[0], "lat": LAMP[1] + metres / 111_195, "body": b"",
    }  # fmt: skip
    with web.engine.begin() as sql:
        sql.execute(insert(REPORT).values(row))


@pytest.fixture
def lit(web, tmp_path):
    take(web, tmp_path, ["Đèn/1", "Đèn/2"], version=1)
    for number, metres, is_open in ((1, 10, True), (2, 45, False), (3, 60, True), (4, 5000, True)):
        sent(web, number, metres=metres, is_open=is_open)
    return web


def ref_of(web, number: int = 0, **more: str) -> str:
    at = f"lon={LAMP[0] + number / 100}&lat={LAMP[1]}"
    found = get(web, f"/api/v1/here?{at}{''.join(f'&{name}={value}' for name, value in more.items())}").json["layers"]
    return str(found[0]["features"][0]["ref"])


def test_it_tells_what_was_sent_from_near_it(lit) -> None:
    answer = get(lit, f"/api/v1/layers/lamps/features/{ref_of(lit)}")
    assert answer.status_code == 200
    content = SPEC["paths"]["/layers/{key}/features/{ref}"]["get"]["responses"]["200"]["content"]["application/json"]
    Draft202012Validator({**content["schema"], "components": SPEC["components"]}).validate(answer.json)
    near = answer.json["near"]
    assert [(one["report"], one["metres"], one["open"]) for one in near["reports"]] == [("PA-1", 10, True), ("PA-2", 45, False)]
    assert (near["total"], near["open"], near["overdue"]) == (2, 1, 1)
    assert answer.json["feature"]["properties"]["note"] == "gọi 0***78"
    assert answer.json["feature"]["lasting"]
    wide = get(lit, f"/api/v1/layers/lamps/features/{ref_of(lit)}?radius=200").json["near"]
    assert [one["report"] for one in wide["reports"]] == ["PA-1", "PA-3", "PA-2"]  # what is open stands first
    assert sum(month["reports"] for month in wide["months"]) in {0, 3}  # of the last two years, by the real clock
    assert len(wide["months"]) == 24


def test_a_new_version_finds_the_same_one(lit, tmp_path) -> None:
    before, number = ref_of(lit), ref_of(lit, 1)
    take(lit, tmp_path, ["Đèn/3", "Đèn/1"], version=2)
    told = get(lit, f"/api/v1/layers/lamps/features/{before}").json
    assert told["feature"]["name"] == "Đèn/1"
    assert told["lon"] == pytest.approx(LAMP[0] + 0.01)
    assert get(lit, f"/api/v1/layers/lamps/features/{number}").status_code == 404
    assert get(lit, "/api/v1/layers/lamps/features/-2-1").json["feature"]["name"] == "Đèn/3"
    assert get(lit, "/api/v1/layers/lamps/features/-1-1").status_code == 404  # a number of another version
    old = get(lit, f"/api/v1/here?lon={LAMP[0]}&lat={LAMP[1]}&at={NOW - 999}").json["layers"][0]
    assert (old["version"], old["features"][0]["name"]) == (1, "Đèn/1")  # as it was shown then
    none_so_old = get(lit, f"/api/v1/here?lon={LAMP[0]}&lat={LAMP[1]}&at=1").json["layers"][0]
    assert none_so_old["version"] == 2


def test_it_is_there_for_the_layers_roles_alone(web, tmp_path) -> None:
    take(web, tmp_path, ["A-1"], version=1, roles=("supervisor",))
    for role, status in (("supervisor", 200), ("operator", 404), ("leader", 404), ("wall", 403)):
        assert get(web, "/api/v1/layers/lamps/features/A-1", role).status_code == status
    assert get(web, "/features/lamps/A-1", "operator").status_code == 200  # the page says that there is none
    assert get(web, "/features/lamps/A-1", "wall").status_code == 403


@pytest.mark.parametrize("path", ["lamps/features/x?radius=19", "lamps/features/x?radius=201", "lamps/features/x?radius=a"])
def test_what_cannot_be_used_is_named(lit, path) -> None:
    ref = ref_of(lit)
    answer = get(lit, f"/api/v1/layers/{path.replace('/x', f'/{ref}')}")
    assert answer.status_code == 400
    assert "radius" in answer.json["error"]["message"]


@pytest.mark.parametrize("ref", ["nothing", "_", "_%00", "-1-99999", "%F0%9F%9A%92", "a" * 300])
def test_what_is_not_there_is_not_found(lit, ref) -> None:
    assert get(lit, f"/api/v1/layers/lamps/features/{ref}").status_code == 404
