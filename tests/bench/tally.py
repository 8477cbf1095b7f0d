"""The table that `make bench` prints: what was measured, what must be, what we are after."""

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path

import psutil


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

    def add(self, what: str, value: float, unit: str, **more: object) -> None:
        """Add a figure, and say it at once."""
        row = Row(what, value, unit, **more)  # type: ignore[arg-type]
        self.rows.append(row)
        print(f"  {row.what}: {_figure(row.value)} {row.unit} {row.judged()} {row.note}".rstrip(), flush=True)

    def missed(self) -> list[Row]:
        """Return the figures that fall short of their must."""
        return [row for row in self.rows if row.judged() == "**misses**"]

    def markdown(self) -> str:
        """Return the table, with the machine named."""
        lines = [machine(), "", "| what | measured | must | goal | stands |", "|---|---|---|---|---|"]
        for row in self.rows:
            bounds = ["" if bound is None else f"{_figure(bound)} {row.unit}" for bound in (row.must, row.goal)]
            note = f" ({row.note})" if row.note else ""
            lines.append(f"| {row.what}{note} | {_figure(row.value)} {row.unit} | {bounds[0]} | {bounds[1]} | {row.judged()} |")
        return "\n".join(lines) + "\n"


def machine() -> str:
    """Return what it was measured on."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} × {cpu}, {memory:.0f} GiB, {platform.system()} {platform.release()}, Python {platform.python_version()}; "
        "load generator and browser on the same machine"
    )


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _figure(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:.1f}"
