"""The darkroom's process: waits for its lease, then develops what comes down the log until it ends (data.developing)."""

import time
from logging import getLogger

from dashboard.kinds import Kinds
from dashboard.ports import Reading, Taken
from dashboard.settings import Settings
from data import clipping, opened
from data.boardroom import make_reader, watch
from data.clock import SystemClock
from data.config import home, log_url, record_url
from data.developing import Darkroom, Settled, run
from data.dialling import dialler
from data.layers.wards import open_atlas
from data.lease import Lease
from data.living import open_city
from data.pack import Pack
from data.road import connect
from data.sealed import Seal
from data.secret import secret_key
from data.store.engine import connect as connect_record
from data.store.logins import PURPOSE, Logins
from data.store.sources import Sources
from data.stream import RedisStream

GIGABYTE = 1 << 30
log = getLogger(__name__)


def work(settings: Settings, pack: Pack) -> None:
    """Develop pictures of one city. Returns never; a second darkroom stands by until the first one ends."""
    engine, at = connect_record(record_url(settings)), home(settings)
    (at / opened.MEDIA).mkdir(mode=0o700, exist_ok=True)
    atlas = open_atlas(engine, pack)
    living, watching = open_city(engine, pack, atlas), watch(engine, secret_key(settings, at))
    sources, clips, dial = Sources(engine), opened.clips(settings, engine), dialler(settings, pack.city.outward)
    who = Logins(engine, Seal(secret_key(settings, at), PURPOSE)).of
    reader, known = make_reader(pack, sources, living, atlas.locate), [living.now()]

    def read(taken: Taken) -> Reading:
        """Read by the city as it stands now, adopted cameras included."""
        if living.now() is not known[0]:
            known[0] = living.city
            reader.renew()
        return watching.add(reader.read(taken))

    with Lease(engine, at, name="darkroom") as lease:
        lease.wait(time.sleep)
        log.info("the darkroom of %s holds the lease", pack.city.key)
        fetching = clipping.Clipper(clips, clipping.Fetcher(sources.all, dial=dial, who=who, pause=time.sleep))
        fetching.start()
        run(
            Darkroom(
                RedisStream(connect(log_url(settings), timeout_s=5.0)),
                opened.pictures(settings, engine),
                SystemClock(),
                read=read,
                settled=Settled(Kinds(pack.city), int(settings.media_gb * GIGABYTE)),
                hand=at / "darkroom.hand",
                wish=clipping.Wish(clips, sources.all).of,
            )
        )
