"""What a picture says of itself from outside, read without decoding anything of it: whether it has its end, and how many pixels it has."""

import struct

MOST_PIXELS = 25_000_000
MOST_JPEG_PIXELS = 120_000_000  # telephones' largest; it is decoded no larger than it is kept, which costs no more than the others
JPEG, PNG, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
SIZED = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # a JPEG's frame headers
BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # those without anything behind them
SCAN, END, PNG_END = 0xDA, b"\xff\xd9", b"IEND\xaeB`\x82"
Size = tuple[int, int]


def most_pixels(form: str) -> int:
    """Return how many pixels a picture may have: a JPEG more, whose decoder leaves out what is not needed."""
    return MOST_JPEG_PIXELS if form == "JPEG" else MOST_PIXELS


def is_whole(raw: bytes) -> bool:
    """Return whether a JPEG, PNG or WebP has all of itself, and no more pixels than are decoded."""
    try:
        size = _jpeg(raw) if raw.startswith(JPEG) else _png(raw) if raw.startswith(PNG) else _webp(raw)
    except (struct.error, IndexError):  # it ends within its head
        return False
    most = most_pixels("JPEG" if raw.startswith(JPEG) else "")
    return size is not None and 0 < size[0] * size[1] <= most


def _jpeg(raw: bytes) -> Size | None:
    """Return a JPEG's size; its end is looked for behind where its pixels begin, since a thumbnail before them has one too."""
    at, size = 2, None
    while raw[at] == 0xFF:  # noqa: PLR2004  where a segment begins
        mark = raw[at + 1]
        if mark == 0xFF:  # noqa: PLR2004  filled up
            at += 1
            continue
        if mark in BARE:
            at += 2
            continue
        if mark == SCAN:
            return size if raw.find(END, at) >= 0 else None
        if mark in SIZED:
            high, wide = struct.unpack_from(">HH", raw, at + 5)
            size = (wide, high)
        at += 2 + struct.unpack_from(">H", raw, at + 2)[0]
    return None


def _png(raw: bytes) -> Size | None:
    wide, high = struct.unpack_from(">II", raw, 16)
    return (wide, high) if PNG_END in raw else None


def _webp(raw: bytes) -> Size | None:
    if struct.unpack_from("<I", raw, 4)[0] + 8 > len(raw) + 1:  # one that fills up to an even number may be missing
        return None
    kind = raw[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(raw[24:27], "little"), 1 + int.from_bytes(raw[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", raw, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    wide, high = struct.unpack_from("<HH", raw, 26)
    return wide & 0x3FFF, high & 0x3FFF
