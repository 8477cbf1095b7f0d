/* Incidents: the list, and one of them whole, with everything that may be done with it. What others do is heard of within five seconds. */
(() => {
  const kyDai = window.kyDai, {incidents: say_} = kyDai;
  const AGAIN_MS = 5000;
  let told = {incidents: [], me: "", cut: false}, whole = null, wholeText = "", listText = "", sought = "", filter = "open", asked = 0;
  const chosen = new Set(); // members that are marked, by what and key

  const page = () => kyDai.one(".incidents");
  const wanted = () => +(location.hash.match(/^#(\d{1,15})$/)?.[1] ?? 0);
  const note = (text, failed) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
  };

  /* ---- the list ---- */
  const owner = (one) => one.owner || kyDai.say("incident.nobody");
  const state = (one) => one.merged_into ? kyDai.say("incident.merged_into", {id: one.merged_into}) : kyDai.say(`incident.state.${one.state}`);
  const matches = (one, name) => name === "closed" ? one.state === "closed" : one.state === "open" && (name === "open" || one.owner === told.me);
  const plain = (one) => kyDai.plain([`#${one.id}`, say_.name(one), say_.kind(one), say_.place(one), kyDai.wardName(one.ward), one.owner].join(" "));
  const row = (one) => kyDai.make("a", {class: "in-row", href: `#${one.id}`, "data-id": one.id, "data-state": one.state, "aria-current": one.id === wanted() ? "true" : null}, [
    one.prio ? kyDai.badge(one.prio) : kyDai.make("i", {class: "ic ic-report", "aria-hidden": "true"}),
    kyDai.make("span", {class: "in-name"}, [kyDai.make("span", {class: "in-id", "data-num": true}, `#${one.id}`), kyDai.make("b", {}, say_.name(one))]),
    kyDai.make("span", {class: "muted", "data-num": true}, [one.state === "open" ? owner(one) : state(one), say_.number(one.n), say_.moment(one.state === "open" ? one.opened : one.closed)].join(" · "))]);
  const paintList = () => {
    const list = kyDai.one("[data-incidents]"), rows = told.incidents.filter((one) => matches(one, filter)).filter((one) => !sought || plain(one).includes(sought));
    for (const node of kyDai.all("[data-n]")) kyDai.text(node, kyDai.format.number(told.incidents.filter((one) => matches(one, node.dataset.n)).length));
    list.replaceChildren(...rows.length ? rows.map(row) : [kyDai.make("p", {class: "muted"}, kyDai.say(told.incidents.length ? "incident.none" : "incident.none_yet"))], ...told.cut ? [kyDai.make("p", {class: "muted"}, kyDai.say("incident.cut"))] : []);
  };

  /* ---- one of them ---- */
  const fact = (word, inside) => inside ? [kyDai.make("dt", {}, kyDai.say(word)), kyDai.make("dd", {"data-num": true}, inside)] : [];
  const by = (ms, who) => ms ? `${say_.moment(ms)} · ${who}` : "";
  const facts = (one) => kyDai.make("dl", {class: "facts"}, [
    ...fact("incident.state", one.merged_into ? [kyDai.make("a", {href: `#${one.merged_into}`}, state(one))] : ""), ...fact("incident.owner", owner(one)),
    ...fact("incident.place", [...new Set([say_.place(one), kyDai.wardName(one.ward)])].filter(Boolean).join(" · ")), ...fact("incident.began", say_.moment(one.at)), ...fact("incident.opened", by(one.opened, one.opener)),
    ...fact("incident.closed", one.state === "closed" ? by(one.closed, one.changed_by) : ""), ...fact("incident.outcome", one.outcome && one.outcome !== "merged" ? kyDai.say(`acts.outcome.${one.outcome}`) : "")]);
  /* What is mine or nobody's; what is another's has to be taken over first. */
  const free = (one) => one.owner === told.me || !one.owner;
  const button = (does, act, kind) => {
    const node = kyDai.make("button", {type: "button", class: "btn", "data-kind": kind, "data-does": does}, kyDai.say(`incident.act.${does}`));
    node.addEventListener("click", act);
    return node;
  };
  const buttons = ({incident: one}) => {
    if (!say_.may() || one.merged_into) return null;
    const all = one.state === "closed" ? [button("reopen", reopen, "strong")] : [
      one.owner !== told.me && button(one.owner ? "take_over" : "take", take, "strong"), button("note", noted),
      free(one) || page().hasAttribute("data-incident-leads") ? button("rename", rename) : null,
      ...free(one) ? [button("hand_over", handOver), button("merge", () => merge()), button("close", close)] : []];
    return kyDai.make("div", {class: "in-acts"}, all.filter(Boolean));
  };
  const key = (one) => `${one.what} ${one.key}`;
  const standing = (one) => one.what === "alarm" ? kyDai.say(`alarm.${one.state}`) : one.what === "report" ? kyDai.say(`incident.report_${one.state}`) : "";
  const about = (one) => [kyDai.make("span", {}, say_.call(one)), kyDai.make("span", {class: "muted", "data-num": true}, [kyDai.say(`incident.what.${one.what}`), say_.moment(one.at), standing(one), one.owner].filter(Boolean).join(" · "))];
  const badge = (one) => one.prio ? kyDai.badge(one.prio) : kyDai.make("i", {class: `ic ic-${one.what === "report" ? "report" : "dots"}`, "aria-hidden": "true"});
  const movable = ({incident: one, members}) => say_.may() && one.state === "open" && members.length > 1 && free(one);
  const memberRow = (one, loose) => {
    const box = loose ? kyDai.make("input", {type: "checkbox", checked: chosen.has(key(one)), "aria-label": kyDai.say("incident.pick")}) : null;
    box?.addEventListener("change", () => { if (box.checked) chosen.add(key(one)); else chosen.delete(key(one)); enable(); });
    return kyDai.make("label", {class: "in-member", "data-member": key(one), "data-loose": loose || null}, [box, badge(one), kyDai.make("span", {class: "in-what"}, about(one))]);
  };
  const enable = () => { for (const node of kyDai.all("[data-does=split], [data-does=remove]")) node.disabled = !chosen.size || chosen.size >= whole.members.length; };
  const members = (all) => {
    const loose = movable(all);
    return section("incident.members", [kyDai.make("div", {class: "in-list"}, all.members.map((one) => memberRow(one, loose))),
      loose ? kyDai.make("div", {class: "in-acts"}, [button("split", split), button("remove", remove)]) : null], say_.number(all.members.length));
  };
  const nearRow = (one) => {
    const told_ = one.incident ? [kyDai.make("span", {}, [kyDai.make("a", {href: `#${one.incident.id}`}, `#${one.incident.id} ${say_.name(one.incident)}`)]), kyDai.make("span", {class: "muted"}, owner(one.incident))] : about(one.subject);
    const does = one.incident ? free(whole.incident) && free(one.incident) && button("merge", () => merge(one.incident)) : button("add", () => act({action: "add", members: [{what: one.subject.what, key: one.subject.key}]}));
    return kyDai.make("div", {class: "in-member", "data-near": one.incident ? `incident ${one.incident.id}` : key(one.subject)}, [one.incident ? kyDai.make("i", {class: "ic ic-merge", "aria-hidden": "true"}) : badge(one.subject),
      kyDai.make("span", {class: "in-what"}, [...told_, kyDai.make("span", {class: "muted", "data-num": true}, say_.apart(one))]), say_.may() && does ? does : null]);
  };
  const near = (all) => all.incident.state !== "open" ? null : section("incident.near", [kyDai.make("p", {class: "muted"}, kyDai.say("incident.near_note")),
    ...all.near.length ? all.near.map(nearRow) : [kyDai.make("p", {}, kyDai.say("incident.near_none"))]], "", "in-near");
  /* What the city's layers know of where it began, of that day. */
  const ground = (one) => {
    if (one.lon === null || one.lat === null) return null;
    const slot = kyDai.make("div", {"data-here-slot": one.id});
    kyDai.here.fill(slot, one, one.at);
    return section("case.here", [slot], "", "in-here");
  };
  const linked = (text, other) => {
    const at = other ? text.indexOf(`#${other}`) : -1, number = `#${other}`;
    return at < 0 ? [text] : [text.slice(0, at), kyDai.make("a", {href: number}, number), text.slice(at + number.length)];
  };
  /* Every line has its second; a new day is said where it begins. */
  const timeline = (all) => {
    const called = new Map(all.members.map((one) => [key(one), say_.call(one)]));
    let day = "";
    const lines = all.lines.flatMap((line) => {
      const today = kyDai.format.dmy(line.at), head = today === day ? [] : [kyDai.make("b", {class: "in-day", "data-num": true}, today)];
      day = today;
      const from = line.of !== "incident" ? called.get(`${line.of} ${line.key}`) : +line.key !== all.incident.id ? `#${line.key}` : "";
      return [...head, kyDai.make("time", {"data-num": true, datetime: new Date(line.at).toISOString()}, kyDai.format.hms(line.at)),
        kyDai.make("span", {"data-line": line.action, "data-of": line.of}, [line.who ? kyDai.make("b", {}, `${line.who} `) : "", ...linked(say_.words(line, called), line.other), from ? kyDai.make("span", {class: "muted"}, ` · ${from}`) : null])];
    });
    return section("incident.timeline", [kyDai.make("p", {class: "muted"}, kyDai.say("incident.timeline_note")), kyDai.make("div", {class: "log", "data-lines": all.lines.length}, lines)]);
  };
  const section = (word, nodes, more = "", name = "") => kyDai.make("section", {class: `in-sec ${name}`.trim()}, [kyDai.make("h3", {}, [kyDai.make("span", {}, kyDai.say(word)), more ? kyDai.make("span", {class: "muted", "data-num": true}, more) : null]), ...nodes]);
  const paintWhole = () => {
    const slot = kyDai.one("[data-incident]");
    kyDai.one("[data-print]").disabled = !whole;
    kyDai.mark(page(), "data-chosen", whole ? "" : null);
    kyDai.mark(slot, "data-filled", whole ? "" : null);
    if (!whole) return slot.replaceChildren(kyDai.make("p", {class: "muted"}, kyDai.say(wanted() ? "incident.no.not_found" : "incident.choose")));
    const here = new Set(whole.members.map(key));
    for (const one of chosen) if (!here.has(one)) chosen.delete(one);
    slot.replaceChildren(...[kyDai.make("h2", {class: "in-title", "data-shown": whole.incident.id}, [kyDai.make("span", {class: "in-id", "data-num": true}, `#${whole.incident.id}`), kyDai.make("span", {}, say_.name(whole.incident)), kyDai.make("span", {class: "a-tag"}, state(whole.incident))]),
      kyDai.make("p", {class: "in-printed muted", "data-num": true}), facts(whole.incident), buttons(whole), kyDai.make("div", {class: "in-parts"}, [members(whole), ground(whole.incident), near(whole)]), timeline(whole)].filter(Boolean));
    enable();
  };

  /* ---- what the server tells ---- */
  const loadList = async () => {
    try { told = await kyDai.fetched("/incidents/list"); } catch { return note(kyDai.say("incident.no.load"), true); }
    const text = JSON.stringify(told);
    if (kyDai.one("[data-note]")?.textContent === kyDai.say("incident.no.load")) note("");
    if (text === listText) return;
    listText = text;
    paintList();
  };
  const loadWhole = async () => {
    const id = wanted(), mine = asked += 1;
    let found = null;
    if (id) {
      const reply = await fetch(`/incidents/${id}`).catch(() => null);
      if (!reply || (!reply.ok && reply.status !== 404)) return; // the list says that it cannot be read
      found = reply.ok ? await reply.json() : null;
    }
    const text = `${id} ${JSON.stringify(found)}`;
    if (mine !== asked || text === wholeText) return;
    if (whole?.incident.id !== found?.incident.id) chosen.clear();
    [whole, wholeText] = [found, text];
    paintWhole();
  };
  const load = async () => { await loadList(); await loadWhole(); };

  /* ---- what is done: each names the version that was seen ---- */
  const DECIDED = [200, 403, 404, 409]; // the server has said yes or no: anything else may be tried again
  const act = async (body, key) => {
    const {id, version} = whole.incident, [status, answer] = await say_.post({incident: id, version, ...body}, key), failed = status === 200 ? "" : say_.why(status, answer);
    note(failed || kyDai.say("incident.done"), !!failed);
    if (!failed && ["split", "remove"].includes(body.action)) chosen.clear();
    await load();
    return DECIDED.includes(status) ? "" : failed;
  };
  /* The same words sent again are the same act: one whose answer was lost is not done twice. */
  const asking = (does, text, fields, more) => {
    let key = "", words = "";
    const send = (given) => {
      const body = more(given), now = JSON.stringify(given);
      if (now !== words) [key, words] = [say_.fresh(), now];
      return act(body, key);
    };
    return say_.ask(kyDai.say(`incident.act.${does}`), text, fields, does, {send});
  };
  const reason = (focus = true) => say_.text(kyDai.say("acts.why"), {required: true, autofocus: focus});
  const title = () => `#${whole.incident.id} ${say_.name(whole.incident)}`;
  const picked = () => whole.members.filter((one) => chosen.has(key(one))).map(({what, key: name}) => ({what, key: name}));
  const take = () => whole.incident.owner ? asking("take_over", title(), [reason()], (given) => ({action: "take", ...given})) : act({action: "take"});
  const noted = () => asking("note", title(), [say_.text(kyDai.say("acts.note_text"), {required: true, autofocus: true})], (given) => ({action: "note", ...given}));
  const rename = () => asking("rename", title(), [say_.field(kyDai.say("incident.name"), kyDai.make("input", {type: "text", name: "title", maxlength: 120, required: true, autofocus: true, autocomplete: "off", value: whole.incident.title || say_.name(whole.incident)})), say_.text(kyDai.say("acts.why_not_needed"), {})], (given) => ({action: "rename", ...given}));
  const reopen = () => asking("reopen", title(), [reason()], (given) => ({action: "reopen", ...given}));
  const close = () => asking("close", title(), [say_.choices("outcome", kyDai.say("incident.outcome"), page().dataset.outcomes.split(" ").map((one) => [one, kyDai.say(`acts.outcome.${one}`)])), say_.text(kyDai.say("acts.why_not_needed"), {})], (given) => ({action: "close", ...given}));
  const remove = () => asking("remove", kyDai.say("incident.remove_note", {n: kyDai.format.number(chosen.size)}), [reason()], (given) => ({action: "remove", members: picked(), ...given}));
  const split = () => asking("split", kyDai.say("incident.split_note", {n: kyDai.format.number(chosen.size)}), [say_.field(kyDai.say("incident.name"), kyDai.make("input", {type: "text", name: "title", maxlength: 120, autocomplete: "off"})), reason()], (given) => ({action: "split", members: picked(), ...given}));
  const handOver = () => {
    const people = whole.people.filter((one) => one !== whole.incident.owner);
    if (!people.length) return note(kyDai.say("incident.no.people"), true);
    return asking("hand_over", title(), [say_.field(kyDai.say("incident.to"), kyDai.make("select", {name: "to", required: true, autofocus: true}, people.map((one) => kyDai.make("option", {value: one}, one)))), say_.text(kyDai.say("acts.why_not_needed"), {})], (given) => ({action: "hand_over", ...given}));
  };
  /* Merging cannot be undone: what is chosen is said, and why is asked. */
  const merge = (other) => {
    const near_ = new Map(whole.near.filter((one) => one.incident).map((one) => [one.incident.id, one])), open = told.incidents.filter((one) => one.state === "open" && one.id !== whole.incident.id && free(one));
    const among = other ? [other] : [...open].sort((a, b) => near_.has(b.id) - near_.has(a.id));
    if (!among.length) return note(kyDai.say("incident.no.others"), true);
    const rows = among.map((one) => [one.id, `#${one.id} ${say_.name(one)}`, [near_.has(one.id) ? say_.apart(near_.get(one.id)) : "", owner(one)].filter(Boolean).join(" · ")]);
    return asking("merge", kyDai.say("incident.merge_note", {id: whole.incident.id}), [say_.choices("other", kyDai.say("incident.merge_which"), rows), reason(false)], ({other: id, why}) => ({action: "merge", other: +id, other_version: among.find((one) => one.id === +id).version, why}));
  };

  /* ---- the page ---- */
  const choose = (name) => {
    filter = name;
    for (const node of kyDai.all("[data-filter]")) kyDai.mark(node, "aria-pressed", node.dataset.filter === name);
    paintList();
  };
  kyDai.ready(() => {
    if (!page()) return;
    const input = kyDai.make("input", {type: "search", "aria-label": kyDai.say("incident.search"), placeholder: kyDai.say("incident.search"), maxlength: 80});
    input.addEventListener("input", () => { sought = kyDai.plain(input.value.trim()); paintList(); });
    kyDai.one("[data-search]").replaceChildren(input);
    document.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-filter]");
      if (tab) choose(tab.dataset.filter);
      if (event.target.closest("[data-print]")) window.print();
    });
    window.addEventListener("hashchange", () => { note(""); paintList(); loadWhole(); });
    window.addEventListener("beforeprint", () => kyDai.text(kyDai.one(".in-printed"), kyDai.say("incident.printed", {at: say_.moment(kyDai.now()), who: told.me})));
    load();
    setInterval(() => { if (!document.hidden && !kyDai.one("dialog[open]")) load(); }, AGAIN_MS);
  });
})();
