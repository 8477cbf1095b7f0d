"""Reports on their path: as they stand, units' parts, what was done, what citizens wrote, who they are (sealed), what the board is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_case",
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tab", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("ward", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("submitted", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("plain", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report"),
    )
    op.create_index(
        "report_case_due",
        "report_case",
        ["due", "report"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_index("report_case_tab", "report_case", ["tab", "due", "report"])
    op.create_index("report_case_ward", "report_case", ["ward", "tab", "due", "report"])
    op.create_index("report_case_service", "report_case", ["service", "tab", "due", "report"])
    op.create_index("report_case_closed", "report_case", ["tab", "closed", "report"])
    op.create_table(
        "report_part",
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("report", "nth"),
    )
    op.create_index("report_part_unit", "report_part", ["unit", "acting", "due"])
    op.create_table(
        "report_act",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("report_act_report", "report_act", ["report", "seq"])
    op.create_table(
        "report_text",
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("report"),
    )
    op.create_table(
        "report_person",
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report"),
    )
    op.create_table(
        "report_owed",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "nth"),
    )
    op.add_column("mark", sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("mark", "owed")
    for table in ("report_owed", "report_person", "report_text", "report_act", "report_part", "report_case"):
        op.drop_table(table)
