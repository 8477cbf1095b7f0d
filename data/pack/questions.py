"""questions.toml: what is asked of whoever reports a service. A pack needs no such file."""

from collections.abc import Iterable, Mapping
from typing import cast

from dashboard.city import Question, Words
from data.pack.reader import Reader, Row

FILE = "questions.toml"
LISTS = ("singlevaluelist", "multivaluelist")
MOST_CODE, MOST_WORDS, MOST_VALUES = 60, 300, 100
TONGUES = ("vi", "en")


def questions(reader: Reader) -> Iterable[Question]:
    """Yield the questions of questions.toml; codes of services are held against services.csv by the city's own check."""
    if not (reader.folder / FILE).is_file():
        return
    seen: set[tuple[str, str]] = set()
    for row in reader.toml(FILE).tables("questions"):
        service, code = row.text("service", needed=True), row.text("code", needed=True, most=MOST_CODE)
        if (service, code) in seen:
            row.wrong("code", f"is asked twice of {service}: {code!r}")
        seen.add((service, code))
        yield _question(row, service, code)


def _question(row: Row, service: str, code: str) -> Question:
    datatype = row.choice("datatype", "string", "number", "datetime", "text", *LISTS)
    values = _values(row)
    if (datatype in LISTS) != bool(values):
        row.wrong("values", f"are needed for {' and '.join(LISTS)}, and for nothing else")
    return Question(
        service=service,
        code=code,
        datatype=cast("Question", datatype),  # type: ignore[arg-type]  # chosen above
        text=row.words("text", most=MOST_WORDS),
        hint=row.words("hint", needed=False, most=MOST_WORDS) if "hint" in row.cells else {},
        required=_told(row, "required", otherwise=False),
        variable=_told(row, "variable", otherwise=True),
        order=row.whole("order", low=1, high=1000, default=1),
        values=values,
    )


def _told(row: Row, name: str, *, otherwise: bool) -> bool:
    told = row.cells.get(name, otherwise)
    if not isinstance(told, bool):
        row.wrong(name, "is true or false")
    return bool(told)


def _values(row: Row) -> dict[str, Words]:
    """Return the keys that may be chosen, with their names in both languages."""
    told = row.cells.get("values", [])
    if not isinstance(told, list) or len(told) > MOST_VALUES or not all(isinstance(one, Mapping) for one in told):
        row.wrong("values", f"must be a list of at most {MOST_VALUES} tables with key, vi and en")
        return {}
    found: dict[str, Words] = {}
    for one in told:
        names = {tongue: str(one.get(tongue, "")).strip() for tongue in TONGUES}
        key = str(one.get("key", "")).strip()
        if not key or key in found or not all(names.values()):
            row.wrong("values", "each has a key of its own, and its name in vi and en")
            continue
        found[key] = names
    return found
