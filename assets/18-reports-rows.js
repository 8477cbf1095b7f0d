/* Rows of the list of reports: so many nodes as are in view. While it is scrolled those that have left are used again for what comes in, and only
   their texts change; once it stands they are put in the order in which they are read out. */
(() => {
  const kyDai = window.kyDai, say_ = kyDai.reports, {make, text, mark} = kyDai;
  const STANDS_MS = 150, OVER = ["published", "rated", "closed", "ineligible", "outside", "duplicate"];
  let held = [], later = null; // {node, parts, nth, row}, as they lie in the list

  /* A unit's people see by its own part: that is done once it is handed in or given back, whatever becomes of the report. */
  const settled = (row) => row.part ? !say_.acting(row.part) || OVER.includes(row.state) : OVER.includes(row.state);
  const state = (row) => settled(row) || row.paused ? null : row.due < kyDai.now() ? "over" : row.due - kyDai.now() < 86400000 ? "soon" : null;
  const share = (row) => settled(row) || row.paused ? 0 : Math.min(Math.max((kyDai.now() - row.started) / Math.max(row.due - row.started, 1), 0.02), 1);
  const units = (row) => row.part ? kyDai.say(`case.part.${row.part.state}`) : row.units > 1 ? kyDai.say("case.units", {n: row.units}) : row.unit ? say_.unitShort(row.unit) : "—";
  const marks = (row) => [row.unread && kyDai.one("[data-enters]") ? make("i", {class: "ic ic-user rp-unread", role: "img", "aria-label": kyDai.say("case.unread"), title: kyDai.say("case.unread")}) : null, row.priority === "urgent" ? make("i", {class: "ic ic-alert", title: kyDai.say("case.priority.urgent")}) : null, row.duplicates ? make("span", {class: "rp-x", "data-num": true}, `×${row.duplicates + 1}`) : null, row.recurs ? make("span", {class: "rp-x"}, kyDai.say("case.recurs")) : null].filter(Boolean);
  const about = (row) => [kyDai.of(kyDai.city.service[row.service]?.field_short), row.title ? kyDai.of(kyDai.city.service[row.service]?.short) : "", row.place, kyDai.wardName(row.ward)].filter(Boolean).join(" · ");
  const left = (row) => !settled(row) ? say_.left({...row, handled: 0}) : row.part && !row.handled ? kyDai.say(`case.part.${row.part.state}`) : row.handled ? say_.left({...row, paused: false}) : kyDai.say(`case.state.${row.state}`);
  /* A day of this year goes without it; one of another year without its hour: the column is narrow. */
  const yearOf = (ms) => kyDai.format.dmy(ms).split("/").pop();
  const moment = (ms) => !ms ? "—" : yearOf(ms) === yearOf(kyDai.now()) ? `${kyDai.format.dm(ms)} ${kyDai.format.hm(ms)}` : kyDai.format.dmy(ms);
  const due = (row) => moment(settled(row) ? row.handled : row.due);

  const made = (space) => {
    const span = (told) => make("span", told);
    const parts = {number: make("bdi"), head: make("b"), name: span(), about: span(), unit: span({class: "rp-unit"}), due: span({class: "rp-due", "data-num": true}), left: span(), bar: make("progress", {max: 1, value: 0, "aria-hidden": "true"})};
    parts.head.append(parts.name);
    const pick = kyDai.one(".rp[data-picks]") ? span({class: "a-pick", "data-pick": true, "aria-hidden": "true"}) : null;
    const node = make("div", {class: "rp-row", role: "option"}, [pick, make("span", {class: "rp-number", "data-code": true}, [parts.number]), make("span", {class: "rp-about"}, [parts.head, parts.about]), parts.unit, parts.due, make("span", {class: "rp-left", "data-num": true}, [parts.left, parts.bar])]);
    const one = {node, parts, nth: -1, row: undefined};
    held.push(one);
    space.append(node);
    return one;
  };
  const fill = ({node, parts}, row) => {
    const few = row ? marks(row) : [];
    mark(node, "data-key", row?.key);
    mark(node, "data-state", row ? state(row) : "wait");
    if (few.length || parts.head.childElementCount > 1) parts.head.replaceChildren(...few, parts.name);
    for (const [name, told] of row ? [["number", row.number], ["name", row.title || say_.service(row.service)], ["about", about(row)], ["unit", units(row)], ["due", due(row)], ["left", left(row)]] : ["number", "name", "about", "unit", "due", "left"].map((name) => [name, ""])) text(parts[name], told);
    const now = row ? share(row) : 0;
    if (parts.bar.value !== now) parts.bar.value = now;
  };
  const put = (one, nth, {rowAt, chosen, total, h, moved}) => {
    const {node} = one, row = rowAt(nth), other = one.nth !== nth;
    if (other || !moved) {
      Object.assign(one, {nth});
      mark(node, "data-nth", nth);
      mark(node, "aria-posinset", nth + 1);
      node.style.top = `${nth * h}px`;
    }
    mark(node, "aria-setsize", total);
    mark(node, "aria-selected", nth === chosen);
    mark(node, "id", nth === chosen ? "rp-chosen" : null);
    if (other || one.row !== row || !moved) { one.row = row; fill(one, row); }
  };
  const inOrder = () => {
    if (held.every((one, at) => !at || held[at - 1].nth < one.nth)) return;
    held.sort((a, b) => a.nth - b.nth);
    held[0].node.parentNode?.append(...held.map((one) => one.node));
  };
  /* Show rows `first` until before `last`. While it is scrolled (`see.moved`), those that stay in view stay as they are. */
  const show = (space, first, last, see) => {
    if (!held.length) space.replaceChildren();
    const stay = new Map(see.moved ? held.filter((one) => one.nth >= first && one.nth < last).map((one) => [one.nth, one]) : []), free = held.filter((one) => stay.get(one.nth) !== one);
    for (let nth = first; nth < last; nth++) put(stay.get(nth) ?? free.shift() ?? made(space), nth, see);
    for (const one of free) one.node.remove();
    held = held.filter((one) => !free.includes(one));
    clearTimeout(later);
    if (see.moved) later = setTimeout(inOrder, STANDS_MS);
    else inOrder();
  };
  const empty = (space, inside) => { held = []; space.replaceChildren(...inside); };

  kyDai.reportRows = {show, empty};
})();
