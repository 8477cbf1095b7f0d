/* Any past second again (docs/replay.md). A page is live or it looks back, from when it is opened until it is left: a replay never opens the
   live socket, and the way back is to open the page anew. Pictures are asked for ahead and given to the same painters as live frames. */
(() => {
  const kyDai = window.kyDai;
  const SPEEDS = [1, 5, 10, 60], AHEAD = 10, LOW = 4, DAY_MS = 86400000, MINUTE_MS = 60000;
  const zoned = new Intl.DateTimeFormat("sv-SE", {timeZone: kyDai.told.zone || "UTC", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit"});
  /* The city's clock as a text that sorts, 2026-11-25T14:03:22, and back; a time that its clock skips is the one before. */
  const textOf = (ms) => zoned.format(ms).replace(" ", "T");
  const msOf = (text) => {
    const wanted = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
    if (Number.isNaN(wanted)) return null;
    let at = wanted;
    for (let n = 0; n < 2; n += 1) at += wanted - Date.parse(`${textOf(at)}Z`);
    return at;
  };
  const asked = new URLSearchParams(window.location.search).get("replay");
  const there = () => `${window.location.pathname}`;
  const open = (at) => window.location.assign(`${there()}?replay=${textOf(at)}`);
  const leave = () => window.location.assign(there());

  /* ---- the clock: where we are, and how fast it goes ---- */
  const clock = {at: 0, since: 0, speed: 1, playing: false};
  const now = () => {
    const at = clock.playing ? clock.at + (performance.now() - clock.since) * clock.speed : clock.at;
    return Math.min(at, edge());
  };
  const set = (at, more) => Object.assign(clock, {at, since: performance.now()}, more);
  /* No further than what is known: the clock waits for pictures, not the other way round. */
  const edge = () => (known === null ? clock.at : known);

  let known = null, buffer = [], asking = null, seq = 0, span = null, day = null, failed = "", ended = false;
  const step = () => clock.speed * 1000;
  const give = (picture) => {
    for (const topic of new Set([...Object.keys(picture.topics), "status"])) {
      const data = picture.topics[topic] ?? kyDai.frames[topic]?.data;
      if (!data) continue;
      seq += 1;
      kyDai.frames[topic] = {topic, epoch: 0, seq, at: picture.at, data};
      kyDai.paint(topic, kyDai.frames[topic]);
    }
  };
  const fetched = async (path, mine) => {
    const reply = await fetch(path, {signal: AbortSignal.any([mine.signal, AbortSignal.timeout(10000)])});
    if (reply.status === 401) window.location.reload();
    if (!reply.ok) throw new Error(String(reply.status));
    return reply.json();
  };
  /* Ask for what comes after what is known. */
  const more = async (from, steps) => {
    const mine = asking = new AbortController();
    try {
      const told = await fetched(`/replay/frames?${new URLSearchParams({at: Math.round(from), step: step(), steps})}`, mine);
      if (asking !== mine) return;
      failed = "";
      const last = told.frames.at(-1);
      ended = from + steps * step() > told.now;
      if (last) { buffer.push(...told.frames); known = Math.min(last.at + step(), told.now); }
      else { failed = ended ? "" : "replay.none"; known = from; }
    } catch (error) {
      if (asking !== mine) return;
      console.warn(error);
      failed = "replay.failed";
      set(now());
      setTimeout(() => { if (asking === null && failed === "replay.failed") fill(); }, 2000);
    } finally { if (asking === mine) asking = null; }
    paint();
  };
  const fill = () => {
    if (asking || buffer.length > LOW || ended || known === null) return;
    more(known, AHEAD);
  };
  const seek = async (to) => {
    const at = Math.max(0, Math.round(Math.min(to, Date.now()) / 1000) * 1000);
    asking?.abort();
    [buffer, known, ended, failed] = [[], null, false, ""];
    set(at);
    window.history.replaceState(null, "", `${there()}?replay=${textOf(at)}`);
    paint();
    loadDay(at);
    await more(at, 1);
    if (buffer.length) { give(buffer.shift()); kyDai.select?.(null, "replay"); }
    set(at);
    tick();
  };
  const loadDay = async (at) => {
    const first = msOf(`${textOf(at).slice(0, 10)}T00:00:00`);
    if (day?.first === first) return;
    day = {first, last: first + DAY_MS - 1000, urgent: []};
    try {
      const told = await fetched(`/replay/span?${new URLSearchParams({first, last: first + DAY_MS - 1})}`, new AbortController());
      span = told;
      if (day.first === first) day.urgent = told.urgent;
    } catch (error) { console.warn(error); day = null; }
    paint();
  };
  const play = (playing = !clock.playing) => { set(now(), {playing}); paint(); fill(); };
  const speed = (to) => {
    const at = now();
    asking?.abort();
    asking = null;
    [buffer, known, ended] = [[], at, false];
    set(at, {speed: to});
    paint();
    fill();
  };
  const by = (ms) => seek(now() + ms);

  const tick = () => {
    const at = now(), due = buffer.filter((picture) => picture.at <= at);
    if (due.length) {
      buffer = buffer.slice(due.length);
      /* Several may be due at once in a page that slept: each carries only what changed, so none may be left out. */
      give({at: due.at(-1).at, topics: Object.assign({}, ...due.map((picture) => picture.topics))});
    }
    if (clock.playing && ended && !buffer.length && at >= edge()) play(false);
    kyDai.link.beatAt = performance.now();
    fill();
    paint();
  };

  /* ---- the bar ---- */
  let bar = null;
  const button = (act, word, inside, more) => {
    const made = kyDai.make("button", {type: "button", class: "btn", "aria-label": kyDai.say(word), title: kyDai.say(word), ...more}, inside);
    made.addEventListener("click", act);
    return made;
  };
  const build = () => {
    const jump = kyDai.make("input", {type: "datetime-local", step: 1, class: "rp-when", "aria-label": kyDai.say("replay.when")});
    jump.addEventListener("change", () => { const at = msOf(jump.value); if (at !== null) seek(at); });
    const line = kyDai.make("input", {type: "range", min: 0, max: DAY_MS / 1000 - 1, step: 1, class: "rp-line", "aria-label": kyDai.say("replay.line")});
    line.addEventListener("change", () => seek(day.first + line.value * 1000));
    line.addEventListener("input", () => kyDai.text(kyDai.one("[data-rp-hint]", bar), kyDai.format.hms(day.first + line.value * 1000)));
    const speeds = SPEEDS.map((one) => button(() => speed(one), "replay.speed", `${one}×`, {"data-rp-speed": one, "aria-pressed": "false", "aria-label": kyDai.say("replay.speed_of", {n: one})}));
    const copy = button(async () => {
      try { await navigator.clipboard.writeText(`${window.location.origin}${there()}?replay=${textOf(now())}`); kyDai.acts?.toast(kyDai.say("replay.copied"), {ms: 3000}); } catch { window.prompt(kyDai.say("replay.link"), `${window.location.origin}${there()}?replay=${textOf(now())}`); }
    }, "replay.link", kyDai.say("replay.link"), {class: "btn rp-link"});
    bar = kyDai.make("section", {class: "rp-bar", role: "region", "aria-label": kyDai.say("replay.title"), "data-rp-bar": true}, [
      kyDai.make("div", {class: "rp-told", role: "status"}, [kyDai.make("b", {class: "rp-mark", lang: kyDai.told.tongue}, kyDai.say("replay.mark")), kyDai.make("b", {"data-rp-at": true, "data-num": true}), kyDai.make("span", {"data-rp-date": true, "data-num": true}), kyDai.make("span", {"data-rp-why": true, class: "rp-why"})]),
      kyDai.make("div", {class: "rp-moves"}, [
        button(() => by(-10 * MINUTE_MS), "replay.back_10", "−10′"), button(() => by(-MINUTE_MS), "replay.back_1", "−1′"),
        button(() => play(), "replay.play", "▶", {"data-rp-play": true}),
        button(() => by(MINUTE_MS), "replay.on_1", "+1′"), button(() => by(10 * MINUTE_MS), "replay.on_10", "+10′")]),
      kyDai.make("div", {class: "rp-speeds", role: "group", "aria-label": kyDai.say("replay.speed")}, speeds),
      kyDai.make("div", {class: "rp-day"}, [kyDai.make("div", {class: "rp-marks", "aria-hidden": "true", "data-rp-marks": true}), line, kyDai.make("span", {class: "rp-hint", "data-rp-hint": true, "data-num": true, "aria-hidden": "true"})]),
      jump, copy, button(leave, "replay.leave", [kyDai.make("span", {}, kyDai.say("replay.leave")), kyDai.make("kbd", {class: "key"}, "Esc")], {class: "btn rp-leave", "data-kind": "primary"}),
    ]);
    document.body.append(bar);
    kyDai.mark(document.documentElement, "data-replay", true);
    document.documentElement.style.setProperty("--replay-today", JSON.stringify(kyDai.say("replay.today"))); // what is not of that second says so
  };
  const paint = () => {
    if (!bar) return;
    const at = now();
    kyDai.text(kyDai.one("[data-rp-at]", bar), kyDai.format.hms(at));
    kyDai.text(kyDai.one("[data-rp-date]", bar), `${kyDai.format.day(at, "long")} ${kyDai.format.dmy(at)}`);
    const waits = clock.playing && known !== null && at >= known && !ended;
    const why = failed || (known === null || waits ? "replay.loading" : ended && !clock.playing && at >= edge() - step() ? "replay.end" : "");
    kyDai.text(kyDai.one("[data-rp-why]", bar), why ? kyDai.say(why, {time: span?.first ? `${kyDai.format.hms(span.first)} ${kyDai.format.dmy(span.first)}` : "—"}) : "");
    kyDai.mark(bar, "data-failed", Boolean(failed));
    const button = kyDai.one("[data-rp-play]", bar);
    kyDai.text(button, clock.playing ? "❚❚" : "▶");
    kyDai.mark(button, "aria-label", kyDai.say(clock.playing ? "replay.pause" : "replay.play"));
    kyDai.mark(button, "title", kyDai.say(clock.playing ? "replay.pause" : "replay.play"));
    for (const node of kyDai.all("[data-rp-speed]", bar)) kyDai.mark(node, "aria-pressed", Number(node.dataset.rpSpeed) === clock.speed);
    if (!day) return;
    const line = kyDai.one(".rp-line", bar), when = kyDai.one(".rp-when", bar);
    if (!line.matches(":active")) line.value = Math.floor((at - day.first) / 1000);
    kyDai.mark(line, "aria-valuetext", kyDai.format.hms(at));
    if (document.activeElement !== when) when.value = textOf(at);
    const marks = kyDai.one("[data-rp-marks]", bar), told = `${day.first}:${day.urgent.length}`;
    if (marks.dataset.told !== told) {
      marks.dataset.told = told;
      marks.replaceChildren(...day.urgent.map(([moment, prio]) => { const mark = kyDai.make("i", {"data-prio": prio}); mark.style.left = `${(moment - day.first) / DAY_MS * 100}%`; return mark; }));
    }
  };

  /* ---- the keyboard, by the key's place ---- */
  const KEYS = {
    Space: () => play(), Escape: leave,
    ArrowLeft: (event) => by(event.shiftKey ? -10 * MINUTE_MS : -MINUTE_MS), ArrowRight: (event) => by(event.shiftKey ? 10 * MINUTE_MS : MINUTE_MS),
    Minus: () => speed(SPEEDS[Math.max(0, SPEEDS.indexOf(clock.speed) - 1)]), Equal: () => speed(SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(clock.speed) + 1)]),
  };
  const busy = (event) => event.isComposing || event.target.closest?.("input, textarea, select, [contenteditable], dialog[open], .help");
  const press = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || busy(event)) return;
    if (!kyDai.replay.on) {
      if (event.code === "KeyR" && kyDai.city && kyDai.one("[data-replay-open]") && !kyDai.one("dialog[open]")) { event.preventDefault(); choose(); }
      return;
    }
    if (!KEYS[event.code] || (event.code === "Space" && event.target.closest?.("button, a"))) return;
    if (event.code === "Escape" && (kyDai.one(".help") || kyDai.selected)) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.code](event);
  };
  /* From a minute before what is chosen began, or from ten minutes ago. */
  const choose = () => open((kyDai.selected?.since ?? kyDai.selected?.counted ?? kyDai.now() - 9 * MINUTE_MS) - MINUTE_MS);
  document.addEventListener("keydown", press, {capture: true});
  document.addEventListener("click", (event) => { if (event.target.closest("[data-replay-open]")) choose(); });

  /* The past can be looked at, and not acted upon: whatever this page would send is held back here, and says so. */
  const guard = () => {
    const sent = window.fetch.bind(window);
    window.fetch = (path, options) => {
      if ((options?.method ?? "GET").toUpperCase() === "GET" || new URL(path, window.location.href).pathname.startsWith("/_dash")) return sent(path, options);
      setTimeout(() => kyDai.acts?.toast(kyDai.say("replay.no_acts"), {kind: "failed", ms: 5000}), 0); // after whoever sent has said that it failed
      return Promise.reject(new Error("replay"));
    };
  };

  const begins = asked === null ? null : msOf(asked);
  kyDai.replay = {on: begins !== null, now, seek, play, speed, get state() { return {...clock, known, ahead: buffer.length, failed, ended}; }};
  if (!kyDai.replay.on) return;
  set(begins);
  guard();
  kyDai.link.connected = true;
  kyDai.link.offsets = [0];
  kyDai.link.beatAt = performance.now();
  kyDai.ready(() => { build(); seek(begins); setInterval(tick, 100); });
})();
