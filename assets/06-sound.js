/* Alarms that are heard (UX-62, 63). One cue a priority, told apart by pitch and number; nothing that is not new makes a sound.
   The page may be silent only visibly: while the browser lets no sound out, a banner says so. */
(() => {
  const kyDai = window.kyDai;
  /* Centres of the tones, in Hz, are more than a fifth apart from each other; each cue ends within a second. */
  const CUES = {1: {hz: 988, beeps: 3}, 2: {hz: 740, beeps: 2}, 3: {hz: 554, beeps: 1}};
  const BEEP_S = 0.16, GAP_S = 0.1, REPEAT_MS = 10000, BETWEEN_MS = 10000, SOON_MS = 2000, KEPT = "kydai.sound";
  const heard = new Set(), silenced = new Set(); // what has had its turn: an alarm and how often it alarmed
  let line = null, out = null, seen = false, playedAt = -Infinity, played = 9, repeatAt = 0, waiting = 0;

  const chosen = () => { try { return {volume: 0.7, off: false, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}")}; } catch { return {volume: 0.7, off: false}; } };
  let own = chosen();
  const keep = (more) => {
    own = {...own, ...more};
    try { localStorage.setItem(KEPT, JSON.stringify(own)); } catch { /* a browser that keeps nothing: then for this visit */ }
    if (out) out.gain.value = own.off ? 0 : own.volume;
    paint();
  };

  const start = () => {
    if (line || !window.AudioContext) return;
    line = new AudioContext();
    out = line.createGain();
    out.gain.value = own.off ? 0 : own.volume;
    out.connect(line.destination);
    line.addEventListener("statechange", paint);
  };
  const allowed = () => line?.state === "running";
  const wake = () => { if (line && !allowed()) line.resume().then(paint, () => {}); };

  const beep = (hz, at) => {
    const tone = line.createOscillator(), shape = line.createGain();
    tone.type = "triangle";
    tone.frequency.value = hz;
    shape.gain.setValueAtTime(0, at);
    shape.gain.linearRampToValueAtTime(0.5, at + 0.015);
    shape.gain.setValueAtTime(0.5, at + BEEP_S - 0.03);
    shape.gain.linearRampToValueAtTime(0, at + BEEP_S);
    tone.connect(shape).connect(out);
    tone.start(at);
    tone.stop(at + BEEP_S);
  };
  const play = (prio) => {
    if (!allowed() || own.off || kyDai.replay?.on) return;
    const {hz, beeps} = CUES[prio], from = line.currentTime + 0.02;
    for (let n = 0; n < beeps; n += 1) beep(hz, from + n * (BEEP_S + GAP_S));
    [playedAt, played] = [performance.now(), prio];
    document.dispatchEvent(new CustomEvent("kydai:sound", {detail: prio}));
  };

  const name = (row) => `${row.id}:${row.again ?? 0}`;
  const calls = (row) => ["new", "returned"].includes(row.state) && CUES[row.prio] && !row.chatters && !row.over;
  const rows = () => (kyDai.frames.alarms?.data.rows ?? []).map(kyDai.acts.merged);

  /* The most urgent that has not been heard. What comes within the pause waits its turn, and only the most urgent of it sounds; what is
     more urgent than the last sound need not wait, unless alarms come too fast for anybody (UX-42). */
  const pause = (prio) => prio < played && !kyDai.frames.alarms?.data.flood ? SOON_MS : BETWEEN_MS;
  const turn = () => {
    const at = performance.now(), urgent = at >= repeatAt && rows().some((row) => row.prio === 1 && calls(row) && !silenced.has(name(row)));
    const prio = urgent ? 1 : waiting;
    if (!prio || at - playedAt < pause(prio)) return;
    if (prio === 1) repeatAt = at + REPEAT_MS;
    play(prio);
    waiting = 0;
  };
  kyDai.paints("alarms", () => {
    const now = rows().filter(calls), fresh = now.filter((row) => !heard.has(name(row)));
    for (const row of fresh) heard.add(name(row));
    /* What stood there when the page was opened is no news; a P1 that nobody has acknowledged is, and is repeated. */
    const loud = seen ? fresh.filter((row) => !silenced.has(name(row))) : [];
    seen = true;
    if (loud.length) waiting = Math.min(waiting || 9, ...loud.map((row) => row.prio));
    turn();
    const standing = new Set(rows().map((row) => row.id));
    for (const set of [heard, silenced]) for (const one of set) if (!standing.has(one.split(":")[0])) set.delete(one);
  });
  kyDai.everySecond(() => { turn(); paint(); });

  /* F8: no more of what sounds now. It acknowledges nothing. */
  const silence = () => {
    for (const row of rows()) silenced.add(name(row));
    waiting = 0;
    if (line && out) { out.disconnect(); out = line.createGain(); out.gain.value = own.off ? 0 : own.volume; out.connect(line.destination); }
    kyDai.acts.toast(kyDai.say("sound.silenced"), {ms: 3000});
  };

  kyDai.banners.push(() => kyDai.one(".console") && line && !allowed() && !own.off && !kyDai.replay?.on ? [["sound", kyDai.say("banner.sound"), kyDai.say("banner.sound_why"), kyDai.say("banner.sound_note")]] : []);
  const paint = () => {
    const button = kyDai.one("[data-sound]");
    if (!button) return;
    const off = own.off || !allowed();
    kyDai.mark(button, "aria-pressed", !off);
    kyDai.mark(button, "title", kyDai.say(off ? "sound.off" : "sound"));
    kyDai.one("i", button).className = `ic ic-${off ? "soundoff" : "sound"}`;
  };
  const card = () => {
    const open = kyDai.one(".sound-card");
    if (open) return open.remove();
    const volume = kyDai.make("input", {type: "range", min: 0, max: 100, step: 5, value: own.off ? 0 : Math.round(own.volume * 100), "aria-label": kyDai.say("sound.volume")});
    volume.addEventListener("input", () => keep({volume: +volume.value / 100, off: +volume.value === 0}));
    const tries = Object.keys(CUES).map((prio) => {
      const button = kyDai.make("button", {type: "button", class: "btn", "aria-label": kyDai.say("sound.hear", {n: prio})}, [kyDai.badge(+prio)]);
      button.addEventListener("click", () => { wake(); play(+prio); });
      return button;
    });
    const made = kyDai.make("div", {class: "sound-card", role: "dialog", "aria-label": kyDai.say("sound")}, [kyDai.make("label", {}, [kyDai.make("span", {}, kyDai.say("sound.volume")), volume]), kyDai.make("div", {class: "sound-tries"}, tries), kyDai.make("p", {class: "muted"}, [kyDai.make("kbd", {class: "key"}, "F8"), kyDai.make("span", {}, kyDai.say("help.silence"))])]);
    document.body.append(made);
    volume.focus();
  };

  kyDai.ready(() => { start(); paint(); });
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake, {capture: true});
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sound]")) return card();
    if (!event.target.closest(".sound-card")) kyDai.one(".sound-card")?.remove();
  });
  kyDai.sound = {silence, state: () => ({allowed: allowed(), ...own})};
})();
