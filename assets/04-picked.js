/* Several alarms at once (UX-49): rows are marked with Shift+arrows, Space, Shift+click, Ctrl+click or their boxes. Only what stands in
   the list can be marked: what is folded into a group, filtered away or gone is marked no more. A P1 never is: it is done by itself. */
(() => {
  const kyDai = window.kyDai;
  const rules = kyDai.told.acts, MOST = rules?.together ?? 0;
  const picked = new Set();
  let anchor = null, boxes = false;

  const nodes = () => kyDai.all("#list > li[data-id]");
  const can = (row) => MOST > 0 && kyDai.acts.isAlarm(row) && row.prio !== 1;
  const say = (word) => kyDai.acts.toast(kyDai.say(word, {n: MOST}), {kind: "failed", ms: 5000});

  /* Returns whether there is no room for more. */
  const put = (row) => {
    if (!can(row) || picked.has(row.id)) return false;
    if (picked.size >= MOST) return true;
    picked.add(row.id);
    return false;
  };
  const turn = (row = kyDai.selected) => {
    if (!MOST || !kyDai.acts.isAlarm(row) || !nodes().some((node) => node.row.id === row.id)) return;
    if (row.prio === 1) say("together.p1");
    else if (!picked.delete(row.id) && put(row)) say("together.most");
    anchor = row.id;
    paint();
  };
  /* From where the marking began to this row, whatever stands between. */
  const to = (row) => {
    if (!MOST || !kyDai.acts.isAlarm(row)) return kyDai.select(row, "list");
    const all = nodes().map((node) => node.row), at = (id) => all.findIndex((one) => one.id === id);
    const from = [anchor, kyDai.selected?.id].map(at).find((one) => one >= 0) ?? at(row.id);
    const [first, last] = [from, at(row.id)].sort((a, b) => a - b), range = all.slice(first, last + 1);
    anchor = all[from].id;
    picked.clear();
    const full = range.map(put).some(Boolean);
    if (full) say("together.most"); else if (range.some((one) => one.prio === 1)) say("together.p1");
    kyDai.select(row, "list");
    paint();
  };
  const step = (by) => {
    const all = nodes(), held = all.findIndex((node) => "selected" in node.dataset), next = all[held + by];
    if (!next) return;
    if (held < 0 || !kyDai.acts.isAlarm(all[held].row)) return kyDai.list.step(by);
    if (anchor === null || !picked.size) anchor = all[held].row.id;
    to(next.row);
    next.scrollIntoView({block: "nearest"});
  };
  const clear = () => { picked.clear(); anchor = null; boxes = false; paint(); };

  const box = (node) => {
    const held = kyDai.one(":scope > .a-pick", node);
    if (!held && (boxes || picked.size) && can(node.row)) node.append(kyDai.make("span", {class: "a-pick", "data-pick": true, "aria-hidden": "true"}));
    if (held && !(boxes || picked.size)) held.remove();
  };
  /* After every painting of the list: what is not there, or has become a P1, is marked no more. */
  const paint = () => {
    const shown = new Map(nodes().map((node) => [node.row.id, node]));
    for (const id of [...picked]) {
      if (!shown.has(id)) picked.delete(id);
      else if (!can(shown.get(id).row)) { picked.delete(id); say("together.p1"); }
    }
    const list = document.getElementById("list");
    kyDai.mark(list, "data-picking", boxes || picked.size ? "" : null);
    for (const node of shown.values()) {
      box(node);
      kyDai.mark(node, "data-picked", picked.has(node.row.id) ? "" : null);
      kyDai.mark(node, "aria-selected", picked.size ? picked.has(node.row.id) : "selected" in node.dataset);
    }
    kyDai.together.paint();
  };
  const rows = () => nodes().map((node) => node.row).filter((row) => picked.has(row.id));

  kyDai.picked = {turn, to, step, clear, paint, rows, any: () => picked.size > 0};
  document.addEventListener("mousedown", (event) => { if (event.shiftKey && event.target.closest("#list")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pick-many]")) return;
    boxes = !boxes || !!picked.size;
    if (!boxes || picked.size) clear(); else paint();
  });
})();
