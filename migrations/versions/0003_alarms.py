"""Alarms as rows of their own, and what was done about them. Those that are open become new ones."""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
ROWS = sa.table("standing", sa.column("part"), sa.column("key"), sa.column("body"))


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("grp", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("shelved_until", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    is_open = sa.text("closed = 0")
    op.create_index("alarm_open", "alarm", ["grp"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("alarm_since", "alarm", ["since"], unique=False)
    op.create_table(
        "alarm_act",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("alarm", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("alarm_act_alarm", "alarm_act", ["alarm", "seq"], unique=False)
    op.add_column("mark", sa.Column("acted", sa.BigInteger(), nullable=False, server_default="0"))
    _move()


def _move() -> None:
    """Number the alarms that stand, the oldest first, and write for each that it was raised."""
    sql, meta = op.get_bind(), sa.MetaData()
    alarm, acts = (sa.Table(name, meta, autoload_with=op.get_bind()) for name in ("alarm", "alarm_act"))
    rows = sql.execute(sa.select(ROWS.c.key, ROWS.c.body).where(ROWS.c.part == "alarms")).all()
    held = sorted(
        (msgspec.msgpack.decode(body) | {"group": key} for key, body in rows), key=lambda one: (one["since"], one["group"])
    )
    for seq, one in enumerate(held, 1):
        told = one | {"id": str(seq), "raised": one["since"], "course": {}}
        act = {"seq": seq, "key": f":{seq}", "action": "raise", "who": "", "at": one["since"], "why": "", "alarm": told}
        plain = {"owner": "", "version": 0, "lease": 0, "shelved_until": 0, "closed": 0, "state": "new"}
        named = {"id": str(seq), "grp": one["group"], "kind": one["kind"], "priority": one["priority"], "since": one["since"]}
        sql.execute(alarm.insert().values(**named, **plain, body=msgspec.msgpack.encode(told)))
        body = {"alarm": str(seq), "state": "new", "body": msgspec.msgpack.encode(act)}
        sql.execute(acts.insert().values(**(act | body)))
    sql.execute(sa.delete(ROWS).where(ROWS.c.part == "alarms"))
    if held:
        op.execute(f"UPDATE mark SET acted = {len(held)}")  # noqa: S608  a number of ours


def downgrade() -> None:
    with op.batch_alter_table("mark") as table:
        table.drop_column("acted")
    op.drop_index("alarm_act_alarm", table_name="alarm_act")
    op.drop_table("alarm_act")
    op.drop_index("alarm_since", table_name="alarm")
    op.drop_index("alarm_open", table_name="alarm", sqlite_where=sa.text("closed = 0"), postgresql_where=sa.text("closed = 0"))
    op.drop_table("alarm")
