/* Incidents on every page that has them: what they are called, what is asked before something is done, and why it was not. */
(() => {
  const kyDai = window.kyDai;
  const may = () => !!kyDai.one("[data-incident-acts]");

  /* ---- names ---- */
  const service = (code) => kyDai.of(kyDai.city.service[code]?.name) || code;
  const kind = (one) => one.what === "report" ? service(one.kind) : kyDai.kindName(one.kind);
  const place = (one) => one.ix >= 0 ? kyDai.placeName({ix: one.ix}) : one.what === "report" || !one.name ? kyDai.wardName(one.ward) : `${kyDai.say("unknown_camera")}: ${one.name}`;
  const name = (incident) => incident.title || [kind(incident), place(incident)].filter(Boolean).join(" · ");
  const call = (one) => [kind(one), one.plate, one.what === "report" ? one.name : "", place(one)].filter(Boolean).join(" · ");
  const apart = (near) => kyDai.say(near.minutes ? "incident.apart" : "incident.apart_now", {m: kyDai.format.number(near.metres), n: kyDai.format.number(near.minutes)});
  const number = (n) => n === 1 ? kyDai.say("incident.n1") : kyDai.say("incident.n", {n: kyDai.format.number(n)});
  const moment = (ms) => ms ? `${kyDai.format.hms(ms)} ${kyDai.format.dmy(ms)}` : "";

  /* ---- a line of a timeline, in words. `called` are the members by what and key ---- */
  const unitName = (code) => kyDai.of(kyDai.city.unit[code]?.name) || code;
  const what = (line, called) => {
    const told = (line.members ?? []).map((one) => called.get(`${one.what} ${one.key}`) ?? `${kyDai.say(`incident.what.${one.what}`)} ${one.key}`.trim());
    return told.length > 2 ? number(told.length) : told.join(", ");
  };
  const ours = (line, called) => {
    const action = line.action === "open" && line.other ? "open_from" : line.action;
    return [kyDai.say(`incident.did.${action}`, {other: line.other, to: line.to, title: line.title ?? "", what: what(line, called)}), line.outcome && kyDai.say(`acts.outcome.${line.outcome}`), line.why];
  };
  const alarms = (line) => {
    const said = line.who ? kyDai.say(`acts.done.${line.action}`) : kyDai.say(`acts.by_itself.${line.action}`);
    return [said, line.unit && unitName(line.unit), line.action !== "send" && line.why, line.outcome && kyDai.texts[`acts.outcome.${line.outcome}`], line.until && kyDai.say("alarm.until", {t: kyDai.format.hm(line.until)})];
  };
  const words = (line, called) => {
    const told = line.of === "incident" ? ours(line, called) : line.of === "alarm" && line.action !== "clip" ? alarms(line) : [kyDai.say(`incident.line.${line.action}`)];
    const [said, ...more] = told.filter(Boolean);
    return more.length ? `${said}: ${more.join(" · ")}` : said;
  };

  /* ---- what is done ---- */
  const fresh = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace(/\./g, "");
  const post = async (body, key = fresh()) => {
    try {
      const reply = await fetch("/incidents/act", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({...body, key}), signal: AbortSignal.timeout(8000)});
      return [reply.status, await reply.json().catch(() => null)];
    } catch { return [0, null]; }
  };
  const CODES = ["last", "member", "full", "yours", "not_found", "forbidden"];
  const why = (status, told) => {
    const code = told?.error?.code, held = told?.incident;
    if (["taken", "held"].includes(code) && held) return kyDai.say(`incident.no.${code}`, {id: held.id, owner: held.owner || kyDai.say("incident.nobody")});
    if (["outdated", "state", "merged"].includes(code) && told.last) return kyDai.say("incident.no.first", {who: told.last.who, did: kyDai.say(`incident.did.${told.last.action}`, {other: held?.merged_into || "", to: held?.owner ?? "", title: held?.title ?? "", what: ""}).trim(), at: kyDai.format.hms(told.last.at)});
    return kyDai.say(CODES.includes(code) ? `incident.no.${code}` : status === 401 ? "acts.signed_out" : "incident.no.failed");
  };

  /* ---- what is asked first: a card with its fields; what was filled in, or null. What `send` could not send stays typed, with why (UX-69) ---- */
  const field = (word, inside) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, word), inside]);
  const text = (word, told) => field(word, kyDai.make("input", {type: "text", name: "why", maxlength: 1000, autocomplete: "off", ...told}));
  const choices = (name_, word, among) => kyDai.make("div", {class: "ask-list", role: "radiogroup", "aria-label": word}, among.map(([value, said, more], at) => kyDai.make("label", {}, [
    kyDai.make("input", {type: "radio", name: name_, value, checked: at === 0, autofocus: at === 0}), kyDai.make("span", {}, [kyDai.make("b", {}, said), more ? kyDai.make("span", {class: "muted", "data-num": true}, more) : null])])));
  /* What was typed and not yet sent is kept for this tab: a session that ends, a reload or a crash loses none of it. Only whoever typed it sees it again. */
  const KEPT = "kydai.typed:", kept = new Map();
  const shelf = (act) => { try { return act(sessionStorage); } catch { return null; } }; // a browser that keeps nothing: then until the page is left
  const draftOf = (id) => `${KEPT}${kyDai.told.name ?? ""}:${id}`;
  const drafted = (id) => { try { return JSON.parse(kept.get(id) ?? shelf((box) => box.getItem(draftOf(id)))); } catch { return null; } };
  const drop = (id) => { kept.delete(id); shelf((box) => box.removeItem(draftOf(id))); };
  const keep = (id, form) => {
    const told = JSON.stringify(kyDai.all("input, textarea, select", form).filter((one) => one.name && one.type !== "file").map((one) => [one.name, one.type === "radio" ? one.value : "", ["radio", "checkbox"].includes(one.type) ? one.checked : one.value]));
    kept.set(id, told);
    shelf((box) => box.setItem(draftOf(id), told));
  };
  const putBack = (told, form) => {
    for (const [called, value, given] of told) {
      const node = kyDai.all("input, textarea, select", form).find((one) => one.name === called && one.type !== "file" && (one.type !== "radio" || one.value === value));
      if (node) node[typeof given === "boolean" ? "checked" : "value"] = given;
    }
  };
  shelf((box) => { for (const name_ of Object.keys(box)) if (name_.startsWith(KEPT) && !name_.startsWith(draftOf(""))) box.removeItem(name_); });
  const signIn = () => kyDai.make("a", {href: "/sign-in", target: "_blank", rel: "noopener"}, kyDai.say("sign_in.again"));
  /* Esc asks once before it throws away what was typed; Enter with Ctrl sends from a field of several lines. */
  const guarded = (card, form, failed, typed) => {
    let warned = false;
    card.addEventListener("cancel", (event) => {
      if (warned || !typed()) return;
      event.preventDefault();
      warned = true;
      failed.hidden = false;
      kyDai.text(failed, kyDai.say("ask.leave"));
    });
    form.addEventListener("input", () => { if (warned) failed.hidden = true; warned = false; });
    form.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); form.requestSubmit(); } });
  };
  const blankIn = (form) => kyDai.all("input[required], textarea[required]", form).find((one) => (one.type === "text" || one.tagName === "TEXTAREA") && !one.value.trim());
  const long = (form) => {
    const node = kyDai.all("[data-most]", form).find((one) => [...one.value.trim()].length > +one.dataset.most);
    return node ? kyDai.say("ask.long", {n: kyDai.format.number([...node.value.trim()].length), most: kyDai.format.number(+node.dataset.most)}) : "";
  };
  const ask = (word, note, fields, name_, {go = word, send = async () => "", draft = ""} = {}) => new Promise((done) => {
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel")), before = draft && drafted(draft);
    const submit = kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, go), failed = kyDai.make("p", {class: "ask-failed", role: "alert", hidden: true});
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, word), note ? kyDai.make("p", {class: "muted"}, note) : null, before ? kyDai.make("p", {class: "ask-kept", role: "status"}, kyDai.say("ask.kept")) : null, ...fields, failed, kyDai.make("div", {class: "ask-foot"}, [cancel, submit])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": word, "data-incident-ask": name_}, [form]);
    let typed = !!before;
    if (before) putBack(before, form);
    guarded(card, form, failed, () => typed || (draft && !!kyDai.one(".rp-taken li", form)));
    for (const name of ["input", "change"]) form.addEventListener(name, (event) => { if (!event.target.name || event.target.type === "file") return; typed = true; if (draft) keep(draft, form); });
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => { card.remove(); if (draft) drop(draft); done(null); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      const blank = blankIn(form);
      if (blank) { blank.value = ""; return blank.reportValidity(); }
      const said_ = long(form);
      if (said_) { failed.hidden = false; kyDai.text(failed, said_); return failed.scrollIntoView({block: "nearest"}); }
      const given = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, value.trim()]));
      submit.disabled = true;
      const said = await send(given);
      submit.disabled = false;
      failed.hidden = !said;
      failed.replaceChildren(said, ...said && said === kyDai.say("acts.signed_out") ? [" ", signIn()] : []);
      if (said) return failed.scrollIntoView({block: "nearest"});
      if (draft) drop(draft);
      done(given);
      card.close();
      card.remove(); // now, not with its event: until then the next key would go to a field that nobody sees
    });
    document.body.append(card);
    card.showModal();
  });

  kyDai.incidents = {may, name, kind, place, call, apart, number, moment, words, fresh, post, why, ask, field, text, choices, signIn};
})();
