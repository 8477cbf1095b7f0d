"""The pictures of the documents: `python -m tests.browser.screenshots` starts a house with a simulated city and takes them."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import DRAWN, PATHS
from tests.browser.says import incident, open_alarms, sighted, tell
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig

PLACE = ROOT / "docs" / "screenshots"
SEED = "20261125"
LIVELY_S = 240.0
MOST_BYTES = 300_000
# A room that has been awake for a while: alarms of several urgencies, events, plates, numbers with what they are compared with.
LIVELY = """
kyDai.frames.alarms.data.rows.length >= 5 && kyDai.frames.alarms.data.open[1] + kyDai.frames.alarms.data.open[2] >= 1
  && kyDai.frames.events.data.rows.length >= 20 && kyDai.frames.plates.data.rows.length >= 10
  && kyDai.frames.reports.data.open >= 20 && kyDai.frames.reports.data.soon.length >= 2
  && kyDai.frames.cameras.data.online >= 50 && Object.values(kyDai.fresh.feeds).every((feed) => feed.fresh === 'live')
"""
FILLED = """
document.querySelector('[data-figures] tr') && document.querySelectorAll('[data-figure] [data-value]').length === 6
  && [...document.querySelectorAll('[data-figure] [data-value]')].every((node) => node.textContent !== '—')
  && document.querySelectorAll('[data-ranking] tr').length > 1
"""
LISTED = "document.querySelectorAll('#list > li[data-id]').length >= 5"
HUNG = "document.querySelectorAll('.w-row').length === 3 && [...document.querySelectorAll('.w-kpi [data-value]')].every((node) => node.textContent !== '—')"


# What a calm half hour of the simulated city may lack: a few alarms of every urgency, said through the front door like the rest.
SCENE = (
    ("fire_confirmed", "H-021", {"score": 0.91}),
    ("watch_plate", "H-004", {"plate": "75A-268.45", "score": 0.97}),
    ("crowd_critical", "H-002", {"count": 340}),
    ("street_flood", "H-030", {}),
    ("wrong_way_arterial", "H-012", {}),
    ("congestion", "H-003", {}),
)
STAGE = "native-scene"


class Shot(NamedTuple):
    """One picture: its file, its page, its size, and when it is ready to be taken."""

    file: str
    page: str
    width: int
    height: int
    ready: str = "true"
    act: Callable[[Page], None] | None = None
    role: str = "supervisor"
    hand: bool = False


def choose_first(page: Page) -> None:
    """Select the most urgent alarm, so that a console shows what it knows of one."""
    page.keyboard.press("ArrowDown")
    wait_in(page, "!document.getElementById('detail').hidden")


def choose_violation(page: Page) -> None:
    """Select the first that waits."""
    page.keyboard.press("ArrowDown")
    wait_in(page, "document.querySelector('[data-does=confirm]')")


def open_first(page: Page) -> None:
    """Open the incident that stands at the top of the list, so that it is seen whole."""
    page.click(".in-row")
    wait_in(page, "document.querySelector('[data-here-ward]')")


def open_worked(page: Page) -> None:
    """Go to what units have in hand, the longest overdue first in view."""
    page.click("[data-tab=in_progress]")
    wait_in(page, "document.querySelector('.rp-row[data-nth=\"3\"][data-key]') && document.querySelector('[data-one] .rp-facts')")


def show_layers(page: Page) -> None:
    """Switch the city's own layers on, and look at what stands at a place."""
    page.click("[data-still-open]")
    for key in page.evaluate("[...document.querySelectorAll('[data-still]')].map((one) => one.dataset.still)"):
        page.click(f"[data-still={key}]")
    page.evaluate("kyDai.map.leaflet().setView([16.4641, 107.5868], 17) && 1")
    page.wait_for_timeout(1500)


SHOTS = (
    Shot("console.png", "console", 1920, 1080, LISTED),
    Shot("console-alarm.png", "console", 1920, 1080, LISTED, choose_first),
    Shot("wall.png", "wall", 1920, 1080, HUNG),
    Shot("wall-4k.png", "wall", 3840, 2160, HUNG),
    Shot("leader.png", "leader", 1920, 1080, FILLED, role="leader"),
    Shot("leader-phone.png", "leader", 390, 844, FILLED, role="leader", hand=True),
    Shot("alarm-report.png", "report", 1920, 1080),
    Shot("violations.png", "violations", 1920, 1080, "document.querySelectorAll('.vi-row').length > 5", choose_violation),
    Shot("watch-lists.png", "watch", 1920, 1080),
    Shot("incidents.png", "incidents", 1920, 1080, "document.querySelector('.in-row')", open_first),
    Shot("reports.png", "reports", 1920, 1080, "document.querySelectorAll('.rp-row[data-key]').length > 5", open_worked),
    Shot("console-layers.png", "console", 1920, 1080, LISTED, show_layers),
    Shot("sign-in.png", "sign-in", 1920, 1080),
)


def context_of(browser: Browser, rig: Rig, shot: Shot) -> BrowserContext:
    more = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2} if shot.hand else {}
    return signed_in(browser, rig.base, rig.session(shot.role, name="le.quang"), width=shot.width, height=shot.height, **more)


def wait_lively(browser: Browser, rig: Rig) -> None:
    """Tell what the pictures are about, and wait until the simulated city is worth them."""
    tell(rig, *(sighted(kind, camera, **more) for kind, camera, more in SCENE), source=STAGE)
    context = signed_in(browser, rig.base, rig.session())
    page = context.new_page()
    page.goto(f"{rig.base}/console")
    wait_in(page, DRAWN["console"])
    wait_in(page, LIVELY, seconds=LIVELY_S)
    context.close()


WATCHED = (
    ("75A-246.80", "plate", "stop", "Xe gây tai nạn rồi bỏ chạy tại cầu Phú Xuân", "QĐ 118/QĐ-CSĐT", 30),
    ("75K-019.57", "plate", "watch", "Xe tải đổ trộm vật liệu xây dựng", "QĐ 97/QĐ-UBND", 14),
    ("nguoi-0031", "person", "watch", "Tìm người cao tuổi đi lạc, theo yêu cầu gia đình", "Đơn trình báo 41/2026", 7),
    ("73C-112.08", "plate", "watch", "Xe vi phạm tải trọng nhiều lần trên tuyến tránh", "KH 22/KH-CSGT", 60),
)


def list_some(browser: Browser, rig: Rig) -> None:
    """Propose entries of a watch list, and let a second person approve all but the last."""
    first, second = (signed_in(browser, rig.base, rig.session(name=name)).request for name in ("tran.mai", "le.quang"))
    same = {"Sec-Fetch-Site": "same-origin"}
    for nth, (subject, what, level, purpose, basis, days) in enumerate(WATCHED, 1):
        content = {"subject": subject, "purpose": purpose, "basis": basis, "origin": "Công an thành phố"}
        told = first.post(
            f"{rig.base}/watch/propose", data={"what": what, "level": level, "days": days, "content": content}, headers=same
        )
        if nth < len(WATCHED):
            second.post(f"{rig.base}/watch/act", data={"action": "approve", "entry": told.json()["entry"]}, headers=same)


def open_some(rig: Rig) -> None:
    """Open incidents from the most urgent alarms, under two owners, with what a shift would write."""
    first, second, third = [one.id for one in sorted(open_alarms(rig), key=lambda one: (one.priority, one.since))][:3]
    incident(rig, "open", third, name="le.quang")
    incident(rig, "open", second, name="tran.mai")
    number = incident(rig, "open", first, name="le.quang")
    incident(rig, "note", incident=number, name="tran.mai", why="Đơn vị gần nhất đã xuất phát, 4 phút nữa tới nơi")
    incident(rig, "hand_over", incident=number, name="le.quang", to="tran.mai", why="hết ca")
    incident(rig, "take", incident=number, name="le.quang", why="chỉ huy hiện trường yêu cầu")


def take(browser: Browser, rig: Rig, shot: Shot) -> Path:
    """Take one picture; fonts are there, and nothing is half painted."""
    context = context_of(browser, rig, shot)
    page = context.new_page()
    page.goto(f"{rig.base}{PATHS[shot.page]}")
    wait_in(page, DRAWN[shot.page], seconds=40)
    wait_in(page, f"document.fonts.status === 'loaded' && ({shot.ready})", seconds=40)
    if shot.act:
        shot.act(page)
    file = PLACE / shot.file
    file.write_bytes(small(page.screenshot(animations="disabled")))
    context.close()
    return file


def small(picture: bytes) -> bytes:
    """Return a PNG of at most 300 KB: fewer and fewer colours, and a smaller picture only when even these do not suffice."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    for scale in (1.0, 0.75, 0.5):
        scaled = (
            whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)
            if scale < 1
            else whole
        )
        for colours in (256, 128, 64):
            kept = io.BytesIO()
            scaled.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
            if kept.tell() <= MOST_BYTES:
                return kept.getvalue()
    raise ValueError("a picture that does not grow small")


def main() -> None:
    """Start a city, wait until it lives, take every picture."""
    PLACE.mkdir(parents=True, exist_ok=True)
    rig = Rig(demo=True, environ={"KYDAI_SEED": SEED})
    try:
        rig.source(STAGE)
        rig.start()
        with chromium() as browser:
            wait_lively(browser, rig)
            list_some(browser, rig)
            open_some(rig)
            for shot in SHOTS:
                file = take(browser, rig, shot)
                print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1000} KB")  # noqa: T201  to whoever asked for pictures
    finally:
        rig.close()


if __name__ == "__main__":
    main()
