/* Drawing a mark: corners by clicks or touches, or with the arrows and Space at the cross in the middle; then what is said of it. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const MOST = 500, STEP = 40, DAY_MS = 86400000;
  let map = null, line = null; // line: what is being drawn: {shape, points, layers, done}

  /* ---- the line ---- */
  const host = () => map.getContainer().closest(".map");
  const bar = () => kyDai.one("[data-draw-bar]");
  const redraw = () => {
    for (const layer of line.layers) layer.remove();
    const {points, shape} = line, told = {pane: "drawing", interactive: false};
    line.layers = [
      shape === "area" && points.length > 2 ? L.polygon(points, {...told, className: "mk-draft"}) : L.polyline(points, {...told, className: "mk-draft"}),
      ...points.map((point, n) => L.circleMarker(point, {...told, radius: (n === points.length - 1 ? 6 : 4) * kyDai.rem, className: "mk-corner"})),
    ].map((layer) => layer.addTo(map));
    kyDai.text(kyDai.one("[data-draw-n]"), kyDai.say("marks.points", {n: kyDai.format.number(points.length)}));
    const least = shape === "area" ? 3 : 2;
    kyDai.one("[data-draw-finish]").disabled = points.length < least;
    kyDai.one("[data-draw-back]").disabled = !points.length;
  };
  const add = (at) => { if (line && !line.asked && line.points.length < MOST) { line.points.push(at); redraw(); } };
  const back = () => { line.points.pop(); redraw(); };
  const leave = () => {
    if (!line) return;
    for (const layer of line.layers) layer.remove();
    line = null;
    kyDai.mark(host(), "data-drawing", null);
    bar().hidden = true;
    map.doubleClickZoom.enable();
    kyDai.one("[data-marks-open]")?.focus();
  };
  const finish = () => {
    const {points, shape, done} = line;
    if (points.length < (shape === "area" ? 3 : 2)) return;
    line.asked = true;
    done({shape, points: points.map(({lat, lng}) => [+lng.toFixed(6), +lat.toFixed(6)])});
  };
  const start = (shape, done) => {
    if (line) leave();
    line = {shape, points: [], layers: [], done};
    kyDai.mark(host(), "data-drawing", shape);
    bar().hidden = false;
    kyDai.text(kyDai.one("[data-draw-what]"), kyDai.say(`marks.draw.${shape}`));
    map.doubleClickZoom.disable();
    map.closePopup();
    redraw();
    map.getContainer().focus();
  };
  const go = {ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0]};
  const KEYS = {Backspace: back, Enter: finish, NumpadEnter: finish, Escape: leave, Space: () => { kyDai.mark(host(), "data-cross", ""); add(map.getCenter()); }};
  window.addEventListener("keydown", (event) => {
    if (!line || line.asked || kyDai.one("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
    if (["Enter", "Space"].includes(event.code) && event.target.closest?.("button, a")) return event.stopPropagation(); // the button itself, no shortcut
    const act = KEYS[event.code], way = go[event.code];
    if (!act && !way) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (way) { kyDai.mark(host(), "data-cross", ""); map.panBy(way.map((n) => n * kyDai.rem), {animate: false}); } else act();
  }, true);

  /* ---- times, by the city's clock ---- */
  const parts = new Intl.DateTimeFormat("sv-SE", {timeZone: kyDai.told.zone || "UTC", dateStyle: "short", timeStyle: "short"});
  const written = (ms) => parts.format(ms).replace(" ", "T");
  const read = (text) => { const plain = Date.parse(`${text}:00Z`); return plain - (Date.parse(`${written(plain)}:00Z`) - plain); };

  /* ---- what is said of it ---- */
  const field = (word, inside) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, word), inside]);
  const when = (name, ms) => kyDai.make("input", {type: "datetime-local", name, value: ms ? written(ms) : "", required: name === "until"});
  const HOURS = [1, 2, 4, 8, 24, 72, 168];
  const lengths = (form) => kyDai.make("div", {class: "mk-lengths", role: "group", "aria-label": kyDai.say("marks.lasts")}, HOURS.map((n) => {
    const button = kyDai.make("button", {type: "button", class: "btn"}, n < 24 ? kyDai.say("age.hours", {n}) : kyDai.say("age.days", {n: n / 24}));
    button.addEventListener("click", () => { const {begins, until} = form().elements; until.value = written((begins.value ? read(begins.value) : kyDai.now()) + n * 3600000); });
    return button;
  }));
  const incidents = async (chosen) => {
    const select = kyDai.make("select", {name: "incident"}, [kyDai.make("option", {value: 0}, kyDai.say("marks.no_incident"))]);
    try {
      const reply = await fetch("/incidents/list", {signal: AbortSignal.timeout(4000)});
      const open = reply.ok ? (await reply.json()).incidents.filter((one) => one.state === "open" || one.id === chosen) : [];
      for (const one of open) select.append(kyDai.make("option", {value: one.id}, `#${one.id} ${kyDai.incidents?.name(one) ?? one.title}`));
    } catch (error) { console.warn(error); }
    if (chosen && ![...select.options].some((one) => +one.value === chosen)) select.append(kyDai.make("option", {value: chosen}, `#${chosen}`));
    select.value = chosen || 0;
    return select;
  };
  /* Ask what is to be said; `send` says why it could not be taken, or nothing. What was typed stays until it was. */
  const ask = async (row, title, send, ended = () => {}) => {
    const kinds = kyDai.make("div", {class: "ask-among", role: "radiogroup", "aria-label": kyDai.say("marks.kind")}, kyDai.marks.KINDS.map((one) => kyDai.make("label", {}, [kyDai.make("input", {type: "radio", name: "kind", value: one, checked: one === row.kind}), kyDai.make("span", {}, kyDai.say(`marks.kind.${one}`))])));
    const name = kyDai.make("input", {type: "text", name: "name", maxlength: 80, required: true, autocomplete: "off", autofocus: true, value: row.name});
    const note = kyDai.make("textarea", {name: "note", rows: 2, maxlength: 500}, row.note), failed = kyDai.make("p", {class: "ask-failed", role: "alert", hidden: true});
    const cancel = kyDai.make("button", {type: "button", class: "btn", "data-ask-cancel": true}, kyDai.say("acts.cancel")), submit = kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, title);
    let form = null;
    const times = kyDai.make("div", {class: "mk-times"}, [field(kyDai.say("marks.from"), when("begins", row.begins)), field(kyDai.say("marks.to"), when("until", row.until))]);
    form = kyDai.make("form", {}, [kyDai.make("h2", {}, title), kinds, field(kyDai.say("marks.name"), name), times, lengths(() => form), field(kyDai.say("marks.note"), note), field(kyDai.say("marks.incident"), await incidents(row.incident)), failed, kyDai.make("div", {class: "ask-foot"}, [cancel, submit])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": title, "data-ask": "mark"}, [form]);
    /* Now, not with its event: until then the next key would go to a field that nobody sees. */
    const over = () => { if (!card.isConnected) return; card.remove(); ended(); };
    card.addEventListener("close", over);
    cancel.addEventListener("click", () => { card.close(); over(); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      const told = Object.fromEntries(new FormData(form)), moved = (key) => told[key] !== (row[key] ? written(row[key]) : "");
      submit.disabled = true;
      const said = await send({kind: told.kind, name: told.name, note: told.note, incident: +told.incident, ...moved("begins") && told.begins ? {begins: read(told.begins)} : {}, ...moved("until") ? {until: read(told.until)} : {}});
      submit.disabled = false;
      failed.hidden = !said;
      kyDai.text(failed, said);
      if (said) return;
      card.close();
      over();
    });
    document.body.append(card);
    card.showModal();
  };

  const begin = () => {
    if (!bar()) { map = null; return; }
    (map.getPane("drawing") || map.createPane("drawing")).style.zIndex = 700;
    map.getPane("drawing").style.pointerEvents = "none";
    kyDai.mark(map.getContainer(), "tabindex", "-1");
    map.on("click", (event) => { if (line) { kyDai.mark(host(), "data-cross", null); add(event.latlng); } });
    map.on("dblclick", () => { if (line && !line.asked) { line.points.pop(); finish(); } });
  };
  L?.Map.addInitHook(function keepDraw() { map = this; line = null; this.whenReady(() => kyDai.ready(begin)); });
  document.addEventListener("click", (event) => {
    const act = [["[data-draw-back]", back], ["[data-draw-finish]", finish], ["[data-draw-leave]", leave]].find(([where]) => event.target.closest(where));
    if (act && line && !line.asked) act[1]();
  });
  kyDai.draw = {start, leave, ask, DAY_MS, active: () => !!line, again: () => { if (line) line.asked = false; }, points: () => line?.points.length ?? 0};
})();
