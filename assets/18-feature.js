/* One thing of the city's layers: its record, its place, and what happened near it over two years, by month and one by one. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const NS = "http://www.w3.org/2000/svg", NEAR = 3, NEAR_M = 500, AGAIN_MS = 60000, BAR = 20, HIGH = 72;
  let radius = 50, told = null, asked = 0, at = 0, map = null, drawn = null, dots = null, seen = "";

  const page = () => kyDai.one(".feature");
  const part = (name) => kyDai.one(`[data-part=${name}]`);
  const note = (text) => { const line = kyDai.one("[data-note]"); line.hidden = !text; kyDai.text(line, text); };
  const called = () => kyDai.here.name(told.layer, {...told.feature, fields: told.feature.properties});
  const number = (n) => kyDai.format.number(n);
  const moment = (ms) => `${kyDai.format.hm(ms)} ${kyDai.format.dmy(ms)}`;
  const service = (code) => kyDai.of(kyDai.city.service[code]?.short) || kyDai.of(kyDai.city.service[code]?.name) || code;
  const camera = (id) => { const one = kyDai.city.cameras.find((it) => it.id === id); return one ? `${id} ${kyDai.of(one.short)}` : id; };
  const none = (word, values) => kyDai.make("p", {class: "muted", "data-none": true}, kyDai.say(word, values));
  const link = (href, word, more) => kyDai.make("a", {href, class: "btn", "data-kind": "quiet", ...more}, kyDai.say(word));

  /* ---- what stands in its record ---- */
  const age = (layer) => [layer.source, layer.as_of ? kyDai.say("feature.as_of", {day: kyDai.format.dmy(layer.as_of)}) : "", layer.state === "none" || layer.state === "live" ? "" : kyDai.say(`layers.${layer.state}`)].filter(Boolean).join(" · ");
  const card = () => {
    const {layer, feature} = told, rows = kyDai.here.facts(layer, {fields: feature.properties});
    const facts = [[kyDai.say("here.ward"), told.ward ? kyDai.of(told.ward.name) : kyDai.say("here.outside")], ...rows.map(([label, value]) => [label, kyDai.here.value(value)]), [kyDai.say("feature.place"), `${told.lat.toFixed(6)}, ${told.lon.toFixed(6)}`]];
    kyDai.one("[data-feature]").replaceChildren(...[
      kyDai.make("p", {class: "muted"}, kyDai.of(layer.title) || layer.key), kyDai.make("h2", {class: "ft-name", "data-shown": feature.ref}, called()),
      kyDai.make("dl", {class: "facts"}, facts.flatMap(([label, value]) => [kyDai.make("dt", {}, label), kyDai.make("dd", {}, value)])),
      kyDai.make("p", {class: "muted"}, age(layer)), feature.lasting ? null : kyDai.make("p", {class: "muted"}, kyDai.say("feature.passing", {n: layer.version})),
      kyDai.make("p", {class: "ft-links"}, [link(`/api/v1/ogc/collections/${layer.key}/items/${feature.id}`, "feature.geojson", {type: "application/geo+json"})])].filter(Boolean));
    kyDai.text(kyDai.one("[data-layer-title]"), kyDai.of(layer.title) || kyDai.say("feature.title"));
    document.title = `${called()} · ${kyDai.of(layer.title)}`;
  };

  /* ---- sums and months ---- */
  const sum = (word, n, more) => kyDai.make("div", {class: "ft-sum", ...more}, [kyDai.make("b", {"data-num": true}, number(n)), kyDai.make("span", {}, kyDai.say(word))]);
  const sums = ({near}) => [sum("feature.sum.open", near.open, {"data-sum": "open"}), sum("feature.sum.overdue", near.overdue, {"data-sum": "overdue", "data-missed": near.overdue || null}), sum("feature.sum.total", near.total, {"data-sum": "total"}), sum("feature.sum.alarms", near.alarms.length, {"data-sum": "alarms"})];
  const svg = (tag, given, text) => { const node = document.createElementNS(NS, tag); for (const [name, value] of Object.entries(given)) node.setAttribute(name, value); if (text !== undefined) node.textContent = text; return node; };
  const monthWord = (month) => `${month.slice(5)}/${month.slice(0, 4)}`;
  const chart = (months, of, alone) => {
    const wide = alone && window.innerWidth > 1200 ? 2.2 * BAR : BAR; // of a month; two figures stand beside each other
    const most = Math.max(1, ...months.map((one) => one[of])), all = months.length * wide, root = svg("svg", {class: `ft-chart ft-of-${of}`, viewBox: `0 0 ${all} ${HIGH + 18}`, role: "img", "aria-label": `${kyDai.say(`feature.chart.${of}`)}: ${months.filter((one) => one[of]).map((one) => `${monthWord(one.month)} ${number(one[of])}`).join(", ")}`});
    months.forEach((one, n) => {
      const high = one[of] ? Math.max(2, one[of] / most * (HIGH - 14)) : 0, bar = svg("rect", {x: n * wide + 2, y: HIGH - high, width: wide - 4, height: high});
      bar.append(svg("title", {}, `${monthWord(one.month)}: ${number(one[of])}`));
      root.append(bar);
      if (one[of] && (one[of] === most || n === months.length - 1)) root.append(svg("text", {x: n * wide + wide / 2, y: HIGH - high - 3, "text-anchor": "middle"}, number(one[of])));
      if (n % 6 === 5) root.append(svg("text", {class: "ft-axis", x: n * wide + wide / 2, y: HIGH + 13, "text-anchor": n === months.length - 1 ? "end" : "middle"}, monthWord(one.month)));
    });
    root.append(svg("line", {x1: 0, x2: all, y1: HIGH + 0.5, y2: HIGH + 0.5}));
    return kyDai.make("figure", {class: "ft-figure"}, [kyDai.make("figcaption", {}, kyDai.say(`feature.chart.${of}`)), root]);
  };
  const months = ({near}) => near.months.some((one) => one.reports || one.events) ? ["reports", "events"].filter((of) => near.months.some((one) => one[of])).map((of, _, all) => chart(near.months, of, all.length === 1)) : [none("feature.none.months")];

  /* ---- one by one ---- */
  const left = (one) => one.open ? kyDai.say(one.due < kyDai.now() ? "due.over" : "due.left", {t: kyDai.format.span(one.due - kyDai.now())}) : one.closed ? kyDai.say("feature.closed", {day: kyDai.format.dmy(one.closed)}) : kyDai.say("feature.closed_some");
  const report = (one) => kyDai.make("li", {"data-near-report": one.report, "data-open": one.open || null, "data-over": (one.open && one.due < kyDai.now()) || null}, [
    kyDai.make("span", {class: "ft-what"}, [kyDai.make("b", {}, service(one.service)), kyDai.make("span", {class: "muted"}, [page().hasAttribute("data-cases") ? kyDai.make("a", {href: `/reports#${encodeURIComponent(one.key)}`, "data-code": true}, one.report) : kyDai.make("span", {"data-code": true}, one.report), " · ", kyDai.make("span", {"data-num": true}, `${moment(one.submitted)} · ${kyDai.say("camera.away", {m: number(one.metres)})}`)])]),
    kyDai.make("span", {class: "ft-left", "data-num": true}, left(one))]);
  const listed = (rows) => kyDai.make("ol", {class: "ft-list"}, rows);
  const reports = ({near}) => [near.reports.length ? listed(near.reports.map(report)) : none("feature.none.reports", {m: near.radius}), near.total > near.reports.length ? kyDai.make("p", {class: "muted", "data-num": true}, kyDai.say("feature.more", {n: number(near.total - near.reports.length)})) : null].filter(Boolean);
  const alarm = (one) => kyDai.make("li", {}, [kyDai.badge(one.prio), kyDai.make("span", {class: "ft-what"}, [kyDai.make("b", {}, kyDai.kindName(one.kind)), kyDai.make("span", {class: "muted", "data-num": true}, `${camera(one.camera)} · ${moment(one.since)}`)]), kyDai.make("span", {class: "ft-left"}, kyDai.say(`alarm.${one.state}`))]);
  const alarms = ({near}) => [near.alarms.length ? listed(near.alarms.map(alarm)) : none(near.cameras.length ? "feature.none.alarms" : "feature.none.cameras", {m: near.seen_m})];
  const event = (one) => kyDai.make("li", {}, [kyDai.make("span", {class: "ft-what"}, [kyDai.make("b", {}, [kyDai.kindName(one.kind), one.plate].filter(Boolean).join(" ")), kyDai.make("span", {class: "muted", "data-num": true}, `${camera(one.camera)} · ${moment(one.counted)}`)])]);
  const events = ({near}) => [near.events.length ? listed(near.events.map(event)) : none(near.cameras.length ? "feature.none.events" : "feature.none.cameras", {m: near.seen_m})];

  /* The nearest three that are online, as everywhere (UX-66); how they stand comes with every frame. */
  const cameras = () => {
    const states = kyDai.frames.cameras?.data.states ?? "", stands = (ix) => kyDai.say(`camera.${{o: "online", l: "late", x: "lost", f: "frozen", m: "maintenance"}[states[ix]] ?? "unknown"}`);
    const found = kyDai.city.cameras.map((one, ix) => ({one, ix, m: kyDai.metres(told, one), on: "ol".includes(states[ix] ?? "-")})).filter((it) => it.m <= NEAR_M && !it.one.gone).sort((a, b) => (b.on - a.on) || (a.m - b.m)).slice(0, NEAR);
    const text = found.map((it) => `${it.ix} ${states[it.ix]}`).join();
    if (text === seen && part("cameras").childElementCount) return;
    seen = text;
    part("cameras").replaceChildren(found.length ? listed(found.map(({one, ix, m, on}) => kyDai.make("li", {"data-near-camera": one.id}, [kyDai.make("span", {class: "ft-what"}, [kyDai.make("b", {}, `${one.id} ${kyDai.of(one.short)}`), kyDai.make("span", {class: "muted", "data-num": true}, kyDai.say("camera.towards", {m: number(Math.round(m)), dir: kyDai.say(`compass.${kyDai.compass(told, one)}`)}))]), kyDai.make("span", {class: on ? "ft-left" : "ft-left faint"}, stands(ix))]))) : none("camera.none_near"));
  };
  const PARTS = {months, reports, alarms, events};
  const TOLD = {months: ({near}) => near.first ? kyDai.say("feature.first", {day: kyDai.format.dmy(near.first)}) : "", reports: ({near}) => kyDai.say("feature.within", {m: number(near.radius)}), alarms: ({near}) => kyDai.say("feature.seen", {m: number(near.seen_m)}), events: ({near}) => kyDai.say("feature.seen", {m: number(near.seen_m)}), cameras: () => ""};

  /* ---- its place on the map ---- */
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const place = () => {
    if (!map || !told || !kyDai.city) return;
    const colour = css("--sel"), again = !drawn;
    drawn?.remove();
    dots?.remove();
    drawn = L.geoJSON(told.feature.geometry, {interactive: false, style: {color: colour, weight: 3 * kyDai.rem, fillColor: colour, fillOpacity: 0.12}, pointToLayer: (_, at_) => L.circleMarker(at_, {radius: 9 * kyDai.rem, color: colour, weight: 3 * kyDai.rem, fillOpacity: 0, interactive: false})}).addTo(map);
    dots = L.layerGroup((told.near?.reports ?? []).map((one) => L.circleMarker([one.lat, one.lon], {radius: 4 * kyDai.rem, color: css(one.open ? "--miss" : "--text-3"), weight: 1.5 * kyDai.rem, fillColor: css("--miss"), fillOpacity: one.open ? 0.9 : 0, interactive: false}))).addTo(map);
    if (again) map.fitBounds(drawn.getBounds().pad(0.4), {maxZoom: 17 + Math.log2(kyDai.rem), animate: false});
  };
  L?.Map.addInitHook(function keepFeature() { map = this; drawn = dots = null; this.whenReady(() => kyDai.ready(place)); });

  const paint = () => {
    card();
    const {near} = told;
    kyDai.one(".ft-near").hidden = !near;
    if (near) {
      kyDai.one("[data-sums]").replaceChildren(...sums(told));
      for (const [name, nodes] of Object.entries(PARTS)) part(name).replaceChildren(...nodes(told));
      for (const [name, text] of Object.entries(TOLD)) kyDai.text(kyDai.one(`[data-told=${name}]`), text(told));
      cameras();
    }
    place();
    kyDai.mark(page(), "data-filled", "");
  };
  const load = async () => {
    const mine = asked += 1, {layer, featureRef: ref} = page().dataset;
    at = performance.now();
    let answer = null, status = 0;
    try {
      const reply = await fetch(`/api/v1/layers/${encodeURIComponent(layer)}/features/${encodeURIComponent(ref)}?radius=${radius}`, {signal: AbortSignal.timeout(15000)});
      status = reply.status;
      if (reply.ok) answer = await reply.json();
    } catch (error) { console.warn(error); }
    if (mine !== asked) return;
    note(answer ? "" : kyDai.say(status === 404 ? "feature.gone" : "feature.failed"));
    if (!answer) { if (!told) kyDai.one("[data-feature]").replaceChildren(kyDai.make("p", {class: "muted"}, kyDai.say(status === 404 ? "feature.gone" : "feature.failed"))); kyDai.mark(page(), "data-gone", told ? null : ""); return; }
    told = answer;
    paint();
  };
  kyDai.paints("cameras", () => { if (told?.near && page()) cameras(); });
  kyDai.ready(() => {
    if (!page()) return;
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-radius]");
      if (event.target.closest("[data-print]")) window.print();
      if (!button) return;
      radius = +button.dataset.radius;
      for (const one of kyDai.all("[data-radius]")) kyDai.mark(one, "aria-pressed", one === button);
      load();
    });
    load();
    kyDai.everySecond(() => { if (!document.hidden && performance.now() - at > AGAIN_MS) load(); });
  });
  kyDai.feature = {told: () => told};
})();
