"""A picture from outside made into two of ours: checked before it is decoded, written anew without anything but its pixels, masked.

What its sender wrote beside the pixels (EXIF, comments, thumbnails) is gone with that. The masked rendition has the event's box pixelated, and
all of it where the event gives none: what cannot be recognised in it cannot be brought back.
"""

import io
import struct
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from dashboard.pictured import most_pixels
from dashboard.pictures import NoPicture

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 12 * 1024 * 1024
LONGEST = 1920  # pixels of the longer side, as kept
ACROSS = 8  # blocks across the shorter side of what is masked: a plate or a face is nothing any more
GROWN = 0.1  # of its size that a box is grown by on every side: boxes are drawn tightly
QUALITY = 82
BROKEN = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    MemoryError,
    EOFError,
    KeyError,
    struct.error,
    Image.DecompressionBombError,
)
Box = tuple[float, float, float, float]


class Developed(NamedTuple):
    """Both renditions, JPEG, and their size in pixels."""

    clear: bytes
    masked: bytes
    width: int
    height: int


def develop(raw: bytes, box: Box | None) -> Developed:
    """Return both renditions of a picture. `box` (x, y, width, height, shares) is what is masked, None: everything. Raises NoPicture."""
    picture = _opened(raw, upright=box is None)
    masked = picture.copy()
    _mask(masked, _grown(box, picture.size) if box else (0, 0, *picture.size))
    return Developed(_jpeg(picture), _jpeg(masked), *picture.size)


def marked(clear: bytes, told: str) -> bytes:
    """Return a JPEG of ours with a line written across it, twice: who sees it, and when (P-02)."""
    picture = Image.open(io.BytesIO(clear), formats=("JPEG",)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    size = max(picture.width // 60, 12)
    for at in (picture.height // 2, picture.height - 2 * size):
        draw.text((size, at), told, fill=(255, 255, 255), font_size=size, stroke_width=max(size // 8, 1), stroke_fill=(0, 0, 0))
    return _jpeg(picture)


def _opened(raw: bytes, *, upright: bool) -> Image.Image:
    """Return the pixels of a picture, made smaller where it is larger than we keep. Raises NoPicture.

    A telephone says beside the pixels how it was held; `upright` turns them by that. A camera's boxes are of the pixels as they are.
    """
    if len(raw) > MOST_BYTES:
        raise NoPicture("size", f"is a picture of more than {MOST_BYTES // 1024 // 1024} MB")
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as found:
            _check(found, raw)
            found.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded no larger than it is needed
            picture = (ImageOps.exif_transpose(found) if upright else found).convert("RGB")
    except NoPicture:
        raise
    except BROKEN as error:
        raise NoPicture("unreadable", f"is no picture that can be read: {type(error).__name__}") from error
    picture.info.clear()  # comments and EXIF would be written again
    picture.thumbnail((LONGEST, LONGEST))
    return picture


def _check(found: Image.Image, raw: bytes) -> None:
    """Refuse a picture by what its header says of its size, before a single pixel is decoded."""
    if found.width * found.height > most_pixels(raw) or min(found.size) < 1:
        raise NoPicture("pixels", f"is a picture of {found.width} × {found.height}")


def _grown(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a box in pixels: left, top, right, bottom, within the picture."""
    (x, y, width, height), (wide, high) = box, size
    left, top = (x - GROWN * width) * wide, (y - GROWN * height) * high
    right, bottom = (x + (1 + GROWN) * width) * wide, (y + (1 + GROWN) * height) * high
    return max(int(left), 0), max(int(top), 0), min(int(right) + 1, wide), min(int(bottom) + 1, high)


def _mask(picture: Image.Image, place: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = place
    wide, high = right - left, bottom - top
    if wide < 1 or high < 1:
        return
    block = max(min(wide, high) / ACROSS, 1)
    few = (max(round(wide / block), 1), max(round(high / block), 1))
    coarse = picture.crop(place).resize(few, Image.Resampling.BOX)
    picture.paste(coarse.resize((wide, high), Image.Resampling.NEAREST), place)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
