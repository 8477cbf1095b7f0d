/* Layers by address on the page of layers: how each service stands and what to do where it fails; one is looked at, one of its layers chosen, and taken. */
(() => {
  const kyDai = window.kyDai, make = kyDai.make;
  const ROLES = ["operator", "supervisor", "leader", "ward_officer", "auditor", "admin"], EVERY_S = 15, EAGER_MS = 60000, KINDS = ["wms", "wmts", "wfs"];
  const word = (key, values) => kyDai.say(`remote.${key}`, values);
  const here = () => kyDai.one("[data-remote]");
  let offers = [], asked = 0, eager = 0, before = "";

  const note = (text, failed) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
    if (text) line.scrollIntoView({block: "nearest"});
  };
  /* What went wrong, in the service's own words where it has some, and what to do. */
  const fault = ({code, detail, why}) => {
    const first = word(`why.${code}`), all = [`${first[0].toUpperCase()}${first.slice(1)}${detail ? ` (${detail})` : ""}.`, why ? kyDai.of(why) : "", word(`do.${code}`)];
    return all.filter(Boolean).join(" ");
  };
  const send = async (does, body) => {
    try {
      const reply = await fetch(`/layers/remote/${does}`, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(60000)});
      return [reply.ok, await reply.json()];
    } catch { return [false, null]; }
  };
  const failure = (answer) => answer?.error?.trouble ? fault(answer.error.trouble) : kyDai.say(answer?.error?.code === "bad_request" ? "desk.no.bad_request" : "desk.no.failed");
  const button = (does, act, kind) => {
    const node = make("button", {type: "button", class: "btn", "data-kind": kind, "data-remote-does": does}, word(`act.${does}`));
    node.addEventListener("click", async () => { node.disabled = true; try { await act(); } finally { node.disabled = false; } });
    return node;
  };

  /* ---- those that are there ---- */
  const again = async (one, only) => {
    note(word("looking"));
    const [good, answer] = await send("again", only ? {key: one.key, only} : {key: one.key}), name = kyDai.of(one.title);
    const wrong = !good || (one.remote !== "wfs" && answer.code);
    note(wrong ? good ? `${name}: ${fault({code: answer.code})}` : failure(answer) : word(one.remote === "wfs" ? "done.again_wfs" : "done.again", {name}), wrong);
    if (one.remote === "wfs") eager = performance.now() + EAGER_MS;
    load();
  };
  const remove = async (one) => {
    const [good, answer] = await send("remove", {key: one.key});
    note(good ? word("done.remove", {name: kyDai.of(one.title)}) : failure(answer), !good);
    load();
  };
  const sure = (one) => {
    const cancel = make("button", {type: "button", class: "btn", autofocus: true}, kyDai.say("acts.cancel"));
    const form = make("form", {method: "dialog"}, [make("h2", {}, word("sure.remove", {name: kyDai.of(one.title)})), make("p", {class: "muted"}, word("sure.remove_note")),
      make("div", {class: "ask-foot"}, [cancel, make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word("act.remove"))])]);
    const card = make("dialog", {class: "ask", "aria-label": word("act.remove")}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => { event.preventDefault(); card.close(); remove(one); });
    document.body.append(card);
    card.showModal();
  };
  /* A WFS may mix points, lines and areas: which of them are read. */
  const shapes = (every) => [[every, kyDai.say("desk.guess")], ...["point", "line", "area"].map((one) => [one, kyDai.say(`desk.shape.${one}`)])];
  const only = (one) => {
    const select = pick("only", shapes("all"), one.only ?? "all");
    select.addEventListener("change", () => { select.blur(); again(one, select.value); });
    return make("label", {class: "ly-only"}, [make("span", {}, kyDai.say("desk.field.only")), select]);
  };
  const row = (one) => {
    const roles = one.roles.length ? one.roles.map((role) => kyDai.say(`role.${role}`)).join(", ") : kyDai.say("desk.everybody");
    const facts = [`${one.key} · ${one.remote.toUpperCase()}`, one.place, one.layer, one.source, word(`state.${one.state}`), one.good && kyDai.say("layers.good", {age: kyDai.format.age(kyDai.serverNow() - one.good)}),
      word("every", {n: kyDai.format.number(one.hours)}), word("by", {who: one.by, day: kyDai.format.dmy(one.since)}), kyDai.say("desk.seen_by", {roles})];
    return make("article", {class: "uc-one", "data-remote-key": one.key, "data-layer-state": one.trouble ? "stale" : one.state}, [
      make("span", {class: "uc-name"}, kyDai.of(one.title)), make("p", {class: "muted", "data-num": true}, facts.filter(Boolean).join(" · ")),
      one.trouble && make("p", {class: "ly-fault", role: "status"}, `${word("fault_since", {at: `${kyDai.format.hm(one.trouble.since)} ${kyDai.format.dmy(one.trouble.since)}`, why: fault({...one.trouble, detail: one.detail, why: one.why})})} ${word("retries")} ${one.good ? word("old_stays") : ""}`),
      make("div", {class: "uc-acts"}, [button("again", () => again(one)), button("remove", () => sure(one), "quiet")]), one.remote === "wfs" && only(one),
    ].filter(Boolean));
  };
  const load = async () => {
    asked = performance.now();
    try {
      const {layers} = await kyDai.fetched("/layers/remote");
      /* A WFS that was read is one of the city's layers, in the list beside this one. */
      const now = layers.map((one) => [one.key, one.good, one.trouble?.code, one.only].join(" ")).join("\n");
      if (before && now !== before) document.dispatchEvent(new CustomEvent("kydai-layers-read"));
      before = now || "-";
      if (here().contains(document.activeElement) && document.activeElement.matches("select")) return; // somebody is choosing
      here().replaceChildren(...layers.length ? layers.map(row) : [make("p", {class: "muted"}, word("none"))]);
    } catch { note(kyDai.say("desk.no.failed"), true); }
  };

  /* ---- a new one ---- */
  const field = (text, inside) => make("label", {class: "ask-why"}, [make("span", {}, text), inside]);
  const input = (name, value, more) => make("input", {name, value, autocomplete: "off", ...more});
  const pick = (name, among, value) => make("select", {name}, among.map(([key, text, off]) => make("option", {value: key, selected: key === value, disabled: off}, text)));
  const keyOf = (name) => kyDai.plain(name).replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 40) || "layer";
  const look = async (form) => {
    const said = {address: form.elements.address.value.trim(), kind: form.elements.kind.value};
    note(word("looking"));
    const [good, answer] = await send("look", said);
    if (!good) return note(`${failure(answer)} ${word("nothing_added")}`, true);
    note("");
    offers = answer.offers;
    kyDai.one("[data-offers]", form).replaceChildren(...choice(form, said));
  };
  const choice = (form, said) => {
    const layer = pick("layer", offers.map((one) => [one.name, one.title === one.name ? one.name : `${one.title} (${one.name})${one.crs && one.formats.length ? "" : ` — ${word("unusable")}`}`, !(one.crs && one.formats.length)]));
    const style = make("span", {}), rest = make("div", {class: "ly-set ly-bare"});
    const fill = () => {
      const one = offers.find((each) => each.name === layer.value);
      if (!one) return;
      style.replaceChildren(pick("style", one.styles.length ? one.styles.map((name) => [name, name || word("default_style")]) : [["", word("default_style")]], ""));
      form.elements.key.value = keyOf(one.name.split(":").pop());
      form.elements.title_vi.value = one.title.slice(0, 200);
    };
    rest.append(field(word("field.layer"), layer), field(word("field.style"), style), field(kyDai.say("desk.field.key"), input("key", "", {maxlength: 40, required: true})),
      field(kyDai.say("desk.field.title_vi"), input("title_vi", "", {maxlength: 200})), field(kyDai.say("desk.field.title_en"), input("title_en", "", {maxlength: 200})), field(kyDai.say("desk.field.source"), input("source", "", {maxlength: 200})),
      ...said.kind === "wfs" ? [field(kyDai.say("desk.field.only"), pick("only", shapes(""), ""))] : [],
      field(word("field.hours"), input("hours", "24", {type: "number", min: 0.25, max: 8760, step: "any"})),
      make("div", {class: "ly-roles", role: "group", "aria-label": kyDai.say("desk.field.roles")}, [make("span", {}, kyDai.say("desk.field.roles")), ...ROLES.map((role) => make("label", {class: "ly-tick"}, [make("input", {type: "checkbox", name: "roles", value: role}), make("span", {}, kyDai.say(`role.${role}`))]))]),
      make("div", {class: "uc-foot"}, [button("add", () => add(form, said), "strong")]));
    layer.addEventListener("change", fill);
    queueMicrotask(fill);
    return [rest];
  };
  const add = async (form, said) => {
    const text = (name) => form.elements[name].value.trim();
    note(word("looking"));
    const [good, answer] = await send("add", {...said, layer: form.elements.layer.value, style: form.elements.style.value, key: text("key"), title: {vi: text("title_vi"), en: text("title_en")}, source: text("source"),
      only: form.elements.only?.value || null, hours: parseFloat(text("hours")) || 24, roles: kyDai.all("[name=roles]:checked", form).map((one) => one.value)});
    if (!good) return note(`${failure(answer)} ${word("nothing_added")}`, true);
    if (said.kind === "wfs") eager = performance.now() + EAGER_MS;
    note(word(said.kind === "wfs" ? "done.add_wfs" : "done.add", {name: text("title_vi") || text("key")}));
    fresh();
    load();
  };
  const fresh = () => {
    const form = make("form", {class: "ly-remote"}), offered = make("div", {"data-offers": true});
    form.append(make("div", {class: "ly-set ly-bare"}, [field(word("field.address"), input("address", "", {type: "url", maxlength: 1500, placeholder: "http://10.0.0.5/geoserver/wms"})),
      field(word("field.kind"), pick("kind", KINDS.map((one) => [one, one.toUpperCase()]), "wms")), make("div", {class: "uc-foot"}, [button("look", () => look(form))])]), make("p", {class: "muted"}, word("login_note")), offered);
    form.addEventListener("submit", (event) => { event.preventDefault(); look(form); });
    form.elements.address.addEventListener("change", () => {
      const found = KINDS.find((one) => new RegExp(`(^|[^a-z])${one}([^a-z]|$)`, "i").test(form.elements.address.value));
      if (found) form.elements.kind.value = found;
    });
    kyDai.one("[data-remote-new]").replaceChildren(form);
  };

  kyDai.everySecond(() => { if (here() && !document.hidden && performance.now() - asked > (performance.now() < eager ? 1 : EVERY_S) * 1000) load(); });
  kyDai.ready(() => {
    if (!here()) return;
    fresh();
    load();
  });
})();
