"""Acts about alarms found by their time, for the report."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("alarm_act_at", "alarm_act", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("alarm_act_at", "alarm_act")
