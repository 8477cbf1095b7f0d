"""A process of its own that listens for many: python -m tests.bench.listener HOW URL TOLD COUNT

HOW is `live` (our socket; TOLD is a token), `dashboard` (Node-RED's; TOLD is not used) or `poll` (a request a second; TOLD is its body).
It says `ready` when all have joined; told the last ordinal on stdin, it listens until every one has it (or for a quarter of a minute), and
prints for each [[ordinal, epoch ms], …], and how busy it was itself: near 1 it is the listener that is measured.
"""

import asyncio
import json
import random
import re
import sys
import time

import aiohttp

PATIENCE_S, POLL_S = 15.0, 1.0
NEWEST = re.compile(r"\We-(\d+)\"")
PATHS = {"live": "/socket.io/", "dashboard": "/dashboard/socket.io/"}
JOINED = {"live": "40/live,", "dashboard": "40{"}
Marks = list[list[float]]


def note(marks: Marks, text: str) -> None:
    """Note when a newer event than before was first received."""
    now, found = time.time() * 1000, NEWEST.search(text)
    if found and (n := int(found[1])) > (marks[-1][0] if marks else -1):
        marks.append([n, now])


async def listen(session: aiohttp.ClientSession, how: str, base: str, told: str, joined: asyncio.Semaphore, marks: Marks) -> None:
    """Join a socket and note what it brings."""
    url = f"{base.replace('http', 'ws', 1)}{PATHS[how]}?EIO=4&transport=websocket"
    async with session.ws_connect(url, max_msg_size=0) as ws:
        await ws.receive_str()
        await ws.send_str("40/live," + json.dumps({"token": told}) if how == "live" else "40")
        async for message in ws:
            if message.data == "2":
                await ws.send_str("3")
            elif message.data.startswith(JOINED[how]):
                joined.release()
            else:
                note(marks, message.data)


async def poll(session: aiohttp.ClientSession, base: str, told: str, joined: asyncio.Semaphore, marks: Marks) -> None:
    """Ask every second, as a page with an interval does; each began at a moment of its own."""
    await asyncio.sleep(random.random() * POLL_S)
    joined.release()
    while True:
        began = time.monotonic()
        async with session.post(
            f"{base}/_dash-update-component", data=told, headers={"Content-Type": "application/json"}
        ) as answer:
            answer.raise_for_status()
            note(marks, await answer.text())
        await asyncio.sleep(max(POLL_S - (time.monotonic() - began), 0))


async def main(how: str, base: str, told: str, count: int) -> None:
    """Open all, say so, and wait to be told to stop."""
    joined, all_marks = asyncio.Semaphore(0), [[] for _ in range(count)]  # type: ignore[var-annotated]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        tasks = [
            asyncio.create_task(
                poll(session, base, told, joined, marks) if how == "poll" else listen(session, how, base, told, joined, marks)
            )
            for marks in all_marks
        ]
        for _ in range(count):
            await asyncio.wait_for(joined.acquire(), 60)
        print("ready", flush=True)
        began, spent = time.monotonic(), time.process_time()
        last, end = int(await asyncio.to_thread(sys.stdin.readline)), time.monotonic() + PATIENCE_S
        while time.monotonic() < end and not all(marks and marks[-1][0] >= last for marks in all_marks):
            await asyncio.sleep(0.05)
        busy = (time.process_time() - spent) / (time.monotonic() - began)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps({"marks": all_marks, "busy": busy}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
