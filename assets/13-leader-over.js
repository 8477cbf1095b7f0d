/* Over the leader's wards: what people have drawn on the city's map, to read, and where most happens, asked for when somebody wants it. */
(() => {
  const kyDai = window.kyDai;
  const OF = ["", "reports", "events", "alarms"], PERIOD = "7d", AGAIN_MS = 60000, LISTED = 4, SMALL = 2.5, LARGE = 7;
  let held = null, of = "", told = null, failed = false, asked = 0, at = 0, stamp = "";

  const marks = () => { const now = kyDai.now(); return (kyDai.frames.marks?.data.rows ?? []).filter((row) => row.begins <= now && now < row.until); };
  const until = (row) => kyDai.say("marks.until", {t: `${kyDai.format.hm(row.until)} ${kyDai.format.dm(row.until)}`});
  const said = (row) => `${kyDai.say(`marks.kind.${row.kind}`)}: ${row.name} · ${until(row)}`;

  /* ---- on the map: in both frames, by their own projection ---- */
  const shape = (row, place) => {
    const points = row.points.map((point) => place(point).map((n) => n.toFixed(1)).join(" ")).join("L"), node = kyDai.svg("path", {class: `lo-mark lo-${row.kind} lo-${row.shape}`, d: `M${points}${row.shape === "area" ? "Z" : ""}`, "data-mark": row.id});
    node.append(kyDai.svg("title", {}, said(row)));
    return node;
  };
  /* As large as there is much: area, not width, tells the count. */
  const spot = (one, most, place) => {
    const [west, south, east, north] = one.box, [x, y] = place([(west + east) / 2, (south + north) / 2]), node = kyDai.svg("circle", {class: "lo-spot", cx: x.toFixed(1), cy: y.toFixed(1), r: (kyDai.remNow() * (SMALL + (LARGE - SMALL) * Math.sqrt(one.n / most))).toFixed(1)});
    node.append(kyDai.svg("title", {}, kyDai.format.number(one.n)));
    return node;
  };
  const draw = () => {
    if (!held) return;
    const spots = of && told ? told.spots : [], most = Math.max(1, ...spots.map((one) => one.n));
    for (const [group, place] of held) {
      group.querySelector(".lo-over")?.remove();
      const over = kyDai.svg("g", {class: "lo-over"});
      over.append(...marks().map((row) => shape(row, place)), ...spots.map((one) => spot(one, most, place)));
      group.append(over);
    }
  };

  /* ---- in words ---- */
  const line = () => !of ? "" : failed ? kyDai.say("spots.failed") : !told ? kyDai.say("spots.asking") : told.spots.length ? kyDai.say("leader.spots_told", {n: kyDai.format.number(told.spots.length), low: kyDai.format.number(Math.min(...told.spots.map((one) => one.n))), high: kyDai.format.number(Math.max(...told.spots.map((one) => one.n)))}) : kyDai.say("spots.none");
  const write = () => {
    const box = kyDai.one("[data-over]"), rows = marks();
    if (!box) return;
    const more = rows.length - LISTED;
    box.replaceChildren(...[of ? kyDai.make("span", {"data-num": true}, [kyDai.make("i", {class: "lo-key", "aria-hidden": "true"}), kyDai.make("span", {}, line())]) : null,
      ...rows.slice(0, LISTED).map((row) => kyDai.make("span", {"data-over-mark": row.id, "data-num": true}, [kyDai.make("i", {class: `lo-key lo-key-${row.kind}`, "aria-hidden": "true"}), kyDai.make("span", {}, said(row))])), more > 0 ? kyDai.make("span", {"data-num": true}, kyDai.say("leader.more_marks", {n: kyDai.format.number(more)})) : null].filter(Boolean));
    box.hidden = !box.childElementCount;
  };
  const paint = () => { draw(); write(); };
  const ask = async () => {
    const mine = asked += 1;
    at = performance.now();
    let answer = null;
    try { answer = await kyDai.fetched(`/api/v1/hot-spots?${new URLSearchParams({of, period: PERIOD})}`); } catch (error) { console.warn(error); }
    if (mine !== asked) return;
    [told, failed] = [answer, !answer];
    paint();
  };
  kyDai.overWards = (groups) => { held = groups; paint(); };
  kyDai.paints("marks", () => { stamp = ""; });
  kyDai.everySecond(() => {
    const now = marks().map((row) => `${row.id}.${row.version}`).join();
    if (held && now !== stamp) { stamp = now; paint(); }
    if (of && !document.hidden && performance.now() - at > AGAIN_MS) ask();
  });
  kyDai.ready(() => {
    const slot = kyDai.one("[data-spots-of]");
    if (!slot) return;
    const choice = kyDai.make("select", {"aria-label": kyDai.say("spots.title")}, OF.map((one) => kyDai.make("option", {value: one}, kyDai.say(one ? `leader.spots.${one}` : "leader.spots.none"))));
    choice.addEventListener("change", () => { of = choice.value; [told, failed] = [null, false]; asked += 1; paint(); if (of) ask(); });
    slot.replaceChildren(choice);
  });
})();
