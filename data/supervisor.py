"""Keeps the house's processes running: starts each, starts again whichever ends, and stops them all in order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from logging import getLogger
from pathlib import Path

LOOK_EVERY_S = 0.2
STOP_S, EACH_S, KEEPER_S = 9.0, 2.5, 2.0  # to stop all, one, and the log, which is last and must write what it has
SLOWEST_S = 5.0
QUIET_S = 10.0
PDEATHSIG = 1
log = getLogger(__name__)
_libc = ctypes.CDLL(None, use_errno=True)


class AlreadyRunning(Exception):  # noqa: N818  a state of the machine, not a mistake
    """Another Kỳ Đài runs in the same home."""


def die_with_parent() -> None:
    """Ask the kernel to end this process with its parent: a killed supervisor leaves nobody behind."""
    _libc.prctl(PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process to keep: how to start it, and how often it has fallen."""

    name: str
    argv: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    falls: int = 0
    started_s: float = field(default_factory=time.monotonic)
    again_s: float = 0.0


class Supervisor:
    """Starts children in the order given and stops them in the reverse one, so that who takes in stops before who keeps."""

    def __init__(self, home: Path, *, environ: Mapping[str, str] | None = None) -> None:
        self._home, self._environ = home, dict(environ or os.environ)
        self._children: list[Child] = []
        self.stopping = False
        (home / "logs").mkdir(exist_ok=True, mode=0o700)

    def add(self, name: str, argv: Sequence[str]) -> None:
        """Start a child and keep it running."""
        child = Child(name, argv)
        self._children.append(child)
        self._start(child)

    def wait(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """Keep the children running until `ready`, or until the time is out or we are asked to stop."""
        end_s = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < end_s:
            if ready():
                return True
            self._look()
            time.sleep(0.05)
        return False

    def keep(self) -> None:
        """Keep the children running until we are asked to stop."""
        while not self.stopping:
            self._look()
            time.sleep(LOOK_EVERY_S)

    def ask_to_stop(self, *_: object) -> None:
        """Stop soon; may be called by a signal, twice or more."""
        self.stopping = True

    def stop(self) -> None:
        """Stop the children, last started first, within ten seconds; whoever does not go in time is killed."""
        end_s = time.monotonic() + STOP_S
        for child in reversed(self._children):
            keeps = 0.0 if child is self._children[0] else KEEPER_S
            _end(child, min(EACH_S, end_s - keeps - time.monotonic()) if keeps else end_s - time.monotonic())
            (self._home / f"{child.name}.pid").unlink(missing_ok=True)

    def _start(self, child: Child) -> None:
        with (self._home / "logs" / f"{child.name}.log").open("ab") as out:
            child.process = subprocess.Popen(  # noqa: S603  ourselves
                list(child.argv),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._environ,
                preexec_fn=_in_own_group,  # noqa: PLW1509  one thread
            )
        child.started_s = time.monotonic()
        written = self._home / f"{child.name}.pid.new"
        written.write_text(str(child.process.pid))
        written.replace(self._home / f"{child.name}.pid")  # whoever reads it finds a whole number, old or new

    def _look(self) -> None:
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            now_s = time.monotonic()
            if not child.again_s:
                child.falls = 0 if now_s - child.started_s > QUIET_S else child.falls + 1
                child.again_s = now_s + min(0.1 * 2 ** max(child.falls - 1, 0), SLOWEST_S)
                log.warning("%s ended with %s, starting it again", child.name, child.process.returncode)
            if now_s >= child.again_s:
                child.again_s = 0.0
                self._start(child)


def _end(child: Child, seconds: float) -> None:
    """Ask a child to end, and see that it does."""
    if child.process is None or child.process.poll() is not None:
        return
    child.process.terminate()
    try:
        child.process.wait(max(seconds, 0.1))
    except subprocess.TimeoutExpired:
        log.warning("%s does not stop, killing it", child.name)
        child.process.kill()
        child.process.wait()


def _in_own_group() -> None:
    """Ctrl-C in the terminal reaches the supervisor alone, which stops the others in order."""
    os.setpgrp()
    die_with_parent()


def only_one(home: Path) -> int:
    """Take the home for ourselves; returns the lock's handle. Raises AlreadyRunning."""
    import fcntl  # noqa: PLC0415  only here

    handle = os.open(home / "running.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise AlreadyRunning(f"Kỳ Đài runs already with {home}. Stop it, or choose another KYDAI_HOME and KYDAI_PORT.") from error
    return handle


def python(*words: str) -> list[str]:
    """Return how to run a role of ours."""
    return [sys.executable, str(Path(__file__).resolve().parents[1] / "app.py"), *words]
