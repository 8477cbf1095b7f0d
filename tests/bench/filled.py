"""A record of millions of reports in a minute: the same rows and roll-ups that the board would write, counted by numpy.

`tests/contract/test_leader.py` holds it equal to what the record itself writes; only events and the reports' bodies are left out.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.calendar import DAY_MS, HOUR_MS, MINUTE_MS, date_of, day_start_ms, month_of
from dashboard.city import City
from dashboard.reports.clock import due_ms
from dashboard.rollups import EDGES
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.reports import COLUMNS

Counts = dict[str, np.ndarray]
SEED, WEEK, TODAY = 7, 168, 20_000
LEVELS = ("satisfied", "acceptable", "dissatisfied")
DIMS = ("all", "ward", "service", "unit")
SHARES = (0.16, 0.1, 0.04, 0.7)  # of the ratings, the last: none


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
        marks = ", ".join("?" * 14)
        sql.executemany(f"INSERT INTO report VALUES ({marks})", _reports(rows))
        for dim in DIMS:
            codes, values = (np.zeros(len(rows), np.int64), [""]) if dim == "all" else pd.factorize(rows[dim])
            _roll(sql, dim, list(values), codes, rows, shift)
    connect(url).dispose()
    return url


def _reports(rows: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for one in rows.itertuples(index=False):
        yield (
            f"bench/{one.report}", one.report, one.service, one.ward, one.unit, one.submitted, one.due,
            one.closed or None, not one.closed, None, None, b"", one.submitted, one.rating,
        )  # fmt: skip


def _roll(sql: sqlite3.Connection, dim: str, values: list[str], codes: np.ndarray, rows: pd.DataFrame, shift: int) -> None:
    """Write one dimension's roll-ups, by day and by month."""
    at = _instants(rows, shift)
    first, last = int(at["submitted"].min()), int(max(at["due"].max(), at["lapsed"].max(), at["closed"].max()))
    months = np.array([month_of(day) for day in range(first, last + 1)])
    weekdays = np.array([date_of(day).weekday() for day in range(first, last + 1)])
    for tier, base, of in (("", first, np.arange(last - first + 1)), ("/month", int(months[0]), months - months[0])):
        width = int(of.max()) + 1
        marks = ", ".join("?" * (3 + len(COLUMNS)))
        counts = _counts(rows, at, codes, first=first, of=of, size=len(values) * width)
        cells = np.flatnonzero(np.any([counts[name] for name in COLUMNS], axis=0))
        told_ = (
            (dim + tier, int(c % width) + base, values[c // width], *(int(counts[name][c]) for name in COLUMNS)) for c in cells
        )
        sql.executemany(f"INSERT INTO report_day VALUES ({marks})", told_)
        done = rows["closed"].to_numpy() > 0
        hours = np.searchsorted(EDGES, (rows["closed"] - rows["submitted"]).to_numpy()[done] / HOUR_MS, side="right")
        _spread(
            sql,
            "report_hours",
            dim + tier,
            values,
            (codes[done], of[at["closed"][done] - first], hours),
            base=base,
            sizes=(width, len(EDGES) + 1),
        )
        if dim in {"all", "ward"}:
            slot = at["hour"] if not tier else weekdays[at["submitted"] - first] * 24 + at["hour"]
            _spread(
                sql, "report_slot", dim + tier, values, (codes, of[at["submitted"] - first], slot), base=base, sizes=(width, WEEK)
            )


def _instants(rows: pd.DataFrame, shift: int) -> Counts:
    day = {name: ((rows[name] - shift) // DAY_MS).to_numpy() for name in ("submitted", "closed")}
    due = rows["due"].to_numpy()
    hour = ((rows["submitted"] - shift) // HOUR_MS % 24).to_numpy()
    return day | {"due": (due - 1 - shift) // DAY_MS, "lapsed": (due - shift) // DAY_MS, "hour": hour}


def _counts(rows: pd.DataFrame, at: Counts, codes: np.ndarray, *, first: int, of: np.ndarray, size: int) -> Counts:
    """Return each field's counts by value and day, flat."""
    width, closed, rating = int(of.max()) + 1, rows["closed"].to_numpy(), rows["rating"].to_numpy()
    done, met = closed > 0, (closed > 0) & (closed <= rows["due"].to_numpy())
    minutes = (closed - rows["submitted"].to_numpy()) // MINUTE_MS

    def count(when: str, which: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        cells = codes[which] * width + of[at[when][which] - first]
        return np.bincount(cells, None if weights is None else weights[which], minlength=size)

    rated = np.isin(rating, LEVELS)
    return {
        "received": count("submitted", np.ones(len(rows), bool)), "closed": count("closed", done), "on_time": count("closed", met),
        "late": count("closed", done & ~met), "due": count("due", np.ones(len(rows), bool)), "met": count("due", met),
        "lapsed": count("lapsed", ~met), "rated": count("closed", rated), "content": count("closed", np.isin(rating, LEVELS[:2])),
        "satisfied": count("closed", rating == LEVELS[0]), "minutes": count("closed", done, minutes),
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
