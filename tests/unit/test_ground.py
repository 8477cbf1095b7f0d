"""What stands on the ground of a simulated city: the same again from the same seed, read as any layer is, and clear of water and roads."""

import json
from pathlib import Path

import pytest
import shapely

from data.layers import about
from data.layers.importing import Wish, understood
from data.pack import load
from data.simulator.ground import Drawn, drawn, lay

PACKS = {name: load(name) for name in ("hue", "dong_hoi")}


def layers(name: str, seed: int = 7) -> dict[str, Drawn]:
    pack = PACKS[name]
    return {one.key: one for one in drawn(pack.folder, pack.city.centre, seed)}


@pytest.mark.parametrize("name", PACKS)
def test_it_is_read_as_any_layer_is(name: str, tmp_path: Path) -> None:
    made = layers(name)
    assert made == layers(name)
    assert made != layers(name, seed=8)
    for one in made.values():
        file, told = tmp_path / f"{one.key}.geojson", tmp_path / f"{one.key}.toml"
        file.write_text(one.geojson)
        told.write_text(one.about)
        draft = understood(file, Wish(), PACKS[name].city)
        said = about.read(told)
        count = len(json.loads(one.geojson)["features"])
        assert len(draft.shapes) == count > 400
        assert "mô phỏng" in said.title["vi"]
        ids = list(zip(*(draft.column(field) for field in said.id_fields), strict=True))
        assert len(set(ids)) == count
        assert set(said.fields) <= set(draft.names)
        assert {one.value for one in said.values} >= set(draft.column(said.style_field))


def test_no_parcel_lies_in_water_or_on_a_road() -> None:
    told = json.loads((PACKS["hue"].folder / "basemap.geojson").read_text())["features"]
    taken = [one["geometry"] for one in told if one["properties"]["layer"] not in {"citadel", "rail"}]
    tree = shapely.STRtree([shapely.from_geojson(json.dumps(one)) for one in taken])
    parcels = [
        shapely.from_geojson(json.dumps(one["geometry"])) for one in json.loads(layers("hue")["parcels"].geojson)["features"]
    ]
    assert tree.query(parcels, predicate="intersects").size == 0


def test_what_lies_there_already_is_left(tmp_path: Path) -> None:
    ran: list[list[str]] = []

    def run(words: list[str]) -> int:
        ran.append(words)
        if words[1] == "import":
            assert json.loads(Path(words[2]).read_text())["features"] == []
            return 0
        return 0 if words[2] == "there" else 1

    lay([Drawn("there", "{}", ""), Drawn("new", '{"type": "FeatureCollection", "features": []}', "")], run)
    assert [(one[1], one[2] if one[1] == "show" else one[4]) for one in ran] == [
        ("show", "there"),
        ("show", "new"),
        ("import", "new"),
    ]
