"""The pictures that are kept: a row each in the record, and two files under the media folder: masked, and sealed in the clear."""

import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Engine, Index, Integer, Select, String, Table, func, select, union_all

from dashboard.errors import Missing
from dashboard.pictures import Picture, Role, original
from dashboard.ports import Clock
from data.pictures.developed import Developed, marked
from data.sealed import Seal, key_for
from data.store import bulk
from data.store.alarms import decode as decode_alarm
from data.store.engine import or_away
from data.store.tables import ALARM, EVENT, META, NUMBER, PICTURE_MARK
from data.store.tables_clips import CLIP

PURPOSE, SIGNED = "picture", "picture address"
MASKED, CLEAR, FILM = ".jpg", ".seal", ".clip"
AT_ONCE, MOST_OF_ONE = 500, 6
STRAY_S = 3600.0  # a file of no row, so old, is one that a fallen process left
PICTURE = Table(
    "picture",
    META,
    Column("id", String, primary_key=True),
    Column("event", String, nullable=False),
    Column("role", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes of both files
    Column("camera", String, nullable=False, server_default=""),  # our id of the one that it came from, or ""
    Index("picture_event", "event"),
    Index("picture_expires", "expires"),
    Index("picture_camera", "camera", "role", "at"),
)
PICTURE_ACT = Table(
    "picture_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("picture", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", String, nullable=False),
)
SHOWN = [PICTURE.c[name] for name in Picture.__struct_fields__]


class New(NamedTuple):
    """A developed picture, not kept yet."""

    event: str
    role: Role
    at: int
    expires: int
    developed: Developed
    camera: str = ""


class SqlPictures:
    """The pictures of one house. `apart` runs what takes a while where it holds nobody up."""

    def __init__(
        self, engine: Engine, clock: Clock, *, folder: Path, secret: bytes, apart: Callable[..., Any] | None = None
    ) -> None:
        self._engine, self._clock, self._folder = engine, clock, folder
        self._seal, self._key, self._apart = Seal(secret, PURPOSE), key_for(secret, SIGNED), apart or _here

    def keep(self, new: Sequence[New], *, mark: str) -> None:
        """Keep pictures and how far the log was looked through. Files first: a row without its file is never there. Raises Away."""
        rows = [self.write(one) for one in new]
        with or_away(), self._engine.begin() as sql:
            bulk.insert(sql, PICTURE, rows)
            bulk.upsert(sql, PICTURE_MARK, [(1, mark, self._clock.now_ms())])

    def room(self, event: str) -> int:
        """Return how many pictures more are kept of an event: a camera that tells of it every second sends one each time. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            held = sql.scalar(select(func.count()).select_from(PICTURE).where(PICTURE.c.event == event)) or 0
        return max(MOST_OF_ONE - held, 0)

    def mark(self) -> str:
        """Return how far the log was looked through, "" for not at all. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return sql.scalar(select(PICTURE_MARK.c.entry)) or ""

    def of_alarm(self, alarm: str) -> Sequence[Picture]:
        """Return the pictures of an alarm's first and last events, the newest first. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            body = sql.scalar(select(ALARM.c.body).where(ALARM.c.id == alarm))
            return [] if body is None else _of(sql, decode_alarm(body).events)

    def of_event(self, seq: int) -> Sequence[Picture]:
        """Return the pictures of an event of the record, by its number. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            key = sql.scalar(select(EVENT.c.key).where(EVENT.c.seq == seq))
            return [] if key is None else _of(sql, [key])

    def last(self) -> Mapping[str, Picture]:
        """Return the last whole picture of each camera that has one, by its id. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            newest = newest_of_each().subquery()
            c = PICTURE.c
            rows = sql.execute(
                select(*SHOWN, c.camera)
                .join(newest, (c.camera == newest.c.camera) & (c.at == newest.c.at))
                .where(c.role == "scene", c.expires > self._clock.now_ms())
                .order_by(c.id)
            ).all()
        return {row.camera: Picture(**{name: getattr(row, name) for name in Picture.__struct_fields__}) for row in rows}

    def masked(self, picture: str) -> bytes:
        """Return the JPEG that everybody sees. Raises Missing, Away."""
        return self._read(picture, MASKED)

    def reveal(self, picture: str, *, who: str, why: str) -> None:
        """Write down that somebody is about to see a picture in the clear, and why. Raises Missing, Away."""
        self._held(picture)
        with or_away(), self._engine.begin() as sql:
            sql.execute(PICTURE_ACT.insert().values(picture=picture, who=who, at=self._clock.now_ms(), why=why.strip()))

    def clear(self, picture: str, *, who: str) -> bytes:
        """Return the JPEG in the clear, with the name of who sees it and the time written into it. Raises Missing, Away."""
        opened = self._seal.open(self._read(picture, CLEAR), about=picture)
        at = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        return bytes(self._apart(marked, (opened, f"{who} {at:%Y-%m-%d %H:%M:%S} UTC")))

    def sign(self, *told: str) -> str:
        """Return what makes an address ours: nobody else can write it for what was `told`."""
        return hmac.digest(self._key, "\n".join(told).encode(), "sha256").hex()[:32]

    def purge(self, *, most_bytes: int) -> int:
        """Let go of what has expired and, beyond `most_bytes`, of what expires soonest; return how many pictures and clips that were. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            over = sum(sql.scalar(select(func.sum(table.c.size))) or 0 for table in (PICTURE, CLIP)) - most_bytes
            rows = sql.execute(self._soonest()).all()
        gone = []
        for row in rows:
            if row.expires > self._clock.now_ms() and over <= 0:
                break
            over -= row.size
            gone.append(row)
        self._let_go(gone)
        return len(gone)

    def _soonest(self) -> Select[Any]:
        """What goes first: pictures, and clips that are kept or will never be."""
        over = (CLIP.c.state == "kept") | (CLIP.c.expires <= self._clock.now_ms())
        both = (select(*(table.c[name] for name in ("id", "at", "size", "expires"))) for table in (PICTURE, CLIP))
        held = union_all(next(both), next(both).where(over)).subquery()
        return select(held).order_by(held.c.expires).limit(AT_ONCE)

    def sweep(self) -> int:
        """Remove files that no row knows, and folders that are empty; return how many files. Raises Away."""
        found = {file for file in self._folder.glob("*/*") if time.time() - file.stat().st_mtime > STRAY_S}
        known = self._known(sorted({file.stem for file in found}))
        strays = [file for file in found if file.stem not in known]
        for file in strays:
            file.unlink(missing_ok=True)
        for folder in self._folder.glob("*"):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return len(strays)

    def _known(self, ids: list[str]) -> set[str]:
        with or_away(), self._engine.connect() as sql:
            return {str(row[0]) for table in (PICTURE, CLIP) for row in bulk.fetch(sql, "id", table, "id", ids)}

    def _let_go(self, rows: Iterable[Any]) -> None:
        """The files go first: what is left by a fall is a row that is asked for in vain, and never a picture that nobody lets go of."""
        ids = []
        for row in rows:
            for end in (MASKED, CLEAR, FILM):
                self._file(row.id, row.at, end).unlink(missing_ok=True)
            ids.append(row.id)
        if ids:
            with or_away(), self._engine.begin() as sql:
                for table in (PICTURE, CLIP):
                    sql.execute(table.delete().where(table.c.id.in_(ids)))

    def write(self, new: New) -> bulk.Row:
        """Write both files of a picture and return its row, for whoever keeps that in a transaction of their own (PICTURE)."""
        name, (clear, masked, width, height) = secrets.token_hex(16), new.developed
        sealed = self._seal.close(clear, about=name)
        for end, content in ((MASKED, masked), (CLEAR, sealed)):
            file = self._file(name, new.at, end)
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.write_bytes(content)
        return (name, new.event, new.role, new.at, new.expires, width, height, len(masked) + len(sealed), new.camera)

    def _held(self, picture: str) -> Any:
        with or_away(), self._engine.connect() as sql:
            row = sql.execute(select(PICTURE.c.at, PICTURE.c.expires).where(PICTURE.c.id == picture)).first()
        if row is None or row.expires <= self._clock.now_ms():
            raise Missing(f"there is no picture {picture!r}")
        return row

    def _read(self, picture: str, end: str) -> bytes:
        file = self._file(picture, self._held(picture).at, end)
        try:
            return file.read_bytes()
        except FileNotFoundError as error:
            raise Missing(f"there is no picture {picture!r}") from error

    def _file(self, picture: str, at: int, end: str) -> Path:
        return self._folder / f"{datetime.fromtimestamp(at / 1000, UTC):%Y%m%d}" / f"{picture}{end}"


def newest_of_each() -> Select[Any]:
    """Return what asks when the last whole picture of each camera came: `camera`, `at` (epoch ms)."""
    c = PICTURE.c
    return select(c.camera, func.max(c.at).label("at")).where(c.camera != "", c.role == "scene").group_by(c.camera)


def _of(sql: Connection, events: Iterable[str]) -> list[Picture]:
    keys = sorted({original(key) for key in events})
    rows = sql.execute(select(*SHOWN).where(PICTURE.c.event.in_(keys)).order_by(PICTURE.c.at.desc(), PICTURE.c.id).limit(24))
    return [Picture(**row._asdict()) for row in rows]


def _here(work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    return work(*given)
