"""The kinds of alarms.toml: what each is, and for alarms how they are told apart, delayed and raised again."""

from collections.abc import Iterable
from typing import Any, cast, get_args

import msgspec

from dashboard.city import EventClass, GroupBy, Kind, Realarm
from data.pack.parts import TYPE_MOST
from data.pack.reader import Row, Toml

URGENT = 2  # alarms up to this priority wait for a person
CLASSES, GROUPS = get_args(EventClass), get_args(GroupBy)


def _stays(row: Row, priority: int) -> bool:
    """An alarm of the two highest priorities waits for a person even when it is over, unless its row says otherwise."""
    return row.flag("stays") if row.text("stays") else 1 <= priority <= URGENT


def _group_by(row: Row, *, needed: bool) -> tuple[str, ...]:
    told = row.cells.get("group_by")
    if told is None and not needed:
        return ("camera",)
    if not isinstance(told, list) or not told or not set(map(str, told)) <= set(GROUPS):
        row.wrong("group_by", f"must be a list of one or more of {', '.join(GROUPS)}")
        return ("camera",)
    return tuple(map(str, told))


def _radius(row: Row) -> int:
    """A cluster without a radius would be one camera; a radius without a cluster says nothing."""
    told = row.whole("group_radius_m", low=1, high=20_000, default=0)
    clusters = "cluster" in (row.cells.get("group_by") or ())
    if clusters != bool(told):
        row.wrong("group_radius_m", 'is needed with group_by = ["cluster"], and only there')
    return told


def _realarm(row: Row) -> Realarm:
    told = row.cells.get("realarm", {})
    if not isinstance(told, dict):
        row.wrong("realarm", 'must be written { second_camera = "kind", doubles = 1, quiet_s = 600, steps_s = [300, 900] }')
        return Realarm()
    try:
        found = msgspec.convert({**told, "doubles": bool(told.get("doubles"))}, Realarm, strict=True)
    except msgspec.ValidationError as error:
        row.wrong("realarm", f"cannot be read: {error}")
        return Realarm()
    if unknown := set(told) - set(Realarm.__struct_fields__):
        row.wrong("realarm", f"has no {', '.join(sorted(unknown))}; there are {', '.join(Realarm.__struct_fields__)}")
    if found.quiet_s < 0 or list(found.steps_s) != sorted(set(found.steps_s)) or min(found.steps_s, default=1) < 1:
        row.wrong("realarm", "times are seconds above 0, and steps_s grow")
    return found


def kinds(toml: Toml) -> Iterable[tuple[Row, Kind]]:
    """Yield the kinds of alarms.toml. An alarm without its rationalisation is a mistake (UX-39)."""
    for row in toml.tables("kind"):
        event_class = row.choice("class", *CLASSES)
        alarm = event_class == "alarm"
        priority = row.whole("priority", low=1, high=4) if alarm else 0
        yield (
            row,
            Kind(
                key=row.text("key", needed=True),
                event_class=cast("Any", event_class),
                priority=priority,
                name=row.words("name"),
                short=row.words("short", most=TYPE_MOST),
                cause=row.words("cause", needed=alarm),
                consequence=row.words("consequence", needed=alarm),
                action=row.words("action", needed=alarm),
                owner_unit=row.text("owner_unit", needed=alarm),
                response_s=row.whole("response_s", low=1, high=30 * 86_400) if alarm else 0,
                on_delay_s=row.whole("on_delay_s", low=0, high=86_400, default=None if alarm else 0),
                off_delay_s=row.whole("off_delay_s", low=0, high=86_400, default=None if alarm else 0),
                group_window_s=row.whole("group_window_s", low=0, high=30 * 86_400, default=None if alarm else 300),
                group_by=cast("Any", _group_by(row, needed=alarm)),
                group_radius_m=_radius(row),
                family=row.text("family") or row.text("key"),
                realarm=_realarm(row),
                verify=row.text("verify") != "" and row.flag("verify"),
                verified_as=row.text("verified_as"),
                stays=_stays(row, priority),
                violation=row.text("violation") != "" and row.flag("violation"),
                false_share=row.whole("false_share", low=1, high=100, default=30),
                mark=row.text("mark"),
            ),
        )
