/* The wards in shades of one figure: any of the catalogue, what is open, or events of a kind; the same numbers as on the leader's page. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const NS = "http://www.w3.org/2000/svg", PERIODS = ["day", "week", "month", "quarter", "year"], BANDS = 5, AGAIN_MS = 60000, JUMP_MS = 2000, EVENTS = "events", OPEN = "reports_open";
  const chosen = {figure: "reports_on_time", kind: "", period: "month"};
  let map = null, group = null, renderer = null, told = null, failed = false, asked = 0, at = 0, lit = null, shapes = null;
  const areas = new Map();

  const pane = () => kyDai.one("[data-shades]"), open = () => !!pane() && !pane().hidden;
  const opener = () => kyDai.one("[data-shades-open]");

  /* ---- values, and the classes that they fall into ---- */
  const figure = () => told?.figures.find((one) => one.key === chosen.figure);
  const unit = () => chosen.figure === EVENTS || chosen.figure === OPEN ? "count" : figure()?.unit ?? "count";
  const said = (value) => value === null ? "—" : unit() === "percent" ? kyDai.format.percent(value) : unit() === "hours" ? kyDai.say("shades.hours", {n: kyDai.format.decimal(value)}) : kyDai.format.number(value);
  const rows = () => !told ? [] : told.wards.map((ward) => {
    const value = chosen.figure === EVENTS ? told.events[ward.code] ?? null : ward.few.includes(chosen.figure) ? null : ward.values[chosen.figure] ?? null;
    return {code: ward.code, value, name: kyDai.wardName(ward.code)};
  }).sort((a, b) => (b.value ?? -1) - (a.value ?? -1) || a.name.localeCompare(b.name, "vi"));
  /* As many wards in each class, and never two classes of the same number. */
  const edgesOf = (values) => {
    const sorted = [...values].sort((a, b) => a - b), distinct = [...new Set(sorted)];
    if (distinct.length <= BANDS) return distinct;
    return [...new Set(Array.from({length: BANDS}, (_, n) => sorted[Math.floor((n * sorted.length) / BANDS)]))];
  };
  /* Of fewer classes the shades lie further apart; where all are alike, nothing stands out. */
  const bandAt = (n, edges) => edges.length === 1 ? (edges[0] ? 2 : 1) : 1 + Math.round(n * (BANDS - 1) / (edges.length - 1));
  const bandOf = (value, edges) => value === null ? 0 : bandAt(edges.filter((edge) => value >= edge).length - 1, edges);

  /* ---- the map: areas by ward under everything that lives on it ---- */
  const hatch = (root) => {
    if (!root || root.querySelector("#ws-none")) return;
    const step = 8 * kyDai.rem, make = (tag, given) => { const node = document.createElementNS(NS, tag); for (const [name, value] of Object.entries(given)) node.setAttribute(name, value); return node; };
    const pattern = make("pattern", {id: "ws-none", width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"}), defs = make("defs", {});
    pattern.append(make("line", {class: "ws-line", x1: 0, x2: 0, y1: 0, y2: step}));
    defs.append(pattern);
    root.prepend(defs);
  };
  const wards = async () => shapes?.city === kyDai.told.city ? shapes.features : (shapes = {city: kyDai.told.city, features: (await kyDai.fetched(`/map/${kyDai.told.city}/wards.geojson`)).features}).features;
  const light = (code) => {
    if (lit === code) return;
    for (const [one, on] of [[lit, false], [code, true]]) {
      kyDai.mark(areas.get(one)?.getElement?.(), "data-lit", on ? "" : null);
      if (on) areas.get(one)?.bringToFront();
      kyDai.mark(one && kyDai.one(`[data-shade="${CSS.escape(one)}"]`), "data-hover", on ? "" : null);
    }
    lit = code;
  };
  const lay = async () => {
    group?.clearLayers();
    areas.clear();
    lit = null;
    const mine = asked;
    if (!told || !open() || !group) return;
    const features = await wards();
    if (mine !== asked || !open()) return;
    group.clearLayers();
    areas.clear();
    const all = rows(), edges = edgesOf(all.filter((row) => row.value !== null).map((row) => row.value)), byCode = new Map(all.map((row) => [row.code, row]));
    for (const feature of features) {
      const row = byCode.get(feature.properties.code);
      if (!row) continue;
      const area = L.geoJSON(feature, {renderer, pane: "shades", style: {className: `ws-area ws-${bandOf(row.value, edges)}`}}).getLayers()[0];
      area.on("mouseover", () => light(row.code)).on("mouseout", () => light(null));
      areas.set(row.code, area.addTo(group));
    }
    hatch(renderer._container);
  };

  /* ---- the list ---- */
  const select = (name, word, groups) => {
    const option = ([value, text]) => kyDai.make("option", {value}, text);
    const node = kyDai.make("select", {"data-shades-choose": name}, groups.map(([label, among]) => label ? kyDai.make("optgroup", {label}, among.map(option)) : among.map(option)).flat());
    node.value = name === "figure" && chosen.figure === EVENTS ? `${EVENTS}:${chosen.kind}` : chosen[name];
    return kyDai.make("label", {}, [kyDai.make("span", {}, kyDai.say(word)), node]);
  };
  const figures = () => [
    [kyDai.say("shades.reports"), [[OPEN, kyDai.say("shades.open")], ...(told?.figures ?? []).map((one) => [one.key, `${one.code} · ${kyDai.of(one.title)}`])]],
    [kyDai.say("shades.events"), [[`${EVENTS}:`, kyDai.say("spots.kind.all")], ...kyDai.city.kinds.map((one) => [`${EVENTS}:${one.key}`, kyDai.of(one.short) || one.key])]]];
  const choices = () => kyDai.make("div", {class: "sp-choices"}, [select("figure", "shades.figure", figures()), select("period", "leader.period", [["", PERIODS.map((one) => [one, kyDai.say(`leader.period.${one}`)])]])]);
  const legend = (all, edges) => {
    const known = all.filter((row) => row.value !== null), none = all.length - known.length;
    const bands = edges.map((edge, n) => {
      const mine = known.filter((row) => row.value >= edge && (n === edges.length - 1 || row.value < edges[n + 1])), values = mine.map((row) => row.value), low = said(Math.min(...values)), high = said(Math.max(...values));
      return [bandAt(n, edges), low === high ? low : `${low} – ${high}`, mine.length];
    }).reverse();
    return kyDai.make("ul", {class: "ws-legend"}, [...bands, ...none ? [[0, kyDai.say(chosen.figure === EVENTS ? "shades.no_events" : "shades.few"), none]] : []].map(([band, text, n]) => kyDai.make("li", {}, [kyDai.make("i", {class: `ws-key ws-${band}`}), kyDai.make("span", {"data-num": true}, text), kyDai.make("b", {"data-num": true}, kyDai.say("shades.wards", {n: kyDai.format.number(n)}))])));
  };
  const row = (one, edges) => kyDai.make("li", {"data-shade": one.code}, [kyDai.make("button", {type: "button", class: "sp-go"}, [kyDai.make("i", {class: `ws-key ws-${bandOf(one.value, edges)}`, "aria-hidden": "true"}), kyDai.make("span", {class: "sp-what"}, one.name), kyDai.make("span", {class: "sp-n", "data-num": true}, said(one.value))])]);
  /* Of a past second: what was open then to the second, everything else by whole days before it; each says which. */
  const knownWord = () => chosen.figure === OPEN && told.known.open ? kyDai.say("shades.known_open", {at: kyDai.format.hms(told.known.at), day: kyDai.format.dmy(told.known.at)})
    : kyDai.say("shades.known", {first: kyDai.format.dmy(Date.parse(told.first)), last: kyDai.format.dmy(Date.parse(told.known.until))});
  const inside = () => {
    if (failed) return [kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("shades.failed"))];
    if (!told) return [kyDai.make("p", {class: "muted"}, kyDai.say("spots.asking"))];
    const all = rows(), edges = edgesOf(all.filter((one) => one.value !== null).map((one) => one.value)), of = figure();
    return [of ? kyDai.make("p", {class: "muted"}, kyDai.of(of.formula)) : null, told.known ? kyDai.make("p", {class: "ws-known", "data-num": true, role: "note"}, knownWord()) : kyDai.make("p", {class: "muted", "data-num": true}, kyDai.say("shades.span", {first: kyDai.format.dmy(Date.parse(told.first)), last: kyDai.format.dmy(Date.parse(told.last)), at: kyDai.format.hm(told.at)})), legend(all, edges), kyDai.make("ol", {"data-shades-list": true}, all.map((one) => row(one, edges)))].filter(Boolean);
  };
  const paint = () => {
    if (!open()) return;
    const focused = document.activeElement?.closest?.("[data-shades]") && document.activeElement, held = focused && (focused.dataset.shadesChoose ? `[data-shades-choose="${focused.dataset.shadesChoose}"]` : focused.closest("[data-shade]") && `[data-shade="${focused.closest("[data-shade]").dataset.shade}"] button`), top = pane().scrollTop;
    pane().replaceChildren(choices(), ...inside());
    pane().scrollTop = top;
    if (held) kyDai.one(held, pane())?.focus({preventScroll: true});
  };
  const ask = async () => {
    const mine = asked += 1;
    at = performance.now();
    let answer = null;
    try {
      const reply = await fetch(`/api/v1/by-ward?${new URLSearchParams({period: chosen.period, kind: chosen.kind, ...kyDai.replay?.on ? {at: Math.round(kyDai.now())} : {}})}`, {signal: AbortSignal.timeout(12000)});
      if (reply.ok) answer = await reply.json();
    } catch (error) { console.warn(error); }
    if (mine !== asked) return;
    [failed, told] = [!answer, answer];
    paint();
    lay();
  };
  const press = (on) => {
    if (!pane()) return;
    if (on) for (const other of kyDai.all(".mt-layers [aria-controls][aria-expanded=true]")) if (other !== opener()) other.click();
    pane().hidden = !on;
    kyDai.mark(opener(), "aria-expanded", on);
    if (on) { paint(); kyDai.one("select", pane())?.focus(); ask(); } else { asked += 1; lay(); }
  };
  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-shade]");
    if (event.target.closest("[data-shades-open]")) return press(!open());
    if (open() && event.isTrusted && event.target.closest("[data-still-open], [data-marks-open], [data-spots-open]")) press(false); // one list at a time
    const area = one && areas.get(one.dataset.shade);
    if (area) { map.fitBounds(area.getBounds().pad(0.2), {animate: false}); light(one.dataset.shade); }
  });
  for (const type of ["mouseover", "focusin"]) document.addEventListener(type, (event) => { const one = event.target.closest?.("[data-shade]"); if (one) light(one.dataset.shade); });
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.shadesChoose;
    if (!name) return;
    const kind = chosen.kind;
    if (name === "figure") [chosen.figure, chosen.kind] = event.target.value.startsWith(`${EVENTS}:`) ? [EVENTS, event.target.value.slice(EVENTS.length + 1)] : [event.target.value, kind];
    else chosen[name] = event.target.value;
    if (name === "figure" && (chosen.figure !== EVENTS || chosen.kind === told?.kind)) { paint(); lay(); } else ask();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.("[data-shades], [data-shades-open]")) return;
    const way = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key], from = way && event.target.closest("[data-shade]");
    if (from) { kyDai.one("button", from[way])?.focus(); event.preventDefault(); event.stopPropagation(); }
    if (event.key === "Escape") { press(false); opener().focus(); event.stopPropagation(); }
  });
  /* Somebody who looks back jumps: what is shown is of about the second that is looked at. */
  const elsewhere = () => kyDai.replay?.on && told?.known && Math.abs(kyDai.now() - told.known.at) > AGAIN_MS && performance.now() - at > JUMP_MS;
  kyDai.everySecond(() => { if (open() && !document.hidden && (performance.now() - at > AGAIN_MS || elsewhere())) ask(); });
  kyDai.renewals.push(() => { if (open()) ask(); });
  const begin = () => {
    if (!pane()) { map = null; return; }
    (map.getPane("shades") || map.createPane("shades")).style.zIndex = 205;
    renderer = L.svg({pane: "shades", padding: 0.3});
    group = L.layerGroup().addTo(map);
  };
  L?.Map.addInitHook(function keepShades() { map = this; group = null; this.whenReady(() => kyDai.ready(begin)); });
  kyDai.shades = {press: () => press(!open()), told: () => told, rows, drawn: () => [...areas.keys()].sort(), lit: () => lit};
})();
