/* Marks: the areas and routes that people have drawn, on every map, from the second at which they begin to the one at which they end. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const NS = "http://www.w3.org/2000/svg", MOST_ON_WALL = 8, NAMES_FROM = 11.5, GAP = 6;
  const KINDS = ["incident_zone", "road_closed", "event", "other"];
  let map = null, wall = false, renderer = null, group = null, stamp = "";
  const held = new Map();

  const rows = () => kyDai.frames.marks?.data.rows ?? [];
  const holds = (row, now) => row.begins <= now && now < row.until;
  const urgency = (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.id - a.id;

  /* A closed road is told by its pattern, not by its colour alone: hatched where it is an area, rungs across where it is a line. */
  const hatch = (root) => {
    if (!root || root.querySelector("#mk-closed")) return;
    const step = 9 * kyDai.rem, make = (tag, told) => { const node = document.createElementNS(NS, tag); for (const [name, value] of Object.entries(told)) node.setAttribute(name, value); return node; };
    const pattern = make("pattern", {id: "mk-closed", width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"}), defs = make("defs", {});
    pattern.append(make("line", {class: "mk-hatch", x1: 0, y1: 0, x2: 0, y2: step}));
    defs.append(pattern);
    root.prepend(defs);
  };
  const shape = (row) => {
    const points = row.points.map(([lon, lat]) => [lat, lon]), told = {renderer, pane: "marks", interactive: !wall, bubblingMouseEvents: false, className: `mk-mark mk-${row.kind} mk-${row.shape}`};
    const lines = row.shape === "area" ? [L.polygon(points, told)] : [L.polyline(points, {...told, className: `mk-case mk-${row.kind}`}), L.polyline(points, told)];
    if (row.shape === "route" && row.kind === "road_closed") lines.push(L.polyline(points, {...told, className: "mk-middle", interactive: false}));
    for (const line of lines) line.on("click", () => kyDai.marks.open?.(row.id));
    return lines;
  };
  /* Where a name stands: the middle of a route by its length, of an area by its box, on the border side that is surely in it. */
  const middle = (row) => {
    if (row.shape === "area") return L.latLngBounds(row.points.map(([lon, lat]) => [lat, lon])).getCenter();
    const at = row.points.map(([lon, lat]) => ({lon, lat})), far = at.slice(1).map((one, n) => kyDai.metres(at[n], one));
    let left = far.reduce((sum, one) => sum + one, 0) / 2, n = 0;
    while (n < far.length - 1 && left > far[n]) left -= far[n++];
    const share = far[n] ? left / far[n] : 0, [a, b] = [at[n], at[n + 1]];
    return L.latLng(a.lat + (b.lat - a.lat) * share, a.lon + (b.lon - a.lon) * share);
  };
  const until = (row) => {
    const left = row.until - kyDai.now();
    return kyDai.say("marks.until", {t: left < 72000000 ? kyDai.format.hm(row.until) : `${kyDai.format.hm(row.until)} ${kyDai.format.dm(row.until)}`});
  };
  /* A wall has room for its name and its end alone. */
  const about = (row) => wall ? until(row) : `${kyDai.say(`marks.kind.${row.kind}`)} · ${until(row)}`;
  const label = (row) => {
    const node = kyDai.make("div", {class: `mk-name mk-${row.kind}`, "data-mark": row.id}, [kyDai.make("b", {}, row.name), kyDai.make("span", {"data-num": true}, about(row))]);
    const pin = L.marker(middle(row), {pane: "marknames", interactive: !wall, keyboard: false, icon: L.divIcon({className: "mk", html: node, iconSize: null})});
    pin.on("click", () => kyDai.marks.open?.(row.id));
    return {node, pin};
  };
  const forget = (id) => { for (const part of held.get(id).parts) group.removeLayer(part); held.delete(id); };
  const lay = (row) => {
    const lines = shape(row), {node, pin} = label(row);
    for (const part of [...lines, pin]) group.addLayer(part);
    held.set(row.id, {row, node, pin, parts: [...lines, pin]});
    hatch(renderer._container);
  };
  /* Names stand apart from each other and whole, the most urgent first; a wall shows eight at most, pulled in from its edge. */
  const inside = (node, host) => {
    node.style.removeProperty("translate");
    const box = node.getBoundingClientRect(), seen = box.left < host.right && box.right > host.left && box.top < host.bottom && box.bottom > host.top;
    if (!wall || !seen) return box;
    const by = (low, high, from, to) => low < from ? from - low : high > to ? to - high : 0;
    node.style.translate = `${by(box.left, box.right, host.left + GAP, host.right - GAP)}px ${by(box.top, box.bottom, host.top + GAP, host.bottom - GAP)}px`;
    return node.getBoundingClientRect();
  };
  const names = () => {
    const host = map.getContainer().getBoundingClientRect(), taken = [], far = !wall && map.getZoom() - Math.log2(kyDai.rem) < NAMES_FROM;
    for (const {node, row} of [...held.values()].sort((a, b) => urgency(a.row, b.row))) {
      kyDai.mark(node, "data-off", null);
      const box = inside(node, host), out = box.left < host.left || box.right > host.right || box.top < host.top || box.bottom > host.bottom;
      const clash = taken.some((one) => box.left < one.right + GAP && one.left < box.right + GAP && box.top < one.bottom + GAP && one.top < box.bottom + GAP);
      const off = far || clash || (wall && (out || taken.length >= MOST_ON_WALL));
      kyDai.mark(node, "data-off", off ? "" : null);
      if (!off) taken.push(box);
      kyDai.text(node.lastChild, about(row));
    }
  };
  const paint = (now) => {
    if (!group) return;
    const there = rows().filter((row) => holds(row, now)), seen = there.map((row) => `${row.id}.${row.version}`).join();
    if (seen === stamp) return;
    stamp = seen;
    for (const [id, one] of held) if (!there.some((row) => row.id === id && row.version === one.row.version)) forget(id);
    for (const row of there) if (!held.has(row.id)) lay(row);
    names();
    kyDai.mark(map.getContainer().closest(".map"), "data-marks", there.length || null);
    kyDai.marks.changed?.();
  };
  kyDai.paints("marks", () => { paint(kyDai.now()); kyDai.marks.changed?.(); });
  kyDai.everySecond(paint);

  const begin = () => {
    wall = map.getContainer().closest(".map")?.dataset.map === "wall";
    for (const [name, z] of [["marks", 440], ["marknames", wall ? 635 : 625]]) (map.getPane(name) || map.createPane(name)).style.zIndex = z;
    renderer = L.svg({pane: "marks", padding: 0.3});
    group = L.layerGroup().addTo(map);
    held.clear();
    stamp = "";
    map.on("zoomend moveend", names);
    paint(kyDai.now());
  };
  L?.Map.addInitHook(function keepMarks() { map = this; group = null; this.whenReady(() => kyDai.ready(begin)); });
  kyDai.marks = {
    rows, holds, urgency, until, middle, KINDS,
    shown: () => [...held.keys()].sort((a, b) => a - b),
    names: () => [...held.values()].filter(({node}) => node.dataset.off === undefined).map(({row}) => row.id),
    leaflet: () => map,
    show: (row) => map?.fitBounds(L.latLngBounds(row.points.map(([lon, lat]) => [lat, lon])).pad(0.3), {animate: false, maxZoom: 17}),
  };
})();
