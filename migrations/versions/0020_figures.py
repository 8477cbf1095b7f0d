"""What the figures of the leaders ask beside: deadlines by their day, the levels of ratings, handling times, hours of the week."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
COUNTED = ("submitted", "due", "closed", "open", "rating")
MORE = ("due", "met", "satisfied", "minutes")


def upgrade() -> None:
    for name in MORE:
        op.add_column("report_day", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("report", sa.Column("rating", sa.String(), nullable=True))
    op.create_index("report_due", "report", ["due"])
    op.drop_index("report_open", "report")
    _open("due", "service", "ward", "unit")
    op.create_index("report_ward", "report", ["ward", "service", "unit", *COUNTED])
    op.create_index("report_counted", "report", ["service", "unit", *COUNTED])
    op.create_table(
        "report_slot",
        sa.Column("dim", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dim", "value", "day", "slot"),
        sqlite_with_rowid=False,
    )
    # Counted anew from the reports themselves when the board next begins (data.store.reports.recount).
    op.execute("DELETE FROM report_day")
    op.execute("DELETE FROM report_hours")


def _open(*columns: str) -> None:
    """Index the open reports; what a page asks about them stands in the index."""
    op.create_index("report_open", "report", columns, sqlite_where=sa.text("open = 1"), postgresql_where=sa.text("open"))


def downgrade() -> None:
    op.drop_table("report_slot")
    for name in ("report_open", "report_counted", "report_ward", "report_due"):
        op.drop_index(name, "report")
    _open("due")
    with op.batch_alter_table("report") as table:
        table.drop_column("rating")
    with op.batch_alter_table("report_day") as table:
        for name in MORE:
            table.drop_column(name)
