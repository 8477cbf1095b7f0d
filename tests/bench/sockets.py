"""One event seen by five hundred screens: how late the last of them has it, what it costs the server, how much memory each role takes."""

import json
import subprocess
import sys

import psutil

from tests.bench.painted import Load, latencies, send
from tests.bench.tally import Tally, percentile
from tests.rig import ROOT, Rig

ROLES = ("intake", "board", "web")
REDIS = ("log", "wire")


def listen(rig: Rig, count: int) -> "subprocess.Popen[str]":
    """Start the listeners and return when all have joined."""
    argv = [sys.executable, "-m", "tests.bench.listener", rig.base, rig.token(), str(count)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        raise RuntimeError("the listeners did not all join")
    return process


def spent_s(rig: Rig, role: str) -> float:
    """Return the CPU seconds that a role has used."""
    times = psutil.Process(rig.pid(role)).cpu_times()
    return float(times.user + times.system)


def memory_mb(rig: Rig, role: str) -> float:
    """Return a role's resident memory."""
    return psutil.Process(rig.pid(role)).memory_info().rss / 2**20


def once(rig: Rig, load: Load, first: int, sockets: int) -> tuple[list[float], float]:
    """Return every latency of every socket (ms), and the server's CPU seconds."""
    listeners = listen(rig, sockets)
    before = spent_s(rig, "web")
    told, _ = send(rig, load, first).communicate(timeout=load.seconds + 60)
    spent = spent_s(rig, "web") - before
    marks, _ = listeners.communicate(f"{first + load.count - 1}\n", timeout=120)
    sent = json.loads(told)["sent"]
    found: list[float] = []
    for heard in json.loads(marks):
        own = [[n - first + 1, at] for n, at in heard if n >= first]
        if not own or own[-1][0] < load.count:
            raise AssertionError(f"a socket missed events: {own[-1] if own else 'all'} of {load.count}")
        found += latencies(sent, own)
    return found, spent


def run(tally: Tally, *, quick: bool) -> None:
    """Measure the fan-out at a calm rate, then the memory after a flood."""
    sockets, rounds = (100, 1) if quick else (500, 3)
    calm = Load(20, 5 if quick else 12)
    rig = Rig().start()
    try:
        first, p99, cpu = 0, [], []
        for _ in range(rounds):
            found, spent = once(rig, calm, first, sockets)
            first += calm.count
            p99.append(percentile(found, 0.99))
            cpu.append(spent / (calm.count * sockets / 1000))
        note = f"median of {rounds}, {calm.count} events each, none missing"
        middle = rounds // 2
        tally.add(
            f"event → received by {sockets} sockets at 20 events/s, p99", sorted(p99)[middle], "ms", must=250, goal=40, note=note
        )
        tally.add("server CPU per 1,000 event-views", sorted(cpu)[middle], "s", must=0.025, goal=0.010, note=note)
        flood = Load(500, 2 if quick else 10, 10)
        screens = sockets // 5
        once(rig, flood, first, screens)
        for role in ROLES:
            tally.add(
                f"memory of {role} under load",
                memory_mb(rig, role),
                "MB",
                must=250,
                goal=150,
                note=f"{screens} sockets, 500 events/s",
            )
        for role in REDIS:
            tally.add(f"memory of Redis {role} under load", memory_mb(rig, role), "MB", must=250, goal=150)
    finally:
        rig.close()
