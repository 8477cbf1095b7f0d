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
  const ask = (word, note, fields, name_, {go = word, send = async () => ""} = {}) => new Promise((done) => {
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const submit = kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, go), failed = kyDai.make("p", {class: "ask-failed", role: "alert", hidden: true});
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, word), note ? kyDai.make("p", {class: "muted"}, note) : null, ...fields, failed, kyDai.make("div", {class: "ask-foot"}, [cancel, submit])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": word, "data-incident-ask": name_}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => { card.remove(); done(null); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      const blank = kyDai.all("input[required]", form).find((one) => one.type === "text" && !one.value.trim());
      if (blank) { blank.value = ""; return blank.reportValidity(); }
      const given = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, value.trim()]));
      submit.disabled = true;
      const said = await send(given);
      submit.disabled = false;
      failed.hidden = !said;
      kyDai.text(failed, said);
      if (said) return;
      done(given);
      card.close();
      card.remove(); // now, not with its event: until then the next key would go to a field that nobody sees
    });
    document.body.append(card);
    card.showModal();
  });

  kyDai.incidents = {may, name, kind, place, call, apart, number, moment, words, fresh, post, why, ask, field, text, choices};
})();
