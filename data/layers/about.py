"""What a person says of a layer, in TOML: its names, its fields' labels, who may see it, its colours, whose it is and how old (docs/layers.md)."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, ValidationError, convert

from dashboard.access import ROLES
from dashboard.city import Words
from dashboard.layers.layer import COLOURS, Field, Layer, LayerRefused, Swatch

LONGEST = 200
MOST_BYTES = 100_000


class Value(Struct, frozen=True, forbid_unknown_fields=True):
    """A value of the styling field, its names, its colour; 0: by its place in the list."""

    value: str
    vi: str = ""
    en: str = ""
    colour: int = 0


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a layer. What is not said is taken from the version before, or from the file."""

    title: Words = {}
    name_field: str = ""
    id_fields: tuple[str, ...] = ()
    style_field: str = ""
    colour: int = 1
    roles: tuple[str, ...] = ()
    source: str = ""
    as_of: date | None = None
    every_days: float = 0.0
    fields: dict[str, Words] = {}
    values: tuple[Value, ...] = ()
    drop: tuple[str, ...] = ()


class Chosen(NamedTuple):
    """What holds of a new version, whether it was said now or before."""

    title: Words
    name_field: str
    style_field: str
    colour: int
    roles: tuple[str, ...]
    source: str
    as_of: int
    every_days: float
    labels: Mapping[str, Words]
    swatches: tuple[Swatch, ...]
    id_fields: tuple[str, ...] = ()


def read(file: Path) -> About:
    """Return what a file says of a layer. Raises LayerRefused with what is wrong in it."""
    raw = file.read_bytes()
    if len(raw) > MOST_BYTES:
        raise LayerRefused(f"{file.name} is larger than {MOST_BYTES // 1000} kB.")
    try:
        about = convert(tomllib.loads(raw.decode()), About)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError, RecursionError) as error:
        raise LayerRefused(f"{file.name}: {error}") from error
    return checked(about, file.name)


def checked(about: About, name: str) -> About:
    """Return what is said of a layer. Raises LayerRefused with what is wrong in it."""
    for wrong in _faults(about):
        raise LayerRefused(f"{name}: {wrong}")
    return about


def _faults(about: About) -> list[str]:
    texts = [about.source, *about.title.values(), *(text for label in about.fields.values() for text in label.values())]
    texts += [text for one in about.values for text in (one.value, one.vi, one.en)]
    tongues = {tongue for words in (about.title, *about.fields.values()) for tongue in words}
    return [
        *(f"{text[:20]!r}… has more than {LONGEST} letters" for text in texts if len(text) > LONGEST),
        *(f"{text!r} holds control signs" for text in texts if not text.isprintable()),
        *(f"{tongue!r} is no language: vi or en" for tongue in tongues - {"vi", "en"}),
        *(f"{role!r} is no role: one of {', '.join(ROLES)}" for role in about.roles if role not in ROLES),
        *(
            f"colour must lie between 1 and {COLOURS}"
            for one in [about.colour, *(v.colour or 1 for v in about.values)]
            if not 1 <= one <= COLOURS
        ),
        *(["every_days must not be negative"] if not 0 <= about.every_days < 100_000 else []),  # noqa: PLR2004  some 270 years
        *([f"at most {COLOURS - 1} values have a colour of their own"] if len(about.values) > COLOURS - 1 else []),
    ]


def chosen(about: About | None, before: Layer | None, *, key: str) -> Chosen:
    """Return what holds: what is said now, else what held of the version before."""
    if about is None and before is not None:
        labels = {one.key: one.label for one in before.fields}
        return Chosen(
            before.title,
            before.name_field,
            before.style_field,
            before.colour,
            before.roles,
            before.source,
            0,
            before.every_days,
            labels,
            before.swatches,
            before.id_fields,
        )
    said = about or About()
    title = {tongue: said.title.get(tongue) or said.title.get("vi") or key.replace("_", " ") for tongue in ("vi", "en")}
    swatches = tuple(_swatch(one, n) for n, one in enumerate(said.values, 1))
    labels = {
        name: {"vi": label.get("vi") or name, "en": label.get("en") or label.get("vi") or name}
        for name, label in said.fields.items()
    }
    return Chosen(
        title,
        said.name_field,
        said.style_field,
        said.colour,
        said.roles,
        said.source,
        _day(said.as_of),
        said.every_days,
        labels,
        swatches,
        said.id_fields,
    )


def _swatch(one: Value, nth: int) -> Swatch:
    return Swatch(value=one.value, label={"vi": one.vi or one.value, "en": one.en or one.vi or one.value}, colour=one.colour or nth)


def _day(day: date | None) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) if day else 0


def fields_of(names: list[str], kinds: list[Any], labels: Mapping[str, Words]) -> tuple[Field, ...]:
    """Return a layer's fields with their labels; one that has none is called what the file calls it."""
    return tuple(
        Field(key=name, kind=kind, label=labels.get(name, {"vi": name, "en": name}))
        for name, kind in zip(names, kinds, strict=True)
    )
