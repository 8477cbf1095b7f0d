"""The last lines of a run say what failed and why: where a run is read by its end alone, nothing else is needed."""

import os
import sys

import pytest

MOST, WIDE = 12, 150
failed: list[str] = []
broken: list[str] = []
again: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    outcome: str = report.outcome
    told = {"failed": failed, "rerun": again}.get(outcome)
    if told is not None:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = crash.message if crash else str(report.longrepr)
        told.append(f"{report.nodeid.removeprefix('tests/')} [{report.when}] {' '.join(why.split())}"[:WIDE])


def pytest_internalerror(excrepr: object) -> None:
    lines = str(excrepr).splitlines()
    broken.extend(line.strip()[:WIDE] for line in lines[-4:])


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ or not (failed or broken or again):
        return
    lines = ["", "What took a second try:", *_first(again)] if again else []
    lines += ["", "What failed:", *_first(failed), *broken] if failed or broken else []
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _first(lines: list[str]) -> list[str]:
    return [*lines[:MOST], *([f"and {len(lines) - MOST} more"] if len(lines) > MOST else [])]
