"""Our own registry decides where an event was, whatever the source says."""

import pytest

from dashboard.city import Camera
from dashboard.events import ReportChanged, Sighted
from dashboard.hearing import Hearing

NOW = 1_800_000_000_000


class OneCamera:
    """The only parts of a city that hearing reads."""

    indicators = ()

    cameras = (
        Camera(
            id="H-001",
            name={"vi": "Cầu Trường Tiền"},
            short={"vi": "Tr.Tiền"},
            lon=107.59,
            lat=16.47,
            owner="city",
            owner_unit="CITYROOM",
            ward="19753",
            names={"frigate": "h_001", "frigate-2": "cau", "onvif": "hue/cam-1"},
        ),
    )


@pytest.fixture
def hearing() -> Hearing:
    return Hearing(OneCamera(), locate=lambda lon, lat, _at: f"{lon:.0f}/{lat:.0f}", adapters={"frigate-1": "frigate"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "name", "camera"),
    [
        ("frigate-1", "h_001", "H-001"),
        ("frigate-2", "cau", "H-001"),
        ("frigate-2", "h_001", ""),
        ("native", "H-001", "H-001"),
        ("native", "h_001", ""),
        ("onvif", "hue/cam-1/VideoSource_1", "H-001"),
        ("onvif", "hue/cam-1", "H-001"),
        ("onvif", "hue/cam-1/a/b", ""),
        ("onvif", "cam-1/1", ""),
        ("dahua", "H-001/1", "H-001"),
    ],
)
def test_a_camera_is_known_by_the_name_its_source_uses(hearing: Hearing, source: str, name: str, camera: str) -> None:
    heard = hearing.hear(source, NOW, Sighted(id="a", at=NOW, kind="crowd", camera=name))
    assert heard.camera == camera
    assert heard.ward == ("19753" if camera else "")
    assert heard.key == f"{source}:a"


@pytest.mark.parametrize(
    ("ward", "lon", "lat", "found"),
    [("19789", 107.0, 16.0, "19789"), (None, 107.0, 16.0, "107/16"), (None, None, 16.0, ""), (None, None, None, "")],
)
def test_a_report_lies_in_the_ward_it_names_or_where_its_point_is(
    hearing: Hearing, ward: str | None, lon: float | None, lat: float | None, found: str
) -> None:
    report = ReportChanged(id="r", at=NOW, report="1", service="MT01", submitted=NOW, open=True, ward=ward, lon=lon, lat=lat)
    assert hearing.hear("reports", NOW, report).ward == found
