"""Reports are found by their words: FTS5 on SQLite, kept by triggers; a GIN index on PostgreSQL."""

from alembic import op

revision = "0024"
down_revision = "0023"
# A row beside each report: its number is the one that the words are kept under, whatever VACUUM does; what lists are cut by lies with it.
SQLITE = (
    (
        "CREATE TABLE report_search (id INTEGER PRIMARY KEY, report TEXT NOT NULL UNIQUE, tab TEXT NOT NULL, due INTEGER NOT NULL, "
        "open INTEGER NOT NULL, closed INTEGER NOT NULL)"
    ),
    (
        "CREATE VIRTUAL TABLE report_fts USING fts5(words, content='', detail='none', columnsize=0, prefix='1 2 3', "
        "tokenize='unicode61 remove_diacritics 0')"
    ),
    "INSERT INTO report_search (report, tab, due, open, closed) SELECT report, tab, due, open, closed FROM report_case",
    "INSERT INTO report_fts (rowid, words) SELECT s.id, c.plain FROM report_search s JOIN report_case c ON c.report = s.report",
    """CREATE TRIGGER report_search_new AFTER INSERT ON report_case BEGIN
    INSERT INTO report_search (report, tab, due, open, closed) VALUES (new.report, new.tab, new.due, new.open, new.closed);
    INSERT INTO report_fts (rowid, words) SELECT id, new.plain FROM report_search WHERE report = new.report;
END""",
    """CREATE TRIGGER report_search_changed AFTER UPDATE ON report_case BEGIN
    UPDATE report_search SET tab = new.tab, due = new.due, open = new.open, closed = new.closed WHERE report = new.report;
END""",
    """CREATE TRIGGER report_search_reworded AFTER UPDATE ON report_case WHEN old.plain <> new.plain BEGIN
    INSERT INTO report_fts (report_fts, rowid, words) SELECT 'delete', id, old.plain FROM report_search WHERE report = new.report;
    INSERT INTO report_fts (rowid, words) SELECT id, new.plain FROM report_search WHERE report = new.report;
END""",
    """CREATE TRIGGER report_search_gone AFTER DELETE ON report_case BEGIN
    INSERT INTO report_fts (report_fts, rowid, words) SELECT 'delete', id, old.plain FROM report_search WHERE report = old.report;
    DELETE FROM report_search WHERE report = old.report;
END""",
)
POSTGRESQL = (
    "CREATE INDEX report_case_words ON report_case USING gin (to_tsvector('simple', regexp_replace(plain, '[^[:alnum:]]+', ' ', 'g')))",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.get_bind().exec_driver_sql("DROP INDEX report_case_words")
        return
    for name in ("new", "changed", "reworded", "gone"):
        op.get_bind().exec_driver_sql(f"DROP TRIGGER IF EXISTS report_search_{name}")
    for name in ("report_fts", "report_search"):
        op.get_bind().exec_driver_sql(f"DROP TABLE {name}")
