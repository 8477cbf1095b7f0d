"""Letters to citizens: sent through a real mail server under TLS, to an address that only the messenger opens, and the history says how it went."""

import logging
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from dashboard.handling import Letters as Policy
from dashboard.reports.case import Illegal
from dashboard.reports.cases import Person
from dashboard.reports.sending import AGAIN_S
from dashboard.settings import BadSetting, Settings
from data.mailing import Letters, Mail, server_of
from data.posting import Lost, Poster
from data.store.cases.persons import Persons
from data.store.cases.saying import SENDING
from data.store.sendings import SqlSendings
from data.store.sources import Sources
from tests.cases import SECRET, TOWN, Office
from tests.keep import START
from tests.mail import PASSWORD, MailServer, certificate, mail_server

FROM, TO = "phananh@hue.example.vn", "buoi@example.vn"
WRITES = replace(TOWN, reports=replace(TOWN.reports, letters=Policy(mail=True, reply="ioc@hue.example.vn")))
BUOI = Person("Lê Thị Bưởi", "0914 555 777", TO)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(tls) -> Iterator[MailServer]:
    with mail_server(tls[0]) as one:
        yield one


def settings(url: str, folder: Path, password: str = PASSWORD) -> Settings:
    (folder / "password").write_text(password + "\n", encoding="utf-8")
    return Settings(smtp_url=url, smtp_password_file=str(folder / "password"), mail_from=FROM)


class Desk(Office):
    """The centre of a city that writes letters, and the messenger's way of sending them."""

    def __init__(self, engine: Engine, mail: Mail | str | None) -> None:
        super().__init__(engine, WRITES)
        self.sendings = SqlSendings(engine, self.clock)
        letters = Letters(self.sendings, self.clock, lambda: self.city, Persons(SECRET), mail)
        self.poster = Poster(self.sendings, self.clock, {"mail": letters})

    @property
    def states(self) -> list[tuple[str, str, str]]:
        c = SENDING.c
        with self.engine.connect() as sql:
            return [tuple(row) for row in sql.execute(select(c.way, c.state, c.reason).order_by(c.seq))]


@pytest.fixture
def desk(engine: Engine, server: MailServer, tls, tmp_path: Path) -> Desk:
    told = server_of(settings(server.url, tmp_path))
    assert told is not None
    return Desk(engine, Mail(told, context=tls[1]))


def test_a_letter_arrives_with_number_and_deadline(desk: Desk, server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    report = desk.enter(person=BUOI)
    desk.act("write", report, text="Kính gửi Quý Ông/Bà,\n\nĐã tiếp nhận. " + "Rất dài. " * 200)
    assert desk.poster.step() == 1
    (letter,) = server.letters
    number = report.partition("/")[2]
    assert (letter["From"], letter["To"], letter["Reply-To"]) == (FROM, TO, "ioc@hue.example.vn")
    assert letter["Subject"].startswith(f"Phản ánh {number}: ")
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "vi")
    body = letter.get_content().replace("\r\n", "\n")
    assert body.startswith("Kính gửi Quý Ông/Bà,\n\nĐã tiếp nhận. Rất dài.")
    assert f"Mã phản ánh: {number}" in body
    assert "Hạn xử lý: " in body
    assert desk.states == [("mail", "sent", "")]
    assert desk.poster.step() == 0
    assert server.clear == [server.clear[0], "STARTTLS"]
    assert server.clear[0].startswith("ehlo")
    assert TO not in caplog.text
    assert TO.encode() not in _rows(desk)


def _rows(desk: Desk) -> bytes:
    with desk.engine.connect() as sql:
        return repr(
            [tuple(row) for name in ("report_sending", "report_act") for row in sql.exec_driver_sql(f"SELECT * FROM {name}")]
        ).encode()


def test_answers_are_letters_too_and_english_ones_are_english(desk: Desk, server: MailServer) -> None:
    first, second = desk.enter(person=BUOI), desk.enter(person=BUOI._replace(email="an@example.vn"))
    desk.act("refuse", first, text="Your report is not for the city to handle.")
    merged = desk.enter(person=BUOI._replace(email="binh@example.vn"))
    desk.act("merge", merged, other=second)
    desk.walk(second, "published")
    while desk.poster.step():
        pass
    assert [(one["To"], one["Content-Language"]) for one in server.letters] == [
        (TO, "en"), ("an@example.vn", "vi"), ("binh@example.vn", "vi"),
    ]  # fmt: skip
    assert server.letters[0]["Subject"].startswith("Your report ")
    assert "Due by" not in server.letters[0].get_content()
    assert len({one["Message-ID"] for one in server.letters}) == 3


def test_nothing_is_sent_where_the_pack_does_not_say_so(desk: Desk, server: MailServer) -> None:
    desk.city = TOWN
    report = desk.enter(person=BUOI)
    desk.act("write", report, text="Kính gửi")
    assert (desk.poster.step(), server.letters, desk.states) == (0, [], [("", "no_channel", "")])
    from dashboard.reports.telling import shown_told

    told = shown_told(desk.shown(report), "operator", None)
    assert told["acts"][-1]["sent"]["state"] == "no_channel"  # type: ignore[index]
    assert "sent" not in told["acts"][0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("person", "state"),
    [
        (Person("Lê Thị Bưởi", "0914 555 777"), ("mail", "no_channel", "the sender left no e-mail address")),
        (
            Person(email="buoi@example.vn\r\nBcc: all@example.vn"),
            ("mail", "no_channel", "what the sender left is no e-mail address"),
        ),
        (Person(email="a@b.vn, c@d.vn"), ("mail", "no_channel", "what the sender left is no e-mail address")),
        (Person(email="<a@b.vn>"), ("mail", "no_channel", "what the sender left is no e-mail address")),
        (Person(), ("", "no_channel", "")),
    ],
)
def test_a_sender_without_an_address_is_not_written_to(desk: Desk, server: MailServer, person: Person, state) -> None:
    desk.act("write", desk.enter(person=person), text="Kính gửi")
    desk.poster.step()
    assert (server.letters, desk.states) == ([], [state])


def test_an_app_reads_its_letters_itself(desk: Desk, server: MailServer) -> None:
    Sources(desk.engine).add("open311-app", adapter="open311", now_ms=START)
    from tests.cases import telling

    desk.hear(desk.hearing.hear("open311-app", desk.clock.at_ms, telling("A1", desk.clock.at_ms)))
    desk.act("write", "open311-app/A1", text="Kính gửi")
    assert (desk.poster.step(), desk.states) == (0, [("client", "kept", "")])


def test_a_refused_address_ends_it_and_is_told_without_the_address(desk: Desk, server: MailServer) -> None:
    server.says["RCPT"] = [f"550 5.1.1 <{TO}> unknown"]
    report = desk.enter(person=BUOI)
    desk.act("write", report, text="Kính gửi")
    assert desk.poster.step() == 1
    assert desk.states == [("mail", "given_up", "the address is refused (550 5.1.1)")]
    last = desk.shown(report).acts[-1]
    assert (last.action, last.who, last.why) == ("undelivered", "", "the address is refused (550 5.1.1)")
    desk.act("send_again", report)
    assert desk.poster.step() == 1
    assert ([one["To"] for one in server.letters], desk.states) == ([TO], [("mail", "sent", "")])


def test_a_letter_that_came_back_is_written_down_by_hand_and_sent_again(desk: Desk, server: MailServer) -> None:
    report = desk.enter(person=BUOI)
    desk.act("write", report, text="Kính gửi")
    with pytest.raises(Illegal, match="unsent"):  # it has not gone yet
        desk.act("bounced", report, why="hộp thư đầy")
    assert desk.poster.step() == 1
    desk.act("bounced", report, why="hộp thư đầy")
    assert desk.states == [("mail", "given_up", "hộp thư đầy")]
    shown = desk.shown(report)
    assert (shown.acts[-1].action, shown.acts[-1].why, shown.line.case.state) == ("bounced", "hộp thư đầy", "received")
    with pytest.raises(Illegal, match="unsent"):
        desk.act("bounced", report, why="lần nữa")
    desk.act("send_again", report)
    assert (desk.poster.step(), desk.states) == (1, [("mail", "sent", "")])


@pytest.mark.parametrize(
    ("verb", "said", "reason"),
    [
        ("RCPT", "451 4.7.1 later", "the address is refused (451 4.7.1)"),
        ("END", "452 4.3.1 full", "the letter is refused (452 4.3.1)"),
        ("MAIL", "550 5.7.1 not you", "the mail server refuses us (550 5.7.1)"),
        ("AUTH", "535 5.7.8 no", "the mail server refuses us (535 5.7.8)"),
    ],
)
def test_what_may_be_mended_is_tried_again(desk: Desk, server: MailServer, verb: str, said: str, reason: str) -> None:
    server.says[verb] = [said]
    desk.act("write", desk.enter(person=BUOI), text="Kính gửi")
    assert desk.poster.step() == 1
    assert desk.states == [("mail", "waiting", reason)]
    desk.clock.at_ms += 1000 * AGAIN_S[0]
    assert desk.poster.step() == 1
    assert desk.states == [("mail", "sent", "")]


@pytest.mark.parametrize("kind", ["none", "untrusted", "away", "wrong"])
def test_nothing_is_said_to_a_server_that_cannot_be_trusted(engine: Engine, tls, tmp_path: Path, kind: str) -> None:
    with mail_server(tls[0], "none" if kind == "none" else "later") as server:
        told = server_of(settings(server.url, tmp_path, "sai" if kind == "wrong" else PASSWORD))
        assert told is not None
        if kind == "away":
            server.close()
        desk = Desk(engine, Mail(told, context=None if kind == "untrusted" else tls[1]))
        desk.act("write", desk.enter(person=BUOI), text="Kính gửi")
        assert desk.poster.step() == 1
        assert server.letters == []
        ((way, state, reason),) = desk.states
        assert (way, state, TO in reason) == ("mail", "waiting", False)
        assert reason.startswith("the mail server ")
        assert not [line for line in server.clear if not line.startswith(("ehlo", "EHLO", "STARTTLS"))]
        with pytest.raises(Lost, match="the mail server"):
            Mail(told, context=None if kind == "untrusted" else tls[1]).look()


def test_tls_from_the_first_byte(engine: Engine, tls, tmp_path: Path) -> None:
    with mail_server(tls[0], "at_once") as server:
        told = server_of(settings(server.url, tmp_path))
        assert told is not None
        assert PASSWORD not in repr(told)
        Mail(told, context=tls[1]).look()
        desk = Desk(engine, Mail(told, context=tls[1]))
        desk.act("write", desk.enter(person=BUOI), text="Kính gửi")
        assert (desk.poster.step(), len(server.letters)) == (1, 1)


def test_without_a_server_there_is_no_channel_and_with_wrong_settings_letters_wait(engine: Engine) -> None:
    desk = Desk(engine, None)
    desk.act("write", desk.enter(person=BUOI), text="Kính gửi")
    assert desk.poster.step() == 1
    assert desk.states == [("mail", "no_channel", "there is no mail server (KYDAI_SMTP_URL)")]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"smtp_url": "http://host"}, "must be smtps"),
        ({"smtp_url": "smtp://host:x"}, "no address"),
        ({"smtp_url": "smtp://host"}, "KYDAI_MAIL_FROM"),
        ({"smtp_url": "smtp://host", "mail_from": "a@b.vn", "smtp_password_file": "/nowhere"}, "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_named(told: dict[str, str], said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        server_of(Settings(**told))
    assert server_of(Settings()) is None
