"""The table of the board's past: what changed on it, and every so often the whole (dashboard.replay)."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, text

from data.store.tables import META, NUMBER

PAST_BOARD = Table(
    "past_board",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),  # by the board's clock
    Column("whole", Boolean, nullable=False),  # leads there from an empty board
    Column("body", LargeBinary, nullable=False),  # a Change, msgpack, packed by zlib
    Index("past_board_at", "at"),
    Index("past_board_whole", "at", sqlite_where=text("whole"), postgresql_where=text("whole")),
)
