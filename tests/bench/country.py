"""A base map from an extract of a country: how long `basemap build` reads it, and how much memory it takes, the city being a small part of it.

The extract is made here, as large as asked: towns all over Việt Nam with roads, houses and shops, one of them the city itself.
"""

import os
import sys
from pathlib import Path

import numpy as np
import osmium
from osmium.osm.mutable import Node, Way

from data.pack import load
from tests.bench.large_layers import ran
from tests.bench.servers import folder
from tests.bench.tally import Tally

COUNTRY = (102.2, 8.6, 109.4, 23.3)
AT_ONCE = 100_000  # ways whose nodes are made together
TOWNS, CORNERS, SHOPS = 400, 10, 0.03  # nodes of a way; of all nodes, those that are something themselves
KINDS = (
    {"highway": "residential"},
    {"highway": "primary", "name": "Quốc lộ"},
    {"building": "yes"},
    {"landuse": "grass"},
    {"waterway": "canal"},
)


def extract(to: Path, nodes: int) -> Path:
    """Write an extract with so many nodes, sorted as extracts are: nodes first, then ways."""
    rng, ways = np.random.default_rng(1), nodes // CORNERS
    city = load("hue").city.bounds
    towns = rng.uniform(COUNTRY[:2], COUNTRY[2:], (TOWNS, 2))
    towns[0] = ((city[0] + city[2]) / 2, (city[1] + city[3]) / 2)
    with osmium.SimpleWriter(str(to)) as writer:
        for first in range(0, ways, AT_ONCE):
            few = min(AT_ONCE, ways - first)
            starts = towns[rng.integers(0, TOWNS, few)] + rng.normal(0, 0.03, (few, 2))
            walk = np.cumsum(rng.normal(0, 0.0003, (few, CORNERS, 2)), axis=1) + starts[:, None]
            places, shops = walk.reshape(-1, 2).round(7).tolist(), (rng.random(few * CORNERS) < SHOPS).tolist()
            for number, (place, shop) in enumerate(zip(places, shops, strict=True), first * CORNERS + 1):
                writer.add_node(Node(id=number, location=place, tags={"shop": "yes", "name": f"Tiệm {number}"} if shop else {}))
        for n in range(ways):
            own, kind = list(range(n * CORNERS + 1, n * CORNERS + CORNERS + 1)), KINDS[n % len(KINDS)]
            closed = "building" in kind or "landuse" in kind
            writer.add_way(Way(id=n + 1, nodes=[*own, own[0]] if closed else own, tags=kind))
    return to


def run(tally: Tally, *, quick: bool) -> None:
    """Measure one country."""
    nodes = 200_000 if quick else 10_000_000
    with folder() as where:
        file = extract(where / "country.osm.pbf", nodes)
        size = file.stat().st_size / 1e6
        ended = ran(
            [sys.executable, "app.py", "basemap", "build", "--osm", str(file)], {**os.environ, "KYDAI_HOME": str(where)}, where
        )
        if ended.code:
            raise AssertionError(ended.said[-2000:])
        what = f"base map of a city from an extract of a country, {nodes:,} nodes, {size:.0f} MB"
        tally.add(what, ended.seconds, "s", must=900, goal=300)
        tally.add(f"{what}, the most memory", ended.megabytes, "MB", must=1500, goal=1000)
