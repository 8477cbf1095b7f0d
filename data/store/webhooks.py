"""Where units are told: one address a unit, with the secret that signs what is sent there, sealed (data.sealed)."""

import base64
import secrets
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Engine, LargeBinary, String, Table, delete, select

from data.sealed import Seal
from data.store.engine import or_away
from data.store.tables import META

PURPOSE, PREFIX, SECRET_BYTES = "webhook", "whsec_", 32
# `pin` is the SHA-256 of the certificate that the address must show, or "" for one that the system trusts.
WEBHOOK = Table(
    "webhook",
    META,
    Column("unit", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("pin", String, nullable=False),
    Column("since", BigInteger, nullable=False),
)


class Webhook(NamedTuple):
    """A unit's address. `key` signs; it leaves here for the signature alone."""

    unit: str
    url: str
    pin: str
    key: bytes

    def __repr__(self) -> str:
        return f"Webhook({self.unit!r}, …)"


class Shown(NamedTuple):
    """An address as it may be shown."""

    unit: str
    url: str
    pin: str
    since: int


class Webhooks:
    """The addresses of a city's units."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine, self._seal = engine, seal

    def add(self, unit: str, url: str, *, pin: str = "", now_ms: int) -> str:
        """Keep a unit's address in the stead of what was kept; return the new secret as Standard Webhooks writes it, this once."""
        key = secrets.token_bytes(SECRET_BYTES)
        row = {"unit": unit, "url": url, "sealed": self._seal.close(key, about=f"{unit} {url}"), "pin": pin, "since": now_ms}
        with or_away(), self._engine.begin() as sql:
            sql.execute(delete(WEBHOOK).where(WEBHOOK.c.unit == unit))
            sql.execute(WEBHOOK.insert().values(**row))
        return PREFIX + base64.b64encode(key).decode()

    def of(self, unit: str) -> Webhook | None:
        """Return a unit's address. Raises data.sealed.Tampered when another secret sealed it, or the address was changed; and Away."""
        with or_away(), self._engine.connect() as sql:
            row = sql.execute(select(WEBHOOK).where(WEBHOOK.c.unit == unit)).first()
        if row is None:
            return None
        return Webhook(row.unit, row.url, row.pin, self._seal.open(row.sealed, about=f"{row.unit} {row.url}"))

    def all(self) -> list[Shown]:
        """Return every address, without its secret."""
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(select(WEBHOOK).order_by(WEBHOOK.c.unit))
            return [Shown(row.unit, row.url, row.pin, row.since) for row in rows]

    def remove(self, unit: str) -> None:
        """Forget a unit's address. Raises KeyError when there is none."""
        with or_away(), self._engine.begin() as sql:
            if sql.execute(delete(WEBHOOK).where(WEBHOOK.c.unit == unit)).rowcount != 1:
                raise KeyError(unit)
