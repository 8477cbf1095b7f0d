"""A list of reports as a table to take away: what the list shows and the text, masked; never who sent one."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard.city import City
from dashboard.masking import hidden
from dashboard.reports.case import LIVE
from dashboard.reports.cases import Cell, Line

FORMS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
COLUMNS = (
    "number", "state", "priority", "field", "service", "title", "text", "place", "ward", "unit", "units",
    "submitted", "due", "paused", "handled", "closed", "overdue", "channel", "rating", "duplicates", "recurs",
)  # fmt: skip
Say = Callable[[str], str]


class Sheet:
    """The table of one list: in one language, on the city's clock, as it stands at `now_ms`."""

    def __init__(self, city: City, say: Say, tongue: str, now_ms: int) -> None:
        self._say, self._tongue, self._now_ms, self._zone = say, tongue, now_ms, ZoneInfo(city.zone)
        self._services = {one.code: (self._of(one.field_name), self._of(one.name)) for one in city.services}
        self._wards = {one.code: self._of(one.name) for one in city.wards}
        self._units = {one.code: self._of(one.name) for one in city.units}

    def head(self) -> list[Cell]:
        """Return the names of the columns."""
        return [self._say(f"case.sheet.{name}") for name in COLUMNS]

    def row(self, line: Line) -> list[Cell]:
        """Return a report's row; instants as the city's own time, without a zone."""
        case, said, yes = line.case, line.wording, self._say("case.sheet.yes")
        field, service = self._services.get(case.service, ("", case.service))
        late = not case.settled and not case.deadline.paused and case.deadline.due < self._now_ms
        return [
            hidden(line.number),
            self._say(f"case.state.{case.state}"),
            self._say(f"case.priority.{case.priority}"),
            field,
            service,
            hidden(said.title),
            hidden(said.text),
            hidden(said.place),
            self._wards.get(case.ward, case.ward),
            self._units.get(case.lead, case.lead),
            sum(one.state in LIVE or one.state == "approved" for one in case.parts),
            self._at(case.submitted),
            self._at(case.deadline.due),
            yes if case.deadline.paused else "",
            self._at(case.handled),
            self._at(case.closed),
            yes if late else "",
            hidden(said.channel),
            self._say(f"case.rating.{case.rating}") if case.rating else "",
            len(case.duplicates),
            yes if case.recurs else "",
        ]

    def _at(self, ms: int) -> Cell:
        return datetime.fromtimestamp(ms // 1000, UTC).astimezone(self._zone).replace(tzinfo=None) if ms else None

    def _of(self, words: object) -> str:
        told: dict[str, str] = dict(words)  # type: ignore[call-overload]  # the pack's words, by language
        return told.get(self._tongue) or told.get("vi", "")
