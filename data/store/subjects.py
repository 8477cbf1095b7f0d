"""What may belong to an incident, looked up in the record: alarms, events, reports; by name, or because it was near."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Select, select

from dashboard.alarms.alarm import Alarm
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.events import Found, ReportChanged, Sighted
from dashboard.incidents.incident import Member, Subject
from dashboard.incidents.near import NEAR_MS
from dashboard.kinds import Kinds
from dashboard.masking import HIDDEN, hidden
from dashboard.pictures import original
from data.store.alarms import decode as decode_alarm
from data.store.clips import begun
from data.store.loading import recorded
from data.store.sources import SOURCE
from data.store.tables import ALARM, EVENT, REPORT

AT_ONCE = 500
NUMBERED = ":#"  # how an event is called whose own key would betray a plate (dashboard.rows)


class Subjects:
    """One city's record, read for incidents."""

    def __init__(self, living: Callable[[], City]) -> None:
        self._living, city = living, living()
        self._kinds = Kinds(city)
        self._fields = {service.code: service.field for service in city.services}
        self._families = {kind.key: kind.family or kind.key for kind in city.kinds}

    def named(self, sql: Connection, told: Member) -> Member:
        """Return something under the key that the record has for it, however a screen calls it. Raises Missing."""
        if told.what == "event":
            return Member("event", _event_key(sql, told.key))
        return Member("report", _report_key(sql, told.key)) if told.what == "report" else told

    def find(self, sql: Connection, members: Iterable[Member]) -> dict[Member, Subject]:
        """Return what is known of each; what is nowhere in the record is left out."""
        wanted = list(members)
        found = []
        for at in range(0, len(wanted), AT_ONCE):
            some = wanted[at : at + AT_ONCE]
            alarms, events, reports = ([one.key for one in some if one.what == what] for what in ("alarm", "event", "report"))
            found += self._alarms(sql, select(ALARM.c.body).where(ALARM.c.id.in_(alarms))) if alarms else []
            found += self._events(sql, events) if events else []
            found += self._reports(sql, _reports().where(REPORT.c.key.in_(reports))) if reports else []
        return {one.member: one for one in found}

    def open_near(self, sql: Connection, mine: Sequence[Subject]) -> list[Subject]:
        """Return the open alarms, and the open reports from about then, of the families that `mine` is of."""
        families = {one.family for one in mine}
        since, until = min(one.at for one in mine) - NEAR_MS, max(one.last for one in mine) + NEAR_MS
        kinds = [kind for kind, family in self._families.items() if family in families]
        services = [code for code in self._fields if self._field(code) in families]
        alarms = select(ALARM.c.body).where(ALARM.c.closed == 0, ALARM.c.kind.in_(kinds), ALARM.c.since <= until)
        c = REPORT.c
        reports = _reports().where(c.open, c.service.in_(services), c.submitted.between(since, until))
        own = {one.member for one in mine}
        found = [*(self._alarms(sql, alarms) if kinds else []), *(self._reports(sql, reports) if services else [])]
        return [one for one in found if one.member not in own]

    def _place(self, camera: str) -> tuple[float | None, float | None]:
        """Return where a camera stands now (lon, lat), also one that was adopted a moment ago."""
        return next(((one.lon, one.lat) for one in self._living().cameras if one.id == camera), (None, None))

    def _field(self, service: str) -> str:
        return f"report/{self._fields.get(service, service)}"

    def _alarms(self, sql: Connection, wanted: Select[Any]) -> list[Subject]:
        alarms = [decode_alarm(body) for body in sql.scalars(wanted)]
        films = begun(sql, [key for one in alarms for key in one.events])
        return [
            replace(self._alarm(one), clips=tuple(sorted(at for key in one.events for at in films.get(original(key), ()))))
            for one in alarms
        ]

    def _alarm(self, alarm: Alarm) -> Subject:
        lon, lat = self._place(alarm.camera)
        return Subject(
            member=Member("alarm", alarm.id),
            kind=alarm.kind,
            family=self._families.get(alarm.kind, alarm.kind),
            at=alarm.since,
            last=max(alarm.last, alarm.since),
            ward=alarm.ward,
            lon=lon,
            lat=lat,
            camera=alarm.camera,
            name="" if alarm.camera else alarm.name,
            plate=alarm.plate,
            priority=alarm.priority,
            state=alarm.state,
            owner=alarm.course.owner,
            ended=alarm.course.closed,
        )

    def _events(self, sql: Connection, keys: list[str]) -> list[Subject]:
        films = begun(sql, keys)
        return [
            replace(self._event(row), clips=films.get(original(row.key), ()))
            for row in sql.execute(select(EVENT).where(EVENT.c.key.in_(keys)))
        ]

    def _event(self, row: Any) -> Subject:
        one = recorded(row)
        heard, event = one.heard, one.heard.event
        lon, lat = self._place(heard.camera)
        if isinstance(event, ReportChanged):
            lon, lat = event.lon, event.lat
        return Subject(
            member=Member("event", row.key),
            kind=one.kind,
            family=self._families.get(one.kind, one.kind),
            at=heard.counted,
            last=heard.counted,
            ward=heard.ward,
            lon=lon,
            lat=lat,
            camera=heard.camera,
            name="" if heard.camera or not isinstance(event, Sighted) else event.camera,
            plate=(event.plate if isinstance(event, Sighted) else None) or (heard.found or Found()).plate,
            priority=self._kinds.priority(one.kind),
            seq=one.seq,
        )

    def _reports(self, sql: Connection, wanted: Select[Any]) -> list[Subject]:
        return [self._report(row) for row in sql.execute(wanted)]

    def _report(self, row: Any) -> Subject:
        return Subject(
            member=Member("report", row.key),
            kind=row.service,
            family=self._field(row.service),
            at=row.submitted,
            last=row.submitted,
            ward=row.ward,
            lon=row.lon,
            lat=row.lat,
            name=row.report,
            state="open" if row.open else "closed",
            ended=row.closed or 0,
            due=row.due,
        )


def _reports() -> Select[Any]:
    c = REPORT.c
    return select(c.key, c.report, c.service, c.ward, c.submitted, c.due, c.closed, c.open, c.lon, c.lat)


def _event_key(sql: Connection, told: str) -> str:
    _, numbered, number = told.rpartition(NUMBERED)
    if numbered and number.isdecimal():
        found = sql.scalar(select(EVENT.c.key).where(EVENT.c.seq == min(int(number), 1 << 60)))
    else:
        found = sql.scalar(select(EVENT.c.key).where(EVENT.c.key == told))
    if found is None:
        raise Missing(f"there is no event {told!r}")
    return str(found)


def _report_key(sql: Connection, told: str) -> str:
    """Screens name a report without its source, and hide what stands in its own name."""
    sources = sql.scalars(select(SOURCE.c.key)).all()
    names = [told, *(f"{source}/{told}" for source in sources)]
    found = sql.scalars(select(REPORT.c.key).where(REPORT.c.key.in_(names)).order_by(REPORT.c.key)).all()
    if not found and HIDDEN in told:
        rows = sql.execute(select(REPORT.c.key, REPORT.c.report).where(REPORT.c.open))
        found = [row.key for row in rows if told in {hidden(row.key), hidden(row.report)}]
    if len(found) != 1:
        raise Missing(f"there is no report {told!r}, or more than one")
    return str(found[0])
