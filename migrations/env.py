"""How Alembic reaches the record."""

import os
from importlib import import_module

from alembic import context

from data.store.engine import connect
from data.store.tables import META

for module in ("accounts", "logins", "pulls", "sources"):
    import_module(f"data.store.{module}")

url = context.config.attributes.get("url") or os.environ["KYDAI_DATABASE_URL"]
engine = connect(url)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=META, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
