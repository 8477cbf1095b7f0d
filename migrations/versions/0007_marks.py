"""Events found by their plate's mark, and by place and time. Marks of what was recorded before are filled in by the board (data.store.marks)."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("event", sa.Column("mark", sa.LargeBinary(), nullable=True))
    there = sa.text("mark IS NOT NULL")
    op.create_index("event_mark", "event", ["mark", "counted"], unique=False, sqlite_where=there, postgresql_where=there)
    op.create_index("event_camera", "event", ["camera", "counted"], unique=False)


def downgrade() -> None:
    op.drop_index("event_camera", "event")
    op.drop_index("event_mark", "event")
    with op.batch_alter_table("event") as table:
        table.drop_column("mark")
