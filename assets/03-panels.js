/* The numbers: state bar, tiles, the wall's figures. A missing value is a dash, never a nought (UX-78). */
(() => {
  const kyDai = window.kyDai;
  const DASH = "—";
  const value = (view) => {
    if (!view || view.value === null || view.value === undefined) return DASH;
    return view.unit === "percent" ? kyDai.format.percent(view.value) : kyDai.format.number(view.value);
  };
  const reference = (key, view) => {
    if (!view || view.value === null) return view?.state === "unavailable" ? kyDai.say("data.unavailable") : kyDai.say("data.none");
    if (view.ref && view.ref.value !== null) return kyDai.say(key === "reports_today" ? "compare.yesterday" : "compare.yesterday_same", {n: kyDai.format.number(Math.round(view.ref.value))});
    return view.target === null || view.target === undefined ? "" : kyDai.say("wall.target", {n: view.unit === "percent" || key === "cameras_online" ? kyDai.format.share(view.target) : kyDai.say("target.most", {n: kyDai.format.number(view.target)})});
  };
  const whole = (key, view) => {
    if (!view || view.of === null || view.of === undefined || view.unit === "percent") return "";
    return kyDai.say(key.startsWith("reports_") ? "kpi.open_of" : "kpi.of", {n: kyDai.format.number(view.of)});
  };
  const paintTile = (node, panels) => {
    const key = node.dataset.kpi, view = panels[key];
    kyDai.mark(node, "data-state", view ? view.state : "none");
    kyDai.text(kyDai.one("[data-value]", node), value(view));
    kyDai.text(kyDai.one("[data-of]", node), whole(key, view));
    kyDai.text(kyDai.one("[data-ref]", node), reference(key, view));
    const verdict = kyDai.one("[data-verdict]", node);
    if (!verdict) return;
    const judged = view?.verdict ?? "none";
    kyDai.mark(verdict, "data-verdict", judged);
    kyDai.text(verdict, judged === "none" ? "" : kyDai.say(`verdict.${judged}`));
  };
  kyDai.paints("kpi", (panels) => { for (const node of kyDai.all("[data-kpi]")) paintTile(node, panels); });

  /* ---- the state bar ---- */
  kyDai.paints("alarms", (alarms) => {
    for (const node of kyDai.all("[data-open]")) {
      const count = alarms.open[node.dataset.open];
      kyDai.text(node, kyDai.format.number(count));
      kyDai.mark(node.closest("[data-prio]"), "data-count", count);
    }
    paintRate(alarms.rate10, alarms.duty, !!alarms.flood);
  });
  const LEVELS = [[11, "flood"], [3, "high"], [2, "note"], [0, "calm"]];
  /* For each on duty: two who share the work bear twice as much (UX-41). */
  const paintRate = (all, duty, flood) => {
    const rate = Math.ceil(all / duty);
    const ticks = kyDai.one("[data-ticks]");
    if (!ticks) return;
    while (ticks.children.length < 10) ticks.append(kyDai.make("i"));
    [...ticks.children].forEach((tick, at) => kyDai.mark(tick, "data-on", at < rate ? "" : null));
    const level = flood ? "flood" : LEVELS.find(([from]) => rate >= from)[1];
    kyDai.mark(ticks, "data-level", level);
    kyDai.mark(kyDai.one("#rate"), "data-level", level);
    kyDai.text(kyDai.one("[data-rate]"), `${kyDai.format.number(rate)}/10`);
    kyDai.mark(kyDai.one("#rate"), "title", kyDai.say("rate.each", {n: kyDai.format.number(all), duty: kyDai.format.number(duty)}));
    kyDai.text(kyDai.one("[data-rate-word]"), kyDai.say(level === "flood" || level === "high" ? `rate.${level}` : "rate"));
  };
  /* What came in and is not among the numbers: cameras nobody knows, what nobody could read, what told an impossible time. */
  kyDai.paints("status", (status) => {
    for (const node of kyDai.all("[data-doubt]")) {
      const n = status[node.dataset.doubt];
      node.hidden = !n;
      kyDai.text(node, kyDai.say(`doubt.${node.dataset.doubt}`, {n: kyDai.format.number(n)}));
    }
  });
  kyDai.paints("cameras", (cameras) => {
    const known = /[^-.]/.test(cameras.states), text = `${known ? kyDai.format.number(cameras.online) : DASH}/${kyDai.format.number(cameras.total)}`;
    for (const node of kyDai.all("[data-cameras], [data-shows='cameras']")) kyDai.text(node, text);
  });
  const paintOpen = () => {
    const told = kyDai.frames.reports?.data, text = told && kyDai.fresh.feeds.reports?.at ? kyDai.format.number(told.open) : DASH;
    for (const node of kyDai.all("[data-shows='reports']")) kyDai.text(node, text);
  };
  kyDai.paints("reports", paintOpen);
  kyDai.everySecond(paintOpen);
})();
