"""Adopted cameras in the record, and everything that was done with them."""

from typing import Any

import msgspec
from msgspec.structs import asdict, replace
from sqlalchemy import BigInteger, Boolean, Column, Connection, Double, Engine, Index, String, Table, false, func, select, text
from sqlalchemy.exc import IntegrityError

from dashboard.board import Unknown
from dashboard.cameras.adopted import MOST_CALLED, MOST_SOURCE, Adopted, Done, Named, Step, Taken, Wish, checked, merged, of_wish
from dashboard.city import City
from dashboard.errors import Missing, Unfit
from dashboard.ports import Clock, Locate
from data.store.engine import or_away
from data.store.tables import META, NUMBER, STANDING

ADOPTED_CAMERA = Table(
    "adopted_camera",
    META,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("source", String, nullable=False),
    Column("called", String, nullable=False),  # by the source
    Column("name_vi", String, nullable=False),
    Column("name_en", String, nullable=False),
    Column("short_vi", String, nullable=False),
    Column("short_en", String, nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("ward", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("removed", BigInteger, nullable=False),  # 0: it is one of ours
    Column("stream", String, nullable=False, server_default=""),
    Column("snapshot", String, nullable=False, server_default=""),
    Column("critical", Boolean, nullable=False, server_default=false()),
    # One camera of a name that a source uses, whoever adopts.
    Index(
        "adopted_camera_called",
        "source",
        "called",
        unique=True,
        sqlite_where=text("removed = 0"),
        postgresql_where=text("removed = 0"),
    ),
    sqlite_autoincrement=True,  # a number is never given twice
)
# Further names of cameras, adopted ones and the pack's: what another source calls them.
ADOPTED_NAME = Table(
    "adopted_name",
    META,
    Column("source", String, primary_key=True),
    Column("called", String, primary_key=True),
    Column("camera", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
# What was done with adopted cameras and further names; only ever added to. `told` says in words what the camera was from then on.
ADOPTION_ACT = Table(
    "adoption_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("camera", String, nullable=False),
    Column("step", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("told", String, nullable=False),
    Index("adoption_act_camera", "camera", "seq"),
)
WORDS = ("name_vi", "name_en", "short_vi", "short_en")


class SqlRegister:
    """The adopted cameras of one city. `city` is the pack's, `locate` finds the ward of a place."""

    def __init__(self, engine: Engine, clock: Clock, *, city: City, locate: Locate) -> None:
        self._engine, self._clock, self._city, self._locate = engine, clock, city, locate

    def adopt(self, source: str, called: str, wish: Wish, *, who: str) -> Adopted:
        """Take a camera in. Raises Unfit, Away, and Taken where it is somebody's already."""
        with or_away(), self._engine.begin() as sql:
            city = self._free(sql, source, called)
            now_ms, fit = self._clock.now_ms(), checked(wish, city)
            row = {"source": source, "called": called, "by": who, "at": now_ms, "removed": 0, **self._row(fit, now_ms)}
            try:
                made = sql.execute(ADOPTED_CAMERA.insert().values(**row).returning(ADOPTED_CAMERA)).one()
            except IntegrityError as error:  # somebody adopted it between our look and our row
                raise Taken(called) from error
            return _write(sql, "adopt", _adopted(made), who, now_ms)

    def name(self, source: str, called: str, camera: str, *, who: str) -> Named:
        """Say that a stranger is a camera of ours. Raises Missing, Away, Unfit, and Taken where it is another's already."""
        with or_away(), self._engine.begin() as sql:
            city = self._free(sql, source, called)
            held = next((one for one in city.cameras if one.id == camera and not one.gone), None)
            if held is None:
                raise Missing(f"there is no camera {camera}")
            if source in held.names:
                raise Unfit("camera", "named")
            made = Named(source=source, called=called, camera=camera, by=who, at=self._clock.now_ms())
            try:
                sql.execute(ADOPTED_NAME.insert().values(**asdict(made)))
            except IntegrityError as error:
                raise Taken(called) from error
            return _write_name(sql, "name", made, who, made.at)

    def unname(self, source: str, called: str, *, who: str) -> Named:
        """Take such a name back. Raises Missing, Away."""
        c = ADOPTED_NAME.c
        with or_away(), self._engine.begin() as sql:
            rows = sql.execute(ADOPTED_NAME.delete().where(c.source == source, c.called == called).returning(ADOPTED_NAME)).all()
            if not rows:
                raise Missing(f"{source}/{called} is no added name")
            return _write_name(sql, "unname", Named(**rows[0]._asdict()), who, self._clock.now_ms())

    def names(self) -> list[Named]:
        """Return the names that people added. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return _names(sql)

    def change(self, camera: str, wish: Wish, *, who: str) -> Adopted:
        """Give an adopted camera other names, another place or another owner. Raises Unfit, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            held = _standing(sql, camera)
            now_ms, fit = self._clock.now_ms(), checked(wish, merged(self._city, _all(sql), _names(sql)), but=camera)
            row = self._row(fit, now_ms)
            _change(sql, held, row)
            return _write(sql, "change", replace(held, **of_wish(fit), ward=row["ward"]), who, now_ms)

    def equip(
        self, camera: str, *, stream: str | None = None, snapshot: str | None = None, critical: bool | None = None, who: str
    ) -> Adopted:
        """Say where an adopted camera's pictures are fetched, and whether its loss is an alarm; None leaves it. Raises Missing, Away."""
        given = {"stream": stream, "snapshot": snapshot, "critical": critical}
        row = {name: value for name, value in given.items() if value is not None}
        with or_away(), self._engine.begin() as sql:
            held = _standing(sql, camera)
            if row:
                _change(sql, held, row)
            return _write(sql, "equip", replace(held, **row), who, self._clock.now_ms())

    def remove(self, camera: str, *, who: str) -> Adopted:
        """Let go of an adopted camera: what it says from now on is a stranger's. Raises Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            held, now_ms = _standing(sql, camera), self._clock.now_ms()
            _change(sql, held, {"removed": now_ms})
            sql.execute(ADOPTED_NAME.delete().where(ADOPTED_NAME.c.camera == camera))
            return _write(sql, "remove", replace(held, removed=now_ms), who, now_ms)

    def adopted(self) -> list[Adopted]:
        """Return all that ever were adopted, in order of adoption. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return _all(sql)

    def strangers(self) -> list[Unknown]:
        """Return the cameras that speak and were in no registry when they last did, the last one first. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            bodies = sql.scalars(select(STANDING.c.body).where(STANDING.c.part == "unknown"))
            found = [msgspec.msgpack.decode(body, type=Unknown) for body in bodies]
        return sorted(found, key=lambda one: (-one.last, one.source, one.name))

    def history(self, camera: str) -> list[Done]:
        """Return what was done with an adopted camera, the oldest first. Raises Away."""
        c = ADOPTION_ACT.c
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(select(c.camera, c.step, c.who, c.at, c.told).where(c.camera == camera).order_by(c.seq))
            return [Done(*row) for row in rows]

    def version(self) -> int:
        """Return a number that is another whenever a camera was adopted, changed or removed. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return (
                sql.scalar(select(func.count()).select_from(ADOPTION_ACT)) or 0
            )  # not the last number: a later one may be there before it

    def _free(self, sql: Connection, source: str, called: str) -> City:
        """Return the city in which no camera is called so yet. Raises Unfit, Taken."""
        for field, told, most in (("source", source, MOST_SOURCE), ("called", called, MOST_CALLED)):
            if not 0 < len(told) <= most or "\x00" in told:
                raise Unfit(field, "too_long" if len(told) > most else "missing")
        city = merged(self._city, _all(sql), _names(sql))
        for camera in city.cameras:
            if not camera.gone and (camera.names.get(source) == called or camera.id == called):
                raise Taken(camera.id)
        return city

    def _row(self, wish: Wish, now_ms: int) -> dict[str, Any]:
        """Return the columns that a checked wish decides; the ward is the one in force where it stands."""
        ward = self._locate(wish.lon, wish.lat, now_ms)
        return {**{name: getattr(wish, name) for name in (*WORDS, "lon", "lat", "owner")}, "ward": ward}


def _all(sql: Connection) -> list[Adopted]:
    return [_adopted(row) for row in sql.execute(select(ADOPTED_CAMERA).order_by(ADOPTED_CAMERA.c.number))]


def _names(sql: Connection) -> list[Named]:
    return [Named(**row._asdict()) for row in sql.execute(select(ADOPTED_NAME).order_by(ADOPTED_NAME.c.at, ADOPTED_NAME.c.called))]


def _write_name(sql: Connection, step: Step, one: Named, who: str, now_ms: int) -> Named:
    sql.execute(ADOPTION_ACT.insert().values(camera=one.camera, step=step, who=who, at=now_ms, told=f"{one.source}/{one.called}"))
    return one


def _standing(sql: Connection, camera: str) -> Adopted:
    found = next((one for one in _all(sql) if one.id == camera and not one.removed), None)
    if found is None:
        raise Missing(f"there is no adopted camera {camera}")
    return found


def _change(sql: Connection, held: Adopted, row: dict[str, Any]) -> None:
    same = (ADOPTED_CAMERA.c.number == held.number, ADOPTED_CAMERA.c.removed == 0)
    if sql.execute(ADOPTED_CAMERA.update().where(*same).values(**row)).rowcount != 1:
        raise Missing(f"{held.id} was removed meanwhile")


def _write(sql: Connection, step: Step, after: Adopted, who: str, now_ms: int) -> Adopted:
    told = f"{after.source}/{after.called} · {after.name['vi']} · {after.name['en']} · {after.lon:.6f} {after.lat:.6f} · {after.ward} · {after.owner}"
    more = [word for word, there in (("stream", after.stream), ("snapshot", after.snapshot), ("critical", after.critical)) if there]
    told = " · ".join([told, *more])  # that there is an address, and not which
    sql.execute(ADOPTION_ACT.insert().values(camera=after.id, step=step, who=who, at=now_ms, told=told))
    return after


def _adopted(row: Any) -> Adopted:
    return Adopted(
        number=row.number,
        source=row.source,
        called=row.called,
        name={"vi": row.name_vi, "en": row.name_en},
        short={"vi": row.short_vi, "en": row.short_en},
        lon=row.lon,
        lat=row.lat,
        ward=row.ward,
        owner=row.owner,
        by=row.by,
        at=row.at,
        removed=row.removed,
        stream=row.stream,
        snapshot=row.snapshot,
        critical=row.critical,
    )
