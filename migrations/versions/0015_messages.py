"""Messages to units, where they are sent, and searches for one plate."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELD, WAITING = sa.text("state = 'held'"), sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("alarm", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("message_alarm", "message", ["alarm", "seq"])
    op.create_index("message_held", "message", ["alarm"], sqlite_where=HELD, postgresql_where=HELD)
    op.create_index("message_waiting", "message", ["due"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        "webhook",
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("pin", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit"),
    )
    op.add_column("watch", sa.Column("reviewed", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("watch", sa.Column("reviewed_by", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "plate_search",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("plate_search_at", "plate_search", ["at"])


def downgrade() -> None:
    op.drop_table("plate_search")
    with op.batch_alter_table("watch") as batch:
        batch.drop_column("reviewed_by")
        batch.drop_column("reviewed")
    op.drop_table("webhook")
    op.drop_table("message")
