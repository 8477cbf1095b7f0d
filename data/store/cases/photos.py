"""Photographs of reports in the record: rows beside the pictures' own (data.store.pictures), which hold both renditions."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import IntegrityError

from dashboard.city import City
from dashboard.pictures import DAY_MS, REPORT_DAYS, Picture
from dashboard.ports import Clock
from dashboard.reports.case import Act, Case, Illegal, Incomplete
from dashboard.reports.cases import Actor
from dashboard.reports.photos import MOST_PHOTOS, Photo, check_attaching
from dashboard.reports.units import theirs, working_for
from data.pictures.developed import Developed
from data.store import bulk
from data.store.cases.tables import PHOTO, begin, first_event, held, next_seq, write_acts
from data.store.engine import or_away
from data.store.pictures import PICTURE, SHOWN, New, SqlPictures

OURS = ":report:"  # how the key of what they came with begins: no source is called so
UNSENT_DAYS = 1  # what was photographed and never handed in
MOST_SHOWN = 60


class SqlPhotos:
    """The photographs of one house's reports. `develop` makes both renditions where it harms nobody."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        living: Callable[[], City],
        pictures: SqlPictures,
        develop: Callable[[bytes], Developed],
    ) -> None:
        self._engine, self._clock, self._living, self._pictures, self._develop = engine, clock, living, pictures, develop

    def of_report(self, report: str, *, by: Actor) -> Sequence[Photo]:
        """Return those that a person may see: of parts, a unit's people see their own alone. Raises Missing, Away."""
        mine = working_for(self._living(), by)
        with or_away(), self._engine.connect() as sql:
            case = theirs(held(sql, report), mine)
            return _told(sql, case, self._clock.now_ms(), mine)

    def attach(self, report: str, raw: bytes, *, nth: int, by: Actor, key: str) -> Photo:
        """Keep one, once. Raises Missing, Illegal, Incomplete, NoPicture, Away."""
        mine, own = working_for(self._living(), by), f"{by.name}:{key}"
        with or_away(), self._engine.connect() as sql:
            case = theirs(held(sql, report), mine)
            if (known := _known(sql, own, case)) is not None:
                return known
            check_attaching(case, nth, mine)
            if (sql.scalar(select(func.count()).where(PHOTO.c.report == report, PHOTO.c.nth == nth)) or 0) >= MOST_PHOTOS:
                raise Illegal("photos", case)
        now_ms, days = self._clock.now_ms(), REPORT_DAYS if mine is None else UNSENT_DAYS
        row = self._pictures.write(New(f"{OURS}{report}", "scene", now_ms, now_ms + days * DAY_MS, self._develop(raw)))
        try:
            with or_away(), self._engine.begin() as sql:
                begin(sql)
                bulk.insert(sql, PICTURE, [row])
                bulk.insert(sql, PHOTO, [(row[0], own, report, nth, by.name, now_ms, mine is None)])
                if mine is None:
                    write_acts(sql, [_line(sql, held(sql, report), by, own, now_ms)])
        except IntegrityError:  # the same one came twice at once: the other is kept, and this one's files are swept away
            pass
        with or_away(), self._engine.connect() as sql:
            kept = _known(sql, own, case)
        if kept is None:
            raise Illegal("key", case)
        return kept


def hand_in(sql: Connection, report: str, nth: int, pictures: Sequence[str], now_ms: int) -> None:
    """Show what a result names, for as long as a report's photographs are kept. Raises Incomplete where one of them is none of this part."""
    named = sorted(set(pictures))
    if not named:
        return
    own = (PHOTO.c.picture.in_(named), PHOTO.c.report == report, PHOTO.c.nth == nth)
    there = select(func.count()).select_from(PHOTO.join(PICTURE, PICTURE.c.id == PHOTO.c.picture))
    if sql.scalar(there.where(*own, PICTURE.c.expires > now_ms)) != len(named):
        raise Incomplete("picture")
    sql.execute(update(PHOTO).where(*own).values(shown=True))
    sql.execute(update(PICTURE).where(PICTURE.c.id.in_(named)).values(expires=now_ms + REPORT_DAYS * DAY_MS))


def _told(sql: Connection, case: Case, now_ms: int, mine: frozenset[str] | None) -> list[Photo]:
    p = PICTURE.c
    sent = select(*SHOWN).where(p.event == first_event(case.report), p.expires > now_ms).order_by(p.at, p.id).limit(MOST_SHOWN)
    ours = select(*SHOWN, PHOTO.c.nth, PHOTO.c.who).join(PHOTO, PHOTO.c.picture == p.id)
    ours = ours.where(PHOTO.c.report == case.report, PHOTO.c.shown, p.expires > now_ms).order_by(p.at, p.id).limit(MOST_SHOWN)
    found = [_photo(row) for row in sql.execute(ours)]
    units = {one.nth: one.unit for one in case.parts}
    seen = [one for one in found if mine is None or not one.nth or units.get(one.nth) in mine]
    return [*(Photo(_picture(row), "citizen") for row in sql.execute(sent)), *seen]


def _known(sql: Connection, own: str, case: Case) -> Photo | None:
    """Return what was kept under this key. Raises Illegal where that is of another report."""
    rows = select(*SHOWN, PHOTO.c.nth, PHOTO.c.who, PHOTO.c.report).join(PHOTO, PHOTO.c.picture == PICTURE.c.id)
    row = sql.execute(rows.where(PHOTO.c.key == own)).first()
    if row is not None and row.report != case.report:
        raise Illegal("key", case)
    return None if row is None else _photo(row)


def _photo(row: Any) -> Photo:
    return Photo(_picture(row), "unit" if row.nth else "centre", row.nth, row.who)


def _picture(row: Any) -> Picture:
    return Picture(**{name: getattr(row, name) for name in Picture.__struct_fields__})


def _line(sql: Connection, case: Case, by: Actor, key: str, now_ms: int) -> Act:
    return Act(
        seq=next_seq(sql),
        key=key,
        report=case.report,
        action="attach",
        who=by.name,
        role=by.role,
        unit=by.unit,
        at=now_ms,
        after=case,
    )
