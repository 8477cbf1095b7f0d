"""By which fields the features of a layer are told apart, so that each is found again in the next version."""

from collections import Counter
from typing import Any, NamedTuple, Protocol

from dashboard.layers.layer import Layer
from dashboard.masking import hidden
from data.layers.texts import Value

# What cadastral files call the sheet and the number on it, shortened as dBASE shortens; the commune beside them where it is there.
COMMUNE = ("maxa", "ma_xa", "maphuong")
SHEET = ("so_to", "soto", "to_ban_do", "tobando", "sohieutoba", "sohieutobando", "shbando")
PLOT = ("so_thua", "sothua", "thua_dat", "thuadat", "sothututhu", "sothututhua", "shthua")
OWN = ("ma", "code", "so_hieu", "sohieu", "uuid", "globalid")  # how names of fields begin that hold a number of the city's own
LONGEST = 100
EXAMPLES = 3


class Apart(NamedTuple):
    """How well fields tell features apart: how many share theirs with another one (`alike` are some of those), how many have none or too long a one."""

    double: int
    empty: int
    alike: tuple[str, ...] = ()


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
    found = apart(draft, names)
    return not found.double and not found.empty


def apart(draft: Columns, names: tuple[str, ...]) -> Apart:
    """Return how well fields tell features apart. Plates and telephone numbers among the examples are masked."""
    one = len(names) == 1
    rows: list[Any] = draft.column(names[0]) if one else list(zip(*map(draft.column, names), strict=True))
    good = Counter(row for row in rows if all(map(_fit, (row,) if one else row)))
    often = [row for row, n in good.most_common(EXAMPLES) if n > 1]
    double = sum(n for n in good.values() if n > 1)
    told = (str(row) if one else " / ".join(map(str, row)) for row in often)
    return Apart(double, len(rows) - good.total(), tuple(hidden(text) for text in told))


def _fit(value: Value) -> bool:
    return value is not None and 0 < len(str(value).strip()) <= LONGEST


def line(draft: Columns, names: tuple[str, ...]) -> str:
    """Return how the features are told apart, as it is told of a file."""
    if not names:
        return "identity     none: addresses of single features hold for one version"
    found, count = apart(draft, names), len(draft.column(names[0]))
    such = f" ({', '.join(found.alike)})" if found.alike else ""
    wrong = f"; {found.double:,} of {count:,} share theirs{such}, {found.empty:,} have none" if found.double or found.empty else ""
    return f"identity     {' + '.join(names)}{wrong}"
