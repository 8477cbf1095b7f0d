"""Looking through real cameras: RTSP from Debian's server, single pictures over HTTP, the wire on a real Redis."""

import io
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av
import msgspec
import pytest
from PIL import Image
from redis import Redis
from sqlalchemy import Engine

from dashboard.city import Camera
from dashboard.video import Seen, playlist
from data.lease import Lease
from data.outward import Login, check
from data.video import relay as relaying
from data.video.looking import now_ms
from data.video.relay import Relay
from data.video.wire import RedisVideo
from tests.conftest import until
from tests.devices import PASSWORD, USER, Device, device, plain
from tests.rtsp import RtspCamera, rtsp_camera
from tests.town import town

LOOPBACK = ("127.0.0.1",)


def camera(**more: str) -> Camera:
    return msgspec.structs.replace(town().cameras[0], **more)


class Watcher:
    """A relay that is turned by hand, and somebody who watches its one camera."""

    def __init__(
        self,
        redis: Redis,
        engine: Engine,
        folder: Path,
        one: Camera,
        *,
        allowed: tuple[str, ...] = LOOPBACK,
        login: Login | None = None,
    ) -> None:
        self.camera, self.video = one.id, RedisVideo(redis)
        self.relay = Relay(
            {one.id: one},
            self.video,
            lease=Lease(engine, folder, name="relay"),
            dial=lambda address: check(address, allowed),
            who=lambda *_: login,
        )

    def look(self, *, watches: bool = True) -> Seen | None:
        """Watch for a moment; return how the picture stands."""
        if watches:
            self.video.watch([self.camera], until_ms=now_ms() + 30_000)
        self.relay.look()
        return self.video.seen([self.camera])[0]

    def until(self, sight: str, *, seconds: float = 20.0) -> Seen:
        return until(lambda: (seen := self.look()) and seen.sight == sight and seen, seconds=seconds, every_s=0.05)


Watch = Callable[..., Watcher]


@pytest.fixture
def watch(redis_wire: Redis, sqlite: Engine, tmp_path: Path) -> Iterator[Watch]:
    made: list[Watcher] = []

    def begin(one: Camera, **more: object) -> Watcher:
        made.append(Watcher(redis_wire, sqlite, tmp_path, one, **more))
        return made[-1]

    yield begin
    for one in made:
        one.relay.stop(10.0)


@pytest.fixture(scope="module")
def moving() -> Iterator[RtspCamera]:
    with rtsp_camera() as made:
        yield made


def pictures(watcher: Watcher, seen: Seen) -> list[av.VideoFrame]:
    """Return every picture of the pieces that the playlist names, decoded as a player would."""
    pieces = [watcher.video.piece(watcher.camera, f"{seen.run}/{name}") for name in ("init", *(clip.seq for clip in seen.clips))]
    with av.open(io.BytesIO(b"".join(piece for piece in pieces if piece))) as held:
        return list(held.decode(video=0))


def test_a_stream_is_copied_into_pieces_that_play(watch: Watch, moving: RtspCamera) -> None:
    watcher = watch(camera(stream=moving.url))
    began = time.monotonic()
    first = watcher.until("live")
    assert time.monotonic() - began < 15
    seen = until(lambda: (one := watcher.look()) and len(one.clips) == 6 and one)
    assert first.run == seen.run
    assert [clip.seq for clip in seen.clips] == list(range(seen.clips[0].seq, seen.clips[0].seq + 6))
    shown = pictures(watcher, seen)
    lasts = sum(clip.lasts for clip in seen.clips)
    assert len(shown) == pytest.approx(lasts / 1000 * 15, abs=3)
    assert (shown[0].width, shown[0].height) == (640, 360)
    assert all(60 <= clip.lasts <= 2100 for clip in seen.clips)
    assert abs(now_ms() - seen.at) < 4000
    assert "#EXT-X-MAP" in playlist(seen.run, seen.clips)


def test_the_key_frame_that_comes_first_is_shown(watch: Watch) -> None:
    """Where key frames are rare, whoever looks does not wait for the next one."""
    with rtsp_camera(key_every=600) as made:
        watcher = watch(camera(stream=made.url))
        began = time.monotonic()
        watcher.until("live")
        assert time.monotonic() - began < 20


def test_nobody_watches_nobody_looks(watch: Watch, moving: RtspCamera, redis_wire: Redis) -> None:
    watcher = watch(camera(stream=moving.url))
    assert watcher.look(watches=False) is None
    assert not watcher.relay.looks
    watcher.until("live")
    look = watcher.relay.looks[watcher.camera]
    watcher.video.watch([watcher.camera], until_ms=now_ms())
    until(lambda: watcher.look(watches=False) is None)
    assert not watcher.relay.looks
    assert look.join(10)


def test_a_picture_that_stands_is_frozen_and_moves_again(watch: Watch) -> None:
    with rtsp_camera() as made:
        watcher = watch(camera(stream=made.url))
        watcher.until("live")
        made.say("freeze")
        began = time.monotonic()
        seen = watcher.until("frozen", seconds=40)
        assert time.monotonic() - began < 24
        assert now_ms() - seen.at > 7_000
        made.say("move")
        watcher.until("live", seconds=20)


@pytest.mark.parametrize("end", ["kill", "hang"])
def test_a_picture_that_ends_is_lost_with_the_age_of_its_last_frame_and_comes_back(watch: Watch, end: str) -> None:
    with rtsp_camera() as made:
        watcher = watch(camera(stream=made.url))
        first = watcher.until("live")
        getattr(made, end)()
        ended, began = now_ms(), time.monotonic()
        seen = watcher.until("lost", seconds=40)
        assert time.monotonic() - began < 24
        assert abs(seen.at - ended) < 4000
        assert seen.why
        if end == "hang":
            made.kill()
        made.start()
        again = watcher.until("live", seconds=40)
        assert again.run > first.run
        assert again.clips[0].seq > first.clips[-1].seq


def test_a_login_is_shown_by_digest(watch: Watch) -> None:
    with rtsp_camera(USER, "sai:c@ng/7 %") as made:
        watcher = watch(camera(stream=made.url), login=Login(USER, "sai:c@ng/7 %"))
        watcher.until("live")


def test_a_wrong_password_is_told_and_not_shown_again_and_again(watch: Watch) -> None:
    with rtsp_camera(USER, PASSWORD) as made:
        watcher = watch(camera(stream=made.url), login=Login(USER, "no"))
        assert watcher.until("lost").why == "denied"
        watcher.video.watch([watcher.camera], until_ms=now_ms())
        until(lambda: watcher.look(watches=False) is None)
        seen = watcher.until("lost")
        assert seen.why == "denied"
        assert watcher.relay.looks[watcher.camera].rest_s > 100


def test_a_coding_that_no_browser_plays_is_told(watch: Watch) -> None:
    with rtsp_camera(coder="jpeg") as made:
        assert watch(camera(stream=made.url)).until("lost").why == "codec"


def test_a_camera_whose_address_changes_is_looked_through_anew(redis_wire: Redis, sqlite: Engine, tmp_path: Path) -> None:
    one, video = camera(stream="rtsp://127.0.0.1:9/cam"), RedisVideo(redis_wire)
    cameras = {one.id: one}
    lease = Lease(sqlite, tmp_path, name="relay")
    relay = Relay(cameras, video, lease=lease, dial=lambda address: check(address, LOOPBACK), who=lambda *_: None)
    video.watch([one.id], until_ms=now_ms() + 30_000)
    relay.look()
    before = relay.looks[one.id]
    relay.look()
    assert relay.looks[one.id] is before
    cameras[one.id] = camera(stream="rtsp://127.0.0.1:9/other")
    relay.look()
    assert relay.looks[one.id].camera.stream.endswith("/other")
    del cameras[one.id]
    relay.look()
    assert relay.looks == {}
    relay.stop(5.0)


@pytest.mark.parametrize(("coder", "coding"), [("h264", "h264"), ("h265", "hevc")])
def test_the_coding_is_told_since_not_every_browser_plays_h265(watch: Watch, coder: str, coding: str) -> None:
    with rtsp_camera(coder=coder) as made:
        watcher = watch(camera(stream=made.url))
        seen = watcher.until("live")
        assert seen.coding == coding
        assert pictures(watcher, seen)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("rtsp://127.0.0.1:8554/cam", ()),
        ("rtsp://localhost:8554/cam", ("localhost",)),
        ("rtsp://169.254.169.254/cam", LOOPBACK),
        ("rtsp://169.254.169.254/cam", ("169.254.0.0/16",)),
        ("rtsp://user:secret@10.1.2.3/cam", LOOPBACK),
        ("rtsp://[::ffff:127.0.0.1]/cam", ()),
        ("rtsp://0x7f.1/cam", ()),
    ],
)
def test_forbidden_addresses_are_never_asked(watch: Watch, address: str, allowed: tuple[str, ...]) -> None:
    watcher = watch(camera(stream=address), allowed=allowed)
    assert watcher.until("lost").why == "refused"


@contextmanager
def speaker(answer: bytes) -> Iterator[Device]:
    """A place that answers everything with the same."""
    with device(lambda _, say: say(answer)) as made:
        yield made


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:{port}/cam\r\n\r\n", "moved"),
        (b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n", "absent"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 9999999\r\n\r\n", "large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "protocol"),
        (b"x" * 20_000, "large"),
    ],
)
def test_an_odd_camera_is_left_and_a_redirect_not_followed(watch: Watch, moving: RtspCamera, answer: bytes, why: str) -> None:
    told = answer.replace(b"{port}", str(moving.port).encode())
    with speaker(told) as made:
        watcher = watch(camera(stream=made.url.replace("http", "rtsp") + "/cam"))
        assert watcher.until("lost").why == why


def picture(shade: int, form: str = "JPEG") -> bytes:
    held = io.BytesIO()
    Image.new("L", (64, 36), shade).save(held, form)
    return held.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_single_pictures_are_fetched_while_somebody_watches(watch: Watch, form: str) -> None:
    shades = iter(range(250))
    with device(lambda _, say: say(plain(picture(next(shades), form), content_type="text/html")), auth="md5") as made:
        watcher = watch(camera(snapshot=f"{made.url}/still.jpg"), login=Login(USER, PASSWORD))
        seen = watcher.until("live")
        first = watcher.video.piece(watcher.camera, "still")
        assert first
        assert Image.open(io.BytesIO(first)).format == form
        until(lambda: watcher.look().at > seen.at, seconds=20)
        assert watcher.video.piece(watcher.camera, "still") != first


def test_the_same_single_picture_is_frozen(watch: Watch) -> None:
    with device(lambda _, say: say(plain(picture(7)))) as made:
        watcher = watch(camera(snapshot=f"{made.url}/still.jpg"))
        watcher.until("live")
        began = time.monotonic()
        watcher.until("frozen", seconds=40)
        assert time.monotonic() - began < 24
        made.close()
        assert watcher.until("lost").at < now_ms() - 7_000


@pytest.mark.parametrize(
    ("body", "why"), [(b"<html>", "codec"), (b"", "codec"), (b"\xff\xd8\xff" + bytes(8 * 1024 * 1024), "large")]
)
def test_what_is_no_picture_is_not_shown(watch: Watch, body: bytes, why: str) -> None:
    with device(lambda _, say: say(plain(body))) as made:
        watcher = watch(camera(snapshot=f"{made.url}/still.jpg"))
        assert watcher.until("lost").why == why
        assert watcher.video.piece(watcher.camera, "still") is None


def test_the_wire_is_not_filled(watch: Watch, moving: RtspCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "BUDGET", -1)
    watcher = watch(camera(stream=moving.url))
    assert watcher.until("lost").why == "full"


def test_one_relay_looks_and_another_stands_by(watch: Watch, moving: RtspCamera) -> None:
    one, other = watch(camera(stream=moving.url)), watch(camera(stream=moving.url))
    one.until("live")
    other.look()
    assert not other.relay.looks
    assert other.video.felt() == {"live": 1}
    one.relay.stop(10)
    until(lambda: other.look() and other.relay.looks)


DESCRIPTION = """v=0
o=- 1 1 IN IP4 {host}
s=x
c=IN IP4 {host}
t=0 0
a=control:rtsp://{host}:{port}/all
m=video {port} RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAKNoB4AifcBagICAoAAADAAgAAAMBlHjBlQ==,aM48gA==
a=control:rtsp://{host}:{port}/track1
"""


def misleading(server: socket.socket, elsewhere: int, heard: list[str]) -> None:
    """Answer as a camera would that describes its picture as another machine's."""
    with suppress(OSError):
        peer, _ = server.accept()
        with peer:
            while raw := peer.recv(65_536):
                for request in raw.decode().split("\r\n\r\n")[:-1]:
                    verb, number = request.split(" ")[0], re.search(r"CSeq: *(\d+)", request)[1]  # type: ignore[index]
                    heard.append(verb)
                    more, body = "", ""
                    if verb == "DESCRIBE":
                        body = DESCRIPTION.replace("\n", "\r\n").format(host="127.0.0.1", port=elsewhere)
                        more = f"Content-Type: application/sdp\r\nContent-Base: rtsp://127.0.0.1:{elsewhere}/\r\n"
                    if verb == "SETUP":
                        more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;source=127.0.0.1\r\nSession: 7\r\n"
                    told = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}"
                    peer.sendall(told.encode())


def test_a_camera_that_describes_another_machine_leads_nowhere(watch: Watch) -> None:
    """S-15: addresses in a description are texts; everything goes to the one place that was checked."""
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        thread = threading.Thread(target=misleading, args=(server, other.getsockname()[1], heard), daemon=True)
        thread.start()
        watcher = watch(camera(stream=f"rtsp://127.0.0.1:{server.getsockname()[1]}/cam"))
        assert watcher.until("lost", seconds=30).why in {"slow", "silent", "cut"}
        assert "PLAY" in heard
        with pytest.raises(BlockingIOError):
            other.accept()
        watcher.relay.stop(10)
        thread.join(10)
