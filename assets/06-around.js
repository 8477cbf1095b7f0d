/* "What happened around here?" (UX-65): events, plate reads and reports near what is selected, some minutes before and after it, by F. */
(() => {
  const kyDai = window.kyDai;
  const RADII = [50, 200, 500], MINUTES = [5, 10, 30], SHOWN = 60;
  let open = "", radius = 200, minutes = 10, found = null, asked = 0;

  const instant = (row) => row.since ?? row.counted ?? row.submitted ?? row.at;
  const can = (row) => !!row && !!kyDai.placeOf(row) && !!instant(row);

  /* An older answer must not cover a newer question. */
  const ask = async (row) => {
    const place = kyDai.placeOf(row), mine = asked += 1;
    found = null;
    repaint();
    const told = new URLSearchParams({lon: place.lon, lat: place.lat, at: instant(row), radius, minutes});
    let answer = {failed: true};
    try {
      const reply = await fetch(`/api/v1/around?${told}`, {signal: AbortSignal.timeout(8000)});
      if (reply.ok) answer = await reply.json();
    } catch { /* said below */ }
    if (mine !== asked) return;
    found = answer;
    repaint();
    kyDai.map?.ring?.(radius);
  };
  const press = () => {
    const row = kyDai.selected;
    if (!can(row)) return;
    if (open === row.id) { open = ""; return repaint(); }
    open = row.id;
    ask(row);
  };

  const choice = (word, values, chosen, unit, pick) => kyDai.make("div", {class: "seg", role: "group", "aria-label": kyDai.say(word)}, values.map((value) => {
    const button = kyDai.make("button", {type: "button", "aria-pressed": String(value === chosen)}, kyDai.say(unit, {n: value}));
    button.addEventListener("click", () => { pick(value); ask(kyDai.selected); });
    return button;
  }));
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
    if (found.failed) return [kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("around.failed"))];
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
    const tools = shown ? kyDai.make("div", {class: "around-tools"}, [choice("around.radius", RADII, radius, "camera.away_m", (value) => { radius = value; }), choice("around.minutes", MINUTES, minutes, "around.within", (value) => { minutes = value; })]) : null;
    return [kyDai.make("h3", {}, [kyDai.make("span", {}, kyDai.say("around.title")), toggle]), tools, ...shown ? results(row) : []].filter(Boolean);
  };
  const pane = (row) => can(row) ? kyDai.make("section", {class: "inc-sec", "data-around": true}, inside(row)) : null;
  const repaint = () => { if (kyDai.selected) kyDai.one("#detail [data-around]")?.replaceChildren(...inside(kyDai.selected)); };

  kyDai.onSelect.push((row) => { if (row?.id !== open) { open = ""; found = null; asked += 1; } });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-around-open]")) press(); });
  kyDai.around = {press, pane};
})();
