"""What citizens wrote with their reports, what was said about them since, and when we learnt how each report stands."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("report", sa.Column("taken", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE report SET taken = CASE WHEN closed IS NULL THEN submitted ELSE closed END")
    op.create_index("report_service", "report", ["service", "submitted"])
    op.create_index("report_taken", "report", ["taken"])
    op.create_table(
        "report_words",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "report_update",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("media", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("source", "number"),
    )
    op.create_index("report_update_taken", "report_update", ["source", "taken"])
    op.create_index("report_update_report", "report_update", ["report", "taken"])


def downgrade() -> None:
    op.drop_table("report_update")
    op.drop_table("report_words")
    op.drop_index("report_taken", "report")
    op.drop_index("report_service", "report")
    with op.batch_alter_table("report") as table:
        table.drop_column("taken")
