"""Who somebody is, as the doors need to know it; `data` keeps the accounts."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Who(NamedTuple):
    """Somebody who has shown a credential. `key` names the credential, never reveals it; `wall` is the display of a kiosk.

    `unit` is the code of the unit that the person works for, "": the centre.
    """

    key: str
    kind: str  # "session", "token" or "kiosk"
    name: str
    role: str
    wall: str = ""
    unit: str = ""


class Accounts(Protocol):
    """Accounts, sessions and tokens. Times are epoch milliseconds; secrets are random and are kept hashed."""

    def verify(self, name: str, password: str) -> str | None:
        """Return the role of an account whose password fits, taking as long for a stranger."""
        ...

    def open_session(self, name: str, role: str, *, now_ms: int) -> str:
        """Return the secret of a new session."""
        ...

    def use_link(self, secret: str, *, now_ms: int) -> str | None:
        """Return the secret of a new session for a one-time sign-in link, once."""
        ...

    def open_kiosk(self, secret: str, *, now_ms: int) -> tuple[str, str] | None:
        """Return (session secret, wall) for a kiosk's secret; an older session of the same kiosk ends."""
        ...

    def who(self, secret: str, *, now_ms: int) -> Who | None:
        """Return who holds the secret of a session, a token or a kiosk's session, if it still stands."""
        ...

    def standing(self, keys: Iterable[str], *, now_ms: int) -> set[str]:
        """Return those of the credentials that still stand."""
        ...

    def end(self, key: str, *, now_ms: int) -> None:
        """End a credential."""
        ...
