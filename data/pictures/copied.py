"""A clip from outside made into one of ours: checked, and its moving picture copied into a file that holds nothing else.

Sound is left behind, and so is whatever its sender wrote beside the picture. Nothing is decoded.
"""

import io
from typing import Any, NamedTuple

import av
from av.error import FFmpegError

from dashboard.clips import LONGEST_MS, MOST_BYTES
from dashboard.errors import Rejected

CODECS = frozenset({"h264", "hevc", "av1"})
FTYP, HEAD = b"ftyp", 12
SPARE_MS = 60_000  # a recorder cuts at its key frames, and not where it was asked to
MOST_PACKETS = 60 * (LONGEST_MS + SPARE_MS) // 1000


class Copied(NamedTuple):
    """A clip, MP4, and how long it lasts."""

    content: bytes
    lasts_ms: int


def copy(raw: bytes) -> Copied:
    """Return a clip of ours. Raises Rejected."""
    if len(raw) > MOST_BYTES:
        raise Rejected(f"is a clip of more than {MOST_BYTES // 1024 // 1024} MB")
    if len(raw) < HEAD or raw[4:8] != FTYP:
        raise Rejected("is no MP4")
    out = io.BytesIO()
    try:
        with av.open(io.BytesIO(raw), format="mp4") as given:
            _check(given)
            with av.open(out, "w", format="mp4") as made:
                lasts_ms = _copy(given, made)
    except (FFmpegError, ValueError, IndexError, TypeError, EOFError, MemoryError) as error:
        raise Rejected(f"is no clip that can be read: {type(error).__name__}") from error
    return Copied(out.getvalue(), lasts_ms)


def _check(given: Any) -> None:
    if not given.streams.video:
        raise Rejected("is a clip without a picture")
    codec = given.streams.video[0].codec_context.name
    if codec not in CODECS:
        raise Rejected(f"is a clip in {codec}, which no browser plays")
    if given.duration and given.duration / 1000 > LONGEST_MS + SPARE_MS:
        raise Rejected(f"is a clip of {given.duration / 1_000_000:.0f} s")


def _copy(given: Any, made: Any) -> int:
    """Copy the packets; return how long (ms) they last."""
    stream = given.streams.video[0]
    target, first, last, count = made.add_stream_from_template(stream), None, 0.0, 0
    for packet in given.demux(stream):
        if packet.dts is None or packet.pts is None:
            continue
        at = float(packet.pts * packet.time_base)
        first, last, count = (
            at if first is None else min(first, at),
            max(last, at + float((packet.duration or 0) * packet.time_base)),
            count + 1,
        )
        if count > MOST_PACKETS:
            raise Rejected("is a clip of more frames than it may have")
        packet.stream = target
        made.mux(packet)
    if first is None:
        raise Rejected("is a clip without a frame")
    return round(1000 * (last - first))
