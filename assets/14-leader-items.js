/* The list behind a number (UX-90), and the formula behind it: both cards over the page. Rows come from the server, fifty at a time. */
(() => {
  const kyDai = window.kyDai;
  const cell = (text, more) => kyDai.make("td", more ?? {}, text);
  const when = (ms) => (ms === null ? "—" : `${kyDai.format.hm(ms)} ${kyDai.format.dm(ms)}`);
  /* A deadline of midnight is the end of the day before: both are said (UX-94). */
  const due = (ms) => {
    if (ms === null) return "—";
    return kyDai.format.hm(ms) === "00:00" ? `${when(ms)} (${kyDai.say("items.end_of", {day: kyDai.format.dm(ms - 1)})})` : when(ms);
  };
  const left = (one, now) => {
    if (one.due === null) return "—";
    /* What is closed is judged by what was promised first; more time that was granted makes nothing on time (UX-95). */
    if (one.closed !== null) return kyDai.say(one.closed > one.promised ? "items.late" : "items.on_time", {t: kyDai.format.span(one.promised - one.closed)});
    return kyDai.say(one.due < now ? "items.over" : "items.left", {t: kyDai.format.span(one.due - now)});
  };
  const service = (code) => kyDai.of(kyDai.city.service[code]?.name) || code;
  const row = (one, now) => kyDai.make("tr", {"data-item": one.report, "data-over": one.due !== null && (one.closed ?? now) > (one.closed === null ? one.due : one.promised) ? "" : null}, [
    cell(one.report, {"data-code": true}), cell(service(one.service)), cell(kyDai.wardName(one.ward) || "—"), cell(kyDai.of(kyDai.city.unit[one.unit]?.short) || one.unit || "—"),
    cell(when(one.submitted), {class: "num"}), cell(due(one.due), {class: "num"}), cell(when(one.closed), {class: "num"}), cell(left(one, now))]);
  const heads = ["items.report", "items.service", "leader.ward", "items.unit", "items.submitted", "items.due", "items.closed", "items.time"];
  const card = (title, inside) => {
    kyDai.one("dialog.items")?.close();
    const close = kyDai.make("button", {type: "button", class: "btn", "data-close": true}, kyDai.say("items.close"));
    const made = kyDai.make("dialog", {class: "ask items", "aria-label": title}, [kyDai.make("h2", {}, title), ...inside, kyDai.make("div", {class: "ask-foot"}, [close])]);
    close.addEventListener("click", () => made.close());
    made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
    made.addEventListener("close", () => made.remove());
    document.body.append(made);
    made.showModal();
    return made;
  };
  /* query: what the figures were asked with; more: {ward} or {unit} or {field} that a row adds. */
  kyDai.openItems = (name, query, where) => {
    const note = kyDai.make("p", {class: "muted", role: "status"}), body = kyDai.make("tbody", {}), more = kyDai.make("button", {type: "button", class: "btn", hidden: true}, kyDai.say("items.more"));
    const table = kyDai.make("div", {class: "items-box", tabindex: 0}, [kyDai.make("table", {class: "rank"}, [kyDai.make("thead", {}, [kyDai.make("tr", {}, heads.map((head) => kyDai.make("th", {}, kyDai.say(head))))]), body])]);
    const made = card([kyDai.say(`items.list.${name}`), where].filter(Boolean).join(" · "), [note, table, more]);
    made.dataset.items = name;
    let after = "";
    const load = async () => {
      more.disabled = true;
      try {
        const told = await kyDai.fetched(`/leader/items?${new URLSearchParams({...query, list: name, ...(after ? {after} : {})})}`), now = kyDai.now();
        body.append(...told.items.map((one) => row(one, now)));
        after = told.after;
        made.dataset.count = told.count;
        kyDai.text(note, kyDai.say("items.count", {n: kyDai.format.number(body.children.length), of: kyDai.format.number(told.count)}));
        more.hidden = !after;
      } catch (error) { console.error(error); kyDai.text(note, kyDai.say("leader.failed")); more.hidden = false; } finally { more.disabled = false; }
    };
    more.addEventListener("click", load);
    load();
  };
  /* The cameras stand in the frames: those that work are as many as the number, those that do not come first. */
  kyDai.openCameras = () => {
    const states = kyDai.frames.cameras?.data.states ?? "", all = kyDai.city.cameras.map((one, ix) => [one, states[ix] ?? "-"]).filter(([one]) => !one.gone);
    const works = ([, state]) => "ol".includes(state), names = {o: "online", l: "late", x: "offline", f: "frozen", m: "maintenance", "-": "unknown"};
    const line = ([one, state]) => kyDai.make("tr", {"data-item": one.id}, [cell(one.id, {"data-code": true}), cell(kyDai.of(one.name)), cell(kyDai.wardName(one.ward) || "—"), cell(kyDai.say(`camera.${names[state]}`))]);
    const group = (word, rows) => [kyDai.make("tr", {class: "mid"}, [kyDai.make("td", {colspan: 4}, kyDai.say(word, {n: kyDai.format.number(rows.length)}))]), ...rows.map(line)];
    const made = card(kyDai.say("items.list.cameras"), [kyDai.make("div", {class: "items-box", tabindex: 0}, [kyDai.make("table", {class: "rank"}, [kyDai.make("tbody", {}, [...group("items.cameras_out", all.filter((one) => !works(one))), ...group("items.cameras_on", all.filter(works))])])])]);
    made.dataset.items = "cameras";
    made.dataset.count = all.filter(works).length;
  };
  /* "i": the formula, and every figure of the same number beside it; what there is none of says why. */
  const value = (one) => (one.value === null ? `— (${kyDai.say(one.why ? `leader.${one.why}` : "data.none")})` : one.unit === "percent" ? kyDai.format.percent(one.value) : one.unit === "hours" ? kyDai.say("age.hours", {n: kyDai.format.decimal(one.value)}) : kyDai.format.number(one.value));
  kyDai.figureValue = value;
  const BESIDE = {reports_overdue: ["F4", "F3", "F5"], reports_received: ["F1", "F2", "F7"], median_hours: ["F9", "F6"], reports_on_time: ["F8", "F11"], satisfaction: ["F10", "F12"]};
  kyDai.openFormula = (key, told, figures) => {
    const words = JSON.parse(kyDai.one("[data-catalogue]").textContent), codes = BESIDE[key] ?? [];
    const rows = codes.flatMap((code) => figures.filter((one) => one.code.split(" ")[0] === code)).map((one) => kyDai.make("div", {class: "fx", "data-fx": one.key}, [
      kyDai.make("b", {}, `${one.code} · ${words[one.key][0]}`), one.items && one.value !== null ? kyDai.make("button", {type: "button", class: "to-list num", "data-num": true, "data-list": one.items}, value(one)) : kyDai.make("b", {class: "num", "data-num": true}, value(one)), kyDai.make("p", {}, words[one.key][1])]));
    card(kyDai.one(`[data-figure='${key}'] .kpi-head > span`).textContent, rows.length ? rows : [kyDai.make("p", {}, told)]).dataset.formula = key;
  };
})();
