"""Something that takes events and shows them: ours or another's, told in one way so that all are measured by the same code."""

from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.rig import Rig


@dataclass(frozen=True)
class Served:
    """`intake` takes the sender's POSTs, `listening` says how the listener joins, `processes` are all that serve, by name."""

    name: str
    intake: str
    key: str
    listening: tuple[str, str, str]
    processes: Callable[[], dict[str, list[psutil.Process]]]

    def source(self) -> str:
        """Return the key that the sender shows."""
        return self.key

    def spent_s(self) -> dict[str, float]:
        """Return the CPU seconds used so far, by name: everything that serves, not only what holds the sockets."""
        return {name: sum(_spent(one) for one in found) for name, found in self.processes().items()}

    def memory_mb(self) -> float:
        """Return the resident memory of all together."""
        return sum(one.memory_info().rss for found in self.processes().values() for one in found) / 2**20


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and all that it started."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


ROLES = ("intake", "board", "web", "log", "wire")


def ours(rig: Rig) -> Served:
    """Return a house as one of those who are measured: its roles, both Redis and who keeps them running."""
    assert rig.process is not None
    keeper = psutil.Process(rig.process.pid)
    found = {name: [psutil.Process(rig.pid(name))] for name in ROLES} | {"supervisor": [keeper]}
    return Served("Kỳ Đài", rig.intake, rig.source(), ("live", rig.base, rig.token()), lambda: found)
