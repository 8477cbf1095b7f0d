"""Photographs that people of the house attach to reports: who took which, and for which part."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "report_picture",
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("picture"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("report_picture_report", "report_picture", ["report", "at"])


def downgrade() -> None:
    op.drop_table("report_picture")
