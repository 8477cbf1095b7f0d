/* Clips of what is chosen: that there are some, everybody sees who sees pictures; one plays after a reason, for five minutes. It cannot be masked. */
(() => {
  const kyDai = window.kyDai;
  const opened = new Map(); // clip to its address and until when
  let asked = 0, may = true, waits = 0, shown = {id: "", clips: []};

  const load = async (row) => {
    const mine = ++asked, told = kyDai.pictures.query(row);
    let clips = [];
    if (told && may) try { clips = (await kyDai.fetched(`/clips?${told}`)).clips; } catch (error) { may = !/40[13]$/.test(error.message); return; }
    if (mine !== asked || kyDai.selected?.id !== row.id) return;
    const before = shown;
    shown = {id: row.id, clips};
    if (JSON.stringify(before) !== JSON.stringify(shown)) paint();
  };

  const about = (one) => [kyDai.say("clips.clip"), kyDai.format.hms(one.at), one.lasts && kyDai.say("clips.lasts", {s: kyDai.format.number(Math.round(one.lasts / 1000))})].filter(Boolean).join(" · ");
  const film = (one) => {
    const video = kyDai.make("video", {src: opened.get(one.id).url, controls: true, muted: true, playsinline: true, autoplay: true, preload: "metadata", disablepictureinpicture: true, controlslist: "nodownload noremoteplayback", "aria-label": about(one)});
    video.addEventListener("error", () => video.replaceWith(kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say(video.error?.code === 4 ? "clips.codec" : "clips.failed"))));
    return video;
  };
  const line = (one) => {
    const open = opened.get(one.id);
    const words = {wanted: "clips.wanted", lost: "clips.lost"}[one.state];
    const told = words ? kyDai.make("span", {class: "muted"}, kyDai.say(words)) : open ? kyDai.make("span", {class: "muted", "data-left": one.id}, left(open)) : kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet", "data-clip": one.id}, kyDai.say("clips.show"));
    return kyDai.make("figure", {class: "clip", "data-state": one.state, "data-open": open ? "" : null}, [open ? film(one) : null, kyDai.make("figcaption", {"data-num": true}, [kyDai.make("span", {}, about(one)), told])]);
  };
  const left = (open) => kyDai.say("pictures.clear_until", {t: kyDai.format.age(Math.max(0, open.until - performance.now()))});
  const inside = (row) => (shown.id === row.id ? shown.clips : []).map(line);
  const paint = () => {
    const pane = kyDai.one("#detail [data-clips]");
    if (pane && kyDai.selected) pane.replaceChildren(...inside(kyDai.selected));
    kyDai.mark(pane?.closest("section"), "hidden", pane && !pane.children.length ? "" : null);
  };
  /* A detail that is painted anew keeps what plays. */
  const pane = (row) => {
    if (!kyDai.pictures.query(row) || !may) return [];
    const held = kyDai.one("#detail [data-clips]");
    return [held?.dataset.clips === row.id ? held : kyDai.make("div", {class: "clips", "data-clips": row.id}, inside(row))];
  };

  const reveal = async (id, why) => {
    try {
      const reply = await fetch("/clips/reveal", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({clip: id, why}), signal: AbortSignal.timeout(5000)});
      if (!reply.ok) throw new Error(String(reply.status));
      const told = await reply.json(), lasts = Math.max(0, told.until - kyDai.now());
      opened.set(id, {url: told.url, until: performance.now() + lasts});
      setTimeout(() => { opened.delete(id); paint(); }, lasts);
      paint();
    } catch { kyDai.acts.toast(kyDai.say("clips.failed"), {kind: "failed"}); }
  };

  kyDai.clips = {pane, paint};
  kyDai.ready(() => kyDai.onSelect.push((row) => { opened.clear(); if (row && kyDai.one(".console")) { paint(); load(row); } }));
  /* A clip is fetched some seconds after what it shows is over. */
  kyDai.everySecond(() => {
    for (const node of kyDai.all("#detail [data-left]")) if (opened.has(node.dataset.left)) kyDai.text(node, left(opened.get(node.dataset.left)));
    const row = kyDai.selected;
    if (row && (waits += 1) % 10 === 0 && may && kyDai.pictures.query(row) && !shown.clips.some((one) => one.state === "kept")) load(row);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-clip]");
    if (button) kyDai.pictures.asking(kyDai.say("clips.show"), kyDai.say("clips.note"), (why) => reveal(button.dataset.clip, why));
  });
})();
