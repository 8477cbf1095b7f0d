"""Looking through one camera for as long as somebody watches: its stream copied, or single pictures fetched again and again."""

import random
import threading
import time
from collections.abc import Callable
from hashlib import blake2b
from logging import getLogger
from typing import Protocol

import av
from av.error import FFmpegError

from dashboard.city import Camera
from dashboard.errors import Away
from dashboard.video import FROZEN_MS, SILENT_MS, Clip, Seen, Sight
from data.outward import Checked, Line, Login, Refused, Unreached, get
from data.outward.rtsp import Tunnel
from data.puller import WORDS, welcome
from data.sealed import Tampered
from data.video.cutting import Cutter

CONNECT_S, SILENT_S = 5.0, 5.0
RTSP = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",  # sound is not relayed
    # A stream that does not say what it is before its first key frame is waited for; nobody waits to learn how many frames a second it has.
    "analyzeduration": "4000000",
    "fpsprobesize": "0",
}
KEPT = 6  # pieces in the playlist
FIRST_S, LONGEST_S, SPREAD = 1.0, 15.0, 0.25
STEADY_MS = 5_000  # whoever was seen for so long is asked again at once
DENIED_S = 120.0  # a wrong password locks an account after a few tries
STILL_S, MOST_STILL = 2.0, 8 * 1024 * 1024
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
TROUBLES: dict[type[Exception], str] = {
    Refused: "refused",
    Tampered: "login",
    Away: "away",
    av.error.ExitError: "slow",
    FFmpegError: "cut",
}
log = getLogger(__name__)


class Room(Protocol):
    """Where pieces are kept."""

    def keep(self, camera: str, name: str, body: bytes, *, lasting: bool = False) -> None:
        """Keep a piece for a while. Raises Away."""
        ...


class Look:
    """Looks through one camera until it is told to stop; what it saw is asked of it. Its thread does the waiting."""

    silent_ms = SILENT_MS

    def __init__(
        self, camera: Camera, room: Room, *, dial: Callable[[str], Checked], who: Callable[[str, int], Login | None]
    ) -> None:
        self.camera, self._room, self._dial, self._who = camera, room, dial, who
        self._ended, self._failed, self.held = threading.Event(), 0, 0
        self._sight: Sight = "starting"
        self._since = now_ms()
        self._at, self._heard, self._changed = 0, 0, 0
        self._why, self._run_id, self._coding = "", 0, ""
        self._clips: tuple[Clip, ...] = ()
        self.rest_s = 0.0  # before it begins
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"look {camera.id}")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self._hang_up()

    def join(self, seconds: float) -> bool:
        """Wait for the end; returns whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def seen(self) -> Seen:
        """Return how the picture stands at this moment."""
        now = now_ms()
        if self._sight in {"live", "frozen"}:
            silent, frozen = now - self._heard > self.silent_ms, self._heard - self._changed > FROZEN_MS
            self._stand("lost" if silent else "frozen" if frozen else "live", "silent" if silent else "")
        return Seen(
            sight=self._sight,
            since=self._since,
            at=self._at,
            told=now,
            why=self._why,
            run=self._run_id,
            clips=self._clips,
            coding=self._coding,
        )

    def _stand(self, sight: Sight, why: str = "") -> None:
        if sight != self._sight:
            self._since = now_ms()
        self._sight, self._why = sight, why

    def _saw(self, heard: int, *, changed: int) -> None:
        """Note when a frame came, and when the picture last changed."""
        self._heard, self._changed, self._at = heard, changed, changed
        if self._sight in {"starting", "lost"}:
            self._stand("live")

    def _run(self) -> None:
        if self.rest_s:
            self._stand("lost", "denied")
            self._ended.wait(self.rest_s)
        while not self._ended.is_set():
            began = now_ms()
            why = self._once()
            if self._ended.is_set():
                return
            self._failed = 1 if self._heard - began > STEADY_MS else self._failed + 1
            log.info("%s: no picture: %s", self.camera.id, why)
            self._stand("lost", why)
            self._wait(why)

    def _once(self) -> str:
        """Look until it breaks; return a word for why it did."""
        try:
            self._look()
        except Exception as error:  # noqa: BLE001  one camera's oddity is no other's
            return self._told(error)
        return "cut"

    def _told(self, error: Exception) -> str:
        """Return a word for an error. What libav says of one is never written down: it holds the address with the password."""
        if isinstance(error, Unreached):
            return error.kind
        if isinstance(error, Refused):
            log.warning("%s: %s", self.camera.id, error)
        known = next((word for kind, word in TROUBLES.items() if isinstance(error, kind)), "")
        if not known:
            log.error("%s: looking fell over: %s", self.camera.id, type(error).__name__)
        return known or "failed"

    def _look(self) -> None:
        raise NotImplementedError

    def _hang_up(self) -> None:
        raise NotImplementedError

    def _wait(self, why: str) -> None:
        """Wait longer after every failure, more or less."""
        seconds = DENIED_S if why == "denied" else min(FIRST_S * 2 ** min(self._failed - 1, 10), LONGEST_S)
        self._ended.wait(seconds * random.uniform(1 - SPREAD, 1 + SPREAD))  # noqa: S311  no secret


class StreamLook(Look):
    """Copies a camera's stream."""

    _tunnel: Tunnel | None = None

    def _look(self) -> None:
        place = self._dial(self.camera.stream)
        login = self._who(place.host, place.port)
        self._tunnel = tunnel = Tunnel(place, seconds=CONNECT_S)
        try:
            if self._ended.is_set():
                return
            self._copy(tunnel, login)
        except FFmpegError as error:
            if why := WORDS.get(tunnel.status) or tunnel.why:
                raise Unreached(why, "no stream") from error
            raise
        finally:
            tunnel.close()

    def _copy(self, tunnel: Tunnel, login: Login | None) -> None:
        with av.open(tunnel.url(login), format="rtsp", options=RTSP, timeout=(CONNECT_S, SILENT_S)) as source:
            if not source.streams.video:
                raise Unreached("codec", "shows no picture")
            stream = source.streams.video[0]
            run = now_ms()
            self._coding = stream.codec_context.name
            cutter = Cutter(stream, lambda piece, lasts, at: self._cut(run, cutter, piece, Clip(0, lasts, at)))
            try:
                for packet in source.demux(stream):
                    if packet.size and not self._ended.is_set():
                        # Not the time of now: at its end libav gives what it held back.
                        cutter.take(packet, tunnel.heard)
                        if self._run_id == run:
                            self._saw(tunnel.heard, changed=cutter.still.changed)
            finally:
                cutter.close()

    def _cut(self, run: int, cutter: Cutter, piece: bytes, clip: Clip) -> None:
        """Keep a finished piece; the first of a connection brings what every player needs first."""
        if run != self._run_id:
            self._room.keep(self.camera.id, f"{run}/init", cutter.boxes.init, lasting=True)
            self._clips = ()
        # Numbers grow with time, so that a relay that was started again goes on above those of the one before.
        seq = self._clips[-1].seq + 1 if self._clips else now_ms() // 100
        self._room.keep(self.camera.id, f"{run}/{seq}", piece)
        self._clips = (*self._clips, clip._replace(seq=seq))[-KEPT:]
        self._run_id, self.held = run, len(piece) * KEPT * 2

    def _hang_up(self) -> None:
        if self._tunnel is not None:
            self._tunnel.hang_up()


class StillLook(Look):
    """Fetches a camera's single picture every two seconds."""

    silent_ms = SILENT_MS + 2000 * 2  # two fetches that failed
    _line: Line | None = None
    _mark = b""

    def _look(self) -> None:
        place = self._dial(self.camera.snapshot)
        self._line = line = Line(self._who(place.host, place.port))
        while not self._ended.is_set():
            began_s = time.monotonic()
            answer = get(place, keys=line, seconds=CONNECT_S, most=MOST_STILL)
            welcome(answer)
            kind = still_kind(answer.body)
            if not kind:
                raise Unreached("codec", "answers with no JPEG and no PNG")
            self._room.keep(self.camera.id, "still", answer.body)
            mark, self.held = blake2b(answer.body, digest_size=16).digest(), len(answer.body)
            self._saw(now_ms(), changed=now_ms() if mark != self._mark else self._changed)
            self._mark = mark
            self._ended.wait(max(STILL_S - (time.monotonic() - began_s), STILL_S / 4))

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.hang_up()


def still_kind(body: bytes) -> str:
    """Return the content type that a picture's first bytes say, "" for none that we show."""
    return next((kind for magic, kind in KINDS.items() if body.startswith(magic)), "")


def now_ms() -> int:
    """Return UTC in epoch milliseconds."""
    return time.time_ns() // 1_000_000
