/* The city's rules, tried: an imagined report is asked about as it is typed, and the answer says which rule, who, by when, and why. */
(() => {
  const kyDai = window.kyDai;
  const AFTER_MS = 250, PIN = 28;
  const page = () => kyDai.one(".report-rules"), form = () => kyDai.one(".rt-fields"), slot = () => kyDai.one("[data-result]");
  const word = (key, values) => kyDai.say(`trial.${key}`, values), make = kyDai.make;
  let round = 0, later = 0, pin = null, listened = null;

  /* ---- names ---- */
  const service = (code) => kyDai.of(kyDai.city.service[code]?.name) || kyDai.of(kyDai.city.services.find((one) => one.field === code)?.field_name) || code;
  const unit = (code) => code === "WARD" ? word("of_ward") : kyDai.reports.unit(code);
  const NAMES = {service, ward: (code) => kyDai.wardName(code) || code, word: (told) => `“${told}”`, priority: (code) => kyDai.say(`case.priority.${code}`)};
  const day = (iso) => iso.split("-").reverse().join("/");
  const date = (ms) => `${kyDai.format.day(ms, "short")} ${kyDai.format.dm(ms)}`;
  const force = ({from, to}) => from && to ? word("in_force_until", {from: day(from), to: day(to)}) : from ? word("in_force", {from: day(from)}) : to ? word("until", {to: day(to)}) : word("in_force_always");

  /* ---- the answer, from what decides to why ---- */
  const pane = (title, nodes, more) => make("section", {class: "r-pane"}, [make("h2", {}, [make("span", {}, word(title)), more ? make("span", {class: "faint", "data-num": true, "data-code": true}, more) : null]), ...nodes]);
  const verdict = (told) => {
    const names = told.units.map((way) => unit(way.unit)).join(", ");
    const tags = [make("span", {class: "pill", "data-kind": told.alarm ? "late" : null, "data-path": told.alarm ? "urgent" : "usual"}, word(told.alarm ? "urgent" : "usual")), ...told.rules.some((one) => one.outcome === "decides" && one.makes === "urgent") ? [make("span", {class: "pill"}, word("made_urgent"))] : []];
    const guesses = told.guesses.map((one) => `${service(one.service)} (${one.words.join(", ")})`).join("; ");
    return make("section", {class: "r-pane rt-verdict", "data-route": told.route}, [make("h2", {}, word("goes")), make("p", {class: "rt-who"}, names || word("goes.nobody")), make("p", {class: "muted"}, told.route ? word("by_rule", {rule: told.route}) : word("by_service")), make("p", {class: "rt-tags"}, tags),
      make("dl", {class: "facts"}, [...fact("about", service(told.service)), ...fact("where", told.ward ? kyDai.wardName(told.ward) || told.ward : word("where.none")), ...guesses ? fact("guesses", guesses) : [], ...fact("clock.due", kyDai.reports.due(told.due.due))])]);
  };
  const fact = (name, inside) => [make("dt", {}, word(name)), make("dd", {"data-num": true}, inside)];
  const origin = (told, code) => told.named.filter((one) => one.as === "WARD" || one.unit !== code).filter((one) => one.heirs.includes(code)).map((one) => one.unit === code ? word("of_ward") : word("stands_for", {unit: unit(one.unit), until: one.dates.map(force).join("; ")})).join(" · ");
  const units = (told) => {
    const rows = told.units.map((way) => make("li", {"data-unit": way.unit}, [make("b", {}, unit(way.unit)), way.task ? make("span", {}, way.task) : null, make("span", {class: "muted", "data-num": true}, [force(told.in_force[way.unit]), origin(told, way.unit)].filter(Boolean).join(" · ")), make("span", {class: "rt-due", "data-num": true}, kyDai.reports.due(way.clock.due))]));
    const lost = told.lost.map((code) => make("li", {"data-lost": code}, [make("b", {}, code === "UB-" ? word("no_ward") : word("lost", {unit: unit(code)}))]));
    return pane("units", [rows.length + lost.length ? make("ul", {class: "rt-units"}, [...rows, ...lost]) : make("p", {class: "muted"}, word("goes.nobody"))]);
  };
  const span = (one) => {
    if (one.kind === "runs") return `${date(one.since)} ${kyDai.format.hm(one.since)}–${kyDai.format.dm(one.since) === kyDai.format.dm(one.until) ? "" : `${date(one.until)} `}${kyDai.format.hm(one.until)}`;
    if (one.kind === "begins") return `${date(one.since)} ${kyDai.format.hm(one.since)}`;
    return one.until - one.since > 90000000 ? `${date(one.since)} – ${date(one.until - 1)}` : date(one.since);
  };
  const what = (one) => {
    const said = one.kind === "counts" && one.count === 1 ? word("step.counts1") : word(`step.${one.kind}`, {n: kyDai.format.number(one.count), t: kyDai.format.span(one.count), name: kyDai.of(one.name)});
    return one.unsure ? `${said} (${word("step.unsure")})` : said;
  };
  const steps = (told, due) => make("ol", {class: "rt-steps"}, [...told.map((one) => make("li", {"data-kind": one.kind, "data-unsure": one.unsure || null}, [make("b", {"data-num": true}, span(one)), make("span", {"data-num": true}, what(one))])), make("li", {"data-kind": "ends"}, [make("b", {"data-num": true}, kyDai.reports.due(due)), make("span", {}, word("step.ends"))])]);
  const clock = (name, held, term, way) => make("article", {class: "rt-clock"}, [make("h3", {}, [make("span", {}, name), make("span", {class: "muted", "data-num": true}, [term.unit === "hour" ? kyDai.format.span(term.value * 3600000) : word("term", {n: kyDai.format.number(term.value), unit: kyDai.say(`case.term.${term.unit}`)}), ["hour", "day", "instant"].includes(term.unit) ? "" : ["office", "24x7"].includes(term.profile) ? word(`profile.${term.profile}`) : word("profile.other", {profile: term.profile}), held.provisional ? word("provisional") : ""].filter(Boolean).join(" · "))]), steps(way, held.due)]);
  const clocks = (told) => pane("clocks", [clock(word("clock.due"), told.due, told.terms.due, told.steps.due), clock(word("clock.check"), told.check, told.terms.check, told.steps.check), ...told.units.map((way, nth) => clock(word("clock.unit", {unit: unit(way.unit)}), way.clock, told.terms.units[nth], told.steps.units[nth]))], word("calendar", {version: told.calendar}));
  const condition = (ask) => make("li", {"data-holds": ask.holds || null}, [make("i", {class: `ic ic-${ask.holds ? "check" : "x"}`, "aria-hidden": "true"}), make("span", {}, `${word(`of.${ask.of}`)} – ${ask.holds ? word("holds", {what: ask.hits.map(NAMES[ask.of]).join(", ")}) : word("wants", {what: ask.wanted.map(NAMES[ask.of]).join(", ")})}`)]);
  const rule = (one) => make("li", {"data-rule": one.key, "data-outcome": one.outcome}, [make("p", {}, [make("b", {}, word("rule", {rule: one.key})), make("span", {class: "rt-outcome"}, word(`outcome.${one.outcome}`)), make("span", {class: "muted"}, word("to", {units: one.units.map(unit).join(", ")}))]), one.conditions.length ? make("ul", {}, one.conditions.map(condition)) : make("p", {class: "muted"}, word("always"))]);
  const rules = (told) => pane("rules", [told.rules.length ? make("ol", {class: "rt-rules"}, told.rules.map(rule)) : make("p", {class: "muted"}, word("rules.none"))]);
  const same = (one) => make("li", {}, [make("a", {href: `/reports#${encodeURIComponent(one.key)}`, "data-code": true}, one.number), make("span", {}, one.title || service(one.service)), make("span", {class: "muted", "data-num": true}, [kyDai.say("case.apart", {m: kyDai.format.number(one.metres), t: kyDai.format.span(one.hours * 3600000)}), kyDai.format.share(Math.round(one.likeness * 100)), one.again ? word("near.again") : "", kyDai.say(`case.state.${one.state}`)].filter(Boolean).join(" · "))]);
  const near = (told, placed) => pane("near", [told.near.length ? make("ul", {class: "rt-near"}, told.near.map(same)) : make("p", {class: "muted"}, word(placed ? "near.none" : "near.no_place"))]);

  /* ---- asked as it is typed; an older answer never covers a newer question ---- */
  const empty = (why) => slot().replaceChildren(make("p", {class: "muted rt-empty", role: "status"}, word(why)));
  const degrees = (text) => text.trim() ? +text.replace(",", ".") : null;
  const given = () => {
    const told = Object.fromEntries(new FormData(form()));
    return {service: told.service, text: told.text.trim(), priority: told.priority, at: told.at, ward: told.ward, lat: degrees(told.lat), lon: degrees(told.lon)};
  };
  const ask = async () => {
    const mine = ++round, body = given();
    stick(body);
    kyDai.mark(page(), "data-warded", body.ward ? "" : null);
    if (!body.text && !body.service) return empty("empty");
    let status = 0, told = null;
    try {
      const reply = await fetch("/reports/tried", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(8000)});
      [status, told] = [reply.status, await reply.json().catch(() => null)];
    } catch { /* said below */ }
    if (mine !== round) return;
    if (status !== 200) return empty(status === 400 ? `no.${told?.error?.lacks ?? "bad_request"}` : "no.failed");
    slot().replaceChildren(verdict(told), units(told), clocks(told), rules(told), near(told, body.lat !== null));
    return undefined;
  };
  const soon = () => { clearTimeout(later); later = setTimeout(ask, AFTER_MS); };

  /* ---- the form, and its place on the map ---- */
  const stick = ({lat, lon}) => {
    pin?.remove();
    pin = null;
    const leaflet = kyDai.map?.leaflet(), size = PIN * kyDai.rem;
    if (!leaflet || !Number.isFinite(lat) || !Number.isFinite(lon) || lat === null || lon === null) return;
    pin = window.L.marker([lat, lon], {pane: "alarms", keyboard: false, interactive: false, icon: window.L.divIcon({className: "uc-pin", html: make("i"), iconSize: [size, size]})}).addTo(leaflet);
    if (!leaflet.getBounds().pad(-0.1).contains([lat, lon])) leaflet.panTo([lat, lon], {animate: false});
  };
  const put = ({latlng}) => {
    form().elements.lat.value = latlng.lat.toFixed(6);
    form().elements.lon.value = latlng.lng.toFixed(6);
    form().elements.ward.value = "";
    ask();
  };
  const listen = () => { const leaflet = kyDai.map?.leaflet(); if (leaflet && leaflet !== listened) (listened = leaflet).on("click", put); };
  const field = (name, inside) => make("label", {class: "ask-why"}, [make("span", {}, word(name)), inside]);
  const input = (name, more = {}) => field(name, make("input", {name, type: "text", autocomplete: "off", ...more}));
  const select = (name, rows) => field(name, make("select", {name}, rows.map(([value, said]) => make("option", {value}, said))));
  const build = () => {
    const {city} = kyDai, wards = city.wards.map((one) => [one.code, kyDai.of(one.name)]).sort((a, b) => a[1].localeCompare(b[1], "vi"));
    const made = make("form", {class: "rt-fields", novalidate: true}, [field("words", make("textarea", {name: "text", rows: 4, maxlength: 4000, autofocus: true})),
      select("service", [["", word("service.by_words")], ...city.services.map((one) => [one.code, `${kyDai.of(one.field_short)} · ${kyDai.of(one.name)}`])]),
      make("div", {class: "ask-pair"}, [select("priority", ["normal", "urgent"].map((one) => [one, kyDai.say(`case.priority.${one}`)])), input("at", {type: "datetime-local"})]),
      make("div", {class: "ask-pair"}, [input("lat", {inputmode: "decimal", maxlength: 12}), input("lon", {inputmode: "decimal", maxlength: 12})]),
      select("ward", [["", word("ward.by_place")], ...wards]),
      make("div", {class: "rt-foot"}, [make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word("go")), make("button", {type: "reset", class: "btn"}, word("clear"))])]);
    made.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
    made.addEventListener("reset", () => setTimeout(ask));
    made.addEventListener("input", soon);
    kyDai.one("[data-form]").replaceChildren(made);
    made.elements.text.focus({preventScroll: true});
  };
  kyDai.everySecond(() => { if (page()) listen(); });
  kyDai.ready(() => { if (page()) build(); });
})();
