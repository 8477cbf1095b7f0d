"""Pictures from a camera's post to the disk: checked, written anew, masked, sealed, found by alarm and event, and let go of in time."""

import base64
import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from redis import Redis
from sqlalchemy import Engine, text

from dashboard.board import turn
from dashboard.city import Kind
from dashboard.errors import Missing, Rejected
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds
from dashboard.pictured import is_whole
from dashboard.pictures import DAY_MS
from dashboard.ports import Payload, Reading, Taken
from data.developing import Darkroom, Settled
from data.memory import HandClock
from data.pictures.developed import LONGEST, develop
from data.pictures.found import shots
from data.store.pictures import SqlPictures, newest_of_each
from data.store.record import SqlStore
from data.stream import RedisStream
from tests.town import camera, kind, town

NOW = 1_795_410_000_000
SECRET = b"only for tests: 0123456789abcdef"
KINDS: tuple[Kind, ...] = (kind("fire", "alarm", 1), kind("seen", "event"), kind("plate_read", "record"))
CITY = town(cameras=(camera("H-001"),), kinds=KINDS)
HEARING = Hearing(CITY, locate=lambda *_: "")
BOX = (0.4, 0.4, 0.2, 0.2)


def noise(width: int, height: int, *, seed: int = 1) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))


def jpeg(picture: Image.Image | None = None, **more: object) -> bytes:
    out = io.BytesIO()
    (picture or noise(320, 240)).save(out, "JPEG", quality=95, **more)
    return out.getvalue()


def pixels(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw)).convert("RGB")


def contrast(picture: Image.Image, box: tuple[float, float, float, float]) -> float:
    """Return how much neighbours differ within a box (shares): noise differs much, blocks hardly at all."""
    wide, high = picture.size
    part = picture.convert("L").crop(
        (int(box[0] * wide), int(box[1] * high), int((box[0] + box[2]) * wide), int((box[1] + box[3]) * high))
    )
    return float(np.abs(np.diff(np.asarray(part, dtype=float), axis=1)).mean())


def test_only_the_box_is_masked_and_without_one_everything() -> None:
    made = develop(jpeg(), BOX)
    clear, masked = pixels(made.clear), pixels(made.masked)
    assert contrast(clear, BOX) > 30
    assert contrast(masked, BOX) < contrast(clear, BOX) / 5
    assert contrast(masked, (0.0, 0.0, 0.3, 0.3)) > 30
    assert contrast(pixels(develop(jpeg(), None).masked), (0, 0, 1, 1)) < 8
    assert (made.width, made.height) == (320, 240)


@pytest.mark.parametrize("box", [(0.9, 0.9, 0.9, 0.9), (0.0, 0.0, 1.0, 1.0), (0.5, 0.5, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0)])
def test_any_box_that_an_event_can_have_is_masked(box: tuple[float, float, float, float]) -> None:
    assert develop(jpeg(), box).masked.startswith(b"\xff\xd8")


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "75A-123.45 lives here"
    made = develop(jpeg(exif=exif, comment=b"75A-123.45 too"), BOX)
    assert not any(b"75A" in one for one in (made.clear, made.masked))


def test_a_large_picture_is_made_smaller() -> None:
    made = develop(jpeg(Image.new("RGB", (4000, 3000))), BOX)
    assert max(made.width, made.height) == LONGEST


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 900 million pixels."""
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG", optimize=True)
    return out.getvalue()


@pytest.mark.parametrize("name", ["bomb", "cut", "text", "empty", "gif", "svg", "too_long"])
def test_what_is_no_picture_of_ours_is_refused(name: str) -> None:
    gif = io.BytesIO()
    Image.new("P", (8, 8)).save(gif, "GIF")
    raw = {
        "bomb": bomb(),
        "cut": jpeg()[:200],
        "text": b"<html>",
        "empty": b"",
        "gif": gif.getvalue(),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "too_long": b"\xff\xd8" + bytes(13 * 1024 * 1024),
    }[name]
    with pytest.raises(Rejected):
        develop(raw, BOX)


def test_the_most_pixels_are_taken() -> None:
    """Fifty million are what telephones make; as a PNG they would have to be decoded whole."""
    large = Image.new("RGB", (8192, 6144))
    assert develop(jpeg(large), None).width == LONGEST
    for form, how in (("PNG", {}), ("JPEG", {"progressive": True})):  # a progressive one too, since it is held whole
        raw = io.BytesIO()
        large.save(raw, form, **how)
        with pytest.raises(Rejected, match="8192"):
            develop(raw.getvalue(), None)
        assert not is_whole(raw.getvalue())
    assert is_whole(jpeg(large))


def test_pictures_are_found_in_multiparts_and_in_json() -> None:
    small = jpeg(Image.new("RGB", (40, 30)))
    body = (
        b'--b\r\nContent-Disposition: form-data; name="event"\r\n\r\n{}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="licensePlatePicture.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        + small
        + b"\r\n"
        b'--b\r\nContent-Disposition: form-data; name="detectionPicture.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        + small
        + b"\r\n--b--\r\n"
    )
    assert [(one.role, one.raw) for one in shots(body, "multipart/form-data; boundary=b")] == [("plate", small), ("scene", small)]
    coded = base64.b64encode(small).decode()
    told = {
        "Picture": {"CutoutPic": {"Content": coded}, "NormalPic": {"Content": "data:image/jpeg;base64," + coded}, "Face": [coded]}
    }
    assert [one.role for one in shots(json.dumps(told).encode(), "")] == ["plate", "scene", "face"]
    assert shots(json.dumps([coded] * 50).encode(), "") == [("scene", small)] * 8
    for wrong in (b"", b"{", b"--b", b"\xff" * 2000, b'{"a":"/9j/!"}', b"[" * 5000):
        assert shots(wrong, "multipart/form-data; boundary=b") == []


class Room:
    """A darkroom over a real log, and a clock that the test turns."""

    def __init__(self, engine: Engine, redis: Redis, folder: Path) -> None:
        self.engine, self.clock, self.folder = engine, HandClock(NOW), folder / "media"
        self.folder.mkdir()
        self.pictures = SqlPictures(engine, self.clock, folder=self.folder, secret=SECRET)
        self.stream, self.hand, self.events = RedisStream(redis), folder / "hand", {}  # type: ignore[var-annotated]
        self.room = self.another()

    def another(self) -> Darkroom:
        settled = Settled(Kinds(CITY), 1 << 40)
        return Darkroom(self.stream, self.pictures, self.clock, read=self.read, settled=settled, hand=self.hand)

    def read(self, taken: Taken) -> Reading:
        """Read a post whose header names its events: key and kind."""
        told = json.loads(taken.payload.headers["events"])
        at = taken.payload.received
        return Reading(
            [HEARING.hear("native", at, Sighted(id=key, at=at, kind=kind, camera="H-001", box=BOX)) for key, kind in told], ()
        )

    def post(self, *events: tuple[str, str], raw: bytes | None = None, field: str = "scene") -> None:
        body = b'--b\r\nContent-Disposition: form-data; name="' + field.encode() + b'"\r\n\r\n' + (raw or jpeg()) + b"\r\n--b--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=b", "events": json.dumps(events)}
        self.stream.append([Payload("native", self.clock.at_ms, body, headers, "")])

    def record(self, key: str, kind: str) -> int:
        """Let the board record an event; return its number."""
        store = SqlStore(self.engine, city=CITY)
        heard = HEARING.hear("native", NOW, Sighted(id=key, at=NOW, kind=kind, camera="H-001"))
        board = store.record(turn(store.load(NOW), NOW), Reading((heard,), ()), "1-0")
        self.alarms = board.alarms
        return board.seq

    def files(self) -> list[Path]:
        return sorted(file for file in self.folder.rglob("*") if file.is_file())


@pytest.fixture
def room(engine: Engine, redis_log: Redis, tmp_path: Path) -> Room:
    made = Room(engine, redis_log, tmp_path)
    made.room.begin()
    return made


def test_a_picture_is_found_by_its_event_and_by_its_alarm(room: Room) -> None:
    seq = room.record("f1", "fire")
    room.post(("f1", "fire"))
    room.room.step()
    (found,) = room.pictures.of_event(seq)
    alarm = next(iter(room.alarms.values()))
    assert [one.id for one in room.pictures.of_alarm(alarm.id)] == [found.id]
    assert (found.role, found.width, found.expires) == ("scene", 320, NOW + 30 * DAY_MS)
    assert contrast(pixels(room.pictures.masked(found.id)), BOX) < 10
    assert contrast(pixels(room.pictures.clear(found.id, who="lan")), (0.4, 0.3, 0.2, 0.1)) > 30
    assert room.pictures.of_event(seq + 1) == room.pictures.of_alarm("999") == []


def test_the_clear_one_lies_sealed_and_who_sees_it_is_written_into_it(room: Room) -> None:
    room.record("f1", "fire")
    room.post(("f1", "fire"), raw=jpeg(Image.new("RGB", (600, 400), "black")))
    room.room.step()
    sealed = next(file for file in room.files() if file.suffix == ".seal")
    assert b"\xff\xd8" not in sealed.read_bytes()[:64]
    picture = room.pictures.clear(sealed.stem, who="lan")
    assert np.asarray(pixels(picture)).max() > 200  # the line
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    with pytest.raises(Exception, match=sealed.stem):
        room.pictures.clear(sealed.stem, who="lan")


def test_who_asks_is_written_down(room: Room) -> None:
    room.record("f1", "fire")
    room.post(("f1", "fire"))
    room.room.step()
    picture = room.files()[0].stem
    room.pictures.reveal(picture, who="lan", why=" đối chiếu hồ sơ ")
    with room.engine.connect() as sql:
        assert sql.execute(text("SELECT picture, who, why FROM picture_act")).all() == [(picture, "lan", "đối chiếu hồ sơ")]
    with pytest.raises(Missing):
        room.pictures.reveal("0" * 32, who="lan", why="đối chiếu hồ sơ")


def test_of_several_things_nobody_knows_which_a_picture_shows(room: Room) -> None:
    room.post(("a", "seen"), ("b", "seen"))
    room.post(raw=jpeg())
    room.room.step()
    assert room.files() == []


def test_of_one_event_that_is_told_every_second_a_few_are_kept(room: Room) -> None:
    for _ in range(9):
        room.post(("a", "seen"))
    room.room.step()
    assert len(room.files()) == 2 * 6


@pytest.mark.parametrize(
    ("kind", "field", "days"), [("fire", "scene", 30), ("seen", "scene", 7), ("plate_read", "scene", 1), ("fire", "faceImage", 1)]
)
def test_a_picture_goes_when_its_time_is_over_with_its_files(room: Room, kind: str, field: str, days: int) -> None:
    room.post(("a", kind), field=field)
    room.room.step()
    assert len(room.files()) == 2
    picture = room.files()[0].stem
    room.clock.at_ms += days * DAY_MS - 1
    assert room.pictures.purge(most_bytes=1 << 40) == 0
    room.clock.at_ms += 1
    with pytest.raises(Missing):
        room.pictures.masked(picture)
    assert room.pictures.purge(most_bytes=1 << 40) == 1
    assert room.files() == []
    with room.engine.connect() as sql:
        assert sql.scalar(text("SELECT count(*) FROM picture")) == 0


def test_beyond_what_the_disk_may_hold_what_goes_soonest_goes_first(room: Room) -> None:
    room.post(("a", "fire"))
    room.post(("b", "plate_read"))
    room.room.step()
    held = sum(file.stat().st_size for file in room.files())
    assert room.pictures.purge(most_bytes=held - 1) == 1
    with room.engine.connect() as sql:
        assert sql.scalar(text("SELECT event FROM picture")) == "native:a"


def test_files_that_no_row_knows_are_swept(room: Room) -> None:
    import os

    room.post(("a", "fire"))
    room.room.step()
    stray = room.folder / "20200101" / "0123.jpg"
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    assert room.pictures.sweep() == 0  # it may be being written
    os.utime(stray, (0, 0))
    assert room.pictures.sweep() == 1
    assert not stray.parent.exists()
    assert len(room.files()) == 2


def test_it_goes_on_where_it_stopped_and_passes_over_what_ended_it(room: Room) -> None:
    room.post(("a", "fire"))
    room.room.step()
    room.post(("bad", "fire"))
    room.post(("c", "fire"))
    bad = room.stream.take(room.pictures.mark(), wait_s=0.1)[0].entry
    room.hand.write_text(bad)  # as a process leaves it that ended over this payload
    again = room.another()
    again.begin()
    again.step()
    with room.engine.connect() as sql:
        assert sorted(sql.scalars(text("SELECT event FROM picture"))) == ["native:a", "native:c"]
    assert not room.hand.exists()


def test_the_log_is_not_trimmed_beyond_what_the_darkroom_has_seen(room: Room) -> None:
    import time

    room.clock.at_ms = time.time_ns() // 1_000_000
    store = SqlStore(room.engine, city=CITY)
    room.post(("a", "fire"))
    room.room.step()
    seen = room.pictures.mark()
    store.record(turn(store.load(NOW), NOW), Reading((), ()), "99999999999999-0")
    assert store.settle() == seen
    room.clock.at_ms -= 16 * 60_000  # it has stood still for long
    room.pictures.keep([], mark=seen)
    assert store.settle() == "99999999999999-0"


def test_the_last_whole_picture_of_each_camera_is_known_until_its_time_is_over(room: Room) -> None:
    room.post(("a", "fire"))
    room.clock.at_ms += 1000
    room.post(("b", "seen"))
    room.post(("c", "seen"), field="plate")  # shows no place
    room.room.step()
    (found,) = room.pictures.last().values()
    assert (list(room.pictures.last()), found.event, found.at) == (["H-001"], "native:b", NOW + 1000)
    with room.engine.connect() as sql:
        assert {row.camera: row.at for row in sql.execute(newest_of_each())} == {"H-001": NOW + 1000}
    room.clock.at_ms += 8 * DAY_MS
    while room.pictures.purge(most_bytes=1 << 40):
        pass
    assert [one.event for one in room.pictures.last().values()] == ["native:a"]
