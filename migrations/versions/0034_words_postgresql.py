"""Reports found by words on PostgreSQL are counted in narrow rows that lie together, and whole tabs in cells, as SQLite has them (0030).

Beside each report lies a row of some hundred bytes: its tab and day, when it is due (or was closed), its words. The words themselves lie apart
(TOAST): what counts rows never reads them, and GIN finds by them. `wide` is what makes PostgreSQL put them apart, which it does for rows of more than
two thousand bytes alone; it takes thirty itself (docs/decisions/011). SQLite has had all of this.
"""

# ruff: noqa: S608  put together from names of our own
from alembic import op

revision = "0034"
down_revision = "0029"
WORDS = "to_tsvector('simple', regexp_replace(plain, '[^[:alnum:]]+', ' ', 'g'))"
OLD = f"CREATE INDEX report_case_words ON report_case USING gin ({WORDS})"
TABS = (
    "ARRAY['received', 'verifying', 'to_assign', 'in_progress', 'to_approve', 'published']"  # every other one is the last: closed
)
CODE = "chr(57344) || '{letter}' || encode(convert_to({name}, 'UTF8'), 'hex')"
CODES = ", ".join(CODE.format(letter=name[0], name=name) for name in ("service", "ward", "priority"))
UNITS = f"SELECT DISTINCT {CODE.format(letter='u', name='unit')} FROM report_part p WHERE p.report = of AND p.state <> 'withdrawn'"
ROW = "report, report_at(tab, due, closed) AS at, report_cell(tab, due, closed) AS cell, report_cut(report, plain, service, ward, priority) AS words"
WIDE = "repeat(' ', 2000)"
TALLY = """INSERT INTO report_tally AS t (cell, n)
        SELECT cell, sum(n) FROM ({rows}) AS told GROUP BY cell HAVING sum(n) <> 0 ORDER BY cell
        ON CONFLICT (cell) DO UPDATE SET n = t.n + excluded.n"""
CELLS = "SELECT report_cell(tab, due, closed) AS cell, {n} AS n FROM {rows}"
# Each is looked for by its key, one report or a thousand. EXECUTE: a plan that was made for an empty table is not kept.
PLANNED = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
POSTGRESQL = (
    """CREATE FUNCTION report_at(tab text, due bigint, closed bigint) RETURNS bigint IMMUTABLE LANGUAGE sql
    AS $$ SELECT CASE WHEN tab IN ('published', 'closed') THEN closed ELSE due END $$""",
    f"""CREATE FUNCTION report_cell(tab text, due bigint, closed bigint) RETURNS integer IMMUTABLE LANGUAGE sql
    AS $$ SELECT (coalesce(array_position({TABS}, tab), 7) - 1) << 20 | least(greatest(report_at(tab, due, closed) / 86400000, 0), 1048575)::integer $$""",
    f"""CREATE FUNCTION report_cut(of text, plain text, service text, ward text, priority text) RETURNS tsvector STABLE LANGUAGE sql
    AS $$ SELECT strip({WORDS}) || array_to_tsvector(ARRAY[{CODES}] || ARRAY({UNITS})) $$""",
    """CREATE TABLE report_search (at bigint NOT NULL, cell integer NOT NULL, report text PRIMARY KEY, wide text NOT NULL, words tsvector NOT NULL)
    WITH (toast_tuple_target = 128)""",
    "ALTER TABLE report_search ALTER words SET STORAGE EXTERNAL",
    "CREATE TABLE report_tally (cell integer PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 50)",
    f"INSERT INTO report_search (report, at, cell, words, wide) SELECT {ROW}, {WIDE} FROM report_case ORDER BY 3, 2",
    "INSERT INTO report_tally (cell, n) SELECT cell, count(*) FROM report_search GROUP BY cell",
    "CREATE INDEX report_search_words ON report_search USING gin (words) WITH (gin_pending_list_limit = 1024)",
    "CREATE INDEX report_search_cell ON report_search (cell)",
    f"""CREATE FUNCTION report_search_new() RETURNS trigger LANGUAGE plpgsql {PLANNED} AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM fresh) THEN RETURN NULL; END IF;
    INSERT INTO report_search (report, at, cell, words, wide) SELECT {ROW}, {WIDE} FROM fresh;
    {TALLY.format(rows=CELLS.format(n=1, rows="fresh"))};
    RETURN NULL;
END $$""",
    f"""CREATE FUNCTION report_search_changed() RETURNS trigger LANGUAGE plpgsql {PLANNED} AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM fresh) THEN RETURN NULL; END IF;
    EXECUTE $sql$WITH f AS MATERIALIZED (SELECT {ROW} FROM fresh)
    UPDATE report_search s SET at = f.at, cell = f.cell, words = CASE WHEN s.words = f.words THEN s.words ELSE f.words END FROM f
    WHERE s.report = f.report AND (s.at <> f.at OR s.cell <> f.cell OR s.words <> f.words)$sql$;
    {TALLY.format(rows=CELLS.format(n=-1, rows="was") + " UNION ALL " + CELLS.format(n=1, rows="fresh"))};
    RETURN NULL;
END $$""",
    f"""CREATE FUNCTION report_search_gone() RETURNS trigger LANGUAGE plpgsql {PLANNED} AS $$ BEGIN
    EXECUTE $sql$DELETE FROM report_search s USING was WHERE s.report = was.report$sql$;
    {TALLY.format(rows=CELLS.format(n=-1, rows="was"))};
    RETURN NULL;
END $$""",
    """CREATE TRIGGER report_search_new AFTER INSERT ON report_case REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION report_search_new()""",
    """CREATE TRIGGER report_search_changed AFTER UPDATE ON report_case REFERENCING OLD TABLE AS was NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION report_search_changed()""",
    """CREATE TRIGGER report_search_gone AFTER DELETE ON report_case REFERENCING OLD TABLE AS was
    FOR EACH STATEMENT EXECUTE FUNCTION report_search_gone()""",
    "DROP INDEX report_case_words",
    "ANALYZE report_search, report_tally",
)
GONE = (
    *(f"DROP TRIGGER report_search_{name} ON report_case" for name in ("new", "changed", "gone")),
    *(f"DROP FUNCTION report_search_{name}" for name in ("new", "changed", "gone")),
    *("DROP TABLE report_search", "DROP TABLE report_tally"),
    *("DROP FUNCTION report_cut", "DROP FUNCTION report_cell", "DROP FUNCTION report_at", OLD),
)


def _run(*statements: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in statements:
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    _run(*POSTGRESQL)


def downgrade() -> None:
    _run(*GONE)
