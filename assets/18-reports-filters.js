/* Filters of which several may be chosen at once: a button that says what is chosen, and under it boxes, a long list with a search of its own. By keyboard:
   Enter or arrow down opens, arrows move, Space chooses, letters search, Esc closes. */
(() => {
  const kyDai = window.kyDai, {make, text, mark} = kyDai, MANY = 10, NAMED = 1;

  const several = (name, options, given, changed) => {
    const named = new Map(options), chosen = new Set(given), said = kyDai.say(`case.filter.${name}`), id = `rp-of-${name}`;
    const says = make("span"), button = make("button", {type: "button", class: "rp-several", "aria-expanded": "false", "aria-controls": id}, [says, make("i", {class: "ic ic-chev", "aria-hidden": "true"})]);
    const find = make("input", {type: "search", maxlength: 60, placeholder: kyDai.say("case.filter.find"), "aria-label": `${kyDai.say("case.filter.find")}: ${said}`});
    const list = make("ul", {}), none = make("p", {class: "faint", hidden: true}, kyDai.say("case.filter.none")), clear = make("button", {type: "button", class: "btn", "data-kind": "quiet"}, kyDai.say("case.filter.clear")), done = make("button", {type: "button", class: "btn rp-done", "data-kind": "strong"}, kyDai.say("case.photo.done"));
    const panel = make("div", {id, class: "rp-options", role: "group", "aria-label": said, hidden: true}, [options.length > MANY ? find : null, list, none, make("div", {class: "rp-option-acts"}, [clear, done])]);
    const root = make("div", {class: "rp-of"}, [button, panel]);
    const boxes = () => kyDai.all("li:not([hidden]) input", list);

    const label = () => {
      const told = !chosen.size ? said : chosen.size > NAMED ? kyDai.say(`case.filter.${name}.n`, {n: kyDai.format.number(chosen.size)}) : named.get([...chosen][0]) ?? [...chosen][0];
      text(says, told);
      mark(button, "aria-label", chosen.size ? `${said}: ${told}` : said);
      mark(button, "data-some", chosen.size ? "" : null);
      clear.disabled = !chosen.size;
    };
    const tell = () => { label(); changed([...chosen].join(",")); };
    const option = ([value, told]) => {
      const box = make("input", {type: "checkbox", value, checked: chosen.has(value)});
      box.addEventListener("change", () => { if (box.checked) chosen.add(value); else chosen.delete(value); tell(); });
      return Object.assign(make("li", {}, [make("label", {}, [box, make("span", {}, told)])]), {plain: kyDai.plain(told)});
    };
    const sift = () => {
      const words = kyDai.plain(find.value.trim()).split(/\s+/).filter(Boolean);
      for (const one of list.children) one.hidden = !words.every((word) => one.plain.includes(word));
      none.hidden = boxes().length > 0;
    };
    /* What is chosen comes first, whenever it is opened. */
    const open = () => {
      find.value = "";
      list.replaceChildren(...[...options].sort((a, b) => chosen.has(b[0]) - chosen.has(a[0])).map(option));
      sift();
      panel.hidden = false;
      mark(button, "aria-expanded", "true");
      list.scrollTop = 0;
      (options.length > MANY && matchMedia("(min-width: 861px)").matches ? find : boxes()[0])?.focus();
    };
    const close = (back) => {
      if (panel.hidden) return;
      panel.hidden = true;
      mark(button, "aria-expanded", "false");
      if (back) button.focus();
    };
    const move = (by) => {
      const all = [...panel.contains(find) ? [find] : [], ...boxes()], at = all.indexOf(document.activeElement);
      all[Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
    };
    button.addEventListener("click", () => panel.hidden ? open() : close(false));
    clear.addEventListener("click", () => { chosen.clear(); for (const box of kyDai.all("input", list)) box.checked = false; tell(); (boxes()[0] ?? find).focus(); });
    done.addEventListener("click", () => close(true));
    find.addEventListener("input", sift);
    root.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const down = event.code === "ArrowDown" || event.code === "ArrowUp";
      if (event.code === "Escape" && !panel.hidden) close(true);
      else if (down && panel.hidden) open();
      else if (down) move(event.code === "ArrowDown" ? 1 : -1);
      else if (event.code === "Enter" && event.target.matches("input[type=checkbox]")) event.target.click();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    root.addEventListener("focusout", (event) => { if (event.relatedTarget && !root.contains(event.relatedTarget)) close(false); });
    document.addEventListener("pointerdown", (event) => { if (!root.contains(event.target)) close(false); });
    label();
    return root;
  };

  kyDai.reportFilters = {several};
})();
