"""How a feature of a layer is found again: its name in an address, the fields that tell features apart, distances from its shape."""

import pytest
import shapely
from msgspec import json
from msgspec.structs import replace

from dashboard.layers.layer import Field, Layer
from dashboard.layers.naming import Number, address, asked, own_name
from dashboard.masking import hidden
from data.layers.knowing import apart, id_fields, line
from data.nearby import Ground

LAYER = Layer(
    key="lamps",
    version=3,
    title={"vi": "Đèn"},
    shape="point",
    count=1,
    bounds=(107.0, 16.0, 108.0, 17.0),
    fields=tuple(Field(key=key, label={"vi": key}) for key in ("to", "thua", "note")),
    id_fields=("to", "thua"),
)


class File:
    def __init__(self, **columns) -> None:
        self.columns, self.names = columns, list(columns)

    def column(self, name):
        return self.columns[name]


@pytest.mark.parametrize(
    ("values", "name"), [(["12", 4, None], "12/4"), ([" Đ-1 ", 2.0, ""], "Đ-1/2"), ([None, 4, ""], ""), ([True, 4, ""], "")]
)
def test_what_the_city_calls_it(values, name) -> None:
    assert own_name(LAYER, values) == name


@pytest.mark.parametrize("name", ["A-1", "0042", "Đ-00001", "C/12 <b>", "-3-7", "_x", "a" * 60])
def test_an_address_leads_back_to_the_name(name) -> None:
    lamps = replace(LAYER, id_fields=("note",))
    told = address(lamps, 7, ["", "", name])
    assert asked(told) == name
    assert len(told) <= 60
    assert all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in told)


@pytest.mark.parametrize("name", ["", "75A-123.45", "0912345678", "Đ" * 40])
def test_without_a_name_that_may_be_told_it_is_a_number_in_its_version(name) -> None:
    told = address(replace(LAYER, id_fields=("note",)), 7, ["", "", name])
    assert told == "-3-7"
    assert asked(told) == Number(3, 7)


@pytest.mark.parametrize("told", ["", "_", "_?", "_/w", "..", "-0-1", "-1", "a b", "_____", "_gA"])
def test_what_names_nothing_is_nothing(told) -> None:
    assert asked(told) == ""


def test_fields_that_tell_apart_are_found() -> None:
    parcels = File(loai=["a", "a"], so_thua=[1, 1], so_to=[1, 2], ma_xa=["x", "x"])
    assert id_fields(parcels, (), None, name_field="loai") == ("so_to", "so_thua")
    assert id_fields(File(ten=["a", "a"], ma_den=["1", "2"]), (), None, name_field="ten") == ("ma_den",)
    assert id_fields(File(ten=["a", "b"], objectid=[1, 2]), (), None, name_field="ten") == ("ten",)
    assert id_fields(File(ten=["a", "a"], ma=["1", None]), (), None, name_field="ten") == ()
    assert id_fields(File(ten=["a", "a"], ma=["1", "2"]), ("ten",), None, name_field="ten") == ("ten",)  # as somebody said
    before = replace(LAYER, id_fields=("ten",))
    assert id_fields(File(ten=["a", "b"], ma=["1", "2"]), (), before, name_field="ten") == ("ten",)
    assert id_fields(File(ma=["1", "2"]), (), before, name_field="") == ("ma",)


def test_distances_are_from_the_shape_itself() -> None:
    line = Ground(json.decode(shapely.to_geojson(shapely.LineString([(107.58, 16.46), (107.60, 16.46)]))))
    up = 50 / 111_195
    assert line.metres([(107.59, 16.46 + up), (107.59, 16.46)]).round(3).tolist() == [50.0, 0.0]
    west, south, _, _ = line.around(50)
    assert south == pytest.approx(16.46 - up)
    assert west < 107.58
    area = Ground(json.decode(shapely.to_geojson(shapely.box(107.58, 16.46, 107.59, 16.47))))
    assert area.metres([(107.585, 16.465)]).tolist() == [0.0]


def test_what_is_double_or_empty_is_counted_and_masked() -> None:
    lamps = File(ma=["A1", "A1", "", None, "0912345678", "0912345678", "A2"], to=[1, 2, 1, 1, 1, 1, 1])
    assert apart(lamps, ("ma",)) == (4, 2, ("A1", hidden("0912345678")))
    assert apart(lamps, ("ma", "to")).double == 2
    assert line(lamps, ("to",)) == "identity     to; 6 of 7 share theirs (1), 0 have none"
    assert line(lamps, ()).endswith("hold for one version")
