/* The leader's page: figures of a period from the server, ages and what is open now from the frames. Plotly comes when its plot is asked for. */
(() => {
  const kyDai = window.kyDai;
  const REFRESH_MS = 300000;
  const PERIODS = ["day", "week", "month", "quarter", "year"], parts = kyDai.leaderParts;
  let query = {period: "month"}, asked = 0, figures = null, plotly = null, course = "week", refused = false, failed = false;
  /* What is looked at stands in the address: it can be sent to somebody, and a reload keeps it. */
  const begin = () => {
    const told = new URLSearchParams(location.search), period = told.get("period"), [first, last] = [told.get("first"), told.get("last")];
    query = first && last ? {first, last} : {period: PERIODS.includes(period) ? period : "month"};
    Object.assign(query, parts.known(told));
    refused = parts.strange(told) || Boolean(period && !PERIODS.includes(period));
  };
  /* An address that asks for what there is not shows the month of the whole city, and says so; what cannot be fetched is said too. */
  kyDai.banners.push(() => (kyDai.one(".leader") && (refused || failed) ? [["note", kyDai.say(failed ? "leader.failed" : "leader.refused"), "", ""]] : []));
  const change = (next) => {
    [query, refused] = [next, false];
    history.replaceState(history.state, "", `?${new URLSearchParams(query)}`);
    showChosen();
    fetchFigures();
  };
  const showChosen = () => {
    for (const node of kyDai.all("[data-period]")) kyDai.mark(node, "aria-pressed", node.dataset.period === query.period);
    kyDai.mark(kyDai.one("[data-custom]"), "aria-pressed", Boolean(query.first));
    parts.paint(query);
  };

  const value = (tile) => {
    if (tile.value === null || tile.value === undefined) return "—";
    if (tile.unit === "percent") return kyDai.format.percent(tile.value);
    return tile.unit === "hours" ? kyDai.format.decimal(tile.value) : kyDai.format.number(tile.value);
  };
  const target = (tile) => {
    if (tile.target === null || tile.target === undefined) return "";
    const n = tile.unit === "percent" || tile.unit === "share" ? kyDai.format.share(tile.target) : kyDai.say("target.most", {n: kyDai.format.number(tile.target)});
    return kyDai.say("leader.target", {n});
  };
  /* The target, and how many stand behind a share (UX-88); without a value, why there is none. */
  const goal = (tile) => {
    const n = kyDai.format.number(tile.n ?? 0), behind = !tile.n ? "" : tile.key === "reports_on_time" ? kyDai.say("leader.of_due", {n}) : kyDai.say("leader.rated", {n, share: `${kyDai.format.number(tile.share ?? 0)}\u00a0%`});
    const first = tile.value === null ? kyDai.say(tile.why ? `leader.${tile.why}` : "data.none") : target(tile);
    return [tile.unit === "share" && tile.value !== null ? kyDai.format.percent((tile.value / tile.of) * 100) : "", first, behind].filter(Boolean).join(", ");
  };
  const difference = (tile, then) => {
    if (tile.value === null || then === null || then === undefined) return "—";
    const by = tile.value - then;
    if (Math.abs(by) < 0.05) return kyDai.say("compare.same");
    const arrow = by > 0 ? "↑" : "↓", size = Math.abs(by);
    if (tile.unit === "percent") return `${arrow} ${kyDai.say("compare.points", {n: kyDai.format.decimal(size)})}`;
    if (tile.unit === "share" || tile.key === "reports_overdue") return `${arrow} ${kyDai.format.number(size)}`;
    if (tile.unit === "count") return `${arrow} ${then > 0 ? kyDai.format.percent((size / then) * 100) : kyDai.format.number(size)}`;
    return `${arrow} ${kyDai.format.decimal(size)}`;
  };
  const {svg} = kyDai;
  /* A gap in the data is a gap in the line. */
  const spark = (points, goal) => {
    const known = points.filter((one) => one !== null);
    if (known.length < 2) return [];
    const low = Math.min(...known, goal ?? Infinity), high = Math.max(...known, goal ?? -Infinity), y = (n) => 30 - ((n - low) / (high - low || 1)) * 26;
    const chart = svg("svg", {viewBox: "0 0 200 34", preserveAspectRatio: "none", "aria-hidden": "true"});
    const x = (at) => ((at / (points.length - 1)) * 200).toFixed(1);
    let path = "", pen = false;
    points.forEach((n, at) => { if (n === null) { pen = false; return; } path += `${pen ? "L" : "M"}${x(at)} ${y(n).toFixed(1)}`; pen = true; });
    if (goal !== null && goal !== undefined) chart.append(svg("line", {class: "goal", x1: 0, x2: 200, y1: y(goal), y2: y(goal)}));
    chart.append(svg("path", {class: "line", d: path}));
    const end = points.findLastIndex((n) => n !== null), dot = x(end);
    chart.append(svg("line", {class: "end", x1: dot, x2: dot, y1: y(points[end]), y2: y(points[end]) + 0.01}));
    return [chart];
  };
  const paintTile = (tile) => {
    const node = kyDai.one(`[data-figure='${tile.key}']`);
    if (!node) return;
    kyDai.mark(node, "data-state", tile.value === null ? "none" : "live");
    kyDai.text(kyDai.one("[data-value]", node), value(tile));
    kyDai.text(kyDai.one("[data-of]", node), tile.unit === "hours" && tile.value !== null ? kyDai.say("age.hours", {n: ""}).trim() : tile.of ? `/ ${kyDai.format.number(tile.of)}` : "");
    kyDai.text(kyDai.one("[data-goal]", node), goal(tile));
    const to = kyDai.one(".to-list", node);
    kyDai.mark(to, "data-list", tile.key === "cameras_online" ? "cameras" : tile.items || null);
    to.disabled = !to.dataset.list;
    const verdict = kyDai.one("[data-verdict]", node);
    kyDai.mark(verdict, "data-verdict", tile.verdict);
    kyDai.text(verdict, tile.verdict === "none" ? "" : kyDai.say(`verdict.${tile.verdict}`));
    for (const which of ["previous", "last_year"]) kyDai.text(kyDai.one(`[data-compare='${which}']`, node), difference(tile, tile[which]));
    kyDai.one("[data-spark]", node).replaceChildren(...spark(tile.spark, tile.unit === "percent" ? tile.target : null));
  };
  /* What needs direction: overdue beyond the target, the worst ranked ward, cameras out. */
  const mark = () => figures.tiles.find((one) => one.key === "reports_on_time")?.target ?? null; // a city need not have one
  const paintAct = () => {
    if (!figures) return;
    const matters = [], tile = (key) => figures.tiles.find((one) => one.key === key), overdue = tile("reports_overdue");
    if (overdue?.verdict === "act") matters.push([kyDai.say("leader.act_overdue", {n: kyDai.format.number(overdue.value)}), overdueWhat(), worstWards(), ["overdue"]]);
    const worst = figures.ranking.filter((row) => row.rank !== null && row.on_time < mark()).at(-1);
    if (worst) matters.push([kyDai.say("leader.act_ward", {ward: kyDai.wardName(worst.code), value: kyDai.format.percent(worst.on_time)}), worst.moved < 0 ? kyDai.say("leader.act_fell", {n: -worst.moved}) : "", `${kyDai.say("leader.due")} ${kyDai.format.number(worst.due)} · ${kyDai.say("leader.overdue")} ${kyDai.format.number(worst.overdue)}`, ["missed", "ward", worst.code]]);
    const states = kyDai.frames.cameras?.data.states ?? "", out = [...states].filter((one) => one === "x" || one === "f").length;
    if (out) matters.push([kyDai.say("leader.act_cameras", {n: kyDai.format.number(out)}), "", kyDai.city.cameras.filter((_, ix) => "xf".includes(states[ix])).slice(0, 4).map((camera) => kyDai.of(camera.short)).join(", "), ["cameras"]]);
    /* Of a city that has told nothing nobody knows whether all is well. */
    const known = matters.length || overdue?.value !== null, list = kyDai.one("[data-act]"), key = JSON.stringify([known, matters]);
    if (list.dataset.told === key) return;
    list.dataset.told = key;
    kyDai.text(kyDai.one("[data-note='mat']"), matters.length ? kyDai.say("leader.act_note", {n: matters.length}) : "");
    list.replaceChildren(...(matters.length ? matters.map(([what, why, where, [list, dim, code]], at) => kyDai.make("li", {}, [kyDai.make("b", {class: "m-n"}, String(at + 1)), kyDai.make("div", {}, [kyDai.make("b", {}, what), why ? kyDai.make("p", {}, why) : null, kyDai.make("div", {class: "m-u"}, where)]), kyDai.make("button", {type: "button", class: "btn", "data-list": list, "data-of-dim": dim, "data-of-code": code}, kyDai.say("leader.items"))])) : [kyDai.make("li", {class: "empty"}, kyDai.say(!known ? "data.none" : figures.tiles.some((one) => one.target !== null) ? "leader.act_none" : "leader.act_no_target"))]));
  };
  const overdueWhat = () => {
    const worst = figures.fields.filter((one) => one.overdue).sort((a, b) => b.overdue - a.overdue).slice(0, 2).map((one) => `${kyDai.fieldName(one.field)} ${kyDai.format.number(one.overdue)}`);
    const oldest = figures.oldest_due ? kyDai.say("leader.act_oldest", {t: kyDai.format.age(kyDai.now() - figures.oldest_due)}) : "";
    return [worst.join(", "), oldest].filter(Boolean).join(". ");
  };
  const worstWards = () => [...figures.ranking].filter((row) => row.overdue).sort((a, b) => b.overdue - a.overdue).slice(0, 2).map((row) => `${kyDai.wardName(row.code)} ${kyDai.format.number(row.overdue)}`).join(", ");

  const loadPlotly = () => plotly ||= new Promise((done, failed) => {
    const script = kyDai.make("script", {src: `/assets/vendor/plotly-basic.min.js?m=${kyDai.told.version}`});
    script.onload = () => done(window.Plotly);
    script.onerror = failed;
    document.head.append(script);
  });
  /* On a large screen everything grows together. */
  const rem = kyDai.remNow = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const paintTrend = async (trend) => {
    const Plotly = await loadPlotly(), grid = css("--gridline"), ink = css("--text-2");
    /* Today is not over: its points stand apart, hollow, and no line falls to them. */
    const whole = trend.day.length > 1 ? -1 : undefined;
    const line = (key, word, colour, dash) => ({type: "scatter", mode: "lines", name: kyDai.say(word), x: trend.day.slice(0, whole), y: trend[key].slice(0, whole), connectgaps: false, line: {color: colour, width: 2 * rem(), dash}});
    const today = (key, word, colour) => ({type: "scatter", mode: "markers", name: `${kyDai.say(word)}, ${kyDai.say("leader.today")}`, showlegend: false, x: trend.day.slice(-1), y: trend[key].slice(-1), marker: {symbol: "circle-open", size: 7 * rem(), color: colour, line: {width: 2 * rem()}}});
    const axis = {gridcolor: grid, linecolor: grid, tickfont: {color: ink, size: 13 * rem()}, zeroline: false};
    await Plotly.react("trend", [line("received", "leader.received", css("--line-1"), "solid"), line("closed", "leader.closed", css("--line-2"), "dot"), today("received", "leader.received", css("--line-1")), today("closed", "leader.closed", css("--line-2"))], {
      margin: {l: 40 * rem(), r: 16 * rem(), t: 22 * rem(), b: 28 * rem()}, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: {family: css("--font"), color: ink, size: 13 * rem()},
      xaxis: {...axis, tickformat: "%d/%m", type: "date"}, yaxis: {...axis, rangemode: "tozero"}, legend: {orientation: "h", x: 1, xanchor: "right", y: 1.12}, hovermode: "x unified", separators: kyDai.told.tongue === "en" ? ".," : ",.",
    }, {displaylogo: false, responsive: true, displayModeBar: false});
  };
  const dates = (first, last) => { const d = (one) => one.split("-").reverse(); const [a, b] = [d(first), d(last)]; return first === last ? b.join("/") : a[1] === b[1] && a[2] === b[2] ? `${a[0]}–${b.join("/")}` : `${a[0]}/${a[1]}–${b.join("/")}`; };
  /* A day that is under way stands against whole days: said, for it is the less the earlier it is. */
  const wholeDay = () => figures.first === figures.last && figures.ended_last === "";
  const paint = () => {
    kyDai.text(kyDai.one("[data-span]"), dates(figures.first, figures.last));
    kyDai.text(kyDai.one("[data-compared]"), kyDai.say(wholeDay() ? "leader.compared_whole" : "leader.compared", {span: dates(figures.compared_first, figures.compared_last)}));
    figures.tiles.forEach(paintTile);
    paintSized();
    paintAct();
    paintPrinted();
  };
  /* On paper: every figure with its formula, and until when and from how many sources it is told. */
  const paintPrinted = () => {
    const words = JSON.parse(kyDai.one("[data-catalogue]").textContent), n = (one, then) => (then === null ? "—" : kyDai.figureValue({...one, value: then}));
    kyDai.one("[data-figures]").replaceChildren(...figures.figures.map((one) => kyDai.make("tr", {}, [kyDai.make("td", {}, one.code), kyDai.make("td", {}, words[one.key][0]), kyDai.make("td", {class: "num"}, kyDai.figureValue(one)),
      kyDai.make("td", {class: "num"}, n(one, one.previous)), kyDai.make("td", {class: "num"}, n(one, one.last_year)), kyDai.make("td", {}, words[one.key][1])])));
    kyDai.text(kyDai.one("[data-printed]"), kyDai.say("leader.printed", {at: `${kyDai.format.hm(figures.at)} ${kyDai.format.dmy(figures.at)}`, span: dates(figures.first, figures.last), part: parts.nameOf(query)}));
  };
  /* What depends on how much room there is. */
  const paintSized = () => {
    if (!figures) return;
    kyDai.paintRanking({ward: figures.ranking, unit: figures.units}, mark(), query);
    kyDai.paintFields(figures.fields, mark());
    kyDai.paintWards(figures.ranking, mark()).catch(console.error);
    paintCourse();
  };
  /* One pane, two courses: when reports come in, and how the period went. */
  const paintCourse = () => {
    for (const one of kyDai.all("[data-course]")) kyDai.mark(one, "aria-pressed", one.dataset.course === course);
    kyDai.one("[data-week]").hidden = course !== "week";
    kyDai.one("#trend").hidden = course !== "trend";
    if (course === "week") return kyDai.paintWeek(figures.week);
    kyDai.text(kyDai.one("[data-note='trend']"), kyDai.say("leader.trend_note"));
    paintTrend(figures.trend).catch(console.error);
  };
  const fetchFigures = async () => {
    const mine = ++asked, page = kyDai.one(".leader");
    if (!page) return;
    kyDai.mark(page, "aria-busy", true);
    try {
      const told = await kyDai.fetched(`/leader/figures?${new URLSearchParams(query)}`);
      if (mine !== asked) return;
      figures = told;
      paint();
      failed = false;
      kyDai.mark(page, "data-failed", null);
    } catch (error) {
      if (mine !== asked) return;
      if (error.status === 400 && !refused) {
        [query, refused] = [{period: "month"}, true];
        showChosen();
        return fetchFigures();
      }
      console.error(error);
      failed = true;
      kyDai.mark(page, "data-failed", "");
      setTimeout(() => { if (mine === asked) fetchFigures(); }, 5000);
    } finally { if (mine === asked) kyDai.mark(page, "aria-busy", null); }
  };
  /* How many cameras are online is known live; what it is compared with comes with the figures. */
  kyDai.paints("kpi", (panels) => {
    const live = panels.cameras_online, told = figures?.tiles.find((one) => one.key === "cameras_online");
    if (!live || !told) return;
    Object.assign(told, {value: live.value, of: live.of, verdict: live.verdict});
    paintTile(told);
    paintAct();
  });
  kyDai.paints("reports", () => { if (figures) paintAct(); });
  /* On a phone one part is shown at a time. */
  const show = (tab) => {
    kyDai.mark(kyDai.one(".leader"), "data-show", tab.getAttribute("href").slice(3));
    for (const one of kyDai.all(".l-tabs a")) kyDai.mark(one, "aria-current", one === tab ? "page" : null);
    window.scrollTo(0, 0);
    paintSized();
  };
  /* Days that somebody chooses: until today, and at most three years of them, as the server says. */
  const chooseDays = () => {
    const today = new Intl.DateTimeFormat("en-CA", {timeZone: kyDai.told.zone}).format(kyDai.now()), field = (name, value) => kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(`leader.${name}`)), kyDai.make("input", {type: "date", name, value, max: today, required: true})]);
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, kyDai.say("leader.period.custom")), field("first", query.first ?? figures?.first ?? today), field("last", query.last ?? figures?.last ?? today), kyDai.make("div", {class: "ask-foot"}, [cancel, kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, kyDai.say("leader.show"))])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": kyDai.say("leader.period.custom")}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const {first, last} = Object.fromEntries(new FormData(form));
      card.close();
      change({first: first < last ? first : last, last: first < last ? last : first, ...parts.parts(query)});
    });
    document.body.append(card);
    card.showModal();
  };
  const openList = (node) => {
    const {list, ofDim: dim, ofCode: code} = node.dataset;
    if (list === "cameras") return kyDai.openCameras();
    if (!dim) return kyDai.openItems(list, query, parts.nameOf(query));
    kyDai.openItems(list, {...parts.without(query), [dim]: code}, dim === "field" ? kyDai.fieldName(code) : kyDai.of(kyDai.city[dim][code]?.name) || code);
  };
  kyDai.ready(() => {
    begin();
    showChosen();
    fetchFigures();
    setInterval(fetchFigures, REFRESH_MS);
    let sizing = null;
    window.addEventListener("resize", () => { clearTimeout(sizing); sizing = setTimeout(paintSized, 150); });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-period]"), told = event.target.closest("button[data-formula]"), list = event.target.closest("[data-list]"), chosen = event.target.closest("[data-course]");
      const tab = event.target.closest(".l-tabs a");
      if (tab) { event.preventDefault(); show(tab); }
      if (event.target.closest("[data-print]")) window.print();
      if (told && figures) kyDai.openFormula(told.closest("[data-figure]").dataset.figure, told.dataset.formula, figures.figures);
      if (list && figures) openList(list);
      if (chosen && figures) { course = chosen.dataset.course; paintCourse(); }
      if (event.target.closest("[data-custom]")) chooseDays();
      if (event.target.closest("[data-parts]")) parts.choose(query, change);
      if (event.target.closest("[data-all-parts]")) change(parts.without(query));
      if (!button) return;
      const {period: _p, first: _f, last: _l, ...rest} = query;
      change({period: button.dataset.period, ...rest});
    });
  });
})();
