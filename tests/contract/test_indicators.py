"""Indicators: declared by the pack, told by other systems, kept once, read back, and refused by name where they cannot be."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, text

from dashboard.board import turn
from dashboard.events import Measured
from dashboard.indicators import view
from dashboard.ports import Reading
from dashboard.topics.indicators import TOPIC
from data.commands.import_reports import COMMAND
from data.doors import indicators
from data.doors.open311 import Clients
from data.store.engine import connect
from data.store.readings import Readings
from tests.citizens import NOW, PACK, Town


@pytest.fixture
def town(engine: Engine, redis_log: Redis, tmp_path: Path) -> Town:
    made = Town(engine, redis_log, tmp_path)
    made.keys["gauges"] = made.sources.add("gauges-huong", adapter="indicators", now_ms=NOW)
    made.server = Flask("counted")
    clients = Clients(made.sources.all, adapter="indicators")
    made.server.register_blueprint(indicators.door(made.intake, clients, Readings(engine), made.clock, lambda: PACK.city))
    return made


def tell(town: Town, told: object, *, key: str | None = None):
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return town.client.post("/api/v1/indicators", data=raw, headers={"Authorization": f"Bearer {key or town.keys['gauges']}"})


def level(value: float, at: int = NOW) -> dict[str, object]:
    return {"indicator": "water_level", "value": value, "at": at}


def test_what_is_told_is_kept_shown_and_read_back(town: Town) -> None:
    answer = tell(town, {"readings": [level(1.24), level(1.31, NOW + 600_000)]})
    assert (answer.status_code, answer.json["kept"], answer.json["readings"]) == (202, "stream", 2)
    assert town.board() == 1
    listed = {one["key"]: one for one in town.client.get("/api/v1/indicators").json["indicators"]}
    assert set(listed) == {one.key for one in PACK.city.indicators}
    river = listed["water_level"]
    assert (river["value"], river["at"], river["level"], river["verdict"], river["source"]) == (
        1.31,
        NOW + 600_000,
        1,
        "missed",
        "gauges-huong",
    )
    assert (listed["hotline_calls"]["value"], listed["hotline_calls"]["verdict"]) == (None, "none")
    told = town.client.get("/api/v1/indicators/water_level").json["readings"]
    assert [(one["at"], one["value"]) for one in told] == [(NOW + 600_000, 1.31), (NOW, 1.24)]
    assert town.client.get(f"/api/v1/indicators/water_level?until={NOW + 1}").json["readings"] == told[1:]
    board = town.store.load(NOW)
    assert TOPIC.draw(board, PACK.city)["rows"][0] == {
        "key": "water_level",
        "value": 1.31,
        "of": None,
        "at": NOW + 600_000,
        "verdict": "missed",
        "level": 1,
    }
    assert board.feeds["gauges-huong"].at == NOW
    with town.engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM event")) == 0  # it is no event of the city


def test_told_again_is_told_once_and_a_correction_stands(town: Town) -> None:
    for value in (1.0, 1.0, 1.1):
        assert tell(town, level(value)).status_code == 202
    town.board()
    assert [one["value"] for one in town.client.get("/api/v1/indicators/water_level").json["readings"]] == [1.1]
    assert tell(town, level(0.9, NOW - 60_000)).status_code == 202
    town.board()
    assert town.store.load(NOW).indicators["water_level"].value == 1.1  # what is older does not take the place of what is newer
    assert tell(town, {"indicator": "water_level", "value": 0.7}).status_code == 202  # of now, where no time is said
    town.clock.at_ms += 1
    town.board()
    assert town.store.load(NOW).indicators["water_level"].at == NOW


def test_the_loaded_board_is_the_folded_one(town: Town) -> None:
    hearing = town.reader._hearing
    board = turn(town.store.load(NOW), NOW)
    for n, (value, at) in enumerate(((1.0, 5), (2.0, 9), (1.5, 9), (3.0, 7), (0.5, 1))):
        told = Measured(id=f"water_level@{at}", at=NOW - 100 + at, indicator="water_level", value=value)
        board = town.store.record(board, Reading([hearing.hear("gauges-huong", NOW, told)], ()), f"0-{n + 1}")
    assert town.store.load(NOW) == board
    assert (board.indicators["water_level"].value, board.indicators["water_level"].at) == (1.5, NOW - 91)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (b"{", "the payload is no JSON"),
        ({"readings": []}, "the payload has 0 readings"),
        ([level(1.0)] * 1001, "the payload has 1001 readings"),
        ({"indicator": "sea_level", "value": 1}, "reading 1: indicators.csv has no 'sea_level'"),
        ([level(1.0), level(99.0)], "reading 2: water_level lies between -2 and 12, not at 99"),
        (level(1.0, NOW + 3_700_000), "reading 1: water_level is told of the future"),
        (
            {"indicator": "dossiers_on_time", "value": 97},
            "reading 1: dossiers_on_time is told by indicators, dossiers, not by gauges-huong",
        ),
        ({"indicator": "water_level", "value": "1.0"}, "reading 1: value and of are numbers"),
        ({"indicator": "water_level", "value": True}, "reading 1: value and of are numbers"),
        ({"indicator": "water_level"}, "reading 1: Object missing required field `value`"),
        ({"indicator": "water_level", "value": 1, "at": "2026-11-23 08:00"}, "reading 1: at is no time with its offset"),
        ({"indicator": "water_level", "value": 1, "unit": "cm"}, "reading 1: water_level is told in m, not in cm"),
        ({"indicator": "water_level", "value": 1, "unit": 5}, "reading 1: Expected `str`, got `int` - at `$.unit`"),
        ({"indicator": "water_level", "value": 1, "colour": "red"}, "reading 1: a reading has no 'colour'"),
        (level(1.0, NOW // 1000), "reading 1: water_level is told of a time before 2000; at is in milliseconds"),
        (b'{"indicator": "water_level", "value": 1e400}', "the payload is no JSON: Number out of range"),
        (b'{"indicator": "water_level", "value": NaN}', "the payload is no JSON"),
        (b'{"indicator": "water_level", "value": 1%s}' % (b"0" * 400), "reading 1: "),
        (["water_level"], "reading 1: a reading is an object"),
    ],
)
def test_what_cannot_be_taken_is_refused_whole_and_by_name(town: Town, told: object, reason: str) -> None:
    answer = tell(town, told)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_parameter")
    assert answer.json["error"]["message"].startswith(reason), answer.json
    assert town.board() == 0


def test_keys_and_sizes(town: Town) -> None:
    assert tell(town, level(1.0), key="kyd_wrong").status_code == 401
    assert tell(town, level(1.0), key=next(iter(town.keys.values()))).status_code == 401  # of a client of Open311
    assert tell(town, b"[" + b" " * 300_000).status_code == 413
    assert town.client.get("/api/v1/indicators/sea_level").status_code == 404
    assert town.client.get("/api/v1/indicators/water_level?limit=0").status_code == 400
    town.sources.disable("gauges-huong", now_ms=NOW)
    assert _later(town).status_code == 401


def _later(town: Town):
    """Ask at the door of another process, which has not looked anybody up yet."""
    town.server = Flask("later")
    clients = Clients(town.sources.all, adapter="indicators")
    town.server.register_blueprint(indicators.door(town.intake, clients, Readings(town.engine), town.clock, lambda: PACK.city))
    return tell(town, level(1.0))


def test_what_comes_past_the_door_and_does_not_fit_is_a_dead_letter(town: Town) -> None:
    """The intake's own door takes anything: what the city cannot use is kept, with the reason."""
    town.intake.accept("gauges-huong", json.dumps([level(1.0), level(99.0)]).encode(), {"content-type": "application/json"})
    town.board()
    with town.engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM reading")) == 1
        assert "lies between" in sql.scalar(text("SELECT reason FROM dead_letter"))


def test_judgement() -> None:
    river, dossiers, calls = PACK.city.indicators

    def told(one, value: float | None) -> tuple[str, int]:
        held = None if value is None else _measure(value)
        found = view(one, held)
        return found["verdict"], found["level"]

    assert [told(river, value) for value in (None, 0.9, 1.0, 2.5, 9.0)] == [
        ("none", 0),
        ("met", 0),
        ("missed", 1),
        ("missed", 2),
        ("missed", 3),
    ]
    assert [told(dossiers, value)[0] for value in (97.9, 98.0)] == ["missed", "met"]
    assert told(calls, 5.0) == ("none", 0)


def _measure(value: float):
    from dashboard.indicators import Measure

    return Measure(value, None, NOW, NOW, "gauges")


FILE = """indicator,at,value,of
water_level,2026-11-20T08:00:00+07:00,0.8,
water_level,1795410000000,0.9,
water_level,yesterday,1,
water_level,1795410000001,99,
sea,1795410000000,1,
water_level,1795410000002,x,
water_level,1
"""


def test_history_comes_in_from_a_file_once(tmp_path: Path, record_url: str, monkeypatch) -> None:
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))
    monkeypatch.setenv("KYDAI_DATABASE_URL", record_url)
    for name in ("KYDAI_CITY", "KYDAI_REDIS_URL", "KYDAI_DEMO"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "levels.csv").write_text(FILE, encoding="utf-8")
    asked = ["indicators", str(tmp_path / "levels.csv")]
    dry = CliRunner().invoke(COMMAND, [*asked, "--dry-run"])
    assert dry.output.splitlines() == [
        "rows: 7, readings: 2, refused: 5",
        "  line 4: at is no time with its offset, nor epoch ms: 'yesterday'",
        "  line 5: water_level lies between -2 and 12, not at 99",
        "  line 6: indicators.csv has no 'sea'",
        "  line 7: 'x' is no number",
        "  line 8: has not as many cells as the header",
    ]
    for _ in range(2):
        assert "imported: 2" in CliRunner().invoke(COMMAND, asked).output
    engine = connect(record_url)
    assert [one.value for one in Readings(engine).of("water_level", since=0, until=1 << 60, limit=9)] == [0.9, 0.8]
    engine.dispose()
    (tmp_path / "levels.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "has the columns a, b" in CliRunner().invoke(COMMAND, asked).output
    assert CliRunner().invoke(COMMAND, [*asked, "--source", "reports-x"]).exit_code == 1


@pytest.mark.parametrize(
    "raw",
    [
        "indicator,at,value,unit\nwater_level,2026-11-23T11:00:00+07:00,0.82,m\nwater_level,2026-11-23T11:10:00+07:00,0.85,\n",
        "\ufeffindicator;at;value\r\nwater_level;2026-11-23T11:00:00+07:00;0,82\r\nwater_level;2026-11-23T11:10:00+07:00; 0,85\r\n",
        "indicator\tat\tvalue\nwater_level\t2026-11-23T11:00:00+07:00\t0,82\nwater_level\t1795407000000\t0.85\n",
    ],
)
def test_a_table_is_told_as_spreadsheets_write_it(town: Town, raw: str) -> None:
    shown = {"Authorization": f"Bearer {town.keys['gauges']}"}
    answer = town.client.post("/api/v1/indicators", data=raw.encode(), content_type="text/csv; charset=utf-8", headers=shown)
    assert (answer.status_code, answer.json.get("readings")) == (202, 2), answer.json
    town.board()
    told = town.client.get("/api/v1/indicators/water_level").json["readings"]
    assert [(one["at"], one["value"]) for one in told] == [(1_795_407_000_000, 0.85), (1_795_406_400_000, 0.82)]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "the payload has the columns"),
        ("indicator,at,value\n", "the payload has 0 readings"),
        ("indicator,at,value\n" + "water_level,1795407000000,1\n" * 1001, "the payload has 1001 readings"),
        ('indicator,at,value\nwater_level,1795407000000,"0,82"\n', "line 2: '0,82' is no number"),
        ("indicator,at,value\nwater_level,1795407000000,nan\n", "line 2: value and of are numbers"),
        ("indicator,at,value,unit\nwater_level,1795407000000,1,cm\n", "line 2: water_level is told in m, not in cm"),
        ("indicator,at,value\nwater_level,²,1\n", "line 2: at is no time"),
    ],
)
def test_a_table_that_cannot_be_taken_is_refused_whole_and_by_line(town: Town, raw: str, reason: str) -> None:
    shown = {"Authorization": f"Bearer {town.keys['gauges']}"}
    answer = town.client.post("/api/v1/indicators", data=raw.encode(), content_type="text/csv", headers=shown)
    assert answer.status_code == 400
    assert answer.json["error"]["message"].startswith(reason), answer.json
    assert town.board() == 0
