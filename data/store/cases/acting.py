"""What people do with reports, in the record: one transaction each, a line that stays, and what the board is owed of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from logging import getLogger
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, select

from dashboard.city import City
from dashboard.errors import Away, Missing
from dashboard.events import ReportChanged
from dashboard.ports import Clock, Locate
from dashboard.reports.acts import decide
from dashboard.reports.case import MOST_TEXT, Act, Asked, Case, Illegal, Incomplete
from dashboard.reports.cases import Actor, Entry, Line, Listed, Near, Person, Refusal, Shown, Sought, Wording
from dashboard.reports.following import OURS, entered
from dashboard.reports.rule import Standing, Step
from dashboard.reports.speaking import ANSWERS
from dashboard.reports.units import theirs, working_for
from dashboard.reports.working import calendar_of
from data.sealed import Tampered
from data.store import bulk
from data.store.cases.asking import alike, listed, shown
from data.store.cases.following import owe
from data.store.cases.persons import Persons
from data.store.cases.photos import hand_in
from data.store.cases.saying import again, came_back, say
from data.store.cases.searched import Names, wordings
from data.store.cases.tables import ACT, CASE, PERSON, TEXT, begin, decode_act, held, next_seq, sealed_of, write, write_acts
from data.store.cases.together import by_rules, or_refusal
from data.store.engine import or_away

log = getLogger(__name__)


class SqlCases:
    """The reports of one city on their path. `nudge` tells the board that there is something to read."""

    def __init__(
        self, engine: Engine, clock: Clock, living: Callable[[], City], *, secret: bytes, locate: Locate, nudge: Callable[[], None]
    ) -> None:
        self._engine, self._clock, self._living = engine, clock, living
        self._persons, self._locate, self._nudge = Persons(secret), locate, nudge

    def act(self, asked: Asked, *, by: Actor, key: str) -> Act:
        """Do it, once, in one transaction; return the line of the report asked for. Raises Illegal, Incomplete, Missing, Away."""
        with or_away(), self._engine.begin() as sql:
            begin(sql)
            told = _told(sql, f"{by.name}:{key}")
            if told is None:
                told = self._done(sql, asked, by, f"{by.name}:{key}")
        if (told.action, told.report) != (asked.action, asked.report):
            raise Illegal("key", told.after)
        self._tell()
        return told

    def act_together(self, asked: Sequence[Asked], *, by: Actor, key: str) -> Mapping[str, Case | Refusal]:
        """Do each, once, all in one transaction; an act's own key is `key` and its report. Raises Away: then none is done."""
        done: dict[str, Case | Refusal] = {}
        with or_away(), self._engine.begin() as sql:
            begin(sql)
            for one in asked:
                done[one.report] = self._one_of(sql, one, by, f"{by.name}:{key}:{one.report}")
        self._tell()
        return done

    def would(self, asked: Sequence[Asked], *, by: Actor) -> Mapping[str, Case | Refusal]:
        """Return what would become of each. Raises Away."""
        with or_away(), self._engine.connect() as sql:
            return {one.report: or_refusal(lambda one=one: self._steps(sql, one, by)[0].after) for one in asked}  # type: ignore[misc]  # bound now

    def _one_of(self, sql: Connection, asked: Asked, by: Actor, key: str) -> Case | Refusal:
        told = _told(sql, key)
        if told is not None:
            return told.after if (told.action, told.report) == (asked.action, asked.report) else Illegal("key", told.after)
        return or_refusal(lambda: self._done(sql, asked, by, key).after)

    def enter(self, entry: Entry, *, by: Actor, key: str) -> Act:
        """Take a report in, once. Raises Incomplete, Away."""
        with or_away(), self._engine.begin() as sql:
            begin(sql)
            told = _told(sql, f"{by.name}:{key}")
            if told is None:
                told = self._entered(sql, entry, by, f"{by.name}:{key}")
        self._tell()
        return told

    def listed(self, sought: Sought, *, by: Actor) -> Listed:
        """Return a window of a list of what is a person's to see. Raises Away."""
        city = self._living()
        with or_away(), self._engine.connect() as sql:
            return listed(sql, sought, city, self._clock.now_ms(), mine=working_for(city, by))

    def shown(self, report: str, *, by: Actor) -> Shown:
        """Return one report, whole. Raises Missing, Away."""
        city = self._living()
        mine = working_for(city, by)
        with or_away(), self._engine.connect() as sql:
            return shown(sql, theirs(held(sql, report), mine), city, mine=mine)

    def alike(self, entry: Entry, *, ward: str, at_ms: int) -> Sequence[Near]:
        """Return what a report that nobody sent, and that would come at `at_ms`, may be of the same matter as. Raises Away."""
        city = self._living()
        case = entered(entry.source, ward, _event(entry, "", at_ms, at_ms), city)
        with or_away(), self._engine.connect() as sql:
            return alike(sql, Line(case, "", Wording(entry.title, entry.text)), city)

    def identity(self, report: str, *, by: Actor, why: str, key: str) -> Person:
        """Return who sent a report; that it was looked at, and why, is a line of its history. Raises Incomplete, Missing, Away."""
        if not why.strip():
            raise Incomplete("why")
        with or_away(), self._engine.begin() as sql:
            begin(sql)
            case, sealed = held(sql, report), sealed_of(sql, report)
            if sealed is None:
                raise Missing("nobody knows who sent it")
            if _told(sql, f"{by.name}:{key}") is None:
                self._write(
                    sql, [Step("reveal", case)], Asked("note", report, why=why), by, f"{by.name}:{key}", self._clock.now_ms()
                )
        try:
            return self._persons.open(sealed, report)
        except Tampered as tampered:
            raise Missing("what was sealed cannot be opened") from tampered

    def _done(self, sql: Connection, asked: Asked, by: Actor, key: str) -> Act:
        now_ms, steps = self._clock.now_ms(), self._steps(sql, asked, by)
        if asked.action == "result":
            hand_in(sql, asked.report, asked.nth, asked.evidence, now_ms)
        return self._write(sql, steps, asked, by, key, now_ms)

    def _steps(self, sql: Connection, asked: Asked, by: Actor) -> Sequence[Step]:
        """Return what follows from an act; nothing is written. Raises Illegal, Incomplete, Missing."""
        city, now_ms = self._living(), self._clock.now_ms()
        mine = working_for(city, by)
        case = theirs(held(sql, asked.report), mine)
        if asked.action == "forward" and asked.by_rules:
            asked = asked._replace(units=by_rules(sql, case, city, now_ms))
        other = case.merged_into if asked.action == "split" else asked.other
        members = [held(sql, one) for one in case.duplicates] if asked.action in ANSWERS else []
        stands = Standing(
            case=case,
            who=by.name,
            now_ms=now_ms,
            city=city,
            calendar=calendar_of(city),
            services=frozenset(one.code for one in city.services),
            units=_in_force(city, now_ms),
            mine=mine,
            other=held(sql, other) if other else None,
            members=members,
        )
        return decide(stands, asked)

    def _write(self, sql: Connection, steps: Sequence[Step], asked: Asked, by: Actor, key: str, now_ms: int) -> Act:
        """Write what follows from an act, and a line for each report it concerns; return the first."""
        seq = next_seq(sql)
        before = {step.after.report: held(sql, step.after.report) for step in steps}
        due = {report: case.deadline.due for report, case in before.items()}
        acts = [
            Act(
                seq=seq + nth,
                key=key if nth == 0 else f"{key}:{nth}",
                report=step.after.report,
                action=step.action,
                who=by.name,
                role=by.role,
                unit=by.unit,
                at=now_ms,
                why=asked.why.strip(),
                text=(step.text or asked.text).strip(),
                nth=step.nth,
                other=step.other,
                before_due=due[step.after.report] if due[step.after.report] != step.after.deadline.due else 0,
                after=step.after,
            )
            for nth, step in enumerate(steps)
        ]
        texts, names = wordings(sql, [one.report for one in acts]), Names(self._living())
        write(sql, [(one.after, names.of(one.after, texts.get(one.report, Wording()))) for one in acts])
        write_acts(sql, acts)
        owe(sql, acts, now_ms=now_ms)
        say(sql, [(before[one.report], one) for one in acts], mail=self._living().reports.letters.mail)
        if asked.action == "send_again" and not again(sql, asked.report, now_ms):
            raise Illegal("sent", acts[0].after)
        if asked.action == "bounced" and not came_back(sql, asked.report, asked.why.strip(), now_ms):
            raise Illegal("unsent", acts[0].after)
        return acts[0]

    def _entered(self, sql: Connection, entry: Entry, by: Actor, key: str) -> Act:
        city, now_ms = self._living(), self._clock.now_ms()
        _check(entry, city)
        at = min(entry.submitted or now_ms, now_ms)
        number = entry.number or _number(sql, entry.source, at, city.zone)
        ward = "" if entry.lon is None or entry.lat is None else self._locate(entry.lon, entry.lat, at)
        case = entered(entry.source, ward, _event(entry, number, at, now_ms), city)
        report = f"{entry.source}/{number}"
        if sql.scalar(select(CASE.c.report).where(CASE.c.report == report)) is not None:
            raise Incomplete("number")
        self._keep_words(sql, report, entry)
        seq = next_seq(sql)
        act = Act(
            seq=seq, key=key, report=report, action="enter", who=by.name, role=by.role, at=now_ms, other=entry.event, after=case
        )
        write(sql, [(case, Names(city).of(case, Wording(entry.title, entry.text, entry.place, entry.channel)))])
        write_acts(sql, [act])
        owe(sql, [act], now_ms=now_ms, channel=entry.channel or None)
        return act

    def _keep_words(self, sql: Connection, report: str, entry: Entry) -> None:
        """Keep what the citizen wrote, and who they are: the latter sealed."""
        bulk.insert(sql, TEXT, [(report, entry.title.strip(), entry.text.strip(), entry.place.strip(), entry.channel)])
        if any(entry.person):
            bulk.insert(sql, PERSON, [(report, self._persons.close(entry.person, report))])

    def _tell(self) -> None:
        try:
            self._nudge()
        except Away as away:
            log.warning("the board hears of an act a little later: %s", away)


def _told(sql: Connection, key: str) -> Act | None:
    body = sql.scalar(select(ACT.c.body).where(ACT.c.key == key))
    return None if body is None else decode_act(body)


def _in_force(city: City, now_ms: int) -> Mapping[str, str]:
    """Return the units of this day and the profiles of their clocks."""
    on = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(city.zone)).date()
    return {one.code: one.clock for one in city.units if (one.valid_from or date.min) <= on <= (one.valid_to or date.max)}


def _event(entry: Entry, number: str, at_ms: int, now_ms: int) -> ReportChanged:
    return ReportChanged(
        id=f"{OURS}{number}",
        at=now_ms,
        report=number,
        service=entry.service,
        submitted=at_ms,
        open=True,
        lon=entry.lon,
        lat=entry.lat,
        urgent=entry.urgent,
        channel=entry.channel or None,
    )


def _check(entry: Entry, city: City) -> None:
    """Raise Incomplete where a report cannot be taken in as it was told."""
    if entry.service not in {one.code for one in city.services}:
        raise Incomplete("service")
    if not entry.text.strip() or len(entry.text) > MOST_TEXT:
        raise Incomplete("text")
    if (entry.lon is None) != (entry.lat is None):
        raise Incomplete("place")
    west, south, east, north = city.bounds
    if entry.lon is not None and entry.lat is not None and not (west <= entry.lon <= east and south <= entry.lat <= north):
        raise Incomplete("place")


def _number(sql: Connection, source: str, at_ms: int, zone: str) -> str:
    """Return a number of that day that no report of this source has: `261129-004`."""
    day = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%y%m%d")
    begins = f"{source}/{day}-"
    last = sql.scalar(select(func.max(CASE.c.report)).where(CASE.c.report.between(begins, f"{begins}~")))
    return f"{day}-{int(last.rpartition('-')[2]) + 1 if last else 1:04d}"
