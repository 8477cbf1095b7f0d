"""Reports and what was said about them, as Open311 asks the record for them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.json import Decoder, encode
from sqlalchemy import Connection, Engine, Select, and_, exists, false, or_, select

from dashboard.errors import Away
from dashboard.events import ReportChanged, Said
from dashboard.open311.asked import STATUSES, Asked
from dashboard.reports.case import Case
from dashboard.reports.speaking import PUBLIC, evidence, is_public
from data.store import bulk
from data.store.cases.hearing import hear
from data.store.cases.tables import CASE, TEXT, begin, first_event
from data.store.cases.tables import decode as decode_case
from data.store.engine import is_sqlite, or_away
from data.store.judge import decode
from data.store.pictures import PICTURE
from data.store.tables import REPORT
from data.store.words import OURS, REPORT_UPDATE, REPORT_WORDS, name_of
from data.store.words import decode as decode_words

MOST_UPDATES, AT_ONCE = 1000, 500
ENDED = frozenset({"published", "closed"})  # tabs
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
    case: Case | None = None  # where it has come to an end on its path


class Raw(NamedTuple):
    """The same as it lies in the record: two that are equal read the same."""

    key: str  # source/report
    ward: str
    due: int
    taken: int
    body: bytes
    words: str | None
    pictures: tuple[str, ...]
    case: bytes | None

    def read(self) -> Row:
        """Return it, read."""
        heard = decode(self.body)
        assert isinstance(heard.event, ReportChanged)  # noqa: S101  of the table of reports
        said = decode_words(self.words) if self.words is not None else None
        case = decode_case(self.case) if self.case is not None else None
        return Row(heard.source, heard.event, self.ward, self.due, self.taken, said, self.pictures, case)


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
    kind: str = ""


class Reports:
    """Every method raises Away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, asked: Asked, keys: Sequence[str]) -> list[Raw]:
        """Return the reports that are asked for; with `asked.ids` those under `keys` (source/report)."""
        query = select(*COLUMNS).where(REPORT.c.key.in_(keys)) if asked.ids else _query(asked)
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(query).all()
            found = [row.key for row in rows]
            words: dict[str, str] = dict(bulk.fetch(sql, "key, body", REPORT_WORDS, "key", found)) if found else {}
            pictures = _pictures(sql, [first_event(key) for key in words])
            cases = _bodies(sql, found)
            public = [key for key in cases if key not in words and is_public(decode_case(cases[key]))]
            words |= _entered(sql, public) if public else {}
        return [_raw(row, words, pictures, cases) for row in rows]

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

    def evidence(self, keys: Sequence[str], picture: str) -> bool:
        """Return whether a picture shows what was done about one of these reports (source/report), and everybody may see that. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return any(is_public(case) and picture in evidence(case) for case in _cases(sql, keys).values())

    def updates(self, since: int, until: int, client: str, keys: Sequence[str] = ()) -> list[Told]:
        """Return what we said in [since, until) of our learning it (epoch ms), the oldest first; with `keys` about these (source/report).

        It is what `client` may know: all about its own reports, of others' what was told of those that are published, and no letter.
        """
        c, found = REPORT_UPDATE.c, list[Told]()
        ended = exists(select(CASE.c.report).where(CASE.c.report == c.report, CASE.c.state.in_(PUBLIC)))
        own = c.report.between(f"{client}/", f"{client}/\U0010ffff") if client else false()
        wanted = [c.source == OURS, c.taken >= since, c.taken < until, or_(own, and_(c.kind.not_in(("", "letter")), ended))]
        query = select(REPORT_UPDATE).where(*wanted, *([c.report.in_(keys)] if keys else [])).order_by(c.taken, c.number)
        with or_away(), self._engine.connect() as sql, sql.execution_options(yield_per=AT_ONCE).execute(query) as rows:
            for some in rows.partitions():
                others = {row.report for row in some if not (client and row.report.startswith(f"{client}/"))}
                hidden = others - {key for key, case in self._ended(others).items() if is_public(case)}
                found += [_told(row) for row in some if row.report not in hidden]
                if len(found) >= MOST_UPDATES:
                    break
        return found[:MOST_UPDATES]

    def _ended(self, keys: Collection[str]) -> Mapping[str, Case]:
        with self._engine.connect() as sql:
            return _cases(sql, list(keys))

    def tell(self, told: Told) -> bool:
        """Keep what a client said about a report, on the disk itself when this returns; return whether it was new.

        The centre reads it in the report's history. What we have told ourselves and comes back is no word of a citizen's.
        """
        with or_away(), self._engine.connect() as sql:
            if is_sqlite(self._engine):
                sql.exec_driver_sql("PRAGMA synchronous=FULL")
            try:
                begin(sql)
                told = told._replace(number=name_of(sql, told.source, told.number, told.report))
                row = (*told[:7], encode(list(told.media)).decode(), told.sealed, told.kind)
                new = bulk.insert_new(sql, REPORT_UPDATE, [row])
                if new:
                    hear(sql, told.report, told.source, told.number, _heard(told), now_ms=told.taken)
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


def _pictures(sql: Connection, events: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for event, picture in bulk.fetch(sql, "event, id", PICTURE, "event", events) if events else ():
        found.setdefault(event, []).append(picture)
    return found


def _cases(sql: Connection, keys: Sequence[str]) -> dict[str, Case]:
    """Return those of these reports that have come to an end on their path: what was answered is there."""
    return {report: decode_case(body) for report, body in _bodies(sql, keys).items()}


def _bodies(sql: Connection, keys: Sequence[str]) -> dict[str, bytes]:
    rows = bulk.fetch(sql, "report, tab, body", CASE, "report", list(keys)) if keys else []
    return {report: bytes(body) for report, tab, body in rows if tab in ENDED}


def _entered(sql: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return what citizens said in reports that were taken in by hand, as words."""
    rows = bulk.fetch(sql, "report, text", TEXT, "report", keys) if keys else []
    return {report: encode(Said(text=text)).decode() for report, text in rows}


def _heard(told: Told) -> str:
    """Return what a client tells as the history shows it; one that says nothing tells how its citizen sees it."""
    return "\n".join((told.text or told.status.upper(), *told.media))


def _raw(row: Any, words: Mapping[str, str], pictures: Mapping[str, Sequence[str]], cases: Mapping[str, bytes]) -> Raw:
    key, shown = row.key, tuple(pictures.get(first_event(row.key), ()))
    return Raw(key, row.ward, row.due, row.taken, row.body, words.get(key), shown, cases.get(key))


def _told(row: Any) -> Told:
    told = (row.source, row.number, row.report, row.at, row.taken, row.status, row.text, decode_media(row.media), row.sealed)
    return Told(*told, row.kind)
