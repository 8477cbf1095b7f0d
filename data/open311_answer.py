"""What any Open311 answer is made of, as strictly or loosely as endpoints really send it: things in JSON or XML, their texts and their times."""

import codecs
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from data.xml_tree import Node, tree

Row = dict[str, Any]
BEFORE_ZONE = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$|Z$)")  # 2026-11-29 13:38:46 +0700
_decode = msgspec.json.Decoder().decode


def rows(raw: bytes, element: str, roots: Sequence[str], *, known_by: Sequence[str] = ()) -> list[Row]:
    """Return the things of an answer as they stand there: `element` in XML; in JSON a list, in one of `roots` where it is wrapped.

    A thing that stands alone is one too; where `known_by` names fields, only if it has any of them. Raises Rejected.
    """
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if raw.lstrip()[:1] == b"<":
        return [_plain(node) for node in tree(raw).deep(element)]
    try:
        told = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(f"is no answer of Open311: {error}") from error
    while isinstance(told, dict):  # some keep the wrappers that the standard drops
        inner = next((told[name] for name in roots if name in told), None)
        alone = [told] if not known_by or any(name in told for name in known_by) else []
        told = inner if inner is not None else alone
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _plain(node: Node) -> Row:
    return {one.name: one.text.strip() for one in node.inner if not one.inner}


def text_of(told: Any) -> str:
    """Return what was told as text; numbers are ids too. Nothing and what is no plain value are empty."""
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return ""
    return str(told).strip()


def time_ms(told: Mapping[str, Any], name: str, zone: str) -> int | None:
    """Return a time as epoch ms, None where there is none; `zone` is that of one without its own. Raises ValueError for what is no time."""
    said = text_of(told.get(name))
    if not said:
        return None
    try:
        at = datetime.fromisoformat(BEFORE_ZONE.sub("", said))
    except ValueError:
        raise ValueError(f"{name} is no time: {said[:40]!r}") from None
    aware = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
    return round(aware.astimezone(UTC).timestamp() * 1000)
