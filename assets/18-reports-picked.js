/* Several reports at once: rows are marked with X, their boxes, Ctrl+click, Shift+click or Shift+arrows; one act, one question that says what will
   happen to each, and an answer for each. What may be done, from which states and with how many is the house's own (`/reports/facts`). */
(() => {
  const kyDai = window.kyDai, say_ = kyDai.reports;
  const {ask, fresh} = kyDai.incidents;
  const KEYS = {take: "T", classify: "C", forward: "F", note: "I", close: "L"}, NAMED = 3;
  const picked = new Map(); // key to the row as it was told last
  let rules = null, anchor = -1;

  const n = (count) => kyDai.format.number(count);
  const here = () => rules && kyDai.one(".rp[data-picks]");
  const acts = () => Object.keys(KEYS).filter((action) => rules?.from[action]);
  const fit = (action) => [...picked.values()].filter((row) => rules.from[action].includes(row.state));
  const tell = (...told) => kyDai.reportList.note(...told);

  /* ---- marking ---- */
  const put = (row) => {
    if (!row || picked.has(row.key)) return;
    if (picked.size < rules.most) picked.set(row.key, row); else tell(kyDai.say("case.together.most", {n: rules.most}), {failed: true});
  };
  const turn = (nth) => {
    const row = here() && kyDai.reportList.row(nth);
    if (!row) return;
    if (!picked.delete(row.key)) put(row);
    anchor = nth;
    paint();
  };
  const to = (nth) => {
    if (!here()) return;
    const from = anchor < 0 ? Math.max(kyDai.reportList.state().chosen, 0) : anchor, step = nth < from ? -1 : 1;
    picked.clear();
    for (let at = from; at !== nth + step && picked.size < rules.most; at += step) put(kyDai.reportList.row(at));
    if (Math.abs(nth - from) >= rules.most) tell(kyDai.say("case.together.most", {n: rules.most}), {failed: true});
    anchor = from;
    paint();
  };
  const clear = () => { picked.clear(); anchor = -1; paint(); };
  /* After every painting of the list: its rows as they are told now. */
  const paint = () => {
    for (const node of kyDai.all(".rp-row")) {
      const row = kyDai.reportList.row(+node.dataset.nth);
      if (row && picked.has(row.key)) picked.set(row.key, row);
      kyDai.mark(node, "data-picked", picked.has(node.dataset.key) ? "" : null);
      if (picked.size) kyDai.mark(node, "aria-selected", picked.has(node.dataset.key));
    }
    bar();
  };

  /* ---- the bar of what may be done with them ---- */
  const button = (action) => {
    const count = fit(action).length;
    return kyDai.make("button", {type: "button", class: "btn", "data-report-together": action, disabled: !count}, [kyDai.make("span", {}, kyDai.say(`case.act.${action}`)), count && count < picked.size ? kyDai.make("span", {class: "faint", "data-num": true}, n(count)) : null, kyDai.make("kbd", {class: "key"}, KEYS[action])]);
  };
  let told = "";
  const bar = () => {
    const node = kyDai.one("[data-picked-bar]");
    if (!node || !rules) return;
    const now = [picked.size, ...acts().map((action) => fit(action).length)].join();
    if (now === told) return;
    told = now;
    node.hidden = !picked.size;
    const focus = node.contains(document.activeElement) ? document.activeElement.dataset.reportTogether : null;
    node.replaceChildren(kyDai.make("b", {"data-num": true, role: "status"}, kyDai.say("together.picked", {n: n(picked.size)})), kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-pick-none": true}, [kyDai.make("span", {}, kyDai.say("together.clear")), kyDai.make("kbd", {class: "key"}, "Esc")]), kyDai.make("div", {class: "picked-acts"}, acts().map(button)));
    if (focus) kyDai.one(`[data-report-together='${focus}']`, node)?.focus();
  };

  /* ---- the one question ---- */
  const post = async (body, key = fresh()) => {
    try {
      const reply = await fetch("/reports/act-together", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({...body, key}), signal: AbortSignal.timeout(15000)});
      return [reply.status, await reply.json().catch(() => null)];
    } catch { return [0, null]; }
  };
  const refusal = (one) => one.code === "outdated" && one.last ? kyDai.say("case.together.first", {who: one.last.who || kyDai.say("case.house"), did: kyDai.say(`case.did.${one.last.action}`), at: kyDai.format.hms(one.last.at)}) : say_.why(409, {error: {code: one.code, lacks: one.lacks}, last: one.last}).replace(/\.$/, "");
  const named = (rows) => `${rows.slice(0, NAMED).join(", ")}${rows.length > NAMED ? ` +${n(rows.length - NAMED)}` : ""}`;
  const counted = (rows, of) => [...rows.reduce((sum, row) => { for (const one of of(row)) sum.set(one, [...sum.get(one) ?? [], row.number]); return sum; }, new Map())].sort((a, b) => b[1].length - a[1].length);
  const line = (word, numbers) => kyDai.make("li", {}, [kyDai.make("b", {"data-num": true}, `${n(numbers.length)} `), kyDai.make("span", {}, `${word}: `), kyDai.make("span", {class: "muted", "data-code": true}, named(numbers))]);
  /* What will happen: to which units they go, or in which state they are then; and which stay as they are, with why. */
  const coming = (action, results) => {
    const done = results.filter((one) => one.done), not = results.filter((one) => !one.done);
    const of = action === "forward" ? (one) => one.units.map((unit) => kyDai.say("case.together.to", {unit: say_.unit(unit)})) : (one) => [action === "note" ? kyDai.say("case.act.note") : kyDai.say(`case.state.${one.state}`)];
    return [...counted(done, of).map(([word, numbers]) => line(word, numbers)), ...counted(not, (one) => [kyDai.say("case.together.stays", {why: refusal(one)})]).map(([word, numbers]) => line(word, numbers))];
  };
  const select = (name, word, among) => kyDai.incidents.field(kyDai.say(word), kyDai.make("select", {name}, among.map(([value, said]) => kyDai.make("option", {value}, said))));
  const FIELDS = {
    classify: () => [select("service", "case.ask.service", [["", kyDai.say("case.together.as_is")], ...kyDai.city.services.map((it) => [it.code, `${kyDai.of(it.field_short)} · ${kyDai.of(it.name)}`])]), select("priority", "case.ask.priority", [["", kyDai.say("case.together.as_is")], ...["normal", "urgent"].map((it) => [it, kyDai.say(`case.priority.${it}`)])])],
    forward: () => [select("unit", "case.ask.units", [["", kyDai.say("case.together.by_rules")], ...rules.units.map((code) => [code, say_.unit(code)])])],
    note: () => { const node = kyDai.make("textarea", {name: "why", rows: 4, maxlength: 1000, required: true, autofocus: true}); return [kyDai.incidents.field(kyDai.say("case.ask.note"), node)]; },
  };
  const given = (form) => ({...form.service ? {service: form.service} : {}, ...form.priority ? {priority: form.priority} : {}, ...form.unit ? {units: [{unit: form.unit}]} : {}, ...form.why ? {why: form.why.trim()} : {}});
  const press = async (action) => {
    const rows = fit(action);
    if (!rows.length) return;
    const key = fresh(), body = {action, reports: rows.map((row) => ({report: row.key, version: row.version}))}, fields = FIELDS[action]?.() ?? [];
    const list = kyDai.make("ul", {class: "ask-list muted", "data-coming": true, role: "status"});
    const rest = picked.size - rows.length, note = rest ? kyDai.say("case.together.rest", {n: n(rest)}) : "";
    let asking = 0;
    const preview = async () => {
      const mine = ++asking, form = Object.fromEntries(kyDai.all("select", list.closest("form") ?? list).map((one) => [one.name, one.value]));
      const [status, answered] = await post({...body, ...given(form), ...action === "note" ? {why: "…"} : {}, preview: true});
      if (mine === asking) list.replaceChildren(...status === 200 ? coming(action, answered.results) : [kyDai.make("li", {}, say_.why(status, answered))]);
    };
    for (const field of fields) field.addEventListener("change", preview);
    let answered = null;
    preview();
    await ask(kyDai.say("case.together.title", {act: kyDai.say(`case.act.${action}`), n: n(rows.length)}), note, [...fields, list], `together-${action}`, {go: kyDai.say(`case.act.${action}`), send: async (form) => {
      answered = await post({...body, ...given(form)}, key);
      return answered[0] === 200 ? "" : say_.why(...answered);
    }});
    if (answered?.[0] === 200) report(action, answered[1].results);
  };

  /* ---- what became of each ---- */
  const report = (action, results) => {
    const done = results.filter((one) => one.done), not = results.filter((one) => !one.done);
    const said = [done.length && kyDai.say("case.together.done", {did: kyDai.say(`case.did.${action}`), n: n(done.length)}), not.length && kyDai.say("together.refused", {n: n(not.length)}), ...not.slice(0, NAMED).map((one) => `${one.number}: ${refusal(one)}`)].filter(Boolean).join(" · ");
    const back = done.length && ["take", "classify", "forward"].includes(action) ? [kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-report-undo": true}, kyDai.say("acts.undo"))] : [];
    back[0]?.addEventListener("click", async () => {
      const [status, told_] = await post({action: "undo", reports: done.map((one) => ({report: one.report, version: one.version}))});
      if (status === 200) report("undo", told_.results); else tell(say_.why(status, told_), {failed: true});
    });
    for (const one of done) picked.delete(one.report);
    tell(said, {failed: !done.length, nodes: back, ms: 60000});
    kyDai.reportList.again();
    if (kyDai.reportOne.key()) kyDai.reportOne.load(kyDai.reportOne.key());
    paint();
  };

  /* Returns whether the key was for the marked ones. */
  const byKey = (event) => {
    if (!here()) return false;
    const {chosen} = kyDai.reportList.state();
    const by = event.shiftKey && {KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1}[event.code];
    if (by) { const nth = Math.min(Math.max(chosen + by, 0), kyDai.reportList.state().total - 1); if (anchor < 0 || !picked.size) anchor = Math.max(chosen, 0); kyDai.reportList.choose(nth); to(nth); return true; }
    if (event.code === "KeyX") { turn(Math.max(chosen, 0)); return true; }
    if (!picked.size) return false;
    if (event.code === "Escape") { clear(); return true; }
    const action = event.code.startsWith("Key") && acts().find((one) => KEYS[one] === event.code.slice(3));
    if (action) press(action);
    return !!action;
  };
  /* Returns whether the click was for marking. */
  const byClick = (event, nth) => {
    if (!here()) return false;
    if (event.shiftKey) { to(nth); return false; }
    if (!(event.ctrlKey || event.metaKey || event.target.closest("[data-pick]"))) return false;
    turn(nth);
    return true;
  };
  kyDai.reportPicked = {byKey, byClick, paint, clear, keys: () => [...picked.keys()]};
  kyDai.ready(async () => {
    if (!kyDai.one(".rp[data-picks]")) return;
    const facts = await kyDai.fetched("/reports/facts").catch(() => null);
    rules = facts && {...facts.together, units: facts.units};
    document.addEventListener("mousedown", (event) => { if (event.shiftKey && event.target.closest(".rp-row")) event.preventDefault(); });
    document.addEventListener("click", (event) => {
      const act = event.target.closest("[data-report-together]");
      if (act) press(act.dataset.reportTogether);
      if (event.target.closest("[data-pick-none]")) clear();
    });
  });
})();
