"""The board of any past second: what changed on it, and every so often the whole."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "past_board",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("past_board_at", "past_board", ["at"])
    whole = sa.text("whole")
    op.create_index("past_board_whole", "past_board", ["at"], sqlite_where=whole, postgresql_where=whole)


def downgrade() -> None:
    op.drop_table("past_board")
