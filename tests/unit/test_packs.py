"""City packs: those that come with the product are whole, and a broken one says where and what."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.errors import BrokenPack
from data.atlas import Atlas
from data.commands.city import COMMAND
from data.pack import folder_of, load, names
from data.pack.document import documents

NOW = 1_795_410_000_000


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(folder_of("hue"), folder)
    return folder


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(BrokenPack) as broken:
        load(str(folder))
    return [str(one) for one in broken.value.mistakes]


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_hue_is_whole() -> None:
    city = load("hue").city
    owners = [camera.owner for camera in city.cameras]
    assert (owners.count("city"), owners.count("province"), owners.count("agency")) == (42, 14, 10)
    assert sum(ward.valid_to is None for ward in city.wards) == 40
    assert (len(city.units), len(city.services), city.epsg) == (125, 37, 9214)


def test_alarms_of_the_two_highest_priorities_stay_unless_their_row_says_otherwise(copy: Path) -> None:
    assert {kind.priority for kind in load("hue").city.kinds if kind.stays} == {1, 2}
    assert {kind.stays for kind in load("hue").city.kinds if kind.priority in {1, 2}} == {True}
    change(copy, "alarms.toml", "response_s = 60\n", "response_s = 60\nstays = 0\n")
    (first, *_) = load(str(copy)).city.kinds
    assert (first.priority, first.stays) == (1, False)


def test_dong_hoi_is_whole() -> None:
    city = load("dong_hoi").city
    assert {ward.code for ward in city.wards if ward.valid_to is None} == {"18880", "18859", "18871"}
    assert {"DT05"} <= {service.code for service in city.services}
    assert "VH02" not in {service.code for service in city.services}
    assert city.epsg == 9211


@pytest.mark.parametrize("name", names())
def test_every_short_name_fits_a_wall(name: str) -> None:
    city = load(name).city
    for things, most in ((city.kinds, 12), (city.services, 12), (city.cameras, 10), (city.wards, 10)):
        for thing in things:
            assert all(0 < len(text) <= most for text in thing.short.values()), thing.short


def test_a_third_city_is_a_folder(copy: Path) -> None:
    change(copy, "city.toml", 'key = "hue"', 'key = "third"')
    assert load(str(copy)).city.key == "third"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("cameras.csv", "frigate=h_001,,,", "frigate=h_001,ftp://10.1.2.3/1,,", "cameras.csv:2: stream: ftp: is not spoken"),
        ("cameras.csv", "frigate=h_001,,,", "frigate=h_001,rtsp://u:p@10.1.2.3/1,,", "cameras.csv:2: stream: holds a user name"),
        (
            "cameras.csv",
            "frigate=h_001,,,",
            "frigate=h_001,,rtsp://10.1.2.3/1,",
            "cameras.csv:2: snapshot: rtsp: is not for this column",
        ),
        ("cameras.csv", "107.587200,16.470900", "16.470900,107.587200", "cameras.csv:2: lat: must lie between -90 and 90"),
        ("cameras.csv", "107.587200", "109.9", "cameras.csv:2: lon, lat: lies outside the city's bounds"),
        ("cameras.csv", "H-002,", "H-001,", "cameras.csv:3: id: H-001 stands there twice"),
        ("cameras.csv", ",19753,136", ",99999,136", "cameras.csv:2: ward: no ward in force has the code 99999"),
        ("cameras.csv", "frigate=h_001", "h_001", "cameras.csv:2: names: must be written source=name"),
        ("cameras.csv", "id,owner", "id,besitzer", "cameras.csv:1: owner: column is missing"),
        ("services.csv", ",7,working_day", ",0,working_day", "services.csv:2: deadline_value: must lie between 1 and 3650"),
        ("services.csv", ",HEPCO,", ",NOBODY,", "services.csv:2: unit: there is no unit NOBODY"),
        ("alarms.toml", 'class = "alarm"', 'class = "panic"', "alarms.toml:3: class: must be one of alarm, event, record"),
        ("alarms.toml", "response_s = 60\n", 'response_s = 60\nstays = "yes"\n', "alarms.toml:3: stays: must be one of 0, 1"),
        ("alarms.toml", "response_s = 60\n", "", "alarms.toml:3: response_s: must be a whole number"),
        ("alarms.toml", 'vi = "Cháy xác nh."', 'vi = "Cháy đã được xác nhận"', "alarms.toml:3: short_vi: has"),
        ("city.toml", "Asia/Ho_Chi_Minh", "Asia/Hue", "city.toml:1: zone: is no IANA time zone"),
        ("city.toml", "late_s = 10", "late_s = 1", "city.toml:"),
        ("city.toml", "epsg = 9214", "epsg = 9214 =", "city.toml:4: -: is no TOML"),
        ("wards.csv", "2021-07-01,2025-06-30", "2021-13-01,2025-06-30", "wards.csv:2: valid_from: must be a date"),
        ("calendar.csv", "2024-01-01", "", "calendar.csv:2: date: is empty"),
        ("indicators.csv", "water_level,", "dossiers_on_time,", "indicators.csv:3: key: is declared twice: 'dossiers_on_time'"),
        ("indicators.csv", "1.0;2.0;3.5", "2.0;1.0", "indicators.csv:2: levels: must be numbers that grow"),
        ("indicators.csv", ",-2,12,", ",12,-2,", "indicators.csv:2: low: must lie below high"),
        ("indicators.csv", "600,1200,3600", "600,100,3600", "indicators.csv:2: late_s: must grow"),
        ("indicators.csv", "m,m,down", "m,m,sideways", "indicators.csv:2: better: must be one of up, down, none"),
        ("questions.toml", 'service = "HT03"', 'service = "XX"', "questions.toml:1: service: services.csv has no 'XX'"),
        ("questions.toml", 'code = "pole"', 'code = "lights"', "questions.toml:14: code: is asked twice of HT03: 'lights'"),
        ("questions.toml", '"singlevaluelist"', '"string"', "questions.toml:2: values: are needed for singlevaluelist"),
        ("questions.toml", '"singlevaluelist"', '"colour"', "questions.toml:2: datatype: must be one of string, number"),
        ("questions.toml", "required = true", 'required = "yes"', "questions.toml:21: required: is true or false"),
        ("questions.toml", 'key = "several"', 'key = "one"', "questions.toml:2: values: each has a key of its own"),
        ("questions.toml", 'vi = "Bao nhiêu đèn không sáng?", ', "", "questions.toml:2: text_vi: is empty"),
        ("wards.geojson", '"code":"19753"', '"code":"00000"', "wards.geojson:1: 19753: ward in force has no shape"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(copy: Path, file: str, old: str, new: str, told: str) -> None:
    change(copy, file, old, new)
    found = mistakes(copy)
    assert any(one.startswith(told) for one in found), found


def test_every_mistake_is_told_at_once(copy: Path) -> None:
    change(copy, "cameras.csv", "107.587200", "109.9")
    change(copy, "services.csv", ",HEPCO,", ",NOBODY,")
    change(copy, "city.toml", "Asia/Ho_Chi_Minh", "Asia/Hue")
    assert len(mistakes(copy)) >= 3


def test_letters_in_decomposed_form_are_refused(copy: Path) -> None:
    import unicodedata

    path = copy / "wards.csv"
    path.write_text(unicodedata.normalize("NFD", path.read_text(encoding="utf-8")), encoding="utf-8")
    assert any("NFC" in one for one in mistakes(copy))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    file=st.sampled_from(
        ["city.toml", "alarms.toml", "cameras.csv", "wards.csv", "services.csv", "wards.geojson", "labels.json", "calendar.csv"]
    ),
    at=st.floats(0, 1),
    cut=st.integers(0, 40),
    put=st.binary(max_size=12),
)
def test_whatever_happens_to_a_file_gives_a_city_or_its_mistakes(
    tmp_path_factory, file: str, at: float, cut: int, put: bytes
) -> None:
    folder = tmp_path_factory.mktemp("m") / "pack"
    shutil.copytree(folder_of("dong_hoi"), folder)
    path = folder / file
    raw = path.read_bytes()
    place = int(at * len(raw))
    path.write_bytes(raw[:place] + put + raw[place + cut :])
    try:
        assert load(str(folder)).city.cameras
    except BrokenPack as broken:
        assert broken.mistakes
    finally:
        shutil.rmtree(folder)


def test_questions_and_indicators_may_be_left_out(copy: Path) -> None:
    assert (len(load(str(copy)).city.questions), len(load(str(copy)).city.indicators)) == (5, 3)
    for name in ("questions.toml", "indicators.csv"):
        (copy / name).unlink()
    assert (load(str(copy)).city.questions, load(str(copy)).city.indicators) == ((), ())


def test_a_city_need_not_have_any_target(copy: Path) -> None:
    told = (copy / "city.toml").read_text(encoding="utf-8")
    before, _, after = told.partition("[targets]")
    (copy / "city.toml").write_text(before + after[after.index("\n[") + 1 :], encoding="utf-8")
    assert load(str(copy)).city.targets == {}


def test_a_place_lies_in_the_ward_in_force_that_day() -> None:
    pack = load("hue")
    atlas = Atlas(pack.folder, zone=pack.city.zone)
    assert atlas.locate(107.5790, 16.4690, NOW) == "19753"
    assert atlas.locate(107.5790, 16.4690, 1_600_000_000_000) == ""
    assert atlas.locate(0.0, 0.0, NOW) == ""


def test_the_documents_hold_no_address_of_a_camera() -> None:
    found = documents(load("hue"), date(2026, 11, 24))
    assert b"h_001" not in found["city.json"].plain
    cameras = json.loads(found["city.json"].plain)["cameras"]
    assert not any({"stream", "snapshot", "names"} & camera.keys() for camera in cameras)
    assert len(found["base.geojson"].brotli) < 120_000


def test_city_check_says_what_is_there_and_what_is_wrong(copy: Path) -> None:
    good = CliRunner().invoke(COMMAND, ["check", "hue"])
    assert good.exit_code == 0
    assert "SCHEMATIC" in good.output
    change(copy, "cameras.csv", "107.587200", "109.9")
    bad = CliRunner().invoke(COMMAND, ["check", str(copy)])
    assert bad.exit_code == 1
    assert "cameras.csv:2: lon, lat" in bad.output


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ("[]", "spans: must be a list of times"),
        ('"07:30-11:30"', "spans: must be a list of times"),
        ('["7:30-11:30"]', "spans: must be written HH:MM-HH:MM: '7:30-11:30'"),
        ('["07:75-11:30"]', "spans: must be written HH:MM-HH:MM"),
        ('["07:30-11:30h"]', "spans: must be written HH:MM-HH:MM"),
        ('["22:00-06:00"]', "spans: must open before it closes, by 24:00; a night is two: 00:00-06:00 and 22:00-24:00"),
        ('["08:00-08:00"]', "spans: must open before it closes"),
        ('["13:00-17:00", "07:30-11:30"]', "spans: must follow each other and not overlap"),
        ('["07:30-12:00", "11:00-17:00"]', "spans: must follow each other and not overlap"),
    ],
)
def test_opening_hours_that_no_clock_could_run_by_are_named(copy: Path, spans: str, told: str) -> None:
    """An office that never opens would let a deadline in its hours never end."""
    change(copy, "city.toml", 'spans = ["08:00-11:30", "13:00-17:30"]', f"spans = {spans}")
    (found,) = mistakes(copy)
    assert found.startswith("city.toml:")
    assert told in found


def test_seasons_and_days_of_a_calendar_that_contradict_themselves_are_named(copy: Path) -> None:
    change(copy, "city.toml", "valid_to = 2025-12-31\nmonths = [1,", "valid_to = 2021-12-31\nmonths = [1,")
    change(copy, "calendar.csv", "2024-02-08,", "2024-01-01,")
    change(copy, "calendar.csv", "2024-02-09,", "2024-02-30,")
    assert mistakes(copy) == [
        "calendar.csv:3: date: 2024-01-01 counts already in line 2; a day has one row that counts",
        "calendar.csv:4: date: must be a date YYYY-MM-DD: '2024-02-30'",
        "city.toml:48: valid_to: comes before valid_from",
    ]


def test_city_check_says_how_far_the_calendar_reaches(copy: Path) -> None:
    rows = (copy / "calendar.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (copy / "calendar.csv").write_text("".join(one for one in rows if not one.startswith(("2026", "2027"))), encoding="utf-8")
    assert "; from 2026 on plain weeks" in CliRunner().invoke(COMMAND, ["check", str(copy)]).output
    (copy / "calendar.csv").write_text(rows[0], encoding="utf-8")
    assert "; plain weeks alone, no holidays" in CliRunner().invoke(COMMAND, ["check", str(copy)]).output
