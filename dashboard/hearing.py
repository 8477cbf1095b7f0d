"""How an event that a source told becomes one that the house has heard: our own registry decides where it was."""

from collections.abc import Mapping
from types import MappingProxyType

from dashboard.city import Camera, City
from dashboard.events import AnyEvent, CameraChanged, Heard, Measured, ReportChanged, Sighted
from dashboard.indicators import declared, unfit
from dashboard.ports import Locate
from dashboard.skew import counted

NOWHERE = ""


class Hearing:
    """One city's ears. `adapters` maps a source's key to the name of its adapter."""

    def __init__(self, city: City, *, locate: Locate, adapters: Mapping[str, str] = MappingProxyType({})) -> None:
        standing = [camera for camera in city.cameras if not camera.gone]
        self._cameras = {camera.id: camera for camera in standing}
        self._named = {(source, name): camera for camera in standing for source, name in camera.names.items()}
        self._locate, self._adapters = locate, adapters
        self._indicators = declared(city.indicators)

    def hear(self, source: str, received: int, event: AnyEvent) -> Heard:
        """Return `event` as heard from `source` at `received` (epoch ms)."""
        camera = self._camera(source, event)
        when = counted(event.at, received)
        return Heard(
            key=f"{source}:{event.id}",
            source=source,
            received=received,
            counted=when.at,
            quarantined=when.quarantined,
            camera=camera.id if camera else NOWHERE,
            ward=self._ward(camera, event),
            event=event,
        )

    def unfit(self, source: str, received: int, event: AnyEvent) -> str:
        """Return why the city cannot take what a source says, "" where it can."""
        return unfit(self._indicators, source, event, received) if isinstance(event, Measured) else ""

    def _camera(self, source: str, event: AnyEvent) -> Camera | None:
        if not isinstance(event, Sighted | CameraChanged):
            return None
        adapter = self._adapters.get(source, source)
        device = event.camera.rpartition("/")[0]  # of `device/channel`: named so in the pack where a device has one camera
        return self._named_so(source, adapter, event.camera) or self._named_so(source, adapter, device)

    def _named_so(self, source: str, adapter: str, name: str) -> Camera | None:
        return self._named.get((source, name)) or self._named.get((adapter, name)) or self._cameras.get(name)

    def _ward(self, camera: Camera | None, event: AnyEvent) -> str:
        if camera is not None:
            return camera.ward
        if not isinstance(event, ReportChanged):
            return NOWHERE
        if event.ward:
            return event.ward
        if event.lon is None or event.lat is None:
            return NOWHERE
        return self._locate(event.lon, event.lat, event.submitted)
