"""Our word about a report goes back to the endpoint that it came from: once, in order, until it arrives, and never back to us as theirs."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from sqlalchemy import Engine, select

from dashboard.reports.sending import AGAIN_S, HOLD_MS
from data.outward import Login, check
from data.posting import MOST_REST_S, Poster
from data.pushing import Endpoints
from data.store.cases.saying import SENDING
from data.store.sendings import SqlSendings
from data.store.sources import Sources
from tests.cases import Office, telling
from tests.devices import Device, Request, device, plain
from tests.keep import START

KEY, TAKEN = "khóa của chúng tôi", b'[{"update_id": "1"}]'


class Partner(Office):
    """The centre, and an endpoint `georeport-dn` whose reports come in as the source of that name."""

    def __init__(self, engine: Engine, url: str) -> None:
        super().__init__(engine)
        Sources(engine).add("georeport-dn", adapter="georeport", address=f"{url}/v2", device="dn@Asia/Ho_Chi_Minh", now_ms=START)
        self.sendings = SqlSendings(engine, self.clock)

    def poster(self, allowed: tuple[str, ...] = ("127.0.0.1",)) -> Poster:
        """Return what sends, as a new process would."""
        dial = {"dial": lambda url: check(url, allowed), "who": lambda _h, _p: Login("key", KEY)}
        return Poster(self.sendings, self.clock, {"endpoint": Endpoints(self.sendings, self.clock, lambda: self.city, **dial)})

    def theirs(self, key: str = "77", **more: object) -> str:

        self.hear(self.hearing.hear("georeport-dn", self.clock.at_ms, telling(key, self.clock.at_ms, **more)))
        return f"georeport-dn/{key}"

    @property
    def states(self) -> list[tuple[str, str]]:
        with self.engine.connect() as sql:
            return [tuple(row) for row in sql.execute(select(SENDING.c.kind, SENDING.c.state).order_by(SENDING.c.seq))]


@pytest.fixture
def endpoint() -> Iterator[tuple[Device, list[bytes]]]:
    """An endpoint; `answers` are what it says one after the other, and takes everything once there are no more."""
    answers: list[bytes] = []

    def answer(_request: Request, say) -> None:
        said = answers.pop(0) if answers else plain(TAKEN, content_type="application/json")
        if said:
            say(said)
        else:
            _request.hold()

    with device(answer) as one:
        yield one, answers


@pytest.fixture
def partner(engine: Engine, endpoint) -> Partner:
    return Partner(engine, endpoint[0].url)


def told(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def test_each_step_is_told_in_its_order_and_once(partner: Partner, endpoint) -> None:
    one, _ = endpoint
    report, poster = partner.theirs(), partner.poster()
    partner.walk(report, "published")
    partner.act("note", report, why="chỉ trong nhà")
    partner.clock.at_ms += HOLD_MS
    while poster.step():
        pass
    forms = [told(request) for request in one.asked]
    assert [form["description"] for form in forms] == [
        "Phản ánh đang được xác minh.",
        "Phản ánh đã được chuyển đến đơn vị xử lý.",
        "Phản ánh đang được xử lý.",
        "Kính gửi Quý Ông/Bà: đã xử lý xong.",
    ]
    assert [form["status"] for form in forms] == ["OPEN", "OPEN", "OPEN", "CLOSED"]
    assert len({form["update_id"] for form in forms}) == 4
    assert {(form["api_key"], form["jurisdiction_id"], form["service_request_id"]) for form in forms} == {(KEY, "dn", "77")}
    assert forms[-1]["updated_datetime"].endswith("+07:00")
    assert {(request.method, request.path) for request in one.asked} == {("POST", "/v2/servicerequestupdates.json")}
    assert partner.poster().step() == 0
    assert {state for _, state in partner.states} == {"sent"}
    sent = partner.shown(report).sent
    assert {(it.way, it.state, it.tries) for it in sent.values()} == {("endpoint", "sent", 1)}


def test_what_is_taken_back_in_time_is_never_told(partner: Partner, endpoint) -> None:
    one, _ = endpoint
    report = partner.theirs()
    partner.act("take", report)
    assert partner.poster().step() == 0
    partner.clock.at_ms += 20_000
    partner.act("undo", report)
    partner.clock.at_ms += HOLD_MS
    assert (partner.poster().step(), one.asked) == (0, [])
    assert partner.states == [("verifying", "undone")]


def test_it_is_tried_again_under_the_same_name_and_nothing_overtakes_it(partner: Partner, endpoint) -> None:
    one, answers = endpoint
    answers += [plain(b"no", status="500 X"), plain(b"<!DOCTYPE html><p>Log in", content_type="text/html"), b"garbage\r\n\r\n"]
    report = partner.theirs()
    partner.act("refuse", report, text="Không thuộc thành phố")
    partner.act("reopen", report)
    poster = partner.poster()
    for wait_s in (0, *AGAIN_S[:3]):
        partner.clock.at_ms += 1000 * wait_s
        assert poster.step() == 1
        assert poster.step() == (0 if wait_s != AGAIN_S[2] else 1)
    names = [told(request)["update_id"] for request in one.asked]
    assert names[:4] == names[:1] * 4
    assert names[4] > names[0]
    assert [told(request)["status"] for request in one.asked] == ["CLOSED"] * 4 + ["OPEN"]
    assert [state for _, state in partner.states] == ["sent", "sent"]


@pytest.mark.parametrize("wait", ["7200", "Mon, 23 Nov 2026 07:00:00 GMT"])
def test_whoever_asks_to_be_left_alone_is(partner: Partner, endpoint, wait: str) -> None:
    one, answers = endpoint
    answers.append(plain(b"", status="429 X", more=f"Retry-After: {wait}\r\n"))
    first, second = partner.theirs("1"), partner.theirs("2")
    partner.act("refuse", first, text="một")
    partner.act("refuse", second, text="hai")
    poster = partner.poster()
    assert poster.step() == 1
    partner.clock.at_ms += 6_000_000
    assert (poster.step(), len(one.asked)) == (0, 1)
    partner.clock.at_ms += 1_300_000
    assert (poster.step(), len(one.asked)) == (2, 3)


def test_it_is_given_up_in_the_end_told_in_the_history_and_can_be_sent_again(partner: Partner, endpoint) -> None:
    one, answers = endpoint
    answers += [plain(b"no", status="503 X")] * (len(AGAIN_S) + 1)
    report, poster = partner.theirs(), partner.poster()
    partner.act("refuse", report, text="Không")
    for wait_s in (0, *AGAIN_S):
        partner.clock.at_ms += 1000 * max(wait_s, int(MOST_REST_S))
        assert poster.step() == 1
    assert partner.states == [("ineligible", "given_up")]
    partner.clock.at_ms += 90_000_000
    assert poster.step() == 0
    last = partner.shown(report).acts[-1]
    assert (last.action, last.who, last.why) == ("undelivered", "", "answered 503")
    partner.act("send_again", report)
    assert poster.step() == 1
    assert partner.states == [("ineligible", "sent")]
    assert len({told(request)["update_id"] for request in one.asked}) == 1
    from dashboard.reports.case import Illegal

    with pytest.raises(Illegal, match="sent"):
        partner.act("send_again", report)
    assert [act.action for act in partner.shown(report).acts].count("send_again") == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (plain(b"", status="400 X"), "answered 400: it does not take this"),
        (plain(b"", status="410 X"), "answered 410: it does not take this"),
        (plain(b"", status="409 X"), "answered 409: it does not take this"),
        (
            plain(b'[{"code": 400, "description": "status is unknown"}]', status="400 X"),
            "answered 400: it does not take this (status is unknown)",
        ),
    ],
)
def test_what_will_never_be_taken_is_given_up_at_once(partner: Partner, endpoint, said: bytes, reason: str) -> None:
    endpoint[1].append(said)
    partner.act("refuse", partner.theirs(), text="Không")
    assert partner.poster().step() == 1
    assert partner.states == [("ineligible", "given_up")]
    with partner.engine.connect() as sql:
        assert sql.scalar(select(SENDING.c.reason)) == reason


@pytest.mark.parametrize(
    "said",
    [
        plain(b"", status="302 X", more="Location: http://169.254.169.254/\r\n"),
        plain(b'[{"code": 403, "description": "no"}]'),
        plain(b'{"errors": [{"code": 403, "description": "no"}]}'),
        plain(b"", status="403 X"),
        plain(b"x" * 300_000),
    ],
)
def test_what_may_be_mended_there_is_tried_again(partner: Partner, endpoint, said: bytes) -> None:
    one, answers = endpoint
    answers.append(said)
    partner.act("refuse", partner.theirs(), text="Không")
    poster = partner.poster()
    assert poster.step() == 1
    assert partner.states == [("ineligible", "waiting")]
    partner.clock.at_ms += 1000 * AGAIN_S[0]
    assert (poster.step(), partner.states) == (1, [("ineligible", "sent")])
    assert len(one.asked) == 2


def test_what_was_taken_though_no_answer_came_is_sent(partner: Partner, endpoint) -> None:
    endpoint[1].extend([plain(b"", status="502 X"), plain(b"", status="409 X")])
    partner.act("refuse", partner.theirs(), text="Không")
    poster = partner.poster()
    assert poster.step() == 1
    partner.clock.at_ms += 1000 * AGAIN_S[0]
    assert (poster.step(), partner.states) == (1, [("ineligible", "sent")])


def test_one_that_speaks_xml_alone_is_spoken_to_so(partner: Partner, endpoint) -> None:
    one, answers = endpoint
    xml = b"<service_requests_updates><request_update><update_id>9</update_id></request_update></service_requests_updates>"
    answers += [plain(b"", status="404 X"), plain(xml, content_type="text/xml"), plain(b"")]
    report, poster = partner.theirs(), partner.poster()
    partner.act("refuse", report, text="Không 0914 555 777")
    partner.act("reopen", report)
    assert [poster.step() for _ in range(3)] == [1, 1, 0]
    assert [request.path.rpartition(".")[2] for request in one.asked] == ["json", "xml", "xml"]
    assert told(one.asked[1])["description"] == "Không 0***77"


def test_an_endpoint_that_hangs_holds_nobody_else_up(partner: Partner, endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    import data.pushing

    monkeypatch.setattr(data.pushing, "ANSWER_S", 0.5)
    _, answers = endpoint
    answers.append(b"")
    with device(lambda _request, say: say(plain(TAKEN))) as other:
        Sources(partner.engine).add("georeport-hn", adapter="georeport", address=other.url, now_ms=START)

        partner.hear(partner.hearing.hear("georeport-hn", partner.clock.at_ms, telling("5", partner.clock.at_ms)))
        partner.act("refuse", partner.theirs(), text="một")
        partner.act("refuse", "georeport-hn/5", text="hai")
        assert partner.poster().step() == 2
        assert [state for _, state in partner.states] == ["waiting", "sent"]
        assert [request.path for request in other.asked] == ["/servicerequestupdates.json"]


def test_an_address_that_is_not_allowed_is_not_gone_to(partner: Partner, endpoint) -> None:
    partner.act("refuse", partner.theirs(), text="Không")
    assert partner.poster(allowed=()).step() == 1
    assert (endpoint[0].asked, partner.states) == ([], [("ineligible", "waiting")])
    with partner.engine.begin() as sql:
        sql.exec_driver_sql("UPDATE source SET address = ''")
    partner.clock.at_ms += 1000 * AGAIN_S[0]
    assert partner.poster().step() == 1
    assert partner.states == [("ineligible", "given_up")]


def test_our_word_does_not_come_back_as_theirs(partner: Partner, endpoint) -> None:
    """The endpoint stands as we told it, which our client then reads there: nothing changes here, and nothing is pushed again."""
    report = partner.theirs()
    partner.act("refuse", report, text="Không thuộc thành phố")
    partner.hear()
    assert partner.poster().step() == 1
    before = [act.action for act in partner.shown(report).acts]
    partner.clock.at_ms += 60_000
    partner.theirs(open=False, closed=partner.clock.at_ms)
    partner.act("reopen", report)
    partner.hear()
    partner.theirs(open=False, closed=partner.clock.at_ms, id="77@late")
    assert [act.action for act in partner.shown(report).acts] == [*before, "reopen"]
    assert partner.case(report).state == "verifying"
    assert partner.poster().step() == 1
    assert partner.poster().step() == 0


def test_a_letter_is_no_business_of_the_endpoint(partner: Partner, endpoint) -> None:
    partner.act("write", partner.theirs(), text="Kính gửi bà Bưởi")
    assert (partner.poster().step(), endpoint[0].asked) == (0, [])
    assert partner.states == [("letter", "no_channel")]


def test_two_messengers_keep_one_end(partner: Partner) -> None:
    partner.act("refuse", partner.theirs(), text="Không")
    (one,) = partner.sendings.due()
    partner.sendings.ended(one, "sent")
    assert partner.sendings.fail(one, "late", for_good=True).state == "given_up"
    assert partner.states == [("ineligible", "sent")]
    assert "undelivered" not in [act.action for act in partner.shown("georeport-dn/77").acts]
