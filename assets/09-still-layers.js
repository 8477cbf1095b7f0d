/* The city's own layers on the map: chosen from a list, drawn by 09-still-tiles.js. What stands at a place is asked of the server. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const KEPT = "kydai.layers", EVERY_S = 60;
  let map = null, layers = [], listed = 0, asked = 0;
  const grids = new Map(), failed = new Set();

  /* ---- which layers a person looks at, kept for the next visit ---- */
  const wanted = () => { try { return JSON.parse(localStorage.getItem(KEPT) ?? "[]"); } catch { return []; } };
  const want = (keys) => { try { localStorage.setItem(KEPT, JSON.stringify(keys)); } catch { /* a browser that keeps nothing: then for this visit */ } };

  /* ---- which layers are on the map ---- */
  const gridOf = (layer) => {
    if (layer.remote) return kyDai.remote.grid(layer, soon);
    return kyDai.stillTiles.grid(layer, {failed: (key) => { failed.add(key); paint(); }});
  };
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
      const reply = await fetch(`/layers/list${kyDai.replay?.on ? `?at=${Math.round(kyDai.now())}` : ""}`, {signal: AbortSignal.timeout(8000)});
      if (!reply.ok) throw new Error(`/layers/list: ${reply.status}`);
      layers = (await reply.json()).layers;
      failed.delete("");
    } catch (error) { console.warn(error); failed.add(""); }
    if (map) fit();
    paint();
  };

  /* ---- the panel ---- */
  const swatch = (n) => { const node = kyDai.make("i", {class: "still-key"}); node.style.setProperty("--c", `var(--l-${n})`); return node; };
  const age = (layer) => layer.as_of === null ? "" : layer.every_days === null ? kyDai.format.dmy(layer.as_of) : kyDai.say("layers.ago", {age: kyDai.format.age(kyDai.serverNow() - layer.as_of)});
  const told = (layer) => layer.remote ? kyDai.remote.said(layer, grids.get(layer.key)) : [
    age(layer), kyDai.replay?.on && layer.imported > kyDai.now() ? kyDai.say("here.since", {day: kyDai.format.dmy(layer.imported)}) : "", failed.has(layer.key) ? kyDai.say("layers.failed") : layer.state === "none" || layer.state === "live" ? "" : kyDai.say(`layers.${layer.state}`), layer.trouble ? kyDai.say(`remote.why.${layer.trouble.code}`) : "",
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
  const ask = async ({lat, lng}) => {
    const mine = asked += 1, node = kyDai.make("div", {class: "here"}, [kyDai.make("p", {class: "muted"}, kyDai.say("here.asking"))]);
    const bubble = L.popup({maxWidth: 340, minWidth: 220, maxHeight: 320, className: "here-popup", autoPanPaddingTopLeft: [16, (kyDai.one(".mt-layers")?.offsetHeight ?? 0) + 24], autoPanPaddingBottomRight: [16, 16]}).setLatLng([lat, lng]).setContent(node).openOn(map);
    const reach = Math.max(3, map.distance(map.containerPointToLatLng([0, 0]), map.containerPointToLatLng([10 * kyDai.rem, 0])));
    let inside = [kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("here.failed"))];
    try {
      inside = kyDai.here.popup(await kyDai.here.ask({lon: lng, lat}, kyDai.replay?.on ? kyDai.now() : 0), reach, (key) => grids.has(key));
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
    kyDai.stillTiles.paneOf(map);
    map.on("click", (event) => { if (!kyDai.draw?.active()) ask(event.latlng); });
    list();
  };
  L?.Map.addInitHook(function keepStill() { map = this; grids.clear(); this.whenReady(() => kyDai.ready(begin)); });
  kyDai.still = {shown: () => [...grids.keys()], loadedAt: (key) => grids.get(key)?.loadedAt ?? 0, ask};
})();
