"""A report's path over a real record, with a clock that the test turns, and people of the centre and of units."""

from datetime import date

from sqlalchemy import Engine

from dashboard.board import turn
from dashboard.city import City, Unit
from dashboard.events import Heard, ReportChanged
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from dashboard.reports.case import Act, Asked, Case, Given
from dashboard.reports.cases import Actor, Entry, Shown, Sought
from data.store.cases.acting import SqlCases
from data.store.record import SqlStore
from tests.keep import START, Hands
from tests.town import kind, town, words


def unit(code: str, name: str, **more: object) -> Unit:
    told = {"kind": "ward", "valid_from": date(2025, 7, 1), "valid_to": None} | more
    return Unit(code=code, name=words(name), short=words(name), **told)  # type: ignore[arg-type]


UNITS = (
    unit("UB-1", "UBND phường Thuận Hóa"),
    unit("UB-2", "UBND phường Phú Xuân"),
    unit("HEPCO", "Công ty Môi trường", clock="utility"),
    unit("CA", "Công an", clock="24x7"),
    unit("UB-0", "UBND phường Thuận Hòa (cũ)", valid_from=None, valid_to=date(2025, 6, 30), successors=("UB-1",)),
)
TOWN = town(units=UNITS, kinds=(*town().kinds, kind("report_urgent", "alarm", 2)))
AN, BINH = Actor("An", "operator"), Actor("Bình", "supervisor")
WARD, OTHER = Actor("Hà", "ward_officer", "UB-1"), Actor("Lê", "ward_officer", "UB-2")
SECRET = b"only for tests: 0123456789abcdef"


def telling(key: str, now: int, **more: object) -> ReportChanged:
    told = {
        "id": f"{key}@{now}",
        "at": now,
        "report": key,
        "service": "MT01",
        "submitted": now,
        "open": True,
        "lon": 107.58,
        "lat": 16.46,
    }
    return ReportChanged(**(told | more))  # type: ignore[arg-type]


class Office:
    """A board and the people around it."""

    def __init__(self, engine: Engine, city: City = TOWN) -> None:
        self.engine, self.clock, self.city, self._n = engine, Hands(START), city, 0
        self.store = SqlStore(engine, city=city)
        self.hearing = Hearing(city, locate=lambda *_: "19753")
        self.cases = SqlCases(engine, self.clock, lambda: self.city, secret=SECRET, locate=lambda *_: "19753", nudge=lambda: None)
        self.board = self.store.record(self.store.load(START), Reading((), ()), "0-0")

    def hear(self, *heard: Heard) -> None:
        self._n += 1
        self.board = self.store.record(turn(self.board, self.clock.at_ms), Reading(heard, ()), f"{self._n}-0")

    def told(self, key: str, **more: object) -> str:
        """Let the source `reports` tell of a report; return its key in the record."""
        self.hear(self.hearing.hear("reports", self.clock.at_ms, telling(key, self.clock.at_ms, **more)))
        return f"reports/{key}"

    def enter(self, text: str = "Rác dồn ở đầu kiệt", *, by: Actor = AN, **more: object) -> str:
        self._n += 1
        told = {"service": "MT01", "lon": 107.58, "lat": 16.46} | more
        act = self.cases.enter(Entry(text=text, **told), by=by, key=f"enter{self._n}")  # type: ignore[arg-type]
        self.hear()
        return act.report

    def act(self, action: str, report: str, *, by: Actor = AN, key: str = "", **more: object) -> Act:
        self._n += 1
        if isinstance(units := more.get("units"), str):
            more["units"] = tuple(Given(one) for one in units.split())
        return self.cases.act(Asked(action, report, **({"why": "vì thế"} | more)), by=by, key=key or f"act{self._n}")  # type: ignore[arg-type]

    def walk(self, report: str, to: str, *, units: str = "UB-1") -> Case:
        """Bring a report as far as `to` by the shortest way."""
        steps = {
            "verified": lambda: self.act("verify", report),
            "classified": lambda: self.act("classify", report),
            "forwarded": lambda: self.act("forward", report, units=units),
            "in_progress": lambda: self.act("accept", report, by=WARD, nth=1),
            "resulted": lambda: self.act("result", report, by=WARD, nth=1, text="Đã dọn sạch"),
            "approved": lambda: self.act("approve", report),
            "published": lambda: self.act("publish", report, text="Kính gửi Quý Ông/Bà: đã xử lý xong."),
            "rated": lambda: self.act("rate", report, rating="satisfied"),
            "closed": lambda: self.act("close", report),
        }
        for state, step in steps.items():
            self.clock.at_ms += 60_000
            step()
            if state == to:
                return self.case(report)
        return self.case(report)

    def shown(self, report: str, *, by: Actor = AN) -> Shown:
        return self.cases.shown(report, by=by)

    def case(self, report: str) -> Case:
        return self.shown(report).line.case

    def listed(self, *, by: Actor = AN, **sought: object) -> list[str]:
        return [one.case.report for one in self.cases.listed(Sought(**sought), by=by).lines]  # type: ignore[arg-type]
