"""The last lines of a run say what failed and why: where a run is read by its end alone, nothing else is needed."""

import os
import sys

import pytest

MOST, WIDE = 12, 150
failed: list[str] = []
broken: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = crash.message if crash else str(report.longrepr)
        failed.append(f"{report.nodeid.removeprefix('tests/')} [{report.when}] {' '.join(why.split())}"[:WIDE])


def pytest_internalerror(excrepr: object) -> None:
    lines = str(excrepr).splitlines()
    broken.extend(line.strip()[:WIDE] for line in lines[-4:])


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ or not (failed or broken):
        return
    more = [f"and {len(failed) - MOST} more"] if len(failed) > MOST else []
    sys.stdout.write("\n".join(["", "What failed:", *failed[:MOST], *more, *broken]) + "\n")
    sys.stdout.flush()
