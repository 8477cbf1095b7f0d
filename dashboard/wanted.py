"""What somebody asks figures about, as they write it in an address: a period, and a part of the city."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from dashboard.city import City
from dashboard.past import CITY_WIDE, PARTS, Dim, Part
from dashboard.periods import PERIODS, Period, chosen, period_of

LONGEST_UNIT = 200


class Unusable(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked cannot be answered; the message names the parameter and says what it must be."""


class Wanted(NamedTuple):
    """Which stretch, and which part of the city."""

    period: Period
    part: Part


def wanted(told: Mapping[str, str], city: City, today: date, *, any_unit: bool = False) -> Wanted:
    """Return what is asked: `period`, or `first` and `last` (dates), and any of `ward`, `unit` and `service`. Raises Unusable.

    `any_unit`: also one that the city does not know. Reports name such, the ranking shows them, and their numbers have lists.
    """
    return Wanted(_period(told, today), _part(told, city, any_unit=any_unit))


def _period(told: Mapping[str, str], today: date) -> Period:
    first, last, name = (told.get(key, "") for key in ("first", "last", "period"))
    if first or last:
        try:
            return chosen(date.fromisoformat(first), date.fromisoformat(last), today)
        except (ValueError, OverflowError) as bad:
            raise Unusable("first and last must be dates, YYYY-MM-DD, not after today and at most three years apart") from bad
    found = next((one for one in PERIODS if one == (name or "month")), None)
    if found is None:
        raise Unusable(f"period must be one of {', '.join(PERIODS)}")
    return period_of(found, today)


def _part(told: Mapping[str, str], city: City, *, any_unit: bool) -> Part:
    named = [Part(dim, value) for dim in PARTS if (value := told.get(dim, ""))]
    if not named:
        return CITY_WIDE
    for one in named:
        free = any_unit and one.dim == "unit" and len(one.value) <= LONGEST_UNIT and one.value.isprintable()
        if not free and one.value not in _codes(city, one.dim):
            raise Unusable(f"{one.dim} must be one of the city's")
    return named[0]._replace(more=tuple((one.dim, one.value) for one in named[1:]))


def _codes(city: City, dim: Dim) -> set[str]:
    if dim == "ward":
        return {one.code for one in city.wards}
    return {one.code for one in city.units} if dim == "unit" else {one.code for one in city.services}
