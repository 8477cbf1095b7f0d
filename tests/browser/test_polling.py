"""A proxy that lets no WebSocket through: the screens live all the same, by polling."""

import socket
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.says import alive, sighted, tell
from tests.chromium import signed_in, wait_in
from tests.rig import Rig

CHUNK = 65_536


def carry(one: socket.socket, other: socket.socket, first: bytes = b"") -> None:
    """Carry one direction of a connection to its end; a request to become a WebSocket is cut off."""
    try:
        while chunk := first or one.recv(CHUNK):
            first = b""
            if b"upgrade: websocket" in chunk.lower():
                break
            other.sendall(chunk)
    except OSError:
        pass
    finally:
        for end in (one, other):
            end.close()


@pytest.fixture
def proxy(house: Rig) -> Iterator[str]:
    """Yield the address of a proxy before the house that knows no WebSocket."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", house.port))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def test_a_screen_without_websockets_lives(house: Rig, browser: Browser, proxy: str) -> None:
    tell(house, alive())
    context = signed_in(browser, proxy, house.session())
    page = context.new_page()
    page.goto(f"{proxy}/console")
    wait_in(page, "window.kyDai?.link.connected && kyDai.frames.status", seconds=30)
    tell(house, sighted("fire_confirmed", "H-002"))
    wait_in(page, "document.querySelector(\"#list > li[data-prio='1']\")", seconds=10)
    wait_in(page, "document.documentElement.dataset.link === 'live'", seconds=10)
    context.close()
