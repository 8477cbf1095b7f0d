/* While nothing is chosen (06-moments.js): the last hour, a bar a minute, one row a class. What is missing is hatched, never drawn on. */
(() => {
  const kyDai = window.kyDai;
  const NS = "http://www.w3.org/2000/svg", W = 1000, ROW = 34, FOOT = 24, ROWS = ["alarm", "event", "record"];
  const svg = (tag, attributes, text) => {
    const node = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const bars = (counts, row, start) => {
    const most = Math.max(4, ...counts), step = W / counts.length, base = (row + 1) * ROW - 4;
    return counts.map((n, at) => n ? svg("rect", {class: "tl-ev", "data-class": ROWS[row], "data-minute": start + at, x: (at * step + 1).toFixed(1), width: (step - 2).toFixed(1), y: (base - Math.max(3, (n / most) * (ROW - 9))).toFixed(1), height: Math.max(3, (n / most) * (ROW - 9)).toFixed(1)}) : null).filter(Boolean);
  };
  const grid = (start, count) => {
    const nodes = ROWS.map((_, row) => svg("line", {class: "tl-row", x1: 0, x2: W, y1: (row + 1) * ROW - 3.5, y2: (row + 1) * ROW - 3.5}));
    for (let at = 0; at < count; at += 10) {
      const x = (at / count) * W;
      nodes.push(svg("line", {class: "tl-grid", x1: x, x2: x, y1: 0, y2: ROWS.length * ROW}));
    }
    return nodes;
  };
  const labels = (start, count) => {
    const marks = [];
    for (let at = 0; at < count; at += 10) marks.push(kyDai.make("span", {"data-num": true}, kyDai.format.hm((start + at) * 60000)));
    return kyDai.make("div", {class: "tl-times"}, [...marks, kyDai.make("span", {"data-now": true}, kyDai.say("timeline.now"))]);
  };
  const hour = () => {
    const slot = document.getElementById("timeline"), series = kyDai.frames.series?.data;
    if (!slot || !series || kyDai.moments.shown()) return;
    const count = series.alarm.length;
    const chart = svg("svg", {viewBox: `0 0 ${W} ${ROWS.length * ROW}`, preserveAspectRatio: "none", role: "img", "aria-label": kyDai.say("timeline.last_hour")});
    chart.append(...grid(series.start, count), ...ROWS.flatMap((name, row) => bars(series[name], row, series.start)));
    slot.replaceChildren(chart, labels(series.start, count));
  };
  kyDai.hour = hour;
  kyDai.paints("series", hour);
})();
