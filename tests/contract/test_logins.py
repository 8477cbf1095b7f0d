"""Logins at devices: sealed in the record, found by host and port, shown to nobody."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

import app
from data.outward import Login
from data.sealed import Seal, Tampered
from data.store.logins import LOGIN, PURPOSE, Logins

SECRET = bytes(range(32))


def test_a_login_is_found_by_its_port_and_else_by_its_host(engine: Engine) -> None:
    logins = Logins(engine, Seal(SECRET, PURPOSE))
    logins.add("10.1.2.3", Login("all", "một"), now_ms=1)
    logins.add("10.1.2.3:8971", Login("admin", "hai", "ab" * 32), now_ms=2)
    logins.add("[fd00::7]:80", Login("six", "ba"), now_ms=3)
    assert logins.of("10.1.2.3", 80) == Login("all", "một")
    assert logins.of("10.1.2.3", 8971) == Login("admin", "hai", "ab" * 32)
    assert logins.of("FD00::7", 80) == Login("six", "ba")
    assert logins.of("10.1.2.4", 80) is None
    logins.add("10.1.2.3", Login("all", "khác"), now_ms=4)
    assert logins.of("10.1.2.3", 80) == Login("all", "khác")
    logins.remove("10.1.2.3:8971")
    assert logins.of("10.1.2.3", 8971) == Login("all", "khác")
    with pytest.raises(KeyError):
        logins.remove("10.1.2.3:8971")
    assert [one.place for one in logins.all()] == ["10.1.2.3", "[fd00::7]:80"]


def test_a_password_lies_sealed_and_opens_nowhere_else(engine: Engine) -> None:
    logins = Logins(engine, Seal(SECRET, PURPOSE))
    logins.add("10.1.2.3", Login("u", "mật khẩu"), now_ms=1)
    with engine.begin() as sql:
        row = sql.execute(LOGIN.select()).one()
        assert "mật khẩu".encode() not in bytes(row.sealed)
        assert "mật khẩu" not in repr(logins.all())
        sql.execute(LOGIN.update().values(place="10.6.6.6"))  # as somebody who wants to be shown it
    with pytest.raises(Tampered):
        logins.of("10.6.6.6", 80)
    with pytest.raises(Tampered):
        Logins(engine, Seal(bytes(32), PURPOSE)).of("10.6.6.6", 80)


def test_the_command_keeps_lists_and_removes(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))

    def run(*words: str, typed: str = "") -> tuple[int, str]:
        told = CliRunner().invoke(app.main, ["login", *words], input=typed)
        return told.exit_code, told.output

    assert run("add", "10.1.2.3:8080", "--user", "kydai", typed="geheim\n") == (
        0,
        "Password: \n10.1.2.3:8080: login as kydai kept.\n",
    )
    assert run("add", "cam.example.vn", "--user", "u", "--stdin", "--pin", ":".join(["AB"] * 32), typed="geheim\n")[0] == 0
    assert run("list")[1] == "10.1.2.3:8080\tkydai\t-\ncam.example.vn\tu\tcertificate abababababababab…\n"
    assert run("remove", "10.1.2.3:8080")[0] == 0
    assert run("remove", "10.1.2.3:8080") == (1, "Error: there is no login at 10.1.2.3:8080\n")
    for words in (
        ("http://10.1.2.3", "--user", "u"),
        ("10.1.2.3:99999", "--user", "u"),
        ("a", "--user", "a:b"),
        ("a", "--user", "u", "--pin", "xy"),
    ):
        code, said = run("add", *words, typed="p\n")
        assert code == 1, words
        assert "Error: " in said
    assert "this machine itself" in run("certificate", "127.0.0.1:443")[1]
