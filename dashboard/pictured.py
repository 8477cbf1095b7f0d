"""What a picture says of itself from outside, read without decoding anything of it: whether it has its end, and how many pixels it has."""

import struct

MOST_PIXELS = 25_000_000
MOST_ONCE_PIXELS = 120_000_000  # telephones' largest; it is decoded no larger than it is kept, which costs no more than the others
JPEG, PNG, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
SIZED = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # a JPEG's frame headers
BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # those without anything behind them
SCAN, END, PNG_END = 0xDA, b"\xff\xd9", b"IEND\xaeB`\x82"
STEPWISE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})  # progressive
Size = tuple[int, int]


def most_pixels(raw: bytes) -> int:
    """Return how many pixels a picture may have: more where it is a JPEG of one pass, whose decoder leaves out what is not needed.

    One that comes in several passes (progressive, or a colour at a time) is held whole before it is made smaller: 120 million
    pixels would take 700 MB.
    """
    try:
        once = raw.startswith(JPEG) and _jpeg(raw)[1]
    except (struct.error, IndexError):
        once = False
    return MOST_ONCE_PIXELS if once else MOST_PIXELS


def is_whole(raw: bytes) -> bool:
    """Return whether a JPEG, PNG or WebP has all of itself, and no more pixels than are decoded."""
    try:
        size = _jpeg(raw)[0] if raw.startswith(JPEG) else _png(raw) if raw.startswith(PNG) else _webp(raw)
    except (struct.error, IndexError):  # it ends within its head
        return False
    return size is not None and 0 < size[0] * size[1] <= most_pixels(raw)


def _jpeg(raw: bytes) -> tuple[Size | None, bool]:
    """Return a JPEG's size, None where it has no end, and whether it comes in one pass.

    Its end is looked for behind where its pixels begin, since a thumbnail before them has one too.
    """
    at, size, colours, stepwise = 2, None, 0, False
    while raw[at] == 0xFF:  # noqa: PLR2004  where a segment begins
        mark = raw[at + 1]
        if mark == 0xFF:  # noqa: PLR2004  filled up
            at += 1
            continue
        if mark in BARE:
            at += 2
            continue
        if mark == SCAN:
            return (size if raw.find(END, at) >= 0 else None), not stepwise and raw[at + 4] == colours
        if mark in SIZED:
            high, wide = struct.unpack_from(">HH", raw, at + 5)
            size, colours, stepwise = (wide, high), raw[at + 9], mark in STEPWISE
        at += 2 + struct.unpack_from(">H", raw, at + 2)[0]
    return None, False


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
