"""What a figure about reports is: its code, its words, and how it is read off what is known."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from dashboard.city import Words
from dashboard.formulas import Known


class Figure(Struct, frozen=True, kw_only=True):
    """One figure. `needs` names what has to be known of reports before it has a value; where it is not, that is said. `read` None: a rule."""

    code: str
    key: str
    title: Words
    formula: Words
    read: Callable[[Known], float | None] | None = None
    unit: Literal["count", "percent", "hours"] = "count"
    better: Literal["up", "down", "none"] = "none"
    needs: str = ""
    items: str = ""  # the list behind it (dashboard.items)
