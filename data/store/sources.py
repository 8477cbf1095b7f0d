"""Who may speak to the intake: a source's key, its adapter, and the hashes of its secrets."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Engine, String, Table, select

from data.store.tables import META

SOURCE = Table(
    "source",
    META,
    Column("key", String, primary_key=True),
    Column("adapter", String, nullable=False),
    Column("label", String, nullable=False),
    Column("secret", String, nullable=False),  # SHA-256 of the key in use
    Column("previous", String, nullable=False),  # SHA-256 of the key before, still good until the next rotation
    Column("hmac", String, nullable=False),  # Standard Webhooks secret (base64), or ""
    Column("created", BigInteger, nullable=False),
    Column("disabled", BigInteger),
    Column("address", String, nullable=False, server_default=""),  # of the device that we ask, or "": it speaks by itself
    Column("device", String, nullable=False, server_default=""),  # what the device is called where its payloads do not say
    Column("broker", String, nullable=False, server_default=""),  # through which it is heard, mqtt://host:port/prefix, or ""
)


class Registered(NamedTuple):
    """One source as the record knows it."""

    key: str
    adapter: str
    label: str
    secrets: tuple[str, ...]
    hmac: str
    created: int
    disabled: int | None
    address: str = ""
    device: str = ""
    broker: str = ""


def digest(secret: str) -> str:
    """Return what is kept of a secret. Keys are 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Sources:
    """The register of sources."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        key: str,
        *,
        adapter: str,
        label: str = "",
        hmac: str = "",
        now_ms: int,
        secret: str = "",
        address: str = "",
        device: str = "",
        broker: str = "",
    ) -> str:
        """Register a source; return its secret, which is shown once. Raises KeyError when the key is taken.

        One with an address is asked there, one with a broker is heard through it.
        """
        secret = secret or f"kyd_{secrets.token_urlsafe(32)}"
        with self._engine.begin() as sql:
            if sql.scalar(select(SOURCE.c.key).where(SOURCE.c.key == key)):
                raise KeyError(key)
            row = {"key": key, "adapter": adapter, "label": label, "secret": digest(secret), "previous": "", "hmac": hmac}
            asked = {"address": address, "device": device, "broker": broker}
            sql.execute(SOURCE.insert().values(**row, **asked, created=now_ms, disabled=None))
        return secret

    def rotate(self, key: str) -> str:
        """Give a source a new secret; the one in use stays good until the next rotation. Raises KeyError."""
        secret = f"kyd_{secrets.token_urlsafe(32)}"
        with self._engine.begin() as sql:
            changed = sql.execute(
                SOURCE.update().where(SOURCE.c.key == key).values(previous=SOURCE.c.secret, secret=digest(secret))
            )
            if changed.rowcount != 1:
                raise KeyError(key)
        return secret

    def move(self, key: str, *, address: str | None = None, device: str | None = None, broker: str | None = None) -> None:
        """Give a source another address to be asked at, or another broker ("": none); None leaves it. Raises KeyError."""
        told = {name: one for name, one in (("address", address), ("device", device), ("broker", broker)) if one is not None}
        with self._engine.begin() as sql:
            if sql.execute(SOURCE.update().where(SOURCE.c.key == key).values(**told)).rowcount != 1:
                raise KeyError(key)

    def disable(self, key: str, *, now_ms: int) -> None:
        """Refuse a source from now on; what it said stays. Raises KeyError."""
        with self._engine.begin() as sql:
            if sql.execute(SOURCE.update().where(SOURCE.c.key == key).values(disabled=now_ms)).rowcount != 1:
                raise KeyError(key)

    def all(self) -> Mapping[str, Registered]:
        """Return every source by key."""
        with self._engine.connect() as sql:
            rows = sql.execute(select(SOURCE).order_by(SOURCE.c.key)).all()
        return {
            row.key: Registered(
                row.key,
                row.adapter,
                row.label,
                tuple(hashed for hashed in (row.secret, row.previous) if hashed),
                row.hmac,
                row.created,
                row.disabled,
                row.address,
                row.device,
                row.broker,
            )
            for row in rows
        }
