"""A record of millions of reports in a minute: the same rows and roll-ups that the board would write, counted by numpy.

`tests/contract/test_leader.py` holds it equal to what the record itself writes; only events and the reports' bodies are left out.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dashboard.calendar import DAY_MS, HOUR_MS, MINUTE_MS, THURSDAY, day_start_ms
from dashboard.city import City
from dashboard.events import Path as Way
from dashboard.reports.clock import due_ms
from dashboard.rollups import EDGES, EIGHT, TIERS
from data.store.engine import connect
from data.store.hours import packed
from data.store.migrate import migrate
from data.store.reckoned import CHECKED, ELIGIBLE, MOVED, RECURS
from data.store.reports import COLUMNS
from data.store.tables import BY_DAYS, REPORT

Counts = dict[str, np.ndarray]
SEED, WEEK, TODAY = 7, 168, 20_000
LEVELS = ("satisfied", "acceptable", "dissatisfied")
DIMS = ("all", "ward", "service", "unit")
SHARES = (0.16, 0.1, 0.04, 0.7)  # of the ratings, the last: none
FOUND, EXTENDED, RECURRING = (0.1, 0.25, 0.65), 0.04, 0.02


class Told(NamedTuple):
    """Reports, one row each; instants in epoch ms, `closed` 0 while open; days are the city's numbers."""

    rows: pd.DataFrame
    now_ms: int


def told(count: int, city: City, *, now_ms: int, days: int) -> Told:
    """Return `count` reports over the last `days` days: most are closed within their deadline, few never are."""
    chance = np.random.default_rng(SEED)
    shift = _shift(city)
    wards = np.array([ward.code for ward in city.wards if ward.valid_to is None], dtype=object)
    services = np.array([one.code for one in city.services], dtype=object)
    units = np.array([one.unit for one in city.services], dtype=object)
    submitted = np.sort(now_ms - chance.integers(0, days * DAY_MS, count))
    service, ward = chance.integers(0, len(services), count), chance.integers(0, len(wards), count)
    due = _dues(submitted, service, city, shift)
    took = (due - submitted) * chance.gamma(2.0, 0.27, count)
    closed = np.where(submitted + took < now_ms, submitted + took, 0).astype(np.int64)
    rating = np.where(closed > 0, chance.choice(4, count, p=SHARES), 3)
    local = chance.random(count) < 0.5
    more = chance.random(count) < EXTENDED
    rows = pd.DataFrame(
        {
            "report": [f"b-{n}" for n in range(count)],
            "submitted": submitted,
            "due": due,
            "closed": closed,
            "service": services[service],
            "ward": wards[ward],
            "unit": np.where(local, "UB-" + wards[ward], units[service]),
            "rating": np.array([*LEVELS, None], dtype=object)[rating],
            "promised": np.where(more, due - DAY_MS, due),
            "extended": np.where(more, np.minimum(submitted + HOUR_MS, now_ms), 0),
            "found": chance.choice(3, count, p=FOUND),  # by verifying: nothing yet, not eligible, eligible
            "recurs": chance.random(count) < RECURRING,
        }
    )
    return Told(rows, now_ms)


def _shift(city: City) -> int:
    """Return the instant at which the city's day 0 would have begun on today's clock; it was another one in 1970."""
    return day_start_ms(TODAY, city.zone) - TODAY * DAY_MS


def _dues(submitted: np.ndarray, service: np.ndarray, city: City, shift: int) -> np.ndarray:
    """Return the deadlines: by hours, or by the day that a report was sent on."""
    due, day = np.zeros_like(submitted), (submitted - shift) // DAY_MS
    for at, one in enumerate(city.services):
        mine = service == at
        if one.deadline_unit == "hour":
            due[mine] = submitted[mine] + one.deadline_value * HOUR_MS
            continue
        sent, where = np.unique(day[mine], return_inverse=True)
        due[mine] = np.array([due_ms(city, one, day_start_ms(int(d), city.zone)) for d in sent] or [0])[where]
    return due


def fill(where: Path, given: Told, city: City) -> str:
    """Write a record of these reports into a folder, and return its address. The city's zone has no summer time."""
    url = f"sqlite:///{where / 'kydai.db'}"
    migrate(url)
    rows, shift = given.rows, _shift(city)
    with sqlite3.connect(where / "kydai.db") as sql:
        sql.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        marks = ", ".join("?" * len(REPORT.columns))
        indexes = sql.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'report' AND sql > ''"
        ).fetchall()
        for name, _ in indexes:  # written whole afterwards, which is faster by far
            sql.execute(f"DROP INDEX {name}")
        sql.executemany(f"INSERT INTO report VALUES ({marks})", _reports(rows))
        for _, made in indexes:
            sql.execute(made)
        for dim in DIMS:
            codes, values = (np.zeros(len(rows), np.int64), [""]) if dim == "all" else pd.factorize(rows[dim])
            _roll(sql, dim, list(values), codes, rows, shift)
        _pend(sql, rows)
    connect(url).dispose()
    return url


def _pend(sql: sqlite3.Connection, rows: pd.DataFrame) -> None:
    """Write when what is open falls due."""
    still = rows[rows["closed"] == 0]
    hours = (still["due"] - 1) // HOUR_MS
    for dim in DIMS[1:]:
        for tier in range(TIERS):
            cells = still.groupby([hours.to_numpy() >> EIGHT * tier, dim]).size()
            told_ = [(dim, tier, int(slot), value, int(n)) for (slot, value), n in cells.items()]
            sql.executemany("INSERT INTO report_pending VALUES (?, ?, ?, ?, ?)", told_)


def path(one: Any) -> Way:
    """Return how far a report has come."""
    moved = one.promised != one.due
    return Way(
        eligible=(None, False, True)[one.found],
        original=int(one.promised) if moved else None,
        extended=int(one.extended) or None,
        recurs=bool(one.recurs),
    )


def _reports(rows: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    levels = {level: 3 - at for at, level in enumerate(LEVELS)}
    marks = rows["rating"].map(levels).fillna(0).astype(int).to_numpy() + np.array([0, CHECKED, CHECKED | ELIGIBLE])[rows["found"]]
    marks += np.where(rows["recurs"], RECURS, 0) + np.where(rows["extended"] > 0, MOVED, 0)
    for one, mark in zip(rows.itertuples(index=False), marks.tolist(), strict=True):
        yield (
            f"bench/{one.report}", one.report, one.service, one.ward, one.unit, one.submitted, one.due,
            one.closed or None, not one.closed, None, None, b"", one.submitted, one.rating, one.promised, mark, one.extended or None,
        )  # fmt: skip


def _roll(sql: sqlite3.Connection, dim: str, values: list[str], codes: np.ndarray, rows: pd.DataFrame, shift: int) -> None:
    """Write one dimension's roll-ups, by day and by more days together."""
    at = _instants(rows, shift)
    first, last = int(at["submitted"].min()), int(max(at["due"].max(), at["lapsed"].max(), at["closed"].max()))
    days = np.arange(first, last + 1)
    weekdays = (days + THURSDAY) % 7
    for tier, by in enumerate(BY_DAYS):
        base, of = first >> EIGHT * tier, (days >> EIGHT * tier) - (first >> EIGHT * tier)
        width = int(of.max()) + 1
        marks = ", ".join("?" * (3 + len(COLUMNS)))
        counts = _counts(rows, at, codes, begins=first, of=of, size=len(values) * width)
        cells = np.flatnonzero(np.any([counts[name] for name in COLUMNS], axis=0))
        told_ = ((dim + by, int(c % width) + base, values[c // width], *(int(counts[name][c]) for name in COLUMNS)) for c in cells)
        sql.executemany(f"INSERT INTO report_day VALUES ({marks})", told_)
        done = rows["closed"].to_numpy() > 0
        hours = np.searchsorted(EDGES, (rows["closed"] - rows["submitted"]).to_numpy()[done] / HOUR_MS, side="right")
        _pack(sql, dim + by, values, (codes[done], of[at["closed"][done] - first], hours), base=base, width=width)
        if dim in {"all", "ward"}:
            slot = at["hour"] if not tier else weekdays[at["submitted"] - first] * 24 + at["hour"]
            _spread(
                sql, "report_slot", dim + by, values, (codes, of[at["submitted"] - first], slot), base=base, sizes=(width, WEEK)
            )


def _pack(
    sql: sqlite3.Connection, dim: str, values: list[str], keys: tuple[np.ndarray, np.ndarray, np.ndarray], *, base: int, width: int
) -> None:
    """Write the histograms of hours to close."""
    code, day, bucket = keys
    depth = len(EDGES) + 1
    found = np.bincount((code * width + day) * depth + bucket, minlength=len(values) * width * depth).reshape(-1, depth)
    full = np.flatnonzero(found.any(axis=1))
    told_ = ((dim, values[c // width], int(c % width) + base, packed(dict(enumerate(found[c].tolist())))) for c in full)
    sql.executemany("INSERT INTO report_hours VALUES (?, ?, ?, ?)", told_)


def _instants(rows: pd.DataFrame, shift: int) -> Counts:
    day = {name: ((rows[name] - shift) // DAY_MS).to_numpy() for name in ("submitted", "closed", "extended")}
    due, first = rows["due"].to_numpy(), rows["promised"].to_numpy()
    hour = ((rows["submitted"] - shift) // HOUR_MS % 24).to_numpy()
    return day | {"due": (first - 1 - shift) // DAY_MS, "lapsed": (due - shift) // DAY_MS, "hour": hour}


def _counts(rows: pd.DataFrame, at: Counts, codes: np.ndarray, *, begins: int, of: np.ndarray, size: int) -> Counts:
    """Return each field's counts by value and day, flat."""
    width, closed, rating = int(of.max()) + 1, rows["closed"].to_numpy(), rows["rating"].to_numpy()
    first, due, found = rows["promised"].to_numpy(), rows["due"].to_numpy(), rows["found"].to_numpy()
    done, met, borne = closed > 0, (closed > 0) & (closed <= first), (closed > 0) & (closed <= due)
    minutes = (closed - rows["submitted"].to_numpy()) // MINUTE_MS

    def count(when: str, which: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        cells = codes[which] * width + of[at[when][which] - begins]
        return np.bincount(cells, None if weights is None else weights[which], minlength=size)

    rated = np.isin(rating, LEVELS)
    return {
        "received": count("submitted", np.ones(len(rows), bool)), "closed": count("closed", done), "on_time": count("closed", met),
        "late": count("closed", done & ~met), "due": count("due", np.ones(len(rows), bool)), "met": count("due", met),
        "lapsed": count("lapsed", ~borne), "rated": count("closed", rated), "content": count("closed", np.isin(rating, LEVELS[:2])),
        "satisfied": count("closed", rating == LEVELS[0]), "minutes": count("closed", done, minutes),
        "checked": count("submitted", found > 0), "eligible": count("submitted", found > 1),
        "handled": count("submitted", (found > 1) & done), "recurring": count("submitted", rows["recurs"].to_numpy()),
        "extended": count("extended", rows["extended"].to_numpy() > 0), "granted": count("closed", borne & ~met),
    }  # fmt: skip


def _spread(
    sql: sqlite3.Connection,
    table: str,
    dim: str,
    values: list[str],
    keys: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    base: int,
    sizes: tuple[int, int],
) -> None:
    """Write how many there are of each value, day and cell."""
    code, day, cell = keys
    width, depth = sizes
    found = np.bincount((code * width + day) * depth + cell)
    full = np.flatnonzero(found)
    told_ = ((dim, values[c // depth // width], int(c // depth % width) + base, int(c % depth), int(found[c])) for c in full)
    sql.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", told_)
