"""Marks: areas and routes that people draw for everybody, and every act on them. Beside them, events by camera and kind (hot spots)."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("mark", sa.Column("marked", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "map_mark",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("map_mark_until", "map_mark", ["until"])
    op.create_table(
        "map_mark_act",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("map_mark_act_mark", "map_mark_act", ["mark", "seq"])
    op.create_index("map_mark_act_at", "map_mark_act", ["at"])
    for name, at in (("hour_spot", "hour"), ("day_spot", "day")):
        op.create_table(
            name,
            sa.Column(at, sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("camera", sa.String(), nullable=False),
            sa.Column("kind", sa.String(), nullable=False),
            sa.Column("n", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint(at, "camera", "kind"),
            sqlite_with_rowid=False,
        )
    op.create_index("report_place", "report", ["submitted", "service", "lon", "lat"])


def downgrade() -> None:
    op.drop_index("report_place", "report")
    op.drop_table("day_spot")
    op.drop_table("hour_spot")
    op.drop_table("map_mark_act")
    op.drop_table("map_mark")
    op.drop_column("mark", "marked")
