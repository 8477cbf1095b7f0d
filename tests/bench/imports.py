"""Citizens' reports out of a CSV, by the command as it is called, in a process of its own: rows a second, how much memory, and once more."""

import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.bench.tally import Tally

MAPPING = """
formats = ["%d/%m/%Y %H:%M"]
zone = "Asia/Ho_Chi_Minh"
delimiter = ";"
closed_words = ["Đã xử lý"]
bounds = [107.0, 16.0, 108.2, 16.8]
[columns]
report = "so_phieu"
service = "linh_vuc"
submitted = "ngay_nhan"
closed = "ngay_xong"
status = "trang_thai"
lon = "kinh_do"
lat = "vi_do"
text = "noi_dung"
[services]
"Rác thải" = "MT01"
"Cây đổ" = "HT04"
"""
HEAD = ("so_phieu", "linh_vuc", "ngay_nhan", "ngay_xong", "trang_thai", "kinh_do", "vi_do", "noi_dung")
SAID = "Rác dồn ở đầu kiệt từ chiều đến tối chưa thấy xe lấy"
DAYS = 3650
CALL = "import resource, sys; from app import main\ntry: main()\nfinally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def write(file: Path, count: int) -> None:
    """Write reports of ten years; one in fifty is open."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(HEAD)
        for n in range(count):
            day = time.gmtime(1_480_000_000 + n * DAYS * 86_400 // count)
            done = time.gmtime(1_480_000_000 + n * DAYS * 86_400 // count + 90_000)
            is_open = n % 50 == 0
            at = f"{day.tm_mday:02}/{day.tm_mon:02}/{day.tm_year} {day.tm_hour:02}:{day.tm_min:02}"
            end = "" if is_open else f"{done.tm_mday:02}/{done.tm_mon:02}/{done.tm_year} {done.tm_hour:02}:{done.tm_min:02}"
            service, place = ("Rác thải", "Cây đổ")[n % 2], (f"{107.55 + n % 100 / 1000:.4f}", f"{16.44 + n % 37 / 1000:.4f}")
            rows.writerow((f"PA-{n}", service, at, end, "Đang xử lý" if is_open else "Đã xử lý", *place, SAID))


def command(folder: Path, *, kill_after_s: float = 0.0) -> tuple[float, int, str]:
    """Import; return how long that took (s), the most memory (MB), and what was said. Killed after a while, if so wanted."""
    told = ["import", "reports", str(folder / "reports.csv"), "--mapping", str(folder / "reports.toml")]
    environ = os.environ | {"KYDAI_HOME": str(folder / "home"), "KYDAI_DATABASE_URL": ""}
    began = time.perf_counter()
    run = subprocess.Popen([sys.executable, "-c", CALL, *told], env=environ, stdout=subprocess.PIPE, text=True)
    try:
        said, _ = run.communicate(timeout=kill_after_s or None)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.communicate()
        return time.perf_counter() - began, 0, ""
    if run.returncode:
        raise AssertionError(said)
    peak = re.search(r"peak (\d+)", said)
    return time.perf_counter() - began, int(peak[1]) // 1024 if peak else 0, said


def run(tally: Tally, *, quick: bool) -> None:
    """Measure one import that is killed on its way and called again, and the same file once more."""
    count = 20_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "home").mkdir()
        (folder / "reports.toml").write_text(MAPPING, encoding="utf-8")
        write(folder / "reports.csv", count)
        killed_s, _, _ = command(folder, kill_after_s=4.0 if quick else 30.0)
        rest_s, peak, said = command(folder)
        again_s, _, twice = command(folder)
        with create_engine(f"sqlite:///{folder / 'home' / 'kydai.db'}").connect() as sql:
            held = sql.scalar(text("SELECT count(*) FROM report"))
        if held != count or "imported: 0 new, 0 changed" not in twice:
            raise AssertionError((held, said, twice))
    took = killed_s + rest_s
    note = f"{count / took:,.0f} rows/s, at most {peak:,} MB; killed once after {killed_s:.0f} s and called again; the same file once more in {again_s:.0f} s"
    tally.add(f"import of {count:,} reports from CSV, SQLite", took, "s", must=600, goal=120, note=note)
