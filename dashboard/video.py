"""What is seen through a camera: whether its picture moves, how old it is, and what a browser is told to fetch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from dashboard.city import Camera

Sight = Literal["starting", "live", "frozen", "lost"]
Way = Literal["stream", "still", "page", ""]
SILENT_MS, UNHEARD_MS = 5_000, 6_000  # without a frame from the camera; without a word from the relay
FROZEN_MS = 8_000  # the same picture for so long is no picture of now (UX-80: recognised within 12 s)
WATCHED_MS = 30_000  # a stream outlives its last viewer by so long
MOST_WATCHED = 9  # tiles of a wall


class Clip(NamedTuple):
    """A piece of a stream: its number, how long it lasts, and when its first frame came. Milliseconds, epoch ms."""

    seq: int
    lasts: int
    at: int


class Seen(Struct, frozen=True, kw_only=True):
    """How a camera's picture stands. `at` is when it last changed, `since` since when it stands so, `told` when the relay said so (epoch ms).

    `run` names one connection to the camera; its pieces, the oldest first, are of that connection alone. `why` is a word for what went
    wrong, "" for nothing. `coding` is the stream's codec (`h264`, `hevc`), "" before it is known: whether it can be played only a browser knows.
    """

    sight: Sight
    since: int
    at: int = 0
    told: int = 0
    why: str = ""
    run: int = 0
    clips: tuple[Clip, ...] = ()
    coding: str = ""


def way(camera: Camera) -> Way:
    """Return how a camera is looked through: its relayed stream, single pictures, a page of another system, or not at all."""
    scheme = camera.stream.partition("://")[0].lower()
    if scheme == "rtsp":
        return "stream"
    if scheme in {"http", "https"}:
        return "page"
    return "still" if camera.snapshot else ""


def judged(seen: Seen | None, now: int, *, relayed: bool) -> Seen:
    """Return how a picture stands now: about to start where nothing was told of it, lost where the relay says nothing (any more).

    `relayed`: there is a relay.
    """
    if seen is None:
        return Seen(sight="starting" if relayed else "lost", since=now, told=now, why="" if relayed else "relay")
    if now - seen.told > UNHEARD_MS and seen.sight != "lost":
        return Seen(
            sight="lost",
            since=seen.told,
            at=seen.at,
            told=seen.told,
            why="relay",
            run=seen.run,
            clips=seen.clips,
            coding=seen.coding,
        )
    return seen


EMPTY = 128  # bytes: a frame that says no more than "as before", in up to eight slices
ALIKE = 0.25  # of a key frame's size: the same picture coded once more


class Stillness:
    """Knows when a coded picture last changed, without decoding it.

    A sensor is never silent: between two key frames every frame tells of its noise at least. Frames that tell nothing, with key frames
    that stay as large as they were, are of a picture that stands. Where every frame is a key frame, they stand when they are repeated.
    """

    def __init__(self) -> None:
        self.changed = 0
        self._key, self._after_key = 0, False
        self._marks: tuple[int, ...] = ()

    def see(self, size: int, mark: int, *, key: bool, at: int) -> None:
        """Take in a frame of `size` bytes, told from others by `mark`, that came at `at`."""
        if not key:
            changes = size > EMPTY
        elif self._after_key:
            changes = mark not in self._marks
        else:
            changes = abs(size - self._key) > ALIKE * self._key
        if key:
            self._key, self._marks = size, (*self._marks[-1:], mark)
        self._after_key = key
        if changes or not self.changed:
            self.changed = at


def playlist(run: int, clips: Sequence[Clip]) -> str:
    """Return the HLS playlist of one connection's pieces."""
    longest = max((clip.lasts for clip in clips), default=1000)
    head = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(round(longest / 1000), 1)}",
        f"#EXT-X-MEDIA-SEQUENCE:{clips[0].seq if clips else 0}",
        f'#EXT-X-MAP:URI="{run}/init.mp4"',
    ]
    return "\n".join([*head, *(line for clip in clips for line in _lines(run, clip))]) + "\n"


def _lines(run: int, clip: Clip) -> tuple[str, str, str]:
    began = datetime.fromtimestamp(clip.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"#EXT-X-PROGRAM-DATE-TIME:{began}", f"#EXTINF:{clip.lasts / 1000:.3f},", f"{run}/{clip.seq}.m4s"
