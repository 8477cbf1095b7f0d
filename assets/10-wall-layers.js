/* The city's own layers that a wall's plan names, drawn under everything that lives there; nothing else changes. They come when the map is
   painted, without names: a wall has room for eight. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const EVERY_S = 60;
  let map = null, asked = 0, wall = "";
  const grids = new Map();

  const fit = (layers) => {
    for (const [key, grid] of grids) if (layers.find((one) => one.key === key)?.version !== grid.options.layer.version) { grid.remove(); grids.delete(key); }
    layers.forEach((layer, n) => {
      if (!grids.has(layer.key)) grids.set(layer.key, kyDai.stillTiles.grid(layer, {root: `/walls/${wall}/layers`}).addTo(map));
      grids.get(layer.key).setZIndex(n + 1);
    });
  };
  const list = async () => {
    asked = performance.now();
    try {
      const reply = await fetch(`/walls/${wall}/layers${kyDai.replay?.on ? `?at=${Math.round(kyDai.now())}` : ""}`, {signal: AbortSignal.timeout(8000)});
      if (!reply.ok) throw new Error(`layers: ${reply.status}`);
      const {layers} = await reply.json();
      if (map) fit(layers);
    } catch (error) { console.warn(error); }
  };
  /* After the map itself: the first picture waits for no layer. */
  const begin = () => {
    wall = kyDai.one("[data-wall-layers]")?.dataset.wallLayers ?? "";
    if (!wall) { map = null; return; }
    const drawn = () => { if (map.getContainer().closest("[data-drawn]")) { kyDai.stillTiles.paneOf(map); list(); } else setTimeout(drawn, 250); };
    drawn();
  };
  kyDai.everySecond(() => { if (map && wall && asked && performance.now() - asked > EVERY_S * 1000) list(); });
  L?.Map.addInitHook(function keepWallLayers() { map = this; grids.clear(); asked = 0; this.whenReady(() => kyDai.ready(begin)); });
  kyDai.wallLayers = {shown: () => [...grids.keys()], loadedAt: (key) => grids.get(key)?.loadedAt ?? 0};
})();
