/* When reports come in: hour by weekday, the darker the more; the fullest hour is ringed. Pure painting: 168 counts in, nodes out. */
(() => {
  const kyDai = window.kyDai;
  const DAYS = 7, HOURS = 24, SHADES = 5, LABEL = 34, FOOT = 20, PAPER = [360, 170];
  const dayName = (day) => kyDai.say("days.short").split("|")[(day + 1) % DAYS];
  const shade = (n, most) => (n ? Math.max(1, Math.ceil((n / most) * SHADES)) : 0);
  const cell = (day, hour, n, most, left, [width, height]) => {
    const one = kyDai.svg("rect", {class: `wk wk-${shade(n, most)}`, x: (left + hour * width).toFixed(1), y: (day * height).toFixed(1), width: (width - 1.5).toFixed(1), height: (height - 1.5).toFixed(1), "data-n": n, "data-most": n === most && n ? "" : null});
    one.append(kyDai.svg("title", {}, kyDai.say("leader.week_cell", {day: dayName(day), hour, next: hour + 1, n: kyDai.format.number(n)})));
    return one;
  };
  kyDai.paintWeek = (counts) => {
    const host = kyDai.one("[data-week]"), note = kyDai.one("[data-note='trend']"), most = Math.max(...(counts ?? [0]));
    if (!counts || !most) {
      kyDai.text(note, "");
      host.replaceChildren(kyDai.make("p", {class: "empty"}, kyDai.say(counts ? "data.none" : "leader.week_none")));
      return;
    }
    const top = counts.indexOf(most);
    kyDai.text(note, kyDai.say("leader.week_most", {day: dayName(Math.floor(top / HOURS)), hour: top % HOURS, next: (top % HOURS) + 1}));
    /* Where it stands out of sight, as on a phone, it is drawn for paper. */
    const seen = host.clientWidth >= 80 && host.clientHeight >= 60, [width, height] = seen ? [host.clientWidth, host.clientHeight] : PAPER;
    const rem = kyDai.remNow(), left = LABEL * rem, size = [(width - left) / HOURS, (height - FOOT * rem) / DAYS];
    const chart = kyDai.svg("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": kyDai.say("leader.week")});
    for (let day = 0; day < DAYS; day++) {
      chart.append(kyDai.svg("text", {class: "wk-t", x: 0, y: (day * size[1] + size[1] / 2 + 4 * rem).toFixed(1)}, dayName(day)));
      for (let hour = 0; hour < HOURS; hour++) chart.append(cell(day, hour, counts[day * HOURS + hour], most, left, size));
    }
    for (const hour of [0, 6, 12, 18, 23]) chart.append(kyDai.svg("text", {class: "wk-t wk-h", x: (left + (hour + 0.5) * size[0]).toFixed(1), y: height - 4 * rem}, String(hour)));
    host.replaceChildren(chart);
  };
})();
