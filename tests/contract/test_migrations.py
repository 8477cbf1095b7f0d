"""The migrations make exactly the record that the code expects, on either database, and can be taken back."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from data.store.engine import connect
from data.store.migrate import config, migrate, shape
from data.store.tables import META


def _ours(name: str | None, _kind: str, _parents: object) -> bool:
    """What reports are found by is each database's own (data.store.cases.finding)."""
    return not (name or "").startswith(("report_search", "report_fts", "report_tally", "report_last", "report_case_words"))


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    import data.store.accounts
    import data.store.adopted
    import data.store.cases.exporting
    import data.store.cases.saying
    import data.store.cases.tables
    import data.store.incidents
    import data.store.layers
    import data.store.logins
    import data.store.maintenance
    import data.store.map_marks
    import data.store.pictures
    import data.store.plate_searches
    import data.store.pulls
    import data.store.readings
    import data.store.remotes
    import data.store.sources
    import data.store.spots
    import data.store.tables_past
    import data.store.violations
    import data.store.watch
    import data.store.webhooks
    import data.store.words  # noqa: F401

    with engine.connect() as sql:
        assert compare_metadata(MigrationContext.configure(sql, opts={"compare_type": True, "include_name": _ours}), META) == []


def test_the_overdue_are_found_by_their_index(sqlite: Engine) -> None:
    with sqlite.connect() as sql:
        plan = sql.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT service, ward, due FROM report WHERE open = 1 AND due < 5 ORDER BY due"
        )
        assert "report_open" in str(plan.all())


def test_they_can_be_taken_back(engine: Engine, record_url: str) -> None:
    command.downgrade(config(record_url), "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    command.upgrade(config(record_url), "head")
    assert "event" in inspect(engine).get_table_names()


KILLED = """
import os, sys
from sqlalchemy import Engine, event
left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    left or os._exit(9)

from data.store.migrate import migrate
migrate(sys.argv[1])
"""


@pytest.mark.parametrize("statement", [40, 200])
def test_who_is_killed_in_the_middle_of_a_migration_starts_again(tmp_path: Path, statement: int) -> None:
    """On SQLite each statement would be settled by itself, and the next start would find tables that it is about to make."""
    url = f"sqlite:///{tmp_path / 'record.db'}"
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(statement)], cwd=root, check=False)
    assert killed.returncode == 9
    migrate(url)
    engine = connect(url)
    newest = config(url)
    assert shape(engine) == ScriptDirectory.from_config(newest).get_current_head()
    assert "report_case" in inspect(engine).get_table_names()
    engine.dispose()
