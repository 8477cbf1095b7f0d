"""Where a demonstration's cameras have their pictures: every camera that has no address of its own gets one on loopback."""

from msgspec.structs import replace

from dashboard.city import City
from dashboard.settings import Settings

HOST = "127.0.0.1"


def base(settings: Settings) -> str:
    """Return the address below which every simulated camera has its picture, "" where there is none."""
    return f"http://{HOST}:{settings.street_port}/" if settings.demo and settings.street_port else ""


def with_streets(city: City, settings: Settings) -> City:
    """Return the city, in a demonstration with a picture for every camera that has no address of its own."""
    at = base(settings)
    if not at:
        return city
    cameras = [
        camera if camera.stream or camera.snapshot else replace(camera, snapshot=f"{at}{camera.id}.jpg") for camera in city.cameras
    ]
    return replace(city, cameras=tuple(cameras))
