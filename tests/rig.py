"""The whole house as a user starts it, in a home and on ports of its own."""

import atexit
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path

from data.frames import RedisFrames
from data.store.accounts import SqlAccounts
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.sources import Sources

ROOT = Path(__file__).resolve().parents[1]
SECRET = "only for tests: 0123456789abcdefghijklmnopq"
READY_S = 120.0


def free_port() -> int:
    """Return a port of which the next one is free too, from below those that outgoing connections are given meanwhile."""
    while True:
        port = random.SystemRandom().randrange(12_000, 32_000, 2)
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def now_ms() -> int:
    return time.time_ns() // 1_000_000


PLAIN = (
    (r"^on_delay_s = .*$", "on_delay_s = 0"),
    (r"^group_by = .*$", 'group_by = ["camera"]'),
    (r"^(group_radius_m|family|realarm|verified_as) = .*\n", ""),
)


def prompt_pack(folder: Path) -> Path:
    """Return a copy of the first city in which an alarm is one kind at one camera, raised with its first event.

    Groups and delays are the pack's, so a test of something else may choose the plainest.
    """
    place = folder / "city"
    shutil.copytree(ROOT / "data" / "cities" / "hue", place)
    told = (place / "alarms.toml").read_text(encoding="utf-8")
    for old, new in PLAIN:
        told = re.sub(old, new, told, flags=re.MULTILINE)
    (place / "alarms.toml").write_text(told, encoding="utf-8")
    return place


@cache
def prompt_city() -> Path:
    """Return such a copy that all of this process's houses share."""
    folder = Path(tempfile.mkdtemp(prefix="kdc"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return prompt_pack(folder)


class Rig:
    """A house in production mode: no simulator, keys of its own, and alarms that wait for no on-delay. `demo` starts it as `make run`
    does."""

    def __init__(self, *, demo: bool = False, home: Path | None = None, environ: dict[str, str] | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="kd"))
        self.port = free_port()
        given = {
            "KYDAI_HOME": str(self.home),
            "KYDAI_PORT": str(self.port),
            "KYDAI_DEMO": "1" if demo else "0",
            "KYDAI_SECRET_KEY": SECRET,
        }
        if not demo and "KYDAI_CITY" not in (environ or {}):
            given["KYDAI_CITY"] = str(prompt_city())
        # What is compiled is kept, whatever the shell says of it: a house is ten processes that read the same modules.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("KYDAI_", "PYTHONDONTWRITE"))}
        self.environ = inherited | given | (environ or {})
        url = self.environ.get("KYDAI_DATABASE_URL") or f"sqlite:///{self.home / 'kydai.db'}"
        migrate(url)
        self.engine = connect(url)
        self.accounts = SqlAccounts(self.engine, pepper=SECRET.encode())
        self.process: subprocess.Popen[bytes] | None = None
        self.keys: dict[str, str] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def intake(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def start(self) -> "Rig":
        self.start_only()
        self.wait_ready()
        return self

    def start_only(self) -> None:
        """Start the house, and wait for nothing."""
        self.process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait_ready(self, seconds: float = READY_S) -> None:
        end = time.monotonic() + seconds
        while not self.ready():
            assert self.process is None or self.process.poll() is None, self.logs()
            assert time.monotonic() < end, self.logs()
            time.sleep(0.1)

    def ready(self) -> bool:
        """Return whether both of its doors are open: screens' and sources'."""
        try:
            for door in (self.base, self.intake):
                urllib.request.urlopen(f"{door}/readyz", timeout=2).close()  # refused: an error
        except (urllib.error.URLError, OSError):
            return False
        return True

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-1500:]}" for path in sorted((self.home / "logs").glob("*.log")))

    def source(self, key: str = "native", adapter: str = "native") -> str:
        """Return the secret of a source, registered at first asking."""
        if key not in self.keys:
            self.keys[key] = Sources(self.engine).add(key, adapter=adapter, now_ms=now_ms())
        return self.keys[key]

    def session(self, role: str = "supervisor", *, name: str = "") -> str:
        return self.accounts.open_session(name or f"{role}-person", role, now_ms=now_ms())

    def token(self, role: str = "operator") -> str:
        return self.accounts.add_token("test", role, days=1, now_ms=now_ms())

    def kiosk(self) -> str:
        return f"{self.base}/kiosk/{self.accounts.add_kiosk('test', 'main', now_ms=now_ms())}"

    def post(self, body: object, *, source: str = "native", timeout_s: float = 10.0) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.source(source)}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.intake}/api/v1/intake/{source}", raw, headers)
        with urllib.request.urlopen(asked, timeout=timeout_s) as answer:
            return int(answer.status)

    def get(self, path: str, token: str) -> dict[str, object]:
        asked = urllib.request.Request(f"{self.base}{path}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return dict(json.load(answer))

    def pulse(self) -> dict[str, float]:
        """Return what the board last said of itself."""
        from data.road import connect as redis

        client = redis(f"unix://{self.home}/wire/sock", timeout_s=2.0)
        try:
            return RedisFrames(client, ()).felt() or {}
        finally:
            client.close()

    def pid(self, name: str) -> int:
        return int((self.home / f"{name}.pid").read_text())

    def signal(self, name: str, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid(name), number)

    def stop(self) -> float:
        """Stop the house; returns how long it took."""
        began = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
        return time.monotonic() - began

    def close(self) -> None:
        self.stop()
        self.engine.dispose()
        shutil.rmtree(self.home, ignore_errors=True)
