"""The page of reports with a hundred thousand of them, in a browser: how it scrolls, and how soon a list stands for what was typed."""

import sqlite3
import time

from msgspec.structs import replace
from playwright.sync_api import Page

from dashboard.plain import plain
from data.pack import load
from data.store.cases.tables import CASE, row
from tests.bench.search import cases
from tests.bench.tally import Tally, middle
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import Rig

TYPED = ("rác", "đường ngập", "Nguyễn Sinh Cung", "xà bần", "đèn")
# Ten screens a second for three seconds, which is as fast as a wheel goes: how long each frame took (ms, the slowest twentieth), the longest, how many.
SCROLLED = """
async (screens) => {
  const list = document.querySelector("[data-rows]"), took = [], began = performance.now();
  let last = began, step = 16;
  while (last - began < 3000) {
    list.scrollTop += list.clientHeight * screens * step / 1000;
    await new Promise((then) => requestAnimationFrame(then));
    const now = performance.now();
    took.push(step = now - last);
    last = now;
  }
  took.sort((a, b) => a - b);
  return [took[Math.floor(took.length * 0.95)], took.at(-1), took.length];
}
"""
STANDS = "[...document.querySelectorAll('.rp-row')].length > 5 && [...document.querySelectorAll('.rp-row')].every((row) => row.dataset.key)"
JUMPED = """
async () => {
  const list = document.querySelector("[data-rows]"), rows = () => [...document.querySelectorAll(".rp-row")], took = [];
  const stands = () => rows().length > 5 && rows().every((row) => row.dataset.key);
  for (const share of [0.2, 0.9, 0.5, 0.05, 0.99, 0.35, 0.7]) {
    const began = performance.now();
    list.scrollTop = list.scrollHeight * share;
    await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
    while (!stands()) await new Promise((then) => requestAnimationFrame(then));
    took.push(performance.now() - began);
  }
  return took.sort((a, b) => a - b).at(-1);
}
"""
TYPING = """
async (words) => {
  const box = document.querySelector("[data-seek] input"), list = document.querySelector("[data-rows]");
  box.value = words;
  const began = performance.now();
  box.dispatchEvent(new Event("input", {bubbles: true}));
  while (!list.hasAttribute("aria-busy")) await new Promise((then) => requestAnimationFrame(then));
  while (list.hasAttribute("aria-busy")) await new Promise((then) => requestAnimationFrame(then));
  return performance.now() - began;
}
"""


def fill(rig: Rig, count: int) -> None:
    """Write reports straight into the record, all of one tab: how they came there is no matter."""
    city = load("hue").city
    with sqlite3.connect(rig.home / "kydai.db") as sql:
        told = cases(count, city, time.time_ns() // 1_000_000)
        rows = (row(replace(case, state="in_progress", closed=0), plain(f"{case.report} {text}")) for case, text in told)
        sql.executemany(f"INSERT INTO report_case VALUES ({', '.join('?' * len(CASE.columns))})", rows)


def measure(tally: Tally, page: Page, count: int) -> None:
    """Measure the page as it stands."""
    idle, *_ = page.evaluate(SCROLLED, 0)
    p95, longest, frames = page.evaluate(SCROLLED, 10)
    note = f"{frames} frames, the longest {longest:.0f} ms; where nothing moves {idle:.0f} ms"
    tally.add(f"reports, a frame of scrolling {count:,} rows, p95", p95, "ms", must=50, goal=20, note=note)
    wait_in(page, STANDS)
    tally.add(
        f"reports, a jump anywhere in {count:,} rows until they stand, longest of 7", page.evaluate(JUMPED), "ms", must=300, goal=80
    )
    took = middle([page.evaluate(TYPING, words) for words in TYPED])
    tally.add(
        f"reports, typed until the list stands, {count:,} reports",
        took,
        "ms",
        must=300,
        note="80 ms of it wait for the next letter",
    )


def run(tally: Tally, *, quick: bool) -> None:
    """Measure one house."""
    count = 5_000 if quick else 100_000
    rig = Rig()
    try:
        fill(rig, count)
        rig.start()
        with chromium() as browser:
            page = signed_in(browser, rig.base, rig.session("operator")).new_page()
            page.goto(f"{rig.base}/reports?tab=in_progress")
            wait_in(page, f"window.kyDai?.reportList?.state().total === {count}")
            wait_in(page, STANDS)
            measure(tally, page, count)
    finally:
        rig.close()
