"""Sources that are asked: where, and how they stand."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("address", "device"):
        op.add_column("source", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "pull",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )


def downgrade() -> None:
    op.drop_table("pull")
    with op.batch_alter_table("source") as table:
        table.drop_column("device")
        table.drop_column("address")
