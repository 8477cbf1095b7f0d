"""Asking a Frigate over real sockets: what was missed comes once, open reviews get their end, pictures come with their boxes."""

import json
from collections.abc import Callable
from contextlib import closing
from itertools import islice

import pytest

from dashboard.events import Sighted
from data.outward import Line, Login, Unreached, check
from data.pictures.found import shots
from data.puller import Piece, Target
from data.pulling import PULLS
from data.reading import ADAPTERS
from tests.devices import PASSWORD, USER, Device, Request, device, plain

LOGIN = Login(USER, PASSWORD)
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8 + b"\xff\xd9"
TOKEN = "frigate_token=eyJh.eyJz.c2ln"
Say = Callable[[bytes], None]


def review(number: int, *, ended: bool = False, severity: str = "detection") -> dict[str, object]:
    start = 1_795_600_000.25 + number
    return {
        "id": f"{start}-abcd{number}",
        "camera": "front_cam",
        "start_time": start,
        "end_time": start + 9 if ended else None,
        "severity": severity,
        "data": {"detections": [f"{start}-det{number}"], "objects": ["person"], "sub_labels": [], "zones": [], "audio": []},
    }


class Frigate:
    """One that has reviews, pictures, and a door; `outer` asks for a login first, as on port 8971."""

    def __init__(self, *, outer: bool = False) -> None:
        self.reviews: list[object] = []
        self.outer, self.logins, self.boxes, self.snapshots = outer, 0, True, True
        self.paths: list[str] = []

    def answer(self, request: Request, say: Say) -> None:
        path = request.path.split("?")[0]
        self.paths.append(path)
        if path == "/api/login":
            self.logins += 1
            good = json.loads(request.body) == {"user": USER, "password": PASSWORD}
            head = f"HTTP/1.1 200 OK\r\nSet-Cookie: {TOKEN}; HttpOnly; Path=/\r\n" if good else "HTTP/1.1 401 No\r\n"
            return say(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        if self.outer and request.headers.get("cookie") != TOKEN:
            return say(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}")
        if path == "/api/review":
            return say(plain(json.dumps(self.reviews).encode()))
        if path.endswith("/snapshot.jpg"):
            return say(plain(JPEG) if self.snapshots else b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
        if path.endswith("/thumbnail.jpg"):
            return say(plain(JPEG))
        box = {"data": {"box": [0.1, 0.2, 0.3, 0.4]}} if self.boxes else {}
        return say(plain(json.dumps(box).encode()))


def target(one: Device, login: Login | None = None) -> Target:
    return Target(check(one.url, ["127.0.0.1"]), Line(login), "frigate", lambda _s: None)


def heard(one: Device, login: Login | None = None, *, rounds: int = 1, then: Callable[[], None] = lambda: None) -> list[Piece]:
    """Return what is told within so many rounds of asking; `then` is done before the second."""
    found: list[Piece] = []
    with closing(PULLS["frigate"].listen(target(one, login))) as listening:
        assert next(listening) is None
        for number in range(rounds):
            for piece in listening:
                if piece is None:
                    break
                found.append(piece)
            if number == 0:
                then()
            assert next(listening) is None  # it has rested
    return found


def events(pieces: list[Piece]) -> list[Sighted]:
    told = [event for one in pieces for event in ADAPTERS["frigate"].parse(one.raw, one.headers)]
    return [event for event in told if isinstance(event, Sighted)]


def test_what_was_missed_is_told_once_with_a_picture_and_its_box() -> None:
    frigate = Frigate()
    frigate.reviews = [review(1, ended=True), review(2)]
    with device(frigate.answer) as one:
        pieces = heard(one, rounds=3)
    first, second = events(pieces)
    assert (first.id, first.kind, first.camera, first.ended is not None) == (
        "review:1795600001.25-abcd1",
        "person_seen",
        "front_cam",
        True,
    )
    assert (second.ended, second.box) == (None, (0.1, 0.2, 0.3, 0.4))
    assert [shot.raw for shot in shots(pieces[0].raw, pieces[0].headers["content-type"])] == [JPEG]


def test_an_open_review_is_asked_for_until_it_has_an_end_and_amends_what_was_told() -> None:
    frigate = Frigate()
    frigate.reviews = [review(1)]
    with device(frigate.answer) as one:
        pieces = heard(one, rounds=2, then=lambda: frigate.reviews.__setitem__(0, review(1, ended=True, severity="alert")))
    first, last = events(pieces)
    assert first.id == last.id
    assert (first.ended, last.ended) == (None, 1_795_600_010_250)
    assert last.revision > first.revision


def test_the_outer_door_is_entered_by_a_login_once() -> None:
    frigate = Frigate(outer=True)
    frigate.reviews = [review(1, ended=True)]
    with device(frigate.answer) as one:
        assert len(events(heard(one, LOGIN, rounds=3))) == 1
    assert frigate.logins == 1


@pytest.mark.parametrize("login", [None, Login("kydai", "wrong")])
def test_without_the_right_login_it_is_denied_and_not_tried_again(login: Login | None) -> None:
    frigate = Frigate(outer=True)
    with device(frigate.answer) as one, pytest.raises(Unreached) as no:
        heard(one, login)
    assert no.value.kind == "denied"
    assert frigate.logins == (0 if login is None else 1)


def test_without_a_snapshot_a_thumbnail_is_taken_and_no_box_is_believed() -> None:
    frigate = Frigate()
    frigate.reviews, frigate.snapshots = [review(1, ended=True)], False
    with device(frigate.answer) as one:
        pieces = heard(one)
    assert events(pieces)[0].box is None
    assert len(shots(pieces[0].raw, pieces[0].headers["content-type"])) == 1


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        [],
        [1],
        [{"id": "../../etc", "start_time": 1}],
        [{"id": "a", "start_time": "x"}],
        [{"id": "a"}],
        [[]],
        [{"id": "a", "start_time": 1, "data": 5}],
    ],
)
def test_what_is_no_review_is_nothing_or_a_dead_letter(told: object) -> None:
    frigate = Frigate()
    frigate.reviews = told  # type: ignore[assignment]
    with device(frigate.answer) as one:
        for piece in heard(one):
            with pytest.raises(Exception, match="lacks or garbles"):
                ADAPTERS["frigate"].parse(piece.raw, piece.headers)


def test_who_hangs_up_is_let_go() -> None:
    frigate = Frigate()
    with device(frigate.answer) as one:
        told = target(one)
        listening = PULLS["frigate"].listen(told)
        assert list(islice(listening, 2)) == [None, None]
        told.line.hang_up()
        with pytest.raises(Unreached) as no:
            next(listening)
    assert no.value.kind == "stopped"
