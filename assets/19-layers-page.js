/* The page of layers: what is kept, and a file on its way: sent in pieces, read by the server, looked at here, then taken. */
(() => {
  const kyDai = window.kyDai;
  const POLL_MS = 700, ROLES = ["operator", "supervisor", "leader", "ward_officer", "auditor", "admin"];
  const page = () => kyDai.one(".layers-page");
  let job = null, sending = null, seen = null, drawn = null, shown = [], boundaries = {from: "", code: ""};

  const make = kyDai.make, word = (key, values) => kyDai.say(`desk.${key}`, values);
  const note = (text, failed) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
    if (failed) line.scrollIntoView({block: "nearest"});
  };
  const why = (error) => error?.why ? kyDai.of(error.why) : word(["crowded", "not_found", "bad_request"].includes(error?.code) ? `no.${error.code}` : "no.failed");
  const send = async (path, body, raw) => {
    try {
      const reply = await fetch(`/layers/${path}`, {method: "POST", headers: raw ? {"Content-Type": "application/octet-stream"} : {"Content-Type": "application/json"}, body: raw ? body : JSON.stringify(body ?? {}), signal: AbortSignal.timeout(60000)});
      return [reply.ok, await reply.json()];
    } catch { return [false, null]; }
  };
  const button = (does, act, kind) => {
    const node = make("button", {type: "button", class: "btn", "data-kind": kind, "data-does": does}, word(`act.${does}`));
    node.addEventListener("click", act);
    return node;
  };
  const moment = (ms) => `${kyDai.format.hm(ms)} ${kyDai.format.dmy(ms)}`;

  /* ---- what is kept ---- */
  const change = async (does, one) => {
    const [good, answer] = await send(does, {key: one.key});
    note(good ? word(`done.${does}`, {name: kyDai.of(one.title)}) : why(answer?.error), !good);
    load();
  };
  const sure = (does, one) => {
    const cancel = make("button", {type: "button", class: "btn", autofocus: true}, kyDai.say("acts.cancel"));
    const form = make("form", {method: "dialog"}, [make("h2", {}, word(`sure.${does}`, {name: kyDai.of(one.title)})), make("p", {class: "muted"}, word(`sure.${does}_note`)),
      make("div", {class: "ask-foot"}, [cancel, make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word(`act.${does}`))])]);
    const card = make("dialog", {class: "ask", "aria-label": word(`act.${does}`)}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => { event.preventDefault(); card.close(); change(does, one); });
    document.body.append(card);
    card.showModal();
  };
  const history = async (one, log) => {
    log.hidden = !log.hidden;
    if (log.hidden) return;
    try {
      const {acts} = await kyDai.fetched(`/layers/kept/${one.key}`);
      log.replaceChildren(...acts.map((act) => make("span", {"data-num": true}, `${moment(act.at)} · ${act.who} · ${word(`step.${act.action.replace(" ", "_")}`, {n: act.version})}`)));
    } catch { log.hidden = true; note(word("no.failed"), true); }
  };
  const row = (one, gone) => {
    const log = make("div", {class: "uc-log", hidden: true});
    const roles = one.roles.length ? one.roles.map((role) => kyDai.say(`role.${role}`)).join(", ") : word("everybody");
    return make("article", {class: "uc-one", "data-key": one.key}, [
      make("span", {class: "uc-name"}, kyDai.of(one.title)),
      make("p", {class: "muted", "data-num": true}, [`${one.key} · ${word("version", {n: one.version})}`, word("features", {n: kyDai.format.number(one.count)}), one.source, one.as_of && word("as_of", {day: kyDai.format.dmy(one.as_of)}), one.state !== "none" && word(`state.${one.state}`), word("by", {who: one.by, at: moment(one.imported)}), word("seen_by", {roles}), one.wards && word("wards")].filter(Boolean).join(" · ")),
      make("div", {class: "uc-acts"}, gone ? [button("restore", () => change("undo", one)), button("history", () => history(one, log), "quiet")]
        : [one.undo && button("undo", () => sure("undo", one)), button("remove", () => sure("remove", one), "quiet"), button("history", () => history(one, log), "quiet")].filter(Boolean)), log]);
  };
  const load = async () => {
    try {
      const told = await kyDai.fetched("/layers/kept");
      shown = told.layers;
      const gone = told.removed.length ? [make("h2", {class: "ly-gone"}, word("removed")), ...told.removed.map((one) => row(one, true))] : [];
      kyDai.one("[data-kept]").replaceChildren(...shown.length ? shown.map((one) => row(one)) : [make("p", {class: "muted"}, word("none"))], ...gone);
    } catch { note(word("no.failed"), true); }
  };

  /* ---- a file: chosen, sent, stopped ---- */
  const field = (name, inside) => make("label", {class: "ask-why"}, [make("span", {}, word(`field.${name}`)), inside]);
  const input = (name, value, more) => field(name, make("input", {name, value, autocomplete: "off", ...more}));
  const tick = (name, on) => make("label", {class: "ly-tick"}, [make("input", {type: "checkbox", name, checked: !!on}), make("span", {}, word(`field.${name}`))]);
  const pick = (name, options, value) => field(name, make("select", {name}, options.map(([key, text]) => make("option", {value: key, selected: key === value}, text))));
  const wipe = () => { kyDai.one("[data-seen]").inert = false; kyDai.mark(page(), "data-refused", null); drawn?.remove(); drawn = null; seen = null; boundaries = {from: "", code: ""}; kyDai.one("[data-seen]").replaceChildren(); };
  const progress = (text, share) => {
    const bar = make("progress", {max: 1, value: share, "aria-label": text});
    kyDai.one("[data-file]").replaceChildren(make("div", {class: "ly-way", role: "status"}, [make("b", {"data-num": true}, text), bar, button("cancel", drop, "quiet")]));
  };
  const drop = async () => {
    const token = job?.token;
    sending = job = null;
    wipe();
    choose();
    if (token) await send(`desk/${token}/drop`);
  };
  const choose = () => {
    const chooser = make("input", {type: "file", class: "sr", accept: ".zip,.gpkg,.geojson,.json,.kml,.kmz,.fgb,.csv", name: "file"});
    const zone = make("label", {class: "ly-drop"}, [chooser, make("b", {class: "btn"}, word("choose")), make("span", {}, word("field.file"))]);
    chooser.addEventListener("change", () => chooser.files[0] && bring(chooser.files[0]));
    for (const [what, over] of [["dragover", ""], ["dragleave", null], ["drop", null]]) zone.addEventListener(what, (event) => { event.preventDefault(); kyDai.mark(zone, "data-over", over); });
    zone.addEventListener("drop", (event) => event.dataTransfer.files[0] && bring(event.dataTransfer.files[0]));
    kyDai.one("[data-file]").replaceChildren(zone);
  };
  const bring = async (file) => {
    note("");
    wipe();
    const [good, begun] = await send("desk", {name: file.name, size: file.size});
    if (!good) { choose(); return note(why(begun?.error), true); }
    job = begun;
    const mine = sending = {};
    let at = 0, tries = 0;
    while (at < file.size && sending === mine) {
      progress(word("sending", {name: job.file, n: kyDai.format.percent(100 * at / file.size)}), at / file.size);
      const [fine, answer] = await send(`desk/${job.token}/piece/${at}`, file.slice(at, at + begun.piece), true);
      if (sending !== mine) return;
      if (fine) { at = answer.got; tries = 0; }
      else if (answer?.error?.code === "behind") at = answer.error.got;
      else if (++tries > 4) { await drop(); return note(why(answer?.error), true); }
    }
    if (sending === mine) ask("read", {key: keyOf(file.name)});
  };
  const keyOf = (name) => kyDai.plain(name.split(".")[0]).replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 40) || "layer";

  /* ---- read and taken by the server ---- */
  const ask = async (does, said) => {
    note("");
    const mine = job, shown = kyDai.one("[data-seen]");
    shown.inert = true; // one thing after the other
    const [good, answer] = await send(`desk/${mine.token}/${does}`, said);
    if (!good) { shown.inert = false; return note(why(answer?.error), true); }
    for (let told = answer; job === mine; await new Promise((go) => setTimeout(go, POLL_MS))) {
      progress(word(told.step === "importing" ? "importing" : "reading", {name: told.file}), undefined);
      try { told = await kyDai.fetched(`/layers/desk/${mine.token}`); } catch { continue; }
      if (!["reading", "importing"].includes(told.step) && job === mine) return ended(told, said);
    }
  };
  const ended = async (told, said) => {
    kyDai.one("[data-seen]").inert = false;
    const again = make("div", {class: "ly-way"}, [make("b", {}, told.file), button("cancel", drop, "quiet")]);
    kyDai.one("[data-file]").replaceChildren(again);
    if (told.step === "done") {
      job = null;
      wipe();
      choose();
      note(word("done.take", {name: told.key, n: told.version}));
      return load();
    }
    if (told.step === "failed") {
      note(`${why(told)} ${word("unchanged")}`, true);
      kyDai.mark(page(), "data-refused", seen ? null : "true");
      if (!seen) form({said});
      return asked(told.why?.fields ?? []);
    }
    kyDai.mark(page(), "data-refused", null);
    try { seen = await kyDai.fetched(`/layers/desk/${told.token}/seen`); } catch { return note(word("no.failed"), true); }
    draw();
    form({said});
  };
  /* What a refusal asks for: those fields are marked, and the first one waits for its answer. */
  const asked = (names) => {
    const fields = names.map((name) => kyDai.one(`.ly-form [name=${name}]`)).filter(Boolean);
    kyDai.all(".ly-form [data-asked]").forEach((one) => kyDai.mark(one, "data-asked", null));
    fields.forEach((one) => kyDai.mark(one, "data-asked", "true"));
    fields[0]?.focus({preventScroll: true});
  };
  const draw = () => {
    drawn?.remove();
    const leaflet = kyDai.map.leaflet(), ink = getComputedStyle(page()).getPropertyValue("--m-ward").trim();
    if (!leaflet) return;
    const renderer = window.L.canvas(), style = {renderer, color: ink, weight: 2, fillOpacity: 0.25, radius: 4, interactive: false};
    drawn = window.L.geoJSON(seen.shapes, {style, interactive: false, pointToLayer: (_, at) => window.L.circleMarker(at, style)}).addTo(leaflet);
    const [west, south, east, north] = seen.layer.bounds;
    leaflet.fitBounds([[south, west], [north, east]], {maxZoom: 16, animate: false});
  };
  const day = (ms) => ms ? new Date(ms).toISOString().slice(0, 10) : "";
  const reading = (said) => make("fieldset", {class: "ly-set"}, [make("legend", {}, word("how_read")),
    input("key", said.key ?? "", {maxlength: 40, required: true, list: "ly-keys"}), make("datalist", {id: "ly-keys"}, shown.map((one) => make("option", {value: one.key}))),
    input("epsg", said.epsg || "", {inputmode: "numeric", maxlength: 6}),
    pick("encoding", [["", word("guess")], ["tcvn3", "TCVN3"], ["vni", "VNI"], ["cp1258", "CP1258"]], said.encoding ?? ""),
    pick("only", [["", word("guess")], ...["point", "line", "area"].map((one) => [one, word(`shape.${one}`)])], said.only ?? ""),
    input("sublayer", said.sublayer ?? "", {maxlength: 100}), input("lon", said.lon ?? "", {maxlength: 60}), input("lat", said.lat ?? "", {maxlength: 60}),
    tick("swap", said.swap), tick("leave_out", said.leave_out), tick("shifted", said.shifted),
    make("div", {class: "uc-foot"}, [button("read", () => ask("read", told(false)))])]);
  const facts = () => make("dl", {class: "ly-facts"}, seen.facts.flatMap(([name, text]) => [make("dt", {}, word(`fact.${["format", "coordinates", "features", "identity", "wards"].includes(name) ? name : "warning"}`)), make("dd", {"data-num": true}, kyDai.of(text))]));
  const table = () => make("div", {class: "ly-table", tabindex: 0, role: "region", "aria-label": word("first_rows")}, [make("table", {}, [
    make("thead", {}, [make("tr", {}, seen.layer.fields.map((one) => make("th", {scope: "col"}, one.key)))]),
    make("tbody", {}, seen.rows.map((cells) => make("tr", {}, cells.map((cell) => make("td", {}, cell === null ? "—" : String(cell))))))])]);
  /* The values of the field that colours: what each is called, and its colour. */
  const values = (box, name) => {
    const {layer} = seen, own = name === layer.style_field ? layer.swatches : [], known = new Map(own.map((one) => [one.value, one]));
    const rows = name ? [...new Set([...known.keys(), ...(seen.values[name] ?? [])])].slice(0, 7) : [];
    box.hidden = !rows.length;
    box.replaceChildren(make("summary", {}, word("values")), ...rows.map((value, at) => {
      const one = known.get(value), now = one?.colour ?? at + 1, key = make("i", {class: "still-key"});
      const select = make("select", {"data-colour": true, "aria-label": `${value} ${word("field.colour")}`}, Array.from({length: 8}, (_, n) => make("option", {value: String(n + 1), selected: n + 1 === now}, word("colour", {n: n + 1}))));
      const shade = () => key.style.setProperty("--c", `var(--l-${select.value})`);
      select.addEventListener("change", shade);
      shade();
      return make("div", {class: "ly-label", "data-value": value}, [make("b", {}, [key, ` ${value || "—"}`]), make("input", {"aria-label": `${value} vi`, "data-vi": true, value: one?.label.vi ?? value, maxlength: 200}), make("input", {"aria-label": `${value} en`, "data-en": true, value: one?.label.en ?? value, maxlength: 200}), select]);
    }));
  };
  /* By which fields each thing is found again in the next version, and which of them fail at that. */
  const identity = () => {
    const {layer} = seen, none = ["", "—"], among = layer.fields.map((one) => [one.key, one.key]), state = make("p", {role: "status", "data-num": true});
    const one = (n) => make("select", {name: "id_field", "aria-label": `${word("field.id_field")} ${n + 1}`}, (n ? [none, ...among] : [["", word("guess")], ...among]).map(([key, text]) => make("option", {value: key, selected: key === (layer.id_fields[n] ?? "")}, text)));
    const box = make("div", {class: "ly-ids", role: "group", "aria-label": word("field.id_field")}, [make("b", {}, word("field.id_field")), make("p", {class: "muted"}, word("id_note")),
      make("div", {class: "ly-id"}, [one(0), one(1), one(2), button("check", () => ask("read", told(true)))]), state]);
    const judge = () => {
      const names = ids(box), same = names.join("\n") === layer.id_fields.join("\n"), found = same ? seen.identity : names.length === 1 ? seen.apart[names[0]] : null;
      const bad = found && (found.double || found.empty);
      kyDai.mark(state, "data-bad", bad || (same && !names.length) ? "true" : null);
      kyDai.text(state, found ? word(bad ? "id_bad" : "id_good", {double: kyDai.format.number(found.double), alike: found.alike.join(", ") || "—", empty: kyDai.format.number(found.empty)}) : word(names.length || !same ? "id_check" : "id_none"));
    };
    box.addEventListener("change", judge);
    judge();
    return box;
  };
  const ids = (box) => [...new Set(kyDai.all("[name=id_field]", box).map((one) => one.value).filter(Boolean))];
  const wards = () => make("details", {class: "ly-labels", open: !!boundaries.from}, [make("summary", {}, word("as_wards")), make("p", {class: "muted"}, word("as_wards_note")),
    make("div", {class: "ly-set ly-bare"}, [input("wards_from", boundaries.from, {type: "date"}), pick("code_field", [["", "—"], ...seen.layer.fields.map((one) => [one.key, one.key])], boundaries.code || (seen.layer.fields.find((one) => /^(code|ma|ma_xa|maxa|ma_phuong)$/i.test(one.key))?.key ?? ""))])]);
  /* Boundaries decide which ward a report belongs to: whoever puts others in their place is asked once more. */
  const take = () => {
    const said = told(true);
    if (!said.wards_from) return ask("take", said);
    const cancel = make("button", {type: "button", class: "btn", autofocus: true}, kyDai.say("acts.cancel"));
    const f = make("form", {method: "dialog"}, [make("h2", {}, word("sure.wards", {day: said.wards_from.split("-").reverse().join("/")})), make("p", {class: "muted"}, word("sure.wards_note")),
      make("div", {class: "ask-foot"}, [cancel, make("button", {type: "submit", class: "btn", "data-kind": "strong", "data-does": "wards"}, word("act.take"))])]);
    const card = make("dialog", {class: "ask", "aria-label": word("act.take")}, [f]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    f.addEventListener("submit", (event) => { event.preventDefault(); card.close(); ask("take", said); });
    document.body.append(card);
    card.showModal();
  };
  const about = () => {
    const {layer} = seen, names = layer.fields.map((one) => [one.key, one.key]), box = make("details", {class: "ly-labels ly-values"});
    values(box, layer.style_field);
    return make("fieldset", {class: "ly-set"}, [make("legend", {}, word("what_said")),
      input("title_vi", layer.title.vi ?? "", {maxlength: 200}), input("title_en", layer.title.en ?? "", {maxlength: 200}),
      pick("name_field", names, layer.name_field), pick("style_field", [["", word("one_colour")], ...names], layer.style_field),
      identity(), input("source", layer.source, {maxlength: 200}), input("as_of", day(layer.as_of), {type: "date"}), input("every_days", layer.every_days ?? "", {type: "number", min: 0, max: 10000, step: "any"}),
      make("div", {class: "ly-roles", role: "group", "aria-label": word("field.roles")}, [make("span", {}, word("field.roles")), ...ROLES.map((role) => make("label", {class: "ly-tick"}, [make("input", {type: "checkbox", name: "roles", value: role, checked: layer.roles.includes(role)}), make("span", {}, kyDai.say(`role.${role}`))]))]),
      make("details", {class: "ly-labels"}, [make("summary", {}, word("labels")), ...layer.fields.map((one) => make("div", {class: "ly-label", "data-field": one.key}, [make("b", {}, one.key),
        make("input", {"aria-label": `${one.key} vi`, "data-vi": true, value: one.label.vi, maxlength: 200}), make("input", {"aria-label": `${one.key} en`, "data-en": true, value: one.label.en, maxlength: 200}),
        make("label", {class: "ly-tick"}, [make("input", {type: "checkbox", "data-drop": true}), make("span", {}, word("field.drop"))])]))]),
      box, wards(), make("div", {class: "uc-foot"}, [button("take", take, "strong")])]);
  };
  const told = (whole) => {
    const f = kyDai.one(".ly-form"), e = f.elements, text = (name) => e[name].value.trim(), on = (name) => e[name].checked;
    const said = {key: text("key"), epsg: parseInt(text("epsg"), 10) || 0, encoding: text("encoding"), only: text("only") || null, sublayer: text("sublayer"), lon: text("lon"), lat: text("lat"), swap: on("swap"), leave_out: on("leave_out"), shifted: on("shifted")};
    if (e.wards_from) {
      boundaries = {from: text("wards_from"), code: text("code_field")};
      Object.assign(said, {wards_from: boundaries.from, code_field: boundaries.code});
    }
    if (!whole) return said;
    const coloured = kyDai.all("[data-value]", f), rows = kyDai.all("[data-field]", f), at = (row, name) => kyDai.one(`[data-${name}]`, row);
    return {...said, about: true, title: {vi: text("title_vi"), en: text("title_en")}, name_field: text("name_field"), style_field: text("style_field"), id_fields: ids(f), source: text("source"), as_of: text("as_of"), every_days: parseFloat(text("every_days")) || 0,
      roles: kyDai.all("[name=roles]:checked", f).map((one) => one.value), drop: [...seen.layer.drop, ...rows.filter((one) => at(one, "drop").checked).map((one) => one.dataset.field)],
      values: coloured.map((one) => ({value: one.dataset.value, vi: at(one, "vi").value.trim(), en: at(one, "en").value.trim(), colour: parseInt(at(one, "colour").value, 10)})),
      labels: Object.fromEntries(rows.map((one) => [one.dataset.field, {vi: at(one, "vi").value.trim(), en: at(one, "en").value.trim()}]))};
  };
  const form = ({said}) => {
    const inside = seen ? [facts(), seen.before && make("p", {class: "muted"}, word("replaces", {n: seen.before.version, count: kyDai.format.number(seen.before.count)})), make("h2", {}, word("first_rows")), table(), reading(said), about()] : [reading(said)];
    const made = make("form", {class: "ly-form"}, inside);
    made.addEventListener("submit", (event) => event.preventDefault());
    made.elements.style_field?.addEventListener("change", (event) => values(kyDai.one(".ly-values", made), event.target.value));
    kyDai.one("[data-seen]").replaceChildren(made);
  };

  kyDai.ready(() => {
    if (!page()) return;
    choose();
    load();
    document.addEventListener("kydai-layers-read", load);
  });
})();
