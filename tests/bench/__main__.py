"""`make bench`: every figure that the project promises, measured here and now. `--quick` takes smaller counts."""

import argparse
import os
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.bench.tally import Tally, others_busy

PARTS = (
    "adapters",
    "hostile",
    "sustain",
    "watch",
    "around",
    "replay",
    "hotspots",
    "layers",
    "large_layers",
    "country",
    "live_map",
    "imports",
    "leaders",
    "search",
    "scrolled",
    "open311",
    "restart",
    "cold",
    "phone",
    "painted",
    "alarms",
    "sockets",
    "heap",
    "video",
    "deadlines",
    "others",
)
BUSY = 0.1


def main() -> int:
    """Run what was asked for; returns 1 when a must is missed or a part fell over."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=[], choices=[*PARTS, []], help="only these")
    asked.add_argument("--quick", action="store_true", help="smaller counts: shows that it runs, not how fast")
    asked.add_argument("--write", type=Path, help="write the table into this file too")
    told = asked.parse_args()
    tally = Tally()
    for name in told.parts or PARTS:
        measure(name, tally, quick=told.quick)
    table = ("A quick run: it shows that everything runs, not how fast.\n\n" if told.quick else "") + tally.markdown()
    print(f"\n{table}")
    if told.write:
        told.write.write_text(
            f"# What `make bench` measured\n\nHow, and what each row means: [performance.md](performance.md).\n\n{table}",
            encoding="utf-8",
        )
    for what in tally.missed():
        print(f"misses: {what}", file=sys.stderr)
    return 1 if tally.missed() else 0


def measure(name: str, tally: Tally, *, quick: bool) -> None:
    """Run one part. If it falls over, that is told in the table, and the others are measured all the same."""
    busy, load, began = others_busy(), os.getloadavg()[0], time.monotonic()
    print(f"{name} … (before it the machine was {busy:.0%} busy, load average {load:.1f})", flush=True)
    try:
        import_module(f"tests.bench.{name}").run(tally, quick=quick)
    except Exception as error:
        traceback.print_exc()
        tally.failed.append(f"{name}: {type(error).__name__}: {error}")
    took = time.monotonic() - began
    tally.quiet.append(f"{name}: {took:.0f} s; before it the machine was {busy:.0%} busy{' (**not idle**)' if busy > BUSY else ''}")
    print(f"  ({took:.0f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
