/* One report, whole: where it is on its way, its clock, what the citizen wrote, the units' parts, what may be the same, its history, its acts. */
(() => {
  const kyDai = window.kyDai, say_ = kyDai.reports;
  const STEPS = ["received", "verified", "classified", "forwarded", "in_progress", "approved", "published", "rated"];
  const AT = {received: 0, verifying: 1, verified: 2, classified: 3, forwarded: 4, in_progress: 4, resulted: 5, approved: 6, published: 7, rated: 8, closed: 8, ineligible: 8, outside: 8, duplicate: 8};
  /* Which acts stand first, by state; the others wait behind "…". A unit's own stand at its part. */
  const FIRST = {received: ["verify", "refuse", "take"], verifying: ["verify", "refuse"], verified: ["classify", "refuse"], classified: ["forward", "classify"], forwarded: ["forward", "pause"], in_progress: ["forward", "pause"], resulted: ["approve"], approved: ["publish"], published: ["rate", "close"], rated: ["close"], duplicate: ["split"]};
  const KEYS = {verify: "V", refuse: "R", take: "T", classify: "C", forward: "F", pause: "P", resume: "P", approve: "A", publish: "G", rate: "Y", close: "L", split: "S", note: "I", write: "W", merge: "M", urge: "U", undo: "Z", read: "E"};
  const AT_PART = new Set(["accept", "result", "ask_extension", "decline", "withdraw", "send_back", "grant", "deny"]);
  const NEAR_M = 500, NEAR = 3, UNDO_MS = 60000, SHOWN_MS = 60000;
  let one = null, asked = 0, person = null, missed = false, pin = null;

  const slot = (name) => kyDai.one(`[data-one-${name}]`);
  const note = (text, failed) => { const line = kyDai.one("[data-note]"); line.hidden = !text; kyDai.mark(line, "data-kind", failed ? "failed" : null); kyDai.text(line, text); };
  const fact = (word, inside) => inside ? [kyDai.make("dt", {}, kyDai.say(word)), kyDai.make("dd", {"data-num": true}, inside)] : [];
  const section = (word, more, nodes) => kyDai.make("section", {class: "rp-sec"}, [kyDai.make("h3", {}, [kyDai.make("span", {}, kyDai.say(word)), more ? kyDai.make("span", {class: "muted", "data-num": true}, more) : null]), ...nodes.filter(Boolean)]);
  const late = (clock, ended) => !clock.paused && !ended && clock.due < kyDai.now();

  /* ---- its head: number, state, what is left, the way ---- */
  const head = () => {
    const at = AT[one.state], settled = at >= 7, own = one.part && one.parts.find((part) => part.nth === one.part.nth), done = settled || (own && !acting(own));
    const said = own ? own.result && done ? kyDai.say(own.result.at <= own.clock.due ? "case.on_time" : "case.late") : done ? kyDai.say(`case.part.${own.state}`) : say_.left({...own.clock, handled: 0}) : settled ? one.handled ? say_.left(one) : "" : say_.left({...one, due: one.clock.due, handled: 0});
    const left = kyDai.make("b", {class: "rp-left", "data-num": true, "data-over": late(own?.clock ?? one.clock, done) || null}, said);
    const tags = [kyDai.make("span", {class: "pill"}, kyDai.say(`case.state.${one.state}`)), one.priority === "urgent" ? kyDai.make("span", {class: "pill", "data-kind": "late"}, kyDai.say("case.priority.urgent")) : null, one.duplicates ? kyDai.make("span", {class: "pill", "data-num": true}, `×${one.duplicates + 1}`) : null, one.recurs ? kyDai.make("span", {class: "pill"}, kyDai.say("case.recurs")) : null, one.legal.includes("read") ? kyDai.make("span", {class: "pill", "data-kind": "late"}, kyDai.say("case.unread")) : null];
    const steps = kyDai.make("ol", {class: "rp-steps"}, STEPS.map((name, nth) => kyDai.make("li", {"data-done": nth < at || null, "aria-current": nth === at ? "step" : null}, [kyDai.make("span", {}, kyDai.say(`case.step.${name}`))])));
    return [kyDai.make("div", {class: "rp-line"}, [kyDai.make("span", {class: "faint", "data-code": true}, one.number), ...tags, kyDai.make("span", {class: "grow"}), left]), kyDai.make("h2", {"data-shown": one.key}, one.title || say_.service(one.service)), steps];
  };
  const sender = () => {
    if (person) return [kyDai.make("b", {}, [person.name, person.phone, person.email, person.address].filter(Boolean).join(" · "))];
    if (!one.identified) return [kyDai.make("span", {class: "muted"}, kyDai.say("case.nobody"))];
    const open = kyDai.make("button", {type: "button", class: "link", "data-identity": true}, kyDai.say("case.identity_show"));
    return [kyDai.make("span", {class: "muted"}, [kyDai.make("i", {class: "ic ic-eyeoff", "aria-hidden": "true"}), kyDai.say("case.hidden")]), kyDai.one("[data-enters]") ? open : null];
  };
  /* By when: a unit's people see their own part's, and beside it what the citizen was told. */
  const dues = () => {
    const own = one.part && one.parts.find((part) => part.nth === one.part.nth), clock = own?.clock ?? one.clock;
    const moved = own ? clock.extended > 0 && clock.due !== clock.original : clock.due !== clock.original;
    return [...fact("case.fact.due", say_.due(clock.due)), ...moved ? fact("case.fact.original", say_.due(clock.original)) : [], ...own ? fact("case.fact.told", say_.due(one.clock.due)) : [],
      ...clock.provisional && AT[one.state] < 7 ? fact("case.fact.provisional", kyDai.say("case.provisional")) : []];
  };
  const facts = () => [kyDai.make("dl", {class: "facts"}, [
    ...fact("case.fact.submitted", say_.moment(one.submitted)), ...dues(), ...one.handled ? fact("case.fact.handled", say_.moment(one.handled)) : [], ...one.clock.paused ? fact("case.paused", one.clock.why) : [],
    ...one.check ? fact("case.fact.check", `${say_.due(one.check.due)} · ${kyDai.dueLeft(one.check.due)}`) : [],
    ...fact("case.fact.service", `${kyDai.of(kyDai.city.service[one.service]?.field_name)} · ${say_.service(one.service)}`), ...fact("case.fact.place", [one.place, kyDai.wardName(one.ward), one.lon === null ? kyDai.say("case.no_spot") : one.ward ? "" : kyDai.say("case.place.outside")].filter(Boolean).join(" · ")), ...fact("case.fact.channel", kyDai.texts[`case.channel.${one.channel}`] ?? one.channel), ...fact("case.fact.owner", one.owner),
    ...one.outside ? fact("case.fact.outside", one.outside) : [], ...one.rating ? fact("case.fact.rating", kyDai.say(`case.rating.${one.rating}`)) : [], ...one.part ? [] : [kyDai.make("dt", {}, kyDai.say("case.fact.sender")), kyDai.make("dd", {}, sender())]])];

  /* ---- what may be the same; the units' parts; cameras near; the history ---- */
  const near = () => one.near.slice(0, NEAR).map((other) => kyDai.make("div", {class: "rp-dup", "data-near": other.key}, [kyDai.make("i", {class: "ic ic-merge", "aria-hidden": "true"}),
    kyDai.make("div", {}, [kyDai.make("b", {}, [kyDai.make("span", {}, `${kyDai.say(other.again ? "case.maybe_again" : "case.maybe_same")} `), kyDai.make("a", {href: `#${encodeURIComponent(other.key)}`, "data-code": true}, other.number)]), kyDai.make("span", {"data-num": true}, [kyDai.say("case.apart", {m: kyDai.format.number(other.metres), t: kyDai.format.span(other.hours * 3600000)}), other.title].filter(Boolean).join(" · "))]),
    one.legal.includes(other.again ? "recur" : "merge") ? kyDai.make("button", {type: "button", class: "btn", "data-join": other.key, "data-again": other.again || null}, kyDai.say(other.again ? "case.act.recur" : "case.act.merge")) : null]));
  const partActs = (part) => [...AT_PART].filter((action) => one.legal.includes(action) && POSSIBLE[action](part)).map((action) => kyDai.make("button", {type: "button", class: "btn", "data-does": action, "data-nth": part.nth}, kyDai.say(`case.act.${action}`)));
  /* What a unit's people do about their part stands below, under the thumb of who holds a telephone in one hand. */
  const ownPart = () => one.part ? one.parts.find((part) => part.nth === one.part.nth) : null;
  const acting = say_.acting, ours = () => one.parts.some((part) => part.mine);
  const POSSIBLE = {accept: (part) => part.mine && part.state === "given", decline: (part) => part.mine && ["given", "accepted"].includes(part.state), result: (part) => part.mine && acting(part), withdraw: (part) => !ours() && (acting(part) || part.state === "resulted"), send_back: (part) => part.state === "resulted", ask_extension: (part) => acting(part) && !part.request && (part.mine || !ours()), grant: (part) => !!part.request && !mine(part.request), deny: (part) => !!part.request && !mine(part.request)};
  const mine = (request) => request.who === kyDai.told.name; // never granted by who asks
  const part = (told) => {
    const done = !acting(told), over = late(told.clock, done);
    const state = told.result ? kyDai.say(told.result.at <= told.clock.due ? "case.on_time" : "case.late") : done ? "" : told.clock.paused ? kyDai.say("case.paused") : kyDai.dueLeft(told.clock.due);
    return kyDai.make("div", {class: "rp-part", "data-part": told.nth, "data-over": over || null}, [
      kyDai.make("div", {class: "rp-who"}, [kyDai.make("b", {}, say_.unit(told.unit)), kyDai.make("span", {class: "faint"}, told.task)]), kyDai.make("span", {class: "pill"}, kyDai.say(`case.part.${told.state}`)), kyDai.make("span", {class: "rp-when muted", "data-num": true}, [kyDai.make("span", {}, say_.due(told.clock.due)), kyDai.make("b", {class: "rp-rest"}, state)]),
      told.request ? kyDai.make("p", {class: "rp-more"}, kyDai.say("case.asks_more", {who: told.request.who, n: told.request.value, unit: kyDai.say(`case.term.${told.request.unit}`), why: told.request.why})) : null,
      told.result ? kyDai.make("p", {class: "rp-more"}, told.result.text) : null, kyDai.reportPhotos.strip(["unit"], told.nth), kyDai.make("div", {class: "rp-part-acts"}, told === ownPart() ? [] : partActs(told))]);
  };
  const cameras = () => {
    if (one.lon === null) return null;
    const states = kyDai.frames.cameras?.data.states ?? "";
    const found = kyDai.city.cameras.map((camera, ix) => ({camera, ix, m: kyDai.metres(one, camera), on: "ol".includes(states[ix] ?? "-")})).filter((it) => it.m <= NEAR_M && !it.camera.gone).sort((a, b) => (b.on - a.on) || (a.m - b.m)).slice(0, NEAR);
    return section("case.cameras", "", [...found.length ? [kyDai.make("div", {class: "near"}, found.flatMap(({camera, ix, m, on}) => [kyDai.make("span", {}, `${camera.id} ${kyDai.of(camera.short)}`), kyDai.make("span", {class: "num", "data-num": true}, kyDai.say("camera.towards", {m: kyDai.format.number(Math.round(m)), dir: kyDai.say(`compass.${kyDai.compass(one, camera)}`)})), kyDai.make("span", {class: on ? "st" : "st off"}, kyDai.say(`camera.${{o: "online", l: "late", x: "lost", f: "frozen", m: "maintenance"}[states[ix]] ?? "unknown"}`))]))] : [kyDai.make("p", {class: "muted"}, kyDai.say("camera.none_near"))], ...found.length ? kyDai.reportSeen.nodes(one) : []]);
  };
  const line = (told) => {
    const more = [told.units?.map(say_.unitShort).join(", "), !told.units?.length && told.unit && told.nth !== 0 ? say_.unitShort(told.unit) : "", told.service && say_.service(told.service), told.other, told.event && kyDai.say("case.of_event", {event: told.event}), told.to, told.rating && kyDai.say(`case.rating.${told.rating}`), told.text, told.why, told.before_due ? kyDai.say("case.due_moved", {from: say_.moment(told.before_due), to: say_.moment(told.due)}) : ""].filter(Boolean);
    return [kyDai.make("time", {"data-num": true, datetime: new Date(told.at).toISOString(), title: kyDai.format.hms(told.at)}, `${kyDai.format.dm(told.at)} ${kyDai.format.hm(told.at)}`), kyDai.make("span", {"data-line": told.action}, [told.who ? kyDai.make("b", {}, `${told.who} `) : null, `${kyDai.say(`case.did.${told.action}`)}${more.length ? `: ${more.join(" · ")}` : ""}`, told.sent ? kyDai.make("span", {class: "rp-sent muted", "data-sent": told.sent.state}, ` (${kyDai.reportSent(told.sent)})`) : null])];
  };
  const photos = () => {
    const add = kyDai.one("[data-enters]") && AT[one.state] < 7 ? kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-attach": true}, [kyDai.make("i", {class: "ic ic-camera", "aria-hidden": "true"}), kyDai.make("span", {}, kyDai.say("case.photo.add"))]) : null;
    const strip = kyDai.reportPhotos.strip(["citizen", "centre"]);
    return strip || add ? kyDai.make("div", {class: "rp-pics"}, [strip, add].filter(Boolean)) : null;
  };
  const here = () => {
    if (one.lon === null) return null;
    const slot = kyDai.make("div", {"data-here-slot": one.key});
    kyDai.here.fill(slot, one, one.submitted);
    return section("case.here", "", [slot]);
  };
  const body = () => [
    one.text ? kyDai.make("p", {class: "rp-text"}, one.text) : null, photos(), ...near(),
    one.request ? kyDai.make("p", {class: "rp-more"}, [kyDai.say("case.asks_more", {who: one.request.who, n: one.request.value, unit: kyDai.say(`case.term.${one.request.unit}`), why: one.request.why}), ...["grant", "deny"].filter((it) => one.legal.includes(it) && !mine(one.request)).map((it) => kyDai.make("button", {type: "button", class: "btn", "data-does": it}, kyDai.say(`case.act.${it}`)))]) : null,
    one.members.length ? section("case.members", kyDai.format.number(one.members.length), one.members.map((it) => kyDai.make("p", {"data-member": it.key}, [kyDai.make("a", {href: `#${encodeURIComponent(it.key)}`, "data-code": true}, it.number), ` ${it.title}`]))) : null,
    one.merged_into ? section("case.merged_into", "", [kyDai.make("p", {}, [kyDai.make("a", {href: `#${encodeURIComponent(one.merged_into)}`, "data-code": true}, one.merged_into.split("/").at(-1))])]) : null,
    one.parts.length ? section("case.parts", kyDai.say("case.parts_note"), one.parts.map(part)) : null, one.answer ? section("case.answer", "", [kyDai.make("p", {class: "rp-text"}, one.answer)]) : null,
    here(), cameras(), section("case.history", kyDai.format.number(one.acts.length), [kyDai.make("div", {class: "log", "data-lines": one.acts.length}, [...one.acts].reverse().flatMap(line))])].filter(Boolean);

  /* ---- its acts ---- */
  const whole = () => one.legal.filter((action) => !AT_PART.has(action) && (action !== "undo" || undoable()) && (action !== "merge" || one.near.some((it) => !it.again)) && (action !== "recur" || one.near.some((it) => it.again)) && (action !== "pause" || !one.clock.paused) && (action !== "resume" || one.clock.paused) && (action !== "urge" || one.priority !== "urgent") && (action !== "send_again" || lost()) && (action !== "bounced" || mailed()));
  const mailed = () => one.acts.some((told) => told.sent?.way === "mail" && told.sent.state === "sent");
  const lost = () => one.acts.some((told) => told.sent?.state === "given_up");
  const undoable = () => one.undo_who === kyDai.told.name && kyDai.now() - one.undo < UNDO_MS;
  const button = (action, kind) => kyDai.make("button", {type: "button", class: "btn", "data-does": action, "data-kind": kind}, [kyDai.make("span", {}, kyDai.say(`case.act.${action}`)), KEYS[action] ? kyDai.make("kbd", {class: "key", "data-code": true}, KEYS[action]) : null]);
  const acts = () => {
    const mine = whole(), first = [...["read", "send_again"].filter((it) => mine.includes(it)), ...one.clock.paused && mine.includes("resume") ? ["resume"] : [], ...(FIRST[one.state] ?? []).filter((it) => mine.includes(it)), ...mine.includes("undo") ? ["undo"] : []], rest = mine.filter((it) => !first.includes(it));
    const more = rest.length ? kyDai.make("details", {class: "rp-rest-acts"}, [kyDai.make("summary", {class: "btn"}, kyDai.say("case.more")), kyDai.make("div", {class: "rp-menu"}, rest.map((it) => button(it)))]) : null;
    const own = ownPart() ? partActs(ownPart()) : [];
    if (own.length) kyDai.mark(own[0], "data-kind", "strong");
    return [...own, ...first.map((it, nth) => button(it, nth === 0 && !own.length ? "strong" : null)), kyDai.make("span", {class: "grow"}), more].filter(Boolean);
  };

  const paint = () => {
    const pane = kyDai.one("[data-one]"), held = document.activeElement?.closest("[data-one-acts] .btn, [data-one-body] .btn")?.dataset.does;
    kyDai.mark(pane, "data-filled", one ? "" : null);
    kyDai.mark(kyDai.one(".rp"), "data-chosen", one ? "" : null);
    if (!one) return;
    const open = !!kyDai.one(".rp-rest-acts[open]");
    slot("head").replaceChildren(...head());
    slot("facts").replaceChildren(...facts());
    slot("body").replaceChildren(...body());
    slot("acts").replaceChildren(...acts());
    if (open) kyDai.one(".rp-rest-acts")?.setAttribute("open", "");
    /* Whoever works by keyboard stays where they are: at the same act, or where it was done away with, at the report. */
    if (held) (kyDai.one(`[data-one-acts] [data-does=${held}], [data-one-body] [data-does=${held}]`) ?? pane).focus();
  };
  const load = async (key) => {
    const mine = ++asked;
    if (!key) { one = null; missed = false; return paint(); }
    try {
      const told = await kyDai.fetched(`/reports/one?key=${encodeURIComponent(key)}`);
      if (mine !== asked) return;
      if (missed) note("");
      missed = false;
      const other = one?.key !== told.key;
      const same = !other && JSON.stringify(told) === JSON.stringify(one);
      if (!same || kyDai.reportPhotos.stale()) kyDai.reportPhotos.load(key).then((changed) => { if (changed && one?.key === key) paint(); });
      if (same) return;
      if (other) { person = null; note(""); }
      one = told;
      paint();
      if (other) { kyDai.one(".rp-body").scrollTop = 0; place(); kyDai.reportSeen.load(told).then((found) => { if (found && one?.key === key) paint(); }); }
    } catch (error) {
      if (mine !== asked) return;
      const gone = / 404$/.test(error.message), said = kyDai.say(gone ? "case.no.not_found" : / 401$/.test(error.message) ? "acts.signed_out" : "case.no.load");
      missed = gone || key; // what could not be read is asked for again
      if (gone) { one = null; paint(); } // not what was looked at before, with its acts
      note(said, true);
      if (!kyDai.one("[data-note]").checkVisibility()) kyDai.reportList.note(said, {failed: true});
    }
  };
  const place = () => {
    kyDai.mark(kyDai.one(".rp-facts"), "data-placed", one.lon === null ? null : "");
    kyDai.map?.resize();
    pin?.remove();
    pin = null;
    if (one.lon !== null) {
      const map = kyDai.map?.leaflet();
      if (map) pin = window.L.marker([one.lat, one.lon], {keyboard: false, interactive: false, icon: window.L.divIcon({className: "mk", html: kyDai.make("i", {class: "rp-pin"}), iconSize: [20, 20]})}).addTo(map); kyDai.select({id: `case:${one.key}`, ix: -1, lon: one.lon, lat: one.lat}, "list"); requestAnimationFrame(() => kyDai.map?.show({ix: -1, lon: one.lon, lat: one.lat}));
    }
  };
  const does = async (action, more = {}) => {
    if (!one || !one.legal.includes(action)) return;
    const answered = await say_.act(action, one, more);
    if (!answered) return;
    note(answered[0] === 200 ? "" : say_.why(...answered), answered[0] !== 200);
    await load(one.key);
    kyDai.reportList.again();
  };
  const look = async () => {
    const found = await say_.identity(one);
    if (!found) return;
    person = found;
    paint();
    setTimeout(() => { if (person === found) { person = null; paint(); } }, SHOWN_MS);
    load(one.key);
  };

  const attach = async (key) => { if (await kyDai.reportPhotos.attach(key)) load(key); };

  document.addEventListener("click", (event) => {
    if (!event.target.closest(".rp-rest-acts > summary")) kyDai.one(".rp-rest-acts")?.removeAttribute("open");
    const act_ = event.target.closest("[data-does]"), join = event.target.closest("[data-join]");
    if (event.detail > 1 && (act_ || join)) return; // the second of a double click: what it hits may be another act that has come to stand there
    if (act_) does(act_.dataset.does, act_.dataset.nth ? {nth: +act_.dataset.nth} : {});
    if (join) does(join.dataset.again !== undefined ? "recur" : "merge", {other: join.dataset.join});
    if (event.target.closest("[data-identity]")) look();
    if (event.target.closest("[data-attach]") && one) attach(one.key);
  });
  kyDai.reportOne = {load, does, place: () => one && place(), key: () => typeof missed === "string" ? missed : one?.key, byKey: (letter) => whole().find((action) => KEYS[action] === letter), shown: () => one};
  kyDai.everySecond(() => { 
    if (!one) return;
    if (Math.floor(kyDai.now() / 1000) % 15 === 0) slot("head").replaceChildren(...head());
    if (!undoable()) kyDai.one("[data-one-acts] [data-does=undo]")?.remove();
  });
})();
