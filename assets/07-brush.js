/* What is pointed at or selected on one of list, map and timeline is marked on the other two (UX-64); and the list may keep to what the
   map shows. */
(() => {
  const kyDai = window.kyDai;
  let kept = false, pointed = null;

  const instant = (row) => row.since ?? row.counted ?? row.submitted ?? row.at;
  const className = (row) => row.state !== undefined ? "alarm" : row.cls === "record" ? "record" : "event";
  const quoted = (text) => CSS.escape(text ?? "");
  const onMap = (row) => {
    const camera = row.ix >= 0 ? kyDai.city.cameras[row.ix]?.id : null;
    return kyDai.one(`[data-alarm='${quoted(row.id)}']`) ?? (camera && kyDai.one(`[data-camera='${quoted(camera)}']`));
  };
  /* Reports are no nodes: their layer marks them itself. */
  const report = (row) => !row || kyDai.one(`[data-alarm='${quoted(row.id)}']`) ? null : /^report:/.test(row.id) ? row.id : row.report ? `report:${row.report}` : null;
  const inList = (row) => kyDai.all("#list > li[data-id]").find((node) => node.row && (node.row.id === row.id || (row.id.startsWith("camera:") && node.row.ix === row.ix)));
  const onLine = (row) => kyDai.moments.shown() ? kyDai.moments.of(row) : instant(row) ? kyDai.one(`#timeline [data-class='${className(row)}'][data-minute='${Math.floor(instant(row) / 60000)}']`) : null;

  /* `selected` in the list is the list's own mark. */
  const mark = (name, row) => {
    for (const node of kyDai.all(`.map [data-${name}], #timeline [data-${name}]${name === "hover" ? ", #list [data-hover]" : ""}`)) node.removeAttribute(`data-${name}`);
    const drawn = kyDai.map?.markReport(name, report(row));
    if (!row) return;
    for (const node of [drawn ? null : onMap(row), onLine(row), name === "hover" ? inList(row) : null]) node?.setAttribute(`data-${name}`, "");
  };
  const point = (row) => { if (row?.id === pointed?.id) return; pointed = row; mark("hover", row); };

  /* Which row a node under the pointer stands for. A bar stands for the newest row of its minute. */
  const rowOf = (node) => {
    const item = node.closest?.("#list > li[data-id]");
    if (item) return item.row ?? null;
    const pin = node.closest?.("[data-alarm], [data-camera]");
    if (pin?.dataset.alarm) return kyDai.acts.find(pin.dataset.alarm) ?? null;
    if (pin) return {id: `camera:${pin.dataset.camera}`, ix: kyDai.city.cameras.findIndex((one) => one.id === pin.dataset.camera)};
    const moment = node.closest?.("#timeline .tl-mark");
    if (moment) return moment.rows[0];
    const bar = node.closest?.("#timeline [data-minute]");
    return bar ? newest(+bar.dataset.minute, bar.dataset.class) : null;
  };
  const newest = (minute, name) => {
    const rows = name === "alarm" ? kyDai.frames.alarms?.data.rows : name === "record" ? kyDai.frames.plates?.data.rows : kyDai.frames.events?.data.rows;
    return (rows ?? []).find((row) => Math.floor(instant(row) / 60000) === minute) ?? null;
  };

  const extent = () => {
    kept = !kept;
    kyDai.mark(kyDai.one("[data-extent]"), "aria-pressed", kept);
    kyDai.list.paint();
  };
  kyDai.brush = {keeps: (row) => !kept || kyDai.map.sees(row), moved: () => { if (kept) kyDai.list.paint(); }, again: () => again(), point: (row, was) => { if (row || pointed?.id === was?.id) point(row); }};

  document.addEventListener("mouseover", (event) => { if (kyDai.city && kyDai.one(".console")) point(rowOf(event.target) ?? kyDai.map?.reportUnder(event) ?? null); });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-extent]")) return extent();
    const bar = event.target.closest("#timeline [data-minute]"), row = bar && rowOf(bar);
    if (row) kyDai.select(row, "timeline");
  });
  kyDai.ready(() => kyDai.onSelect.push((row) => mark("selected", row)));
  /* Frames make nodes anew: what is marked stays marked. */
  const again = () => { mark("selected", kyDai.selected); if (pointed) mark("hover", pointed); };
  for (const topic of ["alarms", "reports", "series"]) kyDai.paints(topic, again);
})();
