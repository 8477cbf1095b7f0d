"""What a layer's fields hold, made plain: one kind a field, NFC, no control signs, no byte of an older encoding."""

import math
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

import numpy as np

from dashboard.layers.layer import FieldKind, LayerRefused
from data.layers.legacy import TABLES, converted, recognised

LONGEST = 500
LONGEST_NAME = 60
Value = str | float | int | bool | None


def encoding_of(columns: Sequence[Sequence[Any]], names: Sequence[str], *, override: str = "") -> str:
    """Return which encoding the texts are still in, "" for none. Raises LayerRefused for one that is not known."""
    if override and override not in TABLES:
        raise LayerRefused(f"{override!r} is no encoding that is converted: one of {', '.join(TABLES)}.")
    texts = (str(value) for column in columns for value in column if isinstance(value, str))
    return override or recognised(chain(names, texts))


def plain(text: str, encoding: str = "") -> str:
    """Return a text in NFC without control signs, at most so long."""
    said = unicodedata.normalize("NFC", converted(text, encoding)).replace("\r\n", "\n")
    return "".join(" " if unicodedata.category(one) in {"Cc", "Cf", "Cs"} else one for one in said[: LONGEST * 2]).strip()[:LONGEST]


def names(given: Sequence[str], encoding: str) -> list[str]:
    """Return the names of fields, each once."""
    found: list[str] = []
    for n, name in enumerate(given, 1):
        said = plain(name, encoding)[:LONGEST_NAME] or f"field_{n}"
        found.append(said if said not in found else f"{said[: LONGEST_NAME - 4]}_{n}")
    return found


def column(given: Sequence[Any], encoding: str) -> tuple[FieldKind, list[Value]]:
    """Return a field's kind and its values: None where nothing is told."""
    told = np.asarray(given)
    if told.dtype.kind == "b":
        return "flag", [bool(one) for one in told]
    if told.dtype.kind in "iuf":
        return "number", [_number(one) for one in told.tolist()]
    if told.dtype.kind == "M":
        return "date", [None if np.isnat(one) else str(one.astype("datetime64[s]")).removesuffix("T00:00:00") for one in told]
    return "text", [_text(one, encoding) for one in told.tolist()]


def _number(value: float) -> Value:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else float(value)


def _text(value: object, encoding: str) -> Value:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return plain(str(value), encoding) or None
