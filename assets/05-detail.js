/* What is selected, in words: what, where, since when, what to do; the nearest cameras; what else this camera saw. */
(() => {
  const kyDai = window.kyDai;
  const NEAR_M = 500, NEAR = 3, RECENT = 6, MESSAGE_MS = 3000;
  const STATES = {o: "online", l: "late", x: "lost", f: "frozen", m: "maintenance", "-": "unknown"};
  kyDai.stateWord = (letter) => kyDai.say(`camera.${STATES[letter] ?? "unknown"}`);

  const {metres} = kyDai;

  const fact = (word, text) => text ? [kyDai.make("dt", {}, kyDai.say(word)), kyDai.make("dd", {"data-num": true}, text)] : [];
  const moment = (ms) => ms ? `${kyDai.format.hms(ms)} ${kyDai.format.dmy(ms)}` : "";
  const facts = (row) => kyDai.make("dl", {class: "facts"}, [
    ...fact("detail.camera", row.ix >= 0 ? `${kyDai.city.cameras[row.ix].id} ${kyDai.of(kyDai.city.cameras[row.ix].name)}` : row.name),
    ...fact("detail.state", row.state ? kyDai.say(`alarm.${row.state}`) : ""), ...fact("detail.owner", row.owner),
    ...fact("detail.until", row.until ? moment(row.until) : ""), ...fact("detail.escalated", row.escalated ? moment(row.escalated) : ""),
    ...fact("detail.asked", row.asked), ...fact("detail.units", (row.units ?? []).map(unitName).join(", ")), ...fact("detail.verify", row.verify ? kyDai.say("alarm.unverified") : ""),
    ...fact("detail.ward", kyDai.of(kyDai.city.ward[row.ward]?.name)),
    ...fact("detail.plate", row.plate),
    ...row.watch ? [kyDai.make("dt", {}, kyDai.say("detail.watch")), kyDai.make("dd", {}, [`${kyDai.say("detail.may_fit")} `, kyDai.make("a", {href: `/watch-lists#${row.watch}`, target: "_blank", rel: "noopener"}, row.watch)])] : [],
    ...fact("detail.score", row.score === null || row.score === undefined ? "" : (row.score).toLocaleString(kyDai.told.tongue === "en" ? "en-GB" : "vi-VN", {maximumFractionDigits: 2})),
    ...fact("detail.count", row.count > 1 ? kyDai.format.number(row.count) : ""),
    ...fact("detail.first", moment(row.since)), ...fact("detail.last", row.last > row.since ? moment(row.last) : ""),
    ...fact("detail.seen_at", row.since ? "" : moment(row.at ?? row.counted)), ...fact("detail.received", moment(row.received ?? row.counted)),
    ...fact("detail.submitted", moment(row.submitted)), ...fact("detail.unit", kyDai.of(kyDai.city.unit[row.unit]?.name)),
    ...fact("detail.due", row.due ? `${moment(row.due)} (${kyDai.dueWord(row.due)})` : ""),
  ]);
  kyDai.dueWord = (due) => { const left = due - kyDai.now(); return kyDai.say(left < 0 ? "due.over" : "due.left", {t: kyDai.format.span(left)}); };

  kyDai.dueShort = (due) => { const left = due - kyDai.now(); return kyDai.say(left < 0 ? "due.over" : "due.left", {t: kyDai.format.age(Math.abs(left))}); };

  const section = (word, nodes) => nodes.length ? kyDai.make("section", {class: "inc-sec"}, [kyDai.make("h3", {}, kyDai.say(word)), ...nodes]) : null;
  const advice = (row) => {
    const kind = kyDai.city.kind[row.kind];
    if (!kind) return [];
    return [["detail.action", kind.action], ["detail.cause", kind.cause], ["detail.consequence", kind.consequence]]
      .filter(([, words]) => kyDai.of(words)).map(([word, words]) => section(word, [kyDai.make("p", {}, kyDai.of(words))]));
  };
  const near = (row) => {
    const place = kyDai.placeOf(row), states = kyDai.frames.cameras?.data.states ?? "";
    if (!place) return [];
    const away = kyDai.city.cameras.map((camera, ix) => ({camera, ix, m: metres(place, camera), on: "ol".includes(states[ix])}))
      .filter((one) => one.m <= NEAR_M && one.ix !== row.ix && !one.camera.gone).sort((a, b) => (b.on - a.on) || (a.m - b.m)).slice(0, NEAR);
    if (!away.length) return [kyDai.make("p", {class: "muted"}, kyDai.say("camera.none_near"))];
    return [kyDai.make("div", {class: "near"}, away.flatMap(({camera, ix, m, on}) => [
      kyDai.make("button", {type: "button", class: "near-go", "data-near": ix, title: kyDai.say("detail.show")}, `${camera.id} ${kyDai.of(camera.short)}`),
      kyDai.make("span", {class: "num", "data-num": true}, kyDai.say("camera.towards", {m: kyDai.format.number(Math.round(m)), dir: kyDai.say(`compass.${kyDai.compass(place, camera)}`)})),
      kyDai.make("span", {class: on ? "st" : "st off"}, kyDai.stateWord(states[ix]))]))];
  };
  /* K goes from one of the nearest cameras to the next, and shows it on the map. */
  const goTo = (button) => { button.focus(); kyDai.map?.show({ix: +button.dataset.near}); };
  kyDai.nearest = () => {
    const all = kyDai.all("#detail [data-near]"), next = all[all.indexOf(document.activeElement) + 1] ?? all[0];
    if (next) goTo(next);
  };
  const recent = (row) => {
    const rows = kyDai.frames.events?.data.rows ?? [], records = kyDai.frames.plates?.data.rows ?? [];
    const same = [...rows, ...records].filter((one) => one.ix >= 0 && one.ix === row.ix && one.id !== row.id).sort((a, b) => b.counted - a.counted).slice(0, RECENT);
    return same.length ? [kyDai.make("div", {class: "log"}, same.flatMap((one) => [kyDai.make("time", {"data-num": true}, kyDai.format.hms(one.counted)), kyDai.make("span", {}, `${kyDai.kindName(one.kind)} ${one.plate ?? ""}`)]))] : [];
  };
  /* Cameras that were lost together: what they share, the first one marked, each with how it stands now. */
  const lineWord = (line) => { const at = line.indexOf(" "), kind = line.slice(0, at), name = line.slice(at + 1); return kyDai.say(`line.${kind}`, {name: kind === "ward" ? kyDai.of(kyDai.city.ward[name]?.name) : name}); };
  const lost = (row) => {
    const states = kyDai.frames.cameras?.data.states ?? "";
    return kyDai.make("div", {class: "near"}, row.lost.filter((ix) => ix >= 0).flatMap((ix, at) => [
      kyDai.make("span", {class: "strong"}, `${kyDai.city.cameras[ix].id} ${kyDai.of(kyDai.city.cameras[ix].short)}`), kyDai.make("span", {class: "num"}, at ? "" : kyDai.say("detail.lost_first")),
      kyDai.make("span", {class: "ol".includes(states[ix]) ? "st" : "st off"}, kyDai.stateWord(states[ix]))]));
  };
  const outage = (row) => row.lost ? [section("detail.line", [kyDai.make("p", {}, lineWord(row.line))]), section("detail.lost", [lost(row)])] : [];
  const head = (row) => kyDai.make("div", {class: "inc-head"}, [
    kyDai.make("div", {class: "inc-title"}, [row.prio ? kyDai.badge(row.prio) : null, kyDai.make("span", {}, row.title ?? kyDai.kindName(row.kind)), kyDai.make("span", {class: "age", "data-num": true, "data-since": row.since ?? row.counted ?? row.submitted})]),
    kyDai.make("div", {class: "inc-sub"}, [kyDai.make("span", {}, kyDai.placeName(row)), kyDai.make("button", {class: "btn", "data-kind": "quiet", "data-deselect": true, type: "button"}, [kyDai.make("span", {}, kyDai.say("detail.close")), kyDai.make("kbd", {class: "key"}, "Esc")])])]);

  /* ---- what was done: fetched when an alarm is chosen, and again when it stands differently ---- */
  const unitName = (code) => kyDai.of(kyDai.city.unit[code]?.name) || code;
  const line = (one) => {
    const more = [one.unit && unitName(one.unit), one.action !== "send" && one.why, one.outcome && one.action === "close" ? kyDai.say(`acts.outcome.${one.outcome}`) : "", one.until ? kyDai.say("alarm.until", {t: kyDai.format.hm(one.until)}) : ""].filter(Boolean).join(" · ");
    const said = `${one.who ? kyDai.acts.did(one.action) : kyDai.say(`acts.by_itself.${one.action}`)}${more ? `: ${more}` : ""}`;
    return [kyDai.make("time", {"data-num": true}, kyDai.format.hms(one.at)), kyDai.make("span", {}, one.who ? [kyDai.make("b", {}, one.who), ` ${said}`] : said)];
  };
  /* How each unit was told, or that it has to be called. */
  const message = (one) => {
    const again = one.due ? kyDai.say("message.again", {t: kyDai.format.hms(one.due), n: kyDai.format.number(one.tries)}) : "";
    const call = ["by_phone", "given_up"].includes(one.state) ? rulesContact(one.unit) : "";
    const more = [one.ended && one.state === "sent" ? kyDai.format.hms(one.ended) : "", again, one.state === "sent" ? "" : one.reason, call].filter(Boolean).join(" · ");
    return [kyDai.make("span", {class: "a-tag", "data-message": one.state}, kyDai.say(`message.${one.state}`)), kyDai.make("span", {}, [kyDai.make("b", {}, unitName(one.unit)), more ? kyDai.make("span", {class: "muted", "data-num": true}, ` · ${more}`) : null])];
  };
  const rulesContact = (code) => kyDai.told.acts?.units.find((unit) => unit.code === code)?.contact || kyDai.say("acts.no_contact");
  let asked = 0;
  kyDai.history = async (id) => {
    if (kyDai.selected?.id !== id || !kyDai.acts.isAlarm(kyDai.selected)) return;
    const mine = ++asked;
    let told;
    try { told = await kyDai.fetched(`/alarms/${id}`); } catch { return; }
    const log = kyDai.one("#detail [data-log]");
    if (mine !== asked || log?.dataset.log !== id) return;
    log.replaceChildren(...told.acts.filter((one) => !kyDai.replay?.on || one.at <= kyDai.now()).flatMap(line));
    const sent = kyDai.one("#detail [data-messages]");
    if (!sent || kyDai.replay?.on) return;
    sent.closest("section").hidden = !told.messages.length;
    sent.replaceChildren(...told.messages.flatMap(message));
  };
  /* No frame says that a message has arrived: while one is on its way, it is asked for. */
  let looked = 0;
  kyDai.everySecond(() => {
    if (kyDai.selected && !document.hidden && kyDai.one("#detail :is([data-message='held'], [data-message='waiting'])") && performance.now() - looked > MESSAGE_MS) { looked = performance.now(); kyDai.history(kyDai.selected.id); }
  });
  const log = (row) => kyDai.acts.isAlarm(row) ? [kyDai.make("div", {class: "log", "data-log": row.id})] : [];
  const messages = (row) => {
    if (!kyDai.acts.isAlarm(row) || !row.units?.length) return null;
    const node = section("message", [kyDai.make("div", {class: "log log-messages", "data-messages": true})]);
    node.hidden = true;
    return node;
  };
  const standsAs = (row) => row && [row.id, row.state, row.owner, row.version, row.over, row.escalated, row.asked, row.until, row.notes, row.goes, row.verify, row.again, row.units, row.plate, row.watch, row.untold].join();
  /* The chosen alarm goes on: a frame that tells something new of it is painted in place. */
  kyDai.paints("alarms", () => {
    const held = kyDai.selected;
    if (!kyDai.acts.isAlarm(held)) return;
    const row = kyDai.acts.find(held.id) ?? {...held, state: "closed"};
    if (standsAs(row) === standsAs(held)) return;
    kyDai.selected = row;
    const detail = document.getElementById("detail"), focus = document.activeElement?.dataset?.act, lines = kyDai.all("[data-log] > *", detail), top = detail?.parentNode.scrollTop;
    paint(row);
    kyDai.one("[data-log]", detail)?.append(...lines);
    if (focus) kyDai.one(`[data-act='${focus}']`, detail)?.focus();
    if (detail) detail.parentNode.scrollTop = top;
  });

  /* Whom nobody could tell is said to everybody at a console, the shift's lead among them, until somebody notes that they have called. */
  kyDai.banners.push(() => kyDai.one(".console") ? [...kyDai.frames.alarms?.data.rows ?? [], ...kyDai.frames.alarms?.data.aside ?? []].filter((row) => row.untold?.length && row.state !== "closed").slice(0, 3).map((row) =>
    ["flood", kyDai.say("banner.untold"), `${row.untold.map(unitName).join(", ")}: ${kyDai.kindName(row.kind)} · ${kyDai.placeName(row)}`, `${kyDai.say("banner.untold_note")} ${row.untold.map(rulesContact).join(", ")}`]) : []);

  const paint = (row) => {
    const detail = document.getElementById("detail");
    if (!detail) return;
    detail.hidden = !row;
    kyDai.mark(detail.closest(".pane"), "data-detail", row ? "" : null);
    if (!row) return detail.replaceChildren();
    detail.replaceChildren(...[head(row), kyDai.acts.buttons(row), section2(facts(row), report(row)), ...outage(row), section("pictures", kyDai.pictures.pane(row)), section("clips", kyDai.clips.pane(row)), kyDai.incident.pane(row), section("detail.log", log(row)), messages(row), ...advice(row), kyDai.cameraItself(row), section("camera.near", near(row)), kyDai.here?.pane(row), kyDai.around.pane(row), section("detail.recent", recent(row))].filter(Boolean));
    kyDai.clips.paint();
    kyDai.history(row.id);
  };
  /* What a camera saw may be for a unit to handle: a report is made of it, on the page of reports, by whoever may. */
  const report = (row) => {
    const camera = kyDai.city.cameras[row.ix];
    if (!camera || !row.kind || row.report || !kyDai.one("[data-report-enters]")) return null;
    const text = `${kyDai.kindName(row.kind)} · ${camera.id} ${kyDai.of(camera.name)} · ${moment(row.since ?? row.counted)}`;
    const told = new URLSearchParams({event: `${kyDai.acts.isAlarm(row) ? "alarm/" : ""}${row.id}`, text, lat: camera.lat, lon: camera.lon});
    return kyDai.make("a", {class: "btn", "data-kind": "quiet", "data-report-of": row.id, href: `/reports?${told}`, target: "_blank", rel: "noopener"}, kyDai.say("case.from_event"));
  };
  const section2 = (...nodes) => kyDai.make("section", {class: "inc-sec"}, nodes);
  kyDai.ready(() => kyDai.onSelect.push(paint));
  /* Enter goes on in the details, so that Tab reaches what can be done there. */
  kyDai.openDetail = () => { const detail = document.getElementById("detail"); if (detail && !detail.hidden) { detail.tabIndex = -1; detail.focus(); detail.scrollIntoView({block: "nearest"}); } };
  document.addEventListener("click", (event) => {
    const near_ = event.target.closest("[data-near]");
    if (near_) goTo(near_);
    if (event.target.closest("[data-deselect]")) kyDai.select(null, "detail");
  });
})();
