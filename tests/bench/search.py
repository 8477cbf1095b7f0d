"""Citizens' reports by the hundred thousand, in either record: found by words, scrolled to anywhere, taken away as a file."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psycopg
from msgspec.structs import replace
from sqlalchemy import Engine

from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.plain import plain
from dashboard.reports.case import STATES, Case
from dashboard.reports.cases import Actor, Sought
from dashboard.reports.clock import Deadline
from dashboard.reports.sheet import Sheet
from dashboard.reports.working import calendar_of
from dashboard.term import Term
from data.clock import SystemClock
from data.pack import load
from data.store.cases.asking import listed
from data.store.cases.exporting import SqlExports
from data.store.cases.tables import CASE, row
from data.store.engine import connect, is_sqlite
from data.store.migrate import migrate
from layouts.words import Vocabulary
from tests.bench.servers import folder, postgres
from tests.bench.tally import Tally, middle

SIZES, QUICK, ROUNDS, AT_ONCE = (100_000, 1_000_000), (2_000, 20_000), 7, 10_000
# How often each is written: every third report, every tenth, one in a hundred, one in ten thousand.
SHARES = {"rác": 0.33, "đường": 0.33, "ngập": 0.1, "đèn": 0.1, "xà bần": 0.01, "Nguyễn Sinh Cung": 0.0001}
FILLING = (
    *("ở", "đầu", "kiệt", "gần", "trường", "học", "mấy", "hôm", "nay", "chưa", "thấy", "ai", "đến", "xử", "lý", "bà", "con"),
    *("đi", "lại", "rất", "khó", "khăn", "đề", "nghị", "kiểm", "tra", "sớm"),
)
ASKED = {
    "a common word": "rac",
    "two common words": "Rác đường",
    "one in ten": "ngập",
    "a rare name": "nguyen sinh cung",
    "a beginning": "ng",
}


class Record(NamedTuple):
    """A record of so many reports."""

    count: int
    city: City
    engine: Engine
    now_ms: int


def cases(count: int, city: City, now_ms: int) -> Iterator[tuple[Case, str]]:
    """Yield reports in every state, each with what is searched of it."""
    chance = np.random.default_rng(7)
    services, wards = [one.code for one in city.services], [one.code for one in city.wards]
    version = calendar_of(city).version
    began = now_ms - chance.integers(0, 700 * DAY_MS, count)
    told = {word: chance.random(count) < share for word, share in SHARES.items()}
    picked = chance.integers(0, len(FILLING), (count, 8))
    for n in range(count):
        at = int(began[n])
        due = at + (n % 40) * DAY_MS
        deadline = Deadline(profile="office", term=Term(7, "working_day"), started=at, original=due, due=due, calendar=version)
        case = Case(
            report=f"bench/B{n:07d}",
            state=STATES[n % len(STATES)],
            service=services[n % len(services)],
            ward=wards[n % len(wards)],
            submitted=at,
            deadline=deadline,
        )
        text = " ".join([*(word for word, holds in told.items() if holds[n]), *(FILLING[at_] for at_ in picked[n])])
        yield replace(case, closed=at if case.settled else 0), text


@contextmanager
def record(count: int) -> Iterator[Record]:
    """Yield a record of `count` reports."""
    city, now_ms = load("hue").city, time.time_ns() // 1_000_000
    with folder() as where:
        url = f"sqlite:///{where / 'kydai.db'}"
        migrate(url)
        with sqlite3.connect(where / "kydai.db") as sql:
            sql.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;")
            rows = (row(case, plain(f"{case.report} {text}")) for case, text in cases(count, city, now_ms))
            sql.executemany(f"INSERT INTO report_case VALUES ({', '.join('?' * len(CASE.columns))})", rows)
        engine = connect(url)
        yield Record(count, city, engine, now_ms)
        engine.dispose()


@contextmanager
def record_postgresql(count: int) -> Iterator[Record]:
    """Yield the same on a PostgreSQL of our own, as it comes: an older record that is carried over."""
    city, now_ms = load("hue").city, time.time_ns() // 1_000_000
    with folder() as where, postgres(where) as url:
        migrate(url, to="0029")
        with psycopg.connect(url, autocommit=True) as sql:
            with sql.cursor() as cursor, cursor.copy(f"COPY report_case ({', '.join(CASE.columns.keys())}) FROM STDIN") as out:
                for case, text in cases(count, city, now_ms):
                    out.write_row(row(case, plain(f"{case.report} {text}")))
            migrate(url)
            sql.execute("VACUUM ANALYZE report_case, report_search")
        engine = connect(url)
        yield Record(count, city, engine, now_ms)
        engine.dispose()


def list_ms(one: Record, sought: Sought) -> float:
    """Return how long a window of a list takes, with the counts of all tabs."""

    def once() -> float:
        began = time.perf_counter()
        with one.engine.connect() as sql:
            listed(sql, sought, one.city, one.now_ms, mine=None)
        return (time.perf_counter() - began) * 1000

    return middle(once() for _ in range(ROUNDS))


def measure(tally: Tally, one: Record) -> None:
    """Measure lists by words, and windows far down."""
    bounds = {"must": 300.0, "goal": 80.0}
    where = "" if is_sqlite(one.engine) else ", PostgreSQL"
    for name, words in ASKED.items():
        took = list_ms(one, Sought(tab="in_progress", words=words))
        tally.add(f"search, {name}: 60 rows and counts, {one.count:,} reports{where}", took, "ms", note=f"“{words}”", **bounds)
    took = list_ms(one, Sought(tab="in_progress", words="rac", ward=one.city.wards[0].code))
    tally.add(f"search, a common word in one ward, {one.count:,} reports{where}", took, "ms", **bounds)
    ward, overdue = Sought(tab="in_progress", ward=one.city.wards[0].code), Sought(tab="in_progress", due="overdue")
    unread = Sought(tab="in_progress", due="unread")
    for name, sought in (("of a ward", ward), ("of what is overdue", overdue), ("of what is unread", unread)):
        tally.add(f"list, {name}, {one.count:,} reports{where}", list_ms(one, sought), "ms", **bounds)
    for name, share in (("first", 0.0), ("middle", 0.5), ("last", 0.99)):
        at = int(one.count * 2 / len(STATES) * share)  # two states of the list are in this tab
        took = list_ms(one, Sought(tab="in_progress", offset=at))
        tally.add(f"list, {name} window of a tab, {one.count:,} reports{where}", took, "ms", note=f"from row {at:,} on", **bounds)


def export(tally: Tally, one: Record, where: Path) -> None:
    """Measure how long the whole list takes as a file."""
    words = Vocabulary("vi")
    sheet = Sheet(one.city, words.say, "vi", one.now_ms)
    exports = SqlExports(one.engine, SystemClock(), lambda: one.city, folder=where)
    for form in ("csv", "xlsx"):
        began = time.perf_counter()
        done = exports.written(Sought(), form, by=Actor("bench", "supervisor"), head=sheet.head(), row=sheet.row)
        size = sum(map(len, done.blocks))
        tally.add(f"export of {done.rows:,} reports, {form}", time.perf_counter() - began, "s", note=f"{size / 1e6:.0f} MB")


def run(tally: Tally, *, quick: bool) -> None:
    """Measure two sizes."""
    few, many = QUICK if quick else SIZES
    with record(few) as one, folder() as where:
        measure(tally, one)
        export(tally, one, where)
    for made in (record, record_postgresql):
        with made(many) as one:
            measure(tally, one)
