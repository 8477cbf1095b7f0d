"""Searches for one plate: found by its mark, and written down before anything of it is shown."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import BigInteger, Column, Connection, Engine, Index, Integer, LargeBinary, String, Table, func, select

from dashboard.events import Recorded, Sighted
from dashboard.plate_search import DAY_MS, HOUR_MS, MOST_AN_HOUR, TIERS, Found, Read, Search, Searcher, TooMany
from dashboard.ports import Clock
from data.store.engine import asking, or_away
from data.store.loading import recorded
from data.store.tables import EVENT, META, NUMBER

MOST = 500  # reads of one answer (S-24)
BURST_MS = 600_000
PLATE_SEARCH = Table(
    "plate_search",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("mark", LargeBinary, nullable=False),  # of the plate (data.sealed.PlateMark): never the plate itself (P-12)
    Column("since", BigInteger, nullable=False),
    Column("purpose", String, nullable=False),
    Column("matter", String, nullable=False),
    Column("why", String, nullable=False),
    Column("found", Integer, nullable=False),
    Index("plate_search_at", "at"),
)


class SqlPlateSearches:
    """Searches in one city's record. `mark` is that of plates."""

    def __init__(self, engine: Engine, clock: Clock, *, mark: Callable[[str], bytes]) -> None:
        self._engine, self._clock, self._mark = engine, clock, mark

    def search(self, asked: Search, *, who: str, role: str) -> Found:
        """Return the reads of a plate, the newest first, once it stands in the record that they were asked for.

        Raises TooMany, TooLong, Away: then nothing is returned.
        """
        now_ms, mark = self._clock.now_ms(), self._mark(asked.plate)
        since = now_ms - asked.days * DAY_MS
        with asking(self._engine) as sql:
            reads = _reads(sql, mark, since, now_ms)
        row = {"who": who, "role": role, "at": now_ms, "mark": mark, "since": since, "purpose": asked.purpose}
        row |= {"matter": asked.matter, "why": asked.why, "found": min(len(reads), MOST)}
        with or_away(), self._engine.begin() as sql:
            if _lately(sql, who, now_ms) >= MOST_AN_HOUR:
                raise TooMany(who)
            seq = sql.scalar(PLATE_SEARCH.insert().values(**row).returning(PLATE_SEARCH.c.seq)) or 0
        return Found(seq, now_ms, reads[:MOST], len(reads) > MOST)

    def searchers(self, since: int, until: int) -> Sequence[Searcher]:
        """Return who searched in [since, until), the busiest first. Raises TooLong, Away."""
        c = PLATE_SEARCH.c
        wanted = select(c.who, c.role, c.at, c.mark, c.since).where(c.at >= since, c.at < until).order_by(c.at)
        by: dict[str, list[tuple[str, int, bytes, int]]] = defaultdict(list)
        with asking(self._engine) as sql:
            for who, *one in sql.execute(wanted):
                by[who].append((one[0], one[1], one[2], one[1] - one[3]))
        return sorted((_searcher(who, told) for who, told in by.items()), key=lambda one: (-one.n, one.who))


def _reads(sql: Connection, mark: bytes, since: int, until: int) -> list[Read]:
    c = EVENT.c
    wanted = select(EVENT).where(c.mark == mark, c.counted >= since, c.counted <= until, ~c.quarantined)
    found = (recorded(row) for row in sql.execute(wanted.order_by(c.counted.desc(), c.seq.desc()).limit(MOST + 1)))
    return [_read(one) for one in found]


def _read(one: Recorded) -> Read:
    heard, event = one.heard, one.heard.event
    plate = event.plate if isinstance(event, Sighted) else None
    return Read(heard.counted, heard.camera, heard.ward, one.kind, plate or "")


def _lately(sql: Connection, who: str, now_ms: int) -> int:
    c = PLATE_SEARCH.c
    return sql.scalar(select(func.count()).where(c.who == who, c.at > now_ms - HOUR_MS)) or 0


def _searcher(who: str, told: Sequence[tuple[str, int, bytes, int]]) -> Searcher:
    far = sum(back > TIERS[0][0] * DAY_MS for *_, back in told)
    return Searcher(who, told[-1][0], len(told), len({mark for _, _, mark, _ in told}), far, _burst(at for _, at, *_ in told))


def _burst(times: Iterable[int]) -> int:
    """Return the most of them within ten minutes."""
    held = list(times)
    return max(sum(at <= later < at + BURST_MS for later in held) for at in held)
