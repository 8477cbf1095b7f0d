"""How one feature of a layer is named in an address: by what the city calls it, so that the next version finds the same one again.

A feature that has no name of its own, or one that looks like somebody's plate or telephone, is named by its number in its version.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from typing import Any, NamedTuple

from dashboard.layers.layer import Layer
from dashboard.masking import hidden

LONGEST = 60  # of an address's part
PLAIN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST - 1}}}")
NUMBERED = re.compile(r"-([1-9]\d{0,8})-([1-9]\d{0,14})")
BETWEEN = "/"


class Number(NamedTuple):
    """A feature by its place in one version of its layer."""

    version: int
    number: int


def own_name(layer: Layer, values: Sequence[Any]) -> str:
    """Return what the city calls a feature, by the fields that tell its layer's features apart; "" where one of them is empty."""
    at = {field.key: n for n, field in enumerate(layer.fields)}
    parts = [_text(values[at[key]]) for key in layer.id_fields if key in at]
    return BETWEEN.join(parts) if parts and all(parts) else ""


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def address(layer: Layer, number: int, values: Sequence[Any]) -> str:
    """Return a feature's part of an address."""
    name = own_name(layer, values)
    if PLAIN.fullmatch(name):
        told = name
    else:
        told = f"_{urlsafe_b64encode(name.encode()).decode().rstrip('=')}" if name else ""
    if not told or len(told) > LONGEST or hidden(name) != name:
        return f"-{layer.version}-{number}"
    return told


def asked(told: str) -> Number | str:
    """Return whom a part of an address means: a number in a version, or a name; "" for what names nothing."""
    if found := NUMBERED.fullmatch(told):
        return Number(int(found[1]), int(found[2]))
    if PLAIN.fullmatch(told):
        return told
    try:
        return urlsafe_b64decode(told[1:] + "=" * (-len(told[1:]) % 4)).decode() if told[:1] == "_" else ""
    except (Error, ValueError):
        return ""
