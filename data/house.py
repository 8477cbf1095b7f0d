"""The whole house on one machine: Redis, intake, board, web, relay and simulator as children, and where to look."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import click
from sqlalchemy.exc import SQLAlchemyError

from dashboard.city import City
from dashboard.errors import BrokenPack
from dashboard.reports.routing import COMMITTEE
from dashboard.reports.units import OF_UNITS
from dashboard.settings import BadSetting, Settings, intake_port
from data import vendor
from data.atlas import Atlas
from data.config import home, log_url, record_url, socket_of, wire_url
from data.embedded import NoRedis
from data.embedded import command as redis_command
from data.pack import load
from data.road import connect
from data.secret import kept, secret_key
from data.simulator.addresses import HOST
from data.store.accounts import Refused, SqlAccounts
from data.store.engine import connect as connect_record
from data.store.migrate import migrate
from data.store.sources import Sources
from data.supervisor import AlreadyRunning, Supervisor, only_one, python

READY_S, REDIS_S = 60.0, 20.0
DEMO_SOURCES = {"native": "native", "frigate": "frigate", "reports": "native", "indicators": "native"}
DEMO_PERSON, DEMO_UNIT, DEMO_ADMIN = "demo", "demo-unit", "demo-admin"


@dataclass
class House:
    """One city's house."""

    settings: Settings
    version: str

    def run(self) -> int:
        """Run until asked to stop; returns the exit code."""
        try:
            folder = home(self.settings)
            lock = only_one(folder)
            self._check(folder)
        except (AlreadyRunning, BadSetting, BrokenPack, NoRedis, OSError) as no:
            click.echo(f"Kỳ Đài: {no}", err=True)
            return 1
        if self.settings.demo and not self.settings.street_port:
            os.environ["KYDAI_STREET_PORT"] = str(any_port())
        supervisor = Supervisor(folder)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, supervisor.ask_to_stop)
        try:
            self._start(supervisor, folder)
            if supervisor.wait(self._ready, seconds=READY_S):
                click.echo(self._banner(folder))
            elif not supervisor.stopping:
                click.echo(f"Kỳ Đài is not ready after {READY_S:.0f} s; look into {folder / 'logs'}. It goes on trying.", err=True)
            supervisor.keep()
        finally:
            supervisor.stop()
            click.echo("Kỳ Đài đã dừng, không mất gì. / Stopped, nothing lost.")
        del lock
        return 0

    def _check(self, folder: Path) -> None:
        """Find out before anything is started whether it can be."""
        load(self.settings.city)
        secret_key(self.settings, folder)
        if not self.settings.demo:
            self._was_demo(folder)
        for port in (self.settings.port, intake_port(self.settings)):
            free_port(self.settings.host, port)
        self._bring_up()
        if lacking := vendor.missing():
            raise BadSetting(f"front-end files are missing ({lacking[0]}, …): run `make run`, or python -m data.vendor")

    def _bring_up(self) -> None:
        """Bring the record to its newest shape. Raises BadSetting when it cannot be reached."""
        try:
            migrate(record_url(self.settings))
        except SQLAlchemyError as error:
            told = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise BadSetting(f"the record cannot be used, look at KYDAI_DATABASE_URL: {told}") from error

    def _was_demo(self, folder: Path) -> None:
        """Refuse to take a demonstration's record for a city's: what did not happen would be counted, and its keys were made here (P-15)."""
        if (folder / "secrets" / "source_native").exists():
            raise BadSetting(
                f"{folder} was a demonstration's home: its record holds what did not happen, and its keys were made by itself. "
                "Choose another KYDAI_HOME, and another KYDAI_DATABASE_URL if one was given"
            )

    def _start(self, supervisor: Supervisor, folder: Path) -> None:
        if not self.settings.redis_url:
            supervisor.add("log", redis_command(socket_of(self.settings, "log"), folder / "log", durable=True))
        if not self.settings.wire_url:
            supervisor.add("wire", redis_command(socket_of(self.settings, "wire"), folder / "wire", durable=False))
        if self.settings.demo:
            self._demo_sources(folder)
        if not supervisor.wait(self._redis_answers, seconds=REDIS_S) and not supervisor.stopping:
            where = (
                "look into " + str(folder / "logs") if not self.settings.redis_url else "look at KYDAI_REDIS_URL and KYDAI_WIRE_URL"
            )
            click.echo(f"Kỳ Đài: Redis does not answer within {REDIS_S:.0f} s; {where}. It goes on trying.", err=True)
        for role in ("board", "web", "darkroom", "intake", "relay", "messenger", *(("simulate",) if self.settings.demo else ())):
            supervisor.add(role, python(role))

    def _redis_answers(self) -> bool:
        try:
            return all(connect(url, timeout_s=1.0).ping() for url in (log_url(self.settings), wire_url(self.settings)))
        except Exception:  # noqa: BLE001  not yet
            return False

    def _demo_sources(self, folder: Path) -> None:
        """A demonstration's sources, with keys of their own that lie in secrets/."""
        register = Sources(connect_record(record_url(self.settings)))
        for key, adapter in DEMO_SOURCES.items():
            try:
                register.add(
                    key, adapter=adapter, label="simulator", now_ms=_now_ms(), secret=f"kyd_{kept(folder, f'source_{key}')}"
                )
            except KeyError:
                continue

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._local()}/readyz", timeout=2) as answer:  # noqa: S310  our own address
                return bool(answer.status == 200)  # noqa: PLR2004  OK
        except (urllib.error.URLError, OSError):
            return False

    def _local(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}"

    def _banner(self, folder: Path) -> str:
        city = load(self.settings.city).city
        base = self.settings.public_url.rstrip("/") or self._local()
        lines = [f"Kỳ Đài {self.version} · {city.name['vi']}" + (" · MÔ PHỎNG / SIMULATION" if self.settings.demo else ""), ""]
        if self.settings.demo:
            lines += self._demo_links(folder, city, base)
        else:
            lines += [f"  Đăng nhập  / Sign in   {base}/sign-in"]
        lines += [
            f"  Nhận dữ liệu / Intake  http://{self.settings.host}:{intake_port(self.settings)}/api/v1/intake/<source>",
            f"  Dữ liệu    / Data      {folder}",
            "",
            "  Ctrl-C để dừng / to stop",
        ]
        return "\n".join(lines)

    def _demo_links(self, folder: Path, city: City, base: str) -> list[str]:
        """Return where a demonstration's people come in: once each, but for the wall."""
        accounts = SqlAccounts(connect_record(record_url(self.settings)), pepper=secret_key(self.settings, folder))
        kiosk = kept(folder, "kiosk_demo")  # the same at every start: an open wall goes on
        accounts.keep_kiosk(kiosk, DEMO_PERSON, city.walls[0].name, now_ms=_now_ms())
        with suppress(Refused):  # they have been there since an earlier start
            accounts.add(DEMO_UNIT, OF_UNITS, token_urlsafe(), now_ms=_now_ms(), unit=self._middle(city))

        def link(name: str, role: str) -> str:
            return f"{base}/sign-in/{accounts.add_link(name, role, now_ms=_now_ms())}"

        return [
            f"  Trực ban   / Console   {link(DEMO_PERSON, 'supervisor')}   (một lần, 15 phút / once, 15 minutes)",
            f"  Màn hình lớn / Wall    {base}/kiosk/{kiosk}",
            f"  Chỉ số     / Leader    {base}/leader   (sau khi đăng nhập / once signed in)",
            f"  Đơn vị     / Unit      {link(DEMO_UNIT, OF_UNITS)}   (cán bộ một phường / a ward's people)",
            f"  Quản trị   / Admin     {link(DEMO_ADMIN, 'admin')}   (lớp bản đồ, quy tắc / layers, rules)",
        ]

    def _middle(self, city: City) -> str:
        """Return the unit of the ward in which the city's centre lies; "" where there is none."""
        ward = Atlas(load(self.settings.city).folder, zone=city.zone).locate(*city.centre, _now_ms())
        return next((one.code for one in city.units if ward and one.code == f"{COMMITTEE}{ward}" and one.valid_to is None), "")


def any_port() -> int:
    """Return a port on loopback where nobody listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def free_port(host: str, port: int) -> None:
    """Raise BadSetting when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise BadSetting(f"port {port} on {host} cannot be used ({why}); stop who uses it, or choose KYDAI_PORT") from error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
