"""To whom reports go: the rules of the shipped packs, units that ended, words, and packs whose rules are wrong."""

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from dashboard.city import City
from dashboard.errors import BrokenPack
from dashboard.handling import Policy, Route
from dashboard.plain import plain
from dashboard.reports.likeness import likeness
from dashboard.reports.routing import Routed, guessed, routed
from dashboard.term import Term
from data.commands.report import COMMAND
from data.pack import folder_of, load

HUE = load("hue").city
WARD = "19789"


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(HUE.zone)).timestamp() * 1000)


def route(service: str, text: str = "", *, city: City = HUE, ward: str = WARD, on: str = "2026-11-23T09:00", **more: str) -> Routed:
    return routed(city, service=service, ward=ward, text=text, at_ms=at(on), **more)


def units(found: Routed) -> list[str]:
    return [way.unit for way in found.ways]


def test_without_a_rule_the_services_own_unit_has_it() -> None:
    assert (route("MT01").route, units(route("MT01"))) == ("", ["HEPCO"])
    assert units(route("DT01")) == [f"UB-{WARD}"]


def test_the_first_rule_that_fits_decides() -> None:
    found = route("TT02", "Cháy ở bãi phế liệu")
    assert (found.route, found.priority, found.alarm, units(found)) == ("fire", "urgent", True, ["CA-PCCC", f"UB-{WARD}"])
    assert found.ways[0].task == "Chữa cháy, cứu nạn"
    assert route("TT02", "khói trắng").route == ""
    assert route("MT01", "cháy").route == ""  # a rule for other fields


def test_words_are_whole_ones_and_without_diacritics() -> None:
    assert route("TT02", "CHẬP CHÁY tủ điện!").route == "fire"
    assert route("TT02", "chayxe").route == ""


def test_each_unit_has_its_own_time_and_clock() -> None:
    found = route("MT02")
    assert [(way.unit, way.deadline.term, way.deadline.profile) for way in found.ways] == [
        (f"UB-{WARD}", Term(7, "working_day"), "office"),
        ("HEPCO", Term(5, "working_day"), "utility"),
    ]
    assert route("TT01").check.term == Term(1, "hour")  # its rule makes it urgent
    assert found.check.term == Term(4, "working_hour")
    assert found.deadline.provisional  # over 24/11


def test_a_unit_that_ended_goes_on_in_its_successor() -> None:
    alive = {one.code for one in HUE.units if one.valid_to is None}
    old = next(one for one in HUE.units if one.code not in alive and one.successors and one.code.startswith("UB-"))
    heir = old.successors[0].partition("@")[0]
    city = replace(HUE, reports=Policy(routes=(Route(key="old", units=(old.code,)),)))
    assert heir in units(route("MT01", city=city))
    assert old.code not in units(route("MT01", city=city))
    assert units(route("MT01", city=city, on="2025-06-30T09:00")) == [old.code]


def test_the_committee_of_a_ward_that_was_merged_goes_on_in_the_wards_successor() -> None:
    """Packs tell the committees of today; a report from before the merger still has its old ward, and somebody has to get it."""
    ended = [one for one in HUE.wards if one.valid_to is not None and not any(unit.code == f"UB-{one.code}" for unit in HUE.units)]
    assert len(ended) > 50
    for one in ended:
        found = route("DT01", ward=one.code)
        assert (found.lost, found.ward) == ((), one.code)
        assert units(found)
        assert all(unit.removeprefix("UB-") in {ward.code for ward in HUE.wards if ward.valid_to is None} for unit in units(found))
    west = next(one for one in HUE.wards if one.code == "19750")
    assert units(route("DT01", ward="19750")) == [f"UB-{code}" for code in west.successors] == ["UB-19753"]
    round_about = tuple(replace(one, successors=("19750",)) if one.code == "19753" and one.valid_to else one for one in HUE.wards)
    nobody = tuple(one for one in HUE.units if one.code != "UB-19753")
    assert route("DT01", ward="19750", city=replace(HUE, wards=round_about, units=nobody)).lost == ("UB-19750",)


def test_words_of_rules_may_have_signs() -> None:
    city = replace(HUE, reports=Policy(routes=(Route(key="signs", units=("HEPCO",), words=("chap chay - no", "c/o")),)))
    assert route("DT01", "Chập cháy, nổ ở cột điện", city=city).route == "signs"
    assert route("DT01", "c o", city=city).route == "signs"


def test_a_unit_that_nobody_follows_is_said() -> None:
    unit = next(one for one in HUE.units if one.code == "HEPCO")
    ended = replace(unit, valid_to=datetime(2026, 1, 1, tzinfo=ZoneInfo(HUE.zone)).date())
    city = replace(HUE, units=tuple(ended if one.code == "HEPCO" else one for one in HUE.units))
    assert (units(route("MT01", city=city)), route("MT01", city=city).lost) == ([], ("HEPCO",))
    assert route("DT01", ward="").lost == ("UB-",)


def test_what_a_text_is_about() -> None:
    assert guessed(HUE, "Rác dồn ở đầu kiệt, bốc mùi rất khó chịu")[0].service == "MT01"
    assert guessed(HUE, "Karaoke mở loa ồn ào sau 22 giờ")[0].service == "TO01"
    assert guessed(HUE, "xin cảm ơn") == []


@pytest.mark.parametrize(
    ("text", "bare"), [("Thuận Hoá", "thuan hoa"), ("Thuận Hóa", "thuan hoa"), ("  Đống  ĐA ", "dong da"), ("Hoà", "hoa")]
)
def test_texts_without_diacritics(text: str, bare: str) -> None:
    assert plain(text) == bare


def test_likeness() -> None:
    assert likeness("Rác dồn ở đầu kiệt", "rac don o dau kiet") == 1.0
    assert (
        likeness("Rác dồn ở đầu kiệt", "Chó thả rông cắn người")
        < 0.35
        < likeness("Rác dồn đầu kiệt 42", "Đầu kiệt 42 rác chất đống")
    )
    assert likeness("", "x") == 0.0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('services = ["MT02"]', 'services = ["MT99"]', "route[2] dumping.services: there is no service or field MT99"),
        ('units = ["WARD", "HEPCO"]', 'units = ["WARD", "HEPCOX"]', "route[2] dumping.units: there is no unit HEPCOX"),
        ('units = ["WARD", "HEPCO"]', "units = []", "units: must be a list of texts"),
        ('key = "flood"', 'key = "fire"', "route fire: stands there twice"),
        ('key = "flood"\nservices = ["TT01"]', 'key = "flood"', "route dumping: is never reached: flood comes first"),
        ('term = "1 hour"', 'term = "an hour"', 'term: must be written "7 working_day"'),
        ('of = "part"', 'of = "half"', "of: must be one of report, check, part"),
        ("{report} về", "{raport} về", "text_vi: has no {raport} to fill"),
        ('act = "refuse"', 'act = "refuze"', "act: must be one of take"),
        ("radius_m = 50", "radius_m = 0", "radius_m: must lie between 1 and 5000"),
        ('centre = "HUEIOC"', 'center = "HUEIOC"', "center: is not known"),
        ('makes = "urgent"', 'makes = "panic"', "makes: must be one of"),
    ],
)
def test_wrong_rules_are_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    shutil.copytree(folder_of("hue"), tmp_path / "pack")
    file = tmp_path / "pack" / "reports.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenPack) as broken:
        load(str(tmp_path / "pack"))
    assert any(str(one).startswith("reports.toml:") and told in str(one) for one in broken.value.mistakes), broken.value.mistakes


def test_a_pack_needs_no_rules(tmp_path: Path) -> None:
    shutil.copytree(folder_of("hue"), tmp_path / "pack")
    (tmp_path / "pack" / "reports.toml").unlink()
    assert load(str(tmp_path / "pack")).city.reports == Policy()


def test_a_clock_that_no_hours_are_told_of_is_a_mistake(tmp_path: Path) -> None:
    shutil.copytree(folder_of("hue"), tmp_path / "pack")
    file = tmp_path / "pack" / "city.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('clock = "utility"', 'clock = "utillity"'), encoding="utf-8")
    with pytest.raises(BrokenPack, match="there are no \\[\\[office_hours\\]\\] of a clock utility"):
        load(str(tmp_path / "pack"))


def test_the_command_says_what_would_happen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KYDAI_CITY", "hue")
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))
    asked = [
        "route",
        "--text",
        "Khói đen, cháy rừng trên đồi thông",
        "--lat",
        "16.4637",
        "--lon",
        "107.5909",
        "--at",
        "2026-11-16T09:00",
    ]
    told = CliRunner().invoke(COMMAND, asked)
    assert told.exit_code == 0, told.output
    assert "rule      fire" in told.output
    assert "unit      CA-PCCC" in told.output
    assert "due 2026-11-16 10:00, 1 hour" in told.output
    assert "alarm     report_urgent" in told.output
    plain_one = CliRunner().invoke(COMMAND, ["route", "--service", "MT01", "--at", "2026-11-16T09:00"])
    assert "citizen   due 2026-11-27 00:00 (the end of 2026-11-26), 7 working_day, clock office, provisional" in plain_one.output
    assert CliRunner().invoke(COMMAND, ["route", "--service", "XX"]).exit_code == 1
    assert CliRunner().invoke(COMMAND, ["route", "--service", "MT01", "--at", "yesterday"]).exit_code == 1
