"""By which fields the features of a layer are told apart, so that each is found again in the next version."""

from typing import Protocol

from dashboard.layers.layer import Layer
from data.layers.texts import Value

# What cadastral files call the sheet and the number on it, shortened as dBASE shortens; the commune beside them where it is there.
COMMUNE = ("maxa", "ma_xa", "maphuong")
SHEET = ("so_to", "soto", "to_ban_do", "tobando", "sohieutoba", "sohieutobando", "shbando")
PLOT = ("so_thua", "sothua", "thua_dat", "thuadat", "sothututhu", "sothututhua", "shthua")
OWN = ("ma", "code", "so_hieu", "sohieu", "uuid", "globalid")  # how names of fields begin that hold a number of the city's own
LONGEST = 100


class Columns(Protocol):
    """A file as it was understood (data.layers.importing.Draft)."""

    @property
    def names(self) -> list[str]:
        """The names of its fields."""
        ...

    def column(self, name: str) -> list[Value]:
        """Return the values of a field."""
        ...


def id_fields(draft: Columns, said: tuple[str, ...], before: Layer | None, *, name_field: str) -> tuple[str, ...]:
    """Return the fields that tell features apart: those that were said, now or before; else the first that do."""
    for wanted in (said, before.id_fields if before else ()):
        if wanted and set(wanted) <= set(draft.names):
            return wanted
    folded = {name.casefold(): name for name in reversed(draft.names)}
    sheet, plot, commune = (next((folded[one] for one in names if one in folded), "") for names in (SHEET, PLOT, COMMUNE))
    pairs = [(sheet, plot), (commune, sheet, plot)] if sheet and plot else []
    numbers = [(name,) for name in draft.names if name.casefold().startswith(OWN)]
    candidates = [*pairs, *numbers, *([(name_field,)] if name_field else [])]
    return next((tuple(filter(None, one)) for one in candidates if all(one) and tells_apart(draft, one)), ())


def tells_apart(draft: Columns, names: tuple[str, ...]) -> bool:
    """Return whether no two features have the same values there, and none has an empty one."""
    rows = list(zip(*(draft.column(name) for name in names), strict=True))
    fit = all(value is not None and 0 < len(str(value).strip()) <= LONGEST for row in rows for value in row)
    return fit and len(set(rows)) == len(rows)
