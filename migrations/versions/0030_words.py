"""Reports found by words on SQLite are counted and cut within the index of words: what lists are cut by lies in it too.

A report's number there begins with its tab and the day by which its tab is sorted (when it is due, or was closed); its service, ward, priority
and units are words of a kind that nobody can type. PostgreSQL keeps its GIN index.
"""

# ruff: noqa: S608  put together from names of our own
from alembic import context, op

revision = "0030"
down_revision = "0028"
TABS = ("received", "verifying", "to_assign", "in_progress", "to_approve", "published")  # every other one is the last: closed
GONE = (
    *(f"DROP TRIGGER IF EXISTS report_search_{name}" for name in ("new", "changed", "reworded", "gone")),
    "DROP TABLE report_fts",
    "DROP TABLE report_search",
)


def _at(row: str) -> str:
    return f"CASE WHEN {row}.tab IN ('published', 'closed') THEN {row}.closed ELSE {row}.due END"


def _cell(row: str) -> str:
    """Return the tab's place and the day (of 20 bits: a clock that stands still is due on the last of them)."""
    tabs = " ".join(f"WHEN '{name}' THEN {nth}" for nth, name in enumerate(TABS))
    return f"(CASE {row}.tab {tabs} ELSE {len(TABS)} END << 20 | min(max(({_at(row)}) / 86400000, 0), 1048575))"


def _cut(row: str) -> str:
    """Return what else lists are cut by, as words: a letter of the private use area, what it is, its code in hexadecimal digits."""
    told = " || ' ' || ".join(f"char(57344) || '{name[0]}' || hex({row}.{name})" for name in ("service", "ward", "priority"))
    units = f"SELECT DISTINCT unit FROM report_part WHERE report = {row}.report AND state <> 'withdrawn' ORDER BY unit"
    return f"({told} || coalesce((SELECT ' ' || group_concat(char(57344) || 'u' || hex(unit), ' ') FROM ({units})), ''))"


def _words(row: str) -> str:
    return f"replace({row}.plain, char(57344), ' ') || ' ' || s.cut"


WORDED = "INSERT INTO report_fts (rowid, words) SELECT s.id, {words} FROM report_search s WHERE s.report = {row}.report"
UNWORDED = "INSERT INTO report_fts (report_fts, rowid, words) SELECT 'delete', s.id, {words} FROM report_search s WHERE s.report = old.report"
MORE = "INSERT INTO report_tally (cell, n) SELECT id >> 32, 1 FROM report_search WHERE report = new.report ON CONFLICT (cell) DO UPDATE SET n = n + 1"
FEWER = "UPDATE report_tally SET n = n - 1 WHERE cell = (SELECT id >> 32 FROM report_search WHERE report = old.report)"
MOVED = f"s.id >> 32 <> {_cell('new')} OR s.cut <> {_cut('new')}"
SQLITE = (
    "CREATE TABLE report_search (id INTEGER PRIMARY KEY, report TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, cut TEXT NOT NULL)",
    (
        "CREATE VIRTUAL TABLE report_fts USING fts5(words, content='', detail='none', columnsize=0, prefix='1 2 3 4 5 6 7', "
        "tokenize='unicode61 remove_diacritics 0')"
    ),
    "CREATE TABLE report_tally (cell INTEGER PRIMARY KEY, n INTEGER NOT NULL)",
    "CREATE TABLE report_last (n INTEGER NOT NULL)",
    (
        "INSERT INTO report_search (id, report, at, cut) "
        f"SELECT {_cell('c')} << 32 | row_number() OVER (ORDER BY c.submitted, c.report), c.report, {_at('c')}, {_cut('c')} FROM report_case c"
    ),
    f"INSERT INTO report_fts (rowid, words) SELECT s.id, {_words('c')} FROM report_search s JOIN report_case c ON c.report = s.report ORDER BY s.id",
    "INSERT INTO report_tally (cell, n) SELECT id >> 32, count(*) FROM report_search GROUP BY 1",
    "INSERT INTO report_last (n) SELECT count(*) FROM report_search",
    f"""CREATE TRIGGER report_search_new AFTER INSERT ON report_case BEGIN
    UPDATE report_last SET n = n + 1;
    INSERT INTO report_search (id, report, at, cut) SELECT {_cell("new")} << 32 | n, new.report, {_at("new")}, {_cut("new")} FROM report_last;
    {WORDED.format(words=_words("new"), row="new")};
    {MORE};
END""",
    f"""CREATE TRIGGER report_search_changed AFTER UPDATE ON report_case WHEN old.due <> new.due OR old.closed <> new.closed OR old.tab <> new.tab BEGIN
    UPDATE report_search SET at = {_at("new")} WHERE report = new.report;
END""",
    f"""CREATE TRIGGER report_search_reworded AFTER UPDATE ON report_case
WHEN old.plain <> new.plain OR EXISTS (SELECT 1 FROM report_search s WHERE s.report = new.report AND ({MOVED})) BEGIN
    {UNWORDED.format(words=_words("old"))};
    {FEWER};
    UPDATE report_search SET id = {_cell("new")} << 32 | (id & 4294967295), cut = {_cut("new")} WHERE report = new.report;
    {WORDED.format(words=_words("new"), row="new")};
    {MORE};
END""",
    f"""CREATE TRIGGER report_search_gone AFTER DELETE ON report_case BEGIN
    {UNWORDED.format(words=_words("old"))};
    {FEWER};
    DELETE FROM report_search WHERE report = old.report;
END""",
)


def _run(*statements: str) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _run(*GONE, *SQLITE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _run(*GONE, "DROP TABLE report_tally", "DROP TABLE report_last", *context.script.get_revision("0024").module.SQLITE)
