"""What any Open311 answer is made of, as strictly or loosely as endpoints really send it: things in JSON or XML, their texts and their times."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from data.xml_tree import Node, tree

Row = dict[str, Any]
MOST_BYTES, MOST_NODES = 5 * 1024 * 1024, 60_000  # of XML: some tell a thousand requests at once
LOOSE = "cp1252"  # what is no UTF-8 and does not say what it is
ERRORS = ("errors", "error")
_BEFORE_ZONE = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$|Z$)")  # 2026-11-29 13:38:46 +0700
_NAMED_ZONE = re.compile(r"(?<=\d)\s*(UTC|GMT)$", re.IGNORECASE)
_DOTNET = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_EPOCH = re.compile(r"\d{10}(\d{3})?")  # seconds, or milliseconds
_MAIL = re.compile(r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} .*")
_NO_TIME = ("0001-01-01", "0000-00-00")  # what some systems write for none
_UNREADABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:x0*(?:[0-8BbCcEeFf]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2\d|3[01]));"
)
# Outside of texts: numbers that begin with a nought, as the standard itself prints codes, and commas behind the last.
# A text that is never closed is taken to the end, and none is gone through twice: else an endpoint could hold us for hours.
_LOOSELY = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|(?<![\w.+-])(-?0\d++)(?![\w.])|,(?=\s*[\]}])', re.DOTALL)
_LONE = re.compile("[\ud800-\udfff]")
_decode = msgspec.json.Decoder().decode


def rows(raw: bytes, element: str, roots: Sequence[str], *, known_by: Sequence[str] = ()) -> list[Row]:
    """Return the things of an answer as they stand there: `element` in XML; in JSON a list, in one of `roots` where it is wrapped.

    A thing that stands alone is one too; where `known_by` names fields, only if it has any of them. Raises Rejected.
    """
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if raw.lstrip()[:1] == b"<":
        return [_plain(node) for node in _tree(raw).deep(element)]
    return [{name: _alone(value) for name, value in one.items()} for one in _things(_json(raw), roots, known_by)]


def errors(raw: bytes) -> str:
    """Return what an answer says is wrong, in the standard's words; "" where it is no such answer."""
    try:
        told = rows(raw, "error", ERRORS, known_by=("description",))
    except Rejected:
        return ""
    return "; ".join(text_of(one["description"]) for one in told if "code" in one and text_of(one.get("description")))[:300]


def _things(told: Any, roots: Sequence[str], known_by: Sequence[str]) -> Iterator[Row]:
    """Yield the things in a JSON answer; some keep the wrappers that the standard drops, around all or around each."""
    while isinstance(told, dict):
        inner = next((told[name] for name in roots if isinstance(told.get(name), list | dict)), None)
        if inner is None:
            if not known_by or any(name in told for name in known_by):
                yield told
            return
        told = inner
    for one in told if isinstance(told, list) else ():
        if isinstance(one, dict):
            wraps = any(isinstance(one.get(name), list | dict) for name in roots)
            if wraps:
                yield from _things(one, roots, known_by)
            else:
                yield one


def _json(raw: bytes) -> Any:
    """Return what JSON says, also where it is written as only loose readers have it. Raises Rejected."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        try:
            return _whole(json.loads(_LOOSELY.sub(_mended, _text(raw)), strict=False))
        except (ValueError, RecursionError):
            raise Rejected(f"is no answer of Open311: {error}") from error


def _mended(found: re.Match[str]) -> str:
    return found[1] or (f'"{found[2]}"' if found[2] else "")


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(LOOSE, errors="replace")


def _whole(told: Any) -> Any:
    """Return the same without halves of signs, which no document can hold."""
    if isinstance(told, dict):
        return {_whole(name): _whole(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_whole(one) for one in told]
    return _LONE.sub("\ufffd", told) if isinstance(told, str) else told


def _tree(raw: bytes) -> Node:
    """Return XML, also where it has signs that XML may not have, or is not in the UTF-8 that it says. Raises Rejected."""
    try:
        return tree(raw, most=MOST_BYTES, nodes=MOST_NODES)
    except Rejected:
        mended = _UNREADABLE.sub("", _text(raw)).encode()
        if mended == raw:
            raise
        return tree(mended, most=MOST_BYTES, nodes=MOST_NODES)


def _plain(node: Node) -> Row:
    """Return an element's fields; of one that holds others what those say."""
    return {one.name: one.text.strip() if not one.inner else ", ".join(filter(None, _said(one))) for one in node.inner}


def _said(node: Node) -> list[str]:
    return [one.text.strip() for one in node.inner if not one.inner]


def _alone(told: Any) -> Any:
    """Return a value without a list around it that holds it alone, as old FixMyStreets write."""
    return told[0] if isinstance(told, list) and len(told) == 1 and not isinstance(told[0], dict | list) else told


def text_of(told: Any) -> str:
    """Return what was told as text; numbers are ids too. Nothing and what is no plain value are empty."""
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        return ""
    whole = isinstance(told, float) and told.is_integer()
    return str(int(told) if whole else told).replace("\x00", "").strip()


def time_ms(told: Mapping[str, Any], name: str, zone: str) -> int | None:
    """Return a time as epoch ms, None where there is none; `zone` is that of one without its own. Raises ValueError for what is no time."""
    said = text_of(told.get(name))
    if not said or said.startswith(_NO_TIME):
        return None
    if dotnet := _DOTNET.fullmatch(said):
        return int(dotnet[1])
    if epoch := _EPOCH.fullmatch(said):
        return int(said) if epoch[1] else int(said) * 1000
    at = _moment(said)
    if at is None:
        raise ValueError(f"{name} is no time: {said[:40]!r}")
    aware = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _moment(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_BEFORE_ZONE.sub("", _NAMED_ZONE.sub("Z", said)))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(said) if _MAIL.fullmatch(said) else None
    except (ValueError, TypeError, IndexError):
        return None
