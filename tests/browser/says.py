"""What a city tells a house: cameras that see and fall, citizens who report. Everything goes through the front door."""

import itertools
import json
import urllib.request
from pathlib import Path

from sqlalchemy import select

from dashboard.alarms.alarm import Alarm
from data.store.alarms import decode
from data.store.tables import ALARM
from tests.conftest import until
from tests.rig import Rig, now_ms, prompt_pack

PLACE = (107.5800, 16.4665)
_numbers = itertools.count(1)


def fresh_id() -> str:
    """Return an id that no event has had."""
    return f"b-{next(_numbers)}-{now_ms()}"


def sighted(kind: str, camera: str, **more: object) -> dict[str, object]:
    return {"type": "sighted", "id": fresh_id(), "at": now_ms(), "kind": kind, "camera": camera, **more}


def standing(camera: str, state: str) -> dict[str, object]:
    return {"type": "camera_changed", "id": fresh_id(), "at": now_ms(), "camera": camera, "state": state}


def reported(report: str, service: str = "MT01", **more: object) -> dict[str, object]:
    lon, lat = PLACE
    base = {"type": "report_changed", "id": fresh_id(), "at": now_ms(), "report": report, "service": service}
    return base | {"submitted": now_ms(), "open": True, "lon": lon, "lat": lat} | more


def alive() -> dict[str, object]:
    return {"type": "feed_spoke", "id": fresh_id(), "at": now_ms()}


def tell(rig: Rig, *events: dict[str, object], source: str = "native") -> list[str]:
    """Post events in one batch; return the ids under which the house keeps them."""
    assert rig.post(list(events), source=source) == 202
    return [f"{source}:{event['id']}" for event in events]


def open_alarms(rig: Rig) -> list[Alarm]:
    """Return the open alarms, as the record has them."""
    with rig.engine.connect() as sql:
        return [decode(body) for body in sql.scalars(select(ALARM.c.body).where(ALARM.c.closed == 0))]


def alarm_at(rig: Rig, camera: str, kind: str) -> str:
    """Return the id of the open alarm of a kind at a camera, once the record has it."""
    return str(until(lambda: next((one.id for one in open_alarms(rig) if (one.camera, one.kind) == (camera, kind)), "")))


def incident(rig: Rig, action: str, *alarms: str, name: str = "", **more: object) -> int:
    """Do something with an incident as a supervisor of a name; return its number."""
    body = {"action": action, "key": fresh_id(), "members": [{"what": "alarm", "key": one} for one in alarms]} | more
    headers = {"Cookie": f"kydai={rig.session(name=name)}", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{rig.base}/incidents/act", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return int(json.loads(answer.read())["incident"]["id"])


def quick_pack(folder: Path, *, camera_events: tuple[float, float, float], reports: tuple[float, float, float]) -> Path:
    """Return a copy of the first city whose feeds grow old within seconds: the limits are the pack's, so a test may choose them."""
    place = prompt_pack(folder)
    told = (place / "city.toml").read_text(encoding="utf-8")
    head, *feeds = told.split("[[feeds]]")
    for at, limits in enumerate((camera_events, reports)):
        lines = [_limited(line, limits) for line in feeds[at].splitlines()]
        feeds[at] = "\n".join(lines) + "\n"
    (place / "city.toml").write_text("[[feeds]]".join([head, *feeds]), encoding="utf-8")
    return place


def _limited(line: str, limits: tuple[float, float, float]) -> str:
    for name, value in zip(("every_s", "late_s", "stale_s", "lost_s"), (1, *limits), strict=True):
        if line.startswith(f"{name} ="):
            return f"{name} = {value:g}"
    return line
