"""One function for each kind of thing in a pack: rows in, structs out, mistakes noted on the way."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, cast

from dashboard.calendar import COUNTED
from dashboard.city import Camera, Day, Feed, OfficeHours, Service, Unit, WallPlan, Ward
from dashboard.layers.layer import KEY
from dashboard.plain import plain
from dashboard.term import TERM_UNITS
from data.outward.places import Refused, scheme_of
from data.pack.reader import Reader, Row, Toml

TYPE_MOST, PLACE_MOST = 12, 10  # UX-97
MOST_LAYERS = 4  # on a wall: more is no map that is read from five metres
CAMERA_NEEDS = frozenset(
    [
        "id",
        "owner",
        "owner_unit",
        "name_vi",
        "name_en",
        "short_vi",
        "short_en",
        "lon",
        "lat",
        "ward",
        "bearing",
        "fov",
        "range_m",
        "critical",
        "abilities",
        "names",
        "stream",
        "snapshot",
        "mark",
    ]
)
WARD_NEEDS = frozenset(["code", "name_vi", "name_en", "short_vi", "short_en", "valid_from", "valid_to", "successors", "mark"])
UNIT_NEEDS = frozenset(
    ["code", "kind", "name_vi", "name_en", "short_vi", "short_en", "valid_from", "valid_to", "successors", "clock_profile", "mark"]
)
SERVICE_NEEDS = frozenset(
    [
        "code",
        "field",
        "field_vi",
        "field_en",
        "field_short_vi",
        "field_short_en",
        "name_vi",
        "name_en",
        "short_vi",
        "short_en",
        "deadline_value",
        "deadline_unit",
        "urgent",
        "unit",
        "share_pct",
        "mark",
    ]
)
DAY_NEEDS = frozenset(["date", "name_vi", "name_en", "is_working", "status"])


def cameras(reader: Reader) -> Iterable[Camera]:
    """Yield the cameras of cameras.csv."""
    for row in reader.rows("cameras.csv", needs=CAMERA_NEEDS):
        yield Camera(
            id=row.text("id", needed=True),
            name=row.words("name"),
            short=row.words("short", most=PLACE_MOST),
            lon=row.number("lon", low=-180, high=180),
            lat=row.number("lat", low=-90, high=90),
            owner=cast("Any", row.choice("owner", "city", "province", "agency")),
            owner_unit=row.text("owner_unit"),
            ward=row.text("ward", needed=True),
            bearing=row.number("bearing", low=0, high=360, default=-1) if row.text("bearing") else None,
            fov=row.number("fov", low=1, high=360) if row.text("fov") else None,
            range_m=row.number("range_m", low=1, high=5000) if row.text("range_m") else None,
            critical=row.flag("critical"),
            names=_names(row),
            switch=row.text("switch"),
            recorder=row.text("recorder"),
            stream=_address(row, "stream", "rtsp", "http", "https"),
            snapshot=_address(row, "snapshot", "http", "https"),
            abilities=row.split("abilities"),
            mark=row.text("mark"),
        )


def _address(row: Row, name: str, *schemes: str) -> str:
    """Return an address, or "" with a mistake noted. Where it leads is judged when it is gone to: names mean something else tomorrow."""
    told = row.text(name)
    if not told:
        return ""
    try:
        scheme = scheme_of(told)
    except Refused as no:
        row.wrong(name, str(no))
        return ""
    if scheme not in schemes:
        row.wrong(name, f"{scheme}: is not for this column; {', '.join(schemes)} are")
        return ""
    return told


def _names(row: Row) -> dict[str, str]:
    """Return source to name, written `frigate=h_001;onvif=cam1`."""
    found = {}
    for part in row.split("names"):
        source, equals, name = part.partition("=")
        if not equals or not source or not name:
            row.wrong("names", f"must be written source=name;source=name: {part!r}")
            continue
        found[source] = name
    return found


def wards(reader: Reader) -> Iterable[tuple[Row, Ward]]:
    """Yield the wards of wards.csv, those of the past too."""
    for row in reader.rows("wards.csv", needs=WARD_NEEDS):
        yield (
            row,
            Ward(
                code=row.text("code", needed=True),
                name=row.words("name"),
                short=row.words("short", most=PLACE_MOST),
                valid_from=row.day("valid_from"),
                valid_to=row.day("valid_to"),
                successors=row.split("successors"),
                mark=row.text("mark"),
            ),
        )


def units(reader: Reader) -> Iterable[tuple[Row, Unit]]:
    """Yield the units of units.csv."""
    for row in reader.rows("units.csv", needs=UNIT_NEEDS):
        yield (
            row,
            Unit(
                code=row.text("code", needed=True),
                kind=row.text("kind"),
                name=row.words("name"),
                short=row.words("short"),
                valid_from=row.day("valid_from"),
                valid_to=row.day("valid_to"),
                successors=row.split("successors"),
                clock=row.text("clock_profile") or "office",
                contact=row.text("contact", most=120),
                mark=row.text("mark"),
            ),
        )


def services(reader: Reader) -> Iterable[tuple[Row, Service]]:
    """Yield the services of services.csv."""
    for row in reader.rows("services.csv", needs=SERVICE_NEEDS):
        yield (
            row,
            Service(
                code=row.text("code", needed=True),
                field=row.text("field", needed=True),
                field_name=row.words("field"),
                field_short=row.words("field_short", most=TYPE_MOST),
                name=row.words("name"),
                short=row.words("short", most=TYPE_MOST),
                deadline_value=row.whole("deadline_value", low=1, high=3650),
                deadline_unit=cast("Any", row.choice("deadline_unit", *TERM_UNITS)),
                urgent=row.flag("urgent"),
                unit=row.text("unit", needed=True),
                words=tuple(plain(word) for word in row.text("keywords_plain").split("|") if word.strip()),
                radius_m=row.whole("duplicate_radius_m", low=0, high=5000, default=0),
                share=row.number("share_pct", low=0, high=100, default=0),
                mark=row.text("mark"),
            ),
        )


def feeds(toml: Toml) -> Iterable[Feed]:
    """Yield the feeds of city.toml with their limits of age."""
    for row in toml.tables("feeds"):
        limits = [row.number(name, low=0.1, high=31 * 86_400) for name in ("every_s", "late_s", "stale_s", "lost_s")]
        if sorted(limits) != limits:
            row.wrong("late_s", "must grow: every_s ≤ late_s ≤ stale_s ≤ lost_s")
        sources = row.cells.get("sources")
        if not isinstance(sources, list) or not all(isinstance(one, str) for one in sources):
            row.wrong("sources", "must be a list of source keys")
            sources = []
        yield Feed(
            key=row.text("key", needed=True),
            name=row.words("name"),
            short=row.words("short", most=TYPE_MOST),
            sources=tuple(sources),
            every_s=limits[0],
            late_s=limits[1],
            stale_s=limits[2],
            lost_s=limits[3],
        )


def walls(toml: Toml) -> Iterable[WallPlan]:
    """Yield the walls of city.toml."""
    for row in toml.tables("walls"):
        centre = Toml(row.reader, row.file, "", row.cells).numbers("centre", count=2)
        yield WallPlan(
            name=row.text("name", needed=True),
            title=row.words("title"),
            diag_in=row.number("diag_in", low=10, high=1000),
            cols=row.whole("cols", low=1, high=20),
            rows=row.whole("rows", low=1, high=20),
            dist_m=row.number("dist_m", low=0.5, high=50),
            centre=(centre[0], centre[1]),
            zoom=row.number("zoom", low=5, high=19),
            layers=_layers(row),
        )


def _layers(row: Row) -> tuple[str, ...]:
    """Return the layers that a wall draws. Whether they are there is known only where they are kept."""
    found = row.cells.get("layers", [])
    if (
        not isinstance(found, list)
        or len(found) > MOST_LAYERS
        or not all(isinstance(one, str) and KEY.fullmatch(one) for one in found)
    ):
        row.wrong("layers", f"must be a list of at most {MOST_LAYERS} keys of layers")
        return ()
    return tuple(found)


def days(reader: Reader) -> Iterable[Day]:
    """Yield the days of calendar.csv that differ from the plain week. Of options that nobody has announced a date may have several."""
    counted = dict[object, int]()
    for row in reader.rows("calendar.csv", needs=DAY_NEEDS):
        on = row.day("date")
        if on is None:
            row.text("date", needed=True)
            continue
        day = Day(
            date=on,
            name=row.words("name"),
            working=row.flag("is_working"),
            status=cast("Any", row.choice("status", "confirmed", "law", "expected", "unannounced")),
            code=row.text("code"),
        )
        if day.status in COUNTED and counted.setdefault(on, row.line) != row.line:
            row.wrong("date", f"{on} counts already in line {counted[on]}; a day has one row that counts")
        yield day


def office_hours(toml: Toml) -> Iterable[OfficeHours]:
    """Yield the opening hours of city.toml."""
    for row in toml.tables("office_hours"):
        months = row.cells.get("months")
        if not isinstance(months, list) or not months or not all(isinstance(one, int) and 1 <= one <= 12 for one in months):  # noqa: PLR2004  months of a year
            row.wrong("months", "must be a list of month numbers")
            months = []
        since, until = row.day("valid_from"), row.day("valid_to")
        if since and until and until < since:
            row.wrong("valid_to", "comes before valid_from")
        yield OfficeHours(
            clock=row.text("clock", needed=True),
            valid_from=since,
            valid_to=until,
            months=tuple(months),
            spans=_spans(row),
            every_day=row.cells.get("every_day") is True,
            mark=row.text("mark"),
        )


def _spans(row: Row) -> tuple[tuple[int, int], ...]:
    """Return when an office is open, as minutes after midnight: at least once a day, one stretch after the other."""
    told = row.cells.get("spans")
    if not isinstance(told, list) or not told:
        row.wrong("spans", 'must be a list of times: ["07:30-11:30", "13:00-17:00"]')
        return ()
    found = tuple(_span(row, str(one)) for one in told)
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        row.wrong("spans", f"must follow each other and not overlap: {', '.join(map(str, told))}")
    return found


def _span(row: Row, text: str) -> tuple[int, int]:
    """Return `07:30-11:30` as minutes after midnight."""
    found = re.fullmatch(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", text, re.ASCII)
    if not found:
        row.wrong("spans", f"must be written HH:MM-HH:MM: {text!r}")
        return (0, 0)
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not 0 <= start < end <= 24 * 60:
        row.wrong("spans", f"must open before it closes, by 24:00; a night is two: 00:00-06:00 and 22:00-24:00: {text!r}")
    return start, end
