"""Watch lists: two persons for every entry, an end for every entry, nothing of it in the clear, and hits that nobody has confirmed."""

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from dashboard.alarms.acts import Asked
from dashboard.board import turn
from dashboard.errors import Missing, Unfit
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.plates import normal
from dashboard.ports import Reading
from dashboard.watch.entry import DAY_MS, MOST_DAYS, Barred, Content, Proposal
from data.memory import HandClock
from data.sealed import Seal, WatchMark
from data.store.alarms import SqlAlarms
from data.store.record import SqlStore
from data.store.watch import PURPOSE, SqlWatchLists
from data.watching import Watching
from tests.town import camera, kind, town

NOW = 1_795_410_000_000
SECRET = b"only for tests: 0123456789abcdef"
CITY = town(
    cameras=(camera("H-001"),),
    kinds=(
        kind("watch_plate", "alarm", 2),
        replace(
            kind("watch_plate_wanted", "alarm", 2),
            verify=True,
            verified_as="watch_plate_stop",
            family="watch_plate",
            group_by=("plate",),
        ),
        replace(kind("watch_plate_stop", "alarm", 1), family="watch_plate", group_by=("plate",)),
        kind("watch_plate_near", "alarm", 3),
        kind("plate_read", "record"),
    ),
)
HEARING = Hearing(CITY, locate=lambda *_: "")


def proposal(subject: str = "75A-123.45", **more: object) -> Proposal:
    content = Content(subject=subject, purpose="xe gây tai nạn bỏ chạy", basis="QĐ 12/2026", origin="Công an phường")
    return Proposal(content=content, **more)  # type: ignore[arg-type]


class Desk:
    """The lists, with a clock that the test turns and a board's eye on them."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.mark = engine, HandClock(NOW), WatchMark(SECRET)
        self.lists = SqlWatchLists(engine, self.clock, seal=Seal(SECRET, PURPOSE), mark=self.mark)

    def active(self, subject: str = "75A-123.45", **more: object) -> int:
        entry = self.lists.propose([proposal(subject, **more)], who="lan")[0].id
        self.lists.decide(entry, "approve", who="minh", why="")
        return entry

    def reads(self, *plates: str, **more: object) -> list[tuple[str, str]]:
        """Return kind and entry of every hit among reads."""
        watching = Watching(self.lists, self.mark, now_ms=self.clock.now_ms)
        heard = [
            HEARING.hear(
                "native",
                self.clock.now_ms(),
                Sighted(
                    **{"id": f"r{n}", "at": self.clock.now_ms(), "kind": "plate_read", "camera": "H-001", "plate": plate, **more}
                ),
            )
            for n, plate in enumerate(plates)
        ]
        told = watching.add(Reading(heard, ())).heard[len(heard) :]
        return [(one.event.kind, one.event.subject) for one in told]  # type: ignore[union-attr,misc]


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def test_nothing_matches_before_a_second_person_has_approved(desk: Desk) -> None:
    entry = desk.lists.propose([proposal()], who="lan")[0]
    assert desk.reads("75A-123.45") == []
    with pytest.raises(Barred, match="second_person"):
        desk.lists.decide(entry.id, "approve", who="lan", why="")
    assert desk.lists.decide(entry.id, "approve", who="minh", why="").state(NOW) == "active"
    assert desk.reads("75A-123.45") == [("watch_plate", entry.name)]
    with pytest.raises(Barred, match="state"):
        desk.lists.decide(entry.id, "approve", who="minh", why="")


def test_an_entry_ends_by_its_time_or_by_a_person(desk: Desk) -> None:
    first, second = desk.active(days=1), desk.active("75A-999.99")
    desk.clock.at_ms += DAY_MS - 1
    assert desk.reads("75A12345", "75A99999") == [("watch_plate", f"W-{first}"), ("watch_plate", f"W-{second}")]
    desk.clock.at_ms += 1
    desk.lists.decide(second, "withdraw", who="lan", why="đã tìm thấy")
    assert desk.reads("75A-123.45", "75A-999.99") == []


def test_an_entry_that_expires_while_it_is_held_matches_no_more(desk: Desk) -> None:
    desk.active(days=1)
    watching = Watching(desk.lists, desk.mark, now_ms=desk.clock.now_ms)
    read = HEARING.hear("native", NOW, Sighted(id="a", at=NOW, kind="plate_read", camera="H-001", plate="75A-123.45"))
    assert len(watching.add(Reading((read,), ())).heard) == 2
    desk.clock.at_ms += DAY_MS
    assert len(watching.add(Reading((read,), ())).heard) == 1


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        ("75a 123 45", "watch_plate"),
        ("123.45-75A", "watch_plate"),
        ("75A-123.46", "watch_plate_near"),  # one sign another
        ("15A-123.45", "watch_plate_near"),
        ("75A-123.4", "watch_plate_near"),  # one not read
        ("75A-1234.55", "watch_plate_near"),  # one read twice
        ("75A-124.46", None),  # two
        ("75A-12.3", None),
        ("unknown", None),
    ],
)
def test_a_plate_is_matched_however_written_and_one_sign_away_as_a_lower_class(desk: Desk, read: str, kind: str | None) -> None:
    entry = desk.active()
    assert desk.reads(read) == ([(kind, f"W-{entry}")] if kind else [])


def test_every_plate_one_sign_away_is_near_and_no_other(desk: Desk) -> None:
    plain, signs = normal("75A-123.45"), "0123456789ABCDEF"
    desk.active()
    one = {plain[:at] + sign + plain[at + 1 :] for at in range(len(plain)) for sign in signs} - {plain}
    one |= {plain[:at] + plain[at + 1 :] for at in range(len(plain))}
    one |= {plain[:at] + sign + plain[at:] for at in range(len(plain) + 1) for sign in signs}
    near = [plate for plate in sorted(one) if normal(plate) == plate]
    assert len(desk.reads(*near)) == len(near)
    two = [plain[:2] + sign + other + plain[4:] for sign in "XYZ" for other in "678"]
    assert desk.reads(*two) == []


def test_a_person_is_matched_by_the_name_of_the_camera_system_and_a_score(desk: Desk) -> None:
    entry = desk.active("person-17", what="person", least=0.7)
    assert desk.reads("", subject="Person-17", kind="face_seen", score=0.71) == [("watch_face", f"W-{entry}")]
    assert desk.reads("", subject="person-17", kind="face_seen", score=0.69) == []
    assert desk.reads("", subject="person-18", kind="face_seen", score=0.99) == []
    assert desk.reads("person-17") == []


def test_a_hit_is_an_event_of_the_record_once_and_an_alarm(desk: Desk) -> None:
    entry = desk.active()
    store = SqlStore(desk.engine, city=CITY)
    watching = Watching(desk.lists, desk.mark, now_ms=desk.clock.now_ms)
    read = HEARING.hear("native", NOW, Sighted(id="a", at=NOW, kind="plate_read", camera="H-001", plate="75A-123.45"))
    board = turn(store.load(NOW), NOW)
    for number in (1, 2):
        board = store.record(board, watching.add(Reading((read,), ())), f"{number}-0")
    assert board.stored == 2
    alarm = next(iter(board.alarms.values()))
    assert (alarm.kind, alarm.plate, alarm.count, alarm.subject) == ("watch_plate", "75A-123.45", 1, f"W-{entry}")


def test_nothing_of_an_entry_stands_in_the_clear(desk: Desk) -> None:
    desk.active()
    with desk.engine.connect() as sql:
        rows = [str(tuple(row)) for table in ("watch", "watch_act") for row in sql.execute(text(f"SELECT * FROM {table}"))]
    for told in ("75A", "12345", "123.45", "tai nạn", "QĐ 12", "phường"):
        assert not any(told in row for row in rows), told


def test_what_was_sealed_is_opened_only_after_it_was_written_down_who_asked(desk: Desk) -> None:
    entry = desk.active()
    assert desk.lists.reveal(entry, who="an", why="đối chiếu hồ sơ 17").subject == "75A-123.45"
    told = [(one.action, one.who, one.why) for one in desk.lists.history(entry)]
    assert told == [("propose", "lan", ""), ("approve", "minh", ""), ("reveal", "an", "đối chiếu hồ sơ 17")]
    with pytest.raises(Missing):
        desk.lists.reveal(999, who="an", why="x")


def test_an_import_is_one_decision_of_a_second_person(desk: Desk) -> None:
    desk.lists.propose([proposal(f"75A-{n:05d}") for n in range(50)], who="lan", batch="b1")
    shown, batches = desk.lists.shown(most=10)
    assert (shown, [(one.batch, one.proposer, one.n) for one in batches]) == ([], [("b1", "lan", 50)])
    with pytest.raises(Barred, match="second_person"):
        desk.lists.decide_batch("b1", "approve", who="lan", why="")
    assert desk.lists.decide_batch("b1", "approve", who="minh", why="") == 50
    assert len(desk.reads("75A-000.07", "75A-000.49")) >= 2
    with pytest.raises(Missing):
        desk.lists.decide_batch("b1", "refuse", who="minh", why="")
    assert [one.action for one in desk.lists.history(desk.lists.shown(most=1)[0][0].entry.id)] == ["propose", "approve"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (proposal(""), "subject"),
        (proposal("?!"), "subject"),
        (proposal("x" * 101, what="person"), "subject"),
        (proposal(days=MOST_DAYS + 1), "days"),
        (proposal(days=0), "days"),
        (proposal(least=1.5), "least"),
        (Proposal(content=Content(subject="75A-1", purpose=" ", basis="b", origin="o")), "purpose"),
        (Proposal(content=Content(subject="75A-1", purpose="p", basis="", origin="o")), "basis"),
        (Proposal(content=Content(subject="75A-1", purpose="p", basis="b", origin="")), "origin"),
    ],
)
def test_a_proposal_lacks_nothing_and_lasts_ninety_days_at_most(desk: Desk, told: Proposal, field: str) -> None:
    with pytest.raises(Unfit) as unfit:
        desk.lists.propose([proposal(), told], who="lan")
    assert unfit.value.field == field
    assert desk.lists.shown(most=10) == ([], [])


def test_a_hit_of_a_plate_to_be_stopped_is_urgent_once_a_person_has_verified_it(desk: Desk) -> None:
    entry = desk.active(level="stop")
    store = SqlStore(desk.engine, city=CITY)
    watching = Watching(desk.lists, desk.mark, now_ms=desk.clock.now_ms)
    read = HEARING.hear("native", NOW, Sighted(id="a", at=NOW, kind="plate_read", camera="H-001", plate="75A-123.45"))
    board = store.record(turn(store.load(NOW), NOW), watching.add(Reading((read,), ())), "1-0")
    (suspected,) = board.alarms.values()
    assert (suspected.kind, suspected.priority, suspected.verify, suspected.subject) == (
        "watch_plate_wanted",
        2,
        True,
        f"W-{entry}",
    )
    alarms = SqlAlarms(desk.engine, desk.clock, nudge=lambda: None)
    alarms.act(suspected.id, Asked("verify", why="trùng màu xe", outcome="right"), who="lan", key="key-1")
    (verified,) = store.record(board, Reading((), ()), "1-0").alarms.values()
    assert (verified.id, verified.kind, verified.priority, verified.verify) == (suspected.id, "watch_plate_stop", 1, False)
    assert (verified.state, verified.course.owner) == ("acknowledged", "lan")
    assert store.load(NOW).alarms == {verified.group: verified}
    assert [one.action for one in alarms.history(suspected.id)] == ["raise", "verify", "promote"]


def test_an_active_entry_is_reviewed_every_week_by_somebody_who_has_not_proposed_it(desk: Desk) -> None:
    waits = desk.lists.propose([proposal("43A-111.11")], who="lan")[0].id
    entry = desk.active()

    def due() -> dict[int, int]:
        return {one.id: one.review_due(desk.clock.now_ms()) for one, _ in desk.lists.shown(most=10)[0]}

    assert due() == {waits: 0, entry: NOW + 7 * DAY_MS}
    version = desk.lists.version()
    for who, which, why in (("lan", entry, "second_person"), ("minh", waits, "state")):
        with pytest.raises(Barred, match=why):
            desk.lists.decide(which, "review", who=who, why="vẫn cần cho hồ sơ 17")
    desk.clock.at_ms += 8 * DAY_MS
    assert due()[entry] < desk.clock.now_ms()  # overdue, and still looked for
    assert [one.id for one in desk.lists.active(desk.clock.now_ms())] == [entry]
    assert desk.lists.decide(entry, "review", who="minh", why="vẫn cần cho hồ sơ 17").reviewed_by == "minh"
    assert due()[entry] == NOW + 15 * DAY_MS
    assert desk.lists.version() == version  # nothing else matches than before
    assert [(one.action, one.who) for one in desk.lists.history(entry)] == [
        ("propose", "lan"),
        ("approve", "minh"),
        ("review", "minh"),
    ]
    desk.clock.at_ms = NOW + 31 * DAY_MS
    assert due()[entry] == 0
