"""Every number on the wall, off one board, so that no two ever disagree."""

from logging import getLogger

import dashboard.panels
from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value, verdict
from dashboard.registry import collect
from dashboard.topic import Topic

PANELS = collect(dashboard.panels, "PANEL", Kpi)
log = getLogger(__name__)
_broken: set[str] = set()


def _at(board: Board, city: City, feed: str) -> int | None:
    sources = {source for one in city.feeds if one.key == feed for source in one.sources}
    spoke = [state.at for key, state in board.feeds.items() if key in sources or key.split("-")[0] in sources]
    return max(spoke, default=None)


def view(panel: Kpi, board: Board, city: City) -> dict[str, object]:
    """Return one panel as it travels. A broken one says so in its own place, and is logged once."""
    spoke = _at(board, city, panel.feed)
    try:
        value = Value(None) if spoke is None else panel.read(board, city)  # nobody has told us anything: that is not 0
    except Exception:  # one broken panel must not darken the wall
        if panel.key not in _broken:
            _broken.add(panel.key)
            log.exception("panel %s is broken", panel.key)
        return {"state": "unavailable", "value": None}
    target = city.targets.get(panel.target) if panel.target else None
    judged = 100 * value.value / value.of if panel.key == "cameras_online" and value.value is not None and value.of else value.value
    return {
        "state": "none" if value.value is None else "live",
        "value": value.value,
        "of": value.of,
        "unit": panel.unit,
        "target": target,
        "better": panel.better,
        "verdict": verdict(panel, judged, target),
        "ref": {"key": panel.reference, "value": value.ref} if panel.reference != "none" else None,
        "feed": panel.feed,
        "at": spoke,
    }


def _draw(board: Board, city: City) -> object:
    return {panel.key: view(panel, board, city) for panel in PANELS}


TOPIC = Topic(key="kpi", reads=("hours", "report_days", "reports", "cameras", "day", "minute"), draw=_draw)
