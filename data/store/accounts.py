"""Accounts and what people and screens show instead of them: sessions, one-time links, API tokens, kiosks."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import BigInteger, Column, Connection, Engine, Index, Row, String, Table, select, update

from dashboard.access import ROLES
from dashboard.accounts import Who
from data.store.tables import META

ACCOUNT = Table(
    "account",
    META,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password", String, nullable=False),  # argon2id
    Column("created", BigInteger, nullable=False),
    Column("disabled", BigInteger),
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


class Refused(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be done; the message says why."""


class SqlAccounts:
    """The register. `pepper` is the installation's secret key: without it, no stored hash is of use."""

    def __init__(self, engine: Engine, *, pepper: bytes) -> None:
        self._engine, self._pepper = engine, pepper
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def add(self, name: str, role: str, password: str, *, now_ms: int) -> None:
        """Add an account. Raises Refused."""
        if role not in ROLES or role == "wall":
            raise Refused(f"no role {role!r} for a person; there are {', '.join(one for one in ROLES if one != 'wall')}")
        if len(password) < LEAST_PASSWORD:
            raise Refused(f"a password has at least {LEAST_PASSWORD} signs")
        row = {"name": name, "role": role, "password": self._hasher.hash(password), "created": now_ms, "disabled": None}
        with self._engine.begin() as sql:
            if sql.scalar(select(ACCOUNT.c.name).where(ACCOUNT.c.name == name)):
                raise Refused(f"there is an account {name!r} already")
            sql.execute(ACCOUNT.insert().values(**row))

    def disable(self, name: str, *, now_ms: int) -> None:
        """Disable an account and end its sessions. Raises Refused."""
        with self._engine.begin() as sql:
            if sql.execute(update(ACCOUNT).where(ACCOUNT.c.name == name).values(disabled=now_ms)).rowcount != 1:
                raise Refused(f"there is no account {name!r}")
            mine = (CREDENTIAL.c.name == name, CREDENTIAL.c.kind.in_(("session", "link")))
            sql.execute(update(CREDENTIAL).where(*mine).values(ended=now_ms))

    def accounts(self) -> list[Row[Any]]:
        """Return every account's name, role, created, disabled."""
        with self._engine.connect() as sql:
            return list(
                sql.execute(select(ACCOUNT.c.name, ACCOUNT.c.role, ACCOUNT.c.created, ACCOUNT.c.disabled).order_by(ACCOUNT.c.name))
            )

    def verify(self, name: str, password: str) -> str | None:
        """Return the role of an account whose password fits. A stranger costs as much time as a wrong password (S-08)."""
        with self._engine.connect() as sql:
            row = sql.execute(select(ACCOUNT).where(ACCOUNT.c.name == name)).first()
        try:
            self._hasher.verify(row.password if row else self._nobody, password)
        except VerificationError:
            return None
        return str(row.role) if row is not None and row.disabled is None else None

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

    def use_link(self, secret: str, *, now_ms: int) -> str | None:
        """Return the secret of a new session for a link, once."""
        key = self._hashed(secret)
        with self._engine.begin() as sql:
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
        with self._engine.begin() as sql:
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
        with self._engine.connect() as sql:
            row = _standing(sql, key, now_ms)
        if row is None or row.kind in {"link", "kiosk"}:
            return None
        if now_ms - row.seen > SEEN_EVERY_MS:
            with self._engine.begin() as sql:
                sql.execute(update(CREDENTIAL).where(CREDENTIAL.c.key == key).values(seen=now_ms))
        return Who(key, "kiosk" if row.kind == "screen" else row.kind, row.name, row.role, row.wall)

    def standing(self, keys: Iterable[str], *, now_ms: int) -> set[str]:
        """Return those of the credentials that still stand. A screen that is open is not idle."""
        with self._engine.connect() as sql:
            return {key for key in set(keys) if _standing(sql, key, now_ms, idle=False) is not None}

    def end(self, key: str, *, now_ms: int) -> None:
        """End a credential, and the screens that came of it."""
        mine = (CREDENTIAL.c.key == key) | (CREDENTIAL.c.parent == key)
        with self._engine.begin() as sql:
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

    def _issue(self, kind: str, name: str, role: str, *, now_ms: int, lasts_ms: int, wall: str = "", parent: str = "") -> str:
        secret = secrets.token_urlsafe(32)
        row = {"key": self._hashed(secret), "kind": kind, "name": name, "role": role, "wall": wall, "parent": parent}
        times = {"created": now_ms, "seen": now_ms, "expires": now_ms + lasts_ms, "ended": None}
        with self._engine.begin() as sql:
            sql.execute(CREDENTIAL.insert().values(**row, **times))
        return secret

    def _hashed(self, secret: str) -> str:
        return hmac.new(self._pepper, secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _standing(sql: Connection, key: str, now_ms: int, *, idle: bool = True) -> Row[Any] | None:
    row = sql.execute(select(CREDENTIAL).where(CREDENTIAL.c.key == key)).first()
    if row is None or row.ended is not None or row.expires < now_ms:
        return None
    if idle and row.kind == "session" and row.role not in ON_DUTY and now_ms - row.seen > IDLE_MS:
        return None
    if row.kind == "session":
        account = sql.execute(select(ACCOUNT.c.role, ACCOUNT.c.disabled).where(ACCOUNT.c.name == row.name)).first()
        if account is not None and (account.disabled is not None or account.role != row.role):
            return None
    return row
