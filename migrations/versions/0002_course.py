"""The course of what is overdue, of satisfaction and of the cameras online."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
MORE = ("lapsed", "rated", "content")


def upgrade() -> None:
    op.create_table(
        "hour_online",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("online", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour"),
    )
    for name in MORE:
        op.add_column("report_day", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    # Counted anew from the reports themselves when the board next begins (data.store.recount).
    op.execute("DELETE FROM report_day")


def downgrade() -> None:
    with op.batch_alter_table("report_day") as table:
        for name in MORE:
            table.drop_column(name)
    op.drop_table("hour_online")
