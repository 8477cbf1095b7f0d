"""A web server as the house runs it, gevent and all, for tests of its sockets: `python -m tests.web.fan_server PORT WIRE RECORD`."""

import json
import sys
from pathlib import Path

PEPPER = b"p" * 32


def state(web) -> dict[str, int]:
    """What a test may ask that no client can see."""
    sockets = list(web.fanout._server.eio.sockets.values())
    return {
        "members": len(web.fanout.members),
        "sockets": len(sockets),
        "direct": sum(hasattr(one, "line") for one in sockets),
        "busy": sum(one.line.busy for one in sockets if hasattr(one, "line")),
        "late": len(web.fanout._late_since),
        "rss": int(Path("/proc/self/statm").read_text().split()[1]) * 4096,
    }


def main(port: int, wire: str, record: str) -> None:
    """Serve; everything is imported after gevent has patched the world, as in app.py."""
    from flask import Flask

    from callbacks.web import World, mount
    from data.boardroom import TOPICS
    from data.clock import SystemClock
    from data.frames import RedisFrames
    from data.pack import load
    from data.road import connect as connect_redis
    from data.store.accounts import SqlAccounts
    from data.store.engine import connect

    server = Flask("fan", static_folder=None)
    frames = RedisFrames(connect_redis(wire, timeout_s=3.0), [topic.key for topic in TOPICS])
    accounts = SqlAccounts(connect(record), pepper=PEPPER)
    world = World(city=load("hue").city, frames=frames, clock=SystemClock(), accounts=accounts, version="t", assets="assets")
    web = mount(server, world)
    inner = server.wsgi_app

    def answer(environ, start_response):
        if environ["PATH_INFO"] != "/-/state":
            return inner(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(state(web)).encode()]

    server.wsgi_app = answer  # type: ignore[method-assign]
    web.socketio.run(server, host="127.0.0.1", port=port, log_output=False)


if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
