"""Layers by address (WMS, WMTS, WFS): what is told of each, and how it is asked, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "layer_remote",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    op.drop_table("layer_remote")
