"""Sources that are heard through a broker of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("source", sa.Column("broker", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("source") as table:
        table.drop_column("broker")
