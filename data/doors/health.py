"""GET /healthz, /readyz, /metrics: does it live, can it work, how is it."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, get_args

from flask import Blueprint, Response
from msgspec import json
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.video import Sight

LONGEST_LAG_S, OLDEST_PULSE_S, OLDEST_FRAME_S = 30.0, 15.0, 15.0
HELP = {
    "database": "The record does not answer: look at KYDAI_DATABASE_URL, or at the disk.",
    "log": "The Redis that keeps what comes in does not answer: look at KYDAI_REDIS_URL, or at logs/log.log. The intake keeps on disk meanwhile.",
    "wire": "The Redis that carries frames does not answer: look at KYDAI_WIRE_URL, or at logs/wire.log.",
    "board": "No board has spoken for 15 s, or it lags more than 30 s behind: look at logs/board.log.",
    "frames": "No frame has reached this web process for 15 s: look at the board and the wire.",
}


class Check(NamedTuple):
    """One thing that is depended on. `probe` returns whether it is well; raising means that it is not."""

    name: str
    probe: Callable[[], bool]


class BoardMetrics(Collector):
    """What the board says of itself, as Prometheus reads it."""

    def __init__(self, felt: Callable[[], Mapping[str, float] | None], sockets: Callable[[], int], sent: Callable[[], int]) -> None:
        self._felt, self._sockets, self._sent = felt, sockets, sent

    def collect(self) -> list[Metric]:
        """Return the metrics of this moment."""
        told = _or_none(self._felt) or {}
        counters = (
            ("kydai_events_stored", "Events in the record", "stored"),
            ("kydai_dead_letters", "Payloads nobody could read", "dead_letters"),
            ("kydai_frames_published", "Frames drawn", "frames"),
        )
        found: list[Metric] = [CounterMetricFamily(name, text, value=told[key]) for name, text, key in counters if key in told]
        if "lag_s" in told:
            found.append(
                GaugeMetricFamily("kydai_board_lag_seconds", "Age of the oldest payload when it was recorded", value=told["lag_s"])
            )
        found.append(GaugeMetricFamily("kydai_sockets", "Open live sockets of this process", value=self._sockets()))
        found.append(CounterMetricFamily("kydai_packets_sent", "Packets given to sockets by this process", value=self._sent()))
        return found

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked."""
        return []


class VideoMetrics(Collector):
    """What the relay says of itself, as Prometheus reads it."""

    def __init__(self, felt: Callable[[], Mapping[str, int] | None]) -> None:
        self._felt = felt

    def collect(self) -> list[Metric]:
        """Return the metrics of this moment."""
        told = _or_none(self._felt)
        watched = GaugeMetricFamily("kydai_video_watched", "Cameras that somebody looks through, by what is seen", labels=["sight"])
        for sight in get_args(Sight):
            watched.add_metric([sight], float((told or {}).get(sight, 0)))
        return [GaugeMetricFamily("kydai_relay_up", "Whether a relay has spoken lately", value=float(told is not None)), watched]

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked."""
        return []


class MessageMetrics(Collector):
    """How messages to units stand, as Prometheus reads it."""

    def __init__(self, standing: Callable[[], Mapping[str, float]]) -> None:
        self._standing = standing

    def collect(self) -> list[Metric]:
        """Return the metrics of this moment; none while the record is away, which is not 0."""
        told = dict(_or_none(self._standing) or {})
        late = told.pop("late_s", None)
        if late is None:
            return []
        messages = GaugeMetricFamily("kydai_messages", "Messages to units, by what became of them", labels=["state"])
        for state, count in sorted(told.items()):
            messages.add_metric([state], count)
        waits = "For how long the oldest message that should have been sent has waited"
        return [messages, GaugeMetricFamily("kydai_message_late_seconds", waits, value=late)]

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked."""
        return []


def door(checks: list[Check], registry: CollectorRegistry) -> Blueprint:
    """Return the door."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return Response('{"alive":true}', mimetype="application/json")

    @blueprint.get("/readyz")
    def readyz() -> Response:
        results = {check.name: _ask(check) for check in checks}
        ready = all(one["ok"] for one in results.values())
        return Response(json.encode({"ready": ready, "checks": results}), 200 if ready else 503, mimetype="application/json")

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def board_lives(told: Mapping[str, float] | None, now_ms: int) -> bool:
    """Return whether a board has spoken lately and is not far behind."""
    return told is not None and now_ms - told["at"] < OLDEST_PULSE_S * 1000 and told["lag_s"] < LONGEST_LAG_S


def frames_come(heard_s: float) -> bool:
    """Return whether a frame has come lately (`heard_s`: monotonic seconds of the last)."""
    return time.monotonic() - heard_s < OLDEST_FRAME_S


def _ask(check: Check) -> dict[str, object]:
    ok = bool(_or_none(check.probe))
    return {"ok": True} if ok else {"ok": False, "help": HELP.get(check.name, "")}


def _or_none(ask: Callable[[], object]) -> "Mapping[str, float] | None":
    try:
        return ask()  # type: ignore[return-value]  # whatever it is, its truth is what counts
    except Exception:  # noqa: BLE001  whatever is wrong with it, it is not well
        return None
