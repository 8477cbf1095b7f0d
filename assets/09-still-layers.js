/* The city's own layers on the map: tiles of whole numbers (data/layers/tiles.py) drawn on canvases, which moving the map only shifts.
   What stands at a place is asked of the server. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const SIDE = 512, UNITS = 16384, FIRST = 8, LAST = 13, MOST = 200, KEPT = "kydai.layers", EVERY_S = 60, TOGETHER = 8, SLICE_MS = 10, EDGES_FROM = 12, SPARSE = 500;
  const DOT = {point: 3.2, line: 1.8, area: 1};
  let map = null, layers = [], listed = 0, asked = 0;
  const grids = new Map(), tiles = new Map(), failed = new Set();

  /* ---- which layers a person looks at, kept for the next visit ---- */
  const wanted = () => { try { return JSON.parse(localStorage.getItem(KEPT) ?? "[]"); } catch { return []; } };
  const want = (keys) => { try { localStorage.setItem(KEPT, JSON.stringify(keys)); } catch { /* a browser that keeps nothing: then for this visit */ } };

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
  const tileOf = (layer, zoom, x, y) => {
    const address = `/layers/${layer.key}/${layer.version}/${zoom}/${x}/${y}`;
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
      const canvas = kyDai.make("canvas", {class: "leaflet-tile"}), {layer} = this.options;
      const zoom = coords.z - 1, deeper = Math.max(0, zoom - LAST);
      const told = zoom < FIRST ? Promise.resolve(null) : tileOf(layer, zoom - deeper, coords.x >> deeper, coords.y >> deeper);
      told.then((tile) => { if (tile) later(draw(canvas, tile, layer, coords, deeper), canvas, done); else done(null, canvas); }, (error) => { failed.add(layer.key); paint(); done(error, canvas); });
      return canvas;
    },
  });
  const gridOf = (layer) => {
    if (layer.remote) return kyDai.remote.grid(layer, soon);
    const west = layer.bounds, grid = new Grid({layer, pane: "still", tileSize: SIDE, noWrap: true, keepBuffer: 1, updateWhenZooming: false, bounds: L.latLngBounds([west[1], west[0]], [west[3], west[2]]).pad(0.02)});
    grid.on("load", () => { grid.loadedAt = performance.now(); });
    return grid;
  };

  /* ---- which layers are on the map ---- */
  const fit = () => {
    const keys = new Set(wanted());
    for (const [key, grid] of grids) {
      const now = layers.find((one) => one.key === key);
      if (!keys.has(key) || now?.version !== grid.options.layer.version) { grid.remove(); grids.delete(key); }
    }
    for (const [key, grid] of grids) if (grid.options.layer.remote) kyDai.remote.renew(grid, layers.find((one) => one.key === key));
    for (const layer of layers) if (keys.has(layer.key) && !grids.has(layer.key)) { failed.delete(layer.key); grids.set(layer.key, gridOf(layer).addTo(map)); }
  };
  const list = async () => {
    listed = performance.now();
    try {
      const reply = await fetch("/layers/list", {signal: AbortSignal.timeout(8000)});
      if (!reply.ok) throw new Error(`/layers/list: ${reply.status}`);
      layers = (await reply.json()).layers;
      failed.delete("");
    } catch (error) { console.warn(error); failed.add(""); }
    if (map) fit();
    paint();
  };

  /* ---- the panel ---- */
  const swatch = (n) => { const node = kyDai.make("i", {class: "still-key"}); node.style.setProperty("--c", `var(--l-${n})`); return node; };
  const age = (layer) => layer.as_of === null ? "" : layer.every_days === null ? kyDai.format.dmy(layer.as_of) : kyDai.say("layers.ago", {age: kyDai.format.age(Date.now() - layer.as_of)});
  const told = (layer) => layer.remote ? kyDai.remote.said(layer, grids.get(layer.key)) : [
    age(layer), failed.has(layer.key) ? kyDai.say("layers.failed") : layer.state === "none" || layer.state === "live" ? "" : kyDai.say(`layers.${layer.state}`), layer.trouble ? kyDai.say(`remote.why.${layer.trouble.code}`) : "",
  ];
  const row = (layer, on) => kyDai.make("li", {"data-still-row": layer.key, "data-layer-state": layer.trouble ? "stale" : layer.state}, [
    kyDai.make("label", {}, [
      kyDai.make("input", {type: "checkbox", "data-still": layer.key, checked: on}), layer.remote || layer.swatches.length ? null : swatch(layer.colour),
      kyDai.make("span", {class: "still-name"}, kyDai.of(layer.title) || layer.key), kyDai.make("span", {class: "muted", "data-num": true}, layer.remote ? layer.remote.toUpperCase() : kyDai.format.number(layer.count)),
    ]),
    kyDai.make("p", {class: "still-of"}, [layer.source, ...told(layer)].filter(Boolean).join(" · ")),
    on && layer.swatches?.length ? kyDai.make("ul", {class: "still-legend"}, [...layer.swatches.map((one) => kyDai.make("li", {}, [swatch(one.colour), kyDai.make("span", {}, kyDai.of(one.label))])), kyDai.make("li", {}, [swatch(8), kyDai.make("span", {}, kyDai.say("layers.other"))])]) : null,
  ]);
  const paint = () => {
    const pane = kyDai.one("[data-still-layers]"), keys = new Set(wanted()), n = layers.filter((one) => keys.has(one.key)).length;
    kyDai.text(kyDai.one("[data-still-n]"), n ? String(n) : "");
    if (!pane || pane.hidden) return;
    const focused = document.activeElement?.dataset?.still, why = failed.has("") ? "layers.failed" : layers.length ? "" : "layers.none";
    pane.replaceChildren(why ? kyDai.make("p", {class: "muted"}, kyDai.say(why)) : "", kyDai.make("ul", {}, layers.map((one) => row(one, keys.has(one.key)))));
    if (focused) kyDai.one(`[data-still="${focused}"]`, pane)?.focus();
  };
  /* Pictures come one by one: what is said of them is written once a moment. */
  let painting = 0;
  const soon = () => { painting ||= setTimeout(() => { painting = 0; paint(); }, 300); };
  const press = (open) => {
    const pane = kyDai.one("[data-still-layers]");
    pane.hidden = !open;
    kyDai.mark(kyDai.one("[data-still-open]"), "aria-expanded", open);
    if (open) list();
  };

  /* ---- what stands at a place ---- */
  const facts = (layer, one) => layer.fields.map((field) => [kyDai.of(field.label), one.fields[field.key]]).filter(([, value]) => value !== null && value !== "")
    .flatMap(([label, value]) => [kyDai.make("dt", {}, label), kyDai.make("dd", {}, typeof value === "boolean" ? kyDai.say(value ? "layers.yes" : "layers.no") : String(value))]);
  const near = (one) => kyDai.make("li", {}, [kyDai.make("span", {}, one.name || `#${one.id}`), kyDai.make("span", {class: "muted", "data-num": true}, kyDai.say("camera.away", {m: kyDai.format.number(Math.round(one.metres))}))]);
  const section = (told, reach) => {
    const layer = layers.find((one) => one.key === told.key);
    if (!layer || !told.features.length) return null;
    const [first] = told.features, hit = grids.has(layer.key) && first.metres <= reach;
    return kyDai.make("section", {"data-here": told.key}, [
      kyDai.make("h4", {}, kyDai.of(layer.title)), hit ? kyDai.make("p", {class: "strong"}, first.name || `#${first.id}`) : null, hit ? kyDai.make("dl", {class: "here-facts"}, facts(layer, first)) : null,
      kyDai.make("ul", {class: "here-near"}, told.features.slice(hit ? 1 : 0, 3).map(near)),
    ]);
  };
  const here = (answer, reach) => {
    const parts = answer.layers.map((one) => [one, section(one, reach)]).filter(([, node]) => node).sort(([a], [b]) => grids.has(b.key) - grids.has(a.key)).map(([, node]) => node);
    return [kyDai.make("h3", {}, answer.ward ? kyDai.of(answer.ward.name) : kyDai.say("here.outside")), ...parts, parts.length ? null : kyDai.make("p", {class: "muted"}, kyDai.say("here.nothing"))].filter(Boolean);
  };
  const ask = async ({lat, lng}) => {
    const mine = asked += 1, node = kyDai.make("div", {class: "here"}, [kyDai.make("p", {class: "muted"}, kyDai.say("here.asking"))]);
    const bubble = L.popup({maxWidth: 340, minWidth: 220, maxHeight: 320, className: "here-popup", autoPanPaddingTopLeft: [16, (kyDai.one(".mt-layers")?.offsetHeight ?? 0) + 24], autoPanPaddingBottomRight: [16, 16]}).setLatLng([lat, lng]).setContent(node).openOn(map);
    const reach = Math.max(3, map.distance(map.containerPointToLatLng([0, 0]), map.containerPointToLatLng([10 * kyDai.rem, 0])));
    let inside = [kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("here.failed"))];
    try {
      const reply = await fetch(`/api/v1/here?${new URLSearchParams({lon: lng.toFixed(6), lat: lat.toFixed(6)})}`, {signal: AbortSignal.timeout(8000)});
      if (reply.ok) inside = here(await reply.json(), reach);
    } catch (error) { console.warn(error); }
    if (mine !== asked) return;
    node.replaceChildren(...inside);
    bubble.update();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-still-open]");
    if (button) return press(button.getAttribute("aria-expanded") !== "true");
    if (!event.target.closest("[data-still-layers]") && kyDai.one("[data-still-open][aria-expanded=true]")) press(false);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target.closest?.("[data-still-layers], [data-still-open]")) { press(false); kyDai.one("[data-still-open]").focus(); event.stopPropagation(); } });
  document.addEventListener("change", (event) => {
    const key = event.target.dataset?.still;
    if (!key) return;
    want(event.target.checked ? [...new Set([...wanted(), key])] : wanted().filter((one) => one !== key));
    fit();
    paint();
  });
  kyDai.everySecond(() => { if (map && performance.now() - listed > EVERY_S * 1000 && kyDai.one("[data-still-open]")) list(); });
  const begin = () => {
    if (!kyDai.one("[data-still-open]")) { map = null; return; }
    const pane = map.getPane("still") || map.createPane("still");
    pane.style.zIndex = 300;
    pane.style.pointerEvents = "none";
    map.on("click", (event) => { if (!kyDai.draw?.active()) ask(event.latlng); });
    list();
  };
  L?.Map.addInitHook(function keepStill() { map = this; grids.clear(); colours.clear(); this.whenReady(() => kyDai.ready(begin)); });
  kyDai.still = {shown: () => [...grids.keys()], loadedAt: (key) => grids.get(key)?.loadedAt ?? 0, ask};
})();
