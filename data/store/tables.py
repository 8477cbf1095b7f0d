"""The tables of the record. One small roll-up per question, so that a page costs the same after ten years as after a day."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, text

from dashboard.rollups import PATH_FIELDS

META = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")

# Every event once, under its number. `body` is the whole Heard, msgpack. `counted` decides the windows (dashboard.skew).
EVENT = Table(
    "event",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("counted", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("quarantined", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("mark", LargeBinary),  # of its plate (data.sealed.PlateMark)
    Index("event_kind_seq", "kind", "seq"),
    Index("event_camera", "camera", "counted"),
    Index("event_mark", "mark", "counted", sqlite_where=text("mark IS NOT NULL"), postgresql_where=text("mark IS NOT NULL")),
)


def _window(name: str, at: str, what: str) -> Table:
    return Table(
        name,
        META,
        Column(at, Integer, primary_key=True, autoincrement=False),
        Column(what, String, primary_key=True),
        Column("n", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


HOUR_KIND = _window("hour_kind", "hour", "kind")
HOUR_CAMERA = _window("hour_camera", "hour", "camera")
MINUTE_CLASS = _window("minute_class", "minute", "class")
DAY_KIND = _window("day_kind", "day", "kind")

# What stands now, one row per camera, feed, unknown camera; `body` is the board's own struct, msgpack.
STANDING = Table(
    "standing",
    META,
    Column("part", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Every alarm that ever was, as it stands now; `body` is the whole Alarm, msgpack, the columns are what is asked for.
ALARM = Table(
    "alarm",
    META,
    Column("id", String, primary_key=True),
    Column("grp", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("shelved_until", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),  # 0: it is open
    Column("body", LargeBinary, nullable=False),
    # One open alarm of a group, whoever writes.
    Index("alarm_open", "grp", unique=True, sqlite_where=text("closed = 0"), postgresql_where=text("closed = 0")),
    Index("alarm_since", "since"),
)
# What was done about alarms, in the order in which it took effect; only ever added to. `body` is the whole Acted, msgpack.
ALARM_ACT = Table(
    "alarm_act",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False, unique=True),  # who, and their own id of the act
    Column("alarm", String, nullable=False),
    Column("action", String, nullable=False),
    Column("who", String, nullable=False),  # "": the house itself
    Column("at", BigInteger, nullable=False),
    Column("why", String, nullable=False),
    Column("state", String, nullable=False),  # after it
    Column("body", LargeBinary, nullable=False),
    Index("alarm_act_alarm", "alarm", "seq"),
    Index("alarm_act_at", "at"),
)

COUNTED = ("submitted", "due", "closed", "open", "marks")
# The present state of every report. `body` is the Heard that was told last.
REPORT = Table(
    "report",
    META,
    Column("key", String, primary_key=True),  # source/report
    Column("report", String, nullable=False),
    Column("service", String, nullable=False),
    Column("ward", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("submitted", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("open", Boolean, nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("body", LargeBinary, nullable=False),
    Column("taken", BigInteger, nullable=False, server_default="0"),  # when we learnt that it stands so
    Column("rating", String),
    Column("promised", BigInteger, nullable=False, server_default="0"),  # the deadline that decides what was on time
    Column("marks", Integer, nullable=False, server_default="0"),  # what is counted of it (data.store.reckoned)
    Column("extended", BigInteger),  # when more time was granted first
    Index("report_submitted", "submitted"),
    Index("report_service", "service", "submitted"),
    Index("report_taken", "taken"),
    Index("report_place", "submitted", "service", "lon", "lat"),  # hot spots
    Index("report_where", "lat", "lon"),  # near one thing
    Index("report_closed", "closed"),
    Index("report_promised", "promised"),
    Index("report_extended", "extended", sqlite_where=text("extended IS NOT NULL"), postgresql_where=text("extended IS NOT NULL")),
    # What is counted of reports that are cut by more than one of these (data.crossed): all of it stands in the index.
    Index("report_ward", "ward", "service", "unit", *COUNTED),
    Index("report_counted", "service", "unit", *COUNTED),
    # What they do not tell of those whose deadline was moved, or that recur: few, and all of it stands here.
    Index(
        "report_moved",
        "ward",
        "service",
        "unit",
        *COUNTED,
        "promised",
        "extended",
        sqlite_where=text("marks >= 16"),
        postgresql_where=text("marks >= 16"),
    ),
    Index("report_open", "due", "service", "ward", "unit", sqlite_where=text("open = 1"), postgresql_where=text("open")),
)

# Reports a day by dimension: dim is "all", "service", "ward" or "unit"; received counts on the day of submitting, due and met on the
# last day of the first deadline, lapsed on that in which its instant lies, the rest on that of closing (dashboard.rollups).
# The same by eight days, by 64 and by 512 stands beside them: dim "ward/8", day the number of the day divided by eight (dashboard.rollups.slots_within).
BY_DAYS = ("", "/8", "/64", "/512")
REPORT_DAY = Table(
    "report_day",
    META,
    Column("dim", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("value", String, primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("on_time", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("lapsed", BigInteger, nullable=False, server_default="0"),
    Column("rated", BigInteger, nullable=False, server_default="0"),
    Column("content", BigInteger, nullable=False, server_default="0"),
    Column("due", BigInteger, nullable=False, server_default="0"),
    Column("met", BigInteger, nullable=False, server_default="0"),
    Column("satisfied", BigInteger, nullable=False, server_default="0"),
    Column("minutes", BigInteger, nullable=False, server_default="0"),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in PATH_FIELDS),
    Index("report_day_value", "dim", "value", "day"),
    sqlite_with_rowid=False,
)
# How many cameras were online when that hour of the city's clock last changed something; a quiet hour has no row.
HOUR_ONLINE = Table(
    "hour_online",
    META,
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("online", Integer, nullable=False),
)
# The histogram of hours to close (dashboard.rollups.EDGES), a day of closing; the same dimensions, and as many days together; `counts`: data.store.hours.
REPORT_HOURS = Table(
    "report_hours",
    META,
    Column("dim", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("counts", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# How many open reports fall due in which stretch of time (dashboard.rollups.pending_cells), by service, ward and unit. What is 0 goes.
REPORT_PENDING = Table(
    "report_pending",
    META,
    Column("dim", String, primary_key=True),
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("value", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Index("report_pending_none", "n", sqlite_where=text("n = 0"), postgresql_where=text("n = 0")),
    sqlite_with_rowid=False,
)

# How many reports were submitted in which hour of a day; by more days than one, slot is weekday × 24 + hour (Monday 0). dim is "all" or "ward".
REPORT_SLOT = Table(
    "report_slot",
    META,
    Column("dim", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

DEAD_LETTER = Table(
    "dead_letter",
    META,
    Column("entry", String, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("source", String, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("receipt", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("headers", String, nullable=False),  # JSON
    Column("raw", LargeBinary, nullable=False),
    Column("replayed", BigInteger),
)

# When alarms came faster than the people on duty could take them; `ended` 0: they still do. `rate` new ones in ten minutes at its turn.
FLOOD = Table(
    "flood",
    META,
    Column("began", BigInteger, primary_key=True, autoincrement=False),
    Column("ended", BigInteger, nullable=False),
    Column("rate", Integer, nullable=False),
    Column("duty", Integer, nullable=False),
)

# How far the stream was read, under which fencing number (data.lease) the last board wrote, and the number of the last act about an
# alarm. Whoever writes alarms writes this row first: acts take effect one after the other, in the order of their numbers.
MARK = Table(
    "mark",
    META,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("entry", String, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("acted", BigInteger, nullable=False, server_default="0"),
    Column("owed", BigInteger, nullable=False, server_default="0"),  # the last act on a report that the board has to be told of
    Column("marked", BigInteger, nullable=False, server_default="0"),  # the last act on a mark of the map
)

# How far the log was looked through for pictures, and when that was: while it lags, the log is not trimmed beyond it (data.store.record).
PICTURE_MARK = Table(
    "picture_mark",
    META,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("entry", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
