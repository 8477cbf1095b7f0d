"""The tables of reports' paths, and how a case becomes a row."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    select,
    text,
)

from dashboard.errors import Missing
from dashboard.kinds import FOREVER
from dashboard.reports.case import ACTING, TABS, Act, Case, Part
from dashboard.reports.parts import due_of
from data.store import bulk
from data.store.tables import MARK, META, NUMBER
from data.store.words import REPORT_WORDS

# Every report that was open here, as it stands on its path; `body` is the whole Case, msgpack, the columns are what is asked for.
# `due` is when it is due, FOREVER while its clock stands still. `plain` is what is searched: without diacritics.
CASE = Table(
    "report_case",
    META,
    Column("report", String, primary_key=True),  # source/report
    Column("number", String, nullable=False),
    Column("state", String, nullable=False),
    Column("tab", String, nullable=False),  # where a list of them has it (dashboard.reports.case.TABS)
    Column("service", String, nullable=False),
    Column("priority", String, nullable=False),
    Column("ward", String, nullable=False),
    Column("unit", String, nullable=False),  # that leads
    Column("submitted", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("plain", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("unread", BigInteger, nullable=False, server_default="0"),  # since when words of the citizen wait to be read
    Index("report_case_due", "due", "report", sqlite_where=text("open = 1"), postgresql_where=text("open")),
    Index("report_case_tab", "tab", "due", "report"),
    Index("report_case_ward", "ward", "tab", "due", "report"),
    Index("report_case_service", "service", "tab", "due", "report"),
    Index("report_case_closed", "tab", "closed", "report"),
    Index("report_case_unread", "unread", sqlite_where=text("unread > 0"), postgresql_where=text("unread > 0")),
)
# The parts that units have of them.
PART = Table(
    "report_part",
    META,
    Column("report", String, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("unit", String, nullable=False),
    Column("state", String, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("acting", Boolean, nullable=False),  # the unit has to do something
    Index("report_part_unit", "unit", "acting", "due"),
)
# What was done with reports, in the order in which it took effect; only ever added to. `body` is the whole Act, msgpack.
ACT = Table(
    "report_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False, unique=True),  # who, and their own id of the act
    Column("report", String, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),  # "": the house itself
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("report_act_report", "report", "seq"),
)
# What a citizen wrote. It may say anything: it goes out masked (dashboard.masking).
TEXT = Table(
    "report_text",
    META,
    Column("report", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("text", String, nullable=False),
    Column("place", String, nullable=False),
    Column("channel", String, nullable=False),
)
# Who sent a report, sealed (data.sealed) and bound to it.
PERSON = Table(
    "report_person",
    META,
    Column("report", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
# What people of the house photographed: for which part, 0: the centre for all of it. Not `shown`: it was not handed in yet.
PHOTO = Table(
    "report_picture",
    META,
    Column("picture", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),  # who, and their own id of it
    Column("report", String, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("shown", Boolean, nullable=False),
    Index("report_picture_report", "report", "at"),
)
# What the board is owed: what was done here, told as its sources tell it. It takes them in its own transaction, and they are gone.
OWED = Table(
    "report_owed",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("report", String, nullable=False, server_default=""),  # "": of an alarm
    Index("report_owed_report", "report", "seq"),
)
TAB_OF = {state: tab for tab, states in TABS.items() for state in states}
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Case).decode
decode_act = msgspec.msgpack.Decoder(Act).decode


def begin(sql: Connection) -> None:
    """Wait for our turn: what is done takes effect one after the other. Raises Missing before any board has kept this record."""
    if sql.execute(MARK.update().where(MARK.c.one == 1).values(acted=MARK.c.acted)).rowcount != 1:
        raise Missing("nothing has happened yet")


def next_seq(sql: Connection) -> int:
    """Return the number of the next act."""
    return (sql.scalar(select(func.max(ACT.c.seq))) or 0) + 1


def row(case: Case, searched: str) -> bulk.Row:
    """Return a case's row."""
    due = FOREVER if case.deadline.paused and not case.settled else case.deadline.due
    keys = (
        case.report,
        case.report.partition("/")[2],
        case.state,
        TAB_OF[case.state],
        case.service,
        case.priority,
        case.ward,
        case.lead,
    )
    return (*keys, case.submitted, due, not case.settled, case.closed, case.version, searched, encode(case), case.unread)


def write(sql: Connection, cases: Sequence[tuple[Case, str]]) -> None:
    """Write cases as they stand, each with what is searched of it. The parts come first: reports are found by their units too."""
    rows = {case.report: row(case, searched) for case, searched in cases}
    reports = list(rows)
    for at in range(0, len(reports), bulk.MOST_PARAMETERS):
        sql.execute(delete(PART).where(PART.c.report.in_(reports[at : at + bulk.MOST_PARAMETERS])))
    bulk.insert(sql, PART, [_part(case, one) for case, _ in cases for one in case.parts])
    bulk.upsert_together(sql, CASE, list(rows.values()))


def _part(case: Case, part: Part) -> bulk.Row:
    due = FOREVER if case.deadline.paused else due_of(case, part)
    return (case.report, part.nth, part.unit, part.state, due, part.state in ACTING and not case.settled)


def write_acts(sql: Connection, acts: Sequence[Act]) -> None:
    """Add lines to the history."""
    bulk.insert(sql, ACT, [(one.seq, one.key, one.report, one.action, one.who, one.at, encode(one)) for one in acts])


class Sealed(NamedTuple):
    """Who sent a report, sealed by us or by the door that heard of it (data.store.words.Writer)."""

    content: bytes
    ours: bool


def sealed_of(sql: Connection, report: str) -> Sealed | None:
    """Return who sent a report, as it lies there; None where nobody knows."""
    own = sql.scalar(select(PERSON.c.sealed).where(PERSON.c.report == report))
    if own is not None:
        return Sealed(own, ours=True)
    told = sql.scalar(select(REPORT_WORDS.c.sealed).where(REPORT_WORDS.c.key == report))
    return None if told is None else Sealed(told, ours=False)


def held(sql: Connection, report: str) -> Case:
    """Return a case. Raises Missing."""
    body = sql.scalar(select(CASE.c.body).where(CASE.c.report == report))
    if body is None:
        raise Missing(f"there is no report {report!r}")
    return decode(body)


def first_event(key: str) -> str:
    """Return the key of the event by which a report of ours came in: its pictures are kept under that."""
    source, _, number = key.partition("/")
    return f"{source}:{number}@0"
