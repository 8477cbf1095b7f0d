"""How long a room is blind when the machine that has a million events starts again: from the command to a painted wall."""

import time

from tests.bench import preload
from tests.bench.tally import Tally, middle
from tests.chromium import chromium, wait_in
from tests.rig import SECRET, Rig

PAINTED = """
document.querySelector('.wall [data-open]') && document.querySelector('.wall [data-open]').textContent !== '—'
  && document.querySelector('[data-shows="cameras"]').textContent !== '—'
  && document.querySelector('[data-map][data-drawn]') && document.querySelectorAll('.mk-cam').length > 0
  && document.querySelector('.w-clock')?.textContent !== '—'
"""


def run(tally: Tally, *, quick: bool) -> None:
    """Start the house over a full record while a wall waits for it."""
    count, rounds = (50_000, 1) if quick else (1_000_000, 3)
    rig = Rig()
    try:
        from data.pack import load
        from data.sealed import PlateMark
        from data.store import marks
        from data.store.record import SqlStore

        pack, mark = load("hue"), PlateMark(SECRET.encode()).of
        with rig.engine.begin() as sql:
            marks.fill(sql, mark)  # an empty record: every plate below is marked as it is recorded
        preload.tell(
            SqlStore(rig.engine, city=pack.city, mark=mark), pack.city, preload.events(count, time.time_ns() // 1_000_000, 30)
        )
        kiosk = rig.kiosk()
        took = []
        for _ in range(rounds):
            with chromium() as browser:
                page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
                began = time.monotonic()
                rig.start_only()
                arrive(page, kiosk)
                wait_in(page, PAINTED, seconds=60)
                took.append(time.monotonic() - began)
            rig.stop()
        note = f"median of {rounds}, files warm in memory, SQLite {(rig.home / 'kydai.db').stat().st_size / 2**20:.0f} MB"
        tally.add(f"restart with {count:,} stored events to a painted wall", middle(took), "s", must=8, goal=4, note=note)
    finally:
        rig.close()


def arrive(page: object, url: str) -> None:
    """Ask for the wall until the server listens, as a kiosk does."""
    end = time.monotonic() + 60
    while True:
        try:
            page.goto(url)  # type: ignore[attr-defined]
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
