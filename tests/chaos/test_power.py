"""A kill does not test what reached the disk; cutting what was not synced does (reliability.md M1, M2)."""

from pathlib import Path

from dashboard.ports import Payload
from data.road import connect
from data.stream import RedisStream
from tests.conftest import Server


def test_every_acknowledged_entry_is_within_what_was_synced(short: Path) -> None:
    """With appendfsync always, what a power cut may take is only what was appended after the last answer: nothing."""
    server = Server(short / "power", durable=True)
    stream = RedisStream(connect(server.url, timeout_s=2.0))
    folder = short / "power"
    sizes: list[int] = []
    for n in range(50):
        stream.append([Payload("s", n, b"x" * 100, {}, f"r{n}")])
        sizes.append(sum(path.stat().st_size for path in folder.rglob("*.aof")))
    server.kill()
    aof = max(folder.rglob("*incr*.aof"), key=lambda path: path.stat().st_size, default=None) or max(
        folder.rglob("*.aof"), key=lambda path: path.stat().st_size
    )
    with aof.open("ab") as file:
        file.write(b"*3\r\n$4\r\nXADD\r\n$12\r\nkydai:int")
    server.start()
    assert len(stream.take("0-0", wait_s=0)) == 50
    assert sizes == sorted(sizes)
    server.kill()
