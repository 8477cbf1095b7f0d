"""How long somebody is given."""

from typing import Literal, NamedTuple

# "instant" is a deadline that a source has told, as epoch ms: no calendar moves it.
TermUnit = Literal["working_day", "day", "hour", "working_hour", "instant"]
TERM_UNITS: tuple[TermUnit, ...] = ("working_day", "day", "hour", "working_hour")  # what a pack or a person may say


class Term(NamedTuple):
    """So many working days, days, hours or working hours."""

    value: int
    unit: TermUnit
