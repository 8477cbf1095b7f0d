/* What may be done with a report, on every page that has them: how it is called, what is asked before it is done, and why it was not. */
(() => {
  const kyDai = window.kyDai;
  const {ask, field, fresh} = kyDai.incidents;
  let facts = null, chosenTemplate = null;

  /* ---- names ---- */
  const unit = (code) => kyDai.of(kyDai.city.unit[code]?.name) || code;
  const unitShort = (code) => kyDai.of(kyDai.city.unit[code]?.short) || code;
  const service = (code) => kyDai.of(kyDai.city.service[code]?.name) || code;
  const moment = (ms) => ms ? `${kyDai.format.hm(ms)} ${kyDai.format.dmy(ms)}` : "—";
  const ends = (ms) => kyDai.format.hm(ms) === "00:00" ? ` (${kyDai.say("due.ends", {day: kyDai.format.dm(ms - 1)})})` : "";
  const due = (ms) => `${moment(ms)}${ends(ms)}`;
  const left = (row) => row.paused ? kyDai.say("case.paused") : row.handled ? kyDai.say(row.handled <= row.due ? "case.on_time" : "case.late") : kyDai.dueLeft(row.due);
  const acting = (part) => ["given", "accepted", "sent_back"].includes(part.state);
  kyDai.dueLeft = (ms) => { const rest = ms - kyDai.now(); return kyDai.say(rest < 0 ? "due.over" : "due.left", {t: kyDai.format.span(rest)}); };

  /* ---- what is sent ---- */
  const post = async (path, body, key = fresh()) => {
    try {
      const reply = await fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({...body, key}), signal: AbortSignal.timeout(8000)});
      return [reply.status, await reply.json().catch(() => null)];
    } catch { return [0, null]; }
  };
  const CODES = ["state", "part", "given", "full", "paused", "running", "asked", "unasked", "second", "has_duplicates", "too_late", "urgent", "read", "sent", "unsent", "not_found", "forbidden", "photos", "photo_size", "photo_pixels", "photo_unreadable"];
  const why = (status, told) => {
    const code = told?.error?.code, last = told?.last;
    if (code === "incomplete") return kyDai.say("case.no.incomplete", {what: kyDai.say(`case.lacks.${told.error.lacks}`) || told.error.lacks});
    if (code === "outdated" && last) return kyDai.say("case.no.outdated", {who: last.who || kyDai.say("case.house"), did: kyDai.say(`case.did.${last.action}`), at: kyDai.format.hms(last.at)});
    return kyDai.say(CODES.includes(code) ? `case.no.${code}` : status === 401 ? "acts.signed_out" : "case.no.failed");
  };

  /* ---- fields ---- */
  const input = (name, word, more = {}) => field(kyDai.say(word), kyDai.make("input", {type: "text", name, maxlength: 1000, autocomplete: "off", ...more}));
  /* What is too long is said when it is sent: a browser's own limit cuts what is pasted without a word. */
  const area = (name, word, value = "", {most = 4000, ...more} = {}) => { const node = kyDai.make("textarea", {name, rows: 5, "data-most": most, required: true, ...more}); node.value = value; return field(kyDai.say(word), node); };
  const reason = () => input("why", "case.ask.why", {required: true, autofocus: true});
  const select = (name, word, among, value) => field(kyDai.say(word), kyDai.make("select", {name}, among.map(([code, said]) => kyDai.make("option", {value: code, selected: code === value}, said))));
  const given = async () => (facts ??= await kyDai.fetched("/reports/facts"));
  const filled = (text, one, more = {}) => text.replace(/\{(\w+)\}/g, (_, name) => ({report: one.number, service: service(one.service), due: due(one.clock.due), unit: one.unit ? unit(one.unit) : "", reason: "", result: one.parts.map((part) => part.result?.text).filter(Boolean).join("; ") || GAP, ...more})[name] || GAP);
  /* An answer begins with one of the city's own, which may be changed. Until it is, what it says of the reason and of the other office follows their fields;
     one with a gap is not sent. */
  const GAP = "[…]";
  const answer = async (act, one) => {
    const among = (await given()).templates.filter((told) => told.act === act), text = area("text", "case.ask.text");
    if (!among.length) return [text];
    const pick = select("template", "case.ask.template", among.map((told) => [told.key, kyDai.of(told.name)]), among[0].key), node = text.lastChild;
    let own = "";
    const write = () => {
      const {to, why: why_} = node.form?.elements ?? {};
      own = node.value = filled(kyDai.of(among.find((told) => told.key === pick.lastChild.value).text), one, {...to ? {unit: to.value.trim()} : {}, ...why_ ? {reason: why_.value.trim()} : {}});
    };
    write();
    if (act === "hand_outside") own = node.value = filled(kyDai.of(among[0].text), one, {unit: ""}); // not the unit that had it
    pick.lastChild.addEventListener("change", write);
    requestAnimationFrame(() => node.form?.addEventListener("input", (event) => { if (["to", "why"].includes(event.target.name) && node.value === own) write(); }));
    return [pick, text];
  };
  const term = () => kyDai.make("div", {class: "ask-pair"}, [input("value", "case.ask.how_much", {type: "number", min: 1, max: 60, value: 3, required: true}), select("unit", "case.ask.of", ["working_day", "day", "hour"].map((unit_) => [unit_, kyDai.say(`case.term.${unit_}`)]), "working_day")]);
  const radios = (name, rows) => kyDai.incidents.choices(name, kyDai.say("case.ask.which"), rows);

  /* ---- the acts that ask for something: its fields, and what is sent ---- */
  /* Posted: what a citizen wrote is longer than an address may be, and stands in no log. */
  const routed = async (body) => {
    const reply = await fetch("/reports/route", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
    if (!reply.ok) throw new Error(`/reports/route: ${reply.status}`);
    return reply.json();
  };
  const route = (one) => routed({service: one.service, ward: one.ward, title: one.title, text: one.text, priority: one.priority});
  const forward = async (one) => {
    const found = await route(one).catch(() => ({units: [], lost: []})), {units} = await given(), held = new Set(one.parts.filter((part) => ["given", "accepted", "resulted", "sent_back"].includes(part.state)).map((part) => part.unit));
    const rows = found.units.filter((way) => !held.has(way.unit)).map((way) => kyDai.make("label", {}, [kyDai.make("input", {type: "checkbox", name: `unit:${way.unit}`, checked: true}), kyDai.make("span", {}, [kyDai.make("b", {}, unit(way.unit)), kyDai.make("span", {class: "muted", "data-num": true}, [way.task, due(way.clock.due)].filter(Boolean).join(" · "))])]));
    const other = select("other_unit", "case.ask.other_unit", [["", "—"], ...units.filter((code) => !held.has(code)).map((code) => [code, unit(code)])], "");
    const told = found.route ? kyDai.say("case.route.by", {rule: found.route}) : rows.length ? kyDai.say("case.route.own") : "";
    return {note: told, fields: [kyDai.make("div", {class: "ask-list"}, rows), other, input("task", "case.ask.task")], body: (form) => {
      const wanted = Object.keys(form).filter((name) => name.startsWith("unit:")).map((name) => name.slice(5));
      const tasks = Object.fromEntries(found.units.map((way) => [way.unit, way.task]));
      return {units: [...wanted.map((code) => ({unit: code, task: tasks[code] ?? ""})), ...form.other_unit ? [{unit: form.other_unit, task: form.task ?? ""}] : []]};
    }};
  };
  const about = async (one) => {
    const found = await route(one).catch(() => ({guesses: []})), told = found.guesses?.length ? kyDai.say("case.guess", {what: found.guesses.map((guess) => `${service(guess.service)} (${guess.words.join(", ")})`).join("; ")}) : "";
    return {note: told, fields: [select("service", "case.ask.service", kyDai.city.services.map((it) => [it.code, `${kyDai.of(it.field_short)} · ${kyDai.of(it.name)}`]), one.service), select("priority", "case.ask.priority", ["normal", "urgent"].map((it) => [it, kyDai.say(`case.priority.${it}`)]), one.priority)], body: ({service: code, priority}) => ({service: code, priority})};
  };
  const plain = (fields, body = (form) => form) => ({fields, body});
  const extension = () => plain([term(), reason()], ({value, unit: unit_, why: why_}) => ({term: {value: +value, unit: unit_}, why: why_}));
  const others = (one, again) => one.near.filter((near) => near.again === again).map((near) => [near.key, `${near.number} ${near.title || service(near.service)}`, kyDai.say("case.apart", {m: kyDai.format.number(near.metres), t: kyDai.format.span(near.hours * 3600000)})]);
  const ASKS = {
    refuse: async (one) => plain([...await answer("refuse", one), reason()], ({text, why: why_}) => ({text, why: why_})),
    classify: about, forward,
    urge: () => plain([reason()]), pause: () => plain([reason()]), reopen: () => plain([reason()]), withdraw: () => plain([reason()]), send_back: () => plain([reason()]), decline: () => plain([reason()]), deny: () => plain([reason()]), split: () => plain([reason()]),
    bounced: () => ({...plain([reason()]), note: kyDai.say("case.bounced_note")}),
    note: () => plain([area("why", "case.ask.note", "", {most: 1000})]),
    hand_outside: async (one) => plain([input("to", "case.ask.to", {required: true, maxlength: 200}), ...await answer("hand_outside", one), reason()], ({to, text, why: why_}) => ({to, text, why: why_})),
    ask_extension: extension,
    result: (one, {nth}) => { const photos = kyDai.reportPhotos.taker(one.key, nth); return {fields: [area("text", "case.ask.result"), photos.node], before: photos.done, body: ({text}) => ({text, evidence: photos.ids()})}; },
    publish: async (one) => plain(await answer("publish", one), ({text}) => ({text})),
    write: async (one) => plain(await answer("write", one), ({text}) => ({text})),
    hear: () => plain([area("text", "case.ask.heard")]),
    rate: () => ({...plain([radios("rating", ["satisfied", "acceptable", "dissatisfied"].map((it) => [it, kyDai.say(`case.rating.${it}`)]))]), note: kyDai.say("case.rating.ask")}),
    merge: (one) => others(one, false).length ? plain([radios("other", others(one, false)), reason()]) : null,
    recur: (one) => others(one, true).length ? plain([radios("other", others(one, true))]) : null,
  };
  /* Ask for what an act needs, send it, and say in the card what stands in its way. Returns what was answered, or null. */
  let busy = false; // one act at a time: a double click is one click
  const act = async (...given_) => {
    if (busy) return null;
    busy = true;
    try { return await acted(...given_); } finally { busy = false; }
  };
  const acted = async (action, one, more = {}) => {
    const key = fresh(), said = kyDai.say(`case.act.${action}`), body = {action, report: one.key, version: one.version, ...more};
    if (!ASKS[action]) return post("/reports/act", body, key);
    const asked = await ASKS[action](one, more);
    if (!asked) return [0, {error: {code: "incomplete", lacks: "other"}}];
    let answered = null;
    await ask(said, asked.note ?? "", asked.fields, action, {go: said, draft: `${one.key}:${action}:${more.nth ?? ""}`, send: async (form) => {
      const no = (form.text ?? "").includes(GAP) ? kyDai.say("case.no.gap", {gap: GAP}) : await asked.before?.();
      if (no) return no;
      answered = await post("/reports/act", {...body, ...asked.body(form)}, key);
      /* Somebody was first: who and what is said, and whoever then sends once more has seen it. What was typed stays. */
      if (answered[1]?.error?.code === "outdated") body.version = answered[1].version;
      return answered[0] === 200 ? "" : why(...answered);
    }});
    return answered?.[0] === 200 ? answered : null;
  };

  /* ---- a call is taken in: what, where, who; the rest is the city's ---- */
  const degrees = (text) => text ? +text.replace(",", ".") : null;
  /* Both or neither, and on the globe: what was typed wrong is said, never left out. */
  const placed = ({lat, lon}) => !lat === !lon && Math.abs(degrees(lat)) <= 90 && Math.abs(degrees(lon)) <= 180;
  const enter = async (seen = {}) => {
    const key = fresh();
    let answered = null;
    const fields = [area("text", "case.ask.words", seen.text ?? "", {autofocus: true}), input("title", "case.ask.title", {maxlength: 200}), select("service", "case.ask.service", [["", kyDai.say("case.ask.choose")], ...kyDai.city.services.map((it) => [it.code, `${kyDai.of(it.field_short)} · ${kyDai.of(it.name)}`])], ""), input("place", "case.ask.place", {maxlength: 200}),
      kyDai.make("div", {class: "ask-pair"}, [input("lat", "case.ask.lat", {inputmode: "decimal", maxlength: 12, value: seen.lat}), input("lon", "case.ask.lon", {inputmode: "decimal", maxlength: 12, value: seen.lon})]),
      kyDai.make("div", {class: "ask-pair"}, [input("name", "case.ask.name", {maxlength: 200}), input("phone", "case.ask.phone", {maxlength: 40, inputmode: "tel"})]), input("email", "case.ask.email", {type: "email", maxlength: 200}), kyDai.make("label", {class: "ask-check"}, [kyDai.make("input", {type: "checkbox", name: "urgent"}), kyDai.make("span", {}, kyDai.say("case.ask.urgent"))])];
    const [words, , sort] = fields.map((one) => one.lastChild);
    let chosen = false, soon = 0;
    sort.required = true;
    sort.addEventListener("change", () => { chosen = !!sort.value; });
    const guess = async () => {
      const found = !chosen && words.value.trim() && await routed({service: kyDai.city.services[0].code, text: words.value.slice(0, 2000)}).catch(() => null);
      if (!chosen && found?.guesses?.length) sort.value = found.guesses[0].service;
    };
    words.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(guess, 300); });
    words.addEventListener("change", guess);
    if (seen.text) guess();
    const [lat, lon] = kyDai.all("input", fields[4]), place = kyDai.reportPlace.entry({lat, lon, service: fields[2].lastChild});
    fields.push(place.node);
    await ask(kyDai.say("case.enter"), kyDai.say("case.enter_note"), fields, "enter", {go: kyDai.say("case.enter"), draft: seen.event ? "" : "enter", send: async (form) => {
      if (!placed(form)) return kyDai.say("case.no.degrees");
      const body = {service: form.service, text: form.text, title: form.title, place: form.place, lon: degrees(form.lon), lat: degrees(form.lat), urgent: !!form.urgent, person: {name: form.name, phone: form.phone, email: form.email}, ...seen.event ? {event: seen.event, channel: "camera"} : {}};
      answered = await post("/reports/enter", body, key);
      return answered[0] === 200 ? "" : why(...answered);
    }});
    place.close();
    return answered?.[0] === 200 ? answered[1] : null;
  };
  const identity = async (one) => {
    const key = fresh();
    let found = null;
    await ask(kyDai.say("case.identity"), kyDai.say("case.identity_note"), [input("why", "case.ask.why", {required: true, autofocus: true, maxlength: 500})], "identity", {go: kyDai.say("case.identity_show"), send: async (form) => {
      const [status, told] = await post("/reports/identity", {report: one.key, why: form.why}, key);
      if (status === 200) found = told;
      return status === 200 ? "" : why(status, told);
    }});
    return found;
  };

  kyDai.reports = {acting, unit, unitShort, service, moment, due, left, act, why, enter, identity};
})();
