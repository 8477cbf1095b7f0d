/* Keyboard first. By the key's place, not its letter, so that Vietnamese typing does not get in the way (UX-57 to 59). */
(() => {
  const kyDai = window.kyDai;
  const typing = (event) => event.isComposing || event.keyCode === 229 || event.target.closest?.("input, textarea, select, [contenteditable]");
  /* Whoever speaks to the machine, or leans on its keys, may do without shortcuts (WCAG 2.1.4); ? and Esc stay. */
  const KEPT = "kydai.shortcuts";
  let on = null;
  const shortcuts = () => { if (on === null) { try { on = localStorage.getItem(KEPT) !== "off"; } catch { on = true; } } return on; };
  const help = () => {
    const open = kyDai.one(".help");
    if (open) return open.remove();
    const rows = [["↑ ↓", "help.arrows"], ["Enter", "help.open"], ["Space", "help.pick"], ["Shift ↑ ↓", "help.pick_range"], ["1 2 3", "help.tabs"], ["M", "help.map"], ["K", "help.near"], ["/", "help.search"], ["A", "acts.acknowledge"], ["T", "help.take"], ["E", "acts.escalate"], ["D", "help.dispatch"], ["S", "acts.shelve"], ["N", "acts.note"], ["C", "acts.close"], ["Z", "help.undo"], ["F", "help.around"], ["I", "help.incident"], ["G", "help.groups"], ["V", "help.marks"], ["H", "help.spots"], ["F8", "help.silence"], ["R", "help.replay"], ["Esc", "help.close"], ["?", "help.help"]];
    const off = kyDai.make("input", {type: "checkbox", checked: shortcuts()});
    off.addEventListener("change", () => { try { localStorage.setItem(KEPT, off.checked ? "on" : "off"); } catch { /* then for this visit only */ } on = off.checked; });
    const list = rows.flatMap(([key, word]) => [kyDai.make("dt", {}, [kyDai.make("kbd", {class: "key"}, key)]), kyDai.make("dd", {}, kyDai.say(word))]);
    const card = kyDai.make("div", {class: "help", role: "dialog", "aria-modal": "true", "aria-label": kyDai.say("help.title"), tabindex: -1}, [kyDai.make("h2", {}, kyDai.say("help.title")), kyDai.make("dl", {class: "facts"}, list), kyDai.make("label", {class: "help-off"}, [off, kyDai.make("span", {}, kyDai.say("help.shortcuts"))])]);
    document.body.append(card);
    card.focus();
  };
  const SEVERAL = ["KeyA", "KeyT", "KeyS", "KeyC"]; // about the marked ones, where there are any
  const KEYS = {
    ArrowDown: (event) => event.shiftKey ? kyDai.picked.step(1) : kyDai.list.step(1), ArrowUp: (event) => event.shiftKey ? kyDai.picked.step(-1) : kyDai.list.step(-1), Space: () => kyDai.picked.turn(), Enter: () => kyDai.openDetail(),
    Escape: () => { const card = kyDai.one(".help"); if (card) card.remove(); else if (kyDai.picked.any()) kyDai.picked.clear(); else kyDai.select(null, "keys"); },
    Slash: (event) => event.shiftKey || event.key === "?" ? help() : kyDai.list.seek(), KeyM: () => kyDai.selected ? kyDai.map?.show(kyDai.selected) : kyDai.map?.home(), KeyK: () => kyDai.nearest(),
    ...Object.fromEntries(["KeyA", "KeyT", "KeyE", "KeyD", "KeyS", "KeyN", "KeyC"].map((code) => [code, () => kyDai.picked.any() && SEVERAL.includes(code) ? kyDai.together.press(code) : kyDai.acts.press(code)])), KeyZ: () => kyDai.acts.undo(), KeyF: () => kyDai.around.press(), KeyI: () => kyDai.incident.press(), KeyG: () => kyDai.flood.all(), KeyV: () => kyDai.marks.press(), KeyH: () => kyDai.spots.press(), F8: () => kyDai.sound.silence(),
    Digit1: () => kyDai.list.show("alarms"), Digit2: () => kyDai.list.show("events"), Digit3: () => kyDai.list.show("plates"),
  };
  document.addEventListener("keydown", (event) => {
    if (!kyDai.city || !kyDai.one(".console") || kyDai.one("dialog[open]") || event.altKey) return;
    const undo = event.code === "KeyZ" && event.ctrlKey && !event.shiftKey;
    if ((event.ctrlKey || event.metaKey) && !undo) return;
    if (event.code === "Escape" && event.target.matches?.("input")) return kyDai.list.unseek(event.target);
    if (typing(event) || !KEYS[event.code] || (!shortcuts() && !["Escape", "Slash"].includes(event.code))) return;
    if (["Enter", "Space"].includes(event.code) && event.target.closest("a, button")) return;
    event.preventDefault();
    KEYS[event.code](event);
  });
  document.addEventListener("click", (event) => {
    const pane = event.target.closest("[data-pane]");
    if (event.target.closest("[data-help]")) return help();
    if (!event.target.closest(".help")) kyDai.one(".help")?.remove();
    if (!pane) return;
    kyDai.mark(kyDai.one(".console"), "data-show", pane.dataset.pane);
    for (const node of kyDai.all("[data-pane]")) kyDai.mark(node, "aria-pressed", node === pane);
    kyDai.map?.resize();
  });
})();
