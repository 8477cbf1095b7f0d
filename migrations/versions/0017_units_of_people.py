"""The unit that a person works for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("account", sa.Column("unit", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("account", "unit")
