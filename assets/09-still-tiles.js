/* Tiles of the city's own layers: whole numbers (data/layers/tiles.py) drawn on canvases, which moving the map only shifts. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const SIDE = 512, UNITS = 16384, FIRST = 8, LAST = 13, MOST = 200, TOGETHER = 8, SLICE_MS = 10, EDGES_FROM = 12, SPARSE = 500;
  const DOT = {point: 3.2, line: 1.8, area: 1};
  const tiles = new Map();

  /* ---- tiles ---- */
  const decoded = (buffer) => {
    const groups = new Uint32Array(buffer, 0, 1)[0], head = new Uint32Array(buffer, 4, 2 * groups);
    let parts = 0;
    const runs = [];
    for (let at = 0; at < groups; at++) { runs.push({colour: head[2 * at], from: parts, to: parts + head[2 * at + 1]}); parts += head[2 * at + 1]; }
    const lengths = new Uint32Array(buffer, 4 + 8 * groups, parts), starts = new Uint32Array(parts + 1);
    for (let at = 0; at < parts; at++) starts[at + 1] = starts[at] + lengths[at];
    return {runs, starts, xy: new Int16Array(buffer, 4 + 8 * groups + 4 * parts)};
  };
  const fetched = async (address) => {
    const reply = await fetch(address, {signal: AbortSignal.timeout(20000)});
    if (!reply.ok) throw new Error(`${address}: ${reply.status}`);
    return reply.status === 204 ? null : decoded(await reply.arrayBuffer());
  };
  const tileOf = (root, layer, zoom, x, y) => {
    const address = `${root}/${layer.key}/${layer.version}/${zoom}/${x}/${y}`;
    if (!tiles.has(address)) {
      tiles.set(address, fetched(address).catch((error) => { tiles.delete(address); throw error; }));
      if (tiles.size > MOST) tiles.delete(tiles.keys().next().value);
    }
    return tiles.get(address);
  };

  /* ---- drawing: one path a colour; what lies beyond the canvas is passed over ---- */
  const colours = new Map();
  const colourOf = (n) => {
    if (!colours.has(n)) colours.set(n, getComputedStyle(document.documentElement).getPropertyValue(`--l-${n}`).trim());
    return colours.get(n);
  };
  const beyond = (xy, from, to, low, high) => {
    let west = true, east = true, north = true, south = true;
    for (let at = 2 * from; at < 2 * to; at += 2) {
      const x = xy[at], y = xy[at + 1];
      west &&= x < low.x; east &&= x > high.x; north &&= y < low.y; south &&= y > high.y;
    }
    return west || east || north || south;
  };
  /* Outer rings turn one way, holes the other. */
  const outer = (xy, from, to) => {
    let twice = 0;
    for (let at = from, last = to - 1; at < to; last = at++) twice += xy[2 * last] * xy[2 * at + 1] - xy[2 * at] * xy[2 * last + 1];
    return twice > 0;
  };
  /* A canvas draws a thousand small paths a hundred times sooner than one of a thousand parts. A ring and its holes stay together. */
  const trace = function* (pen, tile, run, view, shape) {
    const {xy, starts} = tile, {scale, low, high} = view, dot = DOT.point * kyDai.rem;
    let held = 0;
    pen.beginPath();
    for (let part = run.from; part < run.to; part++) {
      const from = starts[part], to = starts[part + 1];
      if (beyond(xy, from, to, low, high)) continue;
      if (held >= TOGETHER && (shape !== "area" || outer(xy, from, to))) { INK[shape](pen, view.near); yield; pen.beginPath(); held = 0; }
      held += 1;
      if (shape === "point") {
        const x = (xy[2 * from] - view.x) * scale, y = (xy[2 * from + 1] - view.y) * scale;
        pen.moveTo(x + dot, y);
        pen.arc(x, y, dot, 0, 7);
        continue;
      }
      pen.moveTo((xy[2 * from] - view.x) * scale, (xy[2 * from + 1] - view.y) * scale);
      for (let at = from + 1; at < to; at++) pen.lineTo((xy[2 * at] - view.x) * scale, (xy[2 * at + 1] - view.y) * scale);
      if (shape === "area") pen.closePath();
    }
    INK[shape](pen, view.near);
  };
  const INK = {
    point: (pen) => { pen.globalAlpha = 0.9; pen.fill(); },
    line: (pen) => { pen.globalAlpha = 0.85; pen.lineWidth = DOT.line * kyDai.rem; pen.stroke(); },
    /* From afar areas are a veil without edges: what lies below, and its names, are still read. */
    area: (pen, near) => {
      pen.globalAlpha = near ? 0.26 : 0.4;
      pen.fill();
      if (!near) return;
      pen.globalAlpha = 0.9;
      pen.lineWidth = DOT.area * kyDai.rem;
      pen.stroke();
    },
  };
  const draw = function* (canvas, tile, layer, coords, deeper) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2), pen = canvas.getContext("2d"), side = UNITS >> deeper, edge = side / 32;
    canvas.width = canvas.height = SIDE * ratio;
    pen.scale(ratio, ratio);
    const x = (coords.x & ((1 << deeper) - 1)) * side, y = (coords.y & ((1 << deeper) - 1)) * side;
    const view = {scale: SIDE / side, x, y, near: layer.count < SPARSE || coords.z - 1 >= EDGES_FROM, low: {x: x - edge, y: y - edge}, high: {x: x + side + edge, y: y + side + edge}};
    for (const run of tile.runs) {
      pen.fillStyle = pen.strokeStyle = colourOf(run.colour);
      yield* trace(pen, tile, run, view, layer.shape);
    }
  };
  /* Some milliseconds at a time, so that the map moves while it is drawn. What has left the map meanwhile is drawn no more. */
  const jobs = [];
  const work = () => {
    const end = performance.now() + SLICE_MS;
    while (jobs.length && performance.now() < end) {
      const {steps, canvas, done} = jobs[0];
      if (!canvas.isConnected || steps.next().done) { jobs.shift(); done(null, canvas); }
    }
    if (jobs.length) setTimeout(work);
  };
  const later = (steps, canvas, done) => { if (jobs.push({steps, canvas, done}) === 1) setTimeout(work); };
  const Grid = L?.GridLayer.extend({
    createTile(coords, done) {
      const canvas = kyDai.make("canvas", {class: "leaflet-tile"}), {layer, root, failed} = this.options;
      const zoom = coords.z - 1, deeper = Math.max(0, zoom - LAST);
      const told = zoom < FIRST ? Promise.resolve(null) : tileOf(root, layer, zoom - deeper, coords.x >> deeper, coords.y >> deeper);
      told.then((tile) => { if (tile) later(draw(canvas, tile, layer, coords, deeper), canvas, done); else done(null, canvas); }, (error) => { failed?.(layer.key); done(error, canvas); });
      return canvas;
    },
  });
  /* `root`: the address that tiles are asked under; `failed` hears of each layer that could not be read. */
  const grid = (layer, {root = "/layers", failed} = {}) => {
    const west = layer.bounds, made = new Grid({layer, root, failed, pane: "still", tileSize: SIDE, noWrap: true, keepBuffer: 1, updateWhenZooming: false, bounds: L.latLngBounds([west[1], west[0]], [west[3], west[2]]).pad(0.02)});
    made.on("load", () => { made.loadedAt = performance.now(); });
    return made;
  };
  const paneOf = (map, z = 300) => { const pane = map.getPane("still") || map.createPane("still"); pane.style.zIndex = z; pane.style.pointerEvents = "none"; };
  L?.Map.addInitHook(function forgetColours() { colours.clear(); });
  kyDai.stillTiles = {grid, paneOf};
})();
