/* How the alarm system does: figures of a shift, a day or a month from the server, each beside the same elapsed part of the one before. */
(() => {
  const kyDai = window.kyDai;
  const REFRESH_MS = 60000, UNITS = {windows_over: "share", top_share: "share", ack_median_s: "span", per_window: "decimal"};
  /* What good control rooms reach (EEMUA 191, ISA-18.2): above the number it is too much. */
  const MOST = {per_window: 1, windows_over: 1, top_share: 5, chattering: 0, standing: 5, floods: 0};
  let period = "shift", back = 0, asked = 0;

  const shown = (key, value) => {
    if (value === null || value === undefined) return "—";
    if (UNITS[key] === "share") return kyDai.format.percent(value);
    if (UNITS[key] === "span") return kyDai.format.age(value * 1000);
    return UNITS[key] === "decimal" ? kyDai.format.decimal(value) : kyDai.format.number(value);
  };
  /* Among a handful of alarms ten sources are always most of them: that is no verdict yet. */
  const FEW = 50;
  const goal = (key, value, raised) => {
    if (!(key in MOST) || (key === "top_share" && raised < FEW)) return "";
    const most = kyDai.say("target.most", {n: shown(key, MOST[key])});
    return `${kyDai.say(value > MOST[key] ? "verdict.missed" : "verdict.met")} · ${most}`;
  };
  const moment = (ms) => `${kyDai.format.hm(ms)} ${kyDai.format.dm(ms)}`;
  const bar = (label, share, was, flag) => kyDai.make("div", {class: "r-row", "data-flag": flag || null}, [
    label, kyDai.make("progress", {max: 100, value: share, "aria-hidden": "true"}), kyDai.make("b", {"data-num": true}, kyDai.format.percent(share)),
    kyDai.make("span", {class: "faint", "data-num": true}, was === undefined ? "" : kyDai.format.percent(was))]);
  const source = (key) => { const camera = kyDai.city.cameras.find((one) => one.id === key); return camera ? `${camera.id} ${kyDai.of(camera.name)}` : `${kyDai.say("unknown_camera")}: ${key}`; };

  const paint = ({now, before}) => {
    kyDai.text(kyDai.one("[data-span]"), `${moment(now.start)} – ${moment(now.end)}`);
    kyDai.text(kyDai.one("[data-before]"), kyDai.say("report.beside", {from: moment(before.start), to: moment(before.end)}));
    for (const node of kyDai.all("[data-value]")) {
      const key = node.dataset.value;
      kyDai.text(node, shown(key, now[key]));
      kyDai.text(kyDai.one(`[data-was='${key}']`), kyDai.say("report.was", {n: shown(key, before[key])}));
      kyDai.text(kyDai.one(`[data-goal='${key}']`), now[key] === null ? kyDai.say("report.nobody") : goal(key, now[key], now.raised));
      kyDai.mark(node.closest(".r-tile"), "data-missed", key in MOST && now[key] > MOST[key] && !(key === "top_share" && now.raised < FEW) ? "" : null);
    }
    const notes = [now.cut && kyDai.say("report.cut"), now.p1_high && now.raised && kyDai.say("report.p1_high", {n: kyDai.format.percent(now.mix[1])}), now.flooded_s && kyDai.say("report.flooded", {t: kyDai.format.age(now.flooded_s * 1000)})].filter(Boolean);
    const note = kyDai.one("[data-note]");
    note.hidden = !notes.length;
    kyDai.text(note, notes.join(" · "));
    kyDai.one("[data-list='mix']").replaceChildren(...now.raised ? [1, 2, 3, 4].map((prio) => bar(kyDai.badge(prio), now.mix[prio], before.mix[prio], prio === 1 && now.p1_high)) : [nothing()]);
    kyDai.one("[data-list='top']").replaceChildren(...now.top.length ? now.top.map((one) => bar(kyDai.make("span", {class: "r-name"}, `${source(one.source)} · ${kyDai.format.number(one.n)}`), one.share)) : [nothing()]);
    for (const node of kyDai.all("[data-step]")) node.disabled = node.dataset.step === "-1" && back === 0;
  };
  const nothing = () => kyDai.make("p", {class: "muted"}, kyDai.say("report.none"));

  const ask = async () => {
    const mine = asked += 1;
    try {
      const told = await kyDai.fetched(`/api/v1/alarm-report?period=${period}&back=${back}`);
      if (mine === asked) paint(told);
    } catch {
      if (mine !== asked) return;
      const note = kyDai.one("[data-note]");
      note.hidden = false;
      kyDai.text(note, kyDai.say("report.failed"));
    }
  };
  document.addEventListener("click", (event) => {
    if (!kyDai.one(".report")) return;
    const chosen = event.target.closest("[data-period]"), step = event.target.closest("[data-step]");
    if (event.target.closest("[data-print]")) window.print();
    if (chosen) {
      [period, back] = [chosen.dataset.period, 0];
      for (const node of kyDai.all("[data-period]")) kyDai.mark(node, "aria-pressed", node === chosen);
    }
    if (step) back = Math.max(0, back + +step.dataset.step);
    if (chosen || step) ask();
  });
  kyDai.ready(() => { ask(); setInterval(ask, REFRESH_MS); });
})();
