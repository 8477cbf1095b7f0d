"""An RTSP camera for the tests: a process of its own, that a test may freeze, stop and kill."""

import csv
import io
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rig import prompt_pack

SCRIPT = Path(__file__).with_name("rtsp_server.py")
PYTHON = "/usr/bin/python3"  # the one with Debian's bindings
NEEDED = "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly gstreamer1.0-plugins-bad python3-gi"


class RtspCamera:
    """One camera. Its address is `url`."""

    def __init__(self, shape: tuple[int, ...], *more: str) -> None:
        self.argv = [PYTHON, "-W", "ignore", str(SCRIPT), *map(str, shape), *more]
        self.process: subprocess.Popen[str] | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        """Start, or start again: at the same port."""
        more = ["--port", str(self.port)] if self.port else []
        self.process = subprocess.Popen([*self.argv, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        assert told.strip().isdigit(), f"no RTSP server: apt-get install {NEEDED}"
        self.port = int(told)

    def say(self, word: str) -> None:
        """Tell it to `freeze` or to `move`."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def hang(self) -> None:
        """Let it answer nothing any more, and hang up on nobody."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def rtsp_camera(
    *login: str,
    width: int = 640,
    height: int = 360,
    rate: int = 15,
    kbit: int = 800,
    key_every: int = 15,
    moving: str = "ball",
    coder: str = "h264",
) -> Iterator[RtspCamera]:
    """Lend a camera; a user and a password that it asks for, if they are given."""
    assert shutil.which(PYTHON), f"no RTSP server: apt-get install {NEEDED}"
    more = ["--login", *login] if login else []
    made = RtspCamera((width, height, rate, kbit, key_every), "--moving", moving, "--coder", coder, *more)
    try:
        yield made
    finally:
        made.kill()


def seeing_pack(folder: Path, streams: dict[str, str], stills: dict[str, str] | None = None) -> Path:
    """Return a copy of the first city in which some cameras have streams or single pictures, on this machine."""
    place = prompt_pack(folder)
    file, city = place / "cameras.csv", place / "city.toml"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    for row in rows:
        row |= {"stream": streams.get(row["id"], ""), "snapshot": (stills or {}).get(row["id"], "")}
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(held.getvalue(), encoding="utf-8")
    city.write_text(city.read_text(encoding="utf-8") + '\n[outward]\nallow = ["127.0.0.1"]\n', encoding="utf-8")
    return place
