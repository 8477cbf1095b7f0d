"""Plates and faces joined to the review in which they were seen: whatever comes first, however often, it is one event with one plate."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from data.memory import HandClock
from data.sealed import Seal, WatchMark
from data.store.joining import MOST_OF_ONE
from data.store.judge import decode
from data.store.tables import META
from data.store.watch import PURPOSE, SqlWatchLists
from data.watching import Watching
from tests.contract.test_watch import SECRET, proposal
from tests.keep import START, Room, reader

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
CAR, MAN, VAN = "1795410000.1-car", "1795410000.2-man", "1795410000.3-van"
AT = START / 1000
Message = tuple[str, dict[str, object]]


def review(key: str, *things: str, ended: bool = False, label: str = "fire") -> Message:
    after = {
        "id": f"{AT}-{key}",
        "camera": "h_001",
        "start_time": AT,
        "end_time": AT + 20 if ended else None,
        "severity": "alert",
        "data": {"detections": list(things), "objects": [label]},
    }
    return "reviews", {"type": "update", "before": after, "after": after}


def lpr(thing: str, plate: str, second: int, score: float = 0.9) -> Message:
    told = {"type": "lpr", "id": thing, "name": None, "plate": plate, "score": score, "camera": "h_001", "timestamp": AT + second}
    return "tracked_object_update", told


def tracked(thing: str, second: int, *, plate: object = None, sub_label: object = None, label: str = "car") -> Message:
    after = {
        "id": thing,
        "camera": "h_001",
        "label": label,
        "sub_label": sub_label,
        "false_positive": False,
        "start_time": AT,
        "frame_time": AT + second,
        "recognized_license_plate": plate,
    }
    return "events", {"before": after, "after": after, "type": "update"}


def face(thing: str, name: str | None, second: int, score: float = 0.95) -> Message:
    return "tracked_object_update", {
        "type": "face",
        "id": thing,
        "name": name,
        "score": score,
        "camera": "h_001",
        "timestamp": AT + second,
    }


STORY: list[Message] = [
    review("a", CAR),
    review("a", CAR, MAN),
    review("a", CAR, MAN, ended=True),
    review("b", VAN, label="person"),
    lpr(CAR, "75A-123.45", 1, 0.6),
    lpr(CAR, "75A-123.46", 2, 0.8),
    tracked(CAR, 3, plate=["75A-999.99", 0.97]),
    tracked(MAN, 4, label="person", sub_label=["lan", 0.99]),
    tracked(MAN, 5, label="person", sub_label="lan"),
    face(MAN, "unknown", 6),
    face(MAN, None, 7),
    face(MAN, "minh", 8),
]


class Post:
    """A board of its own, with one person and one plate on its watch lists."""

    def __init__(self, engine: Engine) -> None:
        with engine.begin() as sql:
            for table in reversed(META.sorted_tables):
                sql.execute(table.delete())
        self.mark, clock = WatchMark(SECRET), HandClock(START)
        self.lists = SqlWatchLists(engine, clock, seal=Seal(SECRET, PURPOSE), mark=self.mark)
        self.entries = {subject: self._active(subject, what) for subject, what in (("lan", "person"), ("75A-123.46", "plate"))}
        watching, read = Watching(self.lists, self.mark, now_ms=clock.now_ms), reader()
        self.room = Room(engine, read=lambda taken: watching.add(read.read(taken)))

    def _active(self, subject: str, what: str) -> str:
        entry = self.lists.propose([proposal(subject, what=what)], who="lan")[0].id
        self.lists.decide(entry, "approve", who="minh", why="")
        return f"W-{entry}"

    def tell(self, messages: list[Message], *, cut: int = 3) -> None:
        for number, (topic, body) in enumerate(messages, 1):
            self.room.say(body, source="frigate", mqtt_topic=f"north/{topic}")
            if number % cut == 0:
                self.room.step()
        self.room.step(2)

    def rows(self) -> dict[str, dict[str, object]]:
        return {row["id"]: row for row in self.room.frame("events")["rows"]}

    def kept(self) -> dict[str, tuple[object, ...]]:
        """Return every event as the record has it, by its key."""
        with self.room.engine.connect() as sql:
            store = self.room.store.load(START)
            counted = sql.execute(text("SELECT sum(n) FROM hour_kind")).scalar()
        told = {one.heard.key: (one.kind, one.heard.event, one.heard.found) for one in (*store.latest, *store.records)}
        return {**told, "counted": (int(counted or 0),)}


@pytest.fixture
def post(engine: Engine) -> Post:
    return Post(engine)


def test_a_plate_that_comes_later_is_shown_with_the_review_and_its_alarm_masked_and_counted_once(post: Post) -> None:
    post.tell([review("a", CAR)])
    (alarm,) = post.room.frame("alarms")["rows"]
    assert (alarm["plate"], alarm["count"]) == (None, 1)
    post.tell([lpr(CAR, "75A-555.55", 2)])
    (alarm,) = post.room.frame("alarms")["rows"]
    assert (alarm["plate"], alarm["count"], "watch" in alarm) == ("75A-***.55", 1, False)
    assert post.rows()[f"frigate:review:{AT}-a"]["plate"] == "75A-***.55"
    assert "555.55" not in json.dumps(post.room.frame("events")) + json.dumps(post.room.frame("alarms"))
    post.tell([lpr(CAR, "75A-777.77", 9, 0.99)])
    assert post.rows()[f"frigate:review:{AT}-a"]["plate"] == "75A-***.77"
    assert post.room.count("event") == 2


def test_a_plate_that_came_first_is_there_when_the_review_comes(post: Post) -> None:
    post.tell([lpr(CAR, "75A-555.55", 2)])
    post.tell([review("a", VAN, CAR)])
    (alarm,) = post.room.frame("alarms")["rows"]
    assert (alarm["plate"], alarm["count"]) == ("75A-***.55", 1)


def test_a_hit_is_named_by_its_entry_and_a_name_is_never_kept(post: Post) -> None:
    post.tell([review("a", MAN), face(MAN, "lan", 1), face(MAN, "somebody", 2)])
    by_kind = {row["kind"]: row for row in post.rows().values()}
    assert by_kind["fire_single"]["watch"] == post.entries["lan"]
    told = {row["kind"]: row for row in post.room.frame("alarms")["rows"]}
    assert told["fire_single"]["watch"] == post.entries["lan"]
    with post.room.engine.connect() as sql:
        bodies = b"".join(row[0] for row in sql.execute(text("SELECT body FROM event")))
    assert b"somebody" not in bodies
    assert b"lan" not in bodies


def test_what_a_person_has_closed_is_not_opened_by_a_plate(post: Post) -> None:
    post.tell([review("a", CAR, ended=True)])
    post.room.clock.go(3_600_000)
    post.room.step(2)
    assert post.room.frame("alarms")["rows"] == []
    post.tell([lpr(CAR, "75A-555.55", 2)])
    assert post.room.frame("alarms")["rows"] == []
    assert post.rows()[f"frigate:review:{AT}-a"]["plate"] == "75A-***.55"


def test_a_plate_does_not_shorten_an_alarm_that_another_review_keeps(post: Post) -> None:
    post.tell([review("a", CAR, ended=True), review("c", VAN)])
    (before,) = post.room.keeper.board.alarms.values()
    post.tell([lpr(CAR, "75A-555.55", 2)])
    (after,) = post.room.keeper.board.alarms.values()
    assert (after.until, after.last, after.count, after.plate) == (before.until, before.last, 2, "75A-555.55")


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(order=st.permutations(STORY), again=st.lists(st.sampled_from(STORY), max_size=6), cut=st.integers(1, 9))
def test_any_order_and_any_repetition_gives_the_same(sqlite: Engine, order: list[Message], again: list[Message], cut: int) -> None:
    plain = Post(sqlite)
    plain.tell(STORY, cut=100)
    wanted, alarms = plain.kept(), plain.room.frame("alarms")["rows"]
    mixed = Post(sqlite)
    mixed.tell([*order, *again], cut=cut)
    assert mixed.kept() == wanted
    a = f"frigate:review:{AT}-a"
    assert mixed.kept()[a][2] == wanted[a][2]
    assert wanted[a][2].plate == "75A-999.99"  # type: ignore[union-attr]
    assert wanted[a][2].entry == mixed.entries["75A-123.46"]  # type: ignore[union-attr]
    shown = {(one["kind"], one["plate"], one.get("watch")) for one in mixed.room.frame("alarms")["rows"]}
    assert shown == {(one["kind"], one["plate"], one.get("watch")) for one in alarms}


def test_a_thing_of_which_very_much_is_told_costs_no_more_than_so_much(post: Post) -> None:
    post.tell([review(f"r{n}", CAR) for n in range(2 * MOST_OF_ONE)], cut=10)
    post.tell([lpr(CAR, "75A-555.55", 2)])
    assert post.room.count("thing") <= MOST_OF_ONE
    with post.room.engine.connect() as sql:
        with_plate = [body for (body,) in sql.execute(text("SELECT body FROM event")) if decode(body).found]
    assert 0 < len(with_plate) < MOST_OF_ONE


def test_what_one_source_follows_is_nothing_to_another(post: Post) -> None:
    told = {"type": "sighted", "at": START, "camera": "H-002", "things": [CAR]}
    post.room.say({**told, "id": "n1", "kind": "crowd"})
    post.tell([lpr(CAR, "75A-555.55", 2)])
    assert "plate" not in post.rows()["native:n1"]
    post.room.say({**told, "id": "n2", "kind": "plate_read", "plate": "75C-111.11"})
    post.room.step(2)
    assert post.rows()["native:n1"]["plate"] == "75C-***.11"
