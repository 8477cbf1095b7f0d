"""What a browser asks of Dash, read strictly: a callback that was declared, with the very inputs it was declared with, in their order.

Dash hands a callback its values by their order and never looks at their names, and answers 500 to what it does not expect. So a body whose
names lie about its values must not reach it: the guard would judge one address and Dash would lay out another.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import DecodeError, json

Names = list[tuple[str, str]]


class Asked(NamedTuple):
    """One callback: its declared output as a whole and the first of its outputs, and what its inputs hold, by property."""

    key: str
    output: str
    values: Mapping[str, object]


def read(body: bytes, served: Mapping[str, Mapping[str, Any]]) -> Asked | None:
    """Return what a callback's body asks for, or None when `served` (Dash's own map) has no such callback, or another shape of it."""
    try:
        told = json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("output"), str):
        return None
    declared = served.get(told["output"])
    if declared is None or not declared.get("callback") or not _fits(told, declared):
        return None
    values = {str(one["property"]): one.get("value") for one in told["inputs"]}
    return Asked(told["output"], outputs(told["output"])[0], values)


def outputs(key: str) -> list[str]:
    """Return the outputs that a key of Dash's map names: `..a.b...c.d..` are two."""
    return [one.split("@")[0] for one in key.strip(".").split("...")]


def _fits(told: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    changed = told.get("changedPropIds", [])
    return (
        _names(told.get("inputs")) == _names(declared["inputs"])
        and _names(told.get("state", [])) == _names(declared["state"])
        and _names(_listed(told.get("outputs"))) == [_split(one) for one in outputs(told["output"])]
        and isinstance(changed, list)
        and all(isinstance(one, str) for one in changed)
    )


def _listed(told: object) -> object:
    return [told] if isinstance(told, dict) else told


def _names(parts: object) -> Names | None:
    """Return (id, property) of each part, or None when one of them is no part at all."""
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return None
    return [(one["id"], one["property"]) for one in parts] if _are_parts(parts) else None


def _are_parts(parts: Iterable[object]) -> bool:
    return all(isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("property"), str) for one in parts)


def _split(output: str) -> tuple[str, str]:
    name, _, prop = output.rpartition(".")
    return name, prop
