"""Layers by address in the record: what is told of each, and how it is asked, which is sealed (data.sealed): an address may hold a key."""

from collections.abc import Mapping

from msgspec import msgpack
from sqlalchemy import Column, Connection, Engine, LargeBinary, String, Table, delete, func, select
from sqlalchemy.exc import IntegrityError

from dashboard.errors import Missing
from dashboard.layers.remote import Asked, Remote, Trouble
from dashboard.marks.layer import KEY as MARKS
from dashboard.ports import Clock
from data.sealed import Seal
from data.store.engine import or_away
from data.store.layers import LAYER, LAYER_ACT
from data.store.tables import META

PURPOSE = "remote layer"
LAYER_REMOTE = Table(
    "layer_remote",
    META,
    Column("key", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # the Remote, msgpack
    Column("sealed", LargeBinary, nullable=False),  # its Asked
)


class SqlRemotes:
    """The layers by address of one city."""

    def __init__(self, engine: Engine, clock: Clock, seal: Seal) -> None:
        self._engine, self._clock, self._seal = engine, clock, seal

    def changed(self) -> int:
        """Return a number that is another whenever something was done with layers. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return int(sql.scalar(select(func.max(LAYER_ACT.c.seq))) or 0)

    def all(self) -> Mapping[str, Remote]:
        """Return them by their keys. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(select(LAYER_REMOTE.c.body).order_by(LAYER_REMOTE.c.key))
            return {one.key: one for one in (msgpack.decode(row.body, type=Remote) for row in rows)}

    def asked(self, key: str) -> Asked:
        """Return how one is asked. Raises Missing, Away, data.sealed.Tampered where another secret sealed it."""
        with or_away(), self._engine.connect() as sql:
            sealed = sql.scalar(select(LAYER_REMOTE.c.sealed).where(LAYER_REMOTE.c.key == key))
        if sealed is None:
            raise Missing(f"there is no layer {key} by address")
        return msgpack.decode(self._seal.open(sealed, about=key), type=Asked)

    def add(self, one: Remote, asked: Asked) -> None:
        """Keep one. Raises Trouble where its key is taken; Away."""
        row = {"key": one.key, "body": msgpack.encode(one), "sealed": self._seal.close(msgpack.encode(asked), about=one.key)}
        try:
            with or_away(), self._engine.begin() as sql:
                if one.key == MARKS or sql.scalar(select(LAYER.c.version).where(LAYER.c.key == one.key)):
                    raise Trouble("taken", one.key)
                sql.execute(LAYER_REMOTE.insert().values(**row))
                self._note(sql, one.key, "linked", one.by)
        except IntegrityError as error:
            raise Trouble("taken", one.key) from error

    def change(self, one: Remote, *, who: str) -> None:
        """Keep one otherwise than it was; how it is asked stays. Raises Missing, Away."""
        changed = LAYER_REMOTE.update().where(LAYER_REMOTE.c.key == one.key).values(body=msgpack.encode(one))
        with or_away(), self._engine.begin() as sql:
            if sql.execute(changed).rowcount != 1:
                raise Missing(f"there is no layer {one.key} by address")
            self._note(sql, one.key, "chosen", who)

    def remove(self, key: str, *, who: str) -> None:
        """Ask one no longer; a layer that was read from it stays. Raises Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            if sql.execute(delete(LAYER_REMOTE).where(LAYER_REMOTE.c.key == key)).rowcount != 1:
                raise Missing(f"there is no layer {key} by address")
            self._note(sql, key, "unlinked", who)

    def _note(self, sql: Connection, key: str, action: str, who: str) -> None:
        sql.execute(LAYER_ACT.insert().values(key=key, version=0, action=action, who=who, at=self._clock.now_ms()))
