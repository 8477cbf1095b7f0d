"""Cameras that people adopted, what was done with them, and cameras that somebody works on."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "adopted_camera",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=False),
        sa.Column("name_vi", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("short_vi", sa.String(), nullable=False),
        sa.Column("short_en", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("ward", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    standing = sa.text("removed = 0")
    op.create_index(
        "adopted_camera_called",
        "adopted_camera",
        ["source", "called"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_table(
        "adopted_name",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "called"),
    )
    op.create_table(
        "adoption_act",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("adoption_act_camera", "adoption_act", ["camera", "seq"])
    op.create_table(
        "maintenance",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("camera", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("maintenance_until", "maintenance", ["until"])
    op.create_index("maintenance_camera", "maintenance", ["camera", "id"])


def downgrade() -> None:
    op.drop_table("maintenance")
    op.drop_table("adoption_act")
    op.drop_table("adopted_name")
    op.drop_table("adopted_camera")
