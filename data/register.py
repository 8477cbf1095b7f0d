"""The registers as a command reaches them: the record is brought to its newest shape first."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from data.config import home, record_url, settings
from data.sealed import Seal
from data.secret import secret_key
from data.store.accounts import SqlAccounts
from data.store.engine import connect
from data.store.logins import PURPOSE, Logins
from data.store.migrate import migrate
from data.store.sources import Sources
from data.store.webhooks import PURPOSE as WEBHOOK_PURPOSE
from data.store.webhooks import Webhooks


def engine() -> Engine:
    """Return the record, in its newest shape."""
    url = record_url(settings())
    migrate(url)
    return connect(url)


@contextmanager
def opened() -> Iterator[Engine]:
    """Lend the record, in its newest shape, and close what was opened."""
    made = engine()
    try:
        yield made
    finally:
        made.dispose()


def accounts() -> SqlAccounts:
    """Return the register of accounts."""
    chosen = settings()
    return SqlAccounts(engine(), pepper=secret_key(chosen, home(chosen)))


def sources() -> Sources:
    """Return the register of sources."""
    return Sources(engine())


def webhooks() -> Webhooks:
    """Return the addresses of units."""
    chosen = settings()
    return Webhooks(engine(), Seal(secret_key(chosen, home(chosen)), WEBHOOK_PURPOSE))


def logins() -> Logins:
    """Return the logins at devices."""
    chosen = settings()
    return Logins(engine(), Seal(secret_key(chosen, home(chosen)), PURPOSE))
