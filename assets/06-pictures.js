/* Pictures of what is chosen: masked for everybody; one in the clear for a minute, after a reason, with the viewer's name in it. */
(() => {
  const kyDai = window.kyDai;
  const CLEAR_MS = 60000, SOON_MS = 30000;
  const cleared = new Map(); // picture to its clear address and until when
  let asked = 0, waits = 0, may = true, shown = {id: "", pictures: []};

  const query = (row) => row.state !== undefined && !row.report ? `alarm=${encodeURIComponent(row.id)}` : row.seq ? `seq=${row.seq}` : "";
  const load = async (row) => {
    const mine = ++asked, told = query(row);
    let pictures = [];
    if (told && may) try { pictures = (await kyDai.fetched(`/pictures?${told}`)).pictures; } catch (error) { may = !/40[13]$/.test(error.message); return; }
    if (mine !== asked || kyDai.selected?.id !== row.id) return;
    shown = {id: row.id, pictures};
    paint();
  };

  const figure = (one) => {
    const clear = cleared.get(one.id), word = kyDai.say(`pictures.role.${one.role}`);
    const image = kyDai.make("img", {src: clear?.url ?? one.url, alt: `${word}, ${kyDai.format.hms(one.at)}`, width: one.width, height: one.height, loading: "lazy", decoding: "async"});
    image.addEventListener("error", () => image.replaceWith(kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("pictures.failed"))));
    const told = clear ? kyDai.say("pictures.clear_until", {t: kyDai.format.age(Math.max(0, clear.until - performance.now()))}) : kyDai.say("pictures.masked");
    const reveal = clear ? null : kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-reveal": one.id}, kyDai.say("pictures.reveal"));
    return kyDai.make("figure", {class: "pic", "data-role": one.role, "data-clear": clear ? "" : null}, [image, kyDai.make("figcaption", {"data-num": true}, [kyDai.make("span", {}, `${word} · ${kyDai.format.hms(one.at)} · ${told}`), reveal])]);
  };
  const inside = (row) => {
    const mine = shown.id === row.id ? shown.pictures : [];
    return mine.length ? mine.map(figure) : [kyDai.make("p", {class: "muted"}, kyDai.say("pictures.none"))];
  };
  const paint = () => {
    const pane = kyDai.one("#detail [data-pictures]");
    if (pane && kyDai.selected) pane.replaceChildren(...inside(kyDai.selected));
  };
  const pane = (row) => query(row) && may ? [kyDai.make("div", {class: "pics", "data-pictures": row.id}, inside(row))] : [];

  const reveal = async (id, why) => {
    try {
      const reply = await fetch("/pictures/reveal", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({picture: id, why}), signal: AbortSignal.timeout(5000)});
      if (!reply.ok) throw new Error(String(reply.status));
      cleared.set(id, {url: (await reply.json()).url, until: performance.now() + CLEAR_MS});
      setTimeout(() => { cleared.delete(id); paint(); }, CLEAR_MS);
      paint();
    } catch { kyDai.acts.toast(kyDai.say("pictures.failed"), {kind: "failed"}); }
  };
  /* Why somebody wants to see what is hidden: asked before it is shown, and written down. */
  const asking = (word, note, then) => {
    const why = kyDai.make("input", {type: "text", name: "why", required: true, minlength: 10, maxlength: 500, autocomplete: "off", autofocus: true});
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, word), kyDai.make("p", {class: "muted"}, note), kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say("pictures.reason")), why]),
      kyDai.make("div", {class: "ask-foot"}, [cancel, kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, word)])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": word}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", (event) => { event.preventDefault(); card.close(); then(why.value.trim()); });
    document.body.append(card);
    card.showModal();
  };

  const ask = (id) => asking(kyDai.say("pictures.reveal"), kyDai.say("pictures.note"), (why) => reveal(id, why));

  kyDai.pictures = {pane, load, query, asking};
  kyDai.ready(() => kyDai.onSelect.push((row) => { if (row && kyDai.one(".console")) load(row); }));
  /* A picture is developed a moment after its event, and an alarm that goes on has newer ones. */
  let counted = "";
  kyDai.paints("alarms", () => {
    const row = kyDai.selected, now = row && kyDai.acts?.isAlarm(row) ? `${row.id}:${kyDai.acts.find(row.id)?.count}` : "";
    if (now && now !== counted) load(row);
    counted = now;
  });
  kyDai.everySecond(() => {
    if (cleared.size) paint();
    const row = kyDai.selected, fresh = row && kyDai.now() - (row.since ?? row.counted) < SOON_MS;
    if (fresh && shown.id === row.id && !shown.pictures.length && query(row) && (waits += 1) % 3 === 0) load(row);
  });
  document.addEventListener("click", (event) => { const button = event.target.closest("[data-reveal]"); if (button) ask(button.dataset.reveal); });
})();
