"""The simulated city: the same again from the same seed, in the volumes of the cities' facts, and read by the same adapters as everybody."""

import http.server
import json
import threading
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard.events import CameraChanged, FeedSpoke, Measured, ReportChanged, Sighted
from dashboard.hearing import Hearing
from data.atlas import Atlas
from data.commands.simulate import COMMAND
from data.pack import load
from data.reading import ADAPTERS
from data.simulator.courier import Courier, replay
from data.simulator.places import homes
from data.simulator.plates import plates_of
from data.simulator.rhythm import Rhythm
from data.simulator.shares import ALARMS, VIOLATIONS
from data.simulator.spoken import Spoken
from data.simulator.town import LIVELY_MS, Town
from data.source import Unread

CITIES = ("hue", "dong_hoi")
TUESDAY = 1_794_243_600_000  # 10 November 2026, 00:00 in Huế: an ordinary day
RUSH = TUESDAY + 7 * 3_600_000
PACKS = {name: load(name) for name in CITIES}


def a_town(name: str = "hue", *, seed: int = 7, start: int = TUESDAY, **more) -> Town:
    pack = PACKS[name]
    places = homes(pack.folder, date(2026, 11, 10))
    return Town(pack.city, Rhythm(pack.folder), seed, start, homes=places, plates=plates_of(pack.folder), **more)


def said(town: Town, seconds: int) -> list[Spoken]:
    return [one for _ in range(seconds) for one in town.step()]


def sighted(stream: list[Spoken]) -> list[dict]:
    return [one.body for one in stream if one.source == "native" and one.body["type"] == "sighted"]  # type: ignore[index, call-overload]


@pytest.mark.parametrize("name", CITIES)
def test_the_same_seed_and_start_say_the_same(name: str) -> None:
    first, again, other = (said(a_town(name, seed=seed, start=RUSH), 600) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert list(a_town(name).past_reports(3)) == list(a_town(name).past_reports(3))


@pytest.mark.parametrize("name", CITIES)
def test_all_of_it_is_read_by_the_adapters_and_known_by_the_registry(name: str) -> None:
    town, pack = a_town(name, start=RUSH), PACKS[name]
    hearing = Hearing(pack.city, locate=Atlas(pack.folder, zone=pack.city.zone).locate, adapters={"reports": "native"})
    stream = [
        *town.states(),
        *town.past_reports(2),
        *said(town, 900),
        town.lose(pack.city.cameras[0].id, "offline"),
        *town.states(),
    ]
    kinds = {kind.key for kind in pack.city.kinds}
    seen: Counter[type] = Counter()
    for one in stream:
        raw = (one.body if isinstance(one.body, str) else json.dumps(one.body)).encode()
        adapter = ADAPTERS["frigate" if one.topic else "native"]
        for event in adapter.parse(raw, {"mqtt-topic": one.topic} if one.topic else {}):
            assert not isinstance(event, Unread), event
            heard = hearing.hear(one.source, town.now_ms, event)
            seen[type(event)] += 1
            if isinstance(event, Sighted | CameraChanged):
                assert heard.camera, event
            if isinstance(event, Sighted):
                assert event.kind in kinds, event.kind
            if isinstance(event, ReportChanged):
                assert event.service in {service.code for service in pack.city.services}
    assert set(seen) - {Measured} == {Sighted, CameraChanged, ReportChanged, FeedSpoke}
    assert bool(seen[Measured]) == bool(pack.city.indicators)


@pytest.fixture(scope="module")
def tuesday() -> tuple[Town, list[Spoken]]:
    town = a_town()
    return town, said(town, 86_400)


def test_a_calm_day_has_the_volumes_of_the_facts(tuesday) -> None:
    """130 violations, 30 to 60 alarms, 105 000 plates and 113 reports, each within four sigma of its law."""
    _, stream = tuesday
    events = [one for one in sighted(stream) if one["at"] >= TUESDAY + LIVELY_MS + 1000]
    burst = {camera for camera, n in Counter(one["camera"] for one in events).items() if n > 60}
    violations = [one for one in events if one["kind"] in dict(VIOLATIONS) and one["camera"] not in burst]
    alarms = [one for one in events if one["kind"] in dict(ALARMS)]
    smoke = sum(one.topic == "frigate/reviews" for one in stream)
    plates = sum(one.topic == "frigate/tracked_object_update" for one in stream)
    reports = [one.body for one in stream if one.source == "reports" and one.body["type"] == "report_changed"]  # type: ignore[index, call-overload]
    assert 85 <= len(violations) <= 176
    assert 18 <= len(alarms) + smoke <= 75
    assert 94_500 <= plates <= 115_500
    assert 70 <= sum(one["open"] for one in reports) <= 160
    assert any(not one["open"] for one in reports)
    lost = [one.body for one in stream if one.source == "native" and one.body["type"] == "camera_changed"]  # type: ignore[index, call-overload]
    assert any(one["state"] in {"offline", "frozen"} for one in lost)
    assert any(one["state"] == "online" for one in lost)


def test_rush_hours_are_busier_than_nights(tuesday) -> None:
    _, stream = tuesday
    hours = Counter(
        int(one.body["timestamp"] - TUESDAY / 1000) // 3600  # type: ignore[index, call-overload]
        for one in stream
        if one.topic == "frigate/tracked_object_update"
    )
    assert min(hours[7], hours[17]) > 4 * max(hours[2], hours[3])


def test_reports_come_from_many_wards_and_services(tuesday) -> None:
    town, stream = tuesday
    locate = Atlas(PACKS["hue"].folder, zone=town.city.zone).locate
    reports = [one.body for one in stream if one.source == "reports" and one.body.get("open")]  # type: ignore[union-attr]
    assert len({one["service"] for one in reports}) >= 10  # type: ignore[call-overload]
    wards = {locate(one["lon"], one["lat"], TUESDAY) for one in reports}  # type: ignore[call-overload]
    assert len(wards) >= 12


def test_a_junction_that_runs_wild_has_hundreds_in_minutes() -> None:
    town = a_town(start=RUSH)
    town.junction = town._camera("red_light")
    town.burst_until = town.now_ms + 600_000
    counted = Counter(one["camera"] for one in sighted(said(town, 600)))
    assert town.junction is not None
    assert 200 <= counted[town.junction.id] <= 500


def test_a_lost_camera_is_silent_and_comes_back() -> None:
    town = a_town(start=RUSH)
    key = next(camera.id for camera in town.city.cameras if camera.owner == "city")
    assert town.lose(key, "offline").body["state"] == "offline"  # type: ignore[index, call-overload]
    until = town.out[key][0]
    while town.now_ms < until:
        assert not any(one["camera"] == key for one in sighted(list(town.step())))
    told = [one.body for one in town.step() if one.source == "native" and one.body.get("camera") == key]  # type: ignore[union-attr]
    assert told[0]["state"] == "online"  # type: ignore[index, call-overload]


@pytest.mark.parametrize(("name", "province", "share"), [("hue", "75", 0.82), ("dong_hoi", "73", 0.84)])
def test_plates_are_the_citys_own_and_only_stories_bear_a_w(name: str, province: str, share: float) -> None:
    town = a_town(name)
    drawn = [town.plates.draw(town.random) for _ in range(5000)]
    assert abs(sum(one.startswith(province) for one in drawn) / 5000 - share) < 0.03
    assert not any("W" in one for one in drawn)
    watched = [one.body for one in islice(iter(town._alarm, 0), 2000) if one and one.source == "native"]
    assert {one["plate"] for one in watched if "plate" in one} == {"75W-000.75"}  # type: ignore[operator, index, call-overload]


def test_at_another_speed_nothing_comes_from_tomorrow() -> None:
    """An hour of the city in a minute of ours: as much as in an hour, stamped when it is said."""
    town = a_town(start=RUSH, speed=60.0)
    stream = said(town, 3600)
    assert town.now_ms == RUSH + 60_000
    times = [one["at"] for one in sighted(stream)] + [one.body["timestamp"] * 1000 for one in stream if "tracked" in one.topic]  # type: ignore[index, call-overload]
    assert min(times) >= RUSH
    assert max(times) < RUSH + 61_000
    slow = said(a_town(start=RUSH), 3600)
    assert len(stream) == pytest.approx(len(slow), rel=0.1)


def test_reports_that_an_earlier_run_left_open_are_closed() -> None:
    town = a_town()
    old = {
        "type": "report_changed",
        "report": "PA-1",
        "service": "MT02",
        "submitted": TUESDAY - 90 * 86_400_000,
        "open": True,
        "closed": None,
    }
    town.adopt(old | {"id": "x", "at": 1})
    told = [one.body for one in said(town, 2) if one.source == "reports" and one.body.get("report") == "PA-1"]  # type: ignore[union-attr]
    assert [(one["open"], one["closed"]) for one in told] == [(False, TUESDAY)]  # type: ignore[index, call-overload]


def test_the_past_is_told_as_it_stands_now() -> None:
    reports = [one.body for one in a_town().past_reports(30)]
    open_now = [one for one in reports if one["open"]]  # type: ignore[index, call-overload]
    assert 113 * 30 * 0.9 < len(reports) < 113 * 30 * 1.1
    assert 0.01 < len(open_now) / len(reports) < 0.4
    assert all(one["closed"] <= TUESDAY for one in reports if not one["open"])  # type: ignore[index, call-overload]


class Door:
    """An intake that is shut now and then."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []
        self.answers = [503, 202, 429, 202]
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                status = door.answers.pop(0) if door.answers else 202
                if status == 202:
                    door.taken.append((self.path, self.headers["X-Kydai-Simulated"], raw))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def front():
    made = Door()
    yield made
    made.close()


def test_everything_goes_through_the_front_door_marked_and_in_order_and_can_be_replayed(front: Door, tmp_path: Path) -> None:
    keys, tape = dict.fromkeys(("native", "frigate", "reports", "indicators"), "k"), tmp_path / "tape.ndjson"
    courier = Courier(front.url, keys, stopping=lambda: False, record=tape)
    town = a_town(start=RUSH)
    courier.carry([*town.states(), *said(town, 20)])
    first = list(front.taken)
    assert {mark for _, mark, _ in first} == {"1"}
    assert {path.partition("?")[0] for path, _, _ in first} == {f"/api/v1/intake/{key}" for key in keys}
    courier._record.close()  # type: ignore[union-attr]
    front.taken.clear()
    again = Courier(front.url, keys, stopping=lambda: False)
    for _, one in replay(tape):
        again.carry([one])
    lines = [line for _, _, raw in first for line in raw.splitlines()]
    assert [line for _, _, raw in front.taken for line in raw.splitlines()] == lines
    for one in (courier, again):
        one._line.close()  # type: ignore[union-attr]


def test_what_is_no_recording_is_named_by_its_line(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))
    monkeypatch.delenv("KYDAI_DEMO", raising=False)
    tape = tmp_path / "tape.ndjson"
    tape.write_text("nonsense\n")
    told = CliRunner().invoke(COMMAND, ["--replay", str(tape)])
    assert (told.exit_code, f"{tape}:1: is no recording" in told.output) == (1, True)


def test_a_city_that_works_is_not_mixed_with_one_that_does_not_happen(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))
    monkeypatch.setenv("KYDAI_DEMO", "0")
    told = CliRunner().invoke(COMMAND, [])
    assert (told.exit_code, "KYDAI_DEMO=0" in told.output) == (1, True)
