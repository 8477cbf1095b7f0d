"""Letters to citizens by e-mail (docs/reports.md). Who they are is unsealed here, for the one try, and stands in no log and in no reason."""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from dashboard.city import City
from dashboard.ports import Clock
from dashboard.reports.letters import Letter, is_address, letter
from dashboard.reports.sending import Sending
from dashboard.settings import BadSetting, Settings
from data.posting import Lost, Nobody
from data.sealed import Tampered
from data.store.cases.persons import Persons
from data.store.sendings import SqlSendings

PORTS, SECONDS = {"smtp": 587, "smtps": 465}, 20.0
LET_IN, FOR_GOOD = 235, 500
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")


class Server(NamedTuple):
    """The mail server that letters go through. `at_once`: TLS from the first byte; else it is begun (STARTTLS) before anything is said."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    at_once: bool

    def __repr__(self) -> str:
        return f"Server({self.host!r}, {self.port}, …)"


def server_of(settings: Settings) -> Server | None:
    """Return the mail server of the settings, None where there is none. Raises BadSetting."""
    if not settings.smtp_url:
        return None
    try:
        url = urlsplit(settings.smtp_url)
        port = url.port or PORTS.get(url.scheme, 0)
    except ValueError as error:
        raise BadSetting("KYDAI_SMTP_URL is no address: smtps://user@host:465 or smtp://user@host:587") from error
    if url.scheme not in PORTS or not url.hostname or url.path.strip("/") or url.query:
        raise BadSetting("KYDAI_SMTP_URL must be smtps://user@host:465, or smtp://user@host:587 where TLS is begun later")
    if not is_address(settings.mail_from):
        raise BadSetting("KYDAI_MAIL_FROM must be the address that letters come from, such as phananh@hue.example.vn")
    password = unquote(url.password or "")
    if settings.smtp_password_file:
        try:
            password = Path(settings.smtp_password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"KYDAI_SMTP_PASSWORD_FILE: {settings.smtp_password_file} cannot be read") from error
    return Server(url.hostname, port, unquote(url.username or ""), password, settings.mail_from, url.scheme == "smtps")


class Mail:
    """Speaks to a mail server, under TLS that is checked, and never without."""

    def __init__(self, server: Server, *, context: ssl.SSLContext | None = None) -> None:
        self.server, self._context = server, context or ssl.create_default_context()

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand a message over. Raises Lost; its reasons hold no address."""
        try:
            with self._connected() as smtp:
                smtp.sendmail(self.server.sender, [to], message.as_bytes(policy=SMTP))
        except smtplib.SMTPRecipientsRefused as no:
            code, why = next(iter(no.recipients.values()))
            raise Lost(_told("the address is refused", code, why), for_good=code >= FOR_GOOD) from None
        except smtplib.SMTPDataError as no:
            raise Lost(_told("the letter is refused", no.smtp_code, no.smtp_error), for_good=no.smtp_code >= FOR_GOOD) from None
        except smtplib.SMTPResponseException as no:  # our login, our address: somebody mends the settings
            raise Lost(_told("the mail server refuses us", no.smtp_code, no.smtp_error), whole=True) from None
        except smtplib.SMTPNotSupportedError:
            raise Lost("the mail server offers no TLS, or no login", whole=True) from None
        except (smtplib.SMTPException, OSError) as no:
            raise Lost(f"the mail server cannot be reached: {type(no).__name__}", whole=True) from None

    def look(self) -> None:
        """Be let in, and leave. Raises Lost."""
        try:
            with self._connected() as smtp:
                smtp.noop()
        except smtplib.SMTPResponseException as no:
            raise Lost(_told("the mail server refuses us", no.smtp_code, no.smtp_error), whole=True) from None
        except (smtplib.SMTPException, OSError) as no:
            raise Lost(f"the mail server cannot be reached: {no}", whole=True) from None

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        if server.at_once:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=self._context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            if not server.at_once:
                smtp.starttls(context=self._context)
            _log_in(smtp, server)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    """Say who we are. The library speaks ASCII alone; of a password that is more, the standard says UTF-8 (RFC 4616)."""
    if not server.user:
        return
    if f"{server.user}{server.password}".isascii():
        smtp.login(server.user, server.password)
        return
    smtp.ehlo_or_helo_if_needed()
    told = b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
    code, why = smtp.docmd("AUTH", f"PLAIN {told}")
    if code != LET_IN:
        raise smtplib.SMTPAuthenticationError(code, why)


class Letters:
    """Carries letters. `mail`: None where there is no mail server, or what is wrong with its settings."""

    def __init__(
        self, sendings: SqlSendings, clock: Clock, city_now: Callable[[], City], persons: Persons, mail: Mail | str | None
    ) -> None:
        self._sendings, self._clock, self._city_now, self._persons, self._mail = sendings, clock, city_now, persons, mail

    def place(self, _one: Sending) -> str:
        """Return where it goes: all through one server."""
        return "mail"

    def send(self, one: Sending) -> None:
        """Write to whoever sent the report. Raises Nobody, Lost, Away."""
        if self._mail is None:
            raise Nobody("there is no mail server (KYDAI_SMTP_URL)")
        if isinstance(self._mail, str):
            raise Lost(self._mail, whole=True)
        to, city = self._address(one.report), self._city_now()
        said = letter(one.text, self._sendings.case(one.report), city)
        name = f"{one.id}.{city.key}@{self._mail.server.sender.partition('@')[2]}"
        self._mail.send(message(said, self._mail.server.sender, to, name=name, at_ms=one.at, reply=city.reports.letters.reply), to)

    def _address(self, report: str) -> str:
        """Return the sender's address. Raises Nobody, Lost."""
        sealed = self._sendings.person(report)
        if sealed is None:
            raise Nobody("nobody knows who sent it")
        try:
            address = self._persons.open(sealed, report).email.strip()
        except Tampered:
            raise Nobody("who sent it was sealed under another KYDAI_SECRET_KEY") from None
        if not address:
            raise Nobody("the sender left no e-mail address")
        if not is_address(address):
            raise Nobody("what the sender left is no e-mail address")
        return address


def message(said: Letter, sender: str, to: str, *, name: str, at_ms: int, reply: str = "") -> EmailMessage:
    """Return a letter as mail. Its name is the same however often it is sent, so that one that comes twice is shown once."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, said.subject
    mail["Date"] = datetime.fromtimestamp(at_ms / 1000, UTC)
    mail["Message-ID"] = f"<{name}>"
    mail["Auto-Submitted"] = "auto-generated"  # nobody's absence answers it (RFC 3834)
    if reply:
        mail["Reply-To"] = reply
    mail.set_content(said.body, cte="quoted-printable")
    mail["Content-Language"] = said.tongue
    return mail


def _told(what: str, code: int, why: bytes | str) -> str:
    """Return a refusal without what the server says in words, since it likes to repeat the address."""
    found = _ENHANCED.search(why if isinstance(why, bytes) else why.encode(errors="replace"))
    return f"{what} ({code}{f' {found[0].decode()}' if found else ''})"
