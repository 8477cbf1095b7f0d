"""Where connections may lead (S-15): a corpus of addresses that lead back to ourselves, to clouds' keys, or anywhere but to a camera."""

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.outward import Keys, Login, Refused, check, faults

NAMES = {
    "cam.example.vn": ["10.1.2.3"],
    "public.example.vn": ["203.0.113.9"],
    "local.example.vn": ["127.0.0.1"],
    "six.example.vn": ["::1"],
    "mapped.example.vn": ["::ffff:127.0.0.1"],
    "meta.example.vn": ["169.254.169.254"],
    "two.example.vn": ["10.1.2.3", "127.0.0.1"],
    "redis": ["172.18.0.5"],
    "localhost": ["127.0.0.1", "::1"],
    "empty.example.vn": [],
}


def resolve(host: str, _port: int) -> list[str]:
    if host not in NAMES:
        raise OSError("Name or service not known")
    return NAMES[host]


# Each leads to loopback, link-local, clouds' keys, nowhere, or a service of ours; or is written so that two programs might differ.
HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
    "http://0177.0.0.1/", "http://017700000001/", "http://127.0.0.1./", "http://127.255.255.254/", "http://00127.0.0.1/",
    "http://0/", "http://0.0.0.0/", "http://[::]/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/",
    "http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/", "http://0xa9fea9fe/", "http://2852039166/",
    "http://169.254.1.1/", "http://100.100.100.200/", "http://192.0.0.192/", "http://[fd00:ec2::254]/", "http://224.0.0.1/",
    "http://[ff02::1]/", "http://255.255.255.255/", "http://203.0.113.9/", "http://[2001:db8::1]/", "http://public.example.vn/",
    "http://local.example.vn/", "http://six.example.vn/", "http://mapped.example.vn/", "http://meta.example.vn/",
    "http://two.example.vn/", "http://localhost/", "http://LOCALHOST/", "http://unknown.example.vn/", "http://empty.example.vn/",
    "http://cam.example.vn@127.0.0.1/", "http://10.1.2.3:80@127.0.0.1/", "http://user:pass@10.1.2.3/", "http://10.1.2.3\\@127.0.0.1/",
    "http://10.1.2.3#@127.0.0.1/", "http://127.0.0.1%2f@10.1.2.3/", "http://10.1.2.3%00.example.vn/", "http:///10.1.2.3/", "http:10.1.2.3",
    "//10.1.2.3/", "file:///etc/passwd", "gopher://10.1.2.3/", "ftp://10.1.2.3/", "javascript://10.1.2.3/", "http://10.1.2.3:0/",
    "http://10.1.2.3:65536/", "http://10.1.2.3:6379/", "http://10.1.2.3:5432/", "rtsp://10.1.2.3:1883/", "http://10.1.2.3:80:80/",
    "http://10.1.2.3/a b", "http://10.1.2.3/\r\nHost: x", "http://10.1.2.3\t/", " http://10.1.2.3/", "http://①⑦②.16.0.1/",
    "http://10。1。2。3/", "http://cám.example.vn/", "http://-a.example.vn/", "http://a..b/", "http://", "", "http://10.1.2.3/" + "a" * 2_000,
    "http://redis:8080/", "http://172.18.0.5:8080/",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: url[:40].encode("unicode_escape").decode())
def test_nothing_hostile_passes(url: str) -> None:
    assert len(HOSTILE) >= 60
    with pytest.raises(Refused) as no:
        check(url, (), own=[("redis", 8080)], resolve=resolve)
    assert str(no.value)


NEVER = ("169.254.169.254", "100.100.100", "fd00:ec2", "[::]", "//0.0.0.", "ff02", "64:ff9b", "2002:", "meta.")


@pytest.mark.parametrize("url", [one for one in HOSTILE if any(word in one for word in NEVER)])
def test_what_no_camera_can_have_is_refused_even_where_a_pack_allows_everything(url: str) -> None:
    with pytest.raises(Refused):
        check(url, ["0.0.0.0/0", "::/0", "meta.example.vn"], resolve=resolve)


@pytest.mark.parametrize(
    ("url", "allowed", "ip", "port"),
    [
        ("http://10.1.2.3", (), "10.1.2.3", 80),
        ("HTTP://10.1.2.3:8080/ISAPI/Event?x=[All]", (), "10.1.2.3", 8080),
        ("https://192.168.1.64/", (), "192.168.1.64", 443),
        ("rtsp://172.16.0.9/Streaming/Channels/101", (), "172.16.0.9", 554),
        ("http://cam.example.vn/", (), "10.1.2.3", 80),
        ("http://[fd12:3456::7]:81/", (), "fd12:3456::7", 81),
        ("http://[::ffff:10.1.2.3]/", (), "10.1.2.3", 80),
        ("http://127.0.0.1:9/", ["127.0.0.1"], "127.0.0.1", 9),
        ("http://127.0.0.1:9/", ["127.0.0.0/8"], "127.0.0.1", 9),
        ("http://localhost:9/", ["127.0.0.1", "::1"], "127.0.0.1", 9),
        ("http://203.0.113.9/", ["203.0.113.0/24"], "203.0.113.9", 80),
        ("http://public.example.vn/", ["public.example.vn"], "203.0.113.9", 80),
        ("http://169.254.1.1/", ["169.254.1.1"], "169.254.1.1", 80),
    ],
)
def test_cameras_and_what_a_pack_names_are_allowed(url: str, allowed: list[str], ip: str, port: int) -> None:
    found = check(url, allowed, resolve=resolve)
    assert (found.ip, found.port) == (ip, port)


def test_a_name_that_a_pack_allows_may_not_turn_to_ourselves() -> None:
    for name in ("local.example.vn", "six.example.vn", "two.example.vn", "localhost"):
        with pytest.raises(Refused, match="this machine itself"):
            check(f"http://{name}/", [name], resolve=resolve)


def test_a_name_is_asked_once_and_what_it_said_then_is_kept() -> None:
    answers = iter([["10.1.2.3"], ["127.0.0.1"]])
    found = check("http://rebinding.example.vn/", (), resolve=lambda _host, _port: next(answers))
    assert (found.ip, found.at("/other").ip) == ("10.1.2.3", "10.1.2.3")
    assert next(answers) == ["127.0.0.1"]  # nobody has asked again


def test_addresses_of_this_machine_are_ours_whatever_network_they_lie_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A private address is this machine's own when one can listen on it."""
    bound = []
    monkeypatch.setattr(socket.socket, "bind", lambda _self, where: bound.append(where))
    with pytest.raises(Refused, match="this machine itself"):
        check("http://10.1.2.3/", ())
    assert bound == [("10.1.2.3", 0)]


@given(st.text(alphabet="htp:/@[]0x17f.%#\\? ", max_size=40))
def test_whatever_is_written_it_never_leads_home(text: str) -> None:
    for url in (text, f"http://{text}"):
        try:
            found = check(url, (), resolve=resolve)
        except Refused:
            continue
        assert found.ip.startswith(("10.", "172.", "192.168.", "fc", "fd"))


def test_a_path_cannot_leave_its_place() -> None:
    place = check("http://10.1.2.3/", ())
    assert place.at("/cgi-bin/eventManager.cgi?action=attach&codes=[All]").url.startswith("http://10.1.2.3/cgi")
    for path in ("", "x", "/a b", "/a\r\nX: y", "/" + "a" * 2_000, "//é"):
        with pytest.raises(Refused):
            place.at(path)


def test_a_pack_is_told_what_it_names_wrongly() -> None:
    assert faults(["10.0.0.0/8", "127.0.0.1", "frigate.example.vn", "::1", "fd00::/8"]) == []
    assert [one for one, _ in faults(["10.0.0.1/8", "10.0.0.0/99", "a b", "http://x", "-x", "0x7f.1", ""])] == [
        "10.0.0.1/8", "10.0.0.0/99", "a b", "http://x", "-x", "0x7f.1", "",
    ]  # fmt: skip


# ---- keys: the examples of RFC 7616 and RFC 2617 ----

ASKED = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [("MD5", "8ca523f5e9506fed4657c9700eebdbec"), ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")],
)
def test_digest_is_that_of_the_standard(algorithm: str, response: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _n: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    keys = Keys(Login("Mufasa", "Circle of Life"))
    assert keys.header("GET", "/dir/index.html") == ""
    assert keys.learn([ASKED.format(algorithm)])
    told = keys.header("GET", "/dir/index.html")
    assert f'response="{response}"' in told
    assert "nc=00000001" in told
    assert "nc=00000002" in keys.header("GET", "/dir/index.html")


def test_the_better_of_what_is_offered_is_taken_and_basic_last() -> None:
    login = Login("u", "p")
    for told, begins in [
        (['Basic realm="x", Digest realm="x", nonce="n", qop="auth"'], "Digest"),
        ([ASKED.format("MD5"), ASKED.format("SHA-256")], "Digest"),
        ([ASKED.format("SHA-256"), ASKED.format("MD5")], "Digest"),
        (['Basic realm="x"'], "Basic"),
        ([ASKED.format("SHA-512-256"), 'Basic realm="x"'], "Basic"),
    ]:
        keys = Keys(login)
        assert keys.learn(told)
        found = keys.header("GET", "/")
        assert found.startswith(begins)
        assert ("SHA-256" in found) == any("SHA-256" in one and "512" not in one for one in told)


def test_a_wrong_password_is_shown_once() -> None:
    keys = Keys(Login("u", "p"))
    assert keys.learn(['Basic realm="x"'])
    assert not keys.learn(['Basic realm="x"'])
    keys = Keys(Login("u", "p"))
    assert keys.learn(['Digest realm="x", nonce="1"'])
    assert not keys.learn(['Digest realm="x", nonce="1"'])
    assert keys.learn(['Digest realm="x", nonce="1", stale=true'])
    keys.header("GET", "/")
    assert not keys.learn(['Digest realm="x", nonce="2"'])
    keys.header("GET", "/")
    keys.header("GET", "/")
    assert keys.learn(['Digest realm="x", nonce="3"'])
    assert not Keys(None).learn(['Basic realm="x"'])
    assert not Keys(Login("u", "p")).learn(["Bearer", "", "Digest"])


@given(st.text(max_size=200))
def test_whatever_a_device_asks_for_the_header_stays_one_line(told: str) -> None:
    keys = Keys(Login('u"\\', "p"))
    keys.learn([told, f"Digest {told}", f'Digest realm="{told}", nonce="{told}", opaque="{told}"'])
    assert not any(sign in keys.header("GET", "/") for sign in "\r\n\x00")


def test_a_login_shows_no_password() -> None:
    assert "geheim" not in f"{Login('u', 'geheim')!r} {Keys(Login('u', 'geheim'))!r}"


def test_a_packs_own_list_is_checked_with_it(tmp_path: Path) -> None:
    from tests.unit.test_packs import change, folder_of, load, mistakes, shutil

    folder = tmp_path / "pack"
    shutil.copytree(folder_of("hue"), folder)
    (folder / "city.toml").write_text(
        (folder / "city.toml").read_text(encoding="utf-8") + '\n[outward]\nallow = ["127.0.0.1"]\n', encoding="utf-8"
    )
    assert load(str(folder)).city.outward == ("127.0.0.1",)
    change(folder, "city.toml", '["127.0.0.1"]', '["127.0.0.1/8", "http://x"]')
    assert [one.split(": ")[1] for one in mistakes(folder)] == ["outward.allow", "outward.allow"]
    change(folder, "city.toml", '["127.0.0.1/8", "http://x"]', '"127.0.0.1"')
    assert "must be a list of texts" in mistakes(folder)[0]


def test_our_own_services_are_known_from_the_settings() -> None:
    from dashboard.settings import read
    from data.config import services

    chosen = {
        "KYDAI_REDIS_URL": "redis://:secret@log.example.vn:7000/0",
        "KYDAI_DATABASE_URL": "postgresql://kydai:p@10.9.9.9/kydai",
        "KYDAI_MQTT_URL": "mqtt://broker.example.vn",
        "KYDAI_PORT": "9000",
    }
    own = services(read(chosen))
    assert own == {
        ("log.example.vn", 7000),
        ("10.9.9.9", 5432),
        ("broker.example.vn", 1883),
        ("127.0.0.1", 9000),
        ("127.0.0.1", 9001),
    }
    with pytest.raises(Refused, match="Kỳ Đài itself"):
        check("http://log.example.vn:7000/", ["10.0.0.0/8"], own=own, resolve=lambda _host, _port: ["10.9.9.8"])
    with pytest.raises(Refused, match="Kỳ Đài itself"):
        check("http://10.9.9.8:7000/", (), own=own, resolve=lambda _host, _port: ["10.9.9.8"])
