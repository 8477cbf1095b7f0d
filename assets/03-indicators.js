/* The city's indicators: value, judgement and age, from the pack's declarations. Each has limits of its own; its age is counted here. */
(() => {
  const kyDai = window.kyDai;
  const locale = document.documentElement.lang === "en" ? "en-GB" : "vi-VN";
  const written = (one, value) => value.toLocaleString(locale, {minimumFractionDigits: one.decimals, maximumFractionDigits: one.decimals});
  const judged = (one, row) => {
    if (row.level) return kyDai.say("indicator.level", {n: written({decimals: Number.isInteger(one.levels[row.level - 1]) ? 0 : 1}, one.levels[row.level - 1])});
    return row.verdict === "none" || one.target === null ? "" : kyDai.say(`verdict.${row.verdict}`);
  };
  const declared = (key) => kyDai.city?.indicators.find((one) => one.key === key);
  const paint = (node, row, now) => {
    const one = declared(row.key);
    if (!one) return;
    const age = row.at === null ? null : now - row.at;
    const fresh = age === null ? "none" : kyDai.fresh.link === "live" ? kyDai.judge(age, one) : "lost";
    kyDai.mark(node, "data-fresh", fresh);
    kyDai.text(kyDai.one("[data-value]", node), row.value === null ? "—" : written(one, row.value));
    const verdict = kyDai.one("[data-verdict]", node), known = fresh === "live" || fresh === "late";
    kyDai.mark(verdict, "data-verdict", known ? row.verdict : "none");
    kyDai.text(verdict, known ? judged(one, row) : "");
    kyDai.text(kyDai.one("[data-age]", node), age === null ? kyDai.say("data.none") : fresh === "live" ? kyDai.format.age(Math.max(age, 0)) : kyDai.say("fresh.of", {time: kyDai.format.hm(row.at)}));
  };
  const paintAll = () => {
    const rows = kyDai.frames.indicators?.data.rows ?? [], now = kyDai.now();
    for (const row of rows) for (const node of kyDai.all(`[data-indicator="${CSS.escape(row.key)}"]`)) paint(node, row, now);
  };
  kyDai.paints("indicators", paintAll);
  kyDai.everySecond(paintAll);
})();
