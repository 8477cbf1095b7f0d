/* Who does how well: the ranking with its ends, the wards as shades, the fields as bars. Pure painting: figures in, nodes out. */
(() => {
  const kyDai = window.kyDai;
  const NS = "http://www.w3.org/2000/svg";
  const svg = kyDai.svg = (tag, attributes, text) => {
    const node = document.createElementNS(NS, tag);
    for (const [name, one] of Object.entries(attributes)) if (one !== null) node.setAttribute(name, one);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const share = (n) => (n === null ? "—" : kyDai.format.decimal(n));

  /* ---- ranking: the first and the last; those between in one line, until all are asked for ---- */
  let whole = false, told = null, dim = "ward", own = "";
  /* A number that leads to its list: which list, and of which ward, unit or field (assets/14-leader.js asks). */
  const link = (text, list, kind, code) => kyDai.make("button", {type: "button", class: "to-list", "data-list": list, "data-of-dim": kind, "data-of-code": code, "data-num": true}, text);
  const nameOf = (row) => (dim === "ward" ? kyDai.wardName(row.code) : kyDai.of(kyDai.city.unit[row.code]?.short)) || row.code;
  kyDai.rankName = nameOf;
  const dot = (row, mark) => {
    const low = Math.min(70, (mark ?? 90) - 20), x = (n) => (Math.max(0, Math.min(1, (n - low) / (100 - low))) * 94 + 3).toFixed(1);
    const chart = svg("svg", {viewBox: "0 0 100 16", preserveAspectRatio: "none", "aria-hidden": "true"});
    chart.append(svg("line", {class: "ax", x1: 0, x2: 100, y1: 8, y2: 8}));
    if (mark !== null) chart.append(svg("line", {class: "tg", x1: x(mark), x2: x(mark), y1: 2, y2: 14}));
    if (row.on_time !== null) chart.append(svg("line", {class: row.on_time < mark ? "pt lo" : "pt", x1: x(row.on_time), x2: x(row.on_time), y1: 8, y2: 8.01}));
    return chart;
  };
  const moved = (by) => (by === null ? "" : by === 0 ? "–" : `${by > 0 ? "↑" : "↓"}${Math.abs(by)}`);
  const line = (row, mark) => kyDai.make("tr", {"data-ranked": row.code, class: row.code === own ? "own" : null, "data-below": row.on_time !== null && row.on_time < mark ? "1" : null}, [
    kyDai.make("td", {"data-num": true}, row.rank === null ? "—" : String(row.rank)), kyDai.make("td", {}, nameOf(row)), kyDai.make("td", {class: "dot"}, [dot(row, mark)]),
    kyDai.make("td", {class: "num strong"}, [link(share(row.on_time), "due", dim, row.code)]), kyDai.make("td", {class: "num vol"}, [link(kyDai.format.number(row.due), "due", dim, row.code)]), kyDai.make("td", {class: "num"}, [link(kyDai.format.number(row.overdue), "overdue", dim, row.code)]), kyDai.make("td", {class: "num d", "data-num": true}, moved(row.moved))]);
  const between = (rows) => {
    const known = rows.filter((row) => row.on_time !== null).map((row) => row.on_time);
    const text = known.length ? kyDai.say(`leader.middle_${dim}`, {n: rows.length, low: share(Math.min(...known)), high: share(Math.max(...known))}) : "";
    return kyDai.make("tr", {class: "mid"}, [kyDai.make("td", {colspan: 7}, text)]);
  };
  kyDai.paintRanking = (byDim, mark, query) => {
    told = [byDim, mark, query];
    own = query[dim] ?? "";
    const rows = byDim[dim];
    for (const one of kyDai.all("[data-rank-dim]")) kyDai.mark(one, "aria-pressed", one.dataset.rankDim === dim);
    kyDai.text(kyDai.one("[data-rank-head]"), kyDai.say(`leader.${dim}`));
    const body = kyDai.one("[data-ranking]"), box = kyDai.one(".rank-box"), ranked = rows.filter((row) => row.rank !== null);
    kyDai.text(kyDai.one("[data-note='rank']"), kyDai.say(`leader.ranking_note_${dim}`, {n: ranked.length, of: rows.length}));
    kyDai.mark(kyDai.one("[data-note='rank']"), "title", kyDai.say("leader.ranking_why"));
    kyDai.text(kyDai.one("[data-mark]"), mark === null ? "" : kyDai.say("leader.mark", {n: kyDai.format.share(mark).replace(/\s?%$/, "")}));
    const room = matchMedia("(max-width: 600px)").matches ? 12 : Math.max(4, Math.floor((box.clientHeight / kyDai.remNow() - 34) / 38)), folded = !whole && ranked.length > room, half = Math.floor((room - 1) / 2);
    const alone = rows.find((row) => row.code === own && row.rank === null), shown = whole || !ranked.length ? rows : [...ranked, ...(alone ? [alone] : [])];
    const middle = ranked.slice(half, -half), mine = middle.find((row) => row.code === own), lines = (some) => some.map((row) => line(row, mark));
    const nodes = folded ? [...lines(ranked.slice(0, half - (mine ? 1 : 0))), ...(mine ? [line(mine, mark)] : []), between(middle.filter((row) => row !== mine)), ...lines(ranked.slice(-half)), ...(alone ? [line(alone, mark)] : [])] : lines(shown);
    body.replaceChildren(...(shown.length ? nodes : [kyDai.make("tr", {}, [kyDai.make("td", {colspan: 7, class: "empty"}, kyDai.say("data.none"))])]));
    kyDai.mark(box, "data-whole", whole ? "" : null);
    kyDai.mark(box, "data-few", !folded && shown.length < room ? "" : null);
    kyDai.one("[data-more]").hidden = !whole && !folded && shown.length === rows.length;
    kyDai.text(kyDai.one("[data-more]"), kyDai.say(whole ? "leader.show_ends" : `leader.show_all_${dim}`, {n: rows.length}));
  };
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-rank-dim]");
    if (chosen) dim = chosen.dataset.rankDim;
    if (event.target.closest("[data-more]")) whole = !whole;
    else if (!chosen) return;
    if (told) kyDai.paintRanking(...told);
  });

  const PAPER = [560, 230];
  const USUAL = 95; // where shades part in a city that has no target
  /* ---- the wards: the darker the slower; what has too little to be judged is hatched ---- */
  const bands = (target) => {
    const mark = Math.min(target ?? USUAL, 99), step = Math.min(5, mark / 4);
    return [mark - 2 * step, mark - step, mark, Math.min(mark + 2.5, (mark + 100) / 2)];
  };
  const bandOf = (value, edges) => (value === null || value === undefined ? 0 : 5 - edges.filter((edge) => value >= edge).length);
  const ringsOf = (geometry) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).flat();
  const extent = (points) => points.reduce(([a, b, c, d], [x, y]) => [Math.min(a, x), Math.min(b, y), Math.max(c, x), Math.max(d, y)], [Infinity, Infinity, -Infinity, -Infinity]);
  /* Degrees to pixels: equal scale both ways, longitudes shrunk by the cosine of the city's latitude. */
  const fit = ([west, south, east, north], [x0, y0, width, height]) => {
    const flat = Math.cos((((south + north) / 2) * Math.PI) / 180), scale = Math.min(width / ((east - west) * flat), height / (north - south));
    const dx = x0 + (width - (east - west) * flat * scale) / 2, dy = y0 + (height - (north - south) * scale) / 2;
    return ([lon, lat]) => [dx + (lon - west) * flat * scale, dy + (north - lat) * scale];
  };
  const pathOf = (rings, at) => rings.map((ring) => `M${ring.map((point) => at(point).map((n) => n.toFixed(1)).join(" ")).join("L")}Z`).join("");
  const middle = (ring) => ring.reduce(([x, y], [lon, lat]) => [x + lon / ring.length, y + lat / ring.length], [0, 0]);
  const inside = ([x, y], [west, south, east, north]) => x > west && x < east && y > south && y < north;
  const drawWards = (group, wards, at, byWard, edges) => {
    for (const ward of wards) {
      const row = byWard[ward.code], band = bandOf(row?.on_time, edges), name = kyDai.wardName(ward.code);
      const shape = svg("path", {class: `ch ch-${band || "no"}`, d: pathOf(ward.rings, at), "data-of-code": ward.code, "data-of-dim": "ward", "data-list": "due", "data-band": band});
      shape.append(svg("title", {}, `${name}: ${row?.on_time === null || !row ? kyDai.say("leader.band_none") : kyDai.format.percent(row.on_time)}`));
      group.append(shape);
    }
  };
  /* A name is written where it fits its ward and covers no other. */
  const drawNames = (group, wards, at, box, taken) => {
    for (const ward of wards) {
      const [x, y] = at(ward.middle), name = kyDai.wardName(ward.code), half = name.length * 3.5 * kyDai.remNow(), [west, south, east, north] = ward.extent;
      const room = Math.abs(at([east, south])[0] - at([west, north])[0]);
      const mine = [x - half, y - 9 * kyDai.remNow(), x + half, y + 5 * kyDai.remNow()];
      if (room < half * 1.5 || mine[0] < box[0] || mine[2] > box[0] + box[2] || mine[1] < box[1] || mine[3] > box[1] + box[3] || taken.some((one) => mine[0] < one[2] && mine[2] > one[0] && mine[1] < one[3] && mine[3] > one[1])) continue;
      taken.push(mine);
      group.append(svg("text", {class: "ch-t", x: x.toFixed(1), y: y.toFixed(1)}, name));
    }
  };
  let shapes = null;
  const loadShapes = async () => shapes ||= (await kyDai.fetched(`/map/${kyDai.told.city}/wards.geojson`)).features.map((feature) => {
    const rings = ringsOf(feature.geometry), largest = rings.reduce((a, b) => (a.length >= b.length ? a : b));
    return {code: feature.properties.code, rings, middle: middle(largest), extent: extent(largest)};
  });
  const hatch = () => {
    const pattern = svg("pattern", {id: "nod", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"});
    pattern.append(svg("rect", {class: "nod-bg", width: 5, height: 5}), svg("line", {class: "nod", x1: 0, x2: 0, y1: 0, y2: 5}));
    const held = svg("defs", {});
    held.append(pattern);
    return held;
  };
  const legend = (rows, edges) => {
    const counts = [0, 0, 0, 0, 0, 0], n = (value) => kyDai.format.decimal(value).replace(/[.,]0$/, "");
    for (const row of rows) counts[bandOf(row.on_time, edges)] += 1;
    const words = [kyDai.say("leader.band_none"), kyDai.say("leader.band_above", {n: n(edges[3])}), `${n(edges[2])}–${n(edges[3])}`, `${n(edges[1])}–${n(edges[2])}`, `${n(edges[0])}–${n(edges[1])}`, kyDai.say("leader.band_below", {n: n(edges[0])})];
    kyDai.one("[data-legend]").replaceChildren(...[5, 4, 3, 2, 1, 0].map((band) => kyDai.make("span", {}, [kyDai.make("i", {class: `ch-sw ch-sw-${band || "no"}`}), kyDai.make("span", {}, words[band]), kyDai.make("b", {"data-num": true}, String(counts[band]))])));
  };
  /* A city whose centre is most of it needs no window onto it. */
  const isLarge = ([w, s, e, n], [west, south, east, north]) => Math.max((e - w) / (east - west), (n - s) / (north - south)) > 0.5;
  const chartOf = (width, height) => svg("svg", {class: "choro", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": kyDai.say("leader.ward_map")});
  const alone = (host, wards, at, box, byWard, edges) => {
    const chart = chartOf(box[2], box[3]), big = svg("g", {});
    drawWards(big, wards, at, byWard, edges);
    drawNames(big, wards, at, box, []);
    chart.append(hatch(), big);
    host.replaceChildren(chart);
    kyDai.overWards?.([[big, at]]);
  };
  kyDai.paintWards = async (rows, mark) => {
    const host = kyDai.one("[data-choropleth]"), wards = await loadShapes(), edges = bands(mark), byWard = Object.fromEntries(rows.map((row) => [row.code, row]));
    /* Where it stands out of sight, as on a phone, it is drawn for paper. */
    const seen = host.clientWidth >= 80 && host.clientHeight >= 80, [width, height] = seen ? [host.clientWidth, host.clientHeight] : PAPER;
    legend(rows, edges);
    const all = extent(wards.flatMap((ward) => ward.rings.flat())), [lon, lat] = kyDai.city.centre, [dx, dy] = [0.085, 0.075], centre = [lon - dx, lat - dy, lon + dx, lat + dy];
    const side = Math.min(height - 8, width * 0.34), left = [0, 4, width - side - 24, height - 8], right = [width - side - 8, 4, side, height - 8];
    if (isLarge(centre, all)) return alone(host, wards, fit(all, [0, 4, width, height - 8]), [0, 0, width, height], byWard, edges);
    const chart = chartOf(width, height);
    const far = fit(all, left), near = fit(centre, right), clip = svg("clipPath", {id: "near"}), frame = {x: right[0], y: right[1], width: right[2], height: right[3]};
    const big = svg("g", {}), close = svg("g", {"clip-path": "url(#near)"}), defs = hatch();
    clip.append(svg("rect", frame));
    defs.append(clip);
    drawWards(big, wards, far, byWard, edges);
    close.append(svg("rect", {class: "ch-bg", ...frame}));
    drawWards(close, wards, near, byWard, edges);
    const [x1, y1] = far([centre[0], centre[3]]), [x2, y2] = far([centre[2], centre[1]]);
    drawNames(big, wards.filter((ward) => !inside(ward.middle, centre)), far, left, [[x1, y1, x2, y2]]);
    drawNames(close, wards, near, right, []);
    chart.append(defs, big, svg("rect", {class: "ch-box", x: x1, y: y1, width: x2 - x1, height: y2 - y1}), svg("path", {class: "ch-box", d: `M${x2} ${y1}L${right[0]} ${right[1]}M${x2} ${y2}L${right[0]} ${right[1] + right[3]}`}), close, svg("rect", {class: "ch-frame", ...frame}));
    host.replaceChildren(chart);
    kyDai.overWards?.([[big, far], [close, near]]);
  };

  /* ---- fields ---- */
  const fieldName = kyDai.fieldName = (key) => kyDai.of(kyDai.city.services.find((one) => one.field === key)?.field_name) || key;
  kyDai.paintFields = (rows, mark) => {
    const most = Math.max(1, ...rows.map((row) => row.received)), box = kyDai.one("[data-bars]");
    const head = ["", "", "leader.reports", "leader.on_time", "leader.overdue"].map((word) => kyDai.make("span", {class: word ? "h num" : "h"}, word ? kyDai.say(word) : ""));
    const shown = rows.slice(0, Math.max(3, Math.floor(((box.clientHeight || PAPER[1]) / kyDai.remNow() - 28) / 26)));
    box.replaceChildren(...(rows.length ? head : [kyDai.make("p", {class: "empty"}, kyDai.say("data.none"))]), ...shown.flatMap((row) => {
      const bar = svg("svg", {class: "f-b", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true"});
      bar.append(svg("rect", {class: "b", width: ((row.received / most) * 100).toFixed(2), height: 10}), svg("rect", {class: "o", width: ((Math.min(row.overdue, row.received) / most) * 100).toFixed(2), height: 10}));
      return [kyDai.make("span", {"data-field": row.field}, fieldName(row.field)), bar, kyDai.make("span", {class: "num"}, [link(kyDai.format.number(row.received), "received", "field", row.field)]),
        kyDai.make("span", {class: row.on_time !== null && row.on_time < mark ? "num lo" : "num"}, [link(row.on_time === null ? "—" : kyDai.format.percent(row.on_time), "due", "field", row.field)]), kyDai.make("span", {class: "num"}, [link(kyDai.format.number(row.overdue), "overdue", "field", row.field)])];
    }));
  };
})();
