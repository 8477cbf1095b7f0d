"""What the city's indicators were, instant by instant."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("whole", sa.Double(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("indicator", "at"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("reading")
