"""The doors of Open311 over a real log and a real record, with a board that takes what is posted when it is told to."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft4Validator, FormatChecker
from redis import Redis
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from sqlalchemy import Engine

from dashboard.board import turn
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds
from data.atlas import Atlas
from data.developing import Darkroom, Settled
from data.doors import open311
from data.intake import Intake
from data.memory import HandClock
from data.pack import load
from data.reading import Reader
from data.spool import Spool
from data.store.open311 import Reports
from data.store.pictures import SqlPictures
from data.store.record import SqlStore
from data.store.sources import Sources
from data.stream import RedisStream

NOW = 1_795_410_000_000
SECRET = b"only for tests: 0123456789abcdef"
PACK = load("hue")
CLIENT, OTHER = "open311-app", "open311-partner"
PLACE = {"lat": "16.4676", "long": "107.5905"}
REPORT = {"service_code": "MT01", "description": "Rác dồn ở đầu kiệt, bốc mùi <b>rất</b> khó chịu", **PLACE}
SCHEMAS = Path(__file__).resolve().parents[2] / "shared" / "samples" / "open311" / "jsonschema"


class Town:
    """A city's doors. `client` asks, `board` records what lies in the log."""

    def __init__(self, engine: Engine, redis_log: Redis, folder: Path, *, public: bool = False, origins: str = "") -> None:
        self.clock, self.engine, self.stream, self.folder = HandClock(NOW), engine, RedisStream(redis_log), folder
        self.intake = Intake(stream=self.stream, spool=Spool(folder / "spool"), clock=self.clock)
        self.sources, self.reports = Sources(engine), Reports(engine)
        self.keys = {name: self.sources.add(name, adapter="open311", now_ms=NOW) for name in (CLIENT, OTHER)}
        self.atlas = Atlas(PACK.folder, zone=PACK.city.zone)
        self.store = SqlStore(engine, city=PACK.city)
        self.pictures = SqlPictures(engine, self.clock, folder=folder / "media", secret=SECRET)
        self.server = Flask("citizens")
        self.writer = open311.Writer(SECRET)
        self.server.register_blueprint(
            open311.door(
                open311.Means(
                    city=lambda: PACK.city,
                    clients=open311.Clients(self.sources.all),
                    desk=open311.Desk(self.intake, self.clock, SECRET, self.reports.submitted),
                    reports=self.reports,
                    writer=self.writer,
                    pictures=self.pictures,
                    locate=self.atlas.locate,
                    clock=self.clock,
                    public=public,
                    origins=frozenset(origins.split()),
                )
            )
        )
        hearing = Hearing(PACK.city, locate=self.atlas.locate)
        self.reader = Reader(lambda _adapters: hearing, lambda: {key: one.adapter for key, one in self.sources.all().items()})

    @property
    def client(self) -> FlaskClient:
        return self.server.test_client()

    def post(self, told: dict[str, Any], *, key: str | None = None, **more: Any):
        return self.client.post("/open311/v2/requests.json", data={"api_key": key or self.keys[CLIENT], **told}, **more)

    def get(self, path: str, *, key: str | None = None, **query: str):
        asked = {"api_key": self.keys[CLIENT] if key is None else key, **query}
        return self.client.get(f"/open311/v2/{path}", query_string={name: value for name, value in asked.items() if value})

    def darkroom(self) -> int:
        """Develop what photographs wait in the log; return how many were kept."""
        room = Darkroom(
            self.stream,
            self.pictures,
            self.clock,
            read=self.reader.read,
            settled=Settled(Kinds(PACK.city), 1 << 30),
            hand=self.folder / "hand",
        )
        self.pictures.keep([], mark="0-0")
        room.begin()
        room.step()
        return room.kept

    def board(self) -> int:
        """Record what waits in the log; return how many payloads that were."""
        taken = self.stream.take(self.store.mark(), wait_s=0)
        for one in taken:
            board = turn(self.store.load(self.clock.now_ms()), self.clock.now_ms())
            self.store.record(board, self.reader.read(one), one.entry)
        return len(taken)


def fits(name: str, told: object) -> None:
    """Hold an answer against a schema of the standard's own validator."""
    kept = [(file.name, Resource.from_contents(json.loads(file.read_text()), DRAFT4)) for file in SCHEMAS.glob("*.json")]
    schema = {"$ref": f"{name}.json"}
    Draft4Validator(schema, registry=Registry().with_resources(kept), format_checker=FormatChecker()).validate(told)


def plain(node: ET.Element) -> Any:
    """Return an XML document as the JSON that it mirrors: lists where an element holds the things of one, texts everywhere else."""
    from data.doors.open311.written import ONE_OF

    inner = list(node)
    if inner and all(one.tag == ONE_OF.get(node.tag) for one in inner):
        return [plain(one) for one in inner]
    return {one.tag: plain(one) for one in inner} if inner else node.text or ""


def texts(told: Any) -> Any:
    """Return what JSON says as XML says it: everything a text, nothing and empty the same."""
    if isinstance(told, dict):
        return {key: texts(value) for key, value in told.items()} if told else ""
    if isinstance(told, list):
        return [texts(value) for value in told] if told else ""
    return "" if told is None else str(told).lower() if isinstance(told, bool) else str(told)
