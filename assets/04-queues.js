/* What comes next, beside the numbers: reports that fall due within a day, cameras that are out. */
(() => {
  const kyDai = window.kyDai;
  const MOST_OUT = 6;
  const kept = {}, emptied = {};
  const paint = (name, rows, count, none, build) => {
    const list = kyDai.one(`[data-queue='${name}']`);
    if (!list) return;
    kyDai.text(kyDai.one(`[data-queue-n='${name}']`), count ? kyDai.format.number(count) : "");
    kept[name] = rows;
    emptied[name] = rows.length ? null : none;
    const key = rows.map((row) => row.id + row.what + row.note).join() || none();
    if (list.dataset.shown === key) return;
    list.dataset.shown = key;
    list.replaceChildren(...(rows.length ? rows.map(build) : [kyDai.make("li", {class: "empty"}, none())]));
  };
  const line = (row, at) => kyDai.make("li", {"data-at": at}, [kyDai.make("button", {type: "button"}, [row.mark, kyDai.make("span", {class: "q-what"}, row.what), kyDai.make("span", {class: "q-where"}, row.where), kyDai.make("span", {class: "q-note", "data-num": true, "data-due": row.due ?? null}, row.note)])]);
  const icon = (name) => kyDai.make("i", {class: `ic ic-${name}`, "aria-hidden": "true"});

  kyDai.paints("reports", (reports) => paint("soon", reports.soon.map((row) => {
    const title = kyDai.of(kyDai.city.service[row.service]?.name) || row.service;
    return {id: row.id, mark: icon("report"), what: title, where: kyDai.wardName(row.ward), due: row.due, note: kyDai.dueShort(row.due), pick: {...row, id: `report:${row.id}`, ix: -1, kind: "report_new", title}};
  }), reports.due_24h, () => kyDai.unheard("reports") || kyDai.say("side.soon_none"), line));

  kyDai.paints("cameras", (told) => {
    if (told.version !== kyDai.city.version) return;
    const out = kyDai.city.cameras.map((camera, ix) => ({camera, ix, state: told.states[ix]})).filter((one) => "xf".includes(one.state)).sort((a, b) => (b.camera.critical - a.camera.critical) || a.ix - b.ix);
    paint("out", out.slice(0, MOST_OUT).map(({camera, ix, state}) => ({id: camera.id, mark: kyDai.make("i", {class: "mk-key", "data-cam": state}), what: kyDai.of(camera.name), where: camera.id, note: kyDai.stateWord(state), pick: {ix, id: `camera:${camera.id}`, kind: "", title: kyDai.of(camera.name), ward: camera.ward}})), out.length, () => kyDai.unheard("camera_events") || kyDai.say(told.states.includes("-") ? "side.out_some" : "side.out_none"), line);
  });
  /* "All is well" is said only while the feed is heard. */
  kyDai.everySecond(() => { for (const [name, none] of Object.entries(emptied)) if (none) kyDai.text(kyDai.one(`[data-queue='${name}'] > .empty`), none()); });
  /* What is left runs down by itself. */
  kyDai.everySecond(() => { for (const node of kyDai.all(".queue [data-due]")) kyDai.text(node, kyDai.dueShort(+node.dataset.due)); });
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".queue > li[data-at]");
    if (row) kyDai.select(kept[row.parentNode.dataset.queue][row.dataset.at].pick, "list");
  });
})();
