/* Which part of the city a leader looks at: a ward, a unit, a service, or what is of several of them at once. */
(() => {
  const kyDai = window.kyDai;
  const DIMS = ["ward", "unit", "service"];
  const named = (dim, code) => kyDai.of(kyDai.city[dim][code].name), short = (dim, code) => kyDai.of(kyDai.city[dim][code].short);
  const within = (query) => DIMS.filter((dim) => query[dim]);
  /* Nothing else of what is asked: the parts alone. */
  const parts = (query) => Object.fromEntries(within(query).map((dim) => [dim, query[dim]]));
  const there = (dim, code) => Boolean(code) && Object.hasOwn(kyDai.city[dim], code);
  const known = (told) => Object.fromEntries(DIMS.filter((dim) => there(dim, told.get(dim))).map((dim) => [dim, told.get(dim)]));
  /* Whether an address names a ward, unit or service that there is not. */
  const strange = (told) => DIMS.some((dim) => told.get(dim) && !there(dim, told.get(dim)));
  const without = ({ward: _w, unit: _u, service: _s, ...rest}) => rest;
  const nameOf = (query) => within(query).map((dim) => named(dim, query[dim])).join(" · ") || kyDai.say("leader.all_wards");
  const listed = (all) => all.map((one) => [one.code, kyDai.of(one.name)]).sort((a, b) => a[1].localeCompare(b[1], "vi")).map(([value, text]) => kyDai.make("option", {value}, text));
  const options = (dim) => {
    if (dim !== "unit") return listed(dim === "ward" ? kyDai.city.wards : kyDai.city.services);
    const units = kyDai.city.units, local = (one) => one.code.startsWith("UB-");
    return [["unit", units.filter((one) => !local(one))], ["ward", units.filter(local)]].filter(([, some]) => some.length).map(([word, some]) => kyDai.make("optgroup", {label: kyDai.say(`leader.${word}`)}, listed(some)));
  };
  const field = (dim, code) => {
    const select = kyDai.make("select", {name: dim}, [kyDai.make("option", {value: ""}, kyDai.say("leader.any")), ...options(dim)]);
    select.value = code ?? "";
    return kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(`leader.${dim}`)), select]);
  };
  /* A card with one list each; what is chosen in several of them holds together. */
  const choose = (query, then) => {
    const button = (word, more) => kyDai.make("button", {type: "button", class: "btn", ...more}, kyDai.say(word));
    const cancel = button("acts.cancel"), all = button("leader.all_wards", {class: "btn l-all"}), show = button("leader.show", {type: "submit", "data-kind": "strong"});
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, kyDai.say("leader.part")), kyDai.make("p", {class: "muted"}, kyDai.say("leader.part_note")), ...DIMS.map((dim) => field(dim, query[dim])), kyDai.make("div", {class: "ask-foot"}, [all, cancel, show])]);
    const card = kyDai.make("dialog", {class: "ask l-choose", "aria-label": kyDai.say("leader.part")}, [form]), end = (chosen) => { card.close(); then({...without(query), ...chosen}); };
    cancel.addEventListener("click", () => card.close());
    all.addEventListener("click", () => end({}));
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => { event.preventDefault(); end(Object.fromEntries([...new FormData(form)].filter(([, code]) => code))); });
    document.body.append(card);
    card.showModal();
  };
  /* What is looked at, and beside it how to look at everything again. */
  const paint = (query) => {
    const slot = kyDai.one("[data-wards]"), chosen = within(query), word = kyDai.say("leader.part");
    if (!slot) return;
    const text = chosen.map((dim) => short(dim, query[dim])).join(" · ") || kyDai.say("leader.all_wards");
    const open = kyDai.make("button", {type: "button", class: "l-open", "data-parts": "", "aria-haspopup": "dialog", "aria-label": `${word}: ${nameOf(query)}`, title: nameOf(query)}, [kyDai.make("span", {}, text)]);
    const clear = kyDai.make("button", {type: "button", class: "l-clear", "data-all-parts": "", "aria-label": kyDai.say("leader.part_clear"), title: kyDai.say("leader.part_clear")}, "×");
    const focused = document.activeElement?.closest?.("[data-wards]");
    slot.replaceChildren(open, ...(chosen.length ? [clear] : []));
    kyDai.mark(slot, "data-chosen", chosen.length || null);
    if (focused) open.focus();
  };
  kyDai.leaderParts = {parts, known, strange, without, nameOf, choose, paint};
})();
