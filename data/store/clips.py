"""The clips that are kept, or are to be fetched: a row each in the record, and a sealed file under the media folder."""

import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from dashboard.clips import Clip, Wanted
from dashboard.errors import Missing
from dashboard.pictures import original
from dashboard.ports import Clock
from data.pictures.copied import Copied
from data.sealed import Seal, SealedFile, key_for
from data.store import bulk
from data.store.alarms import decode as decode_alarm
from data.store.engine import or_away
from data.store.pictures import FILM, PICTURE_ACT
from data.store.tables import ALARM, EVENT
from data.store.tables_clips import CLIP

PURPOSE, SIGNED = "clip", "clip address"
MOST_WANTED = 500  # that wait to be fetched; beyond it none is asked for: what stands for an hour is not what is looked for first
# After how long a clip is asked for, and again: a recorder writes what it has seen some seconds later, and may be restarting.
WAITS_MS = (5_000, 20_000, 60_000, 300_000, 1_800_000)
SHOWN = [CLIP.c[name] for name in Clip.__struct_fields__]


class SqlClips:
    """The clips of one house."""

    def __init__(self, engine: Engine, clock: Clock, *, folder: Path, secret: bytes) -> None:
        self._engine, self._clock, self._folder = engine, clock, folder
        self._seal, self._key = SealedFile(Seal(secret, PURPOSE)), key_for(secret, SIGNED)

    def want(self, event: str, *, source: str, camera: str, began: int, ended: int, expires: int) -> bool:
        """Remember that a clip of an event is to be fetched; returns whether that is new. Raises Away."""
        now = self._clock.now_ms()
        row = {"id": secrets.token_hex(16), "event": event, "source": source, "camera": camera, "began": began, "ended": ended}
        stands = {"at": now, "expires": expires, "state": "wanted", "tries": 0, "due": now + WAITS_MS[0], "lasts_ms": 0, "size": 0}
        with or_away(), self._engine.begin() as sql:
            known = sql.scalar(select(CLIP.c.id).where(CLIP.c.event == event))
            waiting = sql.scalar(select(func.count()).select_from(CLIP).where(CLIP.c.state == "wanted")) or 0
            if known is not None or waiting >= MOST_WANTED:
                return False
            sql.execute(CLIP.insert().values(**row, **stands))
        return True

    def take(self) -> Wanted | None:
        """Return the clip that is due first, if any. A try counts before it is made: what ends the process is not tried for ever. Raises Away."""
        now, c = self._clock.now_ms(), CLIP.c
        with or_away(), self._engine.begin() as sql:
            due = select(CLIP).where(c.state == "wanted", c.due <= now, c.expires > now).order_by(c.due, c.id).limit(1)
            row = sql.execute(due).first()
            if row is None:
                return None
            tries = row.tries + 1
            again = {"due": now + WAITS_MS[tries]} if tries < len(WAITS_MS) else {"state": "lost"}
            sql.execute(CLIP.update().where(c.id == row.id).values(tries=tries, **again))
        return Wanted(row.id, row.source, row.camera, row.began, row.ended)

    def keep(self, clip: str, copied: Copied) -> None:
        """Keep what was fetched. The file first: a row without its file is never there. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            at = sql.scalar(select(CLIP.c.at).where(CLIP.c.id == clip))
        if at is None:  # it has expired meanwhile
            return
        file = self._file(clip, at)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(self._seal.close(copied.content, about=clip))
        kept = {"state": "kept", "lasts_ms": copied.lasts_ms, "size": len(copied.content)}
        with or_away(), self._engine.begin() as sql:
            sql.execute(CLIP.update().where(CLIP.c.id == clip).values(**kept))

    def lose(self, clip: str) -> None:
        """Note that a clip is not to be had. Raises Away."""
        with or_away(), self._engine.begin() as sql:
            sql.execute(CLIP.update().where(CLIP.c.id == clip).values(state="lost"))

    def of_alarm(self, alarm: str) -> Sequence[Clip]:
        """Return the clips of an alarm's first and last events, the newest first. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            body = sql.scalar(select(ALARM.c.body).where(ALARM.c.id == alarm))
            return [] if body is None else self._of(sql, decode_alarm(body).events)

    def of_event(self, seq: int) -> Sequence[Clip]:
        """Return the clips of an event of the record, by its number. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            key = sql.scalar(select(EVENT.c.key).where(EVENT.c.seq == seq))
            return [] if key is None else self._of(sql, [key])

    def reveal(self, clip: str, *, who: str, why: str) -> None:
        """Write down that somebody is about to see a clip, and why. Raises Missing, Away."""
        self._held(clip)
        with or_away(), self._engine.begin() as sql:
            sql.execute(PICTURE_ACT.insert().values(picture=clip, who=who, at=self._clock.now_ms(), why=why.strip()))

    def size(self, clip: str) -> int:
        """Return how many bytes a clip has. Raises Missing, Away."""
        return int(self._held(clip).size)

    def read(self, clip: str, *, first: int, last: int) -> Iterator[bytes]:
        """Return the bytes from `first` to `last`, both included, read as they are asked for. Raises Missing, Away."""
        held = self._held(clip)
        file = self._file(clip, held.at)
        if not file.is_file():
            raise Missing(f"there is no clip {clip!r}")
        return self._pieces(file, clip, size=held.size, first=first, last=last)

    def sign(self, *told: str) -> str:
        """Return what makes an address ours: nobody else can write it for what was `told`."""
        return hmac.digest(self._key, "\n".join(told).encode(), "sha256").hex()[:32]

    def _pieces(self, file: Path, clip: str, *, size: int, first: int, last: int) -> Iterator[bytes]:
        with file.open("rb") as sealed:
            yield from self._seal.read(sealed, about=clip, size=size, first=first, last=last)

    def _of(self, sql: Connection, events: Iterable[str]) -> list[Clip]:
        keys, c = sorted({original(key) for key in events}), CLIP.c
        rows = sql.execute(select(*SHOWN).where(c.event.in_(keys), c.expires > self._clock.now_ms()).order_by(c.began.desc(), c.id))
        return [Clip(**row._asdict()) for row in rows]

    def _held(self, clip: str) -> Any:
        with or_away(), self._engine.connect() as sql:
            row = sql.execute(select(CLIP).where(CLIP.c.id == clip)).first()
        if row is None or row.state != "kept" or row.expires <= self._clock.now_ms():
            raise Missing(f"there is no clip {clip!r}")
        return row

    def _file(self, clip: str, at: int) -> Path:
        return self._folder / f"{datetime.fromtimestamp(at / 1000, UTC):%Y%m%d}" / f"{clip}{FILM}"


def begun(sql: Connection, events: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return when the clips that are kept of these events begin (epoch ms), by the event's key."""
    keys = sorted({original(key) for key in events})
    rows = bulk.fetch(sql, "event, began, state", CLIP, "event", keys) if keys else []
    return {event: (began,) for event, began, state in rows if state == "kept"}
