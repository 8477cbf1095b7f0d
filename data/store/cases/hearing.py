"""What is said of a report by whoever brought it, a citizen through a client or another system: a line of its history that waits to be read."""

from collections.abc import Iterable, Sequence

from msgspec import json
from msgspec.structs import replace
from sqlalchemy import Connection, select

from dashboard.events import Heard, ReportSpoken
from dashboard.open311.status import heard as status_of
from dashboard.reports.case import Act
from dashboard.reports.speaking import same
from data.store import bulk
from data.store.cases.saying import ours_of
from data.store.cases.tables import ACT, CASE, decode, encode, next_seq, write_acts
from data.store.words import OURS, REPORT_UPDATE, name_of

decode_media = json.Decoder(list[str]).decode


def spoken(sql: Connection, told: Iterable[Heard]) -> None:
    """Keep what sources said about reports since they came, each word once, in the board's own transaction."""
    for one in told:
        event = one.event
        if not isinstance(event, ReportSpoken):
            continue
        report, status = f"{one.source}/{event.report}", status_of(event.status) or "open"
        media = json.encode(list(event.media)).decode()
        number = name_of(sql, one.source, event.id, report)
        row = (one.source, number, report, event.at, one.received, status, event.text, media, None, "")
        if bulk.insert_new(sql, REPORT_UPDATE, [row]):
            text = "\n".join(part for part in (event.text or event.status.upper(), *event.media) if part)
            waits = bool(event.text or event.media)  # how it stands there is told by the report itself: nobody has to read that
            hear(sql, report, one.source, number, text, now_ms=one.received, waits=waits)


def caught_up(sql: Connection, reports: Sequence[str]) -> None:
    """Make what was said of reports before they came on their path a line of each now, in the order in which it was heard."""
    c = REPORT_UPDATE.c
    for at in range(0, len(reports), bulk.MOST_PARAMETERS):
        of = c.report.in_(reports[at : at + bulk.MOST_PARAMETERS])
        wanted = select(REPORT_UPDATE).where(of, c.source != OURS).order_by(c.taken, c.at, c.source, c.number)
        for row in sql.execute(wanted).all():
            if sql.scalar(select(ACT.c.seq).where(ACT.c.key == _key(row.source, row.number))) is None:
                text, media = row.text or row.status.upper(), decode_media(row.media)
                waits = bool(row.text or media)
                hear(sql, row.report, row.source, row.number, "\n".join((text, *media)), now_ms=row.taken, waits=waits)


def hear(sql: Connection, report: str, client: str, number: str, text: str, *, now_ms: int, waits: bool = True) -> bool:
    """Write what a client told of a report that is on a path; return whether it is a word of a citizen's, and not our own that comes back.

    Whoever calls has its turn (data.store.cases.tables.begin), and has seen that this update is new. `waits`: somebody has to read it.
    """
    body = sql.scalar(select(CASE.c.body).where(CASE.c.report == report))
    if body is None or any(number == name or (told and same(told, text)) for name, told in ours_of(sql, report)):
        return False
    case = decode(body)
    after = replace(case, unread=case.unread or now_ms) if waits else case
    sql.execute(CASE.update().where(CASE.c.report == report).values(body=encode(after), unread=after.unread))
    key = _key(client, number)
    write_acts(
        sql, [Act(seq=next_seq(sql), key=key, report=report, action="hear", who=client, role="", at=now_ms, text=text, after=after)]
    )
    return True


def _key(client: str, number: str) -> str:
    return f":{client}:{number}"
