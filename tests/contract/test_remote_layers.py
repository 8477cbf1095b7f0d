"""Layers by address against a real little map service: what it offers, where its pictures lie, every way in which it can be bad, and that the old stays."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.layers.asking import bounds
from dashboard.layers.remote import Standing, Trouble, Wanted, freshness
from data.clock import SystemClock
from data.outward import Login, check
from data.pack import load
from data.remote import served as serving
from data.remote.desk import Taking
from data.remote.kept import KeptPictures
from data.remote.rounds import due
from data.remote.served import RemotePictures
from data.remote.wire import Door
from data.sealed import Seal
from data.store.remotes import LAYER_REMOTE, SqlRemotes
from tests.devices import PASSWORD, USER, device, plain
from tests.map_server import PLACE, MapServer, map_server, mercator, where

PACK = load("hue")
ZOOM = 13
DAY_MS = 86_400_000


def square(zoom: int = ZOOM) -> tuple[int, int, int]:
    x, y = mercator(*PLACE)
    n, earth = 1 << zoom, 20037508.342789244
    return zoom, int((x + earth) / 2 / earth * n), int((earth - y) / 2 / earth * n)


class Later(SystemClock):
    """A clock that a test puts on."""

    ahead = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead


@pytest.fixture
def house(sqlite, tmp_path: Path) -> SimpleNamespace:
    """The desk and the pictures over one home; loopback is allowed, `logins` are who we are there."""
    logins: dict[str, Login] = {}
    door = Door(lambda address: check(address, ("127.0.0.0/8",)), lambda host, _: logins.get(host))
    clock, remotes = Later(), SqlRemotes(sqlite, SystemClock(), Seal(bytes(32), "remote layer"))
    ticks = iter(range(0, 10**9, 10))
    pictures = RemotePictures(remotes, tmp_path, door, clock, lambda: PACK.city, monotonic_s=lambda: float(next(ticks)))
    read: list[str] = []
    desk = Taking(remotes, pictures, door, clock, lambda: PACK.city, read=read.append)
    return SimpleNamespace(
        desk=desk, pictures=pictures, clock=clock, logins=logins, remotes=remotes, home=tmp_path, read=read, engine=sqlite
    )


def wanted(server: MapServer, kind: str = "wms", **more: object) -> Wanted:
    layer = {"wms": "city:lamps", "wmts": "city", "wfs": "city:lamps"}[kind]
    return Wanted(**{"address": server.url, "kind": kind, "layer": layer, "key": "far", **more})


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("wms", {"version": "1.3.0", "crs": ("EPSG:3857", "EPSG:4326")}),
        ("wms", {"version": "1.1.1", "crs": ("EPSG:4326 EPSG:900913",)}),
        ("wms", {"version": "1.3.0", "crs": ("EPSG:4326",)}),
        ("wms", {"version": "1.3.0", "crs": ("CRS:84", "EPSG:9214")}),
        ("wms", {"version": "1.1.1", "crs": ("EPSG:4326",)}),
        ("wmts", {}),
        ("wmts", {"rest": True}),
    ],
)
def test_a_picture_lies_where_it_belongs(house, kind: str, how: dict) -> None:
    with map_server(**how) as server:
        server.crs = tuple(word for one in server.crs for word in one.split())
        one = house.desk.add(wanted(server, kind), who="an")
        for zoom in (9, 13, 16):
            _, x, y = square(zoom)
            found = house.pictures.tile(one, zoom, x, y)
            west, south, east, north = bounds(zoom, x, y)
            top, bottom, at = mercator(0, north)[1], mercator(0, south)[1], mercator(*PLACE)[1]
            right = ((PLACE[0] - west) / (east - west) * 256, (top - at) / (top - bottom) * 256)
            assert where(found.body) == pytest.approx(right, abs=1.3), zoom
            assert (found.mimetype, found.old) == ("image/png", False)


def test_what_is_offered_is_told_as_text_and_secrets_stay(house) -> None:
    with map_server(auth="basic") as server:
        house.logins["127.0.0.1"] = Login(USER, PASSWORD)
        title, offers = house.desk.look(f"{server.url}?map=a&key=s3cret-key&request=GetMap", "wms")
        assert title == "Maps <b>of the city</b>"
        assert [(one.name, one.title, one.styles, one.crs) for one in offers] == [
            ("city:lamps", "Đèn <img src=x onerror=alert(1)>", ("", "night"), "EPSG:3857")
        ]
        one = house.desk.add(wanted(server, address=f"{server.url}?map=a&key=s3cret-key", style="night"), who="an")
        assert "s3cret" not in repr(one)
        assert house.remotes.asked("far").address == f"{server.url}?map=a&key=s3cret-key"  # not the host that it names
        assert "&STYLES=night&" in server.paths[-1]
        assert "map=a&key=s3cret-key&" in server.paths[-1]
        with house.engine.connect() as sql:
            assert b"s3cret" not in b"".join(
                bytes(part) if isinstance(part, bytes) else b"" for part in sql.execute(LAYER_REMOTE.select()).one()
            )


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("hang", "slow"),
        ("html", "html"),
        ("excuse", "excuse"),
        ("big", "large"),
        ("wide", "large"),
        ("broken", "picture"),
        ("text", "picture"),
        ("moved", "moved"),
        ("denied", "denied"),
        ("failing", "status"),
        ("cut", "cut"),
    ],
)
def test_whatever_goes_wrong_has_its_word_and_the_old_picture_stays_marked(house, monkeypatch, mode: str, code: str) -> None:
    if mode == "hang":
        monkeypatch.setattr(serving, "SECONDS", 0.3)
    with map_server() as server, device(lambda _, say: say(plain(b"secret"))) as inside:
        server.moved_to = f"{inside.url}/latest/meta-data?token=abc"
        one = house.desk.add(wanted(server), who="an")
        first = house.pictures.tile(one, *square())
        server.mode = mode
        house.clock.ahead = 2 * DAY_MS
        old = house.pictures.tile(one, *square())
        assert (old.body, old.old) == (first.body, True)
        assert old.at == pytest.approx(first.at, abs=5000)
        stands = house.pictures.standing("far")
        assert (stands.code, bool(stands.good)) == (code, True)
        assert freshness(stands, house.clock.now_ms()) == "lost"
        zoom, x, y = square()
        with pytest.raises(Trouble, match=code):
            house.pictures.tile(one, zoom, x + 1, y)
        assert inside.asked == []
        assert "abc" not in stands.detail
        server.mode = "good"
        assert house.pictures.tile(one, *square()).old is False
        assert house.pictures.standing("far").code == ""


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("hang", "slow"),
        ("html", "html"),
        ("entities", "xml"),
        ("excuse", "excuse"),
        ("moved", "moved"),
        ("text", "xml"),
        ("big", "xml"),
    ],
)
def test_a_service_that_does_not_describe_itself_is_named(house, monkeypatch, mode: str, code: str) -> None:
    if mode == "hang":
        monkeypatch.setattr("data.remote.wire.LOOK_S", 0.3)
    with map_server(mode=mode) as server, pytest.raises(Trouble) as told:
        house.desk.look(server.url, "wms")
    assert told.value.code == code


@pytest.mark.parametrize(
    ("address", "kind", "more", "code"),
    [
        ("http://10.0.0.0.1/ows", "wms", {}, "refused"),
        ("http://169.254.169.254/latest/meta-data", "wms", {}, "refused"),
        ("http://127.0.0.1:6379/ows", "wms", {}, "refused"),
        ("http://user:pass@127.0.0.1/ows", "wms", {}, "refused"),
        (None, "wms", {"crs": ("EPSG:9214",)}, "crs"),
        (None, "wmts", {"crs": ("EPSG:9214",)}, "crs"),
        (None, "wms", {"version": "1.0.0"}, "version"),
    ],
)
def test_what_cannot_be_taken_says_why(house, address: str | None, kind: str, more: dict, code: str) -> None:
    with map_server(**more) as server, pytest.raises(Trouble) as told:
        house.desk.add(wanted(server, kind, address=address or server.url), who="an")
    assert told.value.code == code
    assert house.remotes.all() == {}


def test_a_key_is_taken_once_and_a_style_must_be_there(house) -> None:
    with map_server() as server:
        for more, code in (
            ({"key": "Far Away"}, "key"),
            ({"style": "day"}, "style"),
            ({"layer": "moon"}, "gone"),
            ({"roles": ("king",)}, "role"),
        ):
            with pytest.raises(Trouble, match=rf"^{code}"):
                house.desk.add(wanted(server, **more), who="an")
        house.desk.add(wanted(server), who="an")
        with pytest.raises(Trouble, match=r"^taken"):
            house.desk.add(wanted(server), who="an")
        house.desk.remove("far", who="an")
        assert house.pictures.all() == {}
        house.pictures.kept.sweep({})
        assert list((house.home / "remote_tiles").iterdir()) == []


def test_one_that_hangs_keeps_nobody_but_itself_waiting(house, monkeypatch) -> None:
    """A hundred ask a service that hangs: six at once, then it rests, and another service is as quick as ever."""
    monkeypatch.setattr(serving, "SECONDS", 0.5)
    house.pictures._monotonic_s = time.monotonic
    with map_server() as slow, map_server() as good:
        hung, one = house.desk.add(wanted(slow, key="hung"), who="an"), house.desk.add(wanted(good), who="an")
        slow.mode = "hang"
        zoom, x, y = square()
        codes: list[str] = []

        def ask(n: int) -> None:
            try:
                house.pictures.tile(hung, zoom, x - 5 + n % 10, y - 5 + n // 10)
            except Trouble as trouble:
                codes.append(trouble.code)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(100)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        assert house.pictures.tile(one, zoom, x, y).body
        assert time.monotonic() - began < 2
        for thread in threads:
            thread.join(20)
        assert time.monotonic() - began < 5
        assert slow.device.open_now <= 6
        assert len(slow.paths) <= 2 + 12  # its description, its trial, and two rounds at the most
        assert set(codes) >= {"slow", "resting"}
        assert len(codes) == 100


def test_the_same_picture_is_fetched_once_for_all_who_ask(house) -> None:
    with map_server() as server:
        one = house.desk.add(wanted(server), who="an")
        before = len(server.paths)
        threads = [threading.Thread(target=house.pictures.tile, args=(one, *square(15))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        house.pictures.tile(one, *square(15))
        assert len(server.paths) == before + 1


def test_beyond_the_city_and_its_zooms_nothing_is_asked(house) -> None:
    with map_server() as server:
        one = house.desk.add(wanted(server), who="an")
        before = len(server.paths)
        for at in ((13, 0, 0), (3, 6, 3), (25, 1, 1), (13, 1 << 40, 7)):
            assert house.pictures.tile(one, *at).body == b""
        assert len(server.paths) == before


def test_pictures_take_a_bounded_room_and_never_the_last_of_the_disk(house) -> None:
    with map_server() as server:
        one = house.desk.add(wanted(server), who="an")
    small = KeptPictures(house.home, most_bytes=40_960, free=lambda _: 1 << 40)
    for n in range(30):
        small.write(one, 13, n, 1, b"x" * 3000, at_ms=1_000_000 + n)
    small.sweep({"far": one})
    left = [n for n in range(30) if small.read(one, 13, n, 1)]
    assert 6 <= len(left) <= 10
    assert left == list(range(30 - len(left), 30))
    assert small.standing("far").good
    full = KeptPictures(house.home, free=lambda _: 1000)
    full.write(one, 13, 99, 1, b"x", at_ms=1)
    assert full.read(one, 13, 99, 1) is None


def test_when_a_service_is_tried_and_a_wfs_read(house) -> None:
    with map_server() as server:
        one = house.desk.add(wanted(server), who="an")
    now = 1_800_000_000_000
    assert not due(one, Standing(good=now - 60_000, tried=now - 60_000), now)
    assert due(one, Standing(good=now - DAY_MS, tried=now - 300_000), now)
    with map_server(version="2.0.0") as server:
        read = house.desk.add(wanted(server, "wfs", key="lamps", hours=6), who="an")
    assert house.read == ["lamps"]
    assert not due(read, Standing(tried=now - 5 * 3_600_000), now)
    assert due(read, Standing(tried=now - 6 * 3_600_000), now)
    assert due(read, Standing(tried=now - 900_000, code="slow"), now)
