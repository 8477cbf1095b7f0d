/* The tiles: which camera stands in which, and what is written on it. What a person pinned stays; alarms of priority 1 and 2 bring their
   cameras into the others, four at most (screens.md §1H). */
(() => {
  const kyDai = window.kyDai;
  const MOST_AUTO = 4, SIZES = [1, 4, 9], URGENT = 2;
  const PLACARD_MS = 60000;
  const KEPT = "kydai.cameras";
  const wall = {size: 4, auto: true, pins: [], held: [], waiting: 0};

  /* Pure: which camera stands in each tile. `pins` by place; `held` what stands there now; `wanted` cameras of urgent alarms, the first
     first. Nothing that is wanted changes its place; what nobody wants any more stays until its place is needed. */
  kyDai.arrange = ({size, pins, held, wanted}) => {
    const tiles = Array.from({length: size}, (_, at) => pins[at] ?? null), pinned = new Set(tiles.filter(Boolean));
    const free = tiles.flatMap((id, at) => id ? [] : [at]);
    const news = wanted.filter((id) => !pinned.has(id)), auto = news.slice(0, Math.min(MOST_AUTO, free.length));
    for (const at of free) if (auto.includes(held[at]) && !tiles.includes(held[at])) tiles[at] = held[at];
    const left = auto.filter((id) => !tiles.includes(id)), open = free.filter((at) => !tiles[at]);
    open.sort((a, b) => !!held[a] - !!held[b] || a - b);
    for (const at of open) if (left.length) tiles[at] = left.shift();
    let room = MOST_AUTO - auto.length;
    for (const at of free) if (!tiles[at] && held[at] && room > 0 && !tiles.includes(held[at])) { tiles[at] = held[at]; room -= 1; }
    return {tiles, waiting: news.length - auto.length};
  };

  const keep = () => { try { localStorage.setItem(KEPT, JSON.stringify({size: wall.size, auto: wall.auto, pins: wall.pins})); } catch { /* then for this visit only */ } };
  const restore = () => {
    try {
      const told = JSON.parse(localStorage.getItem(KEPT) ?? "{}"), known = new Set(kyDai.city.cameras.map((camera) => camera.id));
      if (SIZES.includes(told.size)) wall.size = told.size;
      wall.auto = told.auto !== false;
      if (Array.isArray(told.pins)) wall.pins = told.pins.slice(0, 9).map((id) => known.has(id) ? id : null);
    } catch { /* what was kept cannot be read: begin anew */ }
  };

  const cameraOf = (id) => kyDai.city.cameras.find((camera) => camera.id === id) ?? null;
  /* The urgent alarms, the newest first, and each camera's most urgent one. */
  const alarmsNow = () => (kyDai.frames.alarms?.data.rows ?? []).filter((row) => row.ix >= 0 && row.prio <= URGENT && kyDai.city.cameras[row.ix]);
  const alarmOf = (id) => alarmsNow().filter((row) => kyDai.city.cameras[row.ix].id === id).sort((a, b) => a.prio - b.prio)[0] ?? null;
  const wanted = () => wall.auto ? [...new Set(alarmsNow().sort((a, b) => b.since - a.since || a.prio - b.prio).map((row) => kyDai.city.cameras[row.ix].id))] : [];

  /* ---- drawing ---- */
  const button = (does, icon, word) => kyDai.make("button", {type: "button", class: "btn-icon", "data-does": does, "aria-label": kyDai.say(word), title: kyDai.say(word)}, [kyDai.make("i", {class: `ic ic-${icon}`, "aria-hidden": "true"})]);
  const build = (camera) => {
    const name = kyDai.make("b", {title: kyDai.of(camera.name)}, `${camera.id} ${kyDai.of(camera.name)}`);
    const head = kyDai.make("div", {class: "cam-head"}, [kyDai.make("span", {class: "cam-badge"}), name, kyDai.make("span", {class: "c-meta"}, kyDai.wardName(camera.ward)), kyDai.make("span", {class: "grow"}), kyDai.make("span", {class: "pill", "data-word": true, role: "status"}), button("pin", "pinned", "cams.pin"), button("down", "x", "cams.take_down")]);
    const picture = kyDai.make("div", {class: "cam-pic"}, [kyDai.make("div", {class: "cam-last"}), kyDai.video.node(camera), kyDai.make("div", {class: "cam-veil"}), kyDai.make("div", {class: "cam-card", hidden: true})]);
    const foot = kyDai.make("div", {class: "cam-foot"}, [kyDai.make("span", {class: "ageline", "data-age-step": 0}), kyDai.make("span", {"data-shown": true, "data-num": true}), kyDai.make("span", {class: "grow"}), kyDai.make("span", {class: "c-what"})]);
    const node = kyDai.make("article", {class: "cam", "data-tile": "cam", "data-cam": camera.id, "aria-label": kyDai.of(camera.name)}, [head, picture, foot]);
    node.camera = camera;
    return node;
  };
  const empty = () => kyDai.make("article", {class: "cam", "data-tile": "cam", "data-empty": true}, [kyDai.make("div", {class: "cam-pic"}, [kyDai.make("p", {class: "muted"}, kyDai.say("cams.empty"))])]);

  const draw = () => {
    const grid = kyDai.one("[data-tiles]");
    if (!grid || !kyDai.city) return;
    const {tiles, waiting} = kyDai.arrange({size: wall.size, pins: wall.pins, held: wall.held, wanted: wanted()});
    [wall.held, wall.waiting] = [tiles, waiting];
    kyDai.video.show(tiles.filter(Boolean).map(cameraOf));
    kyDai.mark(grid, "data-size", wall.size);
    const now = new Map(kyDai.all(".cam[data-cam]", grid).map((node) => [node.dataset.cam, node]));
    const nodes = tiles.map((id, at) => (id ? now.get(id) ?? build(cameraOf(id)) : grid.children[at]?.dataset.empty !== undefined ? grid.children[at] : empty()));
    /* A node that is moved in the document stops playing: only what changes is touched. */
    nodes.forEach((node, at) => { if (grid.children[at] !== node) { if (grid.children[at] && !nodes.includes(grid.children[at])) grid.children[at].replaceWith(node); else grid.insertBefore(node, grid.children[at] ?? null); } });
    while (grid.children.length > nodes.length) grid.lastChild.remove();
    for (const one of kyDai.all("[data-size]", kyDai.one(".c-bar"))) kyDai.mark(one, "aria-pressed", +one.dataset.size === wall.size);
    kyDai.mark(kyDai.one("[data-auto]"), "aria-pressed", wall.auto);
    const note = kyDai.one("[data-note]");
    kyDai.text(note, waiting ? kyDai.say("cams.waiting", {n: kyDai.format.number(waiting)}) : kyDai.say("cams.note"));
    kyDai.mark(note, "data-waiting", waiting ? "" : null);
    write();
  };

  /* ---- what is written on a tile ---- */
  const TROUBLES = ["denied", "absent", "refused", "moved", "codec", "full", "relay", "silent"];
  const because = (why) => why ? kyDai.say(`video.why.${TROUBLES.includes(why) ? why : "other"}`) : "";
  const FRESH = {live: "live", frozen: "stale", lost: "lost", unlinked: "lost", unplayable: "lost"};
  const footOf = ({sight, at, why}) => {
    if (why === "h265") return "";
    if (sight === "live") return kyDai.format.age(Math.max(0, kyDai.now() - at));
    if (["none", "page", "starting"].includes(sight)) return "";
    return at ? kyDai.say("video.last", {time: kyDai.format.hms(at), age: kyDai.format.age(kyDai.now() - at)}) : kyDai.say("video.never");
  };
  const cardOf = (camera, {sight, at, since, why}) => {
    if (sight === "none") return [kyDai.say("video.none"), ""];
    if (sight === "page") return [kyDai.say("video.page"), ""];
    if (sight === "unplayable") return why === "h265" ? [kyDai.say("video.h265"), kyDai.say("video.h265_do")] : [kyDai.say("video.unplayable"), ""];
    const gone = sight === "lost" && (!at || kyDai.now() - at > PLACARD_MS);
    return gone ? [since ? kyDai.say("video.lost_for", {age: kyDai.format.age(kyDai.now() - (at || since))}) : kyDai.say("video.lost"), because(why)] : null;
  };
  const writeCard = (node, camera, told) => {
    const card = kyDai.one(".cam-card", node), text = cardOf(camera, told);
    card.hidden = !text;
    kyDai.mark(node, "data-placard", text ? "" : null);
    if (!text) return;
    if (!card.firstChild) {
      card.append(kyDai.make("i", {class: "ic ic-cameraoff", "aria-hidden": "true"}), kyDai.make("b"), kyDai.make("span", {class: "muted"}));
      if (camera.video === "page") card.append(kyDai.make("a", {class: "btn", href: `${kyDai.video.addressOf(camera)}/page`, target: "_blank", rel: "noopener noreferrer"}, kyDai.say("video.open")));
    }
    kyDai.text(kyDai.one("b", card), text[0]);
    kyDai.text(kyDai.one(".muted", card), text[1]);
  };
  /* Where no stream shows anything: the last picture that an event brought, under the words that say what is missing. */
  const STREAMLESS = ["none", "page", "lost", "unplayable"];
  const writeLast = (node, camera, told) => {
    const stands = STREAMLESS.includes(told.sight) && (!told.at || node.dataset.placard !== undefined) && kyDai.last.put(kyDai.one(".cam-last", node), camera);
    kyDai.mark(node, "data-last", stands ? "" : null);
    if (stands) kyDai.text(kyDai.one("[data-shown]", node), kyDai.last.words(kyDai.last.of(camera.id)));
  };
  const writeOne = (node) => {
    const {camera} = node, told = kyDai.video.state(camera), alarm = alarmOf(camera.id), pinned = wall.pins.slice(0, wall.size).includes(camera.id);
    const badge = kyDai.one(".cam-badge", node);
    kyDai.mark(node, "data-sight", told.sight);
    kyDai.mark(node, "data-fresh", FRESH[told.sight] ?? "none");
    kyDai.mark(node, "data-prio", alarm?.prio ?? null);
    kyDai.mark(node, "data-pinned", pinned ? "" : null);
    if (badge.dataset.of !== String(alarm?.prio ?? "")) { badge.dataset.of = String(alarm?.prio ?? ""); badge.replaceChildren(...alarm ? [kyDai.badge(alarm.prio)] : []); }
    kyDai.text(kyDai.one("[data-word]", node), kyDai.say(`video.word.${told.sight}`));
    kyDai.text(kyDai.one("[data-shown]", node), footOf(told));
    kyDai.text(kyDai.one(".c-what", node), alarm ? kyDai.kindName(alarm.kind) : told.sight === "lost" ? because(told.why) : "");
    kyDai.mark(kyDai.one(".ageline", node), "data-age-step", told.sight === "live" ? Math.min(10, Math.floor(Math.max(0, kyDai.now() - told.at) / 1000)) : told.at ? 10 : 0);
    const pin = kyDai.one("[data-does='pin']", node), word = kyDai.say(pinned ? "cams.unpin" : "cams.pin");
    kyDai.mark(pin, "aria-pressed", pinned);
    kyDai.mark(pin, "aria-label", word);
    kyDai.mark(pin, "title", word);
    writeCard(node, camera, told);
    writeLast(node, camera, told);
  };
  kyDai.onLast = () => { write(); kyDai.onWall?.(); };
  const write = () => { for (const node of kyDai.all(".cam[data-cam]")) writeOne(node); };

  /* ---- what a person does ---- */
  const shows = (id) => wall.held.indexOf(id);
  const changed = () => { keep(); draw(); kyDai.onWall?.(); };
  const unpin = (id) => { wall.pins = wall.pins.map((one) => one === id ? null : one); changed(); };
  const pinAt = (id, at) => { const pins = Array.from({length: Math.max(wall.pins.length, at + 1)}, (_, place) => wall.pins[place] ?? null); pins[at] = id; wall.pins = pins; changed(); };
  /* Put a camera on a tile, and pin it: an empty tile first, then one without an alarm. Returns whether there was one. */
  const up = (id) => {
    if (shows(id) >= 0) { pinAt(id, shows(id)); return true; }
    const free = [...Array(wall.size).keys()].filter((at) => !wall.pins[at]);
    const at = free.find((one) => !wall.held[one]) ?? free.find((one) => !alarmOf(wall.held[one])) ?? free.at(-1);
    if (at === undefined) { kyDai.toast(kyDai.say("cams.full")); return false; }
    pinAt(id, at);
    return true;
  };
  const down = (id) => { wall.held = wall.held.map((one) => one === id ? null : one); unpin(id); };
  const resize = (size) => {
    /* What is pinned comes first, in its order; what then has no place waits for a larger wall. */
    if (size < wall.size) wall.pins = wall.pins.filter(Boolean);
    wall.size = size;
    changed();
  };
  kyDai.wallOf = {up, toggle: (id) => wall.pins.slice(0, wall.size).includes(id) ? unpin(id) : up(id), shows: (id) => shows(id) >= 0};
  let clock = 0;
  kyDai.toast = (text) => {
    const slot = kyDai.one("[data-toast]");
    slot.replaceChildren(kyDai.make("div", {class: "toast"}, text));
    clearTimeout(clock);
    clock = setTimeout(() => slot.replaceChildren(), 6000);
  };

  document.addEventListener("click", (event) => {
    const tile = event.target.closest(".cam[data-cam]"), does = event.target.closest("[data-does]")?.dataset.does;
    const size = event.target.closest(".c-bar [data-size]");
    if (tile && does === "pin") kyDai.wallOf.toggle(tile.dataset.cam);
    if (tile && does === "down") down(tile.dataset.cam);
    if (size) resize(+size.dataset.size);
    if (event.target.closest("[data-auto]")) { wall.auto = !wall.auto; changed(); }
  });
  kyDai.paints("alarms", () => { if (kyDai.one("[data-tiles]")) { draw(); kyDai.onWall?.(); } });
  kyDai.everySecond(() => { if (kyDai.city) write(); });
  kyDai.ready(() => { restore(); kyDai.video.load().catch(() => { /* asked for again with the first stream */ }); draw(); });
})();
