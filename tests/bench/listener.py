"""A process of its own that listens on many sockets: python -m tests.bench.listener URL TOKEN SOCKETS

It says `ready` when all have joined; told the last ordinal on stdin, it listens until every socket has it (or for a quarter of a
minute), and prints for each socket [[ordinal, epoch ms], …].
"""

import asyncio
import json
import re
import sys
import time

import aiohttp

PATIENCE_S = 15.0
JOIN = re.compile(r"^40/live,")
NEWEST = re.compile(r"\We-(\d+)\"")


async def listen(session: aiohttp.ClientSession, url: str, token: str, joined: asyncio.Semaphore, marks: list[list[float]]) -> None:
    """Join, and note when each newest event was first received."""
    async with session.ws_connect(url, max_msg_size=0) as ws:
        await ws.receive_str()
        await ws.send_str("40/live," + json.dumps({"token": token}))
        newest = -1
        async for message in ws:
            now, text = time.time() * 1000, message.data
            if text == "2":
                await ws.send_str("3")
            elif JOIN.match(text):
                joined.release()
            elif (found := NEWEST.search(text)) and (n := int(found[1])) > newest:
                newest = n
                marks.append([n, now])


async def main(base: str, token: str, count: int) -> None:
    """Open all, say so, and wait to be told to stop."""
    url = base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    joined, all_marks = asyncio.Semaphore(0), [[] for _ in range(count)]  # type: ignore[var-annotated]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        tasks = [asyncio.create_task(listen(session, url, token, joined, marks)) for marks in all_marks]
        for _ in range(count):
            await asyncio.wait_for(joined.acquire(), 60)
        print("ready", flush=True)
        last, end = int(await asyncio.to_thread(sys.stdin.readline)), time.monotonic() + PATIENCE_S
        while time.monotonic() < end and not all(marks and marks[-1][0] >= last for marks in all_marks):
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(all_marks))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
