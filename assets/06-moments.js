/* The timeline of what is chosen: alarms, plates, violations and reports around it, some minutes before and after, a lane each. Marks are
   buttons: pressed, they choose what they stand for; ← → go from one to the next. With nothing chosen it is the last hour (06-timeline.js). */
(() => {
  const kyDai = window.kyDai;
  const LANES = ["alarms", "plates", "violations", "reports"], COLUMNS = 120, NAMED = 3;
  const WORD = {alarms: "alarm", plates: "record", violations: "event", reports: "report"};
  let held = null; // {row, at, radius, minutes, found}

  const laneOf = (one) => one.cls === "alarm" ? "alarms" : one.cls === "record" && one.plate ? "plates" : "violations";
  const whole = (one) => ({...one, ix: kyDai.city.cameras.findIndex((camera) => camera.id === one.camera)});
  const asReport = (one) => ({...one, id: `report:${one.report}`, ix: -1, kind: "report_new", title: kyDai.of(kyDai.city.service[one.service]?.name) || one.service});
  /* What a mark chooses: the alarm that an event belongs to, where it is still listed, else the event itself. */
  const alarmOf = (one) => [...kyDai.frames.alarms?.data.rows ?? [], ...kyDai.frames.alarms?.data.aside ?? []].find((row) => row.kind === one.kind && row.ix === one.ix && row.since <= one.counted && one.counted <= row.last);
  const things = ({found}) => !found || found.failed ? [] : [
    ...found.events.map(whole).map((row) => ({row, lane: laneOf(row), at: row.counted, name: [kyDai.kindName(row.kind), row.plate].filter(Boolean).join(" ")})),
    ...found.reports.map(asReport).map((row) => ({row, lane: "reports", at: row.submitted, name: row.title}))];

  /* Things of a lane that are nearer than a mark is wide are one mark. */
  const marks = (told) => {
    const span = told.minutes * 60000, start = told.at - span, step = 2 * span / COLUMNS, byPlace = new Map();
    for (const one of things(told)) {
      const key = `${one.lane} ${Math.floor((one.at - start) / step)}`;
      byPlace.set(key, [...byPlace.get(key) ?? [], one]);
    }
    return [...byPlace.values()].sort((a, b) => a[0].at - b[0].at).map((some) => mark(some, start, 2 * span));
  };
  const mark = (some, start, span) => {
    const [first] = some, more = some.length - NAMED;
    const words = `${kyDai.format.hms(first.at)} ${some.slice(0, NAMED).map((one) => `${one.name}, ${kyDai.say("camera.away", {m: kyDai.format.number(one.row.metres)})}`).join("; ")}${more > 0 ? ` +${kyDai.format.number(more)}` : ""}`;
    const node = kyDai.make("button", {type: "button", class: "tl-mark", "data-class": WORD[first.lane], "data-lane": first.lane, "data-moment": first.row.id, title: words, "aria-label": words, tabindex: -1}, some.length > 1 ? kyDai.format.number(some.length) : "");
    node.style.left = `${Math.min(100, Math.max(0, 100 * (first.at - start) / span)).toFixed(2)}%`;
    node.rows = some.map((one) => one.row);
    return node;
  };
  /* The chosen one stands in the middle of its lane, whatever else is found. */
  const middle = (told) => {
    const lane = kyDai.acts.isAlarm(told.row) ? "alarms" : told.row.submitted ? "reports" : laneOf(told.row);
    const node = kyDai.make("span", {class: "tl-mark", "data-class": WORD[lane], "data-lane": lane, "data-selected": true, "data-prio": told.row.prio || null, title: kyDai.kindName(told.row.kind)});
    node.style.left = "50%";
    node.rows = [told.row];
    return node;
  };
  const times = (told) => {
    const span = told.minutes * 60000;
    return kyDai.make("div", {class: "tl-times"}, [-1, -0.5, 0, 0.5, 1].map((part) => kyDai.make("span", {"data-num": true, "data-now": part ? null : true}, part ? kyDai.format.hm(told.at + part * span) : kyDai.format.hms(told.at))));
  };
  const line = (at, name) => { const node = kyDai.make("i", {class: "tl-line", "data-line": name}); node.style.left = `${at.toFixed(2)}%`; return node; };
  const nowLine = (told) => {
    const span = told.minutes * 60000, at = 100 * (kyDai.now() - told.at + span) / (2 * span);
    return at < 100 ? line(at, "now") : null;
  };
  const chart = (told) => {
    const nodes = marks(told), own = middle(told);
    if (nodes.length) nodes[0].tabIndex = 0;
    const lanes = LANES.map((lane) => kyDai.make("div", {class: "tl-lane", "data-lane": lane}, [...nodes, own].filter((node) => node.dataset.lane === lane)));
    return kyDai.make("div", {class: "tl-lanes", role: "group", "aria-label": kyDai.say("timeline.around"), "aria-busy": told.found ? null : "true"}, [...lanes, line(50, "own"), nowLine(told)]);
  };
  const note = (told) => {
    if (!told) return [kyDai.make("span", {class: "muted"}, kyDai.say("timeline.last_hour"))];
    const state = !told.found ? "around.asking" : told.found.late ? "around.too_long" : told.found.failed ? "around.failed" : told.found.cut ? "around.cut" : "";
    return [kyDai.make("span", {class: "muted tl-of"}, [kyDai.kindName(told.row.kind), kyDai.placeName(told.row)].filter(Boolean).join(" · ")), state ? kyDai.make("span", {class: "faint", role: "status"}, kyDai.say(state)) : null, kyDai.make("span", {class: "grow"}), ...kyDai.around.choices()];
  };
  const names = (told) => (told ? LANES.map((lane) => `timeline.lane.${lane}`) : ["class.alarm", "class.event", "class.record"]).map((word) => kyDai.make("span", {}, kyDai.say(word)));

  const paint = (told) => {
    const slot = document.getElementById("timeline");
    if (!slot) return;
    const had = held, focus = document.activeElement, moment = slot.contains(focus) ? focus.dataset.moment : null, by = focus?.closest?.("[data-tl-note]") ? focus.dataset.aroundBy : null;
    held = told;
    kyDai.mark(slot.closest(".pane"), "data-around", told ? "" : null);
    if (!!had !== !!told || !kyDai.one("[data-tl-names] > *")) kyDai.one("[data-tl-names]")?.replaceChildren(...names(told));
    kyDai.one("[data-tl-note]")?.replaceChildren(...note(told).filter(Boolean));
    if (!told) { if (had) kyDai.hour(); return; }
    slot.replaceChildren(chart(told), times(told));
    if (moment) kyDai.one(`[data-moment='${CSS.escape(moment)}']`, slot)?.focus();
    if (by) kyDai.one(`[data-tl-note] [data-around-by='${by}']`)?.focus();
    kyDai.brush.again();
  };
  const step = (node, by) => {
    const all = kyDai.all("#timeline button.tl-mark").sort((a, b) => parseFloat(a.style.left) - parseFloat(b.style.left));
    const next = by === "first" ? all[0] : by === "last" ? all.at(-1) : all[all.indexOf(node) + by];
    if (!next) return;
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  };
  const BY = {ArrowLeft: -1, ArrowRight: 1, Home: "first", End: "last"};
  document.addEventListener("keydown", (event) => {
    const node = event.target.closest?.("button.tl-mark");
    if (!node || BY[event.code] === undefined) return;
    event.preventDefault();
    step(node, BY[event.code]);
  });
  document.addEventListener("click", (event) => {
    const node = event.target.closest("button.tl-mark");
    if (node) kyDai.select(alarmOf(node.rows[0]) ?? node.rows[0], "timeline");
  });
  kyDai.everySecond(() => {
    const old = held && kyDai.one("#timeline [data-line='now']");
    if (old) old.replaceWith(...[nowLine(held)].filter(Boolean));
  });
  /* The mark of a row, where it has one. */
  const of = (row) => kyDai.all("#timeline .tl-mark").find((node) => node.rows.some((one) => one.id === row.id || (kyDai.acts.isAlarm(row) && alarmOf(one)?.id === row.id)));
  kyDai.moments = {paint, of, shown: () => !!held};
})();
