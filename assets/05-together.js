/* One act about the alarms that are marked (UX-49): asked for once, with one reason, each alarm named; the house answers for each. */
(() => {
  const kyDai = window.kyDai;
  const ACTS = {KeyA: "acknowledge", KeyT: "claim", KeyS: "shelve", KeyC: "close"};
  const words = (row) => `${kyDai.kindName(row.kind, true)} · ${kyDai.placeName(row, true)}`;
  const fit = (action) => kyDai.picked.rows().filter((row) => kyDai.acts.legal(row, action));

  const post = async (body) => {
    try {
      const reply = await fetch("/alarms/act-together", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(8000)});
      return [reply.status, await reply.json().catch(() => null)];
    } catch { return [0, null]; }
  };
  const refusal = (one) => one.code === "alone" ? kyDai.say("together.p1") : kyDai.acts.why(one.code === "not_found" ? 404 : 409, {error: {code: one.code}, last: one.last});

  /* Shown at once; what the house refuses is taken back and named. */
  const send = async (rows, action, more) => {
    const ahead = rows.map((row) => kyDai.acts.foresee(row, action, more));
    await Promise.all(ahead.map((one) => one.line));
    const body = {alarms: rows.map((row) => ({alarm: row.id, version: kyDai.acts.version(row)})), action, key: kyDai.acts.key(), ...more};
    const [status, told] = await post(body);
    const results = status === 200 ? told.results : [];
    ahead.forEach((one, at) => { const mine = results.find((result) => result.alarm === rows[at].id); one.end(mine?.done ? mine.row : null); });
    kyDai.acts.repaint();
    if (status !== 200) return kyDai.acts.toast(kyDai.acts.why(status, told), {kind: "failed"});
    report(rows, action, results);
    for (const row of rows) kyDai.history?.(row.id);
  };
  const report = (rows, action, results) => {
    const done = results.filter((one) => one.done), not = results.filter((one) => !one.done);
    const undo = action !== "undo" && done.length > 0;
    if (undo) kyDai.acts.remember(() => send(done.map((one) => kyDai.acts.find(one.alarm) ?? {...rows.find((row) => row.id === one.alarm), state: "closed"}), "undo", {}));
    const told = [done.length && kyDai.say("together.done", {did: kyDai.acts.did(action), n: kyDai.format.number(done.length)}), not.length && kyDai.say("together.refused", {n: kyDai.format.number(not.length)}), ...not.slice(0, 3).map((one) => `${words(rows.find((row) => row.id === one.alarm))}: ${refusal(one)}`)];
    kyDai.acts.toast(told.filter(Boolean).join(" · "), {undo, kind: done.length ? "done" : "failed"});
  };
  const press = (code) => {
    const action = ACTS[code], rows = action ? fit(action) : [];
    if (!action) return;
    if (!rows.length) return kyDai.acts.toast(kyDai.say("together.none", {did: kyDai.acts.did(action)}), {kind: "failed"});
    if (!kyDai.acts.lostLink()) return kyDai.acts.ask(rows[0], action, {rows, go: (more) => send(rows, action, more)});
    kyDai.acts.toast(kyDai.say("acts.no_link"), {kind: "failed"});
  };

  const button = ([code, action]) => {
    const n = fit(action).length;
    return kyDai.make("button", {type: "button", class: "btn", "data-together": code, disabled: !n || kyDai.acts.lostLink()}, [kyDai.make("span", {}, kyDai.say(`acts.${action}`)), n && n < kyDai.picked.rows().length ? kyDai.make("span", {class: "faint", "data-num": true}, kyDai.format.number(n)) : null, kyDai.make("kbd", {class: "key"}, code.slice(3))]);
  };
  let told = "";
  const paint = () => {
    const bar = kyDai.one("[data-picked-bar]"), n = kyDai.picked.rows().length;
    if (!bar) return;
    const now = [n, ...Object.values(ACTS).map((action) => fit(action).length), kyDai.acts.lostLink()].join();
    if (now === told) return;
    told = now;
    bar.hidden = !n;
    const focus = bar.contains(document.activeElement) ? document.activeElement.dataset.together : null;
    bar.replaceChildren(kyDai.make("b", {"data-num": true, role: "status"}, kyDai.say("together.picked", {n: kyDai.format.number(n)})), kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-pick-none": true}, [kyDai.make("span", {}, kyDai.say("together.clear")), kyDai.make("kbd", {class: "key"}, "Esc")]), kyDai.make("div", {class: "picked-acts"}, Object.entries(ACTS).map(button)));
    if (focus) kyDai.one(`[data-together='${focus}']`, bar)?.focus();
  };

  kyDai.together = {press, paint};
  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-together]");
    if (act) press(act.dataset.together);
    if (event.target.closest("[data-pick-none]")) kyDai.picked.clear();
  });
})();
