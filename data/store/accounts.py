"""Accounts and what people and screens show instead of them: sessions, one-time links, API tokens, kiosks."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import BigInteger, Column, Connection, Engine, Index, Row, String, Table, delete, select, update

from dashboard.access import ROLES
from dashboard.accounts import Who
from dashboard.errors import Away
from data.store.engine import or_away
from data.store.tables import META

ACCOUNT = Table(
    "account",
    META,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password", String, nullable=False),  # argon2id
    Column("created", BigInteger, nullable=False),
    Column("disabled", BigInteger),
    Column("unit", String, nullable=False, server_default=""),  # that they work for; "": the centre
)
CREDENTIAL = Table(
    "credential",
    META,
    Column("key", String, primary_key=True),  # HMAC of the secret
    Column("kind", String, nullable=False),  # session, link, token, kiosk, screen (a kiosk's session)
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("wall", String, nullable=False),
    Column("parent", String, nullable=False),  # of a screen: its kiosk
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Index("credential_parent", "parent"),
)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
IDLE_MS, SHIFT_MS, LINK_MS, KIOSK_MS = 30 * MINUTE, 12 * HOUR, 15 * MINUTE, 90 * DAY
SEEN_EVERY_MS = MINUTE
ON_DUTY = frozenset({"operator", "supervisor"})  # their sessions last the shift, idle or not (S-09)
LEAST_PASSWORD = 12
KEPT_MS = 30 * DAY  # a credential that is over is listed so long, and then let go
AT_ONCE = 500


class Refused(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be done; the message says why."""


class SqlAccounts:
    """The register. `pepper` is the installation's secret key: without it, no stored hash is of use.

    `apart` runs a call where it holds nobody up: a password's hash takes a tenth of a second and more of one core on purpose.
    """

    def __init__(self, engine: Engine, *, pepper: bytes, apart: Callable[..., Any] | None = None) -> None:
        self._engine, self._pepper, self._apart = engine, pepper, apart or _here
        self._hasher = PasswordHasher()
        self._nobody = _nobody()

    def add(self, name: str, role: str, password: str, *, now_ms: int, unit: str = "") -> None:
        """Add an account. Raises Refused."""
        if role not in ROLES or role == "wall":
            raise Refused(f"no role {role!r} for a person; there are {', '.join(one for one in ROLES if one != 'wall')}")
        if not name.strip() or not name.isprintable() or len(name) > 100:  # noqa: PLR2004  the form takes no more
            raise Refused("a name has 1 to 100 signs that can be seen")
        row = {"name": name, "role": role, "password": self._strong(password), "created": now_ms, "disabled": None, "unit": unit}
        with self._engine.begin() as sql:
            if sql.scalar(select(ACCOUNT.c.name).where(ACCOUNT.c.name == name)):
                raise Refused(f"there is an account {name!r} already")
            sql.execute(ACCOUNT.insert().values(**row))

    def disable(self, name: str, *, now_ms: int) -> None:
        """Disable an account and end its sessions. Raises Refused."""
        self._change(name, now_ms=now_ms, disabled=now_ms)

    def enable(self, name: str, *, now_ms: int) -> None:
        """Let a disabled account in again. Raises Refused."""
        self._change(name, now_ms=now_ms, disabled=None)

    def set_role(self, name: str, role: str, *, now_ms: int) -> None:
        """Give an account another role; whoever is signed in must sign in anew. Raises Refused."""
        if role not in ROLES or role == "wall":
            raise Refused(f"no role {role!r} for a person")
        self._change(name, now_ms=now_ms, role=role)

    def set_unit(self, name: str, unit: str, *, now_ms: int) -> None:
        """Say for which unit a person works; whoever is signed in must sign in anew. Raises Refused."""
        self._change(name, now_ms=now_ms, unit=unit)

    def set_password(self, name: str, password: str, *, now_ms: int) -> None:
        """Give an account another password and end its sessions: one of them may be the thief's. Raises Refused."""
        self._change(name, now_ms=now_ms, password=self._strong(password))

    def _change(self, name: str, *, now_ms: int, **values: object) -> None:
        with self._engine.begin() as sql:
            if sql.execute(update(ACCOUNT).where(ACCOUNT.c.name == name).values(**values)).rowcount != 1:
                raise Refused(f"there is no account {name!r}")
            mine = (CREDENTIAL.c.name == name, CREDENTIAL.c.kind.in_(("session", "link")), CREDENTIAL.c.ended.is_(None))
            sql.execute(update(CREDENTIAL).where(*mine).values(ended=now_ms))

    def _strong(self, password: str) -> str:
        if len(password) < LEAST_PASSWORD:
            raise Refused(f"a password has at least {LEAST_PASSWORD} signs")
        return str(self._hasher.hash(password))

    def accounts(self) -> list[Row[Any]]:
        """Return every account's name, role, unit, created, disabled."""
        with self._engine.connect() as sql:
            c = ACCOUNT.c
            return list(sql.execute(select(c.name, c.role, c.unit, c.created, c.disabled).order_by(c.name)))

    def verify(self, name: str, password: str) -> str | None:
        """Return the role of an account whose password fits. A stranger costs as much time as a wrong password (S-08). Raises Away."""
        with self._asking() as sql:
            row = sql.execute(select(ACCOUNT).where(ACCOUNT.c.name == name.replace("\x00", ""))).first()
        fits = self._apart(self._fits, (row.password if row else self._nobody, password))
        return str(row.role) if fits and row is not None and row.disabled is None else None

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return bool(self._hasher.verify(hashed, password))
        except (VerificationError, InvalidHashError):
            return False

    def open_session(self, name: str, role: str, *, now_ms: int) -> str:
        """Return the secret of a new session."""
        return self._issue("session", name, role, now_ms=now_ms, lasts_ms=SHIFT_MS)

    def add_link(self, name: str, role: str, *, now_ms: int) -> str:
        """Return the secret of a sign-in link that works once, for a quarter of an hour."""
        return self._issue("link", name, role, now_ms=now_ms, lasts_ms=LINK_MS)

    def add_token(self, name: str, role: str, *, days: int, now_ms: int) -> str:
        """Return a new API token."""
        if role not in ROLES:
            raise Refused(f"no role {role!r}; there are {', '.join(ROLES)}")
        return self._issue("token", name, role, now_ms=now_ms, lasts_ms=days * DAY)

    def add_kiosk(self, name: str, wall: str, *, now_ms: int) -> str:
        """Return the secret of a display: read-only, one wall, ninety days (S-10)."""
        return self._issue("kiosk", name, "wall", wall=wall, now_ms=now_ms, lasts_ms=KIOSK_MS)

    def keep_kiosk(self, secret: str, name: str, wall: str, *, now_ms: int) -> None:
        """Let a display's given secret stand for ninety days from now; its screens stay in."""
        self._issue("kiosk", name, "wall", wall=wall, now_ms=now_ms, lasts_ms=KIOSK_MS, secret=secret)

    def use_link(self, secret: str, *, now_ms: int) -> str | None:
        """Return the secret of a new session for a link, once."""
        key = self._hashed(secret)
        with self._telling() as sql:
            row = _standing(sql, key, now_ms)
            if row is None or row.kind != "link":
                return None
            used = update(CREDENTIAL).where(CREDENTIAL.c.key == key, CREDENTIAL.c.ended.is_(None)).values(ended=now_ms)
            if sql.execute(used).rowcount != 1:
                return None
        return self.open_session(row.name, row.role, now_ms=now_ms)

    def open_kiosk(self, secret: str, *, now_ms: int) -> tuple[str, str] | None:
        """Return (session secret, wall) for a kiosk's secret; an older screen of the same kiosk ends: one display, one screen."""
        key = self._hashed(secret)
        with self._telling() as sql:
            row = _standing(sql, key, now_ms)
            if row is None or row.kind != "kiosk":
                return None
            older = (CREDENTIAL.c.parent == key, CREDENTIAL.c.ended.is_(None))
            sql.execute(update(CREDENTIAL).where(*older).values(ended=now_ms))
        lasts_ms = row.expires - now_ms
        return self._issue("screen", row.name, "wall", wall=row.wall, parent=key, now_ms=now_ms, lasts_ms=lasts_ms), row.wall

    def who(self, secret: str, *, now_ms: int) -> Who | None:
        """Return who holds a secret, if it still stands. Links and kiosks' own secrets are no session."""
        key = self._hashed(secret)
        with self._asking() as sql:
            row = _standing(sql, key, now_ms)
        if row is None or row.kind in {"link", "kiosk"}:
            return None
        if now_ms - row.seen > SEEN_EVERY_MS:
            with suppress(Away), self._telling() as sql:  # a record that cannot be written now is no reason to turn anybody away
                sql.execute(update(CREDENTIAL).where(CREDENTIAL.c.key == key).values(seen=now_ms))
        return Who(key, "kiosk" if row.kind == "screen" else row.kind, row.name, row.role, row.wall, row.unit or "")

    def standing(self, keys: Iterable[str], *, now_ms: int) -> set[str]:
        """Return those of the credentials that still stand. A screen that is open is not idle. Raises Away."""
        wanted, found = sorted(set(keys)), set[str]()
        with self._asking() as sql:
            for at in range(0, len(wanted), AT_ONCE):
                rows = sql.execute(_WITH_ACCOUNT.where(CREDENTIAL.c.key.in_(wanted[at : at + AT_ONCE])))
                found |= {row.key for row in rows if _stands(row, now_ms, idle=False)}
        return found

    def end(self, key: str, *, now_ms: int) -> None:
        """End a credential, and the screens that came of it."""
        mine = (CREDENTIAL.c.key == key) | (CREDENTIAL.c.parent == key)
        with self._telling() as sql:
            sql.execute(update(CREDENTIAL).where(mine, CREDENTIAL.c.ended.is_(None)).values(ended=now_ms))

    def issued(self, kind: str) -> list[Row[Any]]:
        """Return every credential of a kind, newest first."""
        with self._engine.connect() as sql:
            return list(sql.execute(select(CREDENTIAL).where(CREDENTIAL.c.kind == kind).order_by(CREDENTIAL.c.created.desc())))

    def revoke(self, kind: str, name: str, *, now_ms: int) -> None:
        """End every credential of a kind and name. Raises Refused when there is none."""
        keys = [row.key for row in self.issued(kind) if row.name == name and row.ended is None]
        if not keys:
            raise Refused(f"there is no {kind} {name!r} in force")
        for key in keys:
            self.end(key, now_ms=now_ms)

    def _issue(
        self, kind: str, name: str, role: str, *, now_ms: int, lasts_ms: int, wall: str = "", parent: str = "", secret: str = ""
    ) -> str:
        secret = secret or secrets.token_urlsafe(32)
        row = {"key": self._hashed(secret), "kind": kind, "name": name, "role": role, "wall": wall, "parent": parent}
        times = {"created": now_ms, "seen": now_ms, "expires": now_ms + lasts_ms, "ended": None}
        with self._telling() as sql:
            sql.execute(delete(CREDENTIAL).where((CREDENTIAL.c.expires < now_ms - KEPT_MS) | (CREDENTIAL.c.key == row["key"])))
            sql.execute(CREDENTIAL.insert().values(**row, **times))
        return secret

    def _hashed(self, secret: str) -> str:
        return hmac.new(self._pepper, secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """A connection to read by. Raises Away when the record does not answer."""
        with or_away(), self._engine.connect() as sql:
            yield sql

    @contextmanager
    def _telling(self) -> Iterator[Connection]:
        """A transaction to write in. Raises Away when the record does not answer, or is locked or full."""
        with or_away(), self._engine.begin() as sql:
            yield sql


_WITH_ACCOUNT = select(CREDENTIAL, ACCOUNT.c.role.label("role_now"), ACCOUNT.c.disabled, ACCOUNT.c.unit).outerjoin(
    ACCOUNT, ACCOUNT.c.name == CREDENTIAL.c.name
)


@cache
def _nobody() -> str:
    """Return what an unknown person's password is held against, so that it takes as long as a known one's. Nobody knows the password of it."""
    return PasswordHasher().hash(secrets.token_hex(16))


def _standing(sql: Connection, key: str, now_ms: int) -> Row[Any] | None:
    row = sql.execute(_WITH_ACCOUNT.where(CREDENTIAL.c.key == key)).first()
    return row if row is not None and _stands(row, now_ms) else None


def _stands(row: Row[Any], now_ms: int, *, idle: bool = True) -> bool:
    """Return whether a credential is in force. A session stands with its account, in the role it was opened in (S-03)."""
    if row.ended is not None or row.expires < now_ms:
        return False
    if row.kind != "session":
        return True
    if idle and row.role not in ON_DUTY and now_ms - row.seen > IDLE_MS:
        return False
    return row.role_now is None or (row.disabled is None and row.role_now == row.role)


def _here(call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    return call(*given)
