"""Hours to close, counted in a histogram for each day, and for several together: one small cell each, since a page reads hundreds of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from struct import Struct

import numpy as np
from sqlalchemy import Connection

from data.store import bulk
from data.store.tables import REPORT_HOURS

PAIR = Struct("<BI")  # bucket and how many, of every bucket that has any (dashboard.rollups.EDGES), in their order
PAIRS = np.dtype([("bucket", "u1"), ("n", "<u4")])
FEW = 128  # pairs
AT_ONCE = bulk.MOST_PARAMETERS // 3
Cell = tuple[str, str, int]  # dimension, value, day


def packed(histogram: Mapping[int, int]) -> bytes:
    """Return a histogram as it is kept."""
    return b"".join(PAIR.pack(bucket, histogram[bucket]) for bucket in sorted(histogram) if histogram[bucket])


def unpacked(kept: Iterable[bytes]) -> Counter[int]:
    """Return the sum of histograms."""
    told = b"".join(kept)
    if len(told) <= FEW * PAIR.size:  # numpy takes longer to begin than to add
        found: dict[int, int] = {}
        for bucket, n in PAIR.iter_unpack(told):
            found[bucket] = found.get(bucket, 0) + n
        return Counter(found)
    pairs = np.frombuffer(told, PAIRS)
    sums = np.bincount(pairs["bucket"], pairs["n"])
    some = np.flatnonzero(sums)
    return Counter(dict(zip(some.tolist(), sums[some].astype(np.int64).tolist(), strict=True)))


def add(sql: Connection, moved: Mapping[tuple[str, str, int, int], int]) -> None:
    """Add to what is kept, (dimension, value, day, bucket) by (dimension, value, day, bucket). One board alone writes a record."""
    cells: dict[Cell, Counter[int]] = {}
    for (dim, value, day, bucket), n in moved.items():
        if n:
            cells.setdefault((dim, value, day), Counter())[bucket] += n
    held = _held(sql, list(cells))
    for cell, kept in held.items():
        cells[cell].update(dict(PAIR.iter_unpack(kept)))
    bulk.upsert(sql, REPORT_HOURS, [(*cell, packed(histogram)) for cell, histogram in cells.items()])


def _held(sql: Connection, cells: list[Cell]) -> dict[Cell, bytes]:
    """Return what is kept of these cells, each looked up by the key."""
    mark = "?" if sql.dialect.name == "sqlite" else "%s"
    found: dict[Cell, bytes] = {}
    for at in range(0, len(cells), AT_ONCE):
        some = cells[at : at + AT_ONCE]
        wanted = ", ".join([f"({mark}, {mark}, {mark})"] * len(some))
        asked = (
            f"WITH wanted (dim, value, day) AS (VALUES {wanted}) "  # noqa: S608  our own names
            "SELECT kept.dim, kept.value, kept.day, kept.counts FROM wanted CROSS JOIN report_hours AS kept "
            "WHERE kept.dim = wanted.dim AND kept.value = wanted.value AND kept.day = wanted.day"
        )
        for dim, value, day, counts in sql.exec_driver_sql(asked, tuple(one for cell in some for one in cell)).cursor.fetchall():
            found[dim, value, day] = counts
    return found
