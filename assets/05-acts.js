/* What a person does about an alarm: shown at once, posted, and taken back with the reason when the house refuses (UX-52, 53, 60).
   Which act is legal from which state is the house's own table, in the page's context. */
(() => {
  const kyDai = window.kyDai;
  const rules = kyDai.told.acts, UNDO_MS = 10000, DAY_MS = 86400000, TOLD_MS = 10000;
  const ahead = new Map(); // alarm id to what was done here and no frame has shown yet
  const answered = new Map(); // alarm id to the version that our own last act made
  let last = null, toasted = null;

  const isAlarm = (row) => !!row && row.state !== undefined;
  const me = kyDai.told.name;
  const lostLink = () => kyDai.fresh.link === "lost";
  const others = (row) => !!row.owner && row.owner !== me;

  /* What an act is to show before the answer comes. */
  const EXPECT = {
    acknowledge: (row) => row.over ? {state: "closed", owner: ""} : {state: "acknowledged", owner: me},
    claim: () => ({state: "in_work", owner: me}), take_over: () => ({owner: me}),
    shelve: (row, more) => row.prio === 1 && !(row.asked && row.asked !== me) ? {asked: me} : {state: "shelved", owner: "", until: kyDai.now() + more.minutes * 60000},
    unshelve: (row) => ({state: row.over ? "returned" : "new", until: 0}), close: () => ({state: "closed"}),
    release: (row) => ({state: row.over ? "returned" : "acknowledged", owner: "", lease: 0}), remove: () => ({state: "out_of_service", owner: ""}), restore: (row) => ({state: row.over ? "returned" : "new"}), review: () => ({reviewed: kyDai.now()}),
    dispatch: (row, more) => ({state: "in_work", owner: me, units: [...row.units ?? [], more.unit], goes: kyDai.now() + UNDO_MS}), verify: (row, more) => more.outcome === "wrong" ? {state: "closed"} : {verify: false, state: row.state === "new" ? "acknowledged" : row.state, owner: row.state === "new" ? me : row.owner},
    escalate: () => ({escalated: kyDai.now()}), note: () => ({}), undo: () => (last?.was ?? {}),
  };
  /* A frame that is as far as the act takes its place. */
  const merged = (row) => {
    const one = ahead.get(row.id);
    if (one?.done && (row.version ?? 0) >= one.done) ahead.delete(row.id);
    return ahead.has(row.id) ? {...row, ...one.shows} : row;
  };
  const find = (id) => {
    const told = kyDai.frames.alarms?.data, row = told && [...told.rows, ...told.aside].find((one) => one.id === id);
    return row && merged(row);
  };

  const legal = (row, action) => {
    if (!rules || !isAlarm(row) || !rules.from[action]?.includes(row.state)) return false;
    if (action === "take_over") return others(row);
    if (action === "escalate") return !row.escalated;
    if (action === "verify") return !!row.verify && !others(row);
    if (action === "dispatch") return !row.verify && !others(row);
    if (row.goes && !["note", "undo"].includes(action)) return false;
    if (action === "release") return row.owner === me;
    if (action === "review") return !row.reviewed && kyDai.now() - row.since >= DAY_MS;
    if (action === "remove") return true;
    return action === "note" || !others(row);
  };

  /* ---- one line at the foot: what was done, with its undo, or why not ---- */
  const toast = (text, {kind = "done", undo = false, ms = TOLD_MS} = {}) => {
    const slot = kyDai.one(".toast-slot");
    if (!slot) return;
    clearTimeout(toasted);
    const button = undo && kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-undo": true}, [kyDai.make("span", {}, kyDai.say("acts.undo")), kyDai.make("kbd", {class: "key"}, "Z")]);
    slot.replaceChildren(kyDai.make("div", {class: "toast", role: kind === "failed" ? "alert" : "status", "data-kind": kind}, [kyDai.make("span", {}, text), button]));
    toasted = setTimeout(() => slot.replaceChildren(), ms);
  };
  const name = (row) => `${kyDai.kindName(row.kind, true)} · ${kyDai.placeName(row, true)}`;
  const did = (action) => kyDai.say(`acts.done.${action}`);
  const why = (status, told) => {
    if (told?.error?.code === "too_late") return kyDai.say("acts.too_late");
    if (status === 409 && told.last) return kyDai.say("acts.first", {who: told.last.who, did: did(told.last.action), at: kyDai.format.hms(told.last.at)});
    return kyDai.say(status === 409 ? "acts.changed" : status === 403 ? "acts.forbidden" : status === 404 ? "acts.gone" : status === 401 ? "acts.signed_out" : "acts.failed");
  };

  const repaint = () => { if (kyDai.frames.alarms) kyDai.paint("alarms", kyDai.frames.alarms); };
  const post = async (body) => {
    const reply = await fetch("/alarms/act", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(2500)});
    return [reply.status, await reply.json().catch(() => null)];
  };
  const shownAs = (row) => ({state: row.state, owner: row.owner ?? "", asked: row.asked ?? "", until: row.until ?? 0, over: row.over ?? false});

  /* Shown as done before the answer has come. `end` takes what the house says of the alarm now, or null where it refused. */
  const foresee = (row, action, more = {}) => {
    const one = ahead.get(row.id) ?? {shows: {}, waiting: 0, line: Promise.resolve()};
    Object.assign(one, {shows: {...one.shows, ...EXPECT[action](row, more)}, waiting: one.waiting + 1, done: 0});
    ahead.set(row.id, one);
    return {one, line: one.line, end: (alarm) => { one.waiting -= 1; if (alarm) settled(one, alarm); else ahead.delete(row.id); }};
  };
  const key = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace(/\./g, "");
  const version = (row) => Math.max(row.version ?? 0, answered.get(row.id) ?? 0);
  /* Acts about one alarm go out one after the other: who types fast loses nothing. Each names the version that was seen. */
  const act = (row, action, more = {}) => {
    if (lostLink()) return toast(kyDai.say("acts.no_link"), {kind: "failed"});
    const was = shownAs(row), seen = foresee(row, action, more);
    if (undoable(action)) last = {row, was, at: performance.now()}; else if (action === "undo") last = null;
    repaint();
    if (action === "close" && kyDai.selected?.id === row.id) kyDai.list.step(1); // the next one, so that a shift goes through its list
    const body = {alarm: row.id, action, key: key(), ...more};
    seen.one.line = seen.line.then(() => send(row, seen, body));
  };
  const undoable = (action) => !["note", "escalate", "review", "undo"].includes(action);
  const send = async (row, seen, body) => {
    if (undoable(body.action)) body.version = version(row);
    let status = 0, told = null;
    try { [status, told] = await post(body); } catch { status = 0; }
    seen.end(status === 200 ? told.alarm : null);
    if (status === 200) done(body, told.alarm);
    else {
      last = null;
      const reason = status ? why(status, told) : kyDai.say("acts.failed");
      toast(kyDai.selected?.id === row.id ? reason : `${name(row)}: ${reason}`, {kind: "failed"});
    }
    repaint();
    kyDai.history?.(row.id);
  };
  const settled = (one, alarm) => {
    answered.set(alarm.id, alarm.version ?? 0);
    if (!one.waiting) Object.assign(one, {shows: shownAs(alarm), done: alarm.version ?? 0});
    if (!one.waiting && !one.done) ahead.delete(alarm.id);
  };
  const done = ({action}, alarm) => {
    draft(alarm.id, action, "");
    const asks = action === "shelve" && alarm.state !== "shelved";
    toast(asks ? kyDai.say("acts.asked") : action === "dispatch" ? kyDai.say("acts.goes", {what: name(alarm)}) : kyDai.say("acts.told", {did: did(action), what: name(alarm)}), {undo: undoable(action)});
  };
  const undo = () => {
    if (!last || performance.now() - last.at > UNDO_MS) return toast(kyDai.say("acts.too_late"), {kind: "failed", ms: 3000});
    if (last.back) { const {back} = last; last = null; return back(); } // several at once
    const row = find(last.row.id) ?? {...last.row, state: "closed"};
    act(row, "undo");
  };

  /* ---- what an act asks for ---- */
  const ASKS = {
    shelve: () => ({choice: "minutes", among: rules.minutes.map((n) => [n, kyDai.say("acts.minutes", {n})]), first: 15, text: "acts.why", needed: true}),
    close: () => ({choice: "outcome", among: rules.outcomes.map((one) => [one, kyDai.say(`acts.outcome.${one}`)]), first: "handled", text: "acts.why_not_needed"}),
    note: () => ({text: "acts.note_text", needed: true}), take_over: () => ({text: "acts.why", needed: true}),
    verify: () => ({choice: "outcome", among: rules.verdicts.map((one) => [one, kyDai.say(`acts.verdict.${one}`)]), first: "right", text: "acts.why", needed: true}),
    dispatch: (row) => ({unit: true, text: "acts.message_text", long: message(row), needed: true}), remove: () => ({text: "acts.why", needed: true}),
  };
  /* Who is to be sent: whoever the kind names, the committee of the ward, then everybody; with whom to call there. */
  const fitting = (row) => {
    const owners = (kyDai.city.kind[row.kind]?.owner_unit ?? "").split(";"), sent = row.units ?? [];
    const rank = (unit) => owners.includes(unit.code) ? 0 : row.ward && unit.code.endsWith(row.ward) ? 1 : 2;
    return rules.units.filter((unit) => !sent.includes(unit.code)).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "vi"));
  };
  const message = (row) => kyDai.say("acts.message", {what: kyDai.kindName(row.kind), where: [kyDai.placeName(row), kyDai.wardName(row.ward)].filter(Boolean).join(", "), at: kyDai.format.hms(row.since), action: kyDai.of(kyDai.city.kind[row.kind]?.action) ?? ""});
  const unitPart = (row) => {
    const among = fitting(row), select = kyDai.make("select", {name: "unit", required: true, autofocus: true}, among.map((unit) => kyDai.make("option", {value: unit.code}, unit.name)));
    const contact = kyDai.make("p", {class: "muted", "data-contact": true});
    const tell = () => kyDai.text(contact, [among.find((unit) => unit.code === select.value)?.contact || kyDai.say("acts.no_contact"), kyDai.say("acts.within", {t: kyDai.format.age(1000 * (kyDai.city.kind[row.kind]?.response_s ?? 0))})].join(" · "));
    select.addEventListener("change", tell);
    /* Enter sends to who is chosen: the fitting one stands there already (UX-57). */
    select.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); select.form.requestSubmit(); } });
    tell();
    return kyDai.make("div", {class: "ask-unit"}, [kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say("acts.unit")), select]), contact]);
  };
  const choices = (asks) => kyDai.make("div", {class: "ask-among", role: "radiogroup", "aria-label": kyDai.say(`acts.choose.${asks.choice}`)}, asks.among.map(([value, word]) => kyDai.make("label", {}, [
    kyDai.make("input", {type: "radio", name: asks.choice, value, checked: value === asks.first}), kyDai.make("span", {}, word)])));
  /* While the words are typed, up and down turn what is chosen above them. */
  const turn = (form, event) => {
    const by = {ArrowDown: 1, ArrowUp: -1}[event.code];
    if (!by || event.isComposing) return;
    event.preventDefault();
    const all = kyDai.all("[type=radio]", form), held = all.findIndex((one) => one.checked);
    all[(held + by + all.length) % all.length].checked = true;
  };
  /* What was typed and did not arrive, since the session had ended or the line was cut, stands there again (UX-69). */
  const draftOf = (id, action) => `kydai.draft:${id}:${action}`;
  const draft = (id, action, text) => {
    try {
      if (text === undefined) return sessionStorage.getItem(draftOf(id, action));
      if (text) sessionStorage.setItem(draftOf(id, action), text); else sessionStorage.removeItem(draftOf(id, action));
    } catch { /* a browser that keeps nothing */ }
    return null;
  };
  /* Of several at once each is named, and one reason is asked for. */
  const ask = (row, action, {rows = null, go = (more) => act(find(row.id) ?? row, action, more)} = {}) => {
    const asks = {...ASKS[action]?.(row), ...rows ? {text: "acts.why", needed: true} : {}}, word = kyDai.say(`acts.${action}`), id = rows ? "together" : row.id;
    const told = {name: "why", maxlength: 1000, required: asks.needed, autocomplete: "off", autofocus: !asks.unit};
    const text = asks.long === undefined ? kyDai.make("input", {type: "text", ...told}) : kyDai.make("textarea", {rows: 5, ...told}, asks.long);
    text.value = draft(id, action) ?? text.value;
    text.addEventListener("input", () => draft(id, action, text.value));
    const form = kyDai.make("form", {}, [
      kyDai.make("h2", {}, rows ? kyDai.say("together.title", {act: word, n: kyDai.format.number(rows.length)}) : word), rows ? kyDai.make("ul", {class: "ask-list muted"}, rows.map((one) => kyDai.make("li", {}, name(one)))) : kyDai.make("p", {class: "muted"}, name(row)), asks.choice ? choices(asks) : null, asks.unit ? unitPart(row) : null,
      kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(asks.text)), text]),
      kyDai.make("div", {class: "ask-foot"}, [kyDai.make("button", {type: "button", class: "btn", "data-ask-cancel": true}, kyDai.say("acts.cancel")), kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word)])]);
    if (asks.choice && asks.long === undefined) text.addEventListener("keydown", (event) => turn(form, event));
    const card = kyDai.make("dialog", {class: "ask", "aria-label": word, "data-ask": action}, [form]);
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = new FormData(form), more = {why: given.get("why").trim()};
      if (asks.needed && !more.why) { text.value = ""; return text.reportValidity(); }
      if (asks.choice) more[asks.choice] = asks.choice === "minutes" ? +given.get("minutes") : given.get("outcome");
      if (asks.unit) more.unit = given.get("unit");
      card.close();
      card.remove(); // now, not with its event: until then the next key would go to a field that nobody sees
      if (rows) draft(id, action, "");
      go(more);
    });
    document.body.append(card);
    card.showModal();
  };

  /* A key or a button: A and T do at once, S, C and N ask first. T takes what is free, and from another with a reason. */
  const BY_KEY = {KeyA: ["acknowledge"], KeyT: ["claim", "take_over"], KeyE: ["escalate"], KeyD: ["verify", "dispatch"], KeyS: ["unshelve", "shelve"], KeyN: ["note"], KeyC: ["close"]};
  const MORE = ["release", "review", "remove", "restore"]; // seldom needed: a button where they can be done, and no key
  const which = (row, key) => BY_KEY[key].find((action) => legal(row, action)) ?? null;
  const begin = (row, action) => {
    if (lostLink()) return toast(kyDai.say("acts.no_link"), {kind: "failed"});
    if (ASKS[action]) ask(row, action); else act(row, action);
  };
  const press = (key) => {
    const row = isAlarm(kyDai.selected) && (find(kyDai.selected.id) ?? kyDai.selected), action = row && rules && which(row, key);
    if (action) begin(row, action);
  };
  const button = (row, key) => {
    const action = which(row, key), word = kyDai.say(`acts.${action ?? BY_KEY[key].at(key === "KeyS" ? 1 : 0)}`);
    const strong = (key === "KeyA" && action) || (key === "KeyT" && action === "claim" && row.state === "acknowledged") || (key === "KeyC" && row.state === "in_work");
    return kyDai.make("button", {type: "button", class: "btn", "data-act": key, "data-does": action, "data-kind": strong ? "strong" : null, disabled: !action || lostLink()}, [kyDai.make("span", {}, word), kyDai.make("kbd", {class: "key"}, key.slice(3))]);
  };
  const plainButton = (action) => kyDai.make("button", {type: "button", class: "btn", "data-act": action, "data-does": action, disabled: lostLink()}, [kyDai.make("span", {}, kyDai.say(`acts.${action}`))]);
  const buttons = (row) => rules && isAlarm(row) ? kyDai.make("div", {class: "inc-actions"}, [...Object.keys(BY_KEY).map((key) => button(row, key)), ...MORE.filter((action) => legal(row, action)).map(plainButton)]) : null;
  kyDai.everySecond(() => { for (const node of kyDai.all("[data-act]")) node.disabled = !node.dataset.does || lostLink(); });

  kyDai.paints("alarms", (alarms) => {
    const held = new Set([...alarms.rows, ...alarms.aside].map((row) => row.id));
    for (const [id, one] of ahead) if (one.done && !held.has(id)) ahead.delete(id);
  });
  kyDai.acts = {isAlarm, merged, find, press, undo, buttons, did, toast, legal, lostLink, foresee, version, key, why, ask, repaint, remember: (back) => { last = {back, at: performance.now()}; }};
  document.addEventListener("click", (event) => {
    const act_ = event.target.closest("[data-act]");
    if (act_) return MORE.includes(act_.dataset.act) ? begin(find(kyDai.selected.id) ?? kyDai.selected, act_.dataset.act) : press(act_.dataset.act);
    if (event.target.closest("[data-undo]")) return undo();
    if (event.target.closest("[data-ask-cancel]")) event.target.closest("dialog").close();
  });
})();
