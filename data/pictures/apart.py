"""A picture that somebody waits for, developed by a process of its own: whatever is wrong with it ends that process and nothing else.

What people of the house send is answered at once, so it does not go by the log (decisions/006); but no web role decodes it either.
"""

import resource
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

import msgspec

from dashboard.errors import Away
from dashboard.pictures import NoPicture
from data.pictures.developed import Developed, develop

AT_ONCE, WAIT_S, LONGEST_S, CPU_S, MOST_MEMORY = 2, 20.0, 25.0, 15, 1024**3
ROOT = Path(__file__).parents[2]
_room = BoundedSemaphore(AT_ONCE)


class _Told(msgspec.Struct, omit_defaults=True):
    """What the process answers: a picture, or why there is none."""

    made: Developed | None = None
    code: str = ""
    reason: str = ""


def develop_apart(raw: bytes) -> Developed:
    """Return both renditions of a picture. Raises NoPicture, and Away where too many are waiting."""
    if not _room.acquire(timeout=WAIT_S):
        raise Away("too many pictures are being developed")
    try:
        told = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", __name__], input=raw, capture_output=True, cwd=ROOT, env={}, timeout=LONGEST_S, check=True
        )
        answer = msgspec.msgpack.decode(told.stdout, type=_Told)
    except (subprocess.SubprocessError, msgspec.MsgspecError) as error:
        raise NoPicture("unreadable", f"is a picture over which its reader ended: {type(error).__name__}") from error
    finally:
        _room.release()
    if answer.made is None:
        raise NoPicture(answer.code, answer.reason)
    return answer.made


def main() -> None:
    """Develop what comes in, within bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    try:
        told = _Told(made=develop(sys.stdin.buffer.read(), None))
    except NoPicture as no:
        told = _Told(code=no.code, reason=str(no))
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))


if __name__ == "__main__":
    main()
