"""Cameras that were taken in: what may be said of one, and how a city stands with them."""

import pytest
from msgspec.structs import replace

from dashboard.board import Unknown
from dashboard.cameras.adopted import Adopted, Named, Wish, checked, merged, overtaken, strangers
from dashboard.errors import Unfit
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.places import Places
from tests.town import camera, town

CITY = town()
WISH = Wish(name_vi="Ngã tư Mới", lon=107.5, lat=16.5)


def adopted(number: int, called: str = "", **more: object) -> Adopted:
    words = {"vi": f"Mới {number}", "en": f"New {number}"}
    base = {"source": "native", "called": called or f"x{number}", "lon": 107.5, "lat": 16.5, "ward": "19753", "owner": "city"}
    return Adopted(**{"number": number, "name": words, "short": words, "by": "lan", "at": 1, **base, **more})  # type: ignore[arg-type]


def heard_at(city, name: str) -> tuple[str, str]:
    heard = Hearing(city, locate=lambda *_: "").hear("native", 5, Sighted(id="a", at=5, kind="crowd", camera=name))
    return heard.camera, heard.ward


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"name_vi": "  "}, "name_vi", "missing"),
        ({"name_vi": "x" * 81}, "name_vi", "too_long"),
        ({"name_vi": "a\x00b"}, "name_vi", "signs"),
        ({"name_en": "a\u202eb"}, "name_en", "signs"),
        ({"name_vi": "camera  h-001"}, "name_vi", "taken"),
        ({"name_en": "Camera H-002"}, "name_vi", "taken"),
        ({"short_vi": "x" * 11}, "short_vi", "too_long"),
        ({"lon": 108.5}, "place", "outside"),
        ({"lon": float("nan")}, "place", "outside"),
        ({"lon": 16.5, "lat": 107.5}, "place", "swapped"),
    ],
)
def test_what_cannot_be_said_of_a_camera(more: dict[str, object], field: str, why: str) -> None:
    with pytest.raises(Unfit) as unfit:
        checked(replace(WISH, **more), CITY)
    assert (unfit.value.field, unfit.value.why) == (field, why)


def test_what_is_left_out_is_drawn_from_the_name() -> None:
    told = checked(replace(WISH, name_vi=" Ngã tư rất dài "), CITY)
    assert (told.name_vi, told.name_en, told.short_vi) == ("Ngã tư rất dài", "Ngã tư rất dài", "Ngã tư rấ…")


def test_a_camera_may_keep_its_own_name() -> None:
    city = merged(CITY, [adopted(1)])
    with pytest.raises(Unfit):
        checked(replace(WISH, name_vi="Mới 1"), city)
    assert checked(replace(WISH, name_vi="Mới 1"), city, but="N-001").name_vi == "Mới 1"


def test_a_city_without_adopted_cameras_is_the_pack_itself() -> None:
    assert merged(CITY, []) is CITY


def test_adopted_cameras_come_after_all_others_and_never_move() -> None:
    all_three = [adopted(1), adopted(2), adopted(3)]
    before, after = merged(CITY, all_three), merged(CITY, [adopted(1), adopted(2, removed=9), adopted(3, lon=107.7)])
    assert [one.id for one in before.cameras] == ["H-001", "H-002", "H-003", "N-001", "N-002", "N-003"]
    assert [one.id for one in after.cameras] == [one.id for one in before.cameras]
    assert Places(after).of("N-003") == 5
    assert len({CITY.version, before.version, after.version, merged(CITY, all_three[:2]).version}) == 4
    assert merged(CITY, all_three).version == before.version


def test_what_is_adopted_is_heard_under_its_number_and_what_is_removed_is_a_stranger() -> None:
    assert heard_at(CITY, "x1") == ("", "")
    assert heard_at(merged(CITY, [adopted(1)]), "x1") == ("N-001", "19753")
    assert heard_at(merged(CITY, [adopted(1, removed=9)]), "x1") == ("", "")
    assert heard_at(merged(CITY, [adopted(1, removed=9), adopted(2, "x1")]), "x1") == ("N-002", "19753")


@pytest.mark.parametrize(
    ("own", "standing"),
    [
        (camera("N-001"), ["N-001"]),  # its number
        (camera("H-009", names={"native": "x1"}), ["H-009"]),  # its source's name
        (camera("x1"), ["x1"]),
    ],
)
def test_the_pack_wins(own, standing: list[str]) -> None:
    pack = town(cameras=(own,))
    city = merged(pack, [adopted(1)])
    assert [one.id for one in city.cameras if not one.gone] == standing
    assert [one.id for one in overtaken(pack, [adopted(1), adopted(2)])] == ["N-001"]
    assert overtaken(pack, [adopted(1, removed=5)]) == []
    assert heard_at(city, "x1")[0] == (own.id if own.id != "N-001" else "")


def test_a_further_name_changes_the_version_and_no_place_and_the_pack_wins_there_too() -> None:
    name = Named(source="onvif", called="x9", camera="H-001", by="lan", at=1)
    city = merged(CITY, [], [name])
    assert [one.id for one in city.cameras] == [one.id for one in CITY.cameras]
    assert city.version.startswith("v1-")
    heard = Hearing(city, locate=lambda *_: "").hear("onvif", 5, Sighted(id="a", at=5, kind="crowd", camera="x9/2"))
    assert heard.camera == "H-001"
    pack = town(cameras=(camera("H-001"), camera("H-002", names={"onvif": "x9"})))
    assert merged(pack, [], [name]) is pack
    own = town(cameras=(camera("H-001", names={"onvif": "own"}),))
    assert merged(own, [], [name]).cameras[0].names == {"onvif": "own"}
    assert merged(CITY, [], [replace(name, camera="H-999")]) is CITY


def test_who_was_taken_in_is_no_stranger_before_it_speaks_again() -> None:
    unknown = [Unknown("native", name, 3, 9) for name in ("x1", "x1/2", "x2")]
    assert [one.name for one in strangers(unknown, merged(CITY, [adopted(1)]))] == ["x2"]
    assert strangers(unknown, CITY) == unknown
