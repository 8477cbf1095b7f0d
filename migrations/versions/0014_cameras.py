"""Sources that are heard through a broker of their own; which events speak of the same thing; clips; of which camera a picture is; pictures of adopted cameras."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("source", sa.Column("broker", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "thing",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", "event"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clip",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "event", "source", "camera")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("began", "ended", "at", "expires")),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("due", "lasts_ms", "size")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event"),
    )
    op.create_index("clip_due", "clip", ["state", "due"])
    op.create_index("clip_expires", "clip", ["expires"])
    op.add_column("picture", sa.Column("camera", sa.String(), nullable=False, server_default=""))
    op.create_index("picture_camera", "picture", ["camera", "role", "at"])
    op.add_column("adopted_camera", sa.Column("stream", sa.String(), nullable=False, server_default=""))
    op.add_column("adopted_camera", sa.Column("snapshot", sa.String(), nullable=False, server_default=""))
    op.add_column("adopted_camera", sa.Column("critical", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("critical", "snapshot", "stream"):
        op.drop_column("adopted_camera", name)
    op.drop_index("picture_camera", "picture")
    with op.batch_alter_table("picture") as table:
        table.drop_column("camera")
    op.drop_table("clip")
    op.drop_table("thing")
    with op.batch_alter_table("source") as table:
        table.drop_column("broker")
