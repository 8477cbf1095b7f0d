"""The record: every event once, its roll-ups and the mark of how far we read, in one transaction."""

import time

import msgspec
from sqlalchemy import Connection, Engine, select, text

from dashboard.board import Board
from dashboard.calendar import DAY_MS, hour_of
from dashboard.city import City
from dashboard.errors import Away, Superseded
from dashboard.events import Recorded, ReportChanged
from dashboard.fold import advance, catch_up
from dashboard.kinds import Kinds
from dashboard.masking import hidden
from dashboard.ports import Dead, Reading, entry_number
from dashboard.rollups import counts_of, is_row
from data.store import alarms, bulk, counted, joining, map_marks, marks, past, readings, reports, spots, violations
from data.store.cases import following, hearing
from data.store.engine import is_sqlite, or_away
from data.store.judge import Judge, encode
from data.store.loading import load
from data.store.marks import Mark, mark_of
from data.store.tables import (
    DAY_KIND,
    DEAD_LETTER,
    EVENT,
    HOUR_CAMERA,
    HOUR_KIND,
    HOUR_ONLINE,
    MARK,
    MINUTE_CLASS,
    PICTURE_MARK,
    STANDING,
)

START = "0-0"
ONLINE = frozenset({"online", "late"})
PARTS = ("cameras", "feeds", "unknown", "pending", "toggles")
DARK_MS = 15 * 60_000  # for so long a darkroom that stands still is waited for
KEEP_MINUTES = 2 * 24 * 60
MOST_REASON = 500


class SqlStore:
    """One city's record. `fence` is the number of the lease under which this board writes (data.lease), `mark` marks plates."""

    def __init__(self, engine: Engine, *, city: City, fence: int = 0, mark: Mark | None = None) -> None:
        self._engine, self._fence, self._mark = engine, fence, mark
        self.know(city)
        self._online = (0, 0)  # the hour and the number written last
        self._forgot = 0  # the day on which we last let go of what is kept no longer
        self._marked = 0  # up to which act on a mark of the map our board has followed
        self._paid = 0  # up to which act on a report we have taken what we are owed
        self._past = past.Told()

    def know(self, city: City) -> None:
        """Take the city to be this one from now on."""
        self._city, self._kinds = city, Kinds(city)
        self._gone = frozenset(camera.id for camera in city.cameras if camera.gone)

    def record(self, board: Board, reading: Reading, mark: str) -> Board:
        """Commit what is new or amended and the mark; return the board that follows. Raises Superseded, and Away when busy."""
        with or_away(), self._engine.begin() as sql:
            acted, owed, marked = self._advance(sql, mark)
            board = catch_up(board, alarms.after(sql, board.acted) if acted > board.acted else ())
            board = map_marks.follow(sql, board, marked)
            heard = [*following.take_owed(sql), *reading.heard] if owed > self._paid else reading.heard
            judge = Judge(sql, board, heard, city=self._city, kinds=self._kinds)
            dead = bulk.insert_new(sql, DEAD_LETTER, [_letter(one) for one in reading.dead])
            after, acts, flood = advance(board, judge.recorded, self._kinds, dead=dead)
            self._write(sql, judge, board.zone)
            _stand(sql, board, after)
            if after.alarms is not board.alarms:
                alarms.write(sql, {key: one for key, one in after.alarms.items() if board.alarms.get(key) is not one}, acts)
            if flood is not None:
                alarms.write_flood(sql, flood)
            online, told = self._count_online(sql, after), past.write(sql, self._past, after)
        self._online, self._paid, self._marked, self._past = online, owed, after.marked, told
        return after

    def load(self, now_ms: int) -> Board:
        """Return the board as the whole history left it at `now_ms`, without reading the history. Raises Away."""
        self._past = past.Told()  # what is loaded may differ from what was told last: the next is told whole
        with or_away(), self._engine.connect() as sql:
            board = load(sql, now_ms, zone=self._city.zone, kinds=self._kinds)
        self._marked = board.marked
        return board

    def mark(self) -> str:
        """Return how far the stream was read. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return sql.scalar(select(MARK.c.entry)) or START

    def behind(self, acted: int) -> bool:
        """Return whether people did something that no board has followed. Raises Superseded, and Away.

        One question a second; a board that slept while a younger one took over learns it here, also when there is nothing to write.
        """
        with or_away(), self._engine.connect() as sql:
            mark = sql.execute(select(MARK.c.acted, MARK.c.owed, MARK.c.marked, MARK.c.fence)).first()
        if mark is not None and mark.fence > self._fence:
            raise Superseded(f"fence {mark.fence} has written, ours is {self._fence}")
        return mark is not None and (mark.acted > acted or mark.owed > self._paid or mark.marked > self._marked)

    def claim(self) -> None:
        """Write our fencing number, so that whoever wrote before cannot any more. Raises Superseded when one as young has.

        One statement decides: two boards that read the same number, since a lease was lost in between, cannot both have it.
        """
        with self._engine.begin() as sql:
            won = sql.execute(MARK.update().where(MARK.c.one == 1, MARK.c.fence < self._fence).values(fence=self._fence))
            if won.rowcount != 1:
                held = sql.scalar(select(MARK.c.fence))
                if held is not None:
                    raise Superseded(f"fence {held} has written, ours is {self._fence}")
                bulk.insert(sql, MARK, [(1, START, self._fence, 0, 0, 0)])
            counted.recount(sql, self._city.zone)
            following.renew(sql, self._city, time.time_ns() // 1_000_000)
            if self._mark is not None:
                marks.fill(sql, self._mark)
            spots.fill(sql, self._city.zone)

    def settle(self) -> str:
        """Write everything to the disk itself, and return the mark up to which nobody needs the log. Old minutes are let go."""
        mark = self._looked_through(self.mark())
        with or_away(), self._engine.begin() as sql:
            oldest = sql.scalar(text("SELECT max(minute) FROM minute_class")) or 0
            sql.execute(MINUTE_CLASS.delete().where(MINUTE_CLASS.c.minute < oldest - KEEP_MINUTES))
            self._forget(sql, time.time_ns() // 1_000_000)
        if is_sqlite(self._engine):
            with or_away(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
                busy = sql.exec_driver_sql("PRAGMA wal_checkpoint(FULL)").one()[0]
            if busy:
                raise Away("a reader keeps the checkpoint back")
        return mark

    def _forget(self, sql: Connection, now_ms: int) -> None:
        """Once a day, let go of who sent reports that were settled long ago, and of boards that nobody may look back to."""
        if now_ms // DAY_MS != self._forgot:
            following.forget(sql, now_ms)
            past.forget(sql, now_ms)
            self._forgot = now_ms // DAY_MS

    def _looked_through(self, mark: str) -> str:
        """Return the mark, or where the darkroom is while it works: what it has not seen it needs yet (data.developing)."""
        with or_away(), self._engine.connect() as sql:
            held = sql.execute(select(PICTURE_MARK.c.entry, PICTURE_MARK.c.at)).first()
        if held is None or held.at < time.time_ns() // 1_000_000 - DARK_MS:
            return mark
        return str(min(mark, held.entry, key=entry_number))

    def _advance(self, sql: Connection, mark: str) -> tuple[int, int, int]:
        """Move the mark, first of all; return the numbers of the last act about an alarm, on a report that is owed, and on a mark of the map.

        On PostgreSQL the row lock keeps a second board, and whoever acts about an alarm, out until we have committed.
        """
        ours = MARK.update().where(MARK.c.one == 1, MARK.c.fence == self._fence)
        held = sql.execute(ours.values(entry=mark).returning(MARK.c.acted, MARK.c.owed, MARK.c.marked)).first()
        if held is not None:
            return int(held.acted), int(held.owed), int(held.marked)
        if sql.scalar(select(MARK.c.fence)) is not None:
            raise Superseded("another board holds the record")
        bulk.insert(sql, MARK, [(1, mark, self._fence, 0, 0, 0)])
        return 0, 0, 0

    def _count_online(self, sql: Connection, board: Board) -> tuple[int, int]:
        """Write how many cameras are online, where this hour does not say so yet."""
        online = sum(spot.state in ONLINE for camera, spot in board.cameras.items() if camera not in self._gone)
        told = (hour_of(board.now, board.zone), online)
        if board.cameras and told != self._online:
            bulk.upsert(sql, HOUR_ONLINE, [told])
        return told

    def _write(self, sql: Connection, judge: Judge, zone: str) -> None:
        last = {one.seq: one for one in judge.recorded if is_row(one)}
        born = {seq for seq in last if seq > judge.start}
        bulk.insert(sql, EVENT, [_row(one, self._mark) for seq, one in last.items() if seq in born])
        bulk.upsert(sql, EVENT, [_row(one, self._mark) for seq, one in last.items() if seq not in born])
        bulk.insert_new(sql, joining.THING, judge.things)
        violations.detected(sql, (last[seq] for seq in sorted(born)), self._kinds)
        counts = counts_of(judge.recorded, zone, self._kinds.class_of)
        for table, cells in (
            (HOUR_KIND, counts.hour_kind),
            (HOUR_CAMERA, counts.hour_camera),
            (MINUTE_CLASS, counts.minute_class),
            (DAY_KIND, counts.day_kind),
        ):
            bulk.upsert(sql, table, [(*cell, n) for cell, n in cells.items() if n], add=("n",))
        spots.add(sql, counts.hour_spot)
        told = [one for one in judge.recorded if isinstance(one.heard.event, ReportChanged) and is_row(one)]
        readings.write(sql, (one.heard for one in judge.recorded))
        if told:
            reports.write(sql, judge.reports, told, zone, said=judge.said)
            following.follow(sql, told, self._city)
        hearing.spoken(sql, (one.heard for one in judge.recorded))


def _row(one: Recorded, mark: Mark | None) -> bulk.Row:
    heard = one.heard
    keys = (one.seq, heard.key, one.kind, heard.camera, heard.counted, heard.event.revision, heard.quarantined)
    return (*keys, encode(heard), mark_of(heard, mark))


def _letter(dead: Dead) -> bulk.Row:
    """Return a dead letter's row, under the receipt: what came twice down the road is one letter."""
    payload = dead.taken.payload
    headers = msgspec.json.encode(dict(payload.headers)).decode()
    reason = dead.reason.replace("\x00", "").encode(errors="replace").decode()
    return (
        payload.receipt or dead.taken.entry,
        dead.part,
        payload.source,
        payload.received,
        payload.receipt,
        hidden(reason)[:MOST_REASON],  # it quotes what could not be read
        headers,
        dead.raw,
        None,
    )


def _stand(sql: Connection, before: Board, after: Board) -> None:
    """Write what stands differently now: only parts of the board that are other objects than before."""
    rows: list[bulk.Row] = []
    for part in PARTS:
        was, now = getattr(before, part), getattr(after, part)
        if was is not now:
            rows += [(part, key, msgspec.msgpack.encode(thing)) for key, thing in now.items() if was.get(key) is not thing]
            gone = [{"part_": part, "key_": key} for key in was if key not in now]
            if gone:
                sql.execute(text("DELETE FROM standing WHERE part = :part_ AND key = :key_"), gone)
    tally = (after.stored, after.quarantined, after.dead_letters)
    if tally != (before.stored, before.quarantined, before.dead_letters):
        rows.append(("tally", "", msgspec.msgpack.encode(tally)))
    bulk.upsert(sql, STANDING, rows)
