"""The board as the whole history left it: from roll-ups and what stands, never from the history itself."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, func, select

from dashboard.alarms.alarm import Alarm
from dashboard.board import (
    DAYS,
    HOURS,
    LATEST,
    MINUTES,
    RECORDS,
    Board,
    FeedState,
    OpenReport,
    Unknown,
    turn,
)
from dashboard.calendar import MINUTE_MS, day_of, hour_of
from dashboard.events import Recorded, ReportChanged
from dashboard.fold import open_report
from dashboard.kinds import Kinds
from dashboard.rollups import FIELDS
from dashboard.spot import Spot
from data.store import alarms, map_marks, readings
from data.store.judge import decode
from data.store.tables import EVENT, HOUR_CAMERA, HOUR_KIND, MARK, MINUTE_CLASS, REPORT, REPORT_DAY, STANDING

T = TypeVar("T")


def load(sql: Connection, now_ms: int, *, zone: str, kinds: Kinds) -> Board:
    """Return the board at `now_ms` (epoch ms)."""
    day = day_of(now_ms, zone)
    acted = sql.scalar(select(MARK.c.acted)) or 0  # first of all: an act that comes while we read is folded again, never missed
    marked = sql.scalar(select(MARK.c.marked)) or 0
    stored, quarantined, dead_letters = _tally(sql)
    board = Board(
        zone=zone,
        seq=sql.scalar(select(func.max(EVENT.c.seq))) or 0,
        now=now_ms,
        day=day,
        stored=stored,
        quarantined=quarantined,
        dead_letters=dead_letters,
        hours=_windows(sql, HOUR_KIND, hour_of(now_ms, zone) - HOURS),
        minutes=_windows(sql, MINUTE_CLASS, now_ms // MINUTE_MS - MINUTES),
        report_days=_report_days(sql, day - DAYS),
        cameras=_cameras(sql, day),
        feeds=_standing(sql, "feeds", FeedState),
        alarms=alarms.load(sql),
        pending=_standing(sql, "pending", Alarm),
        toggles=_standing(sql, "toggles", tuple[int, ...]),
        flood=alarms.flooded(sql),
        acted=acted,
        raised=alarms.began(sql, now_ms),
        unknown=_standing(sql, "unknown", Unknown),
        reports=_open_reports(sql),
        indicators=readings.load(sql),
        latest=_newest(sql, kinds, LATEST, records=False),
        records=_newest(sql, kinds, RECORDS, records=True),
        marked=marked,
        marks=map_marks.load(sql, now_ms),
    )
    return turn(board, now_ms)


def _tally(sql: Connection) -> tuple[int, int, int]:
    body = sql.scalar(select(STANDING.c.body).where(STANDING.c.part == "tally"))
    return msgspec.msgpack.decode(body, type=tuple[int, int, int]) if body is not None else (0, 0, 0)


def _standing(sql: Connection, part: str, kind: type[T]) -> dict[str, T]:
    rows = sql.execute(select(STANDING.c.key, STANDING.c.body).where(STANDING.c.part == part))
    return {key: msgspec.msgpack.decode(body, type=kind) for key, body in rows}


def _windows(sql: Connection, table: Any, oldest: int) -> dict[int, dict[str, int]]:
    at, word, n = table.columns
    windows: dict[int, dict[str, int]] = {}
    for key, name, count in sql.execute(select(at, word, n).where(at > oldest, n != 0)):
        windows.setdefault(key, {})[name] = count
    return windows


def _report_days(sql: Connection, oldest: int) -> dict[int, dict[str, int]]:
    columns = [REPORT_DAY.c[field] for field in FIELDS]
    rows = sql.execute(select(REPORT_DAY.c.day, *columns).where(REPORT_DAY.c.dim == "all", REPORT_DAY.c.day > oldest))
    days = {row[0]: {field: n for field, n in zip(FIELDS, row[1:], strict=True) if n} for row in rows}
    return {day: counts for day, counts in days.items() if counts}


def _cameras(sql: Connection, day: int) -> dict[str, Spot]:
    hour, camera, n = HOUR_CAMERA.columns
    today = select(camera, func.sum(n)).where(hour >= day * 24, hour < (day + 1) * 24).group_by(camera)
    spoke = {key: int(count) for key, count in sql.execute(today)}
    spots = _standing(sql, "cameras", Spot)
    return {key: msgspec.structs.replace(spot, spoke=spoke.get(key, 0)) for key, spot in spots.items()}


def _open_reports(sql: Connection) -> dict[str, OpenReport]:
    rows = sql.execute(select(REPORT.c.key, REPORT.c.body, REPORT.c.due).where(REPORT.c.open))
    found = {key: (decode(body), due) for key, body, due in rows}
    return {
        key: open_report(heard, heard.event, due) for key, (heard, due) in found.items() if isinstance(heard.event, ReportChanged)
    }


def _newest(sql: Connection, kinds: Kinds, most: int, *, records: bool) -> tuple[Recorded, ...]:
    wanted = EVENT.c.kind.in_(sorted(kinds.records))
    rows = select(EVENT).where(wanted if records else ~wanted, ~EVENT.c.quarantined).order_by(EVENT.c.seq.desc()).limit(most)
    return tuple(map(recorded, sql.execute(rows)))


def recorded(row: Row[Any]) -> Recorded:
    """Return an event row as it was recorded."""
    return Recorded(row.seq, decode(row.body), row.kind)
