/* The wall: three alarms and a count, two numbers, two feeds. Sizes come from the room's geometry (screens.md §3). */
(() => {
  const kyDai = window.kyDai;
  const FAR = 1.25, FARTHEST = 1.6, ROWS = 3, ROWS_FAR = 2, SHIFT_EVERY_MS = 240000, SHIFT = [[0, 0], [4, 0], [4, 4], [0, 4], [-4, 4], [-4, 0], [-4, -4], [0, -4], [4, -4]];
  const CURSOR_MS = 3000;

  const row = (alarm) => kyDai.make("li", {class: "w-row", "data-prio": alarm.prio}, [
    kyDai.badge(alarm.prio), kyDai.make("span", {class: "w-t", "data-read": "must"}, `${kyDai.kindName(alarm.kind, true)} · ${kyDai.placeName(alarm, true)}`),
    kyDai.make("span", {class: "w-a", "data-read": "must", "data-num": true, "data-since": alarm.since})]);
  /* All is well only while the cameras are heard. */
  const calm = (unheard) => kyDai.make("li", {class: "w-row w-calm"}, [kyDai.make("i", {class: unheard ? "ic ic-aged" : "ic ic-check"}), kyDai.make("span", {class: "w-t", "data-read": "must"}, unheard || kyDai.say("wall.calm"))]);

  const paint = (alarms) => {
    const list = kyDai.one(".w-al > ol"), unheard = kyDai.unheard("camera_events");
    if (!list) return;
    const quiet = !alarms.open[1] && !alarms.open[2], most = kyDai.one(".wall[data-far]") ? ROWS_FAR : ROWS, shown = alarms.rows.slice(0, quiet ? most - 1 : most);
    const key = JSON.stringify(shown.map((one) => [one.id, one.since])) + quiet + unheard + kyDai.city.version;
    const total = Object.values(alarms.open).reduce((sum, n) => sum + n, 0), more = total - shown.length;
    kyDai.text(kyDai.one(".w-more"), more > 0 ? kyDai.say("wall.more", {n: kyDai.format.number(more)}) : "");
    if (list.dataset.shown === key) return;
    list.dataset.shown = key;
    list.replaceChildren(...(quiet ? [calm(unheard)] : []), ...shown.map(row));
    kyDai.paintAges(kyDai.now());
  };
  kyDai.paints("alarms", paint);
  kyDai.everySecond(() => { if (kyDai.frames.alarms) paint(kyDai.frames.alarms.data); });
  kyDai.laidOut = () => {
    const wall = kyDai.one(".wall");
    if (!wall) return;
    size(wall);
    wake(wall);
  };
  /* A must-read line of 4 rem subtends 20.5 arc minutes on a 55" panel at 5 m; another room scales the root by what it needs. */
  const size = (wall) => {
    const asked = new URLSearchParams(window.location.search), of = (name) => Math.max(0.1, +(asked.get(name) ?? wall.dataset[name]) || 1);
    const need = (of("dist") / 5) * (55 / (of("diag") * of("cols")));
    document.documentElement.style.setProperty("--wall-scale", Math.min(FARTHEST, Math.max(0.35, need)).toFixed(4));
    kyDai.mark(wall, "data-far", need > FAR ? "" : null);
  };
  /* Nothing of the frame burns in: the whole picture moves by a few pixels every four minutes (UX-84). */
  kyDai.everySecond((now) => {
    const wall = kyDai.one(".wall");
    if (!wall) return;
    const [x, y] = SHIFT[Math.floor(now / SHIFT_EVERY_MS) % SHIFT.length];
    const at = `${x}px ${y}px`;
    if (wall.style.translate !== at) wall.style.translate = at;
  });
  /* While a feed is not live, how many are stands where the version was. */
  kyDai.everySecond(() => {
    const node = kyDai.one(".wall [data-build]"), feeds = Object.values(kyDai.fresh.feeds), live = feeds.filter((feed) => feed.fresh === "live" || feed.fresh === "late").length;
    if (!node || !feeds.length) return;
    node.dataset.version ??= node.textContent;
    kyDai.text(node, live < feeds.length ? `${live}/${feeds.length} ${kyDai.say("feeds")}` : node.dataset.version);
  });
  let idle = null;
  const wake = (wall) => {
    document.addEventListener("mousemove", () => {
      kyDai.mark(wall, "data-cursor", "");
      clearTimeout(idle);
      idle = setTimeout(() => kyDai.mark(wall, "data-cursor", null), CURSOR_MS);
    });
  };
})();
