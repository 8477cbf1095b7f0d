/* One plate searched for in the clear: asked with purpose, case and reason, shown for a minute under who looks, and then gone. */
(() => {
  const kyDai = window.kyDai;
  const DAYS = [1, 7, 30, 90, 365, 3650];
  const page = () => kyDai.one(".plate-search");
  let shown = null, hiding = null;

  const note = (text, failed = false) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
  };
  const why = (status, error = {}) => {
    if (error.code === "unfit") return kyDai.say("plates.unfit", {field: kyDai.say(`plates.${error.field}`), why: kyDai.say(`watch.why.${error.why}`)});
    return kyDai.say(["too_many", "too_long", "forbidden"].includes(error.code) ? `plates.no.${error.code}` : status === 401 ? "acts.signed_out" : "plates.no.failed");
  };

  /* ---- what was found: for a minute, with the name and the time of who looks over it ---- */
  const place = (one) => [one.ix >= 0 ? kyDai.of(kyDai.city.cameras[one.ix].name) : "", kyDai.wardName(one.ward)].filter(Boolean).join(" · ");
  const row = (one) => kyDai.make("tr", {}, [kyDai.make("td", {"data-num": true}, `${kyDai.format.hms(one.at)} ${kyDai.format.dmy(one.at)}`), kyDai.make("td", {}, place(one)), kyDai.make("td", {}, kyDai.kindName(one.kind)), kyDai.make("td", {"data-num": true}, one.plate)]);
  const head = (words) => kyDai.make("thead", {}, [kyDai.make("tr", {}, words.map((word) => kyDai.make("th", {scope: "col"}, kyDai.say(word))))]);
  const left = () => Math.max(0, Math.ceil((shown.until - performance.now()) / 1000));
  const paint = () => {
    const slot = kyDai.one("[data-found]"), {told} = shown, mark = `${told.who} · ${kyDai.format.hms(told.at)} ${kyDai.format.dmy(told.at)}`;
    const sum = told.reads.length ? kyDai.say(told.cut ? "plates.sum_cut" : "plates.sum", {n: kyDai.format.number(told.reads.length)}) : kyDai.say("plates.none");
    slot.replaceChildren(kyDai.make("p", {}, [kyDai.make("span", {}, `${sum} `), kyDai.make("span", {class: "ps-left", "data-left": true, "data-num": true})]),
      told.reads.length ? kyDai.make("table", {class: "ps-table"}, [head(["plates.at", "plates.place", "plates.kind", "plates.plate"]), kyDai.make("tbody", {}, told.reads.map(row))]) : "",
      kyDai.make("div", {class: "ps-water", "aria-hidden": "true"}, Array.from({length: Math.min(60, 6 + told.reads.length)}, () => kyDai.make("span", {}, mark))));
    tick();
  };
  const tick = () => { if (shown) kyDai.text(kyDai.one("[data-left]"), kyDai.say("plates.left", {n: left()})); };
  const hide = () => {
    clearTimeout(hiding);
    shown = null;
    kyDai.one("[data-found]")?.replaceChildren(kyDai.make("p", {class: "muted"}, kyDai.say("plates.hidden")));
  };
  const search = async (form) => {
    const given = Object.fromEntries(new FormData(form)), body = {plate: given.plate, days: +given.days, purpose: given.purpose, matter: given.matter, why: given.why};
    const button = kyDai.one("[type=submit]", form), asked = performance.now();
    hide();
    button.disabled = true;
    let status = 0, told = null;
    try {
      const reply = await fetch("/plates/search", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(15000)});
      [status, told] = [reply.status, await reply.json().catch(() => null)];
    } catch { /* said below */ }
    button.disabled = false;
    note(status === 200 ? kyDai.say("plates.kept") : why(status, told?.error), status !== 200);
    if (status !== 200) return;
    shown = {told, until: asked + told.hides - told.at}; // from when it was asked: never longer than a minute, whatever this clock says
    hiding = setTimeout(hide, Math.max(0, shown.until - performance.now()));
    form.reset();
    paint();
    kyDai.one("[data-found]").scrollIntoView({block: "nearest"});
    week();
  };

  /* ---- the form ---- */
  const field = (name, inside) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(`plates.${name}`)), inside]);
  const text = (name, most, least = 1) => field(name, kyDai.make("input", {type: "text", name, maxlength: most, minlength: least, required: true, autocomplete: "off", spellcheck: "false"}));
  const options = (values) => values.map(([value, word]) => kyDai.make("option", {value}, word));
  const build = (slot) => {
    const furthest = +page().dataset.furthest, among = DAYS.filter((days) => days <= furthest);
    const form = kyDai.make("form", {autocomplete: "off"}, [text("plate", 20, 4),
      field("days", kyDai.make("select", {name: "days"}, options(among.map((days) => [days, kyDai.say("age.days", {n: kyDai.format.number(days)})])))),
      field("purpose", kyDai.make("select", {name: "purpose", required: true}, options([["", kyDai.say("plates.choose")], ...page().dataset.purposes.split(" ").map((one) => [one, kyDai.say(`plates.purpose.${one}`)])]))),
      text("matter", 80), text("why", 500, 10), kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, kyDai.say("plates.go"))]);
    form.addEventListener("submit", (event) => { event.preventDefault(); search(form); });
    slot.replaceChildren(form);
  };

  /* ---- who searched this week ---- */
  const week = async () => {
    const slot = kyDai.one("[data-week]");
    if (!slot) return;
    let told = null;
    try { told = await kyDai.fetched("/plates/searchers"); } catch { return kyDai.text(slot, kyDai.say("plates.no.failed")); }
    const cells = (one) => [kyDai.make("td", {}, one.who), kyDai.make("td", {}, kyDai.say(`role.${one.role}`)), ...[one.n, one.plates, one.far, one.burst].map((n) => kyDai.make("td", {"data-num": true, "data-n": true}, kyDai.format.number(n)))];
    slot.replaceChildren(told.searchers.length ? kyDai.make("table", {class: "ps-table"}, [head(["plates.who", "plates.role", "plates.n", "plates.plates", "plates.far", "plates.burst"]), kyDai.make("tbody", {}, told.searchers.map((one) => kyDai.make("tr", {}, cells(one))))]) : kyDai.make("p", {}, kyDai.say("plates.week_none")));
  };

  kyDai.everySecond(tick);
  window.addEventListener("pagehide", () => { if (page() && shown) hide(); });
  kyDai.ready(() => {
    if (!page()) return;
    const slot = kyDai.one("[data-form]");
    if (slot) build(slot);
    week();
  });
})();
