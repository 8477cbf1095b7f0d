/* What stands behind the chosen camera: how it stands and since when, how it does in this hour against its own usual one, its clock, and
   who works on it. Asked for when one is chosen; how it stands comes with every frame. */
(() => {
  const kyDai = window.kyDai;
  const MINUTES = [30, 60, 120, 240, 480], LEAST = 10, KEPT_MS = 30000;
  let told = null, asked = 0;

  const may = () => !!kyDai.one("[data-maintains]");
  const camera = (row) => kyDai.city.cameras[row?.ix];
  const fact = (word, text) => text ? [kyDai.make("dt", {}, kyDai.say(word)), kyDai.make("dd", {"data-num": true}, text)] : [];
  const moment = (ms) => ms ? `${kyDai.format.hms(ms)} ${kyDai.format.dmy(ms)}` : "";
  /* +125 giây: how far a clock is ahead of ours. */
  const skew = (s) => s === null || s === undefined ? "" : kyDai.say("camera.skew_s", {n: `${s < 0 ? "−" : "+"}${kyDai.format.number(Math.abs(Math.round(s)))}`});
  const hour = ({n, usual}) => usual === null ? kyDai.say("camera.hour_only", {n: kyDai.format.number(n)}) : kyDai.say("camera.hour_usual", {n: kyDai.format.number(n), usual: kyDai.format.number(usual)});

  const post = async (path, body) => {
    try {
      const reply = await fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal: AbortSignal.timeout(30000)});
      return [reply.ok, await reply.json()];
    } catch { return [false, null]; }
  };
  const why = (answer) => {
    const error = answer?.error ?? {};
    return error.code === "unfit" ? kyDai.say(`maintain.why.${error.field}`) : kyDai.say("maintain.failed");
  };
  const ask = (one) => {
    const title = kyDai.say("maintain.title", {camera: `${one.id} ${kyDai.of(one.short)}`});
    const wrong = kyDai.make("p", {role: "alert", hidden: true, class: "strong", "data-wrong": true});
    const cancel = kyDai.make("button", {type: "button", class: "btn"}, kyDai.say("acts.cancel"));
    const form = kyDai.make("form", {}, [kyDai.make("h2", {}, title), kyDai.make("p", {class: "muted"}, kyDai.say("maintain.note")),
      kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say("maintain.minutes")), kyDai.make("select", {name: "minutes"}, MINUTES.map((n) => kyDai.make("option", {value: n}, kyDai.format.span(n * 60000))))]),
      kyDai.make("label", {class: "ask-why"}, [kyDai.make("span", {}, kyDai.say("maintain.reason")), kyDai.make("input", {type: "text", name: "why", minlength: LEAST, maxlength: 500, required: true, autofocus: true, autocomplete: "off"})]),
      wrong, kyDai.make("div", {class: "ask-foot"}, [cancel, kyDai.make("button", {type: "submit", class: "btn", "data-kind": "strong"}, kyDai.say("maintain.begin"))])]);
    const card = kyDai.make("dialog", {class: "ask", "aria-label": title}, [form]);
    cancel.addEventListener("click", () => card.close());
    card.addEventListener("close", () => card.remove());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(form)), [good, answer] = await post("/cameras/maintain", {camera: one.id, minutes: +given.minutes, why: given.why});
      wrong.hidden = good;
      if (!good) return kyDai.text(wrong, why(answer));
      card.close();
      look(one);
    });
    document.body.append(card);
    card.showModal();
  };
  const button = (word, act) => {
    const node = kyDai.make("button", {type: "button", class: "btn", "data-maintain": word}, kyDai.say(`maintain.${word}`));
    node.addEventListener("click", act);
    return node;
  };
  const work = (one, held) => [
    held ? kyDai.make("p", {"data-work": true}, kyDai.say("maintain.held", {who: held.who, until: kyDai.format.hm(held.until), why: held.why})) : null,
    may() ? kyDai.make("p", {class: "cam-acts"}, [button("begin", () => ask(one)), held ? button("end", async () => { await post("/cameras/maintained", {camera: one.id}); look(one); }) : null]) : null];

  /* How it stands comes with the frame, so that it is never older than the map; the rest was asked for. */
  const inside = (row) => {
    const one = camera(row), frame = kyDai.frames.cameras?.data, known = told?.id === one.id ? told : null;
    return [kyDai.make("h3", {}, kyDai.say("camera.itself")), kyDai.make("dl", {class: "facts"}, [
      ...fact("camera.stands", frame ? kyDai.stateWord(frame.states[row.ix]) : ""), ...fact("camera.since", moment(frame?.since[row.ix])), ...fact("camera.seen", moment(frame?.seen[row.ix])),
      ...known ? [...fact("camera.hour", hour(known.hour)), ...fact("camera.skew", skew(known.skew_s))] : []]),
    ...known ? work(one, known.maintenance) : []].filter(Boolean);
  };
  const look = async (one) => {
    const mine = asked += 1;
    try {
      const found = await kyDai.fetched(`/api/v1/cameras/${encodeURIComponent(one.id)}`);
      if (mine !== asked) return;
      told = {...found, asked: performance.now()};
      repaint();
    } catch { /* what the frame says still stands */ }
  };
  const repaint = () => {
    const slot = kyDai.one("#detail [data-camera-itself]"), at = document.activeElement?.dataset?.maintain;
    if (!slot || !camera(kyDai.selected)) return;
    slot.replaceChildren(...inside(kyDai.selected));
    if (at) kyDai.one(`[data-maintain='${at}']`, slot)?.focus();
  };
  kyDai.cameraItself = (row) => {
    const one = camera(row);
    if (!one) return null;
    if (told?.id !== one.id || performance.now() - told.asked > KEPT_MS) look(one);
    return kyDai.make("section", {class: "inc-sec", "data-camera-itself": one.id}, inside(row));
  };
  /* Only what has changed is painted, and what is older than half a minute asked for again. */
  let shown = "";
  kyDai.paints("cameras", (frame) => {
    const row = kyDai.selected, one = camera(row);
    if (!one || !kyDai.one("#detail [data-camera-itself]")) return;
    const key = [one.id, frame.states[row.ix], frame.since[row.ix], frame.seen[row.ix]].join();
    if (key === shown) return;
    shown = key;
    if (told?.id === one.id && performance.now() - told.asked > KEPT_MS) look(one);
    repaint();
  });
})();
