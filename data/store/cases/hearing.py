"""What a citizen says of their report through the client, or the endpoint, that brought it: a line of its history that waits to be read."""

from msgspec.structs import replace
from sqlalchemy import Connection, select

from dashboard.reports.case import Act
from dashboard.reports.speaking import same
from data.store.cases.saying import ours_of
from data.store.cases.tables import CASE, decode, encode, next_seq, write_acts


def hear(sql: Connection, report: str, client: str, number: str, text: str, *, now_ms: int) -> bool:
    """Write what a client told of a report that is on a path; return whether it is a word of a citizen's, and not our own that comes back.

    Whoever calls has its turn (data.store.cases.tables.begin), and has seen that this update is new.
    """
    body = sql.scalar(select(CASE.c.body).where(CASE.c.report == report))
    if body is None or any(number == name or (told and same(told, text)) for name, told in ours_of(sql, report)):
        return False
    case = decode(body)
    after = replace(case, unread=case.unread or now_ms)
    sql.execute(CASE.update().where(CASE.c.report == report).values(body=encode(after), unread=after.unread))
    key = f":{client}:{number}"
    write_acts(
        sql, [Act(seq=next_seq(sql), key=key, report=report, action="hear", who=client, role="", at=now_ms, text=text, after=after)]
    )
    return True
