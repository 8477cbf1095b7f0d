/* The console's list: open alarms, events, plate reads. Rows are kept by id: only new ones are made, only old ones let go,
   and what is selected stays selected (UX-50). */
(() => {
  const kyDai = window.kyDai;
  const lists = {alarms: [], events: [], plates: []};
  let tab = "alarms", sought = "", tray = "", at = 0;
  const DAY_MS = 86400000;

  const {plain} = kyDai;
  const words = (row) => plain([kyDai.kindName(row.kind), kyDai.placeName(row), kyDai.wardName(row.ward), row.plate ?? ""].join(" "));
  const matches = (row) => !sought || words(row).includes(sought);

  /* How an alarm stands, and who has it. */
  const standing = (row) => {
    const word = row.state === "shelved" ? kyDai.say("alarm.shelved_until", {t: kyDai.format.hm(row.until)}) : kyDai.say(`alarm.${row.state}`);
    return [word, row.owner, row.escalated && kyDai.say("alarm.escalated"), row.again && kyDai.say("alarm.again", {n: row.again}), row.asked && kyDai.say("alarm.asked", {who: row.asked})].filter(Boolean).join(" · ");
  };
  const initials = (row) => row.owner ? kyDai.make("span", {class: "avatar", "aria-hidden": "true"}, row.owner.slice(0, 2).toUpperCase()) : null;
  const state = (row, large) => kyDai.make("span", {class: "a-state", title: standing(row)}, large ? [kyDai.make("span", {}, standing(row))] : [initials(row), kyDai.make("span", {class: "sr"}, standing(row))]);

  const tags = (row) => [row.watch, row.untold && kyDai.say("alarm.untold"), row.verify && kyDai.say("alarm.unverified"), row.chatters && kyDai.say("alarm.chatters"), row.cameras > 1 && kyDai.say("alarm.cameras", {n: row.cameras})].filter(Boolean);

  const build = (row) => {
    if (row.group) return kyDai.flood.build(row);
    const prio = row.prio || null, large = prio === 1 || prio === 2 || !prio;
    const type = kyDai.make("span", {class: "a-type"}, kyDai.kindName(row.kind));
    if (row.count > 1) type.append(kyDai.make("span", {class: "a-x", "data-num": true}, `×${kyDai.format.number(row.count)}`));
    for (const tag of tags(row)) type.append(kyDai.make("span", {class: "a-tag"}, tag));
    const place = kyDai.make("span", {class: "a-place"}, [row.plate, kyDai.placeName(row), row.state ? kyDai.wardName(row.ward) : ""].filter(Boolean).join(" · "));
    const age = kyDai.make("span", {class: "a-age", "data-num": true, "data-since": row.since ?? row.counted});
    const mark = prio ? kyDai.badge(prio) : kyDai.make("i", {class: `ic ic-${row.cls === "record" ? "camera" : row.report ? "report" : "dots"}`, "aria-hidden": "true"});
    const note = row.state ? state(row, large) : kyDai.make("span", {class: "a-state"}, row.skewed ? kyDai.say("detail.skewed") : kyDai.wardName(row.ward));
    const lines = large ? [mark, kyDai.make("span", {class: "a-line"}, [type, age]), kyDai.make("span", {class: "a-line"}, [place, note])] : [mark, type, place, row.state ? kyDai.make("span", {class: "a-end"}, [note, age]) : age];
    return kyDai.make("li", {class: prio ? "alarm" : "alarm a-event", "data-prio": prio, "data-id": row.id, "data-state": row.state, "data-children": row.lost?.length, role: "option", tabindex: -1}, lines);
  };
  const refresh = (node, row) => {
    const count = kyDai.one(".a-x", node);
    if (row.count > 1) {
      if (count) kyDai.text(count, `×${kyDai.format.number(row.count)}`);
      else kyDai.one(".a-type", node).append(kyDai.make("span", {class: "a-x", "data-num": true}, `×${kyDai.format.number(row.count)}`));
    }
  };
  const told = (row) => row.group ? kyDai.flood.told(row) : [row.kind, row.prio, row.plate, row.watch, row.chatters, row.cameras, row.again, row.verify, row.untold, row.state, row.owner, row.until, row.escalated, row.asked].join();
  const emptyWords = () => tab === "alarms" && tray ? kyDai.say("tray.none") : sought ? kyDai.say("list.found_none") : kyDai.unheard("camera_events") || kyDai.say(tab === "alarms" ? "list.calm" : "list.none_events");
  const empty = () => kyDai.make("li", {class: "empty", role: "presentation"}, emptyWords());

  const paint = () => {
    const list = document.getElementById("list");
    if (!list) return;
    const found = lists[tab].filter(matches).filter((row) => tab !== "alarms" || inTray(row)).filter((row) => kyDai.brush.keeps(row));
    const rows = tab === "alarms" && !tray && !sought ? kyDai.flood.folded(found) : found;
    const held = new Map([...list.children].map((node) => [node.dataset.id, node]));
    const fresh = rows.map((row) => {
      const node = held.get(row.id);
      if (node?.city === kyDai.city && told(node.row) === told(row)) { refresh(node, row); node.row = row; return node; }
      const made = build(row);
      made.row = row;
      made.city = kyDai.city; // another city may call the same camera otherwise
      return made;
    });
    const wanted = new Set(fresh);
    for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
    fresh.forEach((node, at) => { if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null); });
    if (!fresh.length) list.replaceChildren(empty());
    markSelected();
    kyDai.paintAges(kyDai.now());
  };
  const ASIDE = ["shelved", "out_of_service", "closed"];
  const inTray = (row) => !tray ? !ASIDE.includes(row.state) && !row.reviewed : tray === "standing" ? !ASIDE.includes(row.state) && kyDai.now() - row.since >= DAY_MS : row.state === tray;
  const turn = (name) => {
    tray = tray === name ? "" : name;
    for (const node of kyDai.all("[data-tray]")) kyDai.mark(node, "aria-pressed", node.dataset.tray === tray);
    show("alarms");
  };
  const markSelected = () => {
    for (const node of kyDai.all("#list > li")) {
      const chosen = !!kyDai.selected && [node.dataset.id, `report:${node.row?.report}`].includes(kyDai.selected.id);
      kyDai.mark(node, "data-selected", chosen ? "" : null);
      kyDai.mark(node, "aria-selected", chosen);
    }
    const held = kyDai.all("#list > li[data-id]").findIndex((node) => "selected" in node.dataset);
    if (held >= 0) at = held;
    kyDai.picked.paint();
  };
  const show = (name) => {
    tab = name;
    for (const node of kyDai.all("[data-tab]")) kyDai.mark(node, "aria-selected", node.dataset.tab === name);
    paint();
  };
  const numbers = () => {
    kyDai.text(kyDai.one("[data-n='alarms']"), kyDai.format.number(lists.alarms.filter((row) => !ASIDE.includes(row.state) && !row.reviewed).length));
    kyDai.text(kyDai.one("[data-n='events']"), kyDai.format.number(lists.events.length));
  };

  /* Plainly pressed, a row is chosen; with Shift or Ctrl, or on its box, it is marked (UX-49). */
  const choose = (row, event) => {
    if (event.shiftKey) return kyDai.picked.to(row);
    if (event.ctrlKey || event.metaKey || event.target.closest("[data-pick]")) return kyDai.picked.turn(row);
    kyDai.picked.clear();
    kyDai.select(row, "list");
  };

  kyDai.paints("alarms", (alarms) => {
    lists.alarms = [...alarms.rows, ...alarms.aside].map(kyDai.acts.merged);
    for (const node of kyDai.all("[data-tray-n]")) kyDai.text(node, kyDai.format.number(alarms[node.dataset.trayN]));
    numbers();
    if (tab === "alarms") paint();
  });
  kyDai.paints("events", (events) => { lists.events = events.rows; numbers(); if (tab === "events") paint(); });
  kyDai.paints("plates", (plates) => { lists.plates = plates.rows; if (tab === "plates") paint(); });
  kyDai.everySecond(() => kyDai.text(kyDai.one("#list > .empty"), emptyWords()));
  kyDai.onSelect.push(markSelected);
  kyDai.list = {show, paint, step: (by) => {
    const rows = kyDai.all("#list > li[data-id]"), held = rows.findIndex((node) => "selected" in node.dataset);
    /* What was selected may have left the list: its neighbours are the next. */
    const to = held >= 0 ? held + by : kyDai.selected && at < rows.length + 1 ? at + (by > 0 ? by - 1 : by) : by - 1;
    const next = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (next) { kyDai.select(next.row, "list"); next.scrollIntoView({block: "nearest"}); }
  }, seek: () => kyDai.one("[data-search] input")?.focus(), unseek: (input) => { input.value = sought = ""; input.blur(); paint(); }};

  kyDai.ready(() => {
    const slot = kyDai.one("[data-search]");
    if (slot && !slot.firstChild) {
      const input = kyDai.make("input", {type: "search", "aria-label": kyDai.say("list.search"), placeholder: kyDai.say("list.search"), maxlength: 80});
      input.addEventListener("input", () => { sought = plain(input.value.trim()); paint(); });
      slot.append(input);
    }
    document.addEventListener("click", (event) => {
      const row = event.target.closest("#list > li[data-id]"), button = event.target.closest("[data-tab]");
      if (row) choose(row.row, event);
      if (button) show(button.dataset.tab);
      const aside = event.target.closest("[data-tray]");
      if (aside) turn(aside.dataset.tray);
    });
  });
})();
