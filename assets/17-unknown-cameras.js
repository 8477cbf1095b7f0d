/* Unknown cameras: who speaks and stands in no registry; one is taken in by its name and a place on the map. */
(() => {
  const kyDai = window.kyDai;
  const REFRESH_MS = 15000, OWNERS = ["city", "province", "agency"];
  const page = () => kyDai.one(".unknown-cameras");
  let told = {strangers: [], adopted: [], names: []}, chosen = null, pin = null, heard = "", listened = null;

  const note = (text, failed) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
  };
  const why = (answer) => {
    const error = answer?.error ?? {};
    if (error.why === "named") return kyDai.say("adopt.why.named");
    if (error.code === "unfit") return kyDai.say(`adopt.why.${error.field === "place" || error.why === "taken" ? error.why : "text"}`, {field: kyDai.say(`adopt.${error.field}`), why: kyDai.say(`adopt.why.${error.why}`)});
    return kyDai.say(["adopted", "forbidden", "not_found"].includes(error.code) ? `adopt.no.${error.code}` : "adopt.no.failed", {camera: error.camera ?? ""});
  };
  const post = async (path, body) => {
    try {
      const reply = await fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(30000)});
      return [reply.ok, await reply.json()];
    } catch { return [false, null]; }
  };
  const button = (does, act, kind) => {
    const node = kyDai.make("button", {type: "button", class: "btn", "data-kind": kind, "data-does": does}, kyDai.say(`adopt.act.${does}`));
    node.addEventListener("click", act);
    return node;
  };
  const moment = (ms) => `${kyDai.format.hms(ms)} ${kyDai.format.dmy(ms)}`;

  /* ---- the two lists ---- */
  const stranger = (one) => kyDai.make("article", {class: "uc-one", "data-key": one.key, "data-chosen": chosen?.key === one.key ? "" : null}, [
    kyDai.make("span", {class: "uc-name"}, one.name),
    kyDai.make("p", {class: "muted", "data-num": true}, [kyDai.say("adopt.source", {source: one.source}), kyDai.say("adopt.count", {n: kyDai.format.number(one.count)}), kyDai.say("adopt.last", {at: moment(one.last)}), one.state && kyDai.say(`camera.${one.state === "offline" ? "lost" : one.state}`)].filter(Boolean).join(" · ")),
    kyDai.make("div", {class: "uc-acts"}, [button("adopt", () => open({key: one.key, title: kyDai.say("adopt.new", {name: one.name}), path: "/cameras/adopt", who: {stranger: one.key}}), "strong")])]);
  const adopted = (one) => {
    const log = kyDai.make("div", {class: "uc-log", hidden: true, "data-log": one.id});
    return kyDai.make("article", {class: "uc-one", "data-key": one.id, "data-chosen": chosen?.key === one.id ? "" : null}, [
      kyDai.make("span", {class: "uc-name"}, `${one.id} ${kyDai.of(one.name)}`),
      kyDai.make("p", {class: "muted", "data-num": true}, [kyDai.say("adopt.called", {source: one.source, name: one.called}), kyDai.wardName(one.ward) || kyDai.say("adopt.no_ward"), kyDai.say(`adopt.owner.${one.owner}`), kyDai.say("adopt.by", {who: one.by, at: kyDai.format.dmy(one.at)}), one.ignored && kyDai.say("adopt.ignored")].filter(Boolean).join(" · ")),
      kyDai.make("div", {class: "uc-acts"}, [
        button("change", () => open({key: one.id, title: kyDai.say("adopt.changing", {name: `${one.id} ${kyDai.of(one.name)}`}), path: "/cameras/change", who: {camera: one.id}, held: one})),
        button("remove", () => confirm(one), "quiet"), button("history", () => history(one, log), "quiet")]), log]);
  };
  const named = (one) => kyDai.make("article", {class: "uc-one", "data-key": one.key}, [
    kyDai.make("span", {class: "uc-name"}, `${one.camera} ${kyDai.of(kyDai.city.cameras.find((camera) => camera.id === one.camera)?.name)}`),
    kyDai.make("p", {class: "muted", "data-num": true}, `${kyDai.say("adopt.called", {source: one.source, name: one.called})} · ${kyDai.say("adopt.by", {who: one.by, at: kyDai.format.dmy(one.at)})}`),
    kyDai.make("div", {class: "uc-acts"}, [button("unname", async () => {
      const [good, answer] = await post("/cameras/unname", {stranger: one.key});
      note(good ? kyDai.say("adopt.done.unname", {name: one.camera}) : why(answer), !good);
      load();
    }, "quiet")])]);
  const nothing = (word) => kyDai.make("p", {class: "muted"}, kyDai.say(word));
  const fill = (slot, nodes, none) => {
    const at = document.activeElement, key = at?.closest?.("[data-key]")?.dataset.key, does = at?.dataset?.does, inside = slot.contains(at);
    slot.replaceChildren(...nodes.length ? nodes : [nothing(none)]);
    if (inside && does) kyDai.all("[data-key]", slot).find((node) => node.dataset.key === key)?.querySelector(`[data-does='${does}']`)?.focus();
  };
  const paint = () => {
    fill(kyDai.one("[data-strangers]"), told.strangers.map(stranger), "adopt.none");
    fill(kyDai.one("[data-adopted]"), [...told.adopted.map(adopted), ...told.names.map(named)], "adopt.none_adopted");
  };
  const load = async () => {
    try { told = await kyDai.fetched("/cameras/unknown"); paint(); } catch { note(kyDai.say("adopt.no.load"), true); }
  };
  const history = async (one, log) => {
    log.hidden = !log.hidden;
    if (log.hidden) return;
    try {
      const {acts} = await kyDai.fetched(`/cameras/adopted/${one.id}`);
      log.replaceChildren(...acts.map((act) => kyDai.make("span", {"data-num": true}, `${moment(act.at)} · ${act.who} · ${kyDai.say(`adopt.step.${act.step}`)} · ${act.told}`)));
    } catch { log.hidden = true; note(kyDai.say("adopt.no.load"), true); }
  };
  const confirm = (one) => {
    const cancel = kyDai.make("button", {type: "button", class: "btn", autofocus: true}, kyDai.say("acts.cancel"));
    const form = kyDai.make("form", {method: "dialog"}, [kyDai.make("h2", {}, kyDai.say("adopt.removing", {name: `${one.id} ${kyDai.of(one.name)}`})), kyDai.make("p", {class: "muted"}, kyDai.say("adopt.removing_note")),
      kyDai.make("div", {class: "ask-foot"}, [cancel, kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, kyDai.say("adopt.act.remove"))])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": kyDai.say("adopt.act.remove")}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      card.close();
      const [good, answer] = await post("/cameras/remove", {camera: one.id});
      note(good ? kyDai.say("adopt.done.remove", {name: one.id}) : why(answer), !good);
      load();
    });
    document.body.append(card);
    card.showModal();
  };

  /* ---- a place and a name ---- */
  const form = () => kyDai.one(".uc-form");
  const field = (name, inside) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(`adopt.${name}`)), inside]);
  const input = (name, value, more) => field(name, kyDai.make("input", {name, value, autocomplete: "off", ...more}));
  const degrees = (name, value) => input(name, value, {type: "number", step: "any", required: true, min: -180, max: 180});
  const drop = () => { pin?.remove(); pin = null; };
  const stick = (lat, lon) => {
    drop();
    const leaflet = kyDai.map.leaflet(), size = 28 * kyDai.rem;
    if (!leaflet || !Number.isFinite(lat) || !Number.isFinite(lon)) return;
    pin = window.L.marker([lat, lon], {pane: "alarms", keyboard: false, interactive: false, icon: window.L.divIcon({className: "uc-pin", html: kyDai.make("i"), iconSize: [size, size]})}).addTo(leaflet);
  };
  const put = ({lat, lng}) => {
    if (!chosen) return;
    form().elements.lat.value = lat.toFixed(6);
    form().elements.lon.value = lng.toFixed(6);
    stick(lat, lng);
  };
  const close = () => {
    chosen = null;
    drop();
    kyDai.mark(page(), "data-placing", null);
    kyDai.one("[data-form]").replaceChildren(nothing("adopt.choose"));
    paint();
  };
  const wrong = (answer) => {
    const line = kyDai.one("[data-wrong]"), bad = answer?.error?.field === "place" ? ["lon", "lat"] : [answer?.error?.field];
    line.hidden = !answer;
    kyDai.text(line, answer ? why(answer) : "");
    for (const node of form().elements) if (node.name) kyDai.mark(node, "aria-invalid", answer && bad.includes(node.name) ? "true" : null);
  };
  const send = async (event) => {
    event.preventDefault();
    const {same, ...given} = Object.fromEntries(new FormData(form())), wish = chosen;
    const [good, answer] = same ? await post("/cameras/name", {...wish.who, camera: same}) : await post(wish.path, {...wish.who, ...given, lon: +given.lon, lat: +given.lat});
    if (!good) return wrong(answer ?? {error: {}});
    note(same ? kyDai.say("adopt.done.name", {name: same}) : kyDai.say("adopt.done.adopt", {name: `${answer.camera.id} ${kyDai.of(answer.camera.name)}`, ward: kyDai.wardName(answer.camera.ward) || kyDai.say("adopt.no_ward")}));
    close();
    load();
  };
  const open = (wish) => {
    const {held} = wish;
    const leaflet = kyDai.map.leaflet();
    if (leaflet && leaflet !== listened) (listened = leaflet).on("click", (event) => put(event.latlng));
    chosen = wish;
    note("");
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const made = kyDai.make("form", {class: "uc-form", novalidate: true}, [
      kyDai.make("h2", {}, wish.title), kyDai.make("p", {class: "muted"}, kyDai.say("adopt.how")),
      held ? null : field("same", kyDai.make("select", {name: "same"}, [kyDai.make("option", {value: ""}, kyDai.say("adopt.same.none")), ...kyDai.city.cameras.filter((one) => !one.gone).map((one) => kyDai.make("option", {value: one.id}, `${one.id} ${kyDai.of(one.name)}`))])),
      input("name_vi", held?.name.vi ?? "", {maxlength: 80, required: true}), input("name_en", held?.name.en ?? "", {maxlength: 80}),
      degrees("lon", held?.lon ?? ""), degrees("lat", held?.lat ?? ""),
      field("owner", kyDai.make("select", {name: "owner"}, OWNERS.map((value) => kyDai.make("option", {value, selected: value === held?.owner}, kyDai.say(`adopt.owner.${value}`))))),
      kyDai.make("p", {class: "uc-wrong", hidden: true, role: "alert", "data-wrong": true}),
      kyDai.make("div", {class: "uc-foot"}, [kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, kyDai.say(held ? "adopt.act.save" : "adopt.act.adopt")), cancel])]);
    made.addEventListener("submit", send);
    made.elements.same?.addEventListener("change", () => kyDai.mark(made, "data-same", made.elements.same.value ? "" : null));
    cancel.addEventListener("click", close);
    for (const name of ["lon", "lat"]) made.elements[name].addEventListener("change", () => stick(parseFloat(made.elements.lat.value), parseFloat(made.elements.lon.value)));
    kyDai.one("[data-form]").replaceChildren(made);
    kyDai.mark(page(), "data-placing", "");
    drop();
    if (held) { stick(held.lat, held.lon); kyDai.map.show({ix: -1, lon: held.lon, lat: held.lat}); }
    paint();
    made.elements.name_vi.focus();
    kyDai.one(".uc-place").scrollIntoView({block: "nearest"});
  };

  /* Who speaks for the first time is listed at once, the rest is asked for again now and then. */
  kyDai.paints("cameras", (cameras) => {
    const key = `${cameras.version} ${cameras.unknown.map((one) => `${one.source}/${one.name}`).sort().join()}`;
    if (!page() || key === heard) return;
    heard = key;
    load();
  });
  kyDai.ready(() => {
    if (!page()) return;
    load();
    setInterval(load, REFRESH_MS);
  });
})();
