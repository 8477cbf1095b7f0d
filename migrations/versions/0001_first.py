"""The first shape of the record."""

from importlib import import_module

from alembic import op

from data.store.tables import META

revision = "0001"
down_revision = None

for module in ("accounts", "sources"):
    import_module(f"data.store.{module}")


def upgrade() -> None:
    META.create_all(op.get_bind())


def downgrade() -> None:
    META.drop_all(op.get_bind())
