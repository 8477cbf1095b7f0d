/* The incident that what is chosen on the console belongs to, or might; by I it is opened, or joined (docs/incidents.md). */
(() => {
  const kyDai = window.kyDai;
  const AGAIN_MS = 5000, REST_MS = 150; // whoever runs through the list with the arrows asks about the one they rest on
  let held = null, asked = 0, since = 0, rest = null; // held: {id, told or failed}

  /* What is chosen, as the record calls it; null where it can belong to no incident. */
  const member = (row) => {
    if (!row) return null;
    if (kyDai.acts.isAlarm(row)) return {what: "alarm", key: row.id};
    if (row.report || row.id.startsWith("report:")) return {what: "report", key: row.report ?? row.id.slice("report:".length)};
    return row.id.startsWith("camera:") ? null : {what: "event", key: row.id};
  };
  const find = async (row) => kyDai.fetched(`/incidents/of?${new URLSearchParams(member(row))}`);
  const load = async (row) => {
    const mine = asked += 1;
    since = performance.now();
    let told = null;
    try { told = await find(row); } catch { /* said below */ }
    if (mine !== asked || kyDai.selected?.id !== row.id) return;
    held = {id: row.id, told};
    const pane_ = kyDai.one("#detail [data-incident-of]");
    if (pane_ && pane_.dataset.incidentOf === row.id) pane_.replaceChildren(...inside(row));
  };

  const link = (incident) => kyDai.make("a", {href: `/incidents#${incident.id}`, target: "_blank", rel: "noopener"}, `#${incident.id} ${kyDai.incidents.name(incident)}`);
  const opener = () => kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-incident-open": true}, [kyDai.make("span", {}, kyDai.say("incident.act.open")), kyDai.make("kbd", {class: "key"}, "I")]);
  const near = (one) => kyDai.make("p", {"data-incident-near": one.incident.id}, [link(one.incident), kyDai.make("span", {class: "muted", "data-num": true}, ` · ${kyDai.incidents.apart(one)}`)]);
  const past = (one) => kyDai.make("p", {"data-incident-past": one.id}, [link(one), kyDai.make("span", {class: "muted"}, ` · ${kyDai.say(`incident.state.${one.state}`)}`)]);
  const body = (told) => {
    if (!told) return [kyDai.make("p", {class: "muted"}, kyDai.say("incident.no.load"))];
    if (told.incident) return [kyDai.make("p", {"data-incident-id": told.incident.id}, [link(told.incident), kyDai.make("span", {class: "muted"}, ` · ${told.incident.owner || kyDai.say("incident.nobody")}`)])];
    const among = told.near.filter((one) => one.incident);
    return [...told.past.map(past), among.length || !told.past.length ? kyDai.make("p", {class: "muted"}, among.length ? `${kyDai.say("incident.near")}:` : kyDai.say("incident.belongs_none")) : null, ...among.map(near)].filter(Boolean);
  };
  const inside = (row) => {
    const told = held?.id === row.id ? held.told : undefined;
    const open = kyDai.incidents.may() && told && !told.incident;
    return [kyDai.make("h3", {}, [kyDai.make("span", {}, kyDai.say("incident.of")), open ? opener() : null]), ...told === undefined ? [kyDai.make("p", {class: "muted"}, kyDai.say("incident.asking"))] : body(told)];
  };
  const pane = (row) => member(row) ? kyDai.make("section", {class: "inc-sec", "data-incident-of": row.id}, inside(row)) : null;

  /* I: a new one, or, where one is near, the choice between that and a new one. Nothing is joined without having been chosen. */
  const press = async () => {
    const row = kyDai.selected, mine = member(row);
    if (!mine || !kyDai.incidents.may()) return;
    if (kyDai.fresh.link === "lost") return kyDai.acts.toast(kyDai.say("acts.no_link"), {kind: "failed"});
    let told = null;
    try { told = await find(row); } catch { return kyDai.acts.toast(kyDai.say("incident.no.load"), {kind: "failed"}); }
    if (kyDai.selected?.id !== row.id || kyDai.one("dialog[open]")) return;
    if (told.incident) return kyDai.acts.toast(kyDai.say("incident.no.taken", {id: told.incident.id, owner: told.incident.owner || kyDai.say("incident.nobody")}));
    const among = told.near.filter((one) => one.incident);
    const chosen = among.length ? await choose(among) : {into: ""};
    if (chosen) await put(row, mine, among.find((one) => String(one.incident.id) === chosen.into)?.incident);
  };
  const choose = (among) => kyDai.incidents.ask(kyDai.say("incident.choose_one"), kyDai.say("incident.near_note"), [kyDai.incidents.choices("into", kyDai.say("incident.choose_one"), [
    ...among.map((one) => [one.incident.id, kyDai.say("incident.join", {id: one.incident.id, name: kyDai.incidents.name(one.incident)}), [kyDai.incidents.apart(one), one.incident.owner].filter(Boolean).join(" · ")]),
    ["", kyDai.say("incident.new")]])], "open", {go: kyDai.say("incident.act.choose")});
  const put = async (row, mine, into) => {
    const [status, told] = await kyDai.incidents.post(into ? {action: "add", incident: into.id, members: [mine]} : {action: "open", members: [mine]});
    if (status !== 200) kyDai.acts.toast(kyDai.incidents.why(status, told), {kind: "failed"});
    else kyDai.acts.toast(kyDai.say(!into ? "incident.opened_told" : told.incident.owner ? "incident.joined_told" : "incident.joined_free", {id: told.incident.id, owner: told.incident.owner}));
    if (kyDai.selected?.id === row.id) await load(row);
  };

  kyDai.onSelect.push((row) => {
    if (row?.id === held?.id && held) return;
    held = null;
    asked += 1;
    clearTimeout(rest);
    if (member(row)) rest = setTimeout(() => load(row), REST_MS);
  });
  /* Another console may have opened one meanwhile. */
  kyDai.everySecond(() => { if (kyDai.selected && member(kyDai.selected) && !document.hidden && performance.now() - since >= AGAIN_MS) load(kyDai.selected); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-incident-open]")) press(); });
  kyDai.incident = {press, pane};
})();
