"""What citizens wrote and were told: their words beside each report, and a row for each change that others may ask for."""

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping, Sequence

from msgspec import json
from msgspec.json import Decoder, encode
from sqlalchemy import BigInteger, Column, Connection, Index, LargeBinary, String, Table, select

from dashboard.events import Recorded, ReportChanged, Said
from dashboard.reports.following import ours
from data.sealed import Seal
from data.store import bulk
from data.store.tables import META

WRITER = "report writer"
OURS = ""  # the source of what the house itself says
# What was written with a report. `body` is the whole Said but for who wrote it: that lies sealed beside.
REPORT_WORDS = Table(
    "report_words",
    META,
    Column("key", String, primary_key=True),  # source/report
    Column("body", String, nullable=False),  # JSON
    Column("sealed", LargeBinary),
)
# What was said about a report since: by us, each time that it stands differently (`number` is that of the event), and by clients of ours.
REPORT_UPDATE = Table(
    "report_update",
    META,
    Column("source", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("report", String, nullable=False),  # source/report
    Column("at", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    Column("text", String, nullable=False),
    Column("media", String, nullable=False),  # JSON
    Column("sealed", LargeBinary),
    Column("kind", String, nullable=False, server_default=""),  # of ours: what it tells (dashboard.reports.speaking)
    Index("report_update_taken", "source", "taken"),
    Index("report_update_report", "report", "taken"),
)
decode = Decoder(Said).decode


def name_of(sql: Connection, source: str, number: str, report: str) -> str:
    """Return under which number a source's update of a report (source/number) is kept: its own, and where it numbers those of each report anew, with that."""
    c = REPORT_UPDATE.c
    held = sql.scalar(select(c.report).where(c.source == source, c.number == number))
    return number if held in {None, report} else f"{number}@{report}"


class Writer:
    """Closes who wrote a report, bound to it, so that it opens for no other."""

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, WRITER)

    def close(self, who: dict[str, str], *, report: str) -> bytes:
        """Return who wrote a report (source/number), sealed."""
        return self._seal.close(json.encode(who), about=report)

    def open(self, sealed: bytes, *, report: str) -> dict[str, str]:
        """Return who wrote it. Raises data.sealed.Tampered."""
        return json.decode(self._seal.open(sealed, about=report), type=dict[str, str])


def write(sql: Connection, said: Mapping[str, Said], told: Sequence[Recorded]) -> None:
    """Write the words that came with reports, and a row for each report that stands differently from before."""
    bulk.upsert(sql, REPORT_WORDS, [_words(key, one) for key, one in said.items()])
    bulk.insert_new(sql, REPORT_UPDATE, [_update(one, one.heard.event) for one in told if _differs(one)])


def _words(key: str, said: Said) -> bulk.Row:
    try:
        sealed = b64decode(said.sealed, validate=True) if said.sealed else None
    except Error:
        sealed = None  # it was closed by nobody of ours
    bare = Said(
        text=said.text,
        address=said.address,
        address_id=said.address_id,
        zipcode=said.zipcode,
        media=said.media,
        answers=said.answers,
        faults=said.faults,
    )
    return (key, encode(bare).decode(), sealed)


def _differs(one: Recorded) -> bool:
    """Whether a report is open, closed or with another unit than it was; that it came in is no change."""
    before, after = one.before.event if one.before else None, one.heard.event
    if not (isinstance(before, ReportChanged) and isinstance(after, ReportChanged)):
        return False
    return not ours(after) and (before.open, before.unit) != (after.open, after.unit)  # an act has told its own


def _update(one: Recorded, event: object) -> bulk.Row:
    assert isinstance(event, ReportChanged)  # noqa: S101  chosen by _differs
    status = "open" if event.open else "closed"
    number = f"kydai-e{one.seq:010d}"  # nobody else's word is called so
    return (OURS, number, f"{one.heard.source}/{event.report}", event.at, one.heard.received, status, "", "[]", None, "")
