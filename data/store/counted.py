"""Roll-ups of reports counted anew, from the reports themselves, where a migration has let go of them."""

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select

from dashboard.events import Heard, ReportChanged
from dashboard.reports.following import path_of
from data.store import bulk, reports
from data.store.cases.tables import ACT, CASE, decode_act
from data.store.cases.tables import decode as decode_case
from data.store.judge import decode, encode
from data.store.tables import REPORT, REPORT_DAY, REPORT_PENDING

AT_ONCE = 20_000
Standing = tuple[Heard, int]  # a report as it stands, and its deadline


def recount(sql: Connection, zone: str) -> None:
    """Count every report, and learn of each that is on a path how far it has come, where the record has counted none."""
    if sql.scalar(select(REPORT_DAY.c.day).limit(1)) is not None:
        return
    sql.execute(REPORT_PENDING.delete())
    last, c, first = "", REPORT.c, _extended(sql)
    while rows := sql.execute(select(c.key, c.body, c.due).where(c.key > last).order_by(c.key).limit(AT_ONCE)).all():
        last, moved = rows[-1].key, reports.Moved(zone)
        heard = {row.key: (decode(row.body), row.due) for row in rows}
        heard |= _on_paths(sql, heard, first)
        _write(sql, heard)
        for one, due in heard.values():
            moved.add(one, due, 1)
        moved.write(sql)


def _extended(sql: Connection) -> Mapping[str, int]:
    """Return when more time was first granted for each report, by its history: a clock that a reopening has replaced is not in its case."""
    found: dict[str, int] = {}
    granted = select(ACT.c.body).where(ACT.c.action == "grant").order_by(ACT.c.seq)
    for act in map(decode_act, sql.scalars(granted)):
        if any(one.at == act.at for one in act.after.deadline.extensions):
            found.setdefault(act.report, act.at)
    return found


def _on_paths(sql: Connection, heard: Mapping[str, Standing], first: Mapping[str, int]) -> dict[str, Standing]:
    """Return those reports of which there is a case, with how far they have come; it is kept with what was told of them."""
    found: dict[str, Standing] = {}
    for key, body in bulk.fetch(sql, "report, body", CASE, "report", list(heard)):
        one, due = heard[key]
        if isinstance(one.event, ReportChanged):
            path = path_of(decode_case(body), one.event.path, extended=first.get(key, 0))
            found[key] = (replace(one, event=replace(one.event, path=path)), due)
    if found:
        bodies = [{"key_": key, "body_": encode(one)} for key, (one, _) in found.items()]
        sql.execute(REPORT.update().where(REPORT.c.key == bindparam("key_")).values(body=bindparam("body_")), bodies)
    return found


def _write(sql: Connection, heard: Mapping[str, Standing]) -> None:
    """Write beside each report what is counted of it."""
    names = ("rating", "promised", "marks", "extended")
    at = [[column.name for column in REPORT.columns].index(name) for name in names]
    rows = [(*(reports.row(key, *one)[n] for n in at), key) for key, one in heard.items()]
    mark = "?" if sql.dialect.name == "sqlite" else "%s"
    sets = ", ".join(f"{name} = {mark}" for name in names)
    sql.exec_driver_sql(f"UPDATE report SET {sets} WHERE key = {mark}", rows)  # noqa: S608  our own names
