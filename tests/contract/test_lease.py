"""One board writes, another stands by and takes over within ten seconds; on either database."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dashboard.errors import Superseded
from dashboard.ports import Reading
from data.lease import Lease
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.record import SqlStore
from tests.conftest import until
from tests.rig import ROOT, Rig
from tests.town import town

CITY, NOW = town(), 1_795_410_000_000

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


def test_a_board_whose_lease_broke_goes_on_only_until_another_writes(pg_url: str, tmp_path: Path) -> None:
    """PostgreSQL ends the holder's connection, as when it is restarted, and the holder does not notice: the fence does (R-16)."""
    migrate(pg_url)
    engine, other = connect(pg_url), connect(pg_url)
    first, second = Lease(engine, tmp_path), Lease(other, tmp_path)
    assert first.take()
    old = SqlStore(engine, city=CITY, fence=first.next_fence())
    old.claim()
    board = old.record(old.load(NOW), Reading((), ()), "1-0")
    with other.connect() as sql:
        sql.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"))
    until(second.take, seconds=10)
    board = old.record(board, Reading((), ()), "2-0")  # nobody else has written yet, so nothing is lost by it
    new = SqlStore(other, city=CITY, fence=second.next_fence())
    new.claim()
    assert new.mark() == "2-0"
    with pytest.raises(Superseded):  # also when it has nothing to write: two must never draw
        old.behind(board.acted)
    assert not new.behind(board.acted)
    with pytest.raises(Superseded):
        old.record(board, Reading((), ()), "3-0")
    assert new.mark() == "2-0"
    second.close()
    first.close()
    engine.dispose()
    other.dispose()


def test_two_that_read_the_same_number_do_not_both_get_it(engine: Engine) -> None:
    """Between reading and writing the number the lease may have been lost: one statement decides."""
    SqlStore(engine, city=CITY, fence=4).claim()
    outcomes: list[str] = []

    def claim() -> None:
        try:
            SqlStore(engine, city=CITY, fence=5).claim()
            outcomes.append("won")
        except Superseded:
            outcomes.append("superseded")

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["superseded"] * 3 + ["won"]


def test_a_killed_board_of_two_is_followed_within_ten_seconds(pg_url: str) -> None:
    """Two whole boards on one PostgreSQL record: the second takes over, goes on at the mark, and counts nothing twice."""
    rig = Rig(environ={"KYDAI_DATABASE_URL": pg_url})
    try:
        rig.start()
        spare = subprocess.Popen(
            [sys.executable, "app.py", "board"], cwd=ROOT, env=rig.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            rig.post({"type": "feed_spoke", "id": "a", "at": 1_700_000_000_000})
            epoch = until(lambda: rig.pulse().get("epoch"))
            rig.signal("board", signal.SIGSTOP)  # asleep, so the supervisor does not start it again; its connection stays
            with rig.engine.connect() as sql:
                sql.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"))
            began = time.monotonic()
            until(lambda: rig.pulse().get("epoch", epoch) != epoch, seconds=20)
            assert time.monotonic() - began < 10
            for n in range(5):
                rig.post({"type": "sighted", "id": f"n{n}", "at": time.time_ns() // 1_000_000, "kind": "crowd", "camera": "H-001"})
            until(lambda: rig.pulse().get("stored") == 5)
            rig.signal("board", signal.SIGCONT)  # it wakes, finds that another writes, ends, and stands by
            pid = rig.pid("board")
            until(lambda: rig.pid("board") != pid, seconds=15)
            assert rig.pulse()["stored"] == 5
        finally:
            spare.terminate()
            spare.wait(10)
    finally:
        rig.close()
