"""The table of clips: those that are kept, those that are to be fetched, and those that are not to be had."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from data.store.tables import META

CLIP = Table(
    "clip",
    META,
    Column("id", String, primary_key=True),
    Column("event", String, nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("lasts_ms", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),  # in the clear
    Index("clip_due", "state", "due"),
    Index("clip_expires", "expires"),
)
