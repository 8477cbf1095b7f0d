"""Exports as cities and workbooks write them: read by their mapping, or refused with line, column and what to do; nothing is lost."""

import gzip
import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import ReportChanged
from data.commands import import_reports
from data.commands.import_reports import cut
from data.mapping import shape_of
from data.source import Unread
from data.sources.reports_csv import parse

RULE = """
formats = ["%d/%m/%Y %H:%M", "iso", "epoch", "epoch_ms", "excel", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S %Z"]
zone = "Asia/Ho_Chi_Minh"
closed_words = ["Đã xử lý"]
[columns]
report = "Mã"
service = "Dịch vụ"
submitted = "Ngày gửi"
closed = "Ngày xử lý"
status = "Trạng thái"
lon = "Kinh độ"
lat = "Vĩ độ"
text = "Nội dung"
[services]
"Rác thải" = "MT02"
"""
HEADER = "Mã,Dịch vụ,Ngày gửi,Ngày xử lý,Trạng thái,Kinh độ,Vĩ độ,Nội dung"
GOOD = "1,Rác thải,23/11/2026 08:00,24/11/2026 09:30,Đã xử lý,107.58,16.46,Đống rác"
HUE = "107.0,16.0,108.2,16.8"


def read(raw: bytes | str, rule: str = RULE, *, bounds: str = "") -> list[ReportChanged | Unread]:
    """Read a file as the command does, piece by piece."""
    pieces = cut(raw if isinstance(raw, bytes) else raw.encode(), shape_of(rule))
    return [
        one
        for piece in pieces
        for one in parse(piece.raw, {"mapping": rule, "first-line": str(piece.first_line), "bounds": bounds})
        if isinstance(one, ReportChanged | Unread)
    ]


def lines(*told: str) -> str:
    return "\n".join([HEADER, *told, ""])


def row(*, report: str = "2", at: str = "23/11/2026 08:00", done: str = "", lon: str = "", lat: str = "", said: str = "x") -> str:
    return f"{report},Rác thải,{at},{done},,{lon},{lat},{said}"


def cp1258(text: str) -> bytes:
    """Return a text as Windows writes Vietnamese: a letter, and its tone after it."""
    tones, out = "\u0300\u0301\u0303\u0309\u0323", []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        bare = unicodedata.normalize("NFC", "".join(one for one in parts if one not in tones))
        out.append(bare + "".join(one for one in parts if one in tones))
    return "".join(out).encode("cp1258")


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (unicodedata.normalize("NFD", lines(GOOD)).encode(), RULE),
        (lines(GOOD).encode(), unicodedata.normalize("NFD", RULE)),
        (cp1258(lines(GOOD)), 'encoding = "cp1258"\n' + RULE),
        (lines(GOOD).encode(), "\ufeff" + RULE),
        (lines(GOOD).replace("Ngày gửi", " Ngày\u00a0 gửi ").replace("Mã", "\u200bMã").encode(), RULE),
        (b"sep=,\n" + lines(GOOD).encode(), RULE),
        (b"sep=;\n" + lines(GOOD).encode(), RULE),
        (b",,,,,,,\n" + lines(GOOD, ",,,,,,,", " ,,,,,,,").encode(), RULE),
    ],
    ids=["nfd", "nfd mapping", "cp1258", "mapping with bom", "hard spaces", "sep", "sep of another", "blank rows"],
)
def test_letters_and_spaces_are_written_in_many_ways_and_mean_the_same(raw: bytes, rule: str) -> None:
    (one,) = read(raw, rule)
    assert isinstance(one, ReportChanged), one
    assert (one.service, one.open, one.said.text) == ("MT02", False, "Đống rác")


def test_a_refused_row_of_code_page_1258_is_kept_as_it_was() -> None:
    (refused,) = read(cp1258(lines(row(at="?", said="Đống rác"))), 'encoding = "cp1258"\n' + RULE)
    assert isinstance(refused, Unread)
    assert cp1258("Đống rác") in refused.raw


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (gzip.compress(lines(GOOD).encode()), "is packed with gzip; unpack it first"),
        (b"PK\x03\x04" + bytes(40), "is a workbook or a ZIP; save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook"),
        (lines(GOOD).encode("utf-16"), 'it seems to be UTF-16: say encoding = "utf-16"'),
        (lines(GOOD).encode("utf-16-le"), 'say encoding = "utf-16-le"'),
        (lines(GOOD).encode("utf-16-be"), 'say encoding = "utf-16-be"'),
        (cp1258(lines(GOOD)), 'at line 1, byte 3: invalid continuation byte; say encoding in the mapping (of Vietnamese Excel often "cp1258"'),
        (lines(GOOD).replace(",", ";").encode(), 'seem to be separated by \';\': say delimiter = ";" in the mapping'),
        (lines(GOOD).replace(",", "\t").encode(), 'say delimiter = "\\t" in the mapping'),
        (f"{GOOD}\n".encode(), "the names of the columns must be the first line"),
        (b"\n \n", "it is empty"),
        (lines(GOOD).replace("Nội dung", "Ngày gửi").encode(), 'has the column Ngày gửi 2 times; say in the mapping which by its place: "#3" or "#8"'),
        (lines(GOOD, row(said="x" * 140_000)).encode(), "is no CSV at line 3: field larger than field limit"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_said_with_what_to_do(tmp_path: Path, raw: bytes, told: str) -> None:
    rule = RULE.replace('text = "Nội dung"', "") if "2 times" in told else RULE
    (tmp_path / "f.csv").write_bytes(raw)

    def taken(file: bytes | Path) -> None:
        for piece in cut(file, shape_of(rule)):
            parse(piece.raw, {"mapping": rule})

    for file in (raw, tmp_path / "f.csv"):
        with pytest.raises(Rejected) as no:
            taken(file)
        assert told in str(no.value)


def test_a_line_without_an_end_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_reports, "LONGEST_LINE", 1000)
    (tmp_path / "f.csv").write_text(lines(GOOD, "x" * 5000), encoding="utf-8")
    with pytest.raises(Rejected, match="has a line 3 of more than 1,000 letters"):
        list(cut(tmp_path / "f.csv", shape_of(RULE)))


def test_a_column_that_is_there_twice_is_named_by_its_place() -> None:
    rule = RULE.replace('"Nội dung"', '"#9"').replace('"Ngày gửi"', '"#3"')
    (one,) = read(lines(GOOD + ",hai").replace(",Nội dung", ",Ngày gửi,Ngày gửi"), rule)
    assert isinstance(one, ReportChanged)
    assert one.said.text == "hai"


@pytest.mark.parametrize("at_once", [1, 2, 3, 2000])
def test_a_quote_that_is_never_closed_swallows_no_row_unsaid(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the last column the row would be whole, and its text all the rows after it."""
    monkeypatch.setattr(import_reports, "ROWS_AT_ONCE", at_once)
    told = read(lines(GOOD, row(said='"x'), row(report="3"), row(report="4")))
    assert [type(one) for one in told] == [ReportChanged, Unread]
    assert told[1].reason.startswith("line 3: a quote is opened in this row and never closed")
    assert b"\n3," in told[1].raw
    assert b"\n4," in told[1].raw
    (again,) = parse(told[1].raw, {"mapping": RULE})
    assert isinstance(again, Unread)


def test_a_nul_is_refused_by_its_column_and_one_that_nobody_reads_is_not() -> None:
    told = read("\n".join([HEADER + ",khác", GOOD + ",a\0b", row(said="a\0b") + ",", row(report="3\0") + ",", ""]))
    assert [type(one) for one in told] == [ReportChanged, Unread, Unread]
    assert told[1].reason == "line 3: column 'Nội dung' holds a NUL character; take it out"


def at(text: str, zone: str = "Asia/Ho_Chi_Minh") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("01/02/2020 03:04:05 AM", at("2020-01-02T03:04:05")),
        ("01/02/2020 12:00:00 AM", at("2020-01-02T00:00")),
        ("2020-01-02T03:04:05.000", at("2020-01-02T03:04:05")),
        ("2020-01-02T03:04:05Z", at("2020-01-02T03:04:05", "UTC")),
        ("2020-01-02T03:04:05+02:00", at("2020-01-02T01:04:05", "UTC")),
        ("2020-01-02 03:04:05 UTC", at("2020-01-02T03:04:05", "UTC")),
        ("1580000000", 1_580_000_000_000),
        ("1580000000123", 1_580_000_000_123),
        ("43832.5", at("1970-01-01T12:10:32.500", "UTC")),
    ],
)
def test_times_as_portals_write_them(cell: str, expected: int) -> None:
    (one,) = read(lines(row(at=cell)))
    assert isinstance(one, ReportChanged), one
    assert one.submitted == expected


def test_a_workbooks_days_are_the_zones_own_clock() -> None:
    rule = RULE.replace('"epoch", "epoch_ms", ', "")
    assert [one.submitted for one in read(lines(row(at="43832.5"), row(at="43832")), rule)] == [
        at("2020-01-02T12:00"),
        at("2020-01-02"),
    ]
    (one,) = read(lines(row(at='"43832,5"')), 'decimal = ","\n' + rule)
    assert one.submitted == at("2020-01-02T12:00")


@pytest.mark.parametrize("cell", ["31/02/2026 08:00", "0000-01-01", "2020-01-02 03:04:05 EST", "NaN", "inf", "1e99", "-5"])
def test_times_that_are_none(cell: str) -> None:
    (one,) = read(lines(row(at=cell)))
    assert isinstance(one, Unread)
    assert one.reason.startswith(f"line 2: column 'Ngày gửi': {cell!r} is in none of the mapping's formats (%d/%m/%Y %H:%M, iso,")


def test_a_year_that_no_calendar_has_is_said_by_the_column() -> None:
    reasons = [
        one.reason for one in read(lines(row(done="9999-12-31T23:59:59"), row(at="1900-01-01T00:00"))) if isinstance(one, Unread)
    ]
    assert [reason.partition("; ")[0] for reason in reasons] == [
        "line 2: column 'Ngày xử lý': '9999-12-31T23:59:59' lies before 1970 or after 2200",
        "line 3: column 'Ngày gửi': '1900-01-01T00:00' lies before 1970 or after 2200",
    ]


POINT = RULE.replace('lon = "Kinh độ"\nlat = "Vĩ độ"', 'point = "Vĩ độ"')


@pytest.mark.parametrize(
    "cell",
    [
        "POINT (107.58 16.46)",
        "SRID=4326;Point(107.58 16.46)",
        "POINT Z (107.58 16.46 3)",
        "(16.46, 107.58)",
        "16.46,107.58",
        "12 Lê Lợi\nHuế\n(16.46, 107.58)",
        '{"type": "Point", "coordinates": [107.58, 16.46]}',
    ],
)
def test_a_place_in_one_column(cell: str) -> None:
    quoted = f'"{cell.replace(chr(34), chr(34) * 2)}"'
    (one,) = read(lines(row(lat=quoted)), POINT, bounds=HUE)
    assert isinstance(one, ReportChanged), one
    assert (one.lon, one.lat, one.said.faults) == (107.58, 16.46, ())


def test_a_place_in_one_column_that_is_none_or_the_wrong_way_round() -> None:
    told = read(
        lines(row(lat="16 độ"), row(lat="POINT (16.46 107.58)"), row(lat="POINT (16.46 -89.9)"), row(lat="")), POINT, bounds=HUE
    )
    assert [getattr(one, "reason", "")[8:].partition(":")[2].partition(";")[0] for one in told] == [
        " '16 độ' is no place",
        " longitude and latitude seem to be swapped in the mapping",
        "",
        "",
    ]
    assert [one.said.faults for one in told if isinstance(one, ReportChanged)] == [("outside_bounds",), ("no_coordinates",)]


@pytest.mark.parametrize("cell", ["POINT{}x", "POINT Z{}x", "POINT (1{}x", "(1; 2){}x", "1; 2{}x"])
def test_a_place_with_a_hundred_thousand_blanks_holds_nobody(cell: str) -> None:
    """Whoever looked from each blank to the last would take minutes for a row."""
    (told,) = read(lines(row(lat=cell.format(" " * 100_000))), POINT)
    assert isinstance(told, Unread)
    assert "is no place" in told.reason


@pytest.mark.parametrize(
    ("lon", "lat", "fault"),
    [
        ("0", "0", "no_coordinates"),
        ("0.0", "0", "no_coordinates"),
        ("43.05", "-76.1", "outside_bounds"),
        ("-76.1", "43.05", "outside_bounds"),
    ],
)
def test_where_the_mapping_tells_no_bounds_the_citys_stand_and_nothing_is_stored_at_sea(lon: str, lat: str, fault: str) -> None:
    (one,) = read(lines(row(lon=lon, lat=lat)), bounds=HUE)
    assert isinstance(one, ReportChanged)
    assert (one.lon, one.lat, one.said.faults) == (None, None, (fault,))
    (swapped,) = read(lines(row(lon="16.46", lat="89.5")), bounds="89,16,90,17")
    assert isinstance(swapped, Unread)
    assert "longitude and latitude seem to be swapped" in swapped.reason


@pytest.mark.parametrize("bounds", ["", HUE])
def test_without_bounds_of_its_own_a_file_is_held_against_where_its_zone_is_kept(bounds: str) -> None:
    """Syracuse's column `Latitude` holds longitudes, which are latitudes too, of the Antarctic."""
    york = RULE.replace("Asia/Ho_Chi_Minh", "America/New_York")
    turned, straight = read(lines(row(lon="43.0553", lat="-76.1062"), row(lon="-76.1062", lat="43.0553")), york, bounds=bounds)
    assert isinstance(turned, Unread)
    assert turned.reason == "line 2: column 'Vĩ độ': longitude and latitude seem to be swapped in the mapping"
    assert isinstance(straight, ReportChanged)
    assert (straight.lon is None) == bool(bounds)
    nowhere = read(lines(row(lon="43.0553", lat="-76.1062")), RULE.replace("Asia/Ho_Chi_Minh", "UTC"), bounds=bounds)
    assert isinstance(nowhere[0], ReportChanged)


def test_metres_are_no_degrees() -> None:
    (one,) = read(lines(row(lon="561234.5", lat="1820345.2")))
    assert isinstance(one, Unread)
    assert "column 'Kinh độ': '561234.5' is no angle but metres or feet on a map" in one.reason


def test_closed_without_a_time_is_taken_and_marked() -> None:
    (one,) = read(lines("9,Rác thải,23/11/2026 08:00,,đã  xử lý,,,x"))
    assert isinstance(one, ReportChanged)
    assert (one.open, one.closed, one.said.faults) == (False, None, ("no_coordinates", "closed_without_time"))


ROWS = st.lists(st.lists(st.text(st.sampled_from('ab1,;"\n \0é'), max_size=6), min_size=1, max_size=9), max_size=8)


@settings(deadline=None)
@given(ROWS, st.text(st.sampled_from('x,"\n'), max_size=12), st.integers(1, 3))
def test_every_letter_is_in_a_report_or_in_what_is_kept(rows: list[list[str]], tail: str, at_once: int) -> None:
    raw = "\n".join([HEADER, *(",".join(one) for one in rows), tail])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_reports, "ROWS_AT_ONCE", at_once)
        whole = read(raw)
    alone = parse(raw.encode(), {"mapping": RULE})
    assert [msgspec.to_builtins(one) for one in whole] == [msgspec.to_builtins(one) for one in alone], "however it is cut"
