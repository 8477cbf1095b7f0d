"""A line of a given width between a browser and the house: python -m tests.bench.link LISTEN TARGET BYTES_PER_S LATENCY_MS

For every line on stdin it prints how many bytes went to the browser since the last one. (Chromium's own throttle now and then sends
nothing at all in a fresh context, so it is not used.)
"""

import asyncio
import sys
import time

CHUNK = 8192


class Line:
    """All connections share the width, as on a real line."""

    def __init__(self, bytes_s: float, latency_s: float) -> None:
        self.bytes_s, self.latency_s = bytes_s, latency_s
        self.free_at, self.carried = 0.0, 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        """Carry one direction of one connection until it ends."""
        queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue(64)
        deliver = asyncio.create_task(self._deliver(queue, writer))
        while chunk := await reader.read(CHUNK):
            start = max(self.free_at, time.monotonic()) if counted else time.monotonic()
            done = start + len(chunk) / self.bytes_s
            if counted:
                self.free_at, self.carried = done, self.carried + len(chunk)
            await queue.put((done + self.latency_s, chunk))
        await queue.put(None)
        await deliver

    async def _deliver(self, queue: "asyncio.Queue[tuple[float, bytes] | None]", writer: asyncio.StreamWriter) -> None:
        try:
            while (item := await queue.get()) is not None:
                due, chunk = item
                if (rest := due - time.monotonic()) > 0:
                    await asyncio.sleep(rest)
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def main(listen: int, target: int, bytes_s: float, latency_ms: float) -> None:
    """Carry until stdin is closed."""
    line = Line(bytes_s, latency_ms / 1000)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
            await asyncio.gather(line.carry(reader, far_writer, counted=False), line.carry(far_reader, writer, counted=True))
        except (ConnectionError, OSError):
            writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", listen):
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(line.carried, flush=True)
            line.carried = 0


if __name__ == "__main__":
    told = sys.argv[1:5]
    asyncio.run(main(int(told[0]), int(told[1]), float(told[2]), float(told[3])))
