/* Photographs of a report: thumbnails, opened large, in the clear after a reason; and those that are taken here and sent, however slow the way. */
(() => {
  const kyDai = window.kyDai;
  const LONGEST = 1920, SMALL = 300000, MOST = 12, MOST_BYTES = 12 * 1024 * 1024, TRIES = 6, CLEAR_MS = 60000, RENEW_MS = 240000;
  let held = {key: "", photos: [], reveal: false}, asked = 0, at = 0;

  /* ---- what there is. Addresses are good for five minutes: they are asked for anew before ---- */
  const load = async (key) => {
    const mine = ++asked;
    if (held.key !== key) held = {key, photos: [], reveal: false};
    if (!key) return false;
    try {
      const told = await kyDai.fetched(`/reports/photos?key=${encodeURIComponent(key)}`);
      if (mine !== asked) return false;
      const other = told.photos.map((one) => one.id).join() !== held.photos.map((one) => one.id).join() || performance.now() - at > RENEW_MS;
      if (other) { held = {key, ...told}; at = performance.now(); }
      return other;
    } catch { return false; }
  };
  const called = (one) => [kyDai.say(`case.photo.${one.of}`), one.who, `${kyDai.format.hm(one.at)} ${kyDai.format.dm(one.at)}`].filter(Boolean).join(" · ");
  const thumb = (one) => {
    const image = kyDai.make("img", {src: one.url, alt: called(one), width: one.width, height: one.height, loading: "lazy", decoding: "async"});
    image.addEventListener("error", () => image.replaceWith(kyDai.make("span", {class: "muted"}, kyDai.say("pictures.failed"))), {once: true});
    return kyDai.make("button", {type: "button", class: "rp-thumb", "data-photo": one.id, title: called(one), "aria-label": called(one)}, [image]);
  };
  const strip = (of, nth = 0) => {
    const found = held.photos.filter((one) => of.includes(one.of) && one.nth === nth);
    return found.length ? kyDai.make("div", {class: "rp-photos"}, found.map(thumb)) : null;
  };

  /* ---- one of them large; the arrows go on to the next ---- */
  const large = (id) => {
    let nth = held.photos.findIndex((one) => one.id === id), clear = null;
    if (nth < 0) return;
    const image = kyDai.make("img", {alt: ""}), told = kyDai.make("p", {"data-num": true, role: "status"});
    const button = (word, does, more = {}) => { const made = kyDai.make("button", {type: "button", class: "btn", ...more}, word); made.addEventListener("click", does); return made; };
    const show = (by = 0) => {
      nth = (nth + by + held.photos.length) % held.photos.length;
      if (by) clear = null;
      const one = held.photos[nth];
      image.src = clear ?? one.url;
      image.alt = called(one);
      kyDai.text(told, [`${nth + 1}/${held.photos.length}`, called(one), clear ? "" : kyDai.say("pictures.masked")].filter(Boolean).join(" · "));
      reveal.hidden = !held.reveal || !!clear;
    };
    const unmask = async () => {
      const found = await reason(held.photos[nth].id);
      if (!found) return;
      clear = found;
      show();
      setTimeout(() => { if (clear === found) { clear = null; show(); } }, CLEAR_MS);
    };
    const reveal = button(kyDai.say("pictures.reveal"), unmask);
    const turns = held.photos.length > 1 ? [button("‹", () => show(-1), {"aria-label": kyDai.say("case.photo.before")}), button("›", () => show(1), {"aria-label": kyDai.say("case.photo.after")})] : [];
    const card = kyDai.make("dialog", {class: "rp-large", "aria-label": kyDai.say("case.photos")}, [image, kyDai.make("div", {class: "rp-large-foot"}, [told, reveal, ...turns, button(kyDai.say("case.photo.shut"), () => card.close(), {"data-kind": "strong", autofocus: true})])]);
    card.addEventListener("close", () => card.remove());
    card.addEventListener("keydown", (event) => { const by = {ArrowLeft: -1, ArrowRight: 1}[event.code]; if (by && !event.target.closest("input")) show(by); });
    show();
    document.body.append(card);
    card.showModal();
  };
  /* Why somebody wants to see what is hidden: asked before it is shown, and written down. Returns an address, or null. */
  const reason = async (picture) => {
    const {ask, text} = kyDai.incidents;
    let found = null;
    await ask(kyDai.say("pictures.reveal"), kyDai.say("pictures.note"), [text(kyDai.say("pictures.reason"), {required: true, minlength: 10, maxlength: 500, autofocus: true})], "reveal", {send: async ({why}) => {
      try {
        const reply = await fetch("/pictures/reveal", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({picture, why}), signal: AbortSignal.timeout(8000)});
        if (reply.ok) found = (await reply.json()).url;
      } catch { /* said below */ }
      return found ? "" : kyDai.say("pictures.failed");
    }});
    return found;
  };

  /* ---- what is sent: made smaller here, where the telephone can; under one key, so that a second try is never a second copy ---- */
  const smaller = async (file) => {
    try {
      const whole = await createImageBitmap(file, {imageOrientation: "from-image"}), share = Math.min(1, LONGEST / Math.max(whole.width, whole.height));
      if (share === 1 && file.size < SMALL && file.type === "image/jpeg") return file;
      const canvas = kyDai.make("canvas", {width: Math.round(whole.width * share), height: Math.round(whole.height * share)});
      canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
      whole.close();
      return await new Promise((done) => canvas.toBlob((made) => done(made ?? file), "image/jpeg", 0.85));
    } catch { return file; }
  };
  const posted = (address, blob, onShare) => new Promise((done) => {
    const way = new XMLHttpRequest();
    way.open("POST", address);
    way.timeout = 120000;
    way.responseType = "json";
    way.setRequestHeader("Content-Type", blob.type || "application/octet-stream");
    way.upload.addEventListener("progress", (event) => event.lengthComputable && onShare(event.loaded / event.total));
    way.addEventListener("loadend", () => done([way.status, way.response]));
    way.send(blob);
  });
  const passing = (status) => status === 0 || status === 429 || status >= 500;
  const rest = (ms) => new Promise((done) => { const go = () => { clearTimeout(timer); window.removeEventListener("online", go); done(); }, timer = setTimeout(go, ms); window.addEventListener("online", go); });
  const sent = async (address, blob, onShare, onWait) => {
    for (let nth = 1; ; nth++) {
      const [status, told] = await posted(address, blob, onShare);
      if (!passing(status) || nth === TRIES) return [status, told];
      onWait();
      await rest(Math.min(1000 * 2 ** (nth - 1), 8000));
    }
  };

  /* A field that takes photographs and sends each at once. `done` waits for all and returns why not, or ""; `ids` are those that are there. */
  const taker = (report, nth) => {
    const items = [], list = kyDai.make("ul", {class: "rp-taken", "aria-live": "polite"}), full = kyDai.make("p", {role: "status"});
    const chooser = (word, icon, more) => {
      const input = kyDai.make("input", {type: "file", accept: "image/jpeg,image/png,image/webp,image/*", multiple: true, class: "sr", ...more});
      input.addEventListener("change", () => { const wanted = items.length + input.files.length; for (const file of input.files) add(file); kyDai.text(full, wanted > items.length ? kyDai.say("case.photo.most", {n: MOST}) : ""); input.value = ""; });
      return kyDai.make("label", {class: "btn rp-shoot"}, [kyDai.make("i", {class: `ic ic-${icon}`, "aria-hidden": "true"}), kyDai.make("span", {}, kyDai.say(word)), input]);
    };
    const paint = (item) => {
      const {state, share} = item, said = state === "sent" ? kyDai.say("case.photo.sent") : state === "failed" ? item.why : state === "waits" ? kyDai.say("case.photo.waits") : kyDai.say("case.photo.sending", {n: kyDai.format.percent(Math.round(share * 100))});
      kyDai.mark(item.node, "data-state", state);
      kyDai.text(item.said, said);
      item.bar.value = state === "sent" ? 1 : share;
      item.again.hidden = state !== "failed" || item.refused;
    };
    const send = async (item) => {
      Object.assign(item, {state: "sending", share: 0});
      paint(item);
      item.blob ??= await smaller(item.file);
      const address = `/reports/attach?${new URLSearchParams({report, nth, key: item.key})}`;
      const [status, told] = item.blob.size > MOST_BYTES ? [413, {error: {code: "photo_size"}}] : await sent(address, item.blob, (share) => { Object.assign(item, {state: "sending", share}); paint(item); }, () => { item.state = "waits"; paint(item); });
      Object.assign(item, status === 200 ? {state: "sent", id: told.id} : {state: "failed", refused: !passing(status) && status !== 401, why: kyDai.reports.why(status, told)});
      paint(item);
    };
    const add = (file) => {
      if (items.length >= MOST) return;
      const made = (word, act) => { const button = kyDai.make("button", {type: "button", class: "btn", "data-kind": "quiet"}, kyDai.say(word)); button.addEventListener("click", act); return button; };
      const item = {file, key: kyDai.incidents.fresh(), state: "sending", share: 0, said: kyDai.make("span", {"data-num": true}), bar: kyDai.make("progress", {max: 1, value: 0, "aria-hidden": "true"}), again: made("case.photo.again", () => { item.going = send(item); })};
      const seen = URL.createObjectURL(file), image = kyDai.make("img", {src: seen, alt: "", width: 64, height: 64});
      for (const end of ["load", "error"]) image.addEventListener(end, () => URL.revokeObjectURL(seen), {once: true});
      item.node = kyDai.make("li", {}, [image, kyDai.make("div", {}, [item.said, item.bar]), item.again, made("case.photo.drop", () => { items.splice(items.indexOf(item), 1); item.node.remove(); })]);
      items.push(item);
      list.append(item.node);
      item.going = send(item);
    };
    const done = async () => {
      await Promise.all(items.map((item) => item.going));
      const missing = items.filter((item) => item.state !== "sent").length;
      return missing ? kyDai.say("case.photo.missing", {n: kyDai.format.number(missing)}) : "";
    };
    const node = kyDai.make("div", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say(nth ? "case.photo.evidence" : "case.photos")), kyDai.make("div", {class: "rp-shoots"}, [chooser("case.photo.shoot", "camera", {capture: "environment"}), chooser("case.photo.pick", "plus", {})]), full, list]);
    return {node, done, ids: () => items.filter((item) => item.state === "sent").map((item) => item.id), count: () => items.length};
  };
  /* The centre adds photographs to a report. Returns whether there are more now. */
  const attach = async (report) => {
    const taking = taker(report, 0);
    const done = await kyDai.incidents.ask(kyDai.say("case.photo.add"), kyDai.say("case.photo.note"), [taking.node], "attach", {go: kyDai.say("case.photo.done"), send: () => taking.done()});
    return !!done || taking.ids().length > 0;
  };

  document.addEventListener("click", (event) => { const thumbed = event.target.closest("[data-photo]"); if (thumbed) large(thumbed.dataset.photo); });
  kyDai.reportPhotos = {load, strip, taker, attach, stale: () => held.photos.length > 0 && performance.now() - at > RENEW_MS};
})();
