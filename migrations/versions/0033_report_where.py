"""Reports by where they were sent from, whenever that was: what happened near one thing of the city (data/nearby)."""

from alembic import op

revision = "0033"
down_revision = "0030"


def upgrade() -> None:
    op.create_index("report_where", "report", ["lat", "lon"])


def downgrade() -> None:
    op.drop_index("report_where", "report")
