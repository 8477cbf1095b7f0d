"""A very small city, for tests of what does not depend on a real one."""

from datetime import date

from dashboard.city import Camera, City, Day, Feed, Kind, Service, WallPlan, Ward

ZONE = "Asia/Ho_Chi_Minh"


def words(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def camera(key: str, *, critical: bool = False, **more: object) -> Camera:
    base = {
        "id": key,
        "name": words(f"Camera {key}"),
        "short": words(key),
        "lon": 107.58,
        "lat": 16.46,
        "owner": "city",
        "owner_unit": "ROOM",
        "ward": "19753",
        "critical": critical,
        "names": {"frigate": key.lower().replace("-", "_")},
    }
    return Camera(**(base | more))  # type: ignore[arg-type]


def kind(key: str, event_class: str, priority: int = 0, *, window_s: int = 300, off_s: int = 60) -> Kind:
    return Kind(
        key=key,
        event_class=event_class,  # type: ignore[arg-type]
        priority=priority,
        name=words(key),
        short=words(key[:12]),
        group_window_s=window_s,
        off_delay_s=off_s,
    )


def town(**changed: object) -> City:
    feed = {"name": words("Camera"), "short": words("Camera"), "every_s": 5, "late_s": 10, "stale_s": 15, "lost_s": 60}
    service = {"field": "env", "field_name": words("Môi trường"), "field_short": words("Môi trường"), "unit": "HEPCO"}
    whole = {
        "key": "town",
        "version": "v1",
        "name": words("Thị trấn"),
        "title": words("Thị trấn"),
        "zone": ZONE,
        "bounds": (107.0, 16.0, 108.0, 17.0),
        "centre": (107.58, 16.46),
        "zoom": 13,
        "epsg": 9214,
        "schematic": True,
        "cameras": (camera("H-001", critical=True), camera("H-002"), camera("H-003")),
        "wards": (Ward(code="19753", name=words("Phú Xuân"), short=words("Phú Xuân"), valid_from=date(2025, 7, 1), valid_to=None),),
        "units": (),
        "services": (
            Service(
                code="MT01",
                name=words("Rác"),
                short=words("Rác"),
                deadline_value=7,
                deadline_unit="working_day",
                urgent=False,
                **service,
            ),
            Service(
                code="KC01", name=words("Khẩn"), short=words("Khẩn"), deadline_value=4, deadline_unit="hour", urgent=True, **service
            ),
        ),
        "kinds": (
            kind("fire_single", "alarm", 2),
            kind("crowd", "alarm", 3),
            kind("camera_critical_lost", "alarm", 4),
            kind("red_light", "event"),
            kind("camera_lost", "event"),
            kind("report_new", "event"),
            kind("plate_read", "record"),
        ),
        "feeds": (
            Feed(key="camera_events", sources=("native", "frigate"), **feed),
            Feed(key="reports", sources=("reports",), **feed),
        ),
        "walls": (
            WallPlan(name="main", title=words("Tường 1"), diag_in=55, cols=1, rows=1, dist_m=5, centre=(107.58, 16.46), zoom=13),
        ),
        "days": (Day(date=date(2026, 9, 2), name=words("Quốc khánh"), working=False, status="confirmed"),),
        "office_hours": (),
        "targets": {"reports_on_time": 95.0, "reports_overdue": 20.0, "cameras_online": 98.0},
    }
    return City(**(whole | changed))  # type: ignore[arg-type]
