"""The desk where layers are brought in: files come in pieces to the disk, and are read by a process of their own (data/layers/job).

Everything about a file lies in one folder under `KYDAI_HOME/layer_desk`, so that any process of the web role can answer for it.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import DecodeError, ValidationError, json
from msgspec.structs import replace

from dashboard.errors import Missing
from dashboard.layers.desk import RUNNING, Behind, Crowded, Job, Said, Step
from dashboard.layers.layer import LayerRefused
from dashboard.layers.refusals import why
from dashboard.ports import Clock
from data.layers.files import MOST_BYTES, room_left

FOLDER = "layer_desk"
ROOT = Path(__file__).parents[2]
TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")
MOST_JOBS = 8  # files on the desk at once
MOST_S = 1800.0  # a file that takes longer is given up, waiting for others before it included
KEEP_MS = 24 * 3_600_000  # what nobody has asked for since is cleared away
PIECE = 4 << 20
LONGEST = 80


def name_of(told: str) -> str:
    """Return a name that a file may have on the disk: no folder, no dot in front, its ending kept."""
    bare = re.sub(r"[^\w.-]+", "_", told.replace("\\", "/").rpartition("/")[2]).lstrip(".")
    return bare if len(bare) <= LONGEST else bare[: LONGEST - 12] + bare[-12:]


def write(folder: Path, name: str, told: Any) -> None:
    """Put what is told into a file, whole or not at all."""
    new = folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
    new.write_bytes(json.encode(told))
    new.replace(folder / name)


class FileDesk:
    """The desk of one home (dashboard.layers.desk.Desk). `apart` runs what takes a while where it holds nobody up."""

    def __init__(self, home: Path, clock: Clock, *, apart: Callable[..., Any] | None = None) -> None:
        self._home, self._clock = home, clock
        self._apart = apart or (lambda do, given: do(*given))
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def _desk(self) -> Path:
        made = self._home / FOLDER
        made.mkdir(mode=0o700, exist_ok=True)
        return made

    def begin(self, name: str, size: int, *, who: str) -> Job:
        """Make room for a file. Raises Crowded, LayerRefused."""
        self._sweep()
        if not size:
            raise LayerRefused(f"{name} is empty.")
        if size > MOST_BYTES:
            raise LayerRefused(f"{name} has {size / 1e9:.1f} GB; at most {MOST_BYTES / 1e9:.0f} GB are read. Split it.")
        if len(list(self._desk.iterdir())) >= MOST_JOBS:
            raise Crowded
        room_left(self._desk, 3 * size + 50_000_000)
        token, now_ms = secrets.token_urlsafe(12), self._clock.now_ms()
        job = Job(token=token, file=name_of(name) or "file", size=size, who=who, at=now_ms, since=now_ms)
        folder = self._desk / token
        folder.mkdir(mode=0o700)
        (folder / "file").mkdir()
        (folder / "file" / job.file).touch()
        write(folder, "job.json", job)
        return job

    def add(self, token: str, at: int, piece: bytes, *, who: str) -> Job:
        """Put a piece behind what is there already. Raises Missing, Behind, LayerRefused."""
        job = self.job(token, who=who)
        file = self._desk / token / "file" / job.file
        there = file.stat().st_size
        if job.step != "sending" or at != there:
            raise Behind(there)
        if there + len(piece) > job.size:
            raise LayerRefused(f"{job.file} is larger than was said. Choose it again.")
        self._apart(_append, (file, at, piece))
        return replace(job, got=there + len(piece))

    def read(self, token: str, said: Said, *, who: str) -> Job:
        """Begin to read a file, for a look at it. Raises Missing, Behind."""
        return self._start(token, said, "reading", who)

    def take(self, token: str, said: Said, *, who: str) -> Job:
        """Begin to make a file the next version of its layer. Raises Missing, Behind."""
        return self._start(token, said, "importing", who)

    def job(self, token: str, *, who: str) -> Job:
        """Return where a file stands. Raises Missing where there is none, or it is somebody else's."""
        job = self._told(token)
        if job is None or job.who != who:
            raise Missing("there is no such file on the desk")
        if job.step in RUNNING and self._clock.now_ms() - job.since > (MOST_S + 60) * 1000:
            job = self._end(job, "took too long")
        if job.step in RUNNING and token not in self._running and _ended(self._desk / token):
            job = self._interrupted(token, job)
        if job.step == "sending":
            job = replace(job, got=(self._desk / token / "file" / job.file).stat().st_size)
        return job

    def seen(self, token: str, *, who: str) -> bytes:
        """Return how a file was understood, as JSON. Raises Missing."""
        self.job(token, who=who)
        try:
            return (self._desk / token / "seen.json").read_bytes()
        except FileNotFoundError:
            raise Missing("the file was not read yet") from None

    def drop(self, token: str, *, who: str) -> None:
        """Take a file off the desk, and stop what is done with it: a version that is not yet named in the record never is. Raises Missing."""
        self.job(token, who=who)
        running = self._running.pop(token, None)
        shutil.rmtree(self._desk / token, ignore_errors=True)
        if running is not None:
            running.kill()

    def _told(self, token: str) -> Job | None:
        if not TOKEN.fullmatch(token):
            return None
        with suppress(OSError, DecodeError, ValidationError):
            return json.decode((self._desk / token / "job.json").read_bytes(), type=Job)
        return None

    def _start(self, token: str, said: Said, step: Step, who: str) -> Job:
        job, folder = self.job(token, who=who), self._desk / token
        there = (folder / "file" / job.file).stat().st_size
        if there != job.size or job.step in RUNNING or job.step == "done":
            raise Behind(there)
        now = replace(job, step=step, since=self._clock.now_ms(), why=None, key=said.key)
        write(folder, "said.json", said)
        write(folder, "job.json", now)
        command = [sys.executable, "-m", "data.layers.job", str(folder)]
        with (folder / "log").open("wb") as log, _lease(folder).open("wb") as lease:
            fcntl.flock(lease, fcntl.LOCK_EX)  # the child's from here on, until it ends, however it ends
            given = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "pass_fds": (lease.fileno(),)}
            child = subprocess.Popen(command, cwd=ROOT, **given)  # type: ignore[call-overload]  # noqa: S603  our own module
        self._running[token] = child
        threading.Thread(target=self._wait, args=(now, child), daemon=True).start()
        return now

    def _wait(self, begun: Job, child: "subprocess.Popen[bytes]") -> None:
        """See a process to its end; one that did not say how it ended was ended by its limits."""
        late = False
        try:
            child.wait(MOST_S)
        except subprocess.TimeoutExpired:
            late = True
            child.kill()
            child.wait()
        if self._running.get(begun.token) is child:
            del self._running[begun.token]
        job = self._told(begun.token)
        if job is not None and job.step in RUNNING and job.since == begun.since:  # not what was begun after it
            self._end(job, _how(late=late, code=child.returncode))

    def _interrupted(self, token: str, seen: Job) -> Job:
        """Return how a job stands whose process is no more; it may have said its end a moment ago."""
        job = self._told(token)
        if job is None or job.step not in RUNNING or job.since != seen.since:
            return job or seen
        return self._end(
            job, "", f"{job.file} was interrupted: the server was started anew. Read it again; what was sent is still there."
        )

    def _end(self, job: Job, how: str, text: str = "") -> Job:
        told = why(text or f"{job.file} {how}, and was given up. Simplify it or split it into several layers.")
        ended = replace(job, step="failed", why=told)
        with suppress(OSError):
            write(self._desk / job.token, "job.json", ended)
        return ended

    def _sweep(self) -> None:
        """Clear away what was left a day ago or has become a layer."""
        for folder in self._desk.iterdir():
            job, now_ms = self._told(folder.name), self._clock.now_ms()
            if job is None or job.step == "done" or (now_ms - job.since > KEEP_MS and job.step not in RUNNING):
                shutil.rmtree(folder, ignore_errors=True)


def _lease(folder: Path) -> Path:
    """Return the file that whoever works in a folder holds locked: the system lets go of it when that process ends, in whatever way."""
    return folder / "lease"


def _ended(folder: Path) -> bool:
    """Return whether nobody works in a folder any more."""
    try:
        with _lease(folder).open("rb") as lease:
            fcntl.flock(lease, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _how(*, late: bool, code: int) -> str:
    """Return how a process ended that did not say it itself."""
    if late or code == -signal.SIGXCPU:
        return "took too long"
    return "needed too much memory" if code < 0 else "broke its reader"


def _append(file: Path, at: int, piece: bytes) -> None:
    with file.open("ab") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # two windows may send the same piece
        if out.tell() != at:
            raise Behind(out.tell())
        out.write(piece)
