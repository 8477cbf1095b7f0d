/* The list of marks on the console: who drew what until when; drawing, changing, ending, and what was done to one. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const FOUR_HOURS = 14400000;
  const may = () => !!kyDai.one("[data-marks-draw]"), pane = () => kyDai.one("[data-marks-list]");
  const find = (id) => kyDai.marks.rows().find((row) => row.id === id);
  const fresh = () => kyDai.incidents?.fresh() ?? `${Date.now()}-${Math.random()}`.replace(/\./g, "");
  let bubble = null, bubbled = 0;

  const post = async (body) => {
    try {
      const reply = await fetch("/marks/act", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(8000)});
      return [reply.status, await reply.json().catch(() => null)];
    } catch { return [0, null]; }
  };
  const why = (status, told) => {
    const error = told?.error ?? {};
    if (error.code === "unfit") return kyDai.texts[`marks.no.${error.field}.${error.why}`] ?? kyDai.say("marks.no.failed");
    if (error.code === "outdated" && told.last) return kyDai.say("marks.no.outdated", {who: told.last.who, did: kyDai.say(`marks.did.${told.last.action}`), at: kyDai.format.hms(told.last.at)});
    return kyDai.texts[`marks.no.${error.code}`] ?? kyDai.say(status === 401 ? "acts.signed_out" : status === 403 ? "acts.forbidden" : status === 404 ? "marks.no.over" : "marks.no.failed");
  };
  /* Do it, and offer for ten seconds to take it back. Returns why not, or "". */
  const act = async (action, more) => {
    const [status, told] = await post({action, key: fresh(), ...more});
    if (status !== 200) return why(status, told);
    const {mark} = told, undoes = action !== "undo";
    if (undoes) kyDai.acts.remember(() => act("undo", {mark: mark.id, version: mark.version}).then(tell));
    kyDai.acts.toast(kyDai.say("acts.told", {did: kyDai.say(`marks.did.${action}`), what: mark.name}), {undo: undoes, ms: 10000});
    return "";
  };
  const tell = (said) => { if (said) kyDai.acts.toast(said, {kind: "failed"}); };

  const draw = (shape) => {
    press(false);
    kyDai.draw.start(shape, (line) => {
      const row = {kind: line.shape === "route" ? "road_closed" : "incident_zone", name: "", note: "", begins: 0, until: Math.round(kyDai.now() + FOUR_HOURS), incident: 0};
      let done = false;
      const key = fresh(); // sent again after a lost answer, it is drawn once
      kyDai.draw.ask(row, kyDai.say("marks.share"), async (given) => {
        const said = await act("draw", {...line, until: row.until, ...given, key});
        done = !said;
        return said;
      }, () => { if (done) kyDai.draw.leave(); else kyDai.draw.again(); });
    });
  };
  const change = (row) => kyDai.draw.ask(row, kyDai.say("marks.change"), (given) => act("change", {mark: row.id, version: row.version, ...given}));
  const end = async (row) => tell(await act("end", {mark: row.id, version: row.version}));

  /* ---- one of them ---- */
  const moment = (ms) => `${kyDai.format.hm(ms)} ${kyDai.format.dm(ms)}`;
  const button = (word, name, row) => kyDai.make("button", {type: "button", class: "btn", [name]: row.id}, kyDai.say(word));
  const buttons = (row) => may() ? kyDai.make("p", {class: "mk-acts"}, [button("marks.change", "data-mark-change", row), button("marks.end", "data-mark-end", row)]) : null;
  const facts = (row) => kyDai.make("p", {class: "muted", "data-num": true}, [kyDai.say(`marks.kind.${row.kind}`), kyDai.say("marks.span", {from: moment(row.begins), to: moment(row.until)}), row.who].join(" · "));
  const of = (row) => row.incident ? kyDai.make("p", {}, [kyDai.make("a", {class: "link", href: `/incidents#${row.incident}`}, kyDai.say("marks.of", {n: row.incident}))]) : null;
  const lines = (told) => kyDai.make("ol", {class: "mk-lines"}, told.map((one) => kyDai.make("li", {}, [kyDai.make("span", {"data-num": true}, kyDai.format.hms(one.at)), kyDai.make("span", {}, `${one.who}: ${kyDai.say(`marks.did.${one.action}`)}`)])));
  const open = async (id) => {
    const row = find(id);
    if (!row || kyDai.draw.active()) return;
    const node = kyDai.make("div", {class: "here mk-card", "data-mark-card": id}, [kyDai.make("h3", {}, row.name), facts(row), row.note ? kyDai.make("p", {class: "mk-note"}, row.note) : null, of(row), buttons(row)]);
    bubble = L.popup({maxWidth: 340, minWidth: 240, className: "here-popup"}).setLatLng(kyDai.marks.middle(row)).setContent(node).openOn(kyDai.marks.leaflet());
    bubbled = row.version;
    const reply = await fetch(`/marks/${id}`, {signal: AbortSignal.timeout(8000)}).catch(() => null);
    if (!reply?.ok || !node.isConnected) return;
    node.append(lines((await reply.json()).lines));
    bubble.update();
  };

  /* ---- all of them ---- */
  const item = (row, now) => kyDai.make("li", {"data-mark-row": row.id, "data-holds": kyDai.marks.holds(row, now) ? "" : null}, [
    kyDai.make("button", {type: "button", class: "mk-go", "data-mark-show": row.id}, [kyDai.make("i", {class: `mk-sign mk-${row.kind}`, "data-shape": row.shape}), kyDai.make("span", {}, [kyDai.make("b", {}, row.name), kyDai.make("small", {"data-num": true}, `${kyDai.say(`marks.kind.${row.kind}`)} · ${kyDai.marks.holds(row, now) ? kyDai.marks.until(row) : kyDai.say("marks.begins", {t: moment(row.begins)})}`)])]),
    buttons(row),
  ]);
  const paint = () => {
    const now = kyDai.now(), rows = kyDai.marks.rows().filter((row) => row.until > now).sort(kyDai.marks.urgency), held = rows.filter((row) => kyDai.marks.holds(row, now));
    kyDai.text(kyDai.one("[data-marks-n]"), held.length ? String(held.length) : "");
    const card = kyDai.one("[data-mark-card]"), shown = card && find(+card.dataset.markCard);
    if (card && (!shown || shown.until <= now)) kyDai.marks.leaflet().closePopup();
    else if (card && shown.version !== bubbled) open(shown.id);
    if (!pane() || pane().hidden) return;
    const at = document.activeElement?.closest?.("[data-marks-list]") && [...document.activeElement.attributes].find((one) => one.name.startsWith("data-mark-"));
    kyDai.one("[data-marks-rows]").replaceChildren(...rows.map((row) => item(row, now)));
    kyDai.one("[data-marks-none]").hidden = rows.length > 0;
    if (at) kyDai.one(`[${at.name}="${at.value}"]`, pane())?.focus();
  };
  const press = (on) => {
    if (!pane()) return;
    pane().hidden = !on;
    kyDai.mark(kyDai.one("[data-marks-open]"), "aria-expanded", on);
    if (on) { paint(); kyDai.one("button", pane())?.focus(); }
  };
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-marks-open]"), begin = event.target.closest("[data-draw]");
    if (opens) return press(opens.getAttribute("aria-expanded") !== "true");
    if (begin) return draw(begin.dataset.draw);
    for (const [name, then] of [["markShow", (row) => { kyDai.marks.show(row); open(row.id); }], ["markChange", change], ["markEnd", end]]) {
      const found = event.target.closest(`[data-${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}]`), row = found && find(+found.dataset[name]);
      if (row) return then(row);
    }
    if (!event.target.closest("[data-marks-list]") && event.target.isConnected) press(false);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target.closest?.("[data-marks-list], [data-marks-open]")) { press(false); kyDai.one("[data-marks-open]").focus(); event.stopPropagation(); } });
  kyDai.marks.open = open;
  kyDai.marks.changed = paint;
  kyDai.marks.press = () => press(pane()?.hidden ?? false);
})();
