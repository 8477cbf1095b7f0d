/* Hot spots: squares coloured by how much happens in them, and the same squares as a ranked list; each leads to the other. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const OF = ["events", "alarms", "reports"], PERIODS = ["24h", "7d", "30d"], BY = ["count", "unusual"], LISTED = 20, BANDS = 5, AGAIN_MS = 60000;
  const chosen = {of: "events", kind: "", period: "24h", by: "count"};
  let map = null, group = null, renderer = null, told = null, failed = false, asked = 0, at = 0, lit = null;
  const boxes = new Map();

  const pane = () => kyDai.one("[data-spots]"), open = () => !!pane() && !pane().hidden;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  /* Five bands of as many squares each: a few very hot ones do not make all others alike. */
  const bandOf = (spot, sorted) => Math.min(BANDS, 1 + Math.floor((BANDS * sorted.filter((n) => n < spot.n).length) / sorted.length));
  const style = (band, on) => ({color: css(on ? "--sel" : `--ch-${band}`), weight: (on ? 2.5 : 0.8) * kyDai.rem, opacity: 1, fillColor: css(`--ch-${band}`), fillOpacity: 0.55});

  const light = (id) => {
    if (lit === id) return;
    for (const [one, on] of [[lit, false], [id, true]]) {
      const box = boxes.get(one);
      box?.rect.setStyle(style(box.band, on));
      if (on) box?.rect.bringToFront();
      kyDai.mark(one && kyDai.one(`[data-spot="${CSS.escape(one)}"]`), "data-hover", on ? "" : null);
    }
    lit = id;
  };
  const lay = () => {
    group.clearLayers();
    boxes.clear();
    lit = null;
    if (!told || !open()) return;
    const sorted = told.spots.map((spot) => spot.n).sort((a, b) => a - b);
    for (const spot of [...told.spots].reverse()) {
      const [west, south, east, north] = spot.box, band = bandOf(spot, sorted), rect = L.rectangle([[south, west], [north, east]], {renderer, pane: "spots", bubblingMouseEvents: false, ...style(band, false)});
      rect.on("mouseover", () => light(spot.id)).on("mouseout", () => light(null)).on("click", () => { light(spot.id); kyDai.one(`[data-spot="${CSS.escape(spot.id)}"] button`)?.focus(); });
      boxes.set(spot.id, {rect: rect.addTo(group), band, spot});
    }
  };

  /* ---- the list ---- */
  const camera = (key) => kyDai.of(kyDai.city.cameras.find((one) => one.id === key)?.short) || key;
  const part = ({key}) => told.of === "reports" ? kyDai.of(kyDai.city.service[key]?.short) || key : camera(key);
  const place = (spot) => { const names = spot.parts.slice(0, 2).map(part); return spot.parts.length > 2 ? `${names.join(", ")} +${spot.parts.length - 2}` : names.join(", "); };
  const level = (spot) => spot.usual === null ? kyDai.say("spots.no_usual") : `${kyDai.say("spots.usual", {n: kyDai.format.decimal(spot.usual)})}${spot.usual > 0 ? ` · ${spot.n >= spot.usual ? "▲" : "▼"} ×${kyDai.format.decimal(spot.n / spot.usual)}` : ""}`;
  const row = (spot, n) => kyDai.make("li", {"data-spot": spot.id}, [kyDai.make("button", {type: "button", class: "sp-go"}, [
    kyDai.make("span", {class: "sp-rank", "data-num": true, "data-band": boxes.get(spot.id)?.band}, String(n + 1)), kyDai.make("span", {class: "sp-what"}, [kyDai.make("b", {}, place(spot)), kyDai.make("small", {"data-num": true}, level(spot))]), kyDai.make("span", {class: "sp-n", "data-num": true}, kyDai.format.number(spot.n))])]);
  const select = (name, word, among) => {
    const node = kyDai.make("select", {"data-spots-choose": name}, among.map(([value, said]) => kyDai.make("option", {value}, said)));
    node.value = chosen[name];
    return kyDai.make("label", {}, [kyDai.make("span", {}, kyDai.say(word)), node]);
  };
  const kinds = () => chosen.of === "reports" ? kyDai.city.services.map((one) => [one.code, kyDai.of(one.short) || one.code]) : kyDai.city.kinds.filter((one) => chosen.of === "events" || one.cls === "alarm").map((one) => [one.key, kyDai.of(one.short) || one.key]);
  const choices = () => kyDai.make("div", {class: "sp-choices"}, [
    select("of", "spots.of", OF.map((one) => [one, kyDai.say(`spots.of.${one}`)])), select("kind", "spots.kind", [["", kyDai.say("spots.kind.all")], ...kinds()]),
    select("period", "spots.period", PERIODS.map((one) => [one, kyDai.say(`spots.period.${one}`)])), select("by", "spots.by", BY.map((one) => [one, kyDai.say(`spots.by.${one}`)]))]);
  const legend = () => {
    const counts = told.spots.map((spot) => spot.n);
    return kyDai.make("p", {class: "sp-legend"}, [...[1, 2, 3, 4, 5].map((band) => kyDai.make("i", {"data-band": band})), kyDai.make("span", {"data-num": true}, kyDai.say("spots.legend", {low: kyDai.format.number(Math.min(...counts)), high: kyDai.format.number(Math.max(...counts))}))]);
  };
  const notes = () => [
    told.weeks < 4 && kyDai.say("spots.young", {n: told.weeks}), told.few && kyDai.say("spots.few", {n: kyDai.format.number(told.few), least: told.least}), told.cut && kyDai.say("spots.cut"),
  ].filter(Boolean).map((text) => kyDai.make("p", {class: "muted"}, text));
  const inside = () => {
    if (failed) return [kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("spots.failed"))];
    if (!told) return [kyDai.make("p", {class: "muted"}, kyDai.say("spots.asking"))];
    if (!told.spots.length) return [kyDai.make("p", {class: "muted", "data-spots-none": true}, kyDai.say("spots.none")), ...notes()];
    return [kyDai.make("p", {class: "sp-sum", "data-num": true}, kyDai.say("spots.sum", {n: kyDai.format.number(told.total), cells: kyDai.format.number(told.spots.length)})), legend(), kyDai.make("ol", {"data-spots-list": true}, told.spots.slice(0, LISTED).map(row)), ...notes()];
  };
  const paint = () => {
    if (!open()) return;
    const held = document.activeElement?.closest?.("[data-spots]") && (document.activeElement.dataset.spotsChoose ? `[data-spots-choose="${document.activeElement.dataset.spotsChoose}"]` : document.activeElement.closest("[data-spot]") && `[data-spot="${document.activeElement.closest("[data-spot]").dataset.spot}"] button`);
    pane().replaceChildren(choices(), ...inside());
    if (held) kyDai.one(held, pane())?.focus();
  };
  const ask = async () => {
    const mine = asked += 1;
    at = performance.now();
    let answer = null;
    try {
      const reply = await fetch(`/api/v1/hot-spots?${new URLSearchParams({...chosen, ...kyDai.replay?.on ? {at: Math.round(kyDai.now())} : {}})}`, {signal: AbortSignal.timeout(8000)});
      if (reply.ok) answer = await reply.json();
    } catch (error) { console.warn(error); }
    if (mine !== asked) return;
    failed = !answer;
    told = answer;
    lay();
    paint();
  };
  const press = (on) => {
    if (!pane()) return;
    pane().hidden = !on;
    kyDai.mark(kyDai.one("[data-spots-open]"), "aria-expanded", on);
    if (on) { paint(); kyDai.one("select", pane())?.focus(); ask(); } else lay();
  };
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-spots-open]"), one = event.target.closest("[data-spot]");
    if (opens) return press(opens.getAttribute("aria-expanded") !== "true");
    const box = one && boxes.get(one.dataset.spot);
    if (box && !map.getBounds().pad(-0.1).contains(box.rect.getBounds())) map.panTo(box.rect.getBounds().getCenter(), {animate: false});
    if (one) light(one.dataset.spot);
    if (event.target.closest("[data-still-open], [data-marks-open]") && open()) press(false); // one list at a time
  });
  for (const type of ["mouseover", "focusin"]) document.addEventListener(type, (event) => { const one = event.target.closest?.("[data-spot]"); if (one) light(one.dataset.spot); });
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.spotsChoose;
    if (!name) return;
    chosen[name] = event.target.value;
    if (name === "of") chosen.kind = "";
    ask();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.("[data-spots], [data-spots-open]")) return;
    const way = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key], row = way && event.target.closest("[data-spot]");
    if (row) { kyDai.one("button", row[way])?.focus(); event.preventDefault(); event.stopPropagation(); }
    if (event.key === "Escape") { press(false); kyDai.one("[data-spots-open]").focus(); event.stopPropagation(); }
  });
  kyDai.everySecond(() => { if (open() && performance.now() - at > AGAIN_MS) ask(); });
  const begin = () => {
    if (!pane()) { map = null; return; }
    (map.getPane("spots") || map.createPane("spots")).style.zIndex = 420;
    renderer = kyDai.wide("spots");
    group = L.layerGroup().addTo(map);
  };
  L?.Map.addInitHook(function keepSpots() { map = this; this.whenReady(() => kyDai.ready(begin)); });
  kyDai.spots = {press: () => press(!open()), told: () => told, drawn: () => [...boxes.values()].map(({spot}) => [spot.id, spot.n]), lit: () => lit};
})();
