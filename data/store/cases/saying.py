"""What citizens are told, written in the transaction of the act that tells it: a word for whoever asks, and what is sent of it."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import asdict, replace
from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, func, select, text

from dashboard.reports.acts import RULES
from dashboard.reports.case import Act, Case, Done
from dashboard.reports.sending import HOLD_MS, MOST_REASON, Sending, Sent, Way, update_id
from dashboard.reports.speaking import LETTER, Word, told
from data.store import bulk
from data.store.cases.tables import ACT, decode_act, sealed_of
from data.store.sources import SOURCE
from data.store.tables import META, NUMBER
from data.store.words import OURS, REPORT_UPDATE

WAITING = "state = 'waiting'"
UNDOABLE: frozenset[Done] = frozenset(action for action, rule in RULES.items() if rule.undo)
ENDPOINT, CLIENT = "georeport", "open311"  # adapters: of those whom we ask, of those who speak to us
SENDING = Table(
    "report_sending",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),  # of the act that told it
    Column("report", String, nullable=False),
    Column("way", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("text", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Index("report_sending_report", "report", "seq"),
    Index("report_sending_waiting", "due", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
)


def say(sql: Connection, acts: Iterable[tuple[Case, Act]], *, mail: bool) -> None:
    """Write what acts tell, each with the case as it stood before. `mail`: the city writes to citizens."""
    words: list[bulk.Row] = []
    for before, act in acts:
        held = act.action == "undo" and _take_back(sql, before, act)
        word = told(before, act.action, act.text, act.after)
        if word is None:
            continue
        words.append((OURS, update_id(act.seq), act.report, act.at, act.at, word.status, word.text, "[]", None, word.kind))
        if not held and (sending := _sending(sql, act, word, mail=mail)) is not None:
            sql.execute(SENDING.insert().values(**asdict(sending)))
    bulk.insert_new(sql, REPORT_UPDATE, words)


def _sending(sql: Connection, act: Act, word: Word, *, mail: bool) -> Sending | None:
    """Return what is sent of a word: to an endpoint all but letters, to a citizen what somebody has written."""
    source = act.report.partition("/")[0]
    known = sql.execute(select(SOURCE.c.adapter, SOURCE.c.address).where(SOURCE.c.key == source)).first()
    adapter, address = (known.adapter, known.address) if known else ("", "")
    way: Way = "endpoint" if adapter == ENDPOINT and address else "client" if adapter == CLIENT else "mail"
    one = Sending(seq=act.seq, report=act.report, way=way, at=act.at, due=act.at, **word._asdict())
    if way == "endpoint" and act.action != LETTER:
        return replace(one, due=act.at + HOLD_MS if act.action in UNDOABLE else act.at)
    if not word.text:
        return None
    if way == "client":
        return replace(one, state="kept", ended=act.at)
    if way == "mail" and mail and sealed_of(sql, act.report) is not None:
        return one
    return replace(one, way="", state="no_channel", ended=act.at)


def _take_back(sql: Connection, before: Case, act: Act) -> bool:
    """Let go of what was told by the act that is undone, where it is still held; return whether there was any."""
    c, since = SENDING.c, before.undo.at if before.undo else act.at
    held = (c.report == act.report, c.state == "waiting", c.tries == 0, c.at >= since, c.due > act.at)
    return sql.execute(SENDING.update().where(*held).values(state="undone", ended=act.at)).rowcount > 0


def again(sql: Connection, report: str, now_ms: int) -> int:
    """Let everything that was given up about a report be sent once more; return how much that is."""
    given_up = SENDING.update().where(SENDING.c.report == report, SENDING.c.state == "given_up")
    return sql.execute(given_up.values(state="waiting", tries=0, due=now_ms, ended=0)).rowcount


def came_back(sql: Connection, report: str, why: str, now_ms: int) -> bool:
    """Keep that the last e-mail about a report did not reach its citizen, as somebody has read; return whether there was one."""
    c = SENDING.c
    last = select(func.max(c.seq)).where(c.report == report, c.way == "mail", c.state == "sent").scalar_subquery()
    lost = SENDING.update().where(c.seq == last).values(state="given_up", reason=why[:MOST_REASON], ended=now_ms)
    return sql.execute(lost).rowcount == 1


def sent_of(sql: Connection, report: str) -> Mapping[int, Sent]:
    """Return how what was sent about a report stands, by the act that told it."""
    rows = sql.execute(select(SENDING).where(SENDING.c.report == report))
    return {row.seq: Sent(row.way, row.state, row.tries, row.due, row.reason, row.ended) for row in rows}


def ours_of(sql: Connection, report: str) -> Sequence[tuple[str, str]]:
    """Return what we have told about a report: names and texts."""
    c = REPORT_UPDATE.c
    return [(row.number, row.text) for row in sql.execute(select(c.number, c.text).where(c.report == report, c.source == OURS))]


def act_of(sql: Connection, seq: int) -> Act:
    """Return an act by its number."""
    return decode_act(sql.execute(select(ACT.c.body).where(ACT.c.seq == seq)).scalar_one())
