"""Reports and what was said about them, as Open311 asks the record for them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.json import Decoder, encode
from sqlalchemy import Connection, Engine, Select, select

from dashboard.errors import Away
from dashboard.events import ReportChanged, Said
from dashboard.open311.asked import STATUSES, Asked
from data.store import bulk
from data.store.engine import is_sqlite, or_away
from data.store.judge import decode
from data.store.pictures import PICTURE
from data.store.tables import REPORT
from data.store.words import OURS, REPORT_UPDATE, REPORT_WORDS
from data.store.words import decode as decode_words

MOST_UPDATES = 1000
FIRST = "@0"  # what the id of a report's first event ends in
decode_media = Decoder(list[str]).decode
COLUMNS = (REPORT.c.key, REPORT.c.ward, REPORT.c.due, REPORT.c.taken, REPORT.c.body)


class Row(NamedTuple):
    """A report as the record has it, with the source that brought it."""

    source: str
    report: ReportChanged
    ward: str
    due: int
    taken: int
    said: Said | None
    pictures: Sequence[str]


class Told(NamedTuple):
    """Something that was said about a report since it came in. `source` is "" where we said it."""

    source: str
    number: str
    report: str  # source/report
    at: int
    taken: int
    status: str
    text: str
    media: Sequence[str]
    sealed: bytes | None = None


class Reports:
    """Every method raises Away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, asked: Asked, keys: Sequence[str]) -> list[Row]:
        """Return the reports that are asked for; with `asked.ids` those under `keys` (source/report)."""
        query = select(*COLUMNS).where(REPORT.c.key.in_(keys)) if asked.ids else _query(asked)
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(query).all()
            found = [row.key for row in rows]
            words: dict[str, str] = dict(bulk.fetch(sql, "key, body", REPORT_WORDS, "key", found)) if found else {}
            pictures = _pictures(sql, [first_event(key) for key in words])
        return [_row(row, words.get(row.key), pictures.get(first_event(row.key), ())) for row in rows]

    def known(self, keys: Sequence[str]) -> Mapping[str, int]:
        """Return which of these reports (source/report) there are, and when each was submitted."""
        with or_away(), self._engine.connect() as sql:
            return dict(bulk.fetch(sql, "key, submitted", REPORT, "key", keys)) if keys else {}

    def submitted(self, key: str) -> int | None:
        """Return when a report (source/number) was submitted, None where there is none or the record does not answer now."""
        try:
            return self.known([key]).get(key)
        except Away:
            return None

    def is_photo(self, picture: str, clients: Sequence[str]) -> bool:
        """Return whether a picture came with a report of one of these clients, and with nothing else. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            event = sql.scalar(select(PICTURE.c.event).where(PICTURE.c.id == picture)) or ""
        return event.partition(":")[0] in clients

    def updates(self, since: int, until: int) -> list[Told]:
        """Return what we said in [since, until) of our learning it (epoch ms), the oldest first."""
        wanted = (REPORT_UPDATE.c.source == OURS, REPORT_UPDATE.c.taken >= since, REPORT_UPDATE.c.taken < until)
        query = select(REPORT_UPDATE).where(*wanted).order_by(REPORT_UPDATE.c.taken, REPORT_UPDATE.c.number).limit(MOST_UPDATES)
        with or_away(), self._engine.connect() as sql:
            return [_told(row) for row in sql.execute(query)]

    def tell(self, told: Told) -> bool:
        """Keep what a client said about a report, on the disk itself when this returns; return whether it was new."""
        row = (*told[:7], encode(list(told.media)).decode(), told.sealed)
        with or_away(), self._engine.connect() as sql:
            if is_sqlite(self._engine):
                sql.exec_driver_sql("PRAGMA synchronous=FULL")
            try:
                new = bulk.insert_new(sql, REPORT_UPDATE, [row])
                sql.commit()
            finally:
                if is_sqlite(self._engine):
                    sql.rollback()
                    sql.exec_driver_sql("PRAGMA synchronous=NORMAL")
        return bool(new)


def _query(asked: Asked) -> Select[Any]:
    query = select(*COLUMNS)
    if asked.until:
        query = query.where(REPORT.c.submitted >= asked.since, REPORT.c.submitted < asked.until)
    if asked.services:
        query = query.where(REPORT.c.service.in_(asked.services))
    if set(asked.statuses) != set(STATUSES):
        query = query.where(REPORT.c.open.is_(asked.statuses[0] == "open"))
    if asked.learnt is None:
        query = query.order_by(REPORT.c.submitted.desc(), REPORT.c.key)
    else:
        since, until = asked.learnt
        query = query.where(REPORT.c.taken >= since, REPORT.c.taken < until).order_by(REPORT.c.taken, REPORT.c.key)
    return query.limit(asked.limit).offset(asked.skip)


def first_event(key: str) -> str:
    """Return the key of the event by which a report of ours came in: its pictures are kept under that."""
    source, _, number = key.partition("/")
    return f"{source}:{number}{FIRST}"


def _pictures(sql: Connection, events: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for event, picture in bulk.fetch(sql, "event, id", PICTURE, "event", events) if events else ():
        found.setdefault(event, []).append(picture)
    return found


def _row(row: Any, words: str | None, pictures: Sequence[str]) -> Row:
    heard = decode(row.body)
    assert isinstance(heard.event, ReportChanged)  # noqa: S101  of the table of reports
    said = decode_words(words) if words is not None else None
    return Row(heard.source, heard.event, row.ward, row.due, row.taken, said, pictures)


def _told(row: Any) -> Told:
    return Told(row.source, row.number, row.report, row.at, row.taken, row.status, row.text, decode_media(row.media), row.sealed)
