"""A camera's packets, copied into pieces of MP4 that a browser can play: nothing is decoded, nothing is coded anew."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

import av
from av.video.stream import VideoStream

from dashboard.video import Stillness
from data.outward.wire import Unreached

CODECS = frozenset({"h264", "hevc"})
MP4 = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "250000"}
BUFFER = 256 * 1024
MOST_PIECE = 6 * 1024 * 1024
PIECE_MS, FIRST = 950, 4  # a piece lasts about a second; the first few are as short as they come, so that a picture is there soon
LEAP_MS = 10_000  # between two frames: what follows is begun anew
FRAMES_S, MOST_UNTIMED = 25, 100
HEAD = 8  # of an MP4 box: its size and its name
Keep = Callable[[bytes, int, int], None]


class Boxes:
    """What libav writes, taken apart: `init` is what every player needs first, `fragments` those that were finished since."""

    def __init__(self) -> None:
        self.init = b""
        self.fragments: list[bytes] = []
        self._held, self._open = bytearray(), bytearray()

    def write(self, raw: bytes) -> int:
        """Take what libav writes."""
        self._held += raw
        while len(self._held) >= HEAD and len(self._held) >= (size := int.from_bytes(self._held[:4], "big")):
            self._box(bytes(self._held[4:8]), bytes(self._held[: max(size, HEAD)]))
            del self._held[: max(size, HEAD)]
        return len(raw)

    def _box(self, name: bytes, whole: bytes) -> None:
        if name in {b"ftyp", b"moov"}:
            self.init += whole
            return
        self._open += whole
        if name == b"mdat":
            self.fragments.append(bytes(self._open))
            self._open.clear()


class Cutter:
    """Copies one connection's packets into pieces. `keep(piece, lasts_ms, at_ms)` is given each."""

    def __init__(self, stream: VideoStream, keep: Keep) -> None:
        """Begin. Raises Unreached where a browser could not play what comes."""
        codec = stream.codec_context.name
        if codec not in CODECS:
            raise Unreached("codec", f"shows {codec}, which no browser plays")
        self.boxes, self.still = Boxes(), Stillness()
        self._keep, self._cut = keep, 0
        self._out: Any = av.open(self.boxes, "w", format="mp4", options=MP4, buffer_size=BUFFER)
        self._stream = self._out.add_stream_from_template(stream)
        self._tick_ms = float(stream.time_base or 0) * 1000
        self._step = round(1000 / (float(stream.average_rate or FRAMES_S) * self._tick_ms)) if self._tick_ms else 1
        self._untimed: list[Any] = []
        self._zero: int | None = None
        self._last = self._began = -1
        self._piece, self._piece_ms = bytearray(), 0.0
        self._at_ms = self._next_at_ms = 0

    def take(self, packet: Any, at_ms: int) -> None:
        """Take in a packet that came at `at_ms`. Raises Unreached."""
        dts = packet.dts if packet.dts is not None else packet.pts
        if dts is None:
            self._hold(packet)
            return
        for back, one in enumerate(reversed(self._untimed), 1):
            one.dts = one.pts = dts - back * self._step
        held, self._untimed = self._untimed, []
        for one in [*held, packet]:
            self._copy(one, at_ms)

    def _hold(self, packet: Any) -> None:
        """Hold what comes before the camera has said at what time it is: the first key frame is often among it."""
        if packet.is_keyframe:
            self._untimed.clear()
        if packet.is_keyframe or self._untimed:
            self._untimed = [*self._untimed, packet][-MOST_UNTIMED:]

    def _copy(self, packet: Any, at_ms: int) -> None:
        dts = packet.dts if packet.dts is not None else packet.pts
        if self._zero is None and not packet.is_keyframe:
            return
        self.still.see(packet.size, crc32(packet), key=packet.is_keyframe, at=at_ms)
        if self._zero is None:
            self._zero, self._began, self._next_at_ms = dts, 0, at_ms
        if self._last >= 0 and abs(dts - self._zero - self._last) * self._tick_ms > LEAP_MS:
            raise Unreached("cut", "its clock leaps")
        dts = max(dts - self._zero, self._last + 1)
        packet.dts, packet.pts = dts, max((packet.pts if packet.pts is not None else packet.dts) - self._zero, dts)
        packet.stream = self._stream
        self._out.mux(packet)
        self._last = dts
        self._gather(dts, at_ms)

    def _gather(self, dts: int, at_ms: int) -> None:
        """Put finished fragments together; each holds what came before the packet with which it was finished."""
        for one in self.boxes.fragments:
            if not self._piece:
                self._at_ms = self._next_at_ms
            self._piece += one
            self._piece_ms += (dts - self._began) * self._tick_ms
            self._began, self._next_at_ms = dts, at_ms
            if len(self._piece) > MOST_PIECE:
                raise Unreached("large", f"shows more than {MOST_PIECE} bytes a second")
            if self._piece_ms >= PIECE_MS or self._cut < FIRST:
                self._cut += 1
                self._keep(bytes(self._piece), round(self._piece_ms), self._at_ms)
                self._piece.clear()
                self._piece_ms = 0.0
        self.boxes.fragments.clear()

    def close(self) -> None:
        """Let go; what was not finished is not shown."""
        self._out.close()
