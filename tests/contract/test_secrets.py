"""What must be secret: keys that could be guessed, Redis that anybody may write to, what is written down of ourselves, passwords."""

import io
import logging
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError

import app
from dashboard.settings import BadSetting, Settings
from data import journal
from data.embedded import binary
from data.guarded import check, open_to_all
from data.road import connect
from data.secret import kept, secret_key
from data.store.accounts import SqlAccounts
from data.store.engine import connect as connect_record
from tests.conftest import answers, until
from tests.rig import ROOT, SECRET, free_port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A Redis on TCP with a password, and one without."""
    ports, started = {}, []
    for name, more in (("open", ["--protected-mode", "no"]), ("closed", ["--requirepass", "pass word"])):
        ports[name] = free_port()
        folder = tmp_path_factory.mktemp(name)
        argv = [binary(), "--port", str(ports[name]), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *more]
        started.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL))
    urls = {"open": f"redis://127.0.0.1:{ports['open']}/0", "closed": f"redis://:pass%20word@127.0.0.1:{ports['closed']}/0"}
    for url in urls.values():
        client = connect(url, timeout_s=2.0)
        until(lambda client=client: answers(client))
        client.close()
    yield urls
    for process in started:
        process.terminate()
        process.wait()


def test_a_redis_that_asks_nobody_is_refused_in_production(guarded) -> None:
    assert open_to_all(guarded["open"])
    assert not open_to_all(guarded["closed"])
    assert open_to_all(guarded["open"].replace("//", "//:whatever@"))
    assert open_to_all(guarded["open"] + "?password=whatever")
    for name in ("redis_url", "wire_url"):
        with pytest.raises(BadSetting, match=name.upper()):
            check(Settings(demo=False, **{name: guarded["open"]}))
        check(Settings(demo=True, **{name: guarded["open"]}))
        check(Settings(demo=False, **{name: guarded["closed"]}))


def test_a_redis_behind_a_socket_or_away_is_not_refused() -> None:
    assert not open_to_all("unix:///tmp/no-such-place/sock")
    assert not open_to_all(f"redis://127.0.0.1:{free_port()}/0")


def test_the_doctor_names_an_open_redis(guarded, tmp_path: Path) -> None:
    environ = {
        "KYDAI_HOME": str(tmp_path),
        "KYDAI_SECRET_KEY": SECRET,
        "KYDAI_WIRE_URL": guarded["open"],
        "KYDAI_REDIS_URL": guarded["closed"],
    }
    told = subprocess.run(
        [sys.executable, "app.py", "doctor"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 1
    assert "problem  wire lets in whoever comes" in told.stdout
    assert "log lets in" not in told.stdout


@pytest.mark.parametrize("role", ["board", "web", "intake", "all"])
def test_no_role_starts_on_an_open_redis(guarded, tmp_path: Path, role: str) -> None:
    environ = {"KYDAI_HOME": str(tmp_path), "KYDAI_DEMO": "0", "KYDAI_SECRET_KEY": SECRET, "KYDAI_WIRE_URL": guarded["open"]}
    ended = subprocess.run(
        [sys.executable, "app.py", role], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "requirepass" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("key", ["", "short", "s" * 40, "changemechangemechangemechangeme"[:31], "ab" * 20])
def test_a_key_that_could_be_guessed_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadSetting, match="KYDAI_SECRET_KEY"):
        secret_key(Settings(demo=False, secret_key=key), tmp_path)


def test_a_key_may_lie_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o400)
    chosen = Settings(demo=False, secret_key_file=str(path))
    assert secret_key(chosen, tmp_path) == SECRET.encode()
    path.chmod(0o640)
    with pytest.raises(BadSetting, match="chmod 400"):
        secret_key(chosen, tmp_path)
    with pytest.raises(BadSetting, match="cannot be read"):
        secret_key(Settings(demo=False, secret_key_file=str(tmp_path / "none")), tmp_path)


def test_a_secret_of_our_own_is_closed(tmp_path: Path) -> None:
    kept(tmp_path, "source_native")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "source_native").stat().st_mode) == 0o400


@pytest.fixture
def written(monkeypatch):
    """What is written down, with the root logger put back afterwards."""
    root, out = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in journal.OURS}
    root.handlers = []
    journal.keep("DEBUG", out)
    yield out
    root.handlers, root.level, sys.excepthook, threading.excepthook = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_no_plate_and_no_control_sign_is_written_down(written) -> None:
    def fall() -> None:
        raise ValueError("at 75A-123.45, tel. 0905123456")

    log = logging.getLogger("data.somewhere")
    log.debug("seen %s\x1b[31m\r\x00", "75A-123.45")
    try:
        fall()
    except ValueError:
        log.exception("fell over %s", "51F-678.90")
    sys.excepthook(*_risen(fall))
    thread = threading.Thread(target=fall)
    thread.start()
    thread.join()
    told = written.getvalue()
    assert told.count("75A-***.45") == 7  # the line that raises is quoted too
    assert "51F-***.90" in told
    for clear in ("123.45", "678.90", "0905123456", "\x1b", "\r", "\x00"):
        assert clear not in told
    assert told.count("Traceback") == 3


def _risen(fall):
    try:
        fall()
    except ValueError:
        return sys.exc_info()
    raise AssertionError


def test_what_libraries_carry_is_not_written_down(written, sqlite_url: str) -> None:
    """SQLAlchemy at DEBUG would write every row."""
    engine = connect_record(sqlite_url)
    with engine.connect() as sql:
        sql.exec_driver_sql("SELECT ?", ("canary 4711",))
        with pytest.raises(DBAPIError) as fallen:
            sql.exec_driver_sql("SELECT no_such FROM nothing WHERE x = ?", ("canary 4711",))
    engine.dispose()
    assert "4711" not in str(fallen.value)
    assert "4711" not in written.getvalue()
    logging.getLogger("data.x").debug("ours")
    assert "ours" in written.getvalue()


def run(home: Path, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    environ = {"KYDAI_HOME": str(home), "KYDAI_SECRET_KEY": SECRET}
    return subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=ROOT,
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_password_is_read_never_an_argument(tmp_path: Path) -> None:
    assert (
        "no such option"
        in CliRunner().invoke(app.main, ["user", "add", "an", "--role", "operator", "--password", "x"]).output.lower()
    )
    told = run(tmp_path, "user", "add", "an", "--role", "operator", "--stdin", stdin="a long enough password\n")
    assert told.returncode == 0
    assert "long enough" not in told.stdout + told.stderr
    assert run(tmp_path, "user", "add", "binh", "--role", "leader", "--stdin", stdin="short\n").returncode == 1
    assert run(tmp_path, "user", "role", "an", "supervisor").returncode == 0
    assert run(tmp_path, "user", "password", "an", "--stdin", stdin="another long password\n").returncode == 0
    for words in (("user", "disable", "an"), ("user", "enable", "an")):
        assert run(tmp_path, *words).returncode == 0
    assert "an\tsupervisor\tactive" in run(tmp_path, "user", "list").stdout
    assert run(tmp_path, "user", "role", "nobody", "leader").returncode == 1
    engine = connect_record(f"sqlite:///{tmp_path / 'kydai.db'}")
    accounts = SqlAccounts(engine, pepper=SECRET.encode())
    assert accounts.verify("an", "another long password") == "supervisor"
    assert accounts.verify("an", "a long enough password") is None
    engine.dispose()


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_name_can_be_seen(tmp_path: Path, name: str) -> None:
    told = run(tmp_path, "user", "add", name, "--role", "operator")
    assert told.returncode == 1
    assert "can be seen" in told.stderr
