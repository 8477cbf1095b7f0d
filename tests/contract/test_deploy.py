"""What `deploy/` ships, run for real: its nginx before two web processes, the intake, two boards, its two Redis, PostgreSQL."""

import asyncio
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import aiohttp
import paho.mqtt.client as mqtt
import pytest
from flask import Flask, request
from paho.mqtt.enums import CallbackAPIVersion
from redis.exceptions import AuthenticationError
from sqlalchemy import func, select

from callbacks.web import behind_proxies
from dashboard.events import FeedSpoke, Measured, ReportSpoken
from data.frames import RedisFrames
from data.road import connect as connect_redis
from data.road import not_durable
from data.sources import native
from data.store.accounts import SqlAccounts
from data.store.engine import connect
from data.store.migrate import shape
from data.store.sources import Sources
from data.store.tables import DEAD_LETTER, META
from tests.conftest import _postgres_bin, answers, until
from tests.house.test_docs import blocks
from tests.rig import SECRET, free_port, now_ms

# aiohttp lets a TLS connection go without waiting for its end; asyncio then warns of the transport whenever it is collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PASSWORD = "bạch mã hoàng tử 2026"
pytestmark = pytest.mark.xdist_group("deploy")


def adapted(file: str, changes: dict[str, str]) -> str:
    """Return a shipped file with addresses and places of ours; each must be there to be changed."""
    text = (DEPLOY / file).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{file} has no {old!r}"
        text = text.replace(old, new)
    return text


def free_ports(count: int) -> list[int]:
    """Return ports that are free, all different."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)


class Stack:
    """Everything that compose.yaml names, started from the same files on loopback."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.processes = folder, dict[str, subprocess.Popen[bytes]]()
        self.port, self.plain, self.web, self.web_2, self.intake, log, wire = free_ports(7)
        self.base = f"https://127.0.0.1:{self.port}"
        self.log, self.wire = self._redis("log", log), self._redis("wire", wire)
        self.environ = {key: value for key, value in os.environ.items() if not key.startswith("KYDAI_")} | {
            "KYDAI_DEMO": "0",
            "KYDAI_SECRET_KEY": SECRET,
            "KYDAI_PUBLIC_URL": self.base,
            "KYDAI_PROXIES": "1",
            "KYDAI_DATABASE_URL": database_url,
            "KYDAI_REDIS_URL": self.log,
            "KYDAI_WIRE_URL": self.wire,
            "KYDAI_INTAKE_PORT": str(self.intake),
        }
        subprocess.run([sys.executable, "app.py", "migrate"], cwd=ROOT, env=self.environ, check=True, stdout=subprocess.DEVNULL)
        for name, words in (
            ("board-1", {}),
            ("web-1", {"KYDAI_PORT": str(self.web)}),
            ("web-2", {"KYDAI_PORT": str(self.web_2)}),
            ("intake", {}),
            ("board-2", {}),
        ):
            self._role(name, words)
        self.nginx("nginx", {"web-1:8050": self.web, "web-2:8050": self.web_2}, tls=self.port, plain=self.plain)
        self.engine = connect(database_url)
        self.accounts = SqlAccounts(self.engine, pepper=SECRET.encode())
        self.accounts.add("lan", "supervisor", PASSWORD, now_ms=now_ms())
        self.key = Sources(self.engine).add("native-gate", adapter="native", now_ms=now_ms())
        self.token = self.accounts.add_token("test", "operator", days=1, now_ms=now_ms())

    def start(self, name: str, argv: list[str], environ: dict[str, str] | None = None) -> None:
        with (self.folder / f"{name}.out").open("wb") as out:
            self.processes[name] = subprocess.Popen(argv, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)

    def _redis(self, name: str, port: int) -> str:
        """Start one of the two as compose.yaml does, with a password; return its address."""
        (self.folder / name).mkdir()
        binary = shutil.which("redis-server")
        assert binary, "Redis is needed: apt-get install redis-server"
        place = ["--port", str(port), "--bind", "127.0.0.1", "--dir", f"{self.folder}/{name}", "--requirepass", SECRET]
        self.start(name, [binary, str(DEPLOY / f"redis-{name}.conf"), *place])
        url = f"redis://:{SECRET}@127.0.0.1:{port}/0"
        client = connect_redis(url, timeout_s=2.0)
        until(lambda: answers(client))
        client.close()
        return url

    def _role(self, name: str, more: dict[str, str]) -> None:
        home = self.folder / "homes" / name
        home.mkdir(parents=True)
        role = name.partition("-")[0]
        self.start(name, [sys.executable, "app.py", role], self.environ | {"KYDAI_HOME": str(home)} | more)

    def nginx(self, name: str, web: dict[str, int], *, tls: int, plain: int) -> None:
        """Start nginx on the shipped file; only addresses and places are ours."""
        binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        assert binary, "nginx is needed: apt-get install nginx-light"
        places = {
            **{server: f"127.0.0.1:{port}" for server, port in web.items()},
            "intake:8051": f"127.0.0.1:{self.intake}",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
            "/etc/nginx/tls": str(self._certificate()),
            "/run/nginx.pid": f"{self.folder}/{name}.pid",
            "/dev/stdout": f"{self.folder}/access.log",
        }
        conf = self.folder / f"{name}.conf"
        conf.write_text(f"daemon off;\n{adapted('nginx.conf', places)}", encoding="utf-8")
        self.start(name, [binary, "-c", str(conf)])

    def _certificate(self) -> Path:
        folder = self.folder / "tls"
        if not folder.exists():
            folder.mkdir()
            made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
            names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
            keys = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
            subprocess.run([*made, *names, *keys], check=True, capture_output=True)
        return folder

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "tls" / "fullchain.pem"))

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
        """Ask through nginx; redirects are not followed and refusals are answers."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                return None

        opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=self.trusted))
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            return opener.open(urllib.request.Request(f"{self.base}{path}", body, told), timeout=10)
        except urllib.error.HTTPError as answer:
            return answer  # type: ignore[return-value]

    def sign_in(self, name: str, password: str, **headers: str) -> HTTPResponse:
        body = urllib.parse.urlencode({"name": name, "password": password}).encode()
        return self.ask("/sign-in", body, Origin=self.base, Sec_Fetch_Site="same-origin", **headers)

    def post(self, body: bytes) -> HTTPResponse:
        told = {"Authorization": f"Bearer {self.key}", "Content_Type": "application/json"}
        return self.ask("/api/v1/intake/native-gate", body, **told)

    def counted(self, key: str) -> bool:
        with self.ask("/api/v1/events?limit=1000", Authorization=f"Bearer {self.token}") as answer:
            return f"native-gate:{key}" in [one["id"] for one in json.load(answer)["events"]]

    def ready(self) -> bool:
        """Whether each process is, and nginx before them."""
        try:
            for port in (self.web, self.web_2, self.intake):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            with self.ask("/readyz") as answer:
                return answer.status == 200
        except OSError:
            return False

    def told(self, name: str) -> str:
        return (self.folder / f"{name}.out").read_text(encoding="utf-8")

    def close(self) -> None:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes.values()):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.engine.dispose()


@pytest.fixture(scope="module")
def stack(pg_server: str, short: Path) -> Iterator[Stack]:
    name = f"deploy{time.time_ns()}"
    admin = connect(pg_server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as sql:
        sql.exec_driver_sql(f"CREATE DATABASE {name}")
    folder = short / "deploy"
    folder.mkdir()
    made = Stack(folder, pg_server.replace("/postgres?", f"/{name}?"))
    try:
        until(made.ready, seconds=60, every_s=0.1)
        yield made
    finally:
        made.close()
        with admin.connect() as sql:
            sql.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def sighting(key: str) -> bytes:
    return json.dumps({"type": "sighted", "id": key, "at": now_ms(), "kind": "red_light", "camera": "H-001"}).encode()


def test_the_shipped_redis_keep_what_they_must(stack: Stack) -> None:
    log = connect_redis(stack.log, timeout_s=2.0)
    wire = connect_redis(stack.wire, timeout_s=2.0)
    assert not_durable(log) == []
    for url in (stack.log, stack.wire):
        stranger = connect_redis(url.replace(f":{SECRET}@", ""), timeout_s=2.0)
        with pytest.raises(AuthenticationError):
            stranger.ping()
        stranger.close()
    assert wire.config_get("appendonly", "save") in ({b"appendonly": b"no", b"save": b""}, {"appendonly": "no", "save": ""})
    log.close()
    wire.close()


def test_plain_http_leads_to_https(stack: Stack) -> None:
    asked = urllib.request.Request(f"http://127.0.0.1:{stack.plain}/console?x=1", method="GET")
    opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *_: None}))
    with pytest.raises(urllib.error.HTTPError) as answer:
        opener.open(asked, timeout=5)
    assert answer.value.code == 308
    assert answer.value.headers["Location"] == "https://127.0.0.1/console?x=1"
    answer.value.close()


def test_signing_in_gives_a_cookie_of_this_host_alone(stack: Stack) -> None:
    with stack.sign_in("lan", PASSWORD) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/console"
        cookie = answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert cookie.startswith("__Host-kydai=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    with stack.ask("/console", Cookie=cookie.split(";")[0]) as page:
        assert page.status == 200
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Server"] == "nginx"


def test_a_post_from_another_site_is_refused(stack: Stack) -> None:
    body = urllib.parse.urlencode({"name": "lan", "password": PASSWORD}).encode()
    with stack.ask("/sign-in", body, Origin="https://elsewhere.example", Sec_Fetch_Site="cross-site") as answer:
        assert answer.status == 403


async def heard(stack: Stack, origin: str, enough: Callable[[list[str]], bool]) -> list[str]:
    """Sign in, open the socket as a page of `origin` would, and return what is heard until it is enough."""
    with stack.sign_in("lan", PASSWORD) as answer:
        told = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Origin": origin}
    address = f"wss://127.0.0.1:{stack.port}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(address, headers=told, ssl=stack.trusted) as line:
        found = [await line.receive_str(timeout=5)]
        await line.send_str("40/live,")
        while not enough(found):
            found.append(await line.receive_str(timeout=5))
        plug = line.get_extra_info("socket")
    async with asyncio.timeout(5):  # TLS says goodbye after the session has ended; a loop that is closed before leaves it open
        while plug.fileno() >= 0:  # noqa: ASYNC110 — nothing tells when
            await asyncio.sleep(0.01)
    return found


def test_the_socket_comes_through(stack: Stack) -> None:
    wanted = ("0{", "40/live,{", '42/live,["heartbeat"', '42/live,["frame"')
    found = asyncio.run(heard(stack, stack.base, lambda told: all(any(one.startswith(start) for one in told) for start in wanted)))
    assert any('"topic":"status"' in one for one in found)


def test_a_socket_from_another_site_is_refused(stack: Stack) -> None:
    found = asyncio.run(heard(stack, "https://elsewhere.example", lambda told: len(told) == 2))
    assert found[1].startswith("44/live,")


def test_what_a_source_posts_is_kept_by_the_intake_and_counted(stack: Stack) -> None:
    with stack.post(sighting("one")) as answer:
        assert answer.status == 202
        assert json.load(answer)["kept"] == "stream"
    until(lambda: stack.counted("one"), seconds=10)
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.intake}/metrics", timeout=5) as figures:
        assert 'kydai_intake_accepted_total{kept="stream",source="native-gate"} 1.0' in figures.read().decode()


def test_cameras_of_itsapi_reach_the_intake_at_their_own_address(stack: Stack) -> None:
    with stack.ask("/NotificationInfo/KeepAlive", b"{}", Content_Type="application/json") as answer:
        assert answer.status == 401
        assert "not Digest" in json.load(answer)["error"]["message"]
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.intake}/metrics", timeout=5) as figures:
        assert 'kydai_intake_refused_total{code="unauthorized"} 1.0' in figures.read().decode()


def test_every_documented_example_is_taken_and_counted(stack: Stack) -> None:
    """docs/intake.md, block by block, as its reader would send it."""
    written = [block.text.encode() for block in blocks(ROOT / "docs" / "intake.md") if block.tongue == "json"]
    # Readings are taken from the sources that the pack names for an indicator (test_indicators), not from a camera's.
    examples = [raw for raw in written if not any(isinstance(one, Measured) for one in native.parse(raw, {}))]
    for raw in examples:
        with stack.post(raw) as answer:
            assert answer.status == 202, raw
    # A word about a report is a line of its history, and no event (test_pull_open311).
    told = [one.id for raw in examples for one in native.parse(raw, {}) if not isinstance(one, FeedSpoke | ReportSpoken)]
    assert len(set(told)) >= 7
    for key in told:
        until(lambda key=key: stack.counted(key), seconds=10)
    with stack.engine.connect() as sql:
        assert sql.scalar(select(func.count()).select_from(DEAD_LETTER)) == 0


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 12 * 1024 * 1024])
def test_too_much_is_refused_in_json_whoever_says_so(stack: Stack, size: int) -> None:
    with stack.post(b" " * size) as answer:
        assert answer.status == 413
        assert json.load(answer)["error"]["code"] == "too_large"


def test_an_intake_that_is_away_is_said_in_json(stack: Stack) -> None:
    stack.processes["intake"].kill()
    stack.processes["intake"].wait()
    with stack.post(sighting("two")) as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "5"
        assert json.load(answer)["error"]["code"] == "away"
    home = {"KYDAI_HOME": str(stack.folder / "homes" / "intake")}
    stack.start("intake", [sys.executable, "app.py", "intake"], stack.environ | home)

    def accepted() -> bool:
        with stack.post(sighting("two")) as again:
            return again.status == 202

    until(accepted, seconds=20, every_s=0.2)
    until(lambda: stack.counted("two"), seconds=10)


def test_a_web_process_that_dies_is_not_seen(stack: Stack) -> None:
    stack.processes["web-1"].kill()
    stack.processes["web-1"].wait()
    for _ in range(6):
        with stack.ask("/healthz") as answer:
            assert answer.status == 200
    home = {"KYDAI_HOME": str(stack.folder / "homes" / "web-1"), "KYDAI_PORT": str(stack.web)}
    stack.start("web-1", [sys.executable, "app.py", "web"], stack.environ | home)


def test_the_second_board_takes_over_within_ten_seconds(stack: Stack) -> None:
    wire = connect_redis(stack.wire, timeout_s=2.0)
    frames = RedisFrames(wire, ())
    before = (frames.felt() or {})["epoch"]
    holder = next(name for name in ("board-1", "board-2") if "holds the lease" in stack.told(name))
    stack.processes[holder].kill()
    stack.processes[holder].wait()
    began = time.monotonic()
    with stack.post(sighting("three")) as answer:
        assert answer.status == 202
    until(lambda: (frames.felt() or {}).get("epoch", before) != before, seconds=10)
    until(lambda: stack.counted("three"), seconds=10)
    assert time.monotonic() - began < 10
    wire.close()


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it was sent."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_who_lies_about_his_address_is_known_all_the_same(stack: Stack) -> None:
    """nginx adds the true address behind the lie; with one proxy of ours the app reads no other, without one it reads none."""
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=echo.serve_forever, daemon=True).start()
    port, plain = free_ports(2)
    stack.nginx("echoing", {"web-1:8050": echo.server_port, "web-2:8050": echo.server_port}, tls=port, plain=plain)

    def told() -> dict[str, str]:
        lie = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example"}
        asked = urllib.request.Request(f"https://127.0.0.1:{port}/", headers=lie)
        try:
            with urllib.request.urlopen(asked, timeout=5, context=stack.trusted) as answer:
                return dict(json.load(answer))
        except urllib.error.URLError:
            return {}

    headers = until(told)
    echo.shutdown()
    echo.server_close()
    assert headers["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-Host"] == headers["Host"] == f"127.0.0.1:{port}"
    told_on = {name: value for name, value in headers.items() if name.startswith("X-Forwarded")}
    assert _as_seen(0, told_on) == "192.0.2.7 http localhost"
    assert _as_seen(1, told_on) == f"127.0.0.1 https 127.0.0.1:{port}"


def _as_seen(proxies: int, headers: dict[str, str]) -> str:
    """Return what the app believes of who asks from 192.0.2.7 with these headers."""
    server = Flask("one")
    behind_proxies(server, proxies)
    server.add_url_rule("/", "who", lambda: f"{request.remote_addr} {request.scheme} {request.host}")
    with server.test_client() as client:
        return client.get("/", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.7"}).text


def test_a_backup_brings_everything_back(stack: Stack, pg_url: str) -> None:
    """As docs/operations.md says it, into another database."""
    binaries, dump = _postgres_bin(), stack.folder / "backup.dump"
    before = stack.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    subprocess.run([str(binaries / "pg_dump"), "-Fc", "-f", str(dump), before], check=True)
    subprocess.run([str(binaries / "pg_restore"), "--clean", "--if-exists", "-d", pg_url, str(dump)], check=True)
    after = connect(pg_url)
    held = []
    for engine in (stack.engine, after):
        with engine.connect() as sql:
            held.append([sql.scalar(select(func.count()).select_from(table)) for table in META.sorted_tables])
    assert sum(held[0]) > 10
    assert held[0] == held[1]
    assert shape(after) == shape(stack.engine)
    after.dispose()


def test_the_access_log_holds_no_key(stack: Stack) -> None:
    for kind in ("sign-in", "kiosk"):
        stack.ask(f"/{kind}/abc-SECRET-def").close()
    told = until(lambda: re.findall(r'"GET /(?:sign-in|kiosk)/\S*', (stack.folder / "access.log").read_text()))
    assert set(told) <= {'"GET /sign-in/***"', '"GET /kiosk/***"'}


def test_the_shipped_broker_asks_for_a_name(tmp_path: Path) -> None:
    for binary in ("mosquitto", "mosquitto_passwd"):
        assert shutil.which(binary, path="/usr/sbin:/usr/bin"), "Mosquitto is needed: apt-get install mosquitto"
    passwords, (port,) = tmp_path / "passwords", free_ports(1)
    subprocess.run(["/usr/bin/mosquitto_passwd", "-b", "-c", str(passwords), "kydai", "right"], check=True, capture_output=True)
    places = {
        "listener 1883": f"listener {port} 127.0.0.1" + ("\nuser root" if os.getuid() == 0 else ""),
        "/mosquitto/config/passwords": str(passwords),
        "/mosquitto/data/": f"{tmp_path}/",
    }
    (tmp_path / "mosquitto.conf").write_text(adapted("mosquitto.conf", places), encoding="utf-8")
    broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(tmp_path / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: _admitted(port, "kydai", "right"), seconds=10) == "Success"
        assert until(lambda: _admitted(port, "kydai", "wrong"), seconds=10) != "Success"
        assert until(lambda: _admitted(port, None, None), seconds=10) != "Success"
    finally:
        broker.terminate()
        broker.wait(10)


def _admitted(port: int, name: str | None, password: str | None) -> str:
    """Return what the broker answers to a name and a password; "" while it does not answer."""
    client, told = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="test"), list[str]()
    client.username_pw_set(name, password)
    client.on_connect = lambda _client, _data, _flags, reason, _properties: told.append(str(reason))
    try:
        client.connect("127.0.0.1", port, 10)
    except OSError:
        return ""
    end = time.monotonic() + 5
    while not told and time.monotonic() < end:
        client.loop(0.1)
    client.disconnect()
    client.loop(0.1)
    return told[0] if told else ""
