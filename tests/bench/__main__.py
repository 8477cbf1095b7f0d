"""`make bench`: every figure that the project promises, measured here and now. `--quick` takes smaller counts."""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

from tests.bench.tally import Tally

PARTS = ("sustain", "leaders", "restart", "cold", "painted", "sockets", "heap", "others")


def main() -> int:
    """Run what was asked for; returns 1 when a must is missed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=PARTS, choices=[*PARTS, []], help="only these")
    asked.add_argument("--quick", action="store_true", help="smaller counts: shows that it runs, not how fast")
    asked.add_argument("--write", type=Path, help="write the table into this file too")
    told = asked.parse_args()
    tally = Tally()
    for name in told.parts or PARTS:
        began = time.monotonic()
        print(f"{name} …", flush=True)
        import_module(f"tests.bench.{name}").run(tally, quick=told.quick)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    table = tally.markdown()
    print(f"\n{table}")
    if told.write:
        told.write.write_text(table, encoding="utf-8")
    for row in tally.missed():
        print(f"misses its must: {row.what}", file=sys.stderr)
    return 1 if tally.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
