"""Lists of reports by words, filters, tabs and deadlines, held against a plain look at every report, in either record."""

import random
from collections.abc import Callable, Iterator

import pytest
from alembic import command
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, text

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.plain import plain
from dashboard.reports.case import STATES, TABS, Case, Part
from dashboard.reports.cases import Listed, Sought
from dashboard.reports.clock import Deadline, Pause
from dashboard.term import Term
from data.pack import load
from data.store.cases.asking import counted, every, listed
from data.store.cases.tables import TAB_OF, write
from data.store.migrate import config
from tests.keep import START

WORDS = ("rác", "đường", "ngập", "nghiêng", "trường", "Nguyễn", "ngã", "đ")
TERM = Term(7, "working_day")
FILTERS: tuple[dict[str, str], ...] = (
    {},
    *({"due": due} for due in ("overdue", "soon", "paused", "unread")),
    {"ward": "W"},
    {"service": "S"},
    {"field": "F"},
    {"priority": "urgent"},
    {"unit": "UB-1"},
    {"unit": "UB-2", "due": "overdue", "ward": "W"},
    {"field": "nonsense"},
    {"ward": "W,V"},
    {"unit": "UB-1,HEPCO", "field": "F,E", "ward": "V,W,nowhere"},
    {"unit": "UB-1,UB-2", "due": "soon", "service": "S,T"},
)
Told = list[tuple[Case, str]]


@pytest.fixture(scope="module")
def city() -> City:
    return load("hue").city


def reports(city: City, chance: random.Random, count: int) -> Told:
    """Return reports in every state, many of them due in the same hours."""
    made: Told = []
    for n in range(count):
        due = START + chance.choice(
            (0, 1, -HOUR_MS, DAY_MS, DAY_MS + 1, chance.randrange(-9, 9) * DAY_MS, chance.randrange(DAY_MS))
        )
        unit, lost = chance.choice(("UB-1", "UB-2", "HEPCO")), chance.random() < 0.2
        deadline = Deadline(
            profile="office",
            term=TERM,
            started=due - DAY_MS,
            original=due,
            due=due,
            calendar="b",
            pauses=(Pause(START, 0, "x"),) if n % 9 == 0 else (),
        )
        part = Part(nth=1, unit=unit, state="withdrawn" if lost else "accepted", given=START, deadline=deadline)
        case = Case(
            report=f"b/R{n}",
            state=chance.choice(STATES),
            service=chance.choice([one.code for one in city.services[:6]]),
            priority=chance.choice(("normal", "urgent")),
            ward=chance.choice([one.code for one in city.wards[:4]]),
            submitted=START - DAY_MS,
            deadline=deadline,
            parts=(part,) if n % 3 else (),
            unread=chance.choice((0, 0, 0, 5)),
        )
        said = " ".join(chance.sample(WORDS, chance.randrange(4)))
        made.append((replace(case, closed=START - chance.randrange(3 * DAY_MS) if case.settled else 0), plain(said)))
    return made


def fits(one: Case, said: str, sought: Sought, city: City) -> bool:
    """Say plainly whether a report is in a list, whatever the tab."""
    due = FOREVER if one.deadline.paused and not one.settled else one.deadline.due
    is_due = {
        "": True,
        "overdue": not one.settled and due < START,
        "soon": not one.settled and START <= due <= START + DAY_MS,
        "paused": not one.settled and due == FOREVER,
        "unread": one.unread > 0,
    }
    return (
        all(any(word.startswith(begun) for word in said.split()) for begun in plain(sought.words).split())
        and (not sought.service or one.service in sought.service.split(","))
        and (not sought.ward or one.ward in sought.ward.split(","))
        and sought.priority in {"", one.priority}
        and (not sought.field or one.service in {it.code for it in city.services if it.field in sought.field.split(",")})
        and (not sought.unit or any(part.unit in sought.unit.split(",") and part.state != "withdrawn" for part in one.parts))
        and is_due[sought.due]
    )


def order(sought: Sought) -> tuple[Callable[[Case], tuple[int, str]], bool]:
    if sought.tab in {"published", "closed"}:
        return (lambda one: (one.closed, one.report)), True
    return (lambda one: (FOREVER if one.deadline.paused and not one.settled else one.deadline.due, one.report)), False


def plainly(told: Told, sought: Sought, city: City) -> tuple[list[str], dict[str, int]]:
    """Return the whole list and the counts of all tabs."""
    found = [case for case, said in told if fits(case, said, sought, city)]
    late = [one for one in found if not one.settled and not one.deadline.paused and one.deadline.due < START]
    counts = {tab: sum(TAB_OF[one.state] == tab for one in found) for tab in TABS} | {"overdue": len(late)}
    key, down = order(sought)
    shown = late if sought.tab == "overdue" else [one for one in found if sought.tab in {"", TAB_OF[one.state]}]
    return [one.report for one in sorted(shown, key=key, reverse=down)], counts


def asked(city: City) -> Iterator[Sought]:
    """Yield lists of every kind."""
    first, other = city.services[2], next(one for one in city.services if one.field != city.services[2].field)
    named = {"W": city.wards[1].code, "V": city.wards[2].code, "S": first.code, "T": other.code, "F": first.field, "E": other.field}
    for words in ("", "rac", "rác đường", "ng", "nghieng", "duong ng tr", "khong"):
        for told in FILTERS:
            for tab in ("", "overdue", *TABS):
                yield Sought(
                    tab=tab,
                    words=words,
                    **{name: ",".join(named.get(one, one) for one in value.split(",")) for name, value in told.items()},
                )  # type: ignore[arg-type]


def held(sql: Connection, told: Told, city: City, chance: random.Random) -> None:
    for sought in chance.sample(list(asked(city)), 150):
        whole, counts = plainly(told, sought, city)
        got = listed(sql, sought._replace(limit=200), city, START, mine=None)
        assert (names(got), dict(got.counts), got.total) == (whole, counts, len(whole)), sought
        assert counted(sql, sought, city, START, mine=None) == len(whole)
        for offset in {0, len(whole) // 2, max(len(whole) - 3, 0), len(whole), len(whole) + 7}:
            window = listed(sql, sought._replace(offset=offset, limit=5), city, START, mine=None)
            assert (names(window), window.total) == (whole[offset : offset + 5], len(whole)), (sought, offset)


def names(got: Listed) -> list[str]:
    return [one.case.report for one in got.lines]


def test_lists_are_what_a_plain_look_finds_also_after_all_has_changed(engine: Engine, city: City) -> None:
    chance = random.Random(11)
    first = reports(city, chance, 150)
    with engine.begin() as sql:
        write(sql, first)
        held(sql, first, city, chance)
        again = reports(city, chance, 150)
        chance.shuffle(again)
        write(sql, again)
        held(sql, again, city, chance)
        sql.execute(text("DELETE FROM report_case WHERE report LIKE 'b/R1%'"))
        held(sql, [(case, said) for case, said in again if not case.report.startswith("b/R1")], city, chance)


def test_a_unit_finds_its_own_by_words(engine: Engine, city: City) -> None:
    told = reports(city, random.Random(5), 120)
    mine = frozenset({"UB-1", "HEPCO"})
    with engine.begin() as sql:
        write(sql, told)
        for words in ("rac", "ng duong"):
            sought = Sought(words=words, limit=200)
            own = [one for one, said in told if fits(one, said, sought, city)]
            whole = {one.report for one in own if any(part.unit in mine and part.state != "withdrawn" for part in one.parts)}
            assert set(names(listed(sql, sought, city, START, mine=mine))) == whole
            assert {line.case.report for line in every(sql, sought, city, START, mine=mine)} == whole


def test_nobody_writes_a_report_into_another_ward(engine: Engine, city: City) -> None:
    """What cuts lists are words of the same index: a citizen's text that holds one counts for nothing."""
    case, _ = reports(city, random.Random(1), 1)[0]
    other = next(one.code for one in city.wards if one.code != case.ward)
    forged = f"rac \ue000w{other.encode().hex()} \ue000none"
    with engine.begin() as sql:
        write(sql, [(case, forged)])
        write(sql, [(case, f"{forged} nua")])
        tab = TAB_OF[case.state]
        assert names(listed(sql, Sought(tab=tab, words="rac"), city, START, mine=None)) == [case.report]
        assert names(listed(sql, Sought(tab=tab, words="rac", ward=other), city, START, mine=None)) == []
        assert names(listed(sql, Sought(tab=tab, words="rac", field="nonsense"), city, START, mine=None)) == []
        assert names(listed(sql, Sought(tab=tab, words="rac", ward=case.ward), city, START, mine=None)) == [case.report]


def test_an_older_record_is_carried_over_and_can_go_back(engine: Engine, city: City) -> None:
    chance, url = random.Random(3), engine.url.render_as_string(hide_password=False)
    told = reports(city, chance, 120)
    with engine.begin() as sql:
        write(sql, told)
    engine.dispose()
    command.downgrade(config(url), "0028")
    with engine.connect() as sql:
        fts = "report IN (SELECT report FROM report_search WHERE id IN (SELECT rowid FROM report_fts WHERE report_fts MATCH 'rac'))"
        gin = "to_tsvector('simple', regexp_replace(plain, '[^[:alnum:]]+', ' ', 'g')) @@ to_tsquery('simple', 'rac:*')"
        rows = sql.execute(text(f"SELECT count(*) FROM report_case WHERE {fts if sql.dialect.name == 'sqlite' else gin}"))
        assert rows.scalar() == sum("rac" in said for _, said in told)
    engine.dispose()
    command.upgrade(config(url), "head")
    with engine.begin() as sql:
        held(sql, told, city, chance)
        write(sql, told[:40])
        held(sql, told, city, chance)


def test_however_a_report_is_written_it_is_found(engine: Engine, city: City) -> None:
    """What stands beside the reports follows them in the statement itself, whoever writes it and however many rows it is of."""
    told = reports(city, random.Random(8), 90)
    with engine.begin() as sql:
        write(sql, told[:1])
        write(sql, told[1:])
        sql.execute(
            text("UPDATE report_case SET tab = 'received', state = 'received', due = due + 86400000, plain = plain || ' mua'")
        )
        sql.execute(text("UPDATE report_part SET unit = 'HEPCO', state = 'accepted'"))
        sql.execute(text("UPDATE report_case SET version = version + 1 WHERE report = 'b/R1'"))
        sql.execute(text("DELETE FROM report_case WHERE report LIKE 'b/R2%'"))
        left = [one for one, _ in told if not one.report.startswith("b/R2")]
        for words in ("", "mua"):
            got = listed(sql, Sought(tab="received", words=words, limit=200), city, START, mine=None)
            assert (got.total, dict(got.counts)["received"]) == (len(left), len(left))
        of_unit = listed(sql, Sought(tab="received", words="mua", unit="HEPCO", limit=200), city, START, mine=None)
        assert "b/R1" in names(of_unit)
        cells = "SELECT sum(n), count(*) FROM report_tally WHERE n <> 0"
        assert sql.execute(text(cells)).one()[0] == len(left)


def test_a_list_is_the_same_as_often_as_it_is_asked_for(engine: Engine, city: City) -> None:
    """A statement that is asked for many times is planned anew for its words, and nothing of a list is left to the next."""
    told = reports(city, random.Random(9), 60)
    with engine.begin() as sql:
        write(sql, told)
    sought = Sought(tab="in_progress", words="rac")
    for _ in range(9):
        with engine.connect() as sql:
            assert names(listed(sql, sought, city, START, mine=None)) == plainly(told, sought, city)[0][: sought.limit]
    with engine.connect() as sql:
        listed(sql, sought, city, START, mine=None)
        sql.rollback()
        if sql.dialect.name == "postgresql":
            assert sql.execute(text("SHOW enable_seqscan")).scalar() == "on"
