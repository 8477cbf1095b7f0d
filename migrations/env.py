"""How Alembic reaches the record."""

import os
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, event

from data.store.engine import connect, is_sqlite
from data.store.tables import META

WAIT_MS = 600_000  # whoever starts beside one that migrates waits for it

for module in ("accounts", "logins", "pulls", "sources"):
    import_module(f"data.store.{module}")


def whole(made: Engine) -> Engine:
    """Return an engine on which a change of the shape is one transaction, on SQLite too.

    Python would settle each statement by itself, and who is killed between two would leave a record that no version can open.
    """

    def by_hand(raw: Any, _record: object) -> None:
        raw.isolation_level = None
        raw.execute(f"PRAGMA busy_timeout={WAIT_MS}").close()

    def begin(sql: Connection) -> None:
        sql.exec_driver_sql("BEGIN IMMEDIATE")

    if is_sqlite(made):
        event.listen(made, "connect", by_hand)
        event.listen(made, "begin", begin)
    return made


engine = whole(connect(context.config.attributes.get("url") or os.environ["KYDAI_DATABASE_URL"]))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=META, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
