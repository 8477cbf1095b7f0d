/* An alarm flood (UX-42): priorities 1 and 2 stand alone and complete, 3 and 4 together by what and where; a group opens when it is pressed. */
(() => {
  const kyDai = window.kyDai;
  const LOW = 3, ENDS = 5;
  const open = new Set();
  const now = () => kyDai.frames.alarms?.data ?? {};
  const key = (group) => `${group.kind}:${group.ward}`;
  const within = (group) => (row) => row.kind === group.kind && row.prio === group.prio && (!group.ward || row.ward === group.ward);

  const folded = (rows) => {
    const {flood, groups} = now();
    if (!flood) { open.clear(); return rows; }
    const low = rows.filter((row) => row.prio >= LOW);
    return [...rows.filter((row) => row.prio < LOW), ...groups.flatMap((group) => [{...group, group: key(group), id: `group:${key(group)}`, open: open.has(key(group))}, ...open.has(key(group)) ? low.filter(within(group)) : []])];
  };
  const build = (row) => {
    const button = kyDai.make("button", {type: "button", "data-group": row.group, "aria-expanded": String(row.open), title: kyDai.say(row.open ? "flood.close" : "flood.open")}, [
      kyDai.badge(row.prio), kyDai.make("b", {"data-num": true}, kyDai.format.number(row.n)), kyDai.make("span", {class: "a-type", title: kyDai.kindName(row.kind)}, kyDai.kindName(row.kind)), kyDai.make("span", {class: "grow"}),
      kyDai.make("span", {class: "faint nowrap"}, row.ward ? kyDai.wardName(row.ward) : kyDai.say("flood.everywhere"))]);
    return kyDai.make("li", {class: "alarm-group", "data-prio": row.prio, "data-children": row.n, role: "presentation"}, [button]);
  };
  const told = (row) => [row.group, row.n, row.open].join();
  const toggle = (group) => {
    if (open.has(group)) open.delete(group); else open.add(group);
    kyDai.list.paint();
  };
  /* All at once, by a key: what is closed opens; where all are open they close. */
  const all = () => {
    const keys = (now().groups ?? []).map(key), closed = keys.filter((one) => !open.has(one));
    for (const one of closed.length ? closed : keys) { if (closed.length) open.add(one); else open.delete(one); }
    kyDai.list.paint();
  };
  kyDai.banners.push(() => {
    const {flood, rate10, duty} = now();
    return flood && kyDai.one(".console") ? [["flood", kyDai.say("banner.flood"), kyDai.say("banner.flood_since", {n: kyDai.format.number(rate10), t: kyDai.format.hm(flood)}), kyDai.say("banner.flood_note", {n: kyDai.format.number(ENDS * duty)})]] : [];
  });
  kyDai.flood = {folded, build, told, all};
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-group]");
    if (button) toggle(button.dataset.group);
  });
})();
