/* The list of all cameras: how each stands, since when, and how often it spoke today. Rows are made once and kept. */
(() => {
  const kyDai = window.kyDai;
  const WORDS = {o: "online", l: "late", x: "lost", f: "frozen", m: "maintenance", "-": "unknown"};
  const MATCHES = {all: () => true, o: (letter) => letter === "o" || letter === "l", f: (letter) => letter === "f", x: (letter) => letter === "x", m: (letter) => letter === "m"};
  const EVERY_MS = 1000;
  let rows = [], sought = "", state = "all", chosen = null, paintedAt = 0, due = false;

  const build = (camera, ix) => {
    const name = kyDai.of(camera.name), ward = kyDai.wardName(camera.ward);
    const node = kyDai.make("li", {role: "option", id: `cam-${ix}`, "data-id": camera.id, "aria-selected": "false"}, [
      kyDai.make("i", {class: "mk-key", "aria-hidden": "true"}), kyDai.make("span", {class: "c-n", title: name}, name), kyDai.make("span", {class: "c-w"}, [kyDai.make("span", {class: "c-id"}, camera.id), kyDai.make("span", {}, ward), kyDai.make("span", {class: "c-pic", "data-num": true})]),
      kyDai.make("span", {class: "c-st", "data-num": true}), kyDai.make("span", {class: "c-ev", "data-num": true}),
      /* For the pointer; an option holds no button (WCAG 4.1.2), and Enter does the same. */
      kyDai.make("span", {class: "btn-icon c-up", "aria-hidden": "true", title: kyDai.say("cams.up")}, [kyDai.make("i", {class: "ic ic-plus", "aria-hidden": "true"})])]);
    return {camera, ix, node, words: kyDai.plain(`${camera.id} ${name} ${kyDai.of(camera.short)} ${ward}`)};
  };
  const letterOf = (row) => kyDai.frames.cameras?.data.states[row.ix] ?? "-";
  const shown = () => rows.filter((row) => !row.node.hidden);

  const write = (row, told) => {
    const letter = letterOf(row), since = told?.since[row.ix], linked = kyDai.fresh.link === "live";
    const when = since ? linked ? ` · ${kyDai.format.brief(kyDai.now() - since)}` : ` · ${kyDai.format.hm(since)}` : "";
    kyDai.mark(row.node, "data-cam", letter);
    kyDai.mark(kyDai.one(".mk-key", row.node), "data-cam", letter);
    kyDai.text(kyDai.one(".c-st", row.node), `${kyDai.say(`camera.${WORDS[letter]}`)}${when}`);
    const picture = kyDai.last.of(row.camera.id);
    kyDai.text(kyDai.one(".c-ev", row.node), kyDai.say("cams.today", {n: told ? kyDai.format.number(told.spoke[row.ix]) : "—"}));
    kyDai.text(kyDai.one(".c-pic", row.node), picture ? kyDai.say("cams.pictured", {age: kyDai.format.brief(kyDai.now() - picture.at)}) : "");
    kyDai.mark(row.node, "data-shown", kyDai.wallOf.shows(row.camera.id) ? "" : null);
  };
  const sift = () => {
    const list = kyDai.one("#list");
    let n = 0;
    for (const row of rows) {
      const hidden = !(MATCHES[state](letterOf(row)) && (!sought || row.words.includes(sought)));
      if (row.node.hidden !== hidden) row.node.hidden = hidden;
      n += !hidden;
    }
    kyDai.text(kyDai.one("[data-found]"), n ? kyDai.say("cams.shown", {n: kyDai.format.number(n), of: kyDai.format.number(rows.length)}) : kyDai.say("cams.none"));
    if (chosen && chosen.node.hidden) choose(null);
    return list;
  };
  const paint = () => {
    if (!rows.length) return;
    [due, paintedAt] = [false, performance.now()];
    const told = kyDai.frames.cameras?.data;
    for (const row of rows) write(row, told);
    for (const node of kyDai.all("[data-of-state]")) kyDai.text(node, kyDai.format.number(rows.filter((row) => MATCHES[node.dataset.ofState](letterOf(row))).length));
    kyDai.text(kyDai.one("[data-online]"), told ? kyDai.say("cams.online", {n: kyDai.format.number(told.online), of: kyDai.format.number(told.total)}) : "");
    sift();
    preview();
  };
  /* The chosen one's last picture, below the list. */
  const preview = () => {
    const slot = kyDai.one("[data-last].c-last"), one = chosen && kyDai.last.of(chosen.camera.id);
    slot.hidden = !one;
    if (!one) return;
    if (!slot.firstChild) slot.append(kyDai.make("div", {class: "c-last-pic"}), kyDai.make("p", {class: "muted", "data-num": true}));
    kyDai.last.put(slot.firstChild, chosen.camera);
    kyDai.text(slot.lastChild, `${chosen.camera.id} · ${kyDai.last.words(one)}`);
  };
  const choose = (row) => {
    kyDai.mark(chosen?.node, "aria-selected", false);
    chosen = row;
    kyDai.mark(row?.node, "aria-selected", true);
    kyDai.mark(kyDai.one("#list"), "aria-activedescendant", row?.node.id ?? null);
    preview();
    row?.node.scrollIntoView({block: "nearest"});
  };
  const step = (by) => {
    const open = shown(), at = open.indexOf(chosen);
    const next = open[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : open.length - 1) : at + by, 0), open.length - 1)];
    if (next) choose(next);
  };
  const put = (row) => { if (row && kyDai.wallOf.up(row.camera.id)) paint(); };
  const pane = (name) => {
    kyDai.mark(kyDai.one(".cams"), "data-show", name);
    for (const node of kyDai.all("[data-pane]")) kyDai.mark(node, "aria-pressed", node.dataset.pane === name);
  };

  /* ---- keys, by their place (UX-57 to 59) ---- */
  const KEYS = {
    ArrowDown: () => step(1), ArrowUp: () => step(-1), PageDown: () => step(10), PageUp: () => step(-10),
    Enter: () => put(chosen), KeyP: () => chosen && kyDai.wallOf.toggle(chosen.camera.id), Slash: () => kyDai.one("[data-seek] input")?.focus(), Escape: () => choose(null),
  };
  /* Whoever speaks to the machine, or leans on its keys, may do without letters (WCAG 2.1.4). */
  const letters = () => { try { return localStorage.getItem("kydai.shortcuts") !== "off"; } catch { return true; } };
  document.addEventListener("keydown", (event) => {
    if (!kyDai.one(".cams") || event.altKey || event.ctrlKey || event.metaKey || event.isComposing || event.keyCode === 229) return;
    const field = event.target.matches?.("input") ? event.target : null;
    if (field && event.code === "Escape") { field.value = sought = ""; field.blur(); return sift(); }
    if (field && !["ArrowDown", "ArrowUp", "Enter"].includes(event.code)) return;
    if (!KEYS[event.code] || (event.code === "KeyP" && !letters()) || (event.code === "Enter" && event.target.closest("a, button"))) return;
    event.preventDefault();
    KEYS[event.code]();
  });
  document.addEventListener("click", (event) => {
    const node = event.target.closest(".c-rows > li"), tab = event.target.closest("[data-state-is]"), there = event.target.closest("[data-pane]");
    const row = node && rows.find((one) => one.node === node);
    if (row) choose(row);
    if (row && event.target.closest(".c-up")) put(row);
    if (tab) {
      state = tab.dataset.stateIs;
      for (const one of kyDai.all("[data-state-is]")) kyDai.mark(one, "aria-pressed", one === tab);
      sift();
    }
    if (there) pane(there.dataset.pane);
  });
  document.addEventListener("dblclick", (event) => { if (event.target.closest(".c-rows > li")) put(chosen); });

  kyDai.onWall = () => { due = true; };
  kyDai.paints("cameras", () => { due = true; });
  kyDai.everySecond(() => { if (rows.length && (due || performance.now() - paintedAt > EVERY_MS * 5) && performance.now() - paintedAt > EVERY_MS) paint(); });
  kyDai.ready(() => {
    const list = kyDai.one("#list"), slot = kyDai.one("[data-seek]");
    if (!list || !slot) return;
    const input = kyDai.make("input", {type: "search", "aria-label": kyDai.say("cams.search"), placeholder: kyDai.say("cams.search"), maxlength: 80});
    input.addEventListener("input", () => { sought = kyDai.plain(input.value.trim()); sift(); });
    slot.replaceChildren(input);
    rows = kyDai.city.cameras.map(build);
    list.replaceChildren(...rows.map((row) => row.node));
    paint();
  });
})();
