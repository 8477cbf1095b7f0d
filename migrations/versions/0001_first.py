"""The first shape of the record."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "credential",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("wall", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("credential_parent", "credential", ["parent"], unique=False)
    op.create_table(
        "day_kind",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dead_letter",
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("replayed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("entry", "part"),
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("event_kind_seq", "event", ["kind", "seq"], unique=False)
    op.create_table(
        "hour_camera",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "camera"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hour_kind",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mark",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "minute_class",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "class"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("ward", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("submitted", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("report_closed", "report", ["closed"], unique=False)
    op.create_index(
        "report_open", "report", ["due"], unique=False, sqlite_where=sa.text("open = 1"), postgresql_where=sa.text("open")
    )
    op.create_index("report_submitted", "report", ["submitted"], unique=False)
    op.create_table(
        "report_day",
        sa.Column("dim", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("on_time", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dim", "day", "value"),
        sqlite_with_rowid=False,
    )
    op.create_index("report_day_value", "report_day", ["dim", "value", "day"], unique=False)
    op.create_table(
        "report_hours",
        sa.Column("dim", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dim", "value", "day", "bucket"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hmac", sa.String(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "standing",
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("part", "key"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("standing")
    op.drop_table("source")
    op.drop_table("report_hours")
    op.drop_index("report_day_value", table_name="report_day")
    op.drop_table("report_day")
    op.drop_index("report_submitted", table_name="report")
    op.drop_index("report_open", table_name="report", sqlite_where=sa.text("open = 1"), postgresql_where=sa.text("open"))
    op.drop_index("report_closed", table_name="report")
    op.drop_table("report")
    op.drop_table("minute_class")
    op.drop_table("mark")
    op.drop_table("hour_kind")
    op.drop_table("hour_camera")
    op.drop_index("event_kind_seq", table_name="event")
    op.drop_table("event")
    op.drop_table("dead_letter")
    op.drop_table("day_kind")
    op.drop_index("credential_parent", table_name="credential")
    op.drop_table("credential")
    op.drop_table("account")
