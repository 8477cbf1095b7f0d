"""Clips from a recorder's API to the sealed file: which are wanted, fetched beside everything else, checked, copied, and let go of in time."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from redis import Redis
from sqlalchemy import Engine, text

from dashboard.board import turn
from dashboard.clips import LONGEST_MS, MOST_BYTES, ranged
from dashboard.errors import Missing, Rejected
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds
from dashboard.pictures import DAY_MS
from dashboard.ports import Payload, Reading
from data.clipping import Clipper, Fetcher, Wish
from data.developing import Darkroom, Settled
from data.memory import HandClock
from data.outward import Login, check
from data.pictures.copied import copy
from data.reading import Reader
from data.sealed import PIECE, Seal, SealedFile, Tampered
from data.store.clips import MOST_WANTED, WAITS_MS, SqlClips
from data.store.pictures import SqlPictures
from data.store.record import SqlStore
from data.store.sources import Sources
from data.stream import RedisStream
from tests.contract.test_pull_frigate import LOGIN, TOKEN
from tests.devices import PASSWORD, USER, Device, Request, device, plain
from tests.films import film
from tests.town import camera, kind, town

NOW = 1_795_410_000_000
SECRET = b"only for tests: 0123456789abcdef"
CITY = town(cameras=(camera("H-001"),), kinds=(kind("fire_single", "alarm", 1), kind("person_seen", "event")))
HEARING = Hearing(CITY, locate=lambda *_: "")
Say = Callable[[bytes], None]


class Recorder:
    """A Frigate that keeps recordings; on its outer door it asks for a login first."""

    def __init__(self, *, outer: bool = False) -> None:
        self.outer, self.film, self.status, self.asked = outer, film(), 200, list[str]()

    def answer(self, request: Request, say: Say) -> None:
        if request.path == "/api/login":
            good = json.loads(request.body) == {"user": USER, "password": PASSWORD}
            head = f"HTTP/1.1 200 OK\r\nSet-Cookie: {TOKEN}; HttpOnly\r\n" if good else "HTTP/1.1 401 No\r\n"
            return say(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        if self.outer and request.headers.get("cookie") != TOKEN:
            return say(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}")
        self.asked.append(request.path)
        if self.status != 200:
            return say(b"HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\n{}")
        return say(plain(self.film))


class Room:
    """A darkroom with its clipper, over a real log, and a clock that the test turns."""

    def __init__(self, engine: Engine, redis: Redis, folder: Path, one: Device, login: Login | None) -> None:
        self.engine, self.clock, self.folder = engine, HandClock(NOW), folder / "media"
        self.folder.mkdir()
        self.sources = Sources(engine)
        self.sources.add("frigate-north", adapter="frigate", address=one.url, now_ms=1)
        self.sources.add("frigate-mute", adapter="frigate", now_ms=1)
        self.clips = SqlClips(engine, self.clock, folder=self.folder, secret=SECRET)
        self.pictures = SqlPictures(engine, self.clock, folder=self.folder, secret=SECRET)
        self.stream = RedisStream(redis)
        read = Reader(
            lambda adapters: Hearing(CITY, locate=lambda *_: "", adapters=adapters),
            lambda: {k: v.adapter for k, v in self.sources.all().items()},
        ).read
        wish = Wish(self.clips, self.sources.all)
        self.room = Darkroom(
            self.stream,
            self.pictures,
            self.clock,
            read=read,
            settled=Settled(Kinds(CITY), 1 << 40),
            hand=folder / "hand",
            wish=wish.of,
        )
        self.room.begin()
        fetch = Fetcher(
            self.sources.all, dial=lambda url: check(url, ["127.0.0.1"]), who=lambda _host, _port: login, pause=lambda _s: None
        )
        self.clipper = Clipper(self.clips, fetch)

    def review(
        self,
        key: str,
        *,
        label: str = "fire",
        ended: bool = True,
        source: str = "frigate-north",
        ago_s: float = 30.0,
        lasts_s: float = 8.0,
    ) -> str:
        start = self.clock.at_ms / 1000 - ago_s - lasts_s
        after = {
            "id": f"{start}-{key}",
            "camera": "h_001",
            "start_time": start,
            "end_time": start + lasts_s if ended else None,
            "severity": "alert",
            "data": {"detections": [], "objects": [label]},
        }
        body = json.dumps({"type": "end", "before": after, "after": after}).encode()
        self.stream.append([Payload(source, self.clock.at_ms, body, {"mqtt-topic": "north/reviews"}, key)])
        self.room.step()
        return f"{source}:review:{start}-{key}"

    def later(self, ms: int = WAITS_MS[0]) -> bool:
        self.clock.at_ms += ms
        return self.clipper.step()

    def rows(self) -> list[tuple[str, str, int]]:
        with self.engine.connect() as sql:
            return [tuple(row) for row in sql.execute(text("SELECT event, state, tries FROM clip ORDER BY event"))]  # type: ignore[misc]

    def record(self, key: str) -> tuple[int, str]:
        """Let the board record the event; return its number and its alarm."""
        source, _, name = key.partition(":")
        store = SqlStore(self.engine, city=CITY)
        heard = HEARING.hear(source, NOW, Sighted(id=name, at=NOW, kind="fire_single", camera="h_001"))
        board = store.record(turn(store.load(NOW), NOW), Reading((heard,), ()), "1-0")
        return board.seq, next(iter(board.alarms.values())).id

    def whole(self, clip: str) -> bytes:
        return b"".join(self.clips.read(clip, first=0, last=self.clips.size(clip) - 1))

    def files(self) -> list[Path]:
        return sorted(file for file in self.folder.rglob("*") if file.is_file())


@pytest.fixture(params=["inner", "outer"])
def recorder(request: pytest.FixtureRequest):
    made = Recorder(outer=request.param == "outer")
    with device(made.answer) as one:
        yield made, one


@pytest.fixture
def room(sqlite: Engine, redis_log: Redis, tmp_path: Path, recorder) -> Room:
    made, one = recorder
    return Room(sqlite, redis_log, tmp_path, one, LOGIN if made.outer else None)


def test_the_clip_of_an_alarm_is_fetched_once_it_is_over_sealed_and_found(room: Room, recorder) -> None:
    key = room.review("a")
    assert room.review("a") == key  # told again
    assert room.clipper.step() is False  # a recorder writes some seconds later
    assert room.later()
    (asked,) = recorder[0].asked
    start = float(key.partition("review:")[2].partition("-")[0])
    assert asked == f"/api/h_001/start/{start - 3:.3f}/end/{start + 8 + 3:.3f}/clip.mp4"
    seq, alarm = room.record(key)
    (clip,) = room.clips.of_event(seq)
    assert room.clips.of_alarm(alarm) == [clip]
    assert (clip.state, clip.expires) == ("kept", NOW + 30 * DAY_MS)
    assert 1800 <= clip.lasts_ms <= 2200
    with av.open(io.BytesIO(room.whole(clip.id))) as kept:
        assert [one.type for one in kept.streams] == ["video"]
        assert sum(1 for _ in kept.decode(video=0)) == 20
    (file,) = room.files()
    assert b"ftyp" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0 or file.parent.stat().st_mode & 0o077 == 0
    assert room.later() is False


def test_only_alarms_that_are_over_and_of_a_recorder_that_can_be_asked(room: Room) -> None:
    room.review("open", ended=False)
    room.review("event", label="person")
    room.review("mute", source="frigate-mute")
    room.review("old", ago_s=2 * 3600)
    assert room.rows() == []
    room.review("long", lasts_s=3600, ago_s=1)
    wanted = room.clips.take() or (room.clock.__setattr__("at_ms", room.clock.at_ms + WAITS_MS[0]), room.clips.take())[1]
    assert wanted is not None
    assert wanted.ended - wanted.began <= LONGEST_MS + 6_000


def test_what_cannot_be_had_is_asked_for_again_and_given_up_in_the_end(room: Room, recorder) -> None:
    key = room.review("a")
    recorder[0].status = 400
    for tries, wait in enumerate(WAITS_MS, 1):
        assert not room.later(wait - 1)
        assert room.later(1)
        assert room.rows() == [(key, "lost" if tries == len(WAITS_MS) else "wanted", tries)]
    assert not room.later(10 * DAY_MS)
    seq, _ = room.record(key)
    assert [one.state for one in room.clips.of_event(seq)] == ["lost"]


@pytest.mark.parametrize("camera", ["..", "a/b", "a?x=1", "a b", "", "a\r\nX: y"])
def test_a_name_that_no_camera_has_is_not_asked_for(room: Room, recorder, camera: str) -> None:
    room.clips.want("e", source="frigate-north", camera=camera, began=1, ended=2, expires=NOW * 2)
    assert room.later()
    assert recorder[0].asked == []


def test_what_comes_later_is_kept_all_the_same(room: Room, recorder) -> None:
    key = room.review("a")
    recorder[0].status = 400
    room.later()
    recorder[0].status = 200
    room.later(WAITS_MS[1])
    assert room.rows() == [(key, "kept", 2)]


@pytest.mark.parametrize("what", ["page", "cut", "large", "empty", "zeros", "matroska"])
def test_what_is_no_clip_is_not_kept(room: Room, recorder, what: str) -> None:
    whole = film()
    recorder[0].film = {
        "page": b"<html>" + bytes(100),
        "cut": whole[: len(whole) // 2],
        "large": whole + bytes(MOST_BYTES),
        "empty": b"",
        "zeros": b"\x00\x00\x00\x20ftypisom" + bytes(5000),
        "matroska": film(form="matroska"),
    }[what]
    room.review("a")
    room.later()
    assert room.files() == []
    assert room.rows()[0][1] in {"lost", "wanted"}


def test_sound_and_what_stands_beside_the_picture_are_left_behind() -> None:
    copied = copy(film(sound=True, title="75A-123.45 lives here"))
    assert b"75A" not in copied.content
    with av.open(io.BytesIO(copied.content)) as kept:
        assert [one.type for one in kept.streams] == ["video"]
    assert copy(film(codec="libx265")).lasts_ms == pytest.approx(2000, abs=200)


def test_a_clip_that_is_too_long_or_shows_another_codec_is_refused() -> None:
    with pytest.raises(Rejected, match="no browser plays"):
        copy(film(codec="mpeg4"))
    with pytest.raises(Rejected, match="is a clip of 26"):
        copy(film(seconds=260))


def test_a_clip_goes_with_its_time_and_with_the_room_that_there_is(room: Room) -> None:
    key = room.review("a")
    room.later()
    (file,) = room.files()
    clip = file.stem
    assert room.pictures.sweep() == 0
    assert room.pictures.purge(most_bytes=1 << 40) == 0
    room.clock.at_ms = NOW + 30 * DAY_MS
    with pytest.raises(Missing):
        room.clips.size(clip)
    assert room.pictures.purge(most_bytes=1 << 40) == 1
    assert (room.files(), room.rows()) == ([], [])

    room.review("b")
    room.later()
    room.review("c")  # only wanted yet: takes no room
    assert room.pictures.purge(most_bytes=10) == 1
    assert [row[1] for row in room.rows()] == ["wanted"]
    assert key


def test_who_looks_is_written_down(room: Room) -> None:
    room.review("a")
    room.later()
    clip = room.files()[0].stem
    room.clips.reveal(clip, who="lan", why=" đối chiếu hồ sơ ")
    with room.engine.connect() as sql:
        assert sql.execute(text("SELECT picture, who, why FROM picture_act")).all() == [(clip, "lan", "đối chiếu hồ sơ")]
    with pytest.raises(Missing):
        room.clips.reveal("0" * 32, who="lan", why="đối chiếu hồ sơ")


def test_no_more_wait_than_is_good(room: Room) -> None:
    for number in range(MOST_WANTED):
        assert room.clips.want(f"e{number}", source="frigate-north", camera="c", began=1, ended=2, expires=NOW * 2)
    assert not room.clips.want("one more", source="frigate-north", camera="c", began=1, ended=2, expires=NOW * 2)


def test_pieces_are_bound_to_their_place_and_read_alone() -> None:
    seal, clear = SealedFile(Seal(SECRET, "clip")), bytes(range(256)) * (3 * PIECE // 256) + b"end"
    sealed = seal.close(clear, about="a")

    def read(raw: bytes, first: int, last: int, about: str = "a") -> bytes:
        return b"".join(seal.read(io.BytesIO(raw), about=about, size=len(clear), first=first, last=last))

    for first, last in ((0, len(clear) - 1), (PIECE - 1, PIECE), (5, 5), (3 * PIECE, len(clear) - 1)):
        assert read(sealed, first, last) == clear[first : last + 1]
    one = PIECE + 28
    for wrong, about in ((sealed[one:] + sealed[:one], "a"), (sealed[:-1], "a"), (sealed, "b")):
        with pytest.raises(Tampered):
            read(wrong, 0, len(clear) - 1, about)


@pytest.mark.parametrize(
    ("told", "span"),
    [
        ("bytes=0-", (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-200", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=100-", None),
        ("bytes=20-10", None),
        ("bytes=-0", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", (0, 99)),
        ("lines=1-2", (0, 99)),
        ("bytes=x-2", (0, 99)),
        (f"bytes={'9' * 5000}-", (0, 99)),
        ("bytes=٣-5", (0, 99)),
    ],
)
def test_a_range_is_what_it_says(told: str, span: tuple[int, int] | None) -> None:
    assert ranged(told, 100) == span
