"""What a mapping says of a CSV of reports (docs/import.md), and the file as the text that it is."""

import codecs
import re
import tomllib
import unicodedata
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected

NEEDED = ("report", "service", "submitted")
TAKEN = (
    *NEEDED,
    *["updated", "closed", "due", "status", "lon", "lat", "point", "ward", "unit", "channel", "urgent", "text", "address"],
)
NAMED_FORMS = ("iso", "epoch", "epoch_ms", "excel")
ANY_DAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
NO_CHARACTERS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
BEGINNINGS = (  # of what is no text at all, and what to do with it
    (b"\x1f\x8b", "is packed with gzip; unpack it first"),
    (b"PK\x03\x04", "is a workbook or a ZIP; save it as CSV UTF-8, or unpack it, first"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook; save it as CSV UTF-8 first"),
    (b"%PDF", "is a PDF; ask for the same as CSV"),
    (b"SQLite format 3\x00", "is a database; export its table as CSV first"),
)
Column = str | list[str]


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mapping says: which column is what, how times are written and where, and what its words mean here.

    Several columns for one thing are joined by a space. `constants` stand for what the file has no column for.
    """

    columns: dict[str, Column]
    formats: Annotated[list[str], msgspec.Meta(min_length=1)]
    zone: str
    constants: dict[str, str] = {}
    services: dict[str, str] = {}
    closed_words: list[str] = []
    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    decimal: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = "."
    encoding: str = "utf-8-sig"
    bounds: tuple[float, float, float, float] | None = None  # west, south, east, north: where the file's places lie

    def named(self, name: str) -> str:
        """Return the column of a thing, as people find it in the file."""
        return f"column {', '.join(listed(self.columns.get(name, name)))!r}"


def shape_of(text: str) -> Shape:
    """Return a mapping. Raises Rejected with what is wrong in it."""
    try:
        shape = msgspec.convert(tomllib.loads(text.removeprefix("\ufeff")), Shape)
        ZoneInfo(shape.zone)
        check_encoding(shape.encoding)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, OSError, ValueError, KeyError, LookupError, TypeError) as error:
        raise Rejected(f"mapping: {error}") from error
    if shape.delimiter in '"\r\n\x00':
        raise Rejected(f"mapping: delimiter cannot be {shape.delimiter!r}")
    if wrong := [form for form in shape.formats if not _is_form(form)]:
        raise Rejected(f"mapping: formats has {', '.join(map(repr, wrong))}, which is no format of a time")
    given = {**shape.columns, **shape.constants}
    if lacking := [name for name in NEEDED if name not in given]:
        raise Rejected(f"mapping: columns lacks {', '.join(lacking)}")
    if strangers := sorted(set(given) - set(TAKEN)):
        raise Rejected(f"mapping: columns knows no {', '.join(strangers)}; there are {', '.join(TAKEN)}")
    return shape


def check_encoding(name: str) -> None:
    """Raise ValueError or LookupError where this is no encoding of characters: some codecs are escapes, and slow on long texts."""
    "".encode(name)
    if codecs.lookup(name).name in NO_CHARACTERS:
        raise ValueError(f"{name} is no encoding of a file")


def _is_form(form: str) -> bool:
    try:
        return form in NAMED_FORMS or datetime.strptime(ANY_DAY.strftime(form), form).year == ANY_DAY.year  # noqa: DTZ007  only its shape counts
    except (ValueError, re.error):
        return False


def listed(column: Column) -> list[str]:
    """Return the columns that make up one thing."""
    return [column] if isinstance(column, str) else column


def same(name: str) -> str:
    """Return a name or word as it is compared: composed letters, one space where there are several or a hard one."""
    return " ".join(composed(name).replace("\ufeff", "").replace("\u200b", "").split())


def composed(text: str) -> str:
    """Return a text with each letter in one piece (NFC): Macs, and the code page 1258, write a letter and its tone apart."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def decoded(raw: bytes, shape: Shape) -> str:
    """Return a file as text, each line ended by a line feed. Raises Rejected with the place of what is in another encoding."""
    check_beginning(raw)
    try:
        text = raw.decode(shape.encoding)
    except UnicodeDecodeError as error:
        line, column = raw.count(b"\n", 0, error.start) + 1, error.start - raw.rfind(b"\n", 0, error.start)
        raise Rejected(f"is not {shape.encoding} at line {line}, byte {column}: {error.reason}; {_instead(raw)}") from error
    except UnicodeError as error:
        raise Rejected(f"is not {shape.encoding}: {error}; {_instead(raw)}") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def check_beginning(raw: bytes) -> None:
    """Raise Rejected for a file that begins as no text does, and say what to do."""
    for beginning, what in BEGINNINGS:
        if raw.startswith(beginning):
            raise Rejected(what)


def _instead(raw: bytes) -> str:
    """Return which encoding a file seems to be in: two bytes a letter show in the file's mark, or in zeros beside its commas."""
    head = raw[:4000]
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return 'it seems to be UTF-16: say encoding = "utf-16" in the mapping'
    for name, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        if head[at::2].count(0) > len(head) // 8:
            return f'it seems to be UTF-16: say encoding = "{name}" in the mapping'
    return 'say encoding in the mapping (of Vietnamese Excel often "cp1258", of Western "cp1252"), or save the file as CSV UTF-8'
