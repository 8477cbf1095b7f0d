"""Sources that are heard through a broker of their own; which events speak of the same thing."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("source", sa.Column("broker", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "thing",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", "event"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("thing")
    with op.batch_alter_table("source") as table:
        table.drop_column("broker")
