"""Incidents: as they stand, what belongs to them, and what was done with them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("incident_closed", "incident", ["closed"])
    op.create_index("incident_merged", "incident", ["merged_into"])
    op.create_table(
        "incident_member",
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "what", "key"),
    )
    op.create_index("incident_member_key", "incident_member", ["key", "what"])
    op.create_index(
        "incident_member_open",
        "incident_member",
        ["what", "key"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "incident_act",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("incident_act_incident", "incident_act", ["incident", "seq"])


def downgrade() -> None:
    op.drop_table("incident_act")
    op.drop_table("incident_member")
    op.drop_table("incident")
