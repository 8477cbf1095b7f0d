/* "What happened around here?" (UX-65): events, plate reads and reports near what is chosen, some minutes before and after it. Asked once
   for whatever is rested on; the timeline shows it (06-moments.js), and by F the details list it. */
(() => {
  const kyDai = window.kyDai;
  const RADII = [50, 200, 500], MINUTES = [5, 10, 30], SHOWN = 60, REST_MS = 150;
  const again = () => kyDai.replay?.on ? 3000 : 15000; // a past second goes on faster than a day
  let open = "", radius = 200, minutes = 10, subject = "", found = null, going = null, rest = null, since = 0;

  const instant = (row) => row.since ?? row.counted ?? row.submitted ?? row.at;
  const can = (row) => !!row && !!kyDai.placeOf(row) && !!instant(row);
  const now = () => can(kyDai.selected) ? {row: kyDai.selected, at: instant(kyDai.selected), radius, minutes, found} : null;

  /* One question at a time: another choice takes the one before it back. */
  const ask = async (row, {quietly = false} = {}) => {
    const place = kyDai.placeOf(row), mine = new AbortController();
    going?.abort();
    [going, since] = [mine, performance.now()];
    if (!quietly) { found = null; tell(); }
    const told = new URLSearchParams({lon: place.lon, lat: place.lat, at: instant(row), radius, minutes, ...kyDai.replay?.on ? {known: Math.round(kyDai.now())} : {}});
    let answer = quietly && found ? found : {failed: true};
    try {
      const reply = await fetch(`/api/v1/around?${told}`, {signal: AbortSignal.any([mine.signal, AbortSignal.timeout(8000)])});
      if (reply.ok) answer = await reply.json();
      else if ((await reply.json().catch(() => null))?.error?.code === "too_long") answer = {failed: true, late: true};
    } catch { /* said below */ }
    if (mine.signal.aborted) return;
    found = answer;
    tell();
    if (open === row.id) kyDai.map?.ring?.(radius);
  };
  const tell = () => { repaint(); kyDai.moments.paint(now()); };
  const pick = (name, value) => {
    if (name === "radius") radius = value; else minutes = value;
    if (can(kyDai.selected)) ask(kyDai.selected);
  };
  const press = () => {
    const row = kyDai.selected;
    if (!can(row)) return;
    open = open === row.id ? "" : row.id;
    repaint();
    if (open) kyDai.map?.ring?.(radius);
  };

  const choice = (word, name, values, chosen, unit) => kyDai.make("div", {class: "seg", role: "group", "aria-label": kyDai.say(word)}, values.map((value) => {
    const button = kyDai.make("button", {type: "button", "aria-pressed": String(value === chosen), "data-around-by": `${name} ${value}`}, kyDai.say(unit, {n: value}));
    button.addEventListener("click", () => pick(name, value));
    return button;
  }));
  const choices = () => [choice("around.radius", "radius", RADII, radius, "camera.away_m"), choice("around.minutes", "minutes", MINUTES, minutes, "around.within")];
  const apart = (ms) => `${ms < 0 ? "−" : "+"}${kyDai.format.age(Math.abs(ms))}`;
  const line = (one, from) => [
    kyDai.make("time", {"data-num": true, title: kyDai.format.hms(one.when)}, apart(one.when - from)),
    kyDai.make("span", {}, [kyDai.make("b", {}, one.name), one.plate ? ` ${one.plate}` : "", kyDai.make("span", {class: "faint", "data-num": true}, ` · ${one.where} · ${kyDai.say("camera.away", {m: kyDai.format.number(one.metres)})}`)])];
  const cameraName = (id) => { const camera = kyDai.city.cameras.find((one) => one.id === id); return camera ? kyDai.of(camera.short) : id; };
  const rows = (told) => [
    ...told.events.map((one) => ({id: one.id, when: one.counted, name: kyDai.kindName(one.kind), plate: one.plate, where: cameraName(one.camera), metres: one.metres})),
    ...told.reports.map((one) => ({id: `report:${one.report}`, when: one.submitted, name: kyDai.of(kyDai.city.service[one.service]?.name) || one.service, where: kyDai.wardName(one.ward), metres: one.metres})),
  ];
  const results = (row) => {
    if (!found) return [kyDai.make("p", {class: "muted"}, kyDai.say("around.asking"))];
    if (found.failed) return [kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say(found.late ? "around.too_long" : "around.failed"))];
    const records = found.events.filter((one) => one.cls === "record").length;
    const sum = kyDai.say("around.sum", {events: kyDai.format.number(found.events.length - records), reports: kyDai.format.number(found.reports.length), records: kyDai.format.number(records)});
    const from = instant(row), near = rows(found).filter((one) => one.id !== row.id).sort((a, b) => Math.abs(a.when - from) - Math.abs(b.when - from));
    const shown = near.slice(0, SHOWN).sort((a, b) => a.when - b.when);
    const more = near.length - shown.length;
    return [kyDai.make("p", {class: "strong"}, sum), kyDai.make("div", {class: "log", "data-around-log": true}, shown.flatMap((one) => line(one, from))),
      more > 0 || found.cut ? kyDai.make("p", {class: "muted"}, kyDai.say(found.cut ? "around.cut" : "around.more", {n: kyDai.format.number(more)})) : null];
  };
  const inside = (row) => {
    const shown = open === row.id;
    const toggle = kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-around-open": true, "aria-expanded": String(shown)}, [kyDai.make("span", {}, kyDai.say(shown ? "around.close" : "around.open")), kyDai.make("kbd", {class: "key"}, "F")]);
    const tools = shown ? kyDai.make("div", {class: "around-tools"}, choices()) : null;
    return [kyDai.make("h3", {}, [kyDai.make("span", {}, kyDai.say("around.title")), toggle]), tools, ...shown ? results(row) : []].filter(Boolean);
  };
  const pane = (row) => can(row) ? kyDai.make("section", {class: "inc-sec", "data-around": true}, inside(row)) : null;
  const repaint = () => { if (kyDai.selected) kyDai.one("#detail [data-around]")?.replaceChildren(...inside(kyDai.selected)); };

  kyDai.onSelect.push((row) => {
    if (row?.id === subject) return;
    [subject, open, found] = [row?.id ?? "", "", null];
    going?.abort();
    clearTimeout(rest);
    kyDai.moments.paint(now());
    if (can(row)) rest = setTimeout(() => ask(row), REST_MS); // whoever runs through the list asks about the one they rest on
  });
  /* While its minutes are not over, more may happen. */
  kyDai.everySecond(() => {
    const told = now();
    if (told?.found && !document.hidden && performance.now() - since >= again() && kyDai.now() < told.at + minutes * 60000 + 2 * again()) ask(told.row, {quietly: true});
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-around-open]")) press(); });
  kyDai.around = {press, pane, choices, now, apart, instant};
})();
