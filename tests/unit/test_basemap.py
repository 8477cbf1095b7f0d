"""What is drawn on the base map, and how, by its tags."""

import pytest

from dashboard.basemap import LAYERS, drawn, given


@pytest.mark.parametrize(
    ("tags", "area", "layer", "kind"),
    [
        ({"highway": "primary"}, False, "roads", "major_road"),
        ({"highway": "trunk_link"}, False, "roads", "highway"),
        ({"highway": "footway"}, False, "roads", "path"),
        ({"railway": "rail"}, False, "roads", "rail"),
        ({"waterway": "river"}, False, "water", "river"),
        ({"natural": "water", "water": "lake"}, True, "water", "lake"),
        ({"waterway": "riverbank"}, True, "water", "river"),
        ({"leisure": "park"}, True, "landuse", "park"),
        ({"natural": "wood"}, True, "landuse", "forest"),
        ({"historic": "citywalls"}, True, "landuse", "heritage"),
        ({"building": "yes"}, True, "buildings", "building"),
        ({"place": "suburb", "name": "Thuận Hóa"}, False, "places", "neighbourhood"),
    ],
)
def test_a_thing_is_told_by_its_tags(tags: dict[str, str], area: bool, layer: str, kind: str) -> None:
    found = drawn(tags, area=area)
    assert found is not None
    assert (found.layer, found.kind) == (layer, kind)


@pytest.mark.parametrize(
    ("tags", "area"),
    [
        ({}, True),
        ({"building": "no"}, True),
        ({"leisure": "park"}, False),
        ({"place": "suburb"}, False),
        ({"highway": "proposed"}, False),
    ],
)
def test_what_no_map_shows_is_left_out(tags: dict[str, str], area: bool) -> None:
    assert drawn(tags, area=area) is None


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_of_ones_own_is_drawn_whatever_it_says(layer: str) -> None:
    assert given(layer, {}, area=True).layer == layer
    assert given(layer, {"kind": "no such thing"}, area=False).layer == layer


def test_a_layer_of_ones_own_is_told_by_its_column() -> None:
    assert given("roads", {"fclass": "primary"}, area=False).kind == "major_road"
    assert given("water", {"class": "canal"}, area=False).kind == "canal"
    assert given("roads", {"highway": "service", "fclass": "primary"}, area=False).kind == "minor_road"
