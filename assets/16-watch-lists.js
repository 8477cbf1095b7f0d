/* Watch lists: entries and imports with what may be done about them, a form for a new one, a table to import. */
(() => {
  const kyDai = window.kyDai;
  const REFRESH_MS = 15000, SHOWN_MS = 60000, DAYS = 30, MOST_DAYS = 90;
  const ORDER = ["proposed", "active", "expired", "withdrawn", "refused"];
  const page = () => kyDai.one(".watch-lists");
  const may = (right) => page()?.hasAttribute(`data-${right}s`);
  const revealed = new Map(); // entry to what was revealed, for a minute (P-02)
  let told = {entries: [], batches: [], me: ""};

  const note = (text, failed) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
  };
  const why = (answer) => {
    const error = answer?.error ?? {};
    if (error.code === "unfit") return kyDai.say("watch.unfit", {field: kyDai.say(`watch.${error.field}`), why: kyDai.say(`watch.why.${error.why}`)});
    return kyDai.say(["second_person", "state", "forbidden"].includes(error.code) ? `watch.no.${error.code}` : "watch.no.failed");
  };
  const post = async (path, body, type = "application/json") => {
    try {
      const reply = await fetch(path, {method: "POST", headers: {"Content-Type": type}, body, signal: AbortSignal.timeout(30000)});
      return [reply.ok, await reply.json()];
    } catch { return [false, null]; }
  };

  /* ---- what stands there ---- */
  const moment = (ms) => kyDai.format.dmy(ms);
  const button = (action, do_, kind) => {
    const node = kyDai.make("button", {type: "button", class: "btn", "data-kind": kind, "data-does": action}, kyDai.say(`watch.act.${action}`));
    node.addEventListener("click", do_);
    return node;
  };
  const subject = (one) => {
    const shown = revealed.get(one.id);
    return kyDai.make("b", {class: "wl-subject", "data-num": true, "data-revealed": shown ? "" : null}, shown ? `${shown.subject} · ${shown.origin}` : one.subject);
  };
  const late = (one) => one.review_due > 0 && one.review_due <= kyDai.now();
  const acts = (one) => [
    may("decide") && one.state === "proposed" && one.proposer !== told.me && button("approve", () => act({entry: one.id, action: "approve"}), "strong"),
    may("decide") && one.state === "proposed" && button("refuse", () => ask(one, "refuse")),
    may("decide") && one.state === "active" && button("withdraw", () => ask(one, "withdraw")),
    may("decide") && one.state === "active" && one.proposer !== told.me && button("review", () => ask(one, "review"), late(one) ? "strong" : null),
    may("reveal") && !revealed.has(one.id) && button("reveal", () => ask(one, "reveal"), "quiet"),
  ].filter(Boolean);
  const dates = (one) => [
    kyDai.say("watch.proposed_by", {who: one.proposer, at: moment(one.proposed)}), one.approver && kyDai.say("watch.approved_by", {who: one.approver, at: moment(one.approved)}),
    one.reviewed_by && kyDai.say("watch.reviewed_by", {who: one.reviewed_by, at: moment(one.reviewed)}), one.review_due && kyDai.say("watch.review_by", {at: moment(one.review_due)}),
    one.ended_by && kyDai.say("watch.ended_by", {who: one.ended_by, at: moment(one.ended)}), kyDai.say(one.expires <= kyDai.now() ? "watch.expired_on" : "watch.until", {at: moment(one.expires)})].filter(Boolean).join(" · ");
  const entry = (one) => kyDai.make("article", {class: "wl-entry", id: `W-${one.id}`, "data-state": one.state, "data-level": one.level}, [
    kyDai.make("div", {class: "wl-line"}, [kyDai.make("span", {class: "wl-id", "data-num": true}, `W-${one.id}`), subject(one), kyDai.make("span", {class: "a-tag"}, kyDai.say(`watch.state.${one.state}`)), one.level === "stop" ? kyDai.make("span", {class: "a-tag"}, kyDai.say("watch.level.stop")) : null, late(one) ? kyDai.make("span", {class: "a-tag", "data-late": true}, kyDai.say("watch.review_late")) : null]),
    kyDai.make("p", {}, `${kyDai.say(`watch.what.${one.what}`)} · ${one.purpose} · ${one.basis}`), kyDai.make("p", {class: "muted", "data-num": true}, dates(one)),
    kyDai.make("div", {class: "wl-acts"}, acts(one))]);
  const batch = (one) => kyDai.make("article", {class: "wl-entry", "data-state": "proposed", "data-batch": one.batch}, [
    kyDai.make("div", {class: "wl-line"}, [kyDai.make("b", {}, kyDai.say("watch.batch", {n: kyDai.format.number(one.n)})), kyDai.make("span", {class: "a-tag"}, kyDai.say("watch.state.proposed"))]),
    kyDai.make("p", {class: "muted", "data-num": true}, kyDai.say("watch.proposed_by", {who: one.proposer, at: moment(one.proposed)})),
    kyDai.make("div", {class: "wl-acts"}, may("decide") ? [one.proposer !== told.me && button("approve", () => act({batch: one.batch, action: "approve"}), "strong"), button("refuse", () => ask(one, "refuse"))].filter(Boolean) : [])]);
  const paint = () => {
    const sorted = [...told.entries].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || late(b) - late(a) || b.id - a.id);
    const waits = told.entries.filter(late).length, line = kyDai.one("[data-reviews]");
    line.hidden = !waits;
    kyDai.text(line, kyDai.say("watch.reviews", {n: kyDai.format.number(waits)}));
    kyDai.one("[data-batches]").replaceChildren(...told.batches.map(batch));
    kyDai.one("[data-entries]").replaceChildren(...sorted.length ? sorted.map(entry) : [kyDai.make("p", {class: "muted"}, kyDai.say("watch.none"))], ...told.cut ? [kyDai.make("p", {class: "muted"}, kyDai.say("watch.cut"))] : []);
  };
  const load = async () => {
    try { told = await kyDai.fetched("/watch/entries"); paint(); } catch { note(kyDai.say("watch.no.load"), true); }
  };

  /* ---- what is done ---- */
  const act = async (body) => {
    const [good, answer] = await post("/watch/act", JSON.stringify(body));
    note(good ? kyDai.say(`watch.done.${body.action}`) : why(answer), !good);
    if (good && body.action === "reveal") {
      revealed.set(body.entry, answer);
      setTimeout(() => { revealed.delete(body.entry); paint(); }, SHOWN_MS);
    }
    await load();
    return good;
  };
  const ask = (one, action) => {
    const word = kyDai.say(`watch.act.${action}`), text = kyDai.make("input", {type: "text", name: "why", minlength: 10, maxlength: 500, required: true, autofocus: true, autocomplete: "off"});
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, word), kyDai.make("p", {class: "muted"}, action === "reveal" ? kyDai.say("watch.reveal_note") : one.batch ? kyDai.say("watch.batch", {n: kyDai.format.number(one.n)}) : `W-${one.id} ${one.subject}`),
      kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say("watch.reason")), text]),
      kyDai.make("div", {class: "ask-foot"}, [cancel, kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word)])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": word}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      card.close();
      act({...one.batch ? {batch: one.batch} : {entry: one.id}, action, why: text.value.trim()});
    });
    document.body.append(card);
    card.showModal();
  };

  /* ---- a new one ---- */
  const field = (name, inside) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(`watch.${name}`)), inside]);
  const text = (name, most) => field(name, kyDai.make("input", {type: "text", name, maxlength: most, required: true, autocomplete: "off"}));
  const choice = (name, values) => field(name, kyDai.make("select", {name}, values.map((value) => kyDai.make("option", {value}, kyDai.say(`watch.${name}.${value}`)))));
  const propose = async (form) => {
    const given = Object.fromEntries(new FormData(form)), {subject: whom, purpose, basis, origin} = given;
    const [good, answer] = await post("/watch/propose", JSON.stringify({what: given.what, level: given.level, days: +given.days, content: {subject: whom, purpose, basis, origin}}));
    note(good ? kyDai.say("watch.done.propose") : why(answer), !good);
    if (good) form.reset();
    load();
  };
  const buildForm = (slot) => {
    const form = kyDai.make("form", {class: "wl-form", autocomplete: "off"}, [
      choice("what", ["plate", "person"]), text("subject", 100), choice("level", ["watch", "stop"]), text("purpose", 500), text("basis", 500), text("origin", 500),
      field("days", kyDai.make("input", {type: "number", name: "days", min: 1, max: MOST_DAYS, value: DAYS, required: true})),
      kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, kyDai.say("watch.propose"))]);
    form.addEventListener("submit", (event) => { event.preventDefault(); propose(form); });
    slot.replaceChildren(form);
  };

  /* ---- a table of them: all or none, every mistake with its line ---- */
  const wrong = (answer) => {
    const list = kyDai.one("[data-mistakes]"), all = answer?.error?.mistakes ?? [];
    list.hidden = !all.length;
    list.replaceChildren(...all.map((one) => kyDai.make("li", {}, kyDai.say("watch.mistake", {line: one.line, field: kyDai.texts[`watch.${one.field}`] ?? one.field, why: kyDai.say(`watch.why.${one.why}`)}))));
  };
  const send = async (file) => {
    note(kyDai.say("watch.importing"));
    const [good, answer] = await post("/watch/import", await file.arrayBuffer(), "text/csv");
    wrong(good ? null : answer);
    note(good ? kyDai.say("watch.imported", {n: kyDai.format.number(answer.n)}) : answer?.error?.code === "table" ? kyDai.say("watch.not_imported", {n: kyDai.format.number(answer.error.n)}) : kyDai.say(answer?.error?.code === "too_large" ? "watch.too_large" : "watch.no.failed"), !good);
    load();
  };
  const buildImport = (slot) => {
    const input = kyDai.make("input", {type: "file", accept: ".csv,text/csv", hidden: true}), choose = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("watch.choose"));
    choose.addEventListener("click", () => input.click());
    input.addEventListener("change", () => { if (input.files[0]) send(input.files[0]).then(() => { input.value = ""; }); });
    slot.replaceChildren(choose, input);
  };

  kyDai.ready(() => {
    if (!page()) return;
    for (const [name, build] of [["form", buildForm], ["import", buildImport]]) { const slot = kyDai.one(`[data-${name}]`); if (slot) build(slot); }
    load();
    setInterval(() => { if (!kyDai.one("dialog[open]")) load(); }, REFRESH_MS);
  });
})();
