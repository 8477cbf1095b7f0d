"""The photographs of a form: few, not too large, and pictures by their first bytes. They are decoded elsewhere, and never by the name they have.

What ended on its way, or is larger than is decoded, is seen by its outer form alone: the report stands without it, and says so.
"""

from typing import NamedTuple

from werkzeug.datastructures import FileStorage, ImmutableMultiDict

from dashboard.open311.refusal import BAD, TOO_LARGE, Refusal
from dashboard.pictured import is_whole
from data.doors.open311.desk import Photo

MOST_BYTES = 10 * 1024 * 1024  # of a whole post
MOST_PHOTOS = 6  # as many as are kept of one event
KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF", "image/webp"))


class Photos(NamedTuple):
    """The photographs that may be readable, and whether there were others."""

    whole: list[Photo]
    broken: bool


def photos(files: ImmutableMultiDict[str, FileStorage]) -> Photos:
    """Return the photographs of a form, whatever their fields are called. Raises Refusal."""
    given = [(name, one) for name, one in files.items(multi=True) if one.filename or one.content_length]
    if len(given) > MOST_PHOTOS:
        raise Refusal(BAD, f"photo: there are {len(given)}, at most {MOST_PHOTOS} belong to a report")
    found = [_photo(name, one.stream.read(MOST_BYTES + 1)) for name, one in given]
    if sum(len(one.raw) for one in found) > MOST_BYTES:
        raise Refusal(TOO_LARGE, "photo: a post has at most 10 MB with its photographs")
    whole = [one for one in found if is_whole(one.raw)]
    return Photos(whole, len(whole) < len(found))


def _photo(name: str, raw: bytes) -> Photo:
    kind = next((mimetype for start, mimetype in KINDS if raw.startswith(start)), "")
    if not kind or (kind == "image/webp" and raw[8:12] != b"WEBP"):
        raise Refusal(BAD, f"{name[:40]}: is no JPEG, PNG or WebP")
    return Photo(kind, raw)
