"""One board writes, another stands by and takes over within ten seconds; on either database."""

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine

from data.lease import Lease
from data.store.engine import connect
from tests.conftest import until

HOLD = """
import sys, time
from pathlib import Path
from data.lease import Lease
from data.store.engine import connect
lease = Lease(connect(sys.argv[1]), Path(sys.argv[2]))
assert lease.take()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_board_waits_and_takes_over_when_the_first_is_killed(engine: Engine, record_url: str, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    holder = subprocess.Popen([sys.executable, "-c", HOLD, record_url, str(tmp_path)], stdout=subprocess.PIPE, cwd=root)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    other = connect(record_url)
    standby = Lease(other, tmp_path)
    assert not standby.take()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    started = time.monotonic()
    until(standby.take, seconds=10)
    assert time.monotonic() - started < 10
    standby.close()
    other.dispose()


def test_letting_go_lets_the_next_in(engine: Engine, tmp_path: Path) -> None:
    first, second = Lease(engine, tmp_path), Lease(engine, tmp_path)
    assert first.take()
    assert not second.take()
    first.close()
    until(second.take, seconds=10)
    second.close()
