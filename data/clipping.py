"""Clips fetched from the recorders that have them: beside everything else, one after the other, and only of alarms.

The darkroom says which (data.developing), by the end of a Frigate's review. Each is asked for at the recorder's own HTTP API, under the same guard
and login as its reviews (data.pull.frigate).
"""

import re
import threading
from collections.abc import Callable, Mapping
from logging import getLogger

from dashboard.clips import MOST_BYTES, Wanted, stretch
from dashboard.errors import Away, Rejected
from dashboard.events import Heard, Sighted
from dashboard.kinds import Kinds
from dashboard.pictures import DAY_MS, days
from data.outward import Checked, Line, Login, Refused, Unreached
from data.pictures.copied import copy
from data.pull.frigate import Session
from data.puller import Target, welcome
from data.sealed import Tampered
from data.store.clips import SqlClips
from data.store.sources import Registered

HAVE = frozenset({"frigate"})  # adapters whose systems keep recordings that can be asked for
NAME = re.compile(r"[A-Za-z0-9_-]{1,120}")  # as Frigate lets cameras be called
REST_S, FETCH_S, LATE_MS = 1.0, 60.0, 3_600_000
Ask = Callable[[], Mapping[str, Registered]]
log = getLogger(__name__)


class Wish:
    """Decides of which events clips are wanted: alarms that have ended, of a source whose recordings can be asked for, and not of long ago."""

    def __init__(self, clips: SqlClips, ask: Ask) -> None:
        self._clips, self._ask = clips, ask

    def of(self, heard: Heard, kinds: Kinds) -> None:
        """Remember the clip of an event where one is wanted. Raises Away."""
        event = heard.event
        if not isinstance(event, Sighted) or event.ended is None or kinds.class_of(event.kind) != "alarm":
            return
        source = self._ask().get(heard.source)
        if source is None or not source.address or source.adapter not in HAVE or heard.received - event.ended > LATE_MS:
            return
        began, ended = stretch(event.at, event.ended)
        expires = heard.received + DAY_MS * days("alarm", "scene", hit=False)
        self._clips.want(heard.key, source=source.key, camera=event.camera, began=began, ended=ended, expires=expires)


class Fetcher:
    """Fetches a clip from the system that a source is."""

    def __init__(
        self, ask: Ask, *, dial: Callable[[str], Checked], who: Callable[[str, int], Login | None], pause: Callable[[float], None]
    ) -> None:
        self._ask, self._dial, self._who, self._pause = ask, dial, who, pause

    def __call__(self, wanted: Wanted) -> bytes:
        """Return what the recorder gives. Raises Unreached, Refused, Tampered."""
        source = self._ask().get(wanted.source)
        if source is None or source.disabled is not None or not source.address:
            raise Unreached("absent", "is asked no more")
        if not NAME.fullmatch(wanted.camera):
            raise Unreached("absent", "has no camera of such a name")
        place = self._dial(source.address)
        target = Target(place, Line(self._who(place.host, place.port)), source.key, self._pause)
        span = f"start/{wanted.began / 1000:.3f}/end/{wanted.ended / 1000:.3f}"
        answer = Session(target).get(f"/api/{wanted.camera}/{span}/clip.mp4", most=MOST_BYTES, seconds=FETCH_S)
        welcome(answer)
        return answer.body


class Clipper:
    """Fetches what is wanted, one clip after the other."""

    def __init__(self, clips: SqlClips, fetch: Callable[[Wanted], bytes]) -> None:
        self._clips, self._fetch = clips, fetch
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="clips")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no other; the one that is being fetched is waited for, for a moment."""
        self._ended.set()
        self._thread.join(REST_S)

    def step(self) -> bool:
        """Fetch the clip that is due first; returns whether one was. Raises Away."""
        wanted = self._clips.take()
        if wanted is None:
            return False
        try:
            copied = copy(self._fetch(wanted))
        except Rejected as reason:
            log.warning("a clip of %s is not kept: it %s", wanted.source, reason)
            self._clips.lose(wanted.id)
        except (Unreached, Refused, Tampered) as no:
            log.warning("a clip of %s cannot be had now: %s", wanted.source, no)
        else:
            self._clips.keep(wanted.id, copied)
        return True

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                busy = self.step()
            except Away as away:
                log.warning("the record is away, will try again: %s", away)
                busy = False
            except Exception:  # one clip's oddity is no other's
                log.exception("fetching a clip fell over")
                busy = False
            if not busy:
                self._ended.wait(REST_S)
