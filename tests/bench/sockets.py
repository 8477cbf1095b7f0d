"""One event seen by five hundred screens: how late the last of them has it, what it costs the server, how much memory each role takes."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.painted import Load, latencies, send, sent
from tests.bench.served import Served, ours
from tests.bench.tally import Tally, middle, percentile
from tests.rig import ROOT, Rig

ROLES = ("intake", "board", "web")
REDIS = ("log", "wire")


@dataclass(frozen=True)
class Heard:
    """What many listeners had of one load: every latency of every one (ms), how many events were missed over all of them, CPU seconds
    of the server by process, and how busy the listeners' own process was."""

    latencies: list[float]
    missing: int
    spent_s: dict[str, float]
    busy: float

    def cpu_s(self, views: int) -> float:
        """Server CPU seconds for 1,000 event-views, all processes together."""
        return sum(self.spent_s.values()) / (views / 1000)


def listen(served: Served, count: int) -> "subprocess.Popen[str]":
    """Start the listeners and return when all have joined."""
    argv = [sys.executable, "-m", "tests.bench.listener", *served.listening, str(count)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        raise RuntimeError("the listeners did not all join")
    return process


def once(served: Served, load: Load, first: int, sockets: int) -> Heard:
    """Send one load to so many listeners."""
    listeners = listen(served, sockets)
    before = served.spent_s()
    noted = sent(send(served, load, first), load)
    after = served.spent_s()
    told, _ = listeners.communicate(f"{first + load.count - 1}\n", timeout=120)
    found, missing, had = list[float](), 0, json.loads(told)
    for heard in had["marks"]:
        own = latencies(noted["sent"], [[n - first + 1, at] for n, at in heard if n >= first])
        missing += load.count - len(own)
        found += own
    return Heard(found, missing, {name: after[name] - spent for name, spent in before.items()}, had["busy"])


def most_mb(rig: Rig, role: str) -> float:
    """Return the most memory that a role has ever held (Linux keeps the mark)."""
    lines = Path(f"/proc/{rig.pid(role)}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def run(tally: Tally, *, quick: bool) -> None:
    """Measure the fan-out at a calm rate, then the memory in a flood."""
    sockets, rounds = (100, 1) if quick else (500, 3)
    calm, flood = Load(20, 5 if quick else 12), Load(500, 2 if quick else 10, 10)
    rig = Rig().start()
    try:
        served = ours(rig)
        heard = [whole(once(served, calm, turn * calm.count, sockets)) for turn in range(rounds + 1)]
        tell(tally, heard[1:], calm, sockets)
        whole(once(served, flood, len(heard) * calm.count, sockets))
        note = f"the most it ever held; {sockets} sockets, {flood.count:,} events at {flood.rate:.0f}/s"
        for role in (*ROLES, *REDIS):
            what = f"memory of {'Redis ' if role in REDIS else ''}{role} under load"
            tally.add(what, most_mb(rig, role), "MB", must=250, goal=150, note=note)
    finally:
        rig.close()


def whole(heard: Heard) -> Heard:
    """Return it if nobody missed anything."""
    if heard.missing:
        raise AssertionError(f"{heard.missing} events were not received")
    return heard


def tell(tally: Tally, heard: list[Heard], load: Load, sockets: int) -> None:
    """Add the rows of the fan-out."""
    views = load.count * sockets
    note = (
        f"median of {len(heard)} after one to warm up, {load.count} events each, none missing; listeners {heard[-1].busy:.0%} busy"
    )
    p99 = middle(percentile(one.latencies, 0.99) for one in heard)
    tally.add(f"event → received by {sockets} sockets at 20 events/s, p99", p99, "ms", must=250, goal=40, note=note)
    web = middle(one.spent_s["web"] / (views / 1000) for one in heard)
    cost = middle(one.cpu_s(views) for one in heard)
    note = f"all processes of the server; web alone {web:.4f} s"
    tally.add("server CPU per 1,000 event-views", cost, "s", must=0.025, goal=0.010, note=note)
