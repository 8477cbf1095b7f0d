/* Violations: reviewed one after the other by keyboard, handed over together, and the funnel that they make. */
(() => {
  const kyDai = window.kyDai;
  const REFRESH_MS = 10000, WAITS = ["detected", "confirmed", "handed"];
  const REASONS = ["misread", "unclear", "exempt", "no_violation", "double"], OUTCOMES = ["fined", "warned", "dropped"];
  let state = "detected", kind = "", camera = "", rows = [], chosen = null, picked = new Set(), asked = 0;
  const page = () => kyDai.one(".violations");
  const may = (right) => page()?.hasAttribute(`data-${right}s`);

  const note = (text, failed) => {
    const line = kyDai.one("[data-note]");
    line.hidden = !text;
    kyDai.mark(line, "data-kind", failed ? "failed" : null);
    kyDai.text(line, text);
  };
  const why = (answer) => {
    const error = answer?.error ?? {};
    if (error.code === "late") return kyDai.say("violations.no.late", {who: error.reviewer || "—", state: kyDai.say(`violations.state.${error.state}`)});
    return kyDai.say(["incomplete", "forbidden"].includes(error.code) ? `violations.no.${error.code}` : "violations.no.failed");
  };
  const post = async (body) => {
    try {
      const reply = await fetch("/violations/act", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(8000)});
      return [reply.ok, await reply.json()];
    } catch { return [false, null]; }
  };

  /* ---- the queue ---- */
  const at = (row) => `${kyDai.format.hms(row.at ?? row.counted)} ${kyDai.format.dm(row.at ?? row.counted)}`;
  const line = (row) => {
    const several = ["confirmed", "handed"].includes(state) && may("hand");
    const box = several ? kyDai.make("input", {type: "checkbox", "aria-label": at(row), checked: picked.has(row.seq)}) : null;
    box?.addEventListener("change", () => { picked[box.checked ? "add" : "delete"](row.seq); paintOne(); });
    const node = kyDai.make("li", {class: "vi-row", "data-seq": row.seq, role: "option", "aria-selected": String(row.seq === chosen?.seq)}, [
      box, kyDai.make("span", {class: "vi-kind"}, kyDai.kindName(row.kind, true)), kyDai.make("b", {"data-num": true}, row.plate ?? "—"), kyDai.make("span", {class: "muted vi-place"}, kyDai.placeName(row, true)), kyDai.make("time", {class: "muted", "data-num": true}, at(row))]);
    node.addEventListener("click", (event) => { if (event.target !== box) choose(row); });
    return node;
  };
  const paint = () => {
    kyDai.one("[data-queue]").replaceChildren(...rows.length ? rows.map(line) : [kyDai.make("li", {class: "empty", role: "presentation"}, kyDai.say("violations.none"))]);
  };
  const choose = (row) => {
    chosen = row;
    for (const node of kyDai.all(".vi-row")) kyDai.mark(node, "aria-selected", +node.dataset.seq === row?.seq);
    kyDai.one(".vi-row[aria-selected='true']")?.scrollIntoView({block: "nearest"});
    paintOne();
  };
  const step = (by) => {
    const held = rows.findIndex((row) => row.seq === chosen?.seq), next = rows[Math.min(Math.max(held < 0 ? 0 : held + by, 0), rows.length - 1)];
    if (next) choose(next);
  };
  const load = async () => {
    const mine = ++asked, query = new URLSearchParams({state, kind, camera});
    try {
      const [list, figures] = await Promise.all([kyDai.fetched(`/violations/list?${query}`), kyDai.fetched("/violations/figures")]);
      if (mine !== asked) return;
      const before = rows.findIndex((row) => row.seq === chosen?.seq);
      rows = list.rows;
      if (chosen && !rows.some((row) => row.seq === chosen.seq)) chosen = rows[Math.min(Math.max(before, 0), rows.length - 1)] ?? null;
      paint();
      paintOne();
      paintFigures(figures);
    } catch { if (mine === asked) note(kyDai.say("violations.no.load"), true); }
  };

  /* ---- the one that is looked at ---- */
  const fact = (word, text) => text ? [kyDai.make("dt", {}, kyDai.say(word)), kyDai.make("dd", {"data-num": true}, text)] : [];
  const button = (word, key, does, kind_) => {
    const node = kyDai.make("button", {type: "button", class: "btn", "data-kind": kind_, "data-does": word}, [kyDai.make("span", {}, kyDai.say(`violations.act.${word}`)), key ? kyDai.make("kbd", {class: "key"}, key) : null]);
    node.addEventListener("click", does);
    return node;
  };
  const several = () => picked.size ? [...picked] : chosen ? [chosen.seq] : [];
  const buttons = () => {
    const found = [];
    if (may("review") && state === "detected") found.push(button("confirm", "A", () => act({action: "confirm"}), "strong"), button("reject", "X", reject));
    if (may("review") && state === "confirmed") found.push(button("reject", "X", reject));
    if (may("review") && ["confirmed", "none"].includes(state)) found.push(button("reopen", "", () => act({action: "reopen"}), "quiet"));
    if (may("hand") && state === "confirmed") found.push(button("hand", "", hand, "strong"));
    if (may("hand") && state === "handed") found.push(button("decide", "", decide, "strong"));
    return kyDai.make("div", {class: "vi-acts"}, found);
  };
  const paintOne = () => {
    const pane = kyDai.one("[data-one]");
    if (!chosen) return pane.replaceChildren(kyDai.make("p", {class: "muted"}, kyDai.say(rows.length ? "violations.choose" : "violations.none")));
    const slot = kyDai.one(`.vi-picture[data-of='${chosen.seq}']`, pane) ?? picture(chosen.seq);
    pane.replaceChildren(kyDai.make("h2", {}, kyDai.kindName(chosen.kind)), slot, buttons(), picked.size ? kyDai.make("p", {class: "muted"}, kyDai.say("violations.picked", {n: picked.size})) : "", kyDai.make("dl", {class: "facts"}, [
      ...fact("detail.plate", chosen.plate), ...fact("detail.camera", kyDai.placeName(chosen)), ...fact("detail.first", at(chosen)), ...fact("detail.score", chosen.score ? chosen.score.toLocaleString(kyDai.told.tongue === "en" ? "en-GB" : "vi-VN", {maximumFractionDigits: 2}) : ""),
      ...fact("violations.reviewer", chosen.reviewer), ...fact("violations.reason", chosen.reason && kyDai.say(`violations.reason.${chosen.reason}`)), ...fact("violations.unit", chosen.unit && kyDai.of(kyDai.city.unit[chosen.unit]?.name)),
      ...fact("violations.outcome", chosen.outcome && kyDai.say(`violations.outcome.${chosen.outcome}`)), ...fact("violations.paper", chosen.paper)]));
  };
  const picture = (seq) => {
    const slot = kyDai.make("div", {class: "vi-picture", "data-of": seq}, [kyDai.make("p", {class: "muted"}, kyDai.say("pictures.none"))]);
    kyDai.fetched(`/pictures?seq=${seq}`).then(({pictures}) => {
      if (pictures.length) slot.replaceChildren(...pictures.slice(0, 2).map((one) => kyDai.make("img", {src: one.url, alt: kyDai.say(`pictures.role.${one.role}`), width: one.width, height: one.height})));
    }, () => {});
    return slot;
  };

  /* ---- what is done ---- */
  const act = async (more) => {
    const seqs = ["hand", "decide"].includes(more.action) ? several() : chosen ? [chosen.seq] : [];
    if (!seqs.length) return;
    const [good, answer] = await post({seqs, ...more});
    note(good ? kyDai.say(`violations.done.${more.action}`, {n: answer.n}) : why(answer), !good);
    picked.clear();
    await load();
  };
  const ask = (action, fields, given) => {
    const word = kyDai.say(`violations.act.${action}`), cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, word), kyDai.make("p", {class: "muted"}, kyDai.say("violations.picked", {n: action === "reject" ? 1 : several().length})), ...fields,
      kyDai.make("div", {class: "ask-foot"}, [cancel, kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word)])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": word}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => { event.preventDefault(); card.close(); act({action, ...given(Object.fromEntries(new FormData(form)))}); });
    document.body.append(card);
    card.showModal();
    return form;
  };
  const label = (word, inside) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(word)), inside]);
  const choice = (name, among) => kyDai.make("select", {name, autofocus: true}, among.map(([value, word]) => kyDai.make("option", {value}, word)));
  const reject = () => {
    const form = ask("reject", [kyDai.make("div", {class: "ask-among vi-reasons", role: "radiogroup", "aria-label": kyDai.say("violations.reason")}, REASONS.map((one, nth) => kyDai.make("label", {}, [kyDai.make("input", {type: "radio", name: "reason", value: one, checked: !nth, autofocus: !nth}), kyDai.make("kbd", {class: "key"}, String(nth + 1)), kyDai.make("span", {}, kyDai.say(`violations.reason.${one}`))])))], ({reason}) => ({reason}));
    form.addEventListener("keydown", (event) => {
      const nth = /^Digit([1-5])$/.exec(event.code)?.[1];
      if (!nth) return;
      kyDai.all("[type=radio]", form)[nth - 1].checked = true;
      form.requestSubmit();
    });
  };
  const hand = () => {
    const owners = (kyDai.city.kind[chosen?.kind]?.owner_unit ?? "").split(";"), units = Object.entries(kyDai.city.unit).sort(([a], [b]) => owners.includes(b) - owners.includes(a));
    ask("hand", [label("violations.unit", choice("unit", units.map(([code, unit]) => [code, kyDai.of(unit.name)])))], ({unit}) => ({unit}));
  };
  const decide = () => ask("decide", [label("violations.outcome", choice("outcome", OUTCOMES.map((one) => [one, kyDai.say(`violations.outcome.${one}`)]))), label("violations.paper", kyDai.make("input", {type: "text", name: "paper", maxlength: 80, autocomplete: "off"}))], ({outcome, paper}) => ({outcome, paper}));

  /* ---- the funnel ---- */
  const paintFigures = (told) => {
    for (const node of kyDai.all("[data-state-n]")) kyDai.text(node, kyDai.format.number(told.states[node.dataset.stateN]));
    for (const node of kyDai.all("[data-stage]")) kyDai.text(node, kyDai.format.number(told.stages[node.dataset.stage]));
    for (const node of kyDai.all("[data-bar]")) node.value = told.stages.detected ? 100 * told.stages[node.dataset.bar] / told.stages.detected : 0;
    kyDai.text(kyDai.one("[data-waiting]"), told.waiting.n ? kyDai.say("violations.waiting", {n: kyDai.format.number(told.waiting.n), t: kyDai.format.span(kyDai.now() - told.waiting.oldest)}) : kyDai.say("violations.none_waits"));
    const named = (id) => { const one = kyDai.city.cameras.find((each) => each.id === id); return one ? `${one.id} ${kyDai.of(one.short)}` : id || kyDai.say("unknown_camera"); };
    kyDai.one("[data-rules]").replaceChildren(...told.rules.length ? told.rules.slice(0, 12).map((one) => kyDai.make("div", {class: "vi-rule", "data-doubted": one.doubted ? "" : null}, [
      kyDai.make("span", {}, `${kyDai.kindName(one.kind, true)} · ${named(one.camera)}`), kyDai.make("b", {"data-num": true}, kyDai.format.percent(one.percent)), kyDai.make("span", {class: "muted", "data-num": true}, kyDai.say("violations.of", {n: kyDai.format.number(one.none), all: kyDai.format.number(one.reviewed)})),
      one.doubted ? kyDai.make("span", {class: "vi-hint"}, kyDai.say("violations.doubted")) : ""])) : [kyDai.make("p", {class: "muted"}, kyDai.say("violations.no_rules"))]);
  };

  const filter = (name, among, set) => {
    const select = kyDai.make("select", {"aria-label": kyDai.say(`violations.filter.${name}`)}, [["", kyDai.say(`violations.filter.${name}`)], ...among].map(([value, word]) => kyDai.make("option", {value}, word)));
    select.addEventListener("change", () => { set(select.value); load(); });
    return select;
  };
  const KEYS = {ArrowDown: () => step(1), ArrowUp: () => step(-1), KeyA: () => kyDai.one("[data-does='confirm']")?.click(), KeyX: () => kyDai.one("[data-does='reject']")?.click()};
  document.addEventListener("keydown", (event) => {
    if (!page() || kyDai.one("dialog[open]") || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea") || !KEYS[event.code]) return;
    event.preventDefault();
    KEYS[event.code]();
  });
  document.addEventListener("click", (event) => {
    const tab = page() && event.target.closest("[data-state]");
    if (!tab || !tab.matches(".tab")) return;
    state = tab.dataset.state;
    chosen = null;
    picked.clear();
    for (const node of kyDai.all(".vi-tabs .tab")) kyDai.mark(node, "aria-selected", node === tab);
    load();
  });
  kyDai.ready(() => {
    if (!page()) return;
    kyDai.one("[data-filters]").replaceChildren(
      filter("kind", Object.entries(kyDai.city.kind).filter(([, one]) => one.violation).map(([key]) => [key, kyDai.kindName(key)]), (value) => { kind = value; }),
      filter("camera", kyDai.city.cameras.map((one) => [one.id, `${one.id} ${kyDai.of(one.short)}`]), (value) => { camera = value; }));
    load();
    setInterval(() => { if (!kyDai.one("dialog[open]")) load(); }, REFRESH_MS);
  });
})();
