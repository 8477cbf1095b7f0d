"""What citizens are told of their reports: each word by its kind, what is sent of it and how that went, and what they wrote that waits to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNREAD, WAITING = sa.text("unread > 0"), sa.text("state = 'waiting'")


def upgrade() -> None:
    op.add_column("report_update", sa.Column("kind", sa.String(), nullable=False, server_default=""))
    op.add_column("report_case", sa.Column("unread", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("report_case_unread", "report_case", ["unread"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_table(
        "report_sending",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("report_sending_report", "report_sending", ["report", "seq"])
    op.create_index("report_sending_waiting", "report_sending", ["due"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_table("report_sending")
    op.drop_index("report_case_unread", "report_case")
    # Not in a batch: SQLite would make the table anew, without the triggers of 0024.
    op.drop_column("report_case", "unread")
    op.drop_column("report_update", "kind")
