"""The table that `make bench` prints: what was measured, what must be, what we are after, and what others do beside it."""

import math
import os
import platform
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

LEVEL = 0.2  # closer than this, nobody is ahead


@dataclass(frozen=True)
class Row:
    """One figure. `better` "low" or "high"; a row without `must` is printed beside the others for comparison only."""

    what: str
    value: float
    unit: str
    must: float | None = None
    goal: float | None = None
    better: str = "low"
    note: str = ""

    def judged(self) -> str:
        """Return how the figure stands to its bounds."""
        if self.must is None:
            return ""
        held = (lambda bound: self.value <= bound) if self.better == "low" else (lambda bound: self.value >= bound)
        if self.goal is not None and held(self.goal):
            return "goal"
        return "must" if held(self.must) else "**misses**"


@dataclass
class Tally:
    """All rows of a run."""

    rows: list[Row] = field(default_factory=list)
    besides: dict[str, dict[str, tuple[float | None, str]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    quiet: list[str] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str, **more: object) -> None:
        """Add a figure, and say it at once."""
        row = Row(what, value, unit, **more)  # type: ignore[arg-type]
        self.rows.append(row)
        print(f"  {row.what}: {figure(row.value)} {row.unit} {row.judged()} {row.note}".rstrip(), flush=True)

    def beside(self, what: str, who: str, value: float | None, text: str) -> None:
        """Add a figure of one of several who did the same; the first to speak is ours, and less is better. None: it could not be had."""
        self.besides.setdefault(what, {})[who] = (value, text)
        print(f"  {who}, {what}: {text}", flush=True)

    def missed(self) -> list[str]:
        """Return the figures that fall short of their must, and the parts that fell over."""
        return [row.what for row in self.rows if row.judged() == "**misses**"] + self.failed

    def markdown(self) -> str:
        """Return the tables, with the machine named."""
        lines = [machine(), "", *[f"- {line}" for line in self.quiet], ""]
        lines += ["| what | measured | must | goal | stands |", "|---|---|---|---|---|"]
        for row in self.rows:
            bounds = ["" if bound is None else f"{figure(bound)} {row.unit}" for bound in (row.must, row.goal)]
            note = f" ({row.note})" if row.note else ""
            lines.append(f"| {row.what}{note} | {figure(row.value)} {row.unit} | {bounds[0]} | {bounds[1]} | {row.judged()} |")
        lines += [f"\n**Not measured:** {told}" for told in self.failed]
        return "\n".join(lines + self._beside()) + "\n"

    def _beside(self) -> list[str]:
        if not self.besides:
            return []
        names = list(dict.fromkeys(who for found in self.besides.values() for who in found))
        lines = ["", f"| the same work, the same measuring | {' | '.join(names)} | ours is |", "|---" * (len(names) + 2) + "|"]
        for what, found in self.besides.items():
            cells = [found[who][1] if who in found else "" for who in names]
            lines.append(f"| {what} | {' | '.join(cells)} | {stands([found[who][0] for who in names if who in found])} |")
        return lines


def stands(values: list[float | None]) -> str:
    """Return how the first stands to the best of the others; a difference below a fifth is none."""
    own, others = values[0], [one for one in values[1:] if one is not None]
    if own is None or not others:
        return ""
    best = min(others)
    if own < best * (1 - LEVEL):
        return "ahead"
    return "behind" if own * (1 - LEVEL) > best else "level"


def machine() -> str:
    """Return what it was measured on, and when."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {os.cpu_count()} × {cpu}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; fdatasync of 4 KB {synced_ms():.2f} ms (median); load generator and browser on the same machine"
    )


def synced_ms(times: int = 100) -> float:
    """Return what this disk takes to keep four kilobytes."""
    found = []
    with tempfile.TemporaryFile() as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    return middle(found)


def others_busy(seconds: float = 2.0) -> float:
    """Return the share of the machine (0 to 1) that works while we do nothing: whoever runs beside us, and the host that takes from us."""
    before = psutil.cpu_times()
    time.sleep(seconds)
    after = psutil.cpu_times()
    passed = sum(after) - sum(before)
    idle = after.idle - before.idle + getattr(after, "iowait", 0.0) - getattr(before, "iowait", 0.0)
    return 1 - idle / passed if passed else 0.0


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def middle(values: Iterable[float]) -> float:
    """Return the median, a value that was measured: the greater of the two middle ones of an even number."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def figure(value: float) -> str:
    """Return a figure as it is written in the table."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:.1f}"
