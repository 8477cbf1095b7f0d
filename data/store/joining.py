"""Which events of the record speak of the same thing, as a source follows it (dashboard.joining)."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, String, Table

from dashboard.events import Heard
from dashboard.joining import tells, things_of
from data.store import bulk
from data.store.tables import META

# A thing of which very many events speak costs every further one: beyond so many it is joined with no more, the last places being kept for
# what tells something.
MOST_OF_ONE, MOST_ASKING = 60, 40
# One row for each thing of each event that names any: `name` is `source/thing`, `event` the key of an event.
THING = Table(
    "thing",
    META,
    Column("name", String, primary_key=True),
    Column("event", String, primary_key=True),
    sqlite_with_rowid=False,
)


def speaking_of(sql: Connection, names: Iterable[str]) -> dict[str, set[str]]:
    """Return the keys of the events that speak of each of these things."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for name, event in bulk.fetch(sql, "name, event", THING, "name", sorted(found)) if found else []:
        found[name].add(event)
    return found


def remember(known: dict[str, set[str]], heard: Iterable[Heard]) -> list[bulk.Row]:
    """Take events into what is `known` to speak of each thing, as far as there is room for them; return the rows that are new."""
    rows = []
    for one in heard:
        most = MOST_OF_ONE if tells(one) else MOST_ASKING
        for name in sorted(things_of(one)):
            keys = known.setdefault(name, set())
            if one.key not in keys and len(keys) < most:
                keys.add(one.key)
                rows.append((name, one.key))
    return rows
