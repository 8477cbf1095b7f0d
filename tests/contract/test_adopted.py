"""The register of adopted cameras, and a board that learns of one while it runs."""

import threading

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

import app
from dashboard.cameras.adopted import Adopted, Taken, Wish, key_of
from dashboard.errors import Away, Missing, Unfit
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds
from dashboard.video import way
from data.living import ASK_EVERY_S, LivingCity
from data.memory import HandClock
from data.reading import Reader
from data.relaying import LivingCameras
from data.store.adopted import SqlRegister
from data.store.record import SqlStore
from tests.contract.test_keeper import same
from tests.keep import ADAPTERS, CITY, START, Room
from tests.rig import prompt_pack

HOUR = 3_600_000


def wish(name: str = "Ngã tư Mới", **more: object) -> Wish:
    return Wish(**{"name_vi": name, "lon": 107.5, "lat": 16.5, **more})  # type: ignore[arg-type]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START)


@pytest.fixture
def register(engine: Engine, clock: HandClock) -> SqlRegister:
    return SqlRegister(engine, clock, city=CITY, locate=lambda lon, lat, at: f"{lon:.0f}/{lat:.0f}/{at - START}")


def test_a_camera_is_adopted_changed_and_removed_and_all_of_it_is_kept(register: SqlRegister, clock: HandClock) -> None:
    one = register.adopt("native", "cam-7", wish(), who="lan")
    assert (one.id, one.ward, one.by, one.at, one.owner) == ("N-001", "108/16/0", "lan", START, "city")
    clock.at_ms += 5
    two = register.change("N-001", wish("Cầu Mới", lon=107.2, owner="province"), who="minh")
    assert (two.name["vi"], two.ward, two.by, two.owner) == ("Cầu Mới", "107/16/5", "lan", "province")
    assert register.adopted() == [two]
    clock.at_ms += 5
    gone = register.remove("N-001", who="an")
    assert register.adopted() == [gone]
    assert gone.removed == START + 10
    assert [(one.step, one.who, one.at - START) for one in register.history("N-001")] == [
        ("adopt", "lan", 0),
        ("change", "minh", 5),
        ("remove", "an", 10),
    ]
    assert "Cầu Mới" in register.history("N-001")[1].told
    for act in (lambda: register.remove("N-001", who="an"), lambda: register.change("N-001", wish(), who="an")):
        with pytest.raises(Missing):
            act()


def test_a_number_is_never_given_twice(register: SqlRegister) -> None:
    register.adopt("native", "a", wish("A"), who="lan")
    register.remove("N-001", who="lan")
    again = register.adopt("native", "a", wish("A"), who="lan")
    assert again.id == "N-002"


@pytest.mark.parametrize(
    ("source", "called", "holder"),
    [("native", "a", "N-001"), ("native", "H-001", "H-001"), ("frigate", "h_001", "H-001")],
)
def test_what_somebody_has_is_not_adopted_again(register: SqlRegister, source: str, called: str, holder: str) -> None:
    register.adopt("native", "a", wish("A"), who="lan")
    with pytest.raises(Taken) as taken:
        register.adopt(source, called, wish("B"), who="minh")
    assert taken.value.camera == holder


@pytest.mark.parametrize(
    ("source", "called", "told"),
    [
        ("", "a", wish()),
        ("native", "", wish()),
        ("native", "x" * 121, wish()),
        ("native", "a\0", wish()),
        ("native", "a", wish(" ")),
    ],
)
def test_what_is_unfit_is_refused_and_nothing_is_kept(register: SqlRegister, source: str, called: str, told: Wish) -> None:
    with pytest.raises(Unfit):
        register.adopt(source, called, told, who="lan")
    assert (register.adopted(), register.version()) == ([], 0)


def test_a_stranger_may_be_a_camera_of_ours_by_another_source(register: SqlRegister, clock: HandClock) -> None:
    register.adopt("native", "a", wish("A"), who="lan")
    clock.at_ms += 5
    assert register.name("onvif", "x9", "H-001", who="minh").camera == "H-001"
    register.name("onvif", "x8", "N-001", who="minh")
    city = LivingCity(CITY, register).now()
    names = {one.id: dict(one.names) for one in city.cameras}
    assert names["H-001"] == {"frigate": "h_001", "onvif": "x9"}
    assert names["N-001"] == {"native": "a", "onvif": "x8"}
    for act in (
        lambda: register.name("onvif", "x9", "H-002", who="an"),
        lambda: register.adopt("onvif", "x9", wish("B"), who="an"),
        lambda: register.name("native", "a", "H-002", who="an"),
    ):
        with pytest.raises(Taken):
            act()
    with pytest.raises(Unfit) as unfit:
        register.name("onvif", "x7", "H-001", who="an")
    assert (unfit.value.field, unfit.value.why) == ("camera", "named")
    with pytest.raises(Missing):
        register.name("onvif", "x7", "N-009", who="an")
    register.remove("N-001", who="an")
    assert [one.camera for one in register.names()] == ["H-001"]
    register.unname("onvif", "x9", who="an")
    with pytest.raises(Missing):
        register.unname("onvif", "x9", who="an")
    assert [(one.step, one.who, one.told) for one in register.history("H-001")] == [
        ("name", "minh", "onvif/x9"),
        ("unname", "an", "onvif/x9"),
    ]


def test_two_who_adopt_the_same_at_once_are_told_apart(register: SqlRegister) -> None:
    done: list[object] = []

    def adopt(who: str) -> None:
        try:
            done.append(register.adopt("native", "a", wish(f"A {who}"), who=who))
        except (Taken, Away) as no:
            done.append(no)

    threads = [threading.Thread(target=adopt, args=(name,)) for name in ("lan", "minh", "an", "hoa")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(isinstance(one, Adopted) for one in done) == 1
    assert len(register.adopted()) == 1


class Adopting(Room):
    """A board's room whose city takes in cameras."""

    def __init__(self, engine: Engine, register: SqlRegister) -> None:
        self.living = LivingCity(CITY, register, monotonic_s=lambda: self.clock.at_s)
        self.ears = Reader(lambda adapters: Hearing(self.living.city, locate=lambda *_: "", adapters=adapters), lambda: ADAPTERS)
        super().__init__(engine, read=self.ears.read, living=self.living.now, renew=self.ears.renew)

    def sees(self, key: str, name: str = "cam-7") -> None:
        self.say({"type": "sighted", "id": key, "at": self.clock.at_ms, "kind": "red_light", "camera": name})
        self.step()


def test_a_board_learns_of_an_adoption_while_it_runs(engine: Engine, register: SqlRegister) -> None:
    room = Adopting(engine, register)
    room.sees("a")
    room.sees("b", "cam-8")
    assert (room.frame("status")["unknown_cameras"], room.frame("cameras")["total"]) == (2, 3)
    assert [(one.name, one.count) for one in register.strangers()] == [("cam-7", 1), ("cam-8", 1)]
    register.adopt("native", "cam-7", wish(), who="lan")
    room.clock.go(int(ASK_EVERY_S * 1000))
    room.step()
    cameras = room.frame("cameras")
    assert (cameras["total"], cameras["states"], [one["name"] for one in cameras["unknown"]]) == (4, "----", ["cam-8"])
    assert room.frame("status")["city_version"] == cameras["version"] == room.living.city.version != CITY.version
    room.sees("c")
    assert [row["ix"] for row in room.frame("events")["rows"]] == [3, -1, -1]
    assert (room.frame("cameras")["states"], room.frame("cameras")["spoke"]) == ("---o", [0, 0, 0, 1])
    assert set(room.keeper.board.unknown) == {"native/cam-8"}
    same(SqlStore(engine, city=room.living.city).load(room.clock.at_ms), room.keeper.board)
    with engine.connect() as sql:
        told = sql.execute(text("SELECT key, camera FROM event ORDER BY seq")).all()
    assert [tuple(row) for row in told] == [("native:a", ""), ("native:b", ""), ("native:c", "N-001")]


def test_what_another_source_sends_is_the_same_camera_once_somebody_says_so(engine: Engine, register: SqlRegister) -> None:
    room = Adopting(engine, register)
    room.sees("a", "door-2")
    register.name("native", "door-2", "H-002", who="lan")
    room.clock.go(3000)
    room.step()
    assert (room.frame("cameras")["unknown"], room.frame("cameras")["total"]) == ([], 3)
    room.sees("b", "door-2")
    assert [row["ix"] for row in room.frame("events")["rows"]] == [1, -1]
    same(SqlStore(engine, city=room.living.city).load(room.clock.at_ms), room.keeper.board)


def test_a_removed_camera_is_a_stranger_again_and_keeps_its_place(engine: Engine, register: SqlRegister) -> None:
    room = Adopting(engine, register)
    register.adopt("native", "cam-7", wish("A"), who="lan")
    register.adopt("native", "cam-8", wish("B"), who="lan")
    room.clock.go(3000)
    room.sees("a")
    register.remove("N-001", who="lan")
    room.clock.go(3000)
    room.sees("b")
    room.sees("c", "cam-8")
    cameras = room.frame("cameras")
    assert (cameras["states"], cameras["total"], cameras["online"]) == ("---.o", 4, 1)
    assert [row["ix"] for row in room.frame("events")["rows"]] == [4, -1, 3]
    assert [(one.name, one.count) for one in register.strangers()] == [("cam-7", 1)]
    with engine.connect() as sql:
        assert sql.scalar(text("SELECT online FROM hour_online")) == 1
    same(SqlStore(engine, city=room.living.city).load(room.clock.at_ms), room.keeper.board)


def test_a_city_stands_as_it_was_while_the_record_is_away(register: SqlRegister) -> None:
    class Flaky:
        away = False

        def version(self) -> int:
            if self.away:
                raise Away("gone")
            return register.version()

        def adopted(self):
            return register.adopted()

        def names(self):
            return register.names()

    flaky, seconds = Flaky(), [0.0]
    living = LivingCity(CITY, flaky, monotonic_s=lambda: seconds[0])
    register.adopt("native", "cam-7", wish(), who="lan")
    city = living.now()
    assert city.cameras[-1].id == "N-001"
    flaky.away = True
    register.remove("N-001", who="lan")
    seconds[0] = ASK_EVERY_S
    assert living.now() is city
    flaky.away = False
    assert living.now() is city
    seconds[0] = 2 * ASK_EVERY_S
    assert living.now().cameras[-1].gone


def test_an_adopted_camera_may_have_pictures_and_be_critical(register: SqlRegister, clock: HandClock) -> None:
    living = LivingCity(CITY, register, monotonic_s=lambda: 0.0)
    register.adopt("native", "cam-7", wish(), who="lan")
    cameras = LivingCameras(living.look)
    before = cameras["N-001"]
    one = register.equip("N-001", stream="rtsp://10.1.2.8/sub", critical=True, who="minh")
    assert register.adopted() == [one]
    found = living.look().cameras[-1]
    assert (found.id, found.stream, found.snapshot, found.critical) == ("N-001", "rtsp://10.1.2.8/sub", "", True)
    assert way(found) == "stream"
    assert Kinds(living.city).critical >= {"N-001"}
    assert cameras["N-001"] == found != before
    two = register.equip("N-001", stream="", snapshot="http://10.1.2.8/s.jpg", who="minh")
    assert (way(living.look().cameras[-1]), two.critical) == ("still", True)
    (_, first, second) = register.history("N-001")
    assert (first.step, first.who) == ("equip", "minh")
    assert first.told.endswith("stream · critical")
    assert second.told.endswith("snapshot · critical")
    assert "10.1.2.8" not in first.told + second.told
    changed = register.change("N-001", wish("Cầu Mới"), who="an")
    assert (changed.snapshot, changed.critical) == ("http://10.1.2.8/s.jpg", True)
    register.remove("N-001", who="an")
    living.look()
    assert "N-001" not in cameras
    with pytest.raises(Missing):
        register.equip("N-001", critical=False, who="an")


def test_a_key_tells_nothing_of_a_stranger() -> None:
    assert key_of("native", "75A-123.45") != key_of("native", "75A-123.46")
    assert key_of("a", "b/c") != key_of("a/b", "c")
    assert "75A" not in key_of("native", "75A-123.45")


def test_a_camera_is_adopted_by_command_and_the_pack_wins_later(tmp_path, monkeypatch) -> None:
    """`city check` and `doctor` say so, `camera list` too; nothing of it is an error."""
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KYDAI_CITY", str(prompt_pack(tmp_path)))

    def run(*words: str):
        return CliRunner().invoke(app.main, words)

    checked = run("city", "check")
    assert (checked.exit_code, (tmp_path / "home" / "kydai.db").exists()) == (0, False)
    place = ("--lon", "107.58", "--lat", "16.46")
    made = run("camera", "adopt", "native", "x1", *place, "--name", "Cổng trường")
    assert (made.exit_code, made.output) == (0, "N-001\tCổng trường\tward 19789\n")
    assert "is N-001 already" in run("camera", "adopt", "native", "x1", *place, "--name", "Khác").output
    assert "place: outside" in run("camera", "adopt", "native", "x2", "--lon", "1", "--lat", "1", "--name", "Khác").output
    assert run("camera", "list").output.endswith("\tadopted\n")
    assert run("camera", "unknown").output == ""
    assert "adopted   1 cameras; 0 of them" in run("city", "check").output
    table = tmp_path / "city" / "cameras.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("frigate=h_001", "frigate=h_001;native=x1"), encoding="utf-8")
    assert "N-001 Cổng trường (native/x1) is ignored: the pack wins" in run("city", "check").output
    assert "adopted camera N-001 is ignored, the pack wins" in run("doctor").output
    assert run("camera", "list").output.endswith("\tin the pack by now, ignored\n")


def test_by_command_a_camera_gets_pictures_from_where_we_may_connect_to(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path / "var"))
    run = CliRunner().invoke
    place = ["--lon", "107.58", "--lat", "16.46", "--name", "Cổng trường"]
    assert run(app.main, ["camera", "adopt", "frigate-2", "cong_truong", *place]).exit_code == 0
    told = run(app.main, ["camera", "equip", "N-001", "--stream", "rtsp://10.1.2.8/sub", "--critical"])
    assert told.output.split("\t") == ["N-001", "stream rtsp://10.1.2.8/sub", "snapshot -", "critical yes\n"]
    for words, reason in (
        (["--stream", "rtsp://203.0.113.9/sub"], "[outward] allow"),
        (["--stream", "rtsp://u:p@10.1.2.8/sub"], "login add"),
        (["--stream", "ftp://10.1.2.8/sub"], "is not spoken"),
        (["--snapshot", "rtsp://10.1.2.8/sub"], "is not for this"),
        (["--snapshot", "http://169.254.169.254/s.jpg"], "never allowed"),
        ([], "say --stream"),
    ):
        no = run(app.main, ["camera", "equip", "N-001", *words])
        assert (no.exit_code, reason in no.output) == (1, True), no.output
    assert "there is no adopted camera" in run(app.main, ["camera", "equip", "N-009", "--not-critical"]).output
