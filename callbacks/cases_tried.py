"""The doors that say what would happen to a report: to whom the rules send it, and, for those who keep the rules, why (docs/reports.md)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from msgspec import Meta, Struct, convert, json

from callbacks.case_answers import or_no
from dashboard.city import City
from dashboard.ports import Clock, Locate
from dashboard.reports.case import MOST_TEXT, Incomplete
from dashboard.reports.cases import Cases, Entry
from dashboard.reports.routing import guessed, routed
from dashboard.reports.telling import routed_told
from dashboard.reports.trying import tried, tried_told

Words = Annotated[str, Meta(max_length=MOST_TEXT, pattern=r"^[^\x00]*$")]
Short = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]


class Asking(Struct, frozen=True, forbid_unknown_fields=True):
    """A report that nobody sent: what it would be about, where it would be, how urgent, and when it would come, on the city's clock ("": now)."""

    service: Short = ""
    text: Words = ""
    title: Short = ""
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    ward: Annotated[str, Meta(max_length=20, pattern=r"^[^\x00]*$")] = ""
    priority: Annotated[str, Meta(max_length=20)] = ""
    at: Annotated[str, Meta(pattern=r"^(20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?)?$")] = ""

    def comes(self, clock: Clock, zone: str) -> int:
        """Return when it would come, as an instant. Raises ValueError for a day that no month has."""
        if not self.at:
            return clock.now_ms()
        return round(datetime.fromisoformat(self.at).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)

    def there(self, locate: Locate, at_ms: int) -> str:
        """Return its ward: the one that is told, or that of its place by the boundaries of that day."""
        return self.ward or ("" if self.lon is None or self.lat is None else locate(self.lon, self.lat, at_ms))


def door(cases: Cases, clock: Clock, living: Callable[[], City], locate: Locate) -> Blueprint:
    """Return the doors. Nothing is done by asking; what is long is posted, so that no log has a citizen's words."""
    blueprint = Blueprint("cases_tried", __name__)

    @blueprint.route("/reports/route", methods=["GET", "POST"])
    def route() -> Response:
        return or_no(lambda: _routed(living(), clock, locate))

    @blueprint.post("/reports/tried")
    def tried_() -> Response:
        return or_no(lambda: _tried(cases, living(), clock, locate))

    return blueprint


def _asked() -> Asking:
    """Return what is asked, from the body or the address. Raises ValueError."""
    if request.method == "POST":
        return json.decode(request.get_data(), type=Asking)
    told = {name: request.args[name] for name in Asking.__struct_fields__ if request.args.get(name)}
    return convert(told, Asking, strict=False)


def _service(asked: Asking, city: City) -> str:
    """Return the service that is told, or that its words speak of. Raises Incomplete."""
    guesses = guessed(city, f"{asked.title} {asked.text}")
    service = asked.service or (guesses[0].service if guesses else "")
    if service not in {one.code for one in city.services}:
        raise Incomplete("service")
    return service


def _routed(city: City, clock: Clock, locate: Locate) -> Mapping[str, object]:
    """Return to whom a report would go. Raises Incomplete, and ValueError."""
    asked, now_ms = _asked(), clock.now_ms()
    text, priority = f"{asked.title} {asked.text}", "urgent" if asked.priority == "urgent" else "normal"
    ward = asked.there(locate, now_ms)
    found = routed(city, service=_service(asked, city), ward=ward, text=text, at_ms=now_ms, priority=priority)
    return routed_told(found) | {"guesses": [{"service": one.service, "words": one.words} for one in guessed(city, text)]}


def _tried(cases: Cases, city: City, clock: Clock, locate: Locate) -> Mapping[str, object]:
    """Return what would become of a report, and why. Raises Incomplete, Away, and ValueError."""
    asked = _asked()
    at_ms = asked.comes(clock, city.zone)
    if (asked.lon is None) != (asked.lat is None):
        raise Incomplete("place")
    ward, service = asked.there(locate, at_ms), _service(asked, city)
    entry = Entry(service, asked.text, asked.title, "", asked.lon, asked.lat, urgent=asked.priority == "urgent")
    trial = tried(city, entry, ward=ward, at_ms=at_ms)
    return tried_told(city, trial._replace(near=cases.alike(entry, ward=ward, at_ms=at_ms)))
