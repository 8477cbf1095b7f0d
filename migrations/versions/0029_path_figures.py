"""What figures ask of reports' paths, and of the deadlines of what is open: counted by the board as it counts all else."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0032"
CUT = {"report_ward": ("ward", "service", "unit"), "report_counted": ("service", "unit")}
COUNTED = ("submitted", "due", "closed", "open")
FIELDS = ("checked", "eligible", "handled", "recurring", "extended", "granted")


def upgrade() -> None:
    for name in FIELDS:
        op.add_column("report_day", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("report", sa.Column("promised", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("report", sa.Column("marks", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("report", sa.Column("extended", sa.BigInteger(), nullable=True))
    for name, columns in CUT.items():
        op.drop_index(name, "report")
        op.create_index(name, "report", [*columns, *COUNTED, "marks"])
    op.drop_index("report_due", "report")
    op.create_index("report_promised", "report", ["promised"])
    some, apart = sa.text("extended IS NOT NULL"), sa.text("marks >= 16")
    op.create_index("report_extended", "report", ["extended"], sqlite_where=some, postgresql_where=some)
    moved = ["ward", "service", "unit", *COUNTED, "marks", "promised", "extended"]
    op.create_index("report_moved", "report", moved, sqlite_where=apart, postgresql_where=apart)
    op.create_table(
        "report_pending",
        sa.Column("dim", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dim", "tier", "slot", "value"),
        sqlite_with_rowid=False,
    )
    none = sa.text("n = 0")
    op.create_index("report_pending_none", "report_pending", ["n"], sqlite_where=none, postgresql_where=none)
    op.add_column("report_owed", sa.Column("report", sa.String(), nullable=False, server_default=""))
    op.create_index("report_owed_report", "report_owed", ["report", "seq"])
    # A histogram of hours to close is one small cell (data.store.hours), no longer a row a bucket.
    op.drop_table("report_hours")
    _hours(sa.Column("counts", sa.LargeBinary(), nullable=False))
    # Counted anew from the reports themselves, and from the cases of those on a path, when the board next begins (data.store.counted).
    for name in ("report_day", "report_slot"):
        op.execute(f"DELETE FROM {name}")  # noqa: S608  our own names


def _hours(*columns: sa.Column, more: tuple[str, ...] = ()) -> None:
    op.create_table(
        "report_hours",
        sa.Column("dim", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("dim", "value", "day", *more),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("report_hours")
    bucket, n = (
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
    )
    _hours(bucket, n, more=("bucket",))
    for name in ("report_day", "report_slot"):
        op.execute(f"DELETE FROM {name}")  # noqa: S608  counted anew by whoever goes on
    op.drop_index("report_owed_report", "report_owed")
    op.drop_column("report_owed", "report")
    op.drop_table("report_pending")
    for name in ("report_moved", "report_extended", "report_promised", *CUT):
        op.drop_index(name, "report")
    with op.batch_alter_table("report_day") as table:
        for name in FIELDS:
            table.drop_column(name)
    for name in ("promised", "marks", "extended"):
        op.drop_column("report", name)
    op.create_index("report_due", "report", ["due"])
    for name, columns in CUT.items():
        op.create_index(name, "report", [*columns, *COUNTED, "rating"])
