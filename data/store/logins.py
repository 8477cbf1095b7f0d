"""Who we are to cameras, recorders and Frigates: one login per host and port, its password sealed (data.sealed)."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Engine, LargeBinary, String, Table, delete, select

from data.outward.keys import Login
from data.sealed import Seal
from data.store.tables import META

PURPOSE = "login"
# `place` is `host:port`, or the host alone for all of its ports. `pin` is the SHA-256 of the certificate it must show, or "".
LOGIN = Table(
    "login",
    META,
    Column("place", String, primary_key=True),
    Column("user", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("pin", String, nullable=False),
    Column("since", BigInteger, nullable=False),
)


class Told(NamedTuple):
    """A login as it may be shown."""

    place: str
    user: str
    pin: str
    since: int


class Logins:
    """The logins. A password leaves here for the device alone; it is never shown again."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine, self._seal = engine, seal

    def add(self, place: str, login: Login, *, now_ms: int) -> None:
        """Keep the login at `place` (`host:port` or `host`), in the stead of what was kept for it."""
        sealed = self._seal.close(login.password.encode(), about=f"{place} {login.user}")
        row = {"place": place, "user": login.user, "sealed": sealed, "pin": login.pin, "since": now_ms}
        with self._engine.begin() as sql:
            sql.execute(delete(LOGIN).where(LOGIN.c.place == place))
            sql.execute(LOGIN.insert().values(**row))

    def of(self, host: str, port: int) -> Login | None:
        """Return the login at a host's port: its own, else the host's. Raises data.sealed.Tampered when another secret sealed it."""
        wanted = (place_of(host, port), place_of(host))
        with self._engine.connect() as sql:
            rows = {row.place: row for row in sql.execute(select(LOGIN).where(LOGIN.c.place.in_(wanted)))}
        row = rows.get(wanted[0]) or rows.get(wanted[1])
        if row is None:
            return None
        return Login(row.user, self._seal.open(row.sealed, about=f"{row.place} {row.user}").decode(), row.pin)

    def all(self) -> list[Told]:
        """Return every login, without its password."""
        with self._engine.connect() as sql:
            rows = sql.execute(select(LOGIN).order_by(LOGIN.c.place))
            return [Told(row.place, row.user, row.pin, row.since) for row in rows]

    def remove(self, place: str) -> None:
        """Forget the login at `place`. Raises KeyError when there is none."""
        with self._engine.begin() as sql:
            if sql.execute(delete(LOGIN).where(LOGIN.c.place == place)).rowcount != 1:
                raise KeyError(place)


def place_of(host: str, port: int = 0) -> str:
    """Return how a host, or its port, is written here."""
    name = f"[{host.lower()}]" if ":" in host else host.lower()
    return f"{name}:{port}" if port else name
