"""indicators.csv: figures of the city that other systems count. A pack needs no such file."""

from collections.abc import Iterable
from typing import Any, cast

from dashboard.city import Indicator
from data.pack.reader import Reader, Row

FILE = "indicators.csv"
NEEDS = frozenset(
    [
        "key",
        "name_vi",
        "name_en",
        "short_vi",
        "short_en",
        "unit_vi",
        "unit_en",
        "better",
        "target",
        "levels",
        "low",
        "high",
        "decimals",
        "every_s",
        "late_s",
        "stale_s",
        "lost_s",
        "sources",
        "formula_vi",
        "formula_en",
        "mark",
    ]
)
LIMITS = ("every_s", "late_s", "stale_s", "lost_s")
SHORT_MOST, MOST = 24, 1e12


def indicators(reader: Reader) -> Iterable[Indicator]:
    """Yield the indicators of indicators.csv."""
    if not (reader.folder / FILE).is_file():
        return
    seen: set[str] = set()
    for row in reader.rows(FILE, needs=NEEDS):
        key = row.text("key", needed=True, most=60)
        if key in seen:
            row.wrong("key", f"is declared twice: {key!r}")
        seen.add(key)
        yield _indicator(row, key)


def _indicator(row: Row, key: str) -> Indicator:
    limits = [row.number(name, low=1, high=400 * 86_400) for name in LIMITS]
    if sorted(limits) != limits:
        row.wrong("late_s", "must grow: every_s ≤ late_s ≤ stale_s ≤ lost_s")
    low, high = row.number("low", low=-MOST, high=MOST), row.number("high", low=-MOST, high=MOST)
    if low >= high:
        row.wrong("low", "must lie below high: what lies outside is refused")
    return Indicator(
        key=key,
        name=row.words("name"),
        short=row.words("short", most=SHORT_MOST),
        unit=row.words("unit", needed=False, most=16),
        formula=row.words("formula", needed=False),
        better=cast("Any", row.choice("better", "up", "down", "none")),
        target=row.number("target", low=-MOST, high=MOST) if row.text("target") else None,
        levels=_levels(row),
        low=low,
        high=high,
        decimals=row.whole("decimals", low=0, high=4, default=0),
        every_s=limits[0],
        late_s=limits[1],
        stale_s=limits[2],
        lost_s=limits[3],
        sources=row.split("sources"),
        mark=row.text("mark"),
    )


def _levels(row: Row) -> tuple[float, ...]:
    """Return the marks above which it grows worse, written `1.0;2.0;3.5`."""
    try:
        found = tuple(float(one) for one in row.split("levels"))
    except ValueError:
        found = (1.0, 0.0)
    if list(found) != sorted(found):
        row.wrong("levels", "must be numbers that grow: 1.0;2.0;3.5")
        return ()
    return found
