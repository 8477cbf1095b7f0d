"""Layers of the city in the record: every version's description, which version is shown, and what was done with them.

Features and tiles lie in files (data/layers/kept). A version is written there first and named here last, so that the old one stays until
the new one is good.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from msgspec import msgpack
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    column,
    func,
    select,
    table,
)

from dashboard.errors import Missing
from dashboard.layers.layer import Layer, LayerRefused
from dashboard.marks.layer import KEY as MARKS
from dashboard.ports import Clock
from data.store.engine import or_away
from data.store.tables import META, NUMBER

Action = Literal["imported", "undone", "removed", "let go"]
KEPT = 3  # versions of a layer; what is older is let go

LAYER = Table(
    "layer", META, Column("key", String, primary_key=True), Column("version", Integer, nullable=False)
)  # 0: none is shown
LAYER_VERSION = Table(
    "layer_version",
    META,
    Column("key", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # the whole Layer, msgpack
)
# The areas of layers that are the city's wards (WKB, WGS 84): every role needs them, also where the files do not lie.
LAYER_WARD = Table(
    "layer_ward",
    META,
    Column("key", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("code", String, primary_key=True),
    Column("shape", LargeBinary, nullable=False),
)
# What was done with layers; only ever added to.
LAYER_ACT = Table(
    "layer_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("layer_act_key", "key"),
)
LINKED = table("layer_remote", column("key"))  # data.store.remotes, which stands on this


class Act(NamedTuple):
    """What was done with a layer: which version it was about, by whom, when (epoch ms)."""

    key: str
    version: int
    action: str
    who: str
    at: int


class SqlLayers:
    """The layers of one city."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def changed(self) -> int:
        """Return a number that is another whenever something was done. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return int(sql.scalar(select(func.max(LAYER_ACT.c.seq))) or 0)

    def shown(self) -> Sequence[Layer]:
        """Return the version of each layer that is shown, by key. Raises Away."""
        same = (LAYER_VERSION.c.key == LAYER.c.key) & (LAYER_VERSION.c.version == LAYER.c.version)
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(select(LAYER_VERSION.c.body).join(LAYER, same).order_by(LAYER.c.key))
            return [msgpack.decode(row.body, type=Layer) for row in rows]

    def removed(self) -> Sequence[Layer]:
        """Return the newest version of each layer that was removed. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            keys = sql.scalars(select(LAYER.c.key).where(LAYER.c.version == 0).order_by(LAYER.c.key)).all()
            return [one for key in keys for one in _held(sql, key)[:1]]

    def versions(self, key: str) -> Sequence[Layer]:
        """Return the kept versions of a layer, the newest first. Raises Away."""
        wanted = select(LAYER_VERSION.c.body).where(LAYER_VERSION.c.key == key).order_by(LAYER_VERSION.c.version.desc())
        with or_away(), self._engine.connect() as sql:
            return [msgpack.decode(row.body, type=Layer) for row in sql.execute(wanted)]

    def acts(self, key: str) -> Sequence[Act]:
        """Return what was done with a layer, the newest first. Raises Away."""
        c = LAYER_ACT.c
        wanted = select(c.key, c.version, c.action, c.who, c.at).where(c.key == key).order_by(c.seq.desc())
        with or_away(), self._engine.connect() as sql:
            return [Act(*row) for row in sql.execute(wanted)]

    def next_version(self, key: str) -> int:
        """Return the number that a layer's next version will have: one that no version of it ever had. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return int(sql.scalar(select(func.max(LAYER_ACT.c.version)).where(LAYER_ACT.c.key == key)) or 0) + 1

    def wards(self, key: str, version: int) -> list[tuple[str, bytes]]:
        """Return the wards of a version: official code, and area as WKB. Raises Away."""
        c = LAYER_WARD.c
        wanted = select(c.code, c.shape).where(c.key == key, c.version == version).order_by(c.code)
        with or_away(), self._engine.connect() as sql:
            return [(row.code, row.shape) for row in sql.execute(wanted)]

    def refuse_taken(self, key: str) -> None:
        """Refuse a file's key where a layer by address has it: screens would not know which of both is meant. Raises LayerRefused, Away."""
        with or_away(), self._engine.connect() as sql:
            _refuse_taken(sql, key)

    def take(self, layer: Layer, *, who: str, wards: Iterable[tuple[str, bytes]] = (), by_address: bool = False) -> list[Layer]:
        """Keep a new version and show it; return the versions that are let go of. `by_address`: it was read from there.

        Raises LayerRefused where a layer by address has its key, Away, and IntegrityError where it is there already.
        """
        areas = [{"key": layer.key, "version": layer.version, "code": code, "shape": shape} for code, shape in wards]
        with or_away(), self._engine.begin() as sql:
            if not by_address:
                _refuse_taken(sql, layer.key)
            sql.execute(LAYER_VERSION.insert().values(key=layer.key, version=layer.version, body=msgpack.encode(layer)))
            if areas:
                sql.execute(LAYER_WARD.insert(), areas)
            _show(sql, layer.key, layer.version)
            self._note(sql, layer.key, layer.version, "imported", who)
            old = _held(sql, layer.key)[KEPT:]
            for one in old:
                self._let_go(sql, one, who)
        return old

    def undo(self, key: str, *, who: str) -> tuple[Layer, Layer | None]:
        """Show the version before the one that is shown, which is let go of; or the newest again where the layer was removed.

        Returns what is shown now and what was let go of. Raises Missing, LayerRefused where a layer by address has its key by now, Away.
        """
        with or_away(), self._engine.begin() as sql:
            now = sql.scalar(select(LAYER.c.version).where(LAYER.c.key == key))
            if now is None:
                raise Missing(f"there is no layer {key}")
            if not now:
                _refuse_taken(sql, key)
            held = _held(sql, key)
            before = next((one for one in held if not now or one.version < now), None)
            if before is None:
                raise Missing(f"layer {key} has no version before {now}")
            _show(sql, key, before.version)
            self._note(sql, key, before.version, "undone", who)
            gone = next((one for one in held if one.version == now), None)
            if gone is not None:
                self._let_go(sql, gone, who)
        return before, gone

    def remove(self, key: str, *, who: str) -> None:
        """Show a layer no longer; its versions stay, so that this can be undone. Raises Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            now = sql.scalar(select(LAYER.c.version).where(LAYER.c.key == key))
            if not now:
                raise Missing(f"there is no layer {key}")
            _show(sql, key, 0)
            self._note(sql, key, now, "removed", who)

    def _let_go(self, sql: Connection, one: Layer, who: str) -> None:
        for held in (LAYER_VERSION, LAYER_WARD):
            sql.execute(held.delete().where(held.c.key == one.key, held.c.version == one.version))
        self._note(sql, one.key, one.version, "let go", who)

    def _note(self, sql: Connection, key: str, version: int, action: Action, who: str) -> None:
        sql.execute(LAYER_ACT.insert().values(key=key, version=version, action=action, who=who, at=self._clock.now_ms()))


def _refuse_taken(sql: Connection, key: str) -> None:
    if key == MARKS:
        raise LayerRefused(f"{key!r} is the layer of what people draw on the map, so it cannot be a file's: use another key.")
    if sql.scalar(select(LINKED.c.key).where(LINKED.c.key == key)) is not None:
        raise LayerRefused(f"{key!r} is a layer by address already. Remove that one first, or use another key.")


def _show(sql: Connection, key: str, version: int) -> None:
    if not sql.execute(LAYER.update().where(LAYER.c.key == key).values(version=version)).rowcount:
        sql.execute(LAYER.insert().values(key=key, version=version))


def _held(sql: Connection, key: str) -> list[Layer]:
    wanted = select(LAYER_VERSION.c.body).where(LAYER_VERSION.c.key == key).order_by(LAYER_VERSION.c.version.desc())
    return [msgpack.decode(row.body, type=Layer) for row in sql.execute(wanted)]
