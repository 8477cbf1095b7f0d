/* The list of reports: tabs and filters in the address, rows asked for as they are scrolled to, the keyboard. What others do is seen within five seconds. */
(() => {
  const kyDai = window.kyDai, say_ = kyDai.reports;
  const PAGE = 60, AGAIN_MS = 5000, MOST_ROWS = 400000, AHEAD = 12, NAMES = ["tab", "q", "field", "ward", "unit", "due"], SEVERAL = ["field", "ward", "unit"], DUE = ["overdue", "soon", "paused", "unread"];
  const sought = {tab: "in_progress", q: "", field: "", ward: "", unit: "", due: ""};
  let pages = new Map(), waiting = new Set(), total = 0, round = 0, chosen = -1, asked = true, waits = false, last_ = 0, out = false, none = false;

  const wanted = () => { try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; } };
  const box = () => kyDai.one("[data-rows]");
  const height = () => 3.75 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const rowAt = (nth) => pages.get(Math.floor(nth / PAGE))?.[nth % PAGE];
  /* What became of something that was done about the list, in one line under it. */
  let noted = null;
  const note = (text, {failed = false, nodes = [], ms = 15000} = {}) => {
    const line = kyDai.one("[data-list-note]");
    clearTimeout(noted);
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    line.replaceChildren(kyDai.make("span", {}, text), ...nodes);
    if (text && ms) noted = setTimeout(() => note(""), ms);
  };

  const find = (key) => { for (const [page, rows] of pages) { const at = rows.findIndex((row) => row.key === key); if (at >= 0) return page * PAGE + at; } return -1; };
  const paint = ({moved = false} = {}) => {
    const key = wanted();
    if (key && chosen < 0) { const nth = find(key); if (nth >= 0) chosen = nth; }
    const list = box(), space = kyDai.one("[data-space]"), h = height(), top = list.scrollTop, low = top + list.clientHeight, first = Math.max(Math.floor(top / h) - AHEAD, 0), last = Math.min(Math.ceil(low / h) + AHEAD, total);
    space.style.setProperty("--h", `${Math.max(total * h, 1)}px`);
    if (total) kyDai.reportRows.show(space, first, last, {rowAt, chosen, total, h, moved});
    else kyDai.reportRows.empty(space, waits ? [] : nothing());
    kyDai.mark(list, "aria-activedescendant", chosen >= first && chosen < last ? "rp-chosen" : null);
    const from = Math.min(Math.floor(top / h) + 1, total), to = Math.min(Math.floor(low / h), total);
    kyDai.text(kyDai.one("[data-window]"), !total ? "" : kyDai.say("case.window", {from: kyDai.format.number(from), to: kyDai.format.number(Math.max(to, from)), of: kyDai.format.number(total)}));
    /* The window after this one is asked for on the way to it; whoever jumps wants what is there first. */
    const on = !moved || top === last_ || Math.abs(top - last_) > 2 * list.clientHeight ? [0, 0] : top > last_ ? [0, 1] : [1, 0], end = Math.floor(Math.max(total - 1, 0) / PAGE);
    last_ = top;
    for (let page = Math.max(Math.floor(first / PAGE) - on[0], 0); page <= Math.min(Math.floor(Math.max(last - 1, first) / PAGE) + on[1], end); page++) if (total && !waits && !pages.has(page)) ask(page);
    kyDai.reportPicked.paint();
  };

  /* ---- what the server tells: a window at a time; an older answer never covers a newer question ---- */
  /* Who is signed out is told so, once, with the way in; what stands here stays until then. */
  const lost = (error) => {
    if (!/ 401$/.test(error.message)) return;
    out = true;
    note(kyDai.say("acts.signed_out"), {failed: true, nodes: [kyDai.incidents.signIn()], ms: 0});
  };
  const query = (page) => new URLSearchParams({...sought, offset: page * PAGE, limit: PAGE});
  const ask = async (page) => {
    const mine = round, name = `${mine}:${page}`;
    if (waiting.has(name)) return;
    waiting.add(name);
    try {
      const told = await kyDai.fetched(`/reports/list?${query(page)}`);
      if (mine !== round || (waits && page) || !settle(told.counts)) return;
      if (waits) { pages = new Map(); chosen = -1; box().scrollTop = 0; }
      stay();
      pages.set(page, told.rows);
      const before = total, other = page === 0 && !pages.has(1);
      count(told);
      if (other) tabInView(); // its count is there now
      paint({moved: total === before});
      if (page === 0 && chosen < 0 && told.rows.length && !wanted() && !narrow()) choose(0, false);
    } catch (error) { lost(error); } finally { waiting.delete(name); }
  };
  /* Where nobody said which tab and the usual one has nothing, the first that has something is shown. Returns whether this one stays. */
  const settle = (counts) => {
    const other = !asked && !counts[sought.tab] ? kyDai.all("[data-tab]").map((tab) => tab.dataset.tab).find((name) => counts[name]) : null;
    asked = true;
    if (other) { sought.tab = other; address(); mark(); fresh(); }
    return !other;
  };
  const count = (told) => {
    total = Math.min(told.total, MOST_ROWS);
    none = !Object.values(told.counts).some(Boolean);
    for (const one of kyDai.all("[data-n]")) kyDai.text(one, kyDai.format.number(told.counts[one.dataset.n] ?? 0));
    kyDai.mark(kyDai.one("[data-tab=overdue]"), "data-some", told.counts.overdue ? "" : null);
  };
  /* Another list was asked for: what stands there stays until it comes, so that nothing flickers while somebody types. */
  const stay = () => { waits = false; kyDai.mark(box(), "aria-busy", null); };
  const fresh = () => { kyDai.reportPicked.clear(); round += 1; waits = true; kyDai.mark(box(), "aria-busy", "true"); ask(0); };
  /* The same list again: what is seen is asked for anew and swapped in whole. */
  const again = async () => {
    const mine = round, seen = [...new Set(kyDai.all(".rp-row").map((one) => Math.floor(one.dataset.nth / PAGE)))];
    try {
      const told = await Promise.all((seen.length ? seen : [0]).map(async (page) => [page, await kyDai.fetched(`/reports/list?${query(page)}`)]));
      if (mine !== round) return;
      if (out) { out = false; note(""); }
      const text = JSON.stringify(told.map(([, one]) => [one.rows, one.total, one.counts]));
      if (text === again.text) return;
      again.text = text;
      stay();
      pages = new Map(told.map(([page, one]) => [page, one.rows]));
      count(told[0][1]);
      chosen = find(wanted());
      paint();
    } catch (error) { lost(error); } // a link that is gone says so itself
  };

  /* ---- what is chosen ---- */
  const narrow = () => !matchMedia("(min-width: 861px)").matches;
  /* On a telephone a report covers its list, and the telephone's own way back leads to that. */
  const show = (key) => {
    if (wanted() !== key) history[key && narrow() && !wanted() ? "pushState" : "replaceState"](null, "", `${location.pathname}${location.search}${key ? `#${encodeURIComponent(key)}` : ""}`);
    if (narrow()) window.scrollTo(0, 0);
    kyDai.reportOne.load(key);
  };
  const choose = (nth, scroll = true) => {
    const list = box(), h = height();
    chosen = Math.min(Math.max(nth, 0), total - 1);
    if (scroll) { if (chosen * h < list.scrollTop) list.scrollTop = chosen * h; else if ((chosen + 1) * h > list.scrollTop + list.clientHeight) list.scrollTop = (chosen + 1) * h - list.clientHeight; }
    paint();
    const row = rowAt(chosen);
    if (row) show(row.key);
  };

  /* ---- tabs and filters, in the address ---- */
  const address = (step = false) => { const told = new URLSearchParams(Object.entries(sought).filter(([name, value]) => value && !(name === "tab" && value === "in_progress"))); const said = `${told}`.replaceAll("%2C", ","); history[step ? "pushState" : "replaceState"](null, "", `${location.pathname}${said ? `?${said}` : ""}${location.hash}`); };
  /* What the address asks for; a tab or a deadline that there is none of is left out. */
  const read = () => {
    const given = new URLSearchParams(location.search);
    asked = given.has("tab");
    for (const name of NAMES) sought[name] = (given.get(name) ?? "").slice(0, 4000);
    if (!kyDai.one(`[data-tab="${CSS.escape(sought.tab)}"]`)) { sought.tab = "in_progress"; asked = false; }
    if (!DUE.includes(sought.due)) sought.due = "";
    return given;
  };
  const back = () => {
    const before = JSON.stringify(sought);
    read();
    if (JSON.stringify(sought) !== before) { filters(); mark(); fresh(); }
    chosen = find(wanted());
    paint();
    kyDai.reportOne.load(wanted());
  };
  const tabInView = () => kyDai.one("[data-tab][aria-selected=true]")?.scrollIntoView({block: "nearest", inline: "nearest"});
  const mark = () => {
    for (const tab of kyDai.all("[data-tab]")) kyDai.mark(tab, "aria-selected", tab.dataset.tab === sought.tab);
    kyDai.one("[data-unfilter]").hidden = !filtered();
    tabInView();
    const over = ["published", "closed"].includes(sought.tab);
    kyDai.text(kyDai.one("[data-order]"), kyDai.say(over ? "case.order.closed" : "case.order.due"));
    kyDai.text(kyDai.one(".rp-head .rp-due"), kyDai.say(over ? "case.fact.handled" : "case.col.due"));
  };
  /* A tab or a filter is a step that can be gone back; letters of a word are not. */
  const seek = (name, value) => { asked = true; if (sought[name] === value) return; sought[name] = value; address(name !== "q"); mark(); fresh(); };
  const unfilter = () => { for (const name of NAMES) if (name !== "tab") sought[name] = ""; address(true); filters(); mark(); fresh(); };
  const filtered = () => NAMES.some((name) => name !== "tab" && sought[name]);
  const nothing = () => {
    const some = filtered();
    return [kyDai.make("p", {class: "empty", role: "option", "aria-disabled": "true"}, kyDai.say(some ? "case.none_such" : none && kyDai.one("[data-enter]") ? "case.none_yet" : "case.none"))];
  };
  const options = () => {
    const {city} = kyDai, sorted = (rows) => rows.sort((a, b) => a[1].localeCompare(b[1], "vi"));
    const fields = new Map(city.services.map((one) => [one.field, kyDai.of(one.field_name)]));
    return {field: sorted([...fields]), ward: sorted(city.wards.map((one) => [one.code, kyDai.of(one.name)])), unit: sorted(city.units.map((one) => [one.code, kyDai.of(one.name)])), due: DUE.filter((name) => name !== "unread" || kyDai.one("[data-enters]")).map((name) => [name, kyDai.say(`case.due.${name}`)])};
  };
  const filters = () => {
    for (const [name, rows] of Object.entries(options())) {
      let soon = 0;
      const several = SEVERAL.includes(name) && kyDai.reportFilters.several(name, rows, sought[name].split(",").filter(Boolean), (told) => { clearTimeout(soon); soon = setTimeout(() => seek(name, told), 80); });
      if (several) { kyDai.one(`[data-filter=${name}]`)?.replaceChildren(several); continue; }
      const pick = kyDai.make("select", {"aria-label": kyDai.say(`case.filter.${name}`)}, [["", kyDai.say(`case.filter.${name}`)], ...rows].map(([value, said]) => kyDai.make("option", {value, selected: value === sought[name]}, said)));
      pick.addEventListener("change", () => seek(name, pick.value));
      kyDai.one(`[data-filter=${name}]`)?.replaceChildren(pick);
    }
    const input = kyDai.make("input", {type: "search", maxlength: 80, placeholder: kyDai.say("case.search"), "aria-label": kyDai.say("case.search"), value: sought.q});
    let later = 0;
    input.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => seek("q", input.value.trim()), 80); });
    kyDai.one("[data-seek]").replaceChildren(input);
  };

  /* ---- the keyboard: never while something is typed or asked ---- */
  const MOVES = {KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1, PageDown: 10, PageUp: -10};
  const typing = (event) => event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog") || kyDai.one("dialog[open]");
  /* Whoever has put single keys off on the console has them off here too; arrows, Enter and Esc stay. */
  const silent = () => { try { return localStorage.getItem("kydai.shortcuts") === "off"; } catch { return false; } };
  const pressed = (event) => {
    if (typing(event)) { if (event.code === "Escape" && event.target.closest(".rp-filter")) box().focus(); return; }
    if (!silent() && kyDai.reportPicked.byKey(event)) return event.preventDefault();
    const by = MOVES[event.code];
    if (event.code.startsWith("Key") && silent()) return;
    if (by && !event.code.startsWith("Key") && event.target.closest(".rp-body")) return; // whoever is in the report scrolls it
    if (by) { event.preventDefault(); return choose(chosen < 0 ? 0 : chosen + by); }
    if (event.code === "Slash") { event.preventDefault(); return kyDai.one("[data-seek] input").focus(); }
    if (event.code === "Enter" && event.target.closest("[data-rows], body") && !event.target.closest("button, a, summary")) return kyDai.one("[data-one][data-filled] .rp-body")?.focus();
    if (event.code === "Escape" && kyDai.one(".rp-rest-acts[open]")) return kyDai.one(".rp-rest-acts").removeAttribute("open");
    if (event.code === "Escape") return show("");
    if (event.code === "KeyN" && kyDai.one("[data-enter]")) { event.preventDefault(); return enter({}); }
    const action = event.code.startsWith("Key") && kyDai.reportOne.shown() && kyDai.reportOne.byKey(event.code.slice(3));
    if (action) { event.preventDefault(); kyDai.reportOne.does(action); }
  };
  const enter = async (seen) => {
    const made = await say_.enter(seen);
    if (!made) return kyDai.reportOne.place(); // the map was lent to the card
    sought.tab = "received";
    address();
    mark();
    fresh();
    show(made.key);
  };

  kyDai.reportList = {again, choose, row: rowAt, sought: () => ({...sought}), note, state: () => ({total, chosen, pages: [...pages.keys()]})};
  kyDai.ready(() => {
    if (!kyDai.one(".rp")) return;
    const given = read();
    filters();
    mark();
    box().addEventListener("scroll", () => requestAnimationFrame(() => paint({moved: true})), {passive: true});
    new ResizeObserver(() => paint()).observe(box());
    document.addEventListener("keydown", pressed);
    document.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-tab]"), row = event.target.closest(".rp-row");
      if (tab) seek("tab", tab.dataset.tab);
      if (row && !kyDai.reportPicked.byClick(event, +row.dataset.nth)) choose(+row.dataset.nth, false);
      if (event.target.closest("[data-enter]")) enter({});
      if (event.target.closest("[data-back]")) show("");
      if (event.target.closest("[data-unfilter]")) unfilter();
      const tongue = event.target.closest(".tongues a"); // the same list and report in the other language
      if (tongue) tongue.href = `${tongue.pathname}?${new URLSearchParams({next: location.pathname + location.search})}${location.hash}`;
    });
    window.addEventListener("popstate", back); // also where a link leads to another report
    fresh();
    if (wanted()) kyDai.reportOne.load(wanted());
    /* What a camera saw is about to become a report: a person says so, and writes what it is. */
    if (given.get("event") && kyDai.one("[data-enter]")) { address(); enter(Object.fromEntries(["event", "text", "lat", "lon"].map((name) => [name, given.get(name) ?? ""]))); }
    setInterval(() => { if (!document.hidden && !kyDai.one("dialog[open]")) { again(); if (kyDai.reportOne.key()) kyDai.reportOne.load(kyDai.reportOne.key()); } }, AGAIN_MS);
  });
})();
