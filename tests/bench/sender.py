"""A process of its own that posts events at a steady rate and notes when: python -m tests.bench.sender URL KEY RATE SECONDS PER FIRST

Each POST has a moment of its own within its share of the time: fifty milliseconds are three refreshes of a display, and on a strict beat
every event would meet the refresh in the same phase, by luck the best or the worst.
"""

import asyncio
import json
import sys
import time
from random import Random

import aiohttp


async def send(url: str, key: str, rate: float, seconds: float, per: int, first: int) -> dict[str, list[float]]:
    """Return, for every event in order, when its POST began and how long the answer took (ms); raises when one is not accepted."""
    sent: list[float] = []
    answered: list[float] = []
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=32)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

        async def post(numbers: range) -> None:
            now = time.time()
            told = [
                {"type": "sighted", "id": f"e-{n}", "at": int(now * 1000), "kind": "red_light", "camera": f"H-{n % 42 + 1:03d}"}
                for n in numbers
            ]
            for n in numbers:
                sent[n - first] = now * 1000
            async with session.post(url, data=json.dumps(told[0] if per == 1 else told)) as answer:
                if answer.status != 202:
                    raise RuntimeError(f"{answer.status}: {await answer.text()}")
            answered.append((time.time() - now) * 1000)

        count = int(rate * seconds)
        sent.extend([0.0] * count)
        tasks, began, chance = [], time.monotonic(), Random(first)
        for start in range(0, count, per):
            due = began + (start + chance.random() * per) / rate
            if (rest := due - time.monotonic()) > 0:
                await asyncio.sleep(rest)
            if start + per >= count:  # the last one arrives last, so that who has it has seen everything
                await asyncio.gather(*tasks)
            tasks.append(asyncio.create_task(post(range(first + start, first + min(start + per, count)))))
        await asyncio.gather(*tasks)
    return {"sent": sent, "answered": answered}


if __name__ == "__main__":
    url, key, rate, seconds, per, first = sys.argv[1:7]
    print(json.dumps(asyncio.run(send(url, key, float(rate), float(seconds), int(per), int(first)))))
