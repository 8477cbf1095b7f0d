"""A mail server for the tests: real SMTP on loopback, under a certificate of its own, which refuses whatever a test wants refused."""

import base64
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

USER, PASSWORD = "phananh", "mật khẩu"


@dataclass
class MailServer:
    """One server. `says` is what it answers to a verb in place of 250, one after the other; `tls`: `at_once`, `later` or `none`."""

    context: ssl.SSLContext
    tls: str = "later"
    says: dict[str, list[str]] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    clear: list[str] = field(default_factory=list)  # what was said without TLS

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'smtps' if self.tls == 'at_once' else 'smtp'}://{USER}@localhost:{self.port}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with suppress(OSError, ValueError):
            peer.settimeout(10)
            if self.tls == "at_once":
                peer = self.context.wrap_socket(peer, server_side=True)
            self._talk(peer)
        with suppress(OSError):
            peer.close()

    def _talk(self, peer: socket.socket) -> None:
        with ExitStack() as held:
            secure, file = self.tls == "at_once", held.enter_context(peer.makefile("rb"))
            peer.sendall(b"220 here\r\n")
            while line := file.readline().decode().strip():
                verb = line.partition(" ")[0].upper()
                if not secure:
                    self.clear.append(line)
                if self.says.get(verb):
                    peer.sendall(self.says[verb].pop(0).encode() + b"\r\n")
                elif verb == "STARTTLS":
                    peer.sendall(b"220 go\r\n")
                    peer = held.enter_context(self.context.wrap_socket(peer, server_side=True))
                    secure, file = True, held.enter_context(peer.makefile("rb"))
                elif verb == "DATA":
                    self._take(peer, file)
                else:
                    peer.sendall(self._said(verb, line, secure=secure))

    def _said(self, verb: str, line: str, *, secure: bool) -> bytes:
        if verb == "EHLO":
            more = b"250-STARTTLS\r\n" if self.tls == "later" and not secure else b""
            return b"250-localhost\r\n" + more + b"250 AUTH PLAIN\r\n"
        if verb == "AUTH":
            told = base64.b64decode(line.split(" ")[2]).decode().split("\0")
            return b"235 in\r\n" if told[1:] == [USER, PASSWORD] else b"535 5.7.8 no\r\n"
        return b"221 bye\r\n" if verb == "QUIT" else b"250 2.0.0 ok\r\n"

    def _take(self, peer: socket.socket, file) -> None:
        peer.sendall(b"354 go\r\n")
        lines = []
        while (line := file.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        said = self.says.get("END")
        if not said:
            self.letters.append(message_from_bytes(b"".join(lines), policy=default))  # type: ignore[arg-type]
        peer.sendall((said.pop(0) if said else "250 2.0.0 kept").encode() + b"\r\n")


@contextmanager
def mail_server(context: ssl.SSLContext, tls: str = "later") -> Iterator[MailServer]:
    made = MailServer(context, tls)
    try:
        yield made
    finally:
        made.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of the name `localhost` shows, and what a client trusts it by."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    named = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*made, *named], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))
