"""Lists of reports as files, in either record: as long as the list, nothing that a spreadsheet would run, and a line in the book for each."""

import csv
import io
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import Engine, select

from dashboard.reports.cases import Actor, Cell, Line, Sought, TooMany
from dashboard.reports.sheet import COLUMNS, Sheet
from dashboard.sheets import safe
from data.sheets import write
from data.store.cases.exporting import EXPORT, SqlExports
from layouts.words import Vocabulary
from tests.cases import AN, BINH, TOWN, WARD, Office

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def taken(
    office: Office, folder: Path, form: str = "csv", *, by: Actor = BINH, most: int = 1_000_000, **sought: object
) -> tuple[bytes, int]:
    words = Vocabulary("vi")
    sheet = Sheet(TOWN, words.say, "vi", office.clock.at_ms)
    exports = SqlExports(office.engine, office.clock, lambda: TOWN, folder=folder, most={"csv": most, "xlsx": most})
    done = exports.written(Sought(**sought), form, by=by, head=sheet.head(), row=sheet.row)  # type: ignore[arg-type]
    return b"".join(done.blocks), done.rows


def cells(told: bytes) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))[1:]]


def strings(told: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(told)) as book:
        assert not any("externalLink" in name or "vba" in name.lower() for name in book.namelist())
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314  our own file
        assert sheet.find(f".//{NS}f") is None
        return [one.text or "" for one in sheet.iter(f"{NS}t")]


def test_a_file_is_the_list_in_its_order_and_with_its_count(office: Office, tmp_path: Path) -> None:
    reports = [office.told(f"R{n}") for n in range(7)]
    office.walk(reports[3], "forwarded")
    office.clock.at_ms += 60_000
    for sought in ({}, {"tab": "received"}, {"tab": "in_progress"}, {"unit": "UB-1"}, {"words": "r5"}, {"tab": "closed"}):
        told, rows = taken(office, tmp_path, **sought)
        listed = office.listed(**sought)
        assert [f"reports/{row['number']}" for row in cells(told)] == listed
        assert rows == len(listed) == office.cases.listed(Sought(**sought), by=AN).total  # type: ignore[arg-type]
    assert told.startswith(b"\xef\xbb\xbf")
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_unit_takes_away_only_what_it_sees(office: Office, tmp_path: Path) -> None:
    report, _ = office.told("R1"), office.told("R2")
    office.walk(report, "forwarded")
    assert [row["number"] for row in cells(taken(office, tmp_path, by=WARD)[0])] == ["R1"]


def test_no_cell_is_a_formula_and_no_plate_or_number_is_in_the_clear(office: Office, tmp_path: Path) -> None:
    wild = ("=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", "  =HYPERLINK(1)", "\u200b=1")
    for text in wild:
        office.enter(f"{text} xe 75A-123.45 gọi 0905123456", title=text, place=text)
    told, rows = taken(office, tmp_path)
    assert rows == len(wild)
    for row in cells(told):
        for name in ("title", "text", "place"):
            assert row[name].startswith("'")
    for form in ("csv", "xlsx"):
        found = taken(office, tmp_path, form)[0]
        said = found.decode("utf-8-sig") if form == "csv" else "\n".join(strings(found))
        assert "75A-***.45" in said
        assert "123.45" not in said
        assert "0905123456" not in said
    assert not [one for one in strings(taken(office, tmp_path, "xlsx")[0]) if one.startswith(("=", "+", "@", "＝"))]
    assert (safe("a=b"), safe(-5), safe(None), safe("x" * 40_000)) == ("a=b", -5, None, "x" * 32_767)


def test_times_are_the_citys_own(office: Office, tmp_path: Path) -> None:
    office.told("R1")
    at = datetime.strptime(cells(taken(office, tmp_path)[0])[0]["submitted"], "%Y-%m-%d %H:%M")  # noqa: DTZ007  told without a zone
    assert at.timestamp() // 60 != 0
    utc = datetime.fromtimestamp(office.clock.at_ms / 1000, tz=None).astimezone().utctimetuple()
    assert (at.hour - utc.tm_hour) % 24 == 7


def test_each_is_in_the_book_and_what_is_too_long_is_not_written(office: Office, tmp_path: Path) -> None:
    for n in range(3):
        office.told(f"R{n}")
    taken(office, tmp_path, "xlsx", tab="received", words="0905123456")
    taken(office, tmp_path, tab="received")
    with pytest.raises(TooMany) as many:
        taken(office, tmp_path, most=2)
    assert (many.value.total, many.value.most) == (3, 2)
    with office.engine.connect() as sql:
        rows = sql.execute(select(EXPORT).order_by(EXPORT.c.seq)).all()
    assert [(row.who, row.role, row.form, row.rows) for row in rows] == [
        ("Bình", "supervisor", "xlsx", 0),
        ("Bình", "supervisor", "csv", 3),
    ]
    assert '"words":"0***56"' in rows[0].sought
    assert rows[1].size > 0


def test_it_comes_while_it_is_written_and_whoever_leaves_stops_it(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first bytes are there before the last row is read; a writer that nobody reads any more ends, and the book says so."""
    for n in range(5):
        office.told(f"R{n}")
    monkeypatch.setattr("data.sheets.BLOCK", 1)
    words, go, held = Vocabulary("vi"), threading.Event(), threading.Event()
    sheet = Sheet(TOWN, words.say, "vi", office.clock.at_ms)
    writers: list[threading.Thread] = []

    def start(work: Callable[..., None], *args: object) -> None:
        writers.append(threading.Thread(target=work, args=args))
        writers[-1].start()

    def row(line: Line) -> Sequence[Cell]:
        if line.number == "R2":
            held.set()
            assert go.wait(20)
        return sheet.row(line)

    exports = SqlExports(office.engine, office.clock, lambda: TOWN, folder=tmp_path, start=start)
    for leaves in (False, True):
        go.clear()
        held.clear()
        done = exports.written(Sought(), "csv", by=BINH, head=sheet.head(), row=row)
        first = next(done.blocks)
        assert (first.startswith(b"\xef\xbb\xbf"), held.wait(20), done.rows) == (True, True, 5)
        if leaves:
            done.blocks.close()  # type: ignore[attr-defined]  # a generator
        go.set()
        told = first + b"".join(done.blocks)
        writers[-1].join(20)
        assert (b"R4" in told) is not leaves
    with office.engine.connect() as sql:
        assert [row.size > 0 for row in sql.execute(select(EXPORT).order_by(EXPORT.c.seq))] == [True, False]


def test_what_falls_over_on_its_way_is_never_taken_for_a_whole_file(office: Office, tmp_path: Path) -> None:
    office.told("R1")
    exports = SqlExports(office.engine, office.clock, lambda: TOWN, folder=tmp_path)
    done = exports.written(Sought(), "xlsx", by=BINH, head=["a"], row=lambda _line: 1 // 0)  # type: ignore[arg-type,return-value]
    with pytest.raises(ZeroDivisionError):
        list(done.blocks)
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_cell_holds_what_was_said_and_nothing_that_a_sheet_would_read_otherwise(tmp_path: Path) -> None:
    file = io.BytesIO()
    told = [["a", "b"], ["_x0041_ & <b>\x01\ud800", datetime(2026, 11, 29, 12, 0)], ["", 7], ["=1+1", "http://x"]]  # noqa: DTZ001  the city's own
    assert write("xlsx", file, told, folder=str(tmp_path)) == 3  # type: ignore[arg-type]
    with zipfile.ZipFile(file) as book:
        text = book.read("xl/worksheets/sheet1.xml").decode()
        assert [name for name in book.namelist() if "rels" in name and "sheet1" in name] == []  # no link
    assert "_x005F_x0041_ &amp; &lt;b&gt;" in text
    assert "<v>46355.5</v>" in text
    assert "<v>7</v>" in text
    assert "<f>" not in text


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    """Eight thousand rows, some 8 MB of them, are written in less than 3 MB."""
    row = ["x" * 100] * 10

    class Away:
        def write(self, some: bytes) -> int:
            return len(some)

        def flush(self) -> None: ...

    for form in ("csv", "xlsx"):
        tracemalloc.start()
        assert write(form, Away(), (row for _ in range(8_001)), folder=str(tmp_path)) == 8_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3_000_000
