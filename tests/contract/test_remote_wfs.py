"""A WFS read into a layer of our own: as GeoJSON and as GML, in pages, whatever order its axes are in; the version before stays until the new one is good."""

import shutil
from types import SimpleNamespace

import pytest

from dashboard.errors import Missing
from data.clock import SystemClock
from data.config import settings
from data.layers.kept import Kept
from data.layers.served import as_read
from data.pack import folder_of
from data.remote import features
from data.remote.job import main
from data.remote.opened import open_remote
from data.store.layers import SqlLayers
from tests.contract.test_remote_layers import wanted
from tests.map_server import map_server


@pytest.fixture
def house(sqlite, sqlite_url, tmp_path, monkeypatch) -> SimpleNamespace:
    pack = tmp_path / "pack" / "hue"
    shutil.copytree(folder_of("hue"), pack)
    with (pack / "city.toml").open("a", encoding="utf-8") as file:
        file.write('\n[outward]\nallow = ["127.0.0.1"]\n')
    for name, value in (
        ("HOME", str(tmp_path)),
        ("DATABASE_URL", sqlite_url),
        ("CITY", str(pack)),
        ("SECRET_KEY", "only for tests: 0123456789abcdefghijklm"),
    ):
        monkeypatch.setenv(f"KYDAI_{name}", value)
    from data.pack import load

    city = load(str(pack)).city
    pictures, desk = open_remote(settings(), sqlite, lambda: city, apart=lambda do, given: do(*given), rounds=False)
    desk._read = main
    return SimpleNamespace(desk=desk, pictures=pictures, layers=SqlLayers(sqlite, SystemClock()), kept=Kept(tmp_path))


def places(house) -> list[tuple[str, float, float]]:
    layer = house.layers.shown()[0]
    found = house.kept.page(layer.key, layer.version, most=100).features
    return [(one.name, *(round(part, 6) for part in one.geometry()["coordinates"])) for one in found]


@pytest.mark.parametrize(
    "how",
    [
        {"version": "2.0.0"},
        {"version": "2.0.2", "paged": False},
        {"version": "1.1.0", "paged": False},
        {"version": "2.0.0", "swapped": True},
        {"version": "2.0.0", "forms": ("application/gml+xml; version=3.2",)},
        {"version": "1.1.0", "forms": ("text/xml; subtype=gml/3.1.1",)},
    ],
)
def test_features_are_read_and_lie_where_they_belong(house, monkeypatch, how: dict) -> None:
    monkeypatch.setattr(features, "AT_ONCE", 2)
    with map_server(**how) as server:
        house.desk.add(wanted(server, "wfs", key="lamps", hours=6, source="Sở Xây dựng"), who="an")
        assert house.pictures.standing("lamps").code == ""
        assert places(house) == server.lamps
        layer = house.layers.shown()[0]
        assert (layer.by, layer.source, layer.every_days, layer.count) == ("an", "Sở Xây dựng", 0.25, 3)
        main("lamps")
        assert house.layers.shown()[0].version == 1  # nothing is new, and that it is so is known
        assert (
            as_read(house.layers.shown(), house.pictures.standing)[0].as_of == house.pictures.standing("lamps").good > layer.as_of
        )
        server.lamps.append(("Đèn 4", 107.583, 16.463))
        main("lamps")
        assert (house.layers.shown()[0].version, len(places(house))) == (2, 4)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"mode": "html"}, "html"),
        ({"mode": "hang"}, "slow"),
        ({"mode": "excuse"}, "excuse"),
        ({"mode": "text"}, "features"),
        ({"mode": "big"}, "large"),
        ({"mode": "failing"}, "status"),
        ({"hidden": 2}, "partial"),
        ({"lamps": []}, "nothing"),
        ({"lamps": [("Hà Nội", 105.8, 21.0)]}, "unfit"),
    ],
)
def test_whatever_goes_wrong_the_version_before_stays(house, monkeypatch, more: dict, code: str) -> None:
    monkeypatch.setattr(features, "SECONDS", 0.5)
    monkeypatch.setattr(features, "MOST_BYTES", 1 << 20)
    with map_server(version="2.0.0") as server:
        house.desk.add(wanted(server, "wfs", key="lamps"), who="an")
        good = house.pictures.standing("lamps").good
        for name, value in more.items():
            setattr(server, name, value)
        main("lamps")
        stands = house.pictures.standing("lamps")
        assert (stands.code, stands.good) == (code, good)
        assert code != "unfit" or stands.why.vi
        assert (house.layers.shown()[0].version, len(places(house))) == (1, 3)
        since = stands.since
        main("lamps")
        assert house.pictures.standing("lamps").since == since


def test_gml_with_entities_is_no_answer(house) -> None:
    with map_server(version="2.0.0", forms=("text/xml; subtype=gml/3.2",)) as server:
        house.desk.add(wanted(server, "wfs", key="lamps"), who="an")
        server.mode = "entities"
        main("lamps")
        assert house.pictures.standing("lamps").code == "xml"
        assert house.layers.shown()[0].version == 1


def test_a_layer_read_from_a_service_stays_when_it_is_asked_no_longer(house) -> None:
    with map_server(version="2.0.0") as server:
        house.desk.add(wanted(server, "wfs", key="lamps"), who="an")
        house.desk.remove("lamps", who="an")
        main("lamps")
    assert house.layers.shown()[0].version == 1
    assert [one.action for one in house.layers.acts("lamps")] == ["unlinked", "imported", "linked"]


def test_of_a_service_that_mixes_shapes_one_sort_is_chosen(house) -> None:
    with map_server(version="2.0.0", roads=[[(107.58, 16.46), (107.59, 16.47)]]) as server:
        house.desk.add(wanted(server, "wfs", key="lamps"), who="an")
        stands = house.pictures.standing("lamps")
        assert (stands.code, house.layers.shown()) == ("unfit", [])
        assert "hãy chọn ở ô Loại hình" in stands.why.vi
        assert "choose point or line at “Shapes”." in stands.why.en
        house.desk.choose("lamps", "line", who="bình")
        house.desk.again("lamps")
        assert house.pictures.standing("lamps").code == ""
        assert [(one.shape, one.count) for one in house.layers.shown()] == [("line", 1)]
        main("lamps")
        house.desk.choose("lamps", "point", who="bình")
        main("lamps")
        assert [(one.shape, one.count, one.version) for one in house.layers.shown()] == [("point", 3, 2)]
        assert [one.action for one in house.layers.acts("lamps")] == ["imported", "chosen", "imported", "chosen", "linked"]
    with pytest.raises(Missing):
        house.desk.choose("nothing", "point", who="bình")


def test_a_file_does_not_take_the_key_of_a_layer_by_address(house, tmp_path, monkeypatch) -> None:
    from click.testing import CliRunner

    import app

    file = tmp_path / "lamps.csv"
    file.write_text("ten,lon,lat\nĐèn,107.58,16.46\n", encoding="utf-8")

    def run(*words: str) -> tuple[int, str]:
        told = CliRunner().invoke(app.main, ["layer", *words])
        return told.exit_code, told.output

    assert run("import", str(file))[0] == 0
    assert run("remove", "lamps")[0] == 0
    with map_server() as server:
        house.desk.add(wanted(server, "wms", key="lamps"), who="an")
        code, told = run("import", str(file))
        assert (code, "'lamps' is a layer by address already. Remove that one first, or use another key." in told) == (1, True)
        assert "Nothing was changed." in told
        code, told = run("undo", "lamps")
        assert (code, "by address already" in told) == (1, True)
        assert house.layers.shown() == []
        house.desk.remove("lamps", who="an")
    assert run("undo", "lamps")[0] == 0
    assert run("import", str(file))[0] == 0
    assert house.layers.shown()[0].version == 2


def test_the_commands_look_add_try_and_remove(house) -> None:
    from click.testing import CliRunner

    import app

    def run(*words: str) -> tuple[int, str]:
        told = CliRunner().invoke(app.main, ["layer", *words])
        return told.exit_code, told.output

    with map_server(version="2.0.0") as server:
        assert run("look", server.url, "--kind", "wfs") == (0, ": 1 layers\ncity:lamps\tEPSG:4326\tLamps\t-\n")
        code, told = run("add-remote", server.url, "--kind", "wfs", "--layer", "city:lamps", "--key", "lamps", "--title", "Đèn")
        assert (code, told.split("\t")[:4]) == (0, ["lamps", "wfs", server.device.url, "read"]), told
        assert house.layers.shown()[0].title["vi"] == "Đèn"
        server.mode = "html"
        assert "html" in run("try-remote", "lamps")[1]
        assert "html" in run("remotes")[1]
        code, told = run("add-remote", server.url, "--kind", "wms", "--layer", "x", "--key", "y")
        assert (code, "Nothing was changed." in told) == (1, True)
        assert run("remove-remote", "lamps")[0] == 0
        assert run("remove-remote", "lamps")[0] == 1
