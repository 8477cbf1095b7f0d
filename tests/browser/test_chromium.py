"""A Chromium that hangs fails one test, and none after it."""

import os
import signal

import psutil
import pytest
from playwright.sync_api import Error

from tests.chromium import Chromiums, deadline


def test_one_that_hangs_is_killed_and_the_next_test_gets_another(chromiums_: Chromiums) -> None:
    hung = chromiums_.living()
    page = hung.new_page()
    for process in psutil.Process().children(recursive=True):
        if "chrom" in process.name():
            os.kill(process.pid, signal.SIGSTOP)
    with deadline(1.0), pytest.raises(Error):
        page.evaluate("1 + 1")
    living = chromiums_.living()
    assert living is not hung
    assert living.new_page().evaluate("1 + 1") == 2
