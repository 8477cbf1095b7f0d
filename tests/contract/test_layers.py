"""Layers are kept as versions: the old one stays until the new one is good, undo goes back, and surveyed wards hold from their day."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from dashboard.errors import Missing
from dashboard.events import ReportChanged
from dashboard.layers.layer import Layer, may_see
from dashboard.ports import Payload, Taken
from data.boardroom import make_reader
from data.clock import SystemClock
from data.commands.layer import COMMAND
from data.layers import tiles
from data.layers.importing import Wish, described, understood, write
from data.layers.kept import Kept, file_of
from data.layers.wards import LivingAtlas, areas
from data.living import LivingCity, open_register
from data.pack import load
from data.store.engine import connect
from data.store.layers import KEPT, SqlLayers
from data.store.sources import Sources
from tests import layer_files

PACK = load("hue")
ZONE = ZoneInfo(PACK.city.zone)
NOW = 1_795_410_000_000


def lamps_file(folder: Path, count: int = 3) -> Path:
    file = folder / "lamps.csv"
    rows = "".join(f"Đèn {n},{107.58 + n / 1000},{16.46 + n / 1000},{'LED' if n % 2 else 'Natri'}\n" for n in range(count))
    file.write_text(f"ten,lon,lat,loai\n{rows}", encoding="utf-8")
    return file


def keep(layers: SqlLayers, home: Path, file: Path, *, key: str = "lamps", **more: str) -> Layer:
    from msgspec.structs import replace

    draft = understood(file, Wish(), PACK.city)
    layer = replace(described(draft, None, None, key=key), version=layers.next_version(key), **more)
    write(home, layer, draft)
    wards = areas(draft.column(layer.code_field), draft.shapes) if layer.wards_from else ()
    for old in layers.take(layer, who="lan", wards=wards):
        Kept(home).forget(old.key, old.version)
    return layer


@pytest.fixture
def layers(engine) -> SqlLayers:
    return SqlLayers(engine, SystemClock())


def test_versions_come_one_after_the_other_and_go_back(layers, tmp_path) -> None:
    for count in (3, 4, 5):
        keep(layers, tmp_path, lamps_file(tmp_path, count))
    assert [(one.version, one.count) for one in layers.shown()] == [(3, 5)]
    shown, gone = layers.undo("lamps", who="lan")
    assert (shown.version, gone.version) == (2, 3)
    keep(layers, tmp_path, lamps_file(tmp_path, 9))
    assert [one.version for one in layers.versions("lamps")] == [4, 2, 1]  # a number is never given twice
    layers.remove("lamps", who="lan")
    assert layers.shown() == []
    with pytest.raises(Missing):
        layers.remove("lamps", who="lan")
    assert layers.undo("lamps", who="lan")[0].version == 4
    assert [act.action for act in layers.acts("lamps")][:4] == ["undone", "removed", "imported", "let go"]


def test_only_the_last_versions_stay(layers, tmp_path) -> None:
    for _ in range(KEPT + 2):
        keep(layers, tmp_path, lamps_file(tmp_path))
    assert len(layers.versions("lamps")) == KEPT
    assert sorted(path.name for path in file_of(tmp_path, "lamps", 1).parent.iterdir()) == ["3.db", "4.db", "5.db"]


def test_what_cannot_be_written_leaves_the_old_version(layers, tmp_path, monkeypatch) -> None:
    keep(layers, tmp_path, lamps_file(tmp_path))

    def broken(*_):
        yield from ()
        raise OSError("no space left on device")

    monkeypatch.setattr(tiles, "cut", broken)
    with pytest.raises(OSError, match="no space"):
        keep(layers, tmp_path, lamps_file(tmp_path, 9))
    assert [one.version for one in layers.shown()] == [1]
    assert [path.name for path in file_of(tmp_path, "lamps", 1).parent.iterdir()] == ["1.db"]


def test_features_are_found_by_place_number_and_page(layers, tmp_path) -> None:
    keep(layers, tmp_path, lamps_file(tmp_path, 25))
    kept = Kept(tmp_path)
    first = kept.page("lamps", 1, most=10)
    second = kept.page("lamps", 1, after=first.features[-1].id, most=100)
    assert [one.id for one in [*first.features, *second.features]] == list(range(1, 26))
    boxed = kept.page("lamps", 1, box=(107.5805, 16.4605, 107.5835, 16.4635), most=2)
    assert ([one.name for one in boxed.features], boxed.matched) == (["Đèn 1", "Đèn 2"], 3)
    assert kept.near("lamps", 1, (107.579, 16.459, 107.583, 16.463), most=1)[0].name == "Đèn 1"
    assert kept.feature("lamps", 1, 7).geometry() == {"type": "Point", "coordinates": [107.586, 16.466]}
    with pytest.raises(Missing):
        kept.feature("lamps", 1, 26)
    with pytest.raises(Missing):
        kept.page("lamps", 2, most=1)


def test_a_tile_holds_what_its_place_shows(layers, tmp_path) -> None:
    import gzip

    keep(layers, tmp_path, lamps_file(tmp_path, 3))
    x, y = (tiles.mercator(np.array([[107.58, 16.46]]))[0] * 2**tiles.LAST).astype(int)
    body = gzip.decompress(Kept(tmp_path).tile("lamps", 1, tiles.LAST, int(x), int(y)))
    groups = int.from_bytes(body[:4], "little")
    colours, counts = np.frombuffer(body, "<u4", 2 * groups, 4).reshape(-1, 2).T
    lengths = np.frombuffer(body, "<u4", counts.sum(), 4 + 8 * groups)
    points = np.frombuffer(body, "<i2", -1, 4 + 8 * groups + 4 * len(lengths)).reshape(-1, 2)
    assert (colours.tolist(), lengths.tolist(), len(points)) == ([1], [1, 1, 1], 3)
    turned = tiles.mercator(np.array([[107.58 + n / 1000, 16.46 + n / 1000] for n in range(3)])) * 2**tiles.LAST
    assert np.abs(points / tiles.UNITS + [x, y] - turned).max() < 1 / tiles.UNITS
    assert Kept(tmp_path).tile("lamps", 1, 13, 0, 0) is None


def test_a_layer_of_some_roles_is_for_them_alone() -> None:
    layer = Layer(key="masts", version=1, title={"vi": "Trạm"}, shape="point", count=1, bounds=(0, 0, 1, 1), roles=("supervisor",))
    assert may_see(layer, "supervisor")
    assert not may_see(layer, "operator")
    assert not may_see(layer, None)


@pytest.fixture
def surveyed(layers, engine, tmp_path):
    """Huế with its wards surveyed, from the first of October 2026 on, and what sees that."""
    shapes, fields = layer_files.wards()
    file = layer_files.write(tmp_path / "w.gpkg", shapes, fields, crs="EPSG:4326", driver="GPKG")
    seconds = [0.0]
    atlas = LivingAtlas(layers, PACK, monotonic_s=lambda: seconds[0])
    living = LivingCity(PACK.city, open_register(engine, PACK, atlas), monotonic_s=lambda: seconds[0], wards=atlas.mark)
    before = living.now().version
    keep(layers, tmp_path, file, key="wards_2026", wards_from="2026-10-01", code_field="code")
    seconds[0] += 3
    return atlas, living, before, shapes, fields["code"]


def moved(atlas: LivingAtlas, one_ms: int, other_ms: int) -> np.ndarray:
    """Return places that lie in another ward at another time, out of many in the middle of the city."""
    places = np.random.default_rng(5).uniform((107.5, 16.4), (107.65, 16.55), (20_000, 2))
    one, other = (np.array(atlas.now().assign(places, at_ms)) for at_ms in (one_ms, other_ms))
    return places[(one != other) & (one != "") & (other != "")]


def test_surveyed_wards_hold_from_their_day_on(surveyed) -> None:
    atlas, living, before, shapes, codes = surveyed
    inside = shapely.get_coordinates([shapely.point_on_surface(one) for one in shapes])
    assert atlas.now().assign(inside, NOW) == codes
    day = int(datetime(2026, 9, 30, 23, 59, tzinfo=ZONE).timestamp() * 1000)
    assert len(moved(atlas, day, day + 60_000)) > 100  # from the pack's drawn ones to the surveyed ones, at midnight
    assert len(moved(atlas, day + 60_000, NOW)) == 0
    assert [atlas.locate(*place, NOW) for place in inside] == codes
    assert living.now().version == f"{before}-wards_20261"
    told = json.loads(atlas.drawn(NOW))
    assert [one["properties"]["code"] for one in told["features"]] == sorted(codes)
    assert atlas.drawn(NOW) is atlas.drawn(NOW)


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def test_a_report_has_the_ward_of_its_day(surveyed, engine) -> None:
    atlas, living, *_ = surveyed
    reader = make_reader(PACK, Sources(engine), living, atlas.locate)
    spot = moved(atlas, NOW - 100 * 86_400_000, NOW)[0].tolist()
    wards = []
    for at in (NOW, NOW - 100 * 86_400_000):
        body = {
            "type": "report_changed",
            "id": f"r{at}",
            "at": moment(at),
            "report": "1",
            "service": PACK.city.services[0].code,
            "submitted": moment(at),
            "lon": spot[0],
            "lat": spot[1],
            "open": True,
        }
        reading = reader.read(Taken("1-0", Payload("native", at, json.dumps(body).encode(), {}, "r")))
        assert reading.dead == []
        assert isinstance(reading.heard[0].event, ReportChanged)
        wards.append(reading.heard[0].ward)
    assert wards == [atlas.locate(*spot, NOW), atlas.locate(*spot, NOW - 100 * 86_400_000)]
    assert wards[0] != wards[1]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KYDAI_CITY", "hue")

    def call(*words: object):
        return CliRunner().invoke(COMMAND, [str(word) for word in words])

    return call


def test_the_command_shows_first_and_keeps_then(run, tmp_path) -> None:
    file, about = lamps_file(tmp_path), tmp_path / "about.toml"
    about.write_text(
        'title = {vi = "Đèn đường", en = "Street lights"}\nname_field = "ten"\nstyle_field = "loai"\nas_of = 2026-11-01\nevery_days = 30\n',
        encoding="utf-8",
    )
    dry = run("import", file, "--about", about, "--dry-run")
    assert "EPSG:4326" in dry.output
    assert "Đèn 0" in dry.output
    assert run("list").output == ""
    assert run("import", file, "--about", about).exit_code == 0
    assert run("import", lamps_file(tmp_path, 5)).exit_code == 0
    (one,) = SqlLayers(connect(f"sqlite:///{tmp_path / 'home' / 'kydai.db'}"), SystemClock()).shown()
    assert (one.version, one.count, one.title["en"], one.every_days) == (2, 5, "Street lights", 30)  # what was said before holds
    assert [(swatch.value, swatch.colour) for swatch in one.swatches] == [("Natri", 1), ("LED", 2)]
    assert "version 2 (shown)" in run("show", "lamps").output
    assert "version 1 of 2026-11-01 is shown" in run("undo", "lamps").output
    assert run("remove", "lamps").exit_code == 0
    assert run("remove", "lamps").exit_code == 1


def test_fields_that_are_not_to_be_kept_are_nowhere(run, tmp_path) -> None:
    about = tmp_path / "about.toml"
    about.write_text('drop = ["loai"]\n', encoding="utf-8")
    assert run("import", lamps_file(tmp_path), "--about", about).exit_code == 0
    assert run("import", lamps_file(tmp_path)).exit_code == 0  # and stay so
    for version in (1, 2):
        assert b"Natri" not in file_of(tmp_path / "home", "lamps", version).read_bytes()
    about.write_text('drop = ["chu"]\n', encoding="utf-8")
    assert "no field 'chu' to drop" in run("import", lamps_file(tmp_path), "--about", about).output


def test_the_command_refuses_and_changes_nothing(run, tmp_path) -> None:
    run("import", lamps_file(tmp_path))
    bad = tmp_path / "lamps.csv"
    bad.write_text("ten,lon,lat\na,16.46,107.58\n", encoding="utf-8")
    refused = run("import", bad)
    assert refused.exit_code == 1
    assert "swapped" in refused.output
    assert "Nothing was changed" in refused.output
    assert "\t3\t" in run("list").output
    about = tmp_path / "about.toml"
    for said, told in (
        ('name_field = "none"', "no field 'none'"),
        ('roles = ["mayor"]', "no role"),
        ("colour = 99", "colour"),
        ("x = 1", "x"),
    ):
        about.write_text(said, encoding="utf-8")
        assert told in run("import", lamps_file(tmp_path), "--about", about).output


def test_wards_are_checked_against_the_city(run, tmp_path) -> None:
    shapes, fields = layer_files.wards()

    def told(fields: dict, *words: str, shapes=shapes) -> str:
        file = tmp_path / "wards.gpkg"
        file.unlink(missing_ok=True)
        layer_files.write(file, shapes, fields, crs="EPSG:4326", driver="GPKG")
        return run("import", file, "--as", "wards", "--dry-run", *words).output

    assert "40 from 2025-07-01" in told(fields, "--from", "2025-07-01")
    assert "--from" in told(fields)
    assert "of no ward of the city on 2010-01-01" in told(fields, "--from", "2010-01-01")
    assert "--code-field" in told({"ma": fields["code"]}, "--from", "2025-07-01")
    assert "more than once" in told({"code": [fields["code"][0]] * 40}, "--from", "2025-07-01")
    assert "1 of the city's wards are not in the file" in told(
        {"code": fields["code"][1:]}, "--from", "2025-07-01", shapes=shapes[1:]
    )
    assert "lie over each other" in told(fields, "--from", "2025-07-01", shapes=np.array([*shapes[:-1], shapes[0]]))
    numbers = [int(code) for code in fields["code"]]
    assert "40 from 2025-07-01" in told({"code": numbers}, "--from", "2025-07-01")


def test_degrees_of_the_wrong_datum_are_refused_beside_the_version_before(run, tmp_path) -> None:
    shapes, fields = layer_files.wards()
    right = layer_files.write(tmp_path / "w.gpkg", shapes, fields, crs="EPSG:4326", driver="GPKG")
    assert run("import", right, "--key", "zones").exit_code == 0
    wrong = layer_files.write(tmp_path / "v.gpkg", layer_files.turned(shapes, 4756), fields, crs="EPSG:4326", driver="GPKG")
    refused = run("import", wrong, "--key", "zones")
    assert "wrong datum" in refused.output
    assert run("import", wrong, "--key", "zones", "--epsg", "4756").exit_code == 0


def test_what_is_fresh_follows_its_own_cadence() -> None:
    day = 86_400_000
    layer = Layer(key="a1", version=1, title={}, shape="point", count=1, bounds=(0, 0, 1, 1), as_of=NOW, every_days=10)
    states = [layer.freshness(NOW + int(days * day)) for days in (0, 14.9, 15, 69, 70, 299, 300)]
    assert states == ["live", "live", "late", "late", "stale", "stale", "lost"]
    assert Layer(key="a1", version=1, title={}, shape="point", count=1, bounds=(0, 0, 1, 1)).freshness(NOW) == "none"
    assert datetime.fromtimestamp(NOW / 1000, UTC).year == 2026
