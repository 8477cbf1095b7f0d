"""GET /api/v1/cameras/<camera>: how one camera stands, how it does against its own usual hour, who works on it (docs/cameras.md)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import json
from sqlalchemy import Engine, select

from dashboard.calendar import hour_of
from dashboard.cameras.maintenance import Work, Works
from dashboard.city import City
from dashboard.masking import hidden
from dashboard.ports import Clock
from dashboard.spot import Spot
from data.pack.document import cameras_document
from data.store.engine import or_away
from data.store.pictures import PICTURE, newest_of_each
from data.store.tables import STANDING
from data.store.usual import hour_of_camera

MOST_WORKS = 10


def door(engine: Engine, clock: Clock, works: Works, city_now: Callable[[], City]) -> Blueprint:
    """Return the door. A camera that is in no registry, or no longer in it, is not found."""
    blueprint = Blueprint("camera", __name__)

    @blueprint.get("/api/v1/cameras/<camera>")
    def one_camera(camera: str) -> Response:
        city = city_now()
        found = next((one for one in cameras_document(city) if one["id"] == camera and not one["gone"]), None)
        if found is None:
            answer = json.encode({"error": {"code": "not_found", "message": "There is no such camera."}})
            return Response(answer, 404, mimetype="application/json")
        told = {**found, **_standing(engine, camera), **_hour(engine, camera, clock.now_ms(), city.zone)}
        told |= {"pictured": _pictured(engine, camera), **_maintenance(works, camera, clock.now_ms())}
        return Response(json.encode(told), mimetype="application/json", headers={"Cache-Control": "no-store"})

    return blueprint


def _standing(engine: Engine, camera: str) -> dict[str, Any]:
    """Return how a camera stands, as the board last committed it."""
    wanted = select(STANDING.c.body).where(STANDING.c.part == "cameras", STANDING.c.key == camera)
    with or_away(), engine.connect() as sql:
        body = sql.scalar(wanted)
    spot = msgspec.msgpack.decode(body, type=Spot) if body is not None else Spot()
    skew_s = spot.skew / 1000 if spot.last else None
    return {"state": spot.state, "since": spot.since or None, "seen": spot.last or None, "skew_s": skew_s, "skewed": spot.skewed}


def _hour(engine: Engine, camera: str, now_ms: int, zone: str) -> dict[str, Any]:
    n, usual = hour_of_camera(engine, camera, hour_of(now_ms, zone))
    return {"hour": {"n": n, "usual": usual}}


def _pictured(engine: Engine, camera: str) -> int | None:
    """Return when the last whole picture of a camera came that is kept (epoch ms)."""
    with or_away(), engine.connect() as sql:
        found = sql.execute(newest_of_each().where(PICTURE.c.camera == camera)).first()
    return None if found is None else int(found.at)


def _maintenance(works: Works, camera: str, now_ms: int) -> dict[str, Any]:
    done = works.history(camera, most=MOST_WORKS)
    held = next((one for one in done if one.holds(now_ms)), None)
    return {"maintenance": _work(held) if held else None, "works": [_work(one) for one in done]}


def _work(one: Work) -> Mapping[str, Any]:
    """Return what was done at a camera; telephone numbers and plates in the reason are masked."""
    told = one._asdict() | {"why": hidden(one.why)}
    del told["camera"]
    return told
