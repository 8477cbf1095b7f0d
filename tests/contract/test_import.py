"""Reports of other cities come in through the command: all of them, once, and whatever is garbled is named by line and column."""

import io
from pathlib import Path
from statistics import median as median_of

import msgspec
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from dashboard.calendar import day_of, number_of
from dashboard.errors import Away, Rejected
from dashboard.events import ReportChanged
from dashboard.periods import Span
from dashboard.rollups import median_hours
from data.commands.dead_letters import COMMAND as DEAD_LETTERS
from data.commands.import_reports import COMMAND, cut
from data.history import SqlHistory
from data.mapping import shape_of
from data.pack import load
from data.register import opened
from data.source import Unread
from data.sources.reports_csv import parse
from data.spooled import Spool
from data.store.engine import connect
from data.store.record import SqlStore
from data.store.sources import Sources
from data.store.tables import META
from tests.rig import Rig

ROOT = Path(__file__).resolve().parents[2]
CITIES = ROOT.parent / "shared" / "data311"
LA, LA_RULE = CITIES / "la311_2020_requests.csv", ROOT / "docs" / "la311.example.toml"
CITY = load("hue").city
NYC_RULE = """
formats = ["%Y-%m-%dT%H:%M:%S.%f"]
zone = "America/New_York"
closed_words = ["Closed"]
[columns]
report = "unique_key"
service = "descriptor"
submitted = "created_date"
closed = "closed_date"
due = "due_date"
status = "status"
lon = "longitude"
lat = "latitude"
ward = "borough"
unit = "agency_name"
channel = "open_data_channel_type"
"""
SYRACUSE_RULE = """
formats = ["%m/%d/%Y %H:%M"]
zone = "America/New_York"
[columns]
report = ["STREET_ID", "strLocation", "dtTime", "VehicleName", "Latitude"]
submitted = "dtTime"
lon = "Latitude"
lat = "Longitude"
unit = "VehicleName"
[constants]
service = "DT01"
"""


@pytest.fixture
def here(tmp_path: Path, record_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of our own, on either database, where nothing runs."""
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))
    monkeypatch.setenv("KYDAI_DATABASE_URL", record_url)
    for name in ("KYDAI_CITY", "KYDAI_REDIS_URL", "KYDAI_DEMO"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(file: Path, rule: Path, *more: str) -> Result:
    told = CliRunner().invoke(COMMAND, ["reports", str(file), "--mapping", str(rule), *more])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told


def everything(engine: Engine) -> dict[str, list]:
    """Return every row of every table but the mark, the board's own fence, and the board's past: a board that begins anew is told there."""
    with engine.connect() as sql:
        return {
            table.name: sorted(map(repr, sql.execute(table.select())))
            for table in META.sorted_tables
            if table.name not in {"mark", "source", "past_board"}
        }


def la() -> pd.DataFrame:
    rows = pd.read_csv(LA, dtype=str)
    for name in ("createddate", "closeddate"):
        rows[name] = pd.to_datetime(rows[name], format="%m/%d/%y %H:%M", utc=True)
    return rows


def test_ten_thousand_reports_of_los_angeles(here: Path, record_url: str) -> None:
    rows, told = la(), run(LA, LA_RULE)
    hours = (rows.closeddate - rows.createddate).dt.total_seconds() / 3600
    assert (len(rows), int(rows.closeddate.notna().sum()), f"{hours.median():.2f}") == (10_000, 9_951, "46.65")
    assert "rows: 10000, reports: 10000, closed: 9951, refused: 0" in told.output
    assert "median hours to close: 46.65" in told.output
    assert "imported: 10000 new, 0 changed, 0 known before" in told.output

    engine = connect(record_url)
    history = SqlHistory(engine, CITY.zone)
    first, last = number_of(rows.createddate.min().date()) - 1, number_of(rows.closeddate.max().date()) + 1
    days = history.days(first, last)
    city_day = [day_of(at.value // 1_000_000, CITY.zone) for at in rows.createddate]
    assert {day: one.received for day, one in days.items() if one.received} == pd.Series(city_day).value_counts().to_dict()
    assert (sum(one.closed for one in days.values()), sum(history.hours([Span(first, last)])[0].values())) == (9_951, 9_951)
    median = median_hours(history.hours([Span(first, last)])[0])
    assert median == pytest.approx(hours.median(), rel=0.09)

    with engine.connect() as sql:
        told_ms = sql.execute(text("SELECT closed - submitted FROM report WHERE closed IS NOT NULL")).scalars().all()
    took = sorted(ms / 3_600_000 for ms in told_ms)
    figures = (median_of(took), sum(took) / len(took), took[int(0.9 * len(took)) - 1])
    assert [len(took), *(f"{one:.2f}" for one in figures)] == [9_951, "46.65", "127.94", "147.93"]

    now = 1_795_410_000_000
    before, board = everything(engine), SqlStore(engine, city=CITY).load(now)
    assert (board.stored, board.dead_letters, len(board.reports)) == (10_000, 0, 49)
    again = run(LA, LA_RULE)
    assert "imported: 0 new, 0 changed, 10000 known before" in again.output
    assert everything(engine) == before
    assert SqlStore(engine, city=CITY).load(now) == board
    engine.dispose()


def test_a_large_file_is_read_by_processes_of_their_own_and_says_the_same(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = run(LA, LA_RULE, "--dry-run")
    for name, value in (("MANY_BYTES", 1), ("ROWS_AT_ONCE", 700)):
        monkeypatch.setattr(f"data.commands.import_reports.{name}", value)
    assert run(LA, LA_RULE, "--dry-run").output == alone.output
    (here / "bad.csv").write_bytes(LA.read_bytes()[:200_000] + b"\xff\xfe\n")
    refused = run(here / "bad.csv", LA_RULE, "--dry-run")
    assert (refused.exit_code, "byte" in refused.output) == (1, True)


def test_the_same_numbers_come_through_a_running_board(tmp_path: Path) -> None:
    """With the house running the rows go down the log like everybody's; twice is once."""
    rig = Rig(home=None).start()
    try:
        for expected in ("imported: 10000 new, 0 changed, 0 known before", "imported: 0 new, 0 changed, 10000 known before"):
            told = CliRunner(env=rig.environ).invoke(COMMAND, ["reports", str(LA), "--mapping", str(LA_RULE)])
            assert expected in told.output, told.output
        with rig.engine.connect() as sql:
            assert sql.scalar(text("SELECT count(*) FROM event WHERE kind = 'report_new'")) == 10_000
            assert sql.scalar(text("SELECT sum(closed) FROM report_day WHERE dim = 'all'")) == 9_951
    finally:
        rig.close()


def found(file: Path, rule: str) -> tuple[dict[str, ReportChanged], list[Unread]]:
    """Read a file as the command does, piece by piece."""
    told = [
        one
        for piece in cut(file.read_bytes(), shape_of(rule))
        for one in parse(piece.raw, {"mapping": rule, "first-line": str(piece.first_line)})
    ]
    return {one.report: one for one in told if isinstance(one, ReportChanged)}, [one for one in told if isinstance(one, Unread)]


def test_new_york_in_its_own_time() -> None:
    rows = pd.read_csv(CITIES / "nyc311_2024_streetcondition.csv", dtype=str)
    reports, refused = found(CITIES / "nyc311_2024_streetcondition.csv", NYC_RULE)
    assert (len(reports) + len(refused), refused) == (len(rows), [])
    created = pd.to_datetime(rows.created_date).dt.tz_localize("America/New_York", ambiguous=True, nonexistent="shift_forward")
    expected = {key: at.value // 1_000_000 for key, at in zip(rows.unique_key, created, strict=True)}
    assert {key: one.submitted for key, one in reports.items()} == expected
    closed = rows[(rows.status == "Closed") & rows.closed_date.notna()]
    assert sum(one.closed is not None for one in reports.values()) == len(closed)
    placed = rows[rows.longitude.notna() & rows.latitude.notna()]
    assert sum(one.lon is not None for one in reports.values()) == len(placed)


def test_syracuse_has_no_numbers_no_services_and_its_axes_swapped() -> None:
    rows = pd.read_csv(CITIES / "syracuse_potholes_2016.csv", dtype=str, keep_default_na=False)
    reports, refused = found(CITIES / "syracuse_potholes_2016.csv", SYRACUSE_RULE)
    names = rows.STREET_ID.str.strip() + rows.strLocation.str.strip() + rows.dtTime.str.strip() + rows.VehicleName + rows.Latitude
    assert (len(reports), len(refused)) == (names.nunique(), 0)
    assert {one.service for one in reports.values()} == {"DT01"}
    placed = [one for one in reports.values() if one.lon is not None]
    assert len(placed) > 7000
    assert all(-77 < one.lon < -75 and 42 < one.lat < 44 for one in placed)


SYRACUSE_PLAIN = SYRACUSE_RULE.replace('lon = "Latitude"', 'lon = "Longitude"').replace('lat = "Longitude"', 'lat = "Latitude"')


def test_whoever_believes_syracuses_headers_is_told_and_nothing_is_stored_at_sea(here: Path, record_url: str) -> None:
    """Its column `Latitude` holds longitudes. With the bounds every such row is refused by line; without them the command says what it sees."""
    file = CITIES / "syracuse_potholes_2016.csv"
    bounded = "bounds = [-76.3, 42.9, -75.9, 43.2]\n" + SYRACUSE_PLAIN
    reports, refused = found(file, bounded)
    assert len(refused) > 7000
    assert refused[0].reason == "line 2: column 'Latitude': longitude and latitude seem to be swapped in the mapping"
    assert not [one for one in reports.values() if one.lon is not None]
    assert {one.reason.partition(": ")[2] for one in refused} == {refused[0].reason.partition(": ")[2]}
    (here / "rule.toml").write_text(bounded, encoding="utf-8")
    told = run(file, here / "rule.toml")
    assert "refused: " in told.output
    engine = connect(record_url)
    with engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM report WHERE lat < 0")) == 0
        assert sql.scalar(text("SELECT count(*) FROM dead_letter")) == len(refused)
    engine.dispose()
    straight, _ = found(file, "bounds = [-76.3, 42.9, -75.9, 43.2]\n" + SYRACUSE_RULE)
    assert sum(one.lon is not None for one in straight.values()) > 7000
    assert sum(one.said is not None and one.said.faults == ("outside_bounds",) for one in straight.values()) < 50


def test_what_is_odd_is_said_before_anything_comes_in(here: Path) -> None:
    rule = here / "rule.toml"
    rule.write_text(RULE.replace('lat = "Vĩ độ"', 'lat = "Vĩ độ"\ntext = "Ghi chú"'), encoding="utf-8")
    swapped, backwards = ["2", "XX", *GOOD[2:5], "16.46", "80.58", ""], ["3", "MT02", GOOD[3], GOOD[2], *GOOD[4:]]
    (here / "r.csv").write_bytes(table([HEADER, GOOD, swapped, backwards, ["4", *GOOD[1:5], "16.46", "77.0", ""]]))
    told = run(here / "r.csv", rule, "--dry-run").output
    assert "note: services.csv has no XX (1)" in told
    assert "note: 2 reports are marked outside_bounds: their places are left out" in told
    assert "note: 1 reports are marked closed_before_submitted" in told
    assert "imported" not in told


def test_a_row_without_a_place_is_taken_and_marked(here: Path) -> None:
    rows = [HEADER, GOOD, ["2", *GOOD[1:5], "", "", ""], ["3", *GOOD[1:5], "107.58", "", ""]]
    placed, none, half = read(table(rows))
    assert (placed.said, none.said.faults, half.said.faults) == (None, ("no_coordinates",), ("no_coordinates",))
    assert (none.lon, half.lon, half.lat) == (None, None, None)
    bare = "\n".join(line for line in RULE.splitlines() if not line.startswith(("lon", "lat")))
    assert [one.said for one in read(table(rows), bare)] == [None, None, None], "a file without places has no fault"
    (here / "rule.toml").write_text(RULE, encoding="utf-8")
    (here / "r.csv").write_bytes(table(rows))
    assert "note: 2 reports are marked no_coordinates" in run(here / "r.csv", here / "rule.toml", "--dry-run").output


def test_places_the_other_way_round_are_counted(here: Path) -> None:
    from dashboard.events import ReportChanged as Report
    from data.described import Described

    lon, lat = CITY.centre
    turned = Report(id="a", at=1, report="a", service="MT01", submitted=1, open=True, lon=lat, lat=80.0)
    inner = CITY.__class__(**{name: getattr(CITY, name) for name in CITY.__struct_fields__} | {"bounds": (70.0, 10.0, 90.0, 20.0)})
    described = Described(inner)
    described.add([turned])
    assert list(described.odd()) == [
        "note: 1 places lie in the city only with longitude and latitude swapped; look at the mapping's columns"
    ]
    assert lon


def test_words_are_kept_beside_the_report(here: Path, record_url: str) -> None:
    rule = here / "rule.toml"
    rule.write_text(RULE.replace('lat = "Vĩ độ"', 'lat = "Vĩ độ"\ntext = "Ghi chú"'), encoding="utf-8")
    odd = ['<script>alert(1)</script><img src=x onerror="x">', "=HYPERLINK(1)", "x" * 4_001, "x" * 40_000]
    (here / "r.csv").write_bytes(table([HEADER, GOOD, *([str(n), *GOOD[1:7], said] for n, said in enumerate(odd, 2))]))
    told = run(here / "r.csv", rule)
    assert "refused: 2" in told.output
    assert [f"line {line}: column 'Ghi chú': Expected `str` of length <= 4000" in told.output for line in (6, 7)] == [True, True], (
        told.output
    )
    engine = connect(record_url)
    with engine.connect() as sql:
        words = dict(sql.execute(text("SELECT key, body FROM report_words")).all())
    assert {key: msgspec.json.decode(body) for key, body in words.items()} == {
        "reports-import/1": {"text": 'nói "to"\nhai dòng'},
        "reports-import/2": {"text": odd[0]},
        "reports-import/3": {"text": odd[1]},
    }
    with engine.connect() as sql:
        kept = sql.execute(text("SELECT raw FROM dead_letter ORDER BY part")).scalars().all()
    assert [said in bytes(raw).decode() for raw, said in zip(kept, odd[2:], strict=True)] == [True, True], (
        "what is refused is kept whole"
    )
    engine.dispose()


def test_one_that_was_interrupted_is_called_again(here: Path, record_url: str, monkeypatch) -> None:
    """Whatever had come in when it fell is known; the record is the same in the end as if it had not fallen."""
    for name in ("ROWS_AT_ONCE", "KEPT_AT_ONCE"):
        monkeypatch.setattr(f"data.commands.import_reports.{name}", 4)
    rule = here / "rule.toml"
    rule.write_text(RULE, encoding="utf-8")
    (here / "r.csv").write_bytes(table([HEADER, *([str(n), *GOOD[1:]] for n in range(20))]))
    record, calls = SqlStore.record, []

    def falls(self, board, reading, mark):
        calls.append(mark)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return record(self, board, reading, mark)

    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "record", falls)
        stopped = CliRunner().invoke(COMMAND, ["reports", str(here / "r.csv"), "--mapping", str(rule)])
    assert stopped.exit_code != 0
    assert "imported: 12 new, 0 changed, 8 known before" in run(here / "r.csv", rule).output
    engine = connect(record_url)
    with engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM event")) == 20
        assert sql.scalar(text("SELECT sum(received) FROM report_day WHERE dim = 'all'")) == 20
    engine.dispose()


def test_a_full_disk_is_said_and_the_same_call_goes_on(here: Path, monkeypatch) -> None:
    rule = here / "rule.toml"
    rule.write_text(RULE, encoding="utf-8")
    (here / "r.csv").write_bytes(table([HEADER, GOOD]))

    def full(*_: object, **__: object) -> None:
        raise Away("database or disk is full")

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for where, what, said in ((SqlStore, "record", full), (Spool, "add", no_room)):
        with monkeypatch.context() as patch:
            patch.setattr(where, what, said)
            stopped = run(here / "r.csv", rule)
        assert (stopped.exit_code, "Error: " in stopped.output, "full" in stopped.output or "No space" in stopped.output) == (
            1,
            True,
            True,
        )
    assert "imported: 1 new, 0 changed, 0 known before" in run(here / "r.csv", rule).output


def test_every_refused_row_is_told_in_a_file_if_so_wanted(here: Path) -> None:
    rule = here / "rule.toml"
    rule.write_text(RULE, encoding="utf-8")
    (here / "r.csv").write_bytes(table([HEADER, *([str(n), "MT02", "?", *GOOD[3:7], "x"] for n in range(30))]))
    told = run(here / "r.csv", rule, "--dry-run", "--errors", str(here / "why.txt"))
    assert "… and 10 more; --errors FILE tells them all" in told.output
    reasons = (here / "why.txt").read_text(encoding="utf-8").splitlines()
    assert [one.partition(":")[0] for one in reasons] == [f"line {n}" for n in range(2, 32)]
    kept = (here / "r.csv").read_bytes()
    same = run(here / "r.csv", rule, "--errors", str(here / "r.csv"))
    assert (same.exit_code, (here / "r.csv").read_bytes()) == (1, kept)
    assert run(here / "r.csv", rule, "--errors", str(here / "no" / "why.txt")).exit_code == 1


RULE = """
formats = ["%d/%m/%Y %H:%M", "iso"]
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
"""
HEADER = ["Mã", "Dịch vụ", "Ngày gửi", "Ngày xử lý", "Trạng thái", "Kinh độ", "Vĩ độ", "Ghi chú"]
GOOD = ["1", "MT02", "23/11/2026 08:00", "24/11/2026 09:30", "đã xử lý", "107.58", "16.46", 'nói "to"\nhai dòng']


def table(rows: list[list[str]], *, delimiter: str = ",", encoding: str = "utf-8", end: str = "\n") -> bytes:
    lines = [delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
    return end.join([*lines, ""]).encode(encoding)


def read(raw: bytes, rule: str = RULE) -> list:
    pieces = cut(raw, shape_of(rule))
    return [one for piece in pieces for one in parse(piece.raw, {"mapping": rule, "first-line": str(piece.first_line)})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_delimiter_and_line_end(encoding: str, delimiter: str, end: str) -> None:
    written = f'encoding = "{encoding}"\ndelimiter = "{delimiter if delimiter != chr(9) else chr(92) + "t"}"\n'
    spelt = in_latin if encoding == "latin-1" else str
    whole = spelt(table([HEADER, [*GOOD[:4], "Đã xử lý", *GOOD[5:]]], delimiter=delimiter, end=end).decode())
    (one,) = read(whole.encode(encoding), written + spelt(RULE))
    assert isinstance(one, ReportChanged), one
    assert (one.report, one.service, one.submitted, one.closed, one.open) == (
        "1",
        "MT02",
        1_795_395_600_000,
        1_795_487_400_000,
        False,
    )


def in_latin(whole: str) -> str:
    """Return the letters that Western Europe has, and others of its own for the rest."""
    return "".join(sign if ord(sign) < 256 else chr(0xC0 + ord(sign) % 0x30) for sign in whole)


@pytest.mark.parametrize(
    ("place", "cell", "told"),
    [
        (0, "", "column 'Mã' is empty"),
        (1, "", "column 'Dịch vụ' is empty"),
        (2, "", "column 'Ngày gửi' is empty"),
        (2, "31/02/2026 08:00", "column 'Ngày gửi': '31/02/2026 08:00' is in none of the mapping's formats"),
        (2, "01/01/1901 00:00", "column 'Ngày gửi': '01/01/1901 00:00' lies before 1970 or after 2200"),
        (3, "gestern", "column 'Ngày xử lý': 'gestern' is in none of the mapping's formats"),
        (5, "107,58", "column 'Kinh độ': '107,58' is no number; say decimal = \",\" in the mapping"),
        (5, "nan", "column 'Kinh độ': 'nan' is no number"),
        (6, "1e999", "column 'Vĩ độ': '1e999' is no number"),
        (5, "1075.8", "column 'Kinh độ': '1075.8' is no angle but metres or feet"),
        (6, "107.46", "column 'Vĩ độ'"),
        (0, "9" * 201, "column 'Mã': Expected `str` of length <= 200"),
    ],
)
def test_what_is_garbled_is_named_by_line_and_column_and_kept(place: int, cell: str, told: str) -> None:
    bad = list(GOOD)
    bad[place] = cell
    good, refused, other = read(table([HEADER, GOOD, bad, ["3", *GOOD[1:]]]))
    assert [type(good), type(other)] == [ReportChanged, ReportChanged]
    assert refused.reason.startswith("line 4: "), refused.reason  # the row before it has a line break in a cell
    assert told in refused.reason
    (again,) = parse(refused.raw, {"mapping": RULE})
    assert isinstance(again, Unread), "what was kept can be replayed, and says the same"
    assert again.reason.partition(": ")[2] == refused.reason.partition(": ")[2]


def test_rows_too_short_too_long_and_swallowed_by_a_quote_are_refused_and_nothing_is_lost() -> None:
    lines = table([HEADER, GOOD]).decode().rstrip("\n")
    plain = ",".join(["{}", *GOOD[1:7], "x"])
    raw = "\n".join(
        [lines, plain.format(2), "3,MT02", plain.format(4) + ",", plain.format(5) + ",y", "", plain.format(6), '7,"MT02,']
    )
    told = read((raw + plain.format(8) + "\n" + plain.format(9) + "\n").encode())
    assert [one.report for one in told if isinstance(one, ReportChanged)] == ["1", "2", "4", "6"]
    assert [one.reason for one in told if isinstance(one, Unread)] == [
        "line 5: has 2 cells, the header 8",
        "line 7: has 9 cells, the header 8",
        "line 10: a quote is opened in this row and never closed, so that it would hold all rows after it; close it, or double it",
    ]
    assert b"9,MT02" in told[-1].raw


def test_lines_are_the_files_own_however_it_is_cut(monkeypatch) -> None:
    monkeypatch.setattr("data.commands.import_reports.ROWS_AT_ONCE", 3)
    rows = [[str(n), *GOOD[1:]] for n in range(20)]
    rows[13][2] = "?"
    (refused,) = [one for one in read(b"\n" + table([HEADER, *rows])) if isinstance(one, Unread)]
    assert refused.reason.startswith("line 29: column 'Ngày gửi'")


def test_the_clocks_change() -> None:
    """The hour that comes twice is its first; the hour that never was is read as if it had been; hours to close do not bend."""
    rule = RULE.replace("Asia/Ho_Chi_Minh", "America/Los_Angeles")
    times = [
        ("08/03/2020 01:30", "08/03/2020 03:30"),
        ("01/11/2020 00:30", "01/11/2020 02:30"),
        ("08/03/2020 02:30", "08/03/2020 03:30"),
    ]
    told = read(table([HEADER, *([str(n), "MT02", sent, done, *GOOD[4:]] for n, (sent, done) in enumerate(times))]), rule)
    assert [(one.closed - one.submitted) / 3_600_000 for one in told] == [1.0, 3.0, 0.0]


def test_what_changed_since_the_last_import_changes_and_an_older_file_does_not(here: Path, record_url: str) -> None:
    rule = here / "rule.toml"
    rule.write_text(RULE, encoding="utf-8")
    older = ["1", "MT02", "23/11/2026 08:00", "", "mới", *GOOD[5:]]
    for number, rows in enumerate(([older], [GOOD, ["2", *GOOD[1:]]], [older])):
        (here / f"{number}.csv").write_bytes(table([HEADER, *rows]))
    assert "imported: 1 new, 0 changed, 0 known before" in run(here / "0.csv", rule).output
    assert "imported: 1 new, 1 changed, 1 known before" in run(here / "1.csv", rule).output
    assert "imported: 0 new, 0 changed, 2 known before" in run(here / "2.csv", rule).output
    engine = connect(record_url)
    assert SqlStore(engine, city=CITY).load(1_795_410_000_000).reports == {}
    with engine.connect() as sql:
        assert sql.execute(
            text("SELECT received, closed FROM report_day WHERE dim = 'all' AND received + closed > 0 ORDER BY day")
        ).all() == [(2, 0), (0, 2)]
    engine.dispose()


def test_refused_rows_are_dead_letters_once(here: Path, record_url: str) -> None:
    rule, file = here / "rule.toml", here / "reports.csv"
    rule.write_text(RULE, encoding="utf-8")
    file.write_bytes(table([HEADER, GOOD, ["2", "MT02", "?", *GOOD[3:]]]))
    for _ in range(2):
        told = run(file, rule)
        assert "reports: 1, closed: 1, refused: 1" in told.output
        assert "line 4: column 'Ngày gửi': '?'" in told.output
    engine = connect(record_url)
    assert SqlStore(engine, city=CITY).load(1_795_410_000_000).dead_letters == 1
    engine.dispose()
    listed = CliRunner().invoke(DEAD_LETTERS, ["list"])
    assert listed.output.count("line 4: column 'Ngày gửi'") == 1, listed.output


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("formats = [", "mapping: "),
        (RULE.replace("Asia/Ho_Chi_Minh", "Mars/Base"), "Mars/Base"),
        (RULE.replace('report = "Mã"', ""), "columns lacks report"),
        (RULE.replace('report = "Mã"', 'report = "Mã"\nphone = "x"'), "columns knows no phone"),
        (RULE.replace('"Mã"', '"Số"'), "has no column Số"),
        (RULE.replace('["%d/%m/%Y %H:%M", "iso"]', "[]"), "formats"),
        (RULE.replace("%d/%m/%Y %H:%M", "%d/%d"), "'%d/%d', which is no format"),
        (RULE.replace("%d/%m/%Y %H:%M", "%Q"), "'%Q', which is no format"),
        ('delimiter = ";;"\n' + RULE, "delimiter"),
        ('encoding = "klingon"\n' + RULE, "klingon"),
        ('encoding = "rot13"\n' + RULE, "rot13"),
        ('encoding = "punycode"\n' + RULE, "punycode is no encoding of a file"),
        ('encoding = "ascii"\n' + RULE, "is not ascii at line 1, byte 3"),
        ("nonsense = 1\n" + RULE, "nonsense"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(here: Path, rule: str, told: str) -> None:
    (here / "rule.toml").write_text(rule, encoding="utf-8")
    (here / "r.csv").write_bytes(table([HEADER, GOOD]))
    result = run(here / "r.csv", here / "rule.toml", "--dry-run")
    assert result.exit_code == 1
    assert told in result.output


def test_a_source_of_another_kind_is_not_taken(here: Path) -> None:
    with opened() as record:
        Sources(record).add("native", adapter="native", now_ms=1)
    result = run(LA, LA_RULE, "--source", "native")
    assert (result.exit_code, "is read as native" in result.output) == (1, True)


def test_an_empty_file_and_one_with_a_header_alone() -> None:
    with pytest.raises(Rejected, match="has no column"):
        read(b"")
    assert read(table([HEADER])) == []


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12) | st.sampled_from(GOOD)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=8, max_size=8), max_size=6), st.integers(1, 4))
def test_every_row_is_a_report_or_is_refused(rows: list[list[str]], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.commands.import_reports.ROWS_AT_ONCE", at_once)
        told = read(table([HEADER, *rows]))
    assert len(told) == sum(any(map(str.strip, row)) for row in rows), "a row of empty cells is a blank line"
    assert all(isinstance(one, ReportChanged | Unread) for one in told)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-16", "cp1258", "utf-7", "raw_unicode_escape"]))
def test_no_bytes_make_it_fall_over(raw: bytes, encoding: str) -> None:
    rule = f'encoding = "{encoding}"\n' + RULE
    try:
        told = parse(io.BytesIO(table([HEADER]).decode().encode(encoding, "ignore") + raw).read(), {"mapping": rule})
    except Rejected as reason:
        assert str(reason)
        return
    assert all(isinstance(one, ReportChanged | Unread) for one in told)
