/* One socket, one number and one latest frame per topic. It is opened while the page is being laid out; what comes before that is there waits.
   kyDai.link holds what the freshness of everything is judged by. */
(() => {
  const kyDai = window.kyDai;
  const link = kyDai.link = {connected: false, beatAt: null, offsets: [], build: null, since: Date.now()};
  const heads = {}, pending = {}, given = new Set();
  let socket = null, started = false, queued = false;

  /* The server's time, by the largest of the last five offsets: a beat that was held up on the way only makes it smaller. */
  kyDai.serverNow = () => link.offsets.length ? performance.now() + Math.max(...link.offsets) : kyDai.dated !== undefined ? performance.now() + kyDai.dated : Date.now();
  kyDai.now = () => kyDai.replay?.on ? kyDai.replay.now() : kyDai.serverNow();

  const give = (topic) => {
    const frame = pending[topic];
    delete pending[topic];
    kyDai.frames[topic] = frame;
    given.add(topic);
    kyDai.paint(topic, frame);
  };
  const refresh = () => {
    if (!queued) return;
    queued = false;
    given.clear();
    Object.keys(pending).forEach(give);
  };
  /* A topic's first frame is painted at once: waiting for the animation frame would show it one refresh later. A second one within
     the same refresh waits for the next. The timer is for hidden pages, where no refresh comes. */
  const schedule = () => {
    Object.keys(pending).filter((topic) => !given.has(topic)).forEach(give);
    if (queued) return;
    queued = true;
    requestAnimationFrame(refresh);
    setTimeout(refresh, 200);
  };
  const take = (frame) => {
    const head = heads[frame.topic];
    if (head && frame.seq <= head.seq) return;
    heads[frame.topic] = {epoch: frame.epoch, seq: frame.seq};
    pending[frame.topic] = frame;
  };
  const onFrame = (frames) => { frames.forEach(take); if (kyDai.city) schedule(); };
  const onBeat = (beat) => {
    link.beatAt = performance.now();
    link.offsets = [...link.offsets.slice(-4), beat.at - link.beatAt];
    kyDai.skewMs = Math.round(Date.now() - kyDai.now());
    if (link.build && link.build !== beat.build) return window.location.reload();
    link.build = beat.build;
    if (link.offsets.length === 1 && kyDai.city) tick(); // from now on the time is known
    const behind = ([topic, seq]) => !heads[topic] || heads[topic].seq < seq;
    if (Object.entries(beat.heads).some(behind)) socket.emit("join");
  };

  const open = () => {
    socket = window.io("/live", {transports: ["websocket", "polling"], tryAllTransports: true, upgrade: false, reconnectionDelay: 400, reconnectionDelayMax: 3000, randomizationFactor: 0.9, timeout: 3000});
    socket.on("connect", () => { link.connected = true; });
    socket.on("disconnect", () => { link.connected = false; });
    socket.on("connect_error", (error) => { link.connected = false; if (error.message === "unauthorized") window.location.reload(); });
    socket.on("frame", onFrame);
    socket.on("heartbeat", onBeat);
    window.addEventListener("online", () => socket.connect());
  };
  const tick = () => { for (const act of kyDai.ticks) act(kyDai.now()); };
  /* Who may not listen (auditors, the privacy officer) is shown pages that ask for what they show. Whoever looks back hears nothing live, so that
     the two cannot be mixed: that is known once all scripts have run. */
  const join = () => { if (kyDai.told.live && !kyDai.replay?.on && !socket && window.io) open(); };
  document.addEventListener("DOMContentLoaded", join);
  const start = async () => {
    started = true;
    join();
    for (let wait = 500; !kyDai.city; wait = Math.min(wait * 2, 8000)) {
      try { await kyDai.begin(); } catch (error) { console.error(error); kyDai.told.city = pending.status?.data.city_version ?? kyDai.told.city; await new Promise((go) => setTimeout(go, wait)); }
    }
    schedule();
    setInterval(tick, 250);
    tick();
  };
  /* The page stands in Dash's first answer and no callback hears of it: every one would make all parts of the page look whether it is theirs.
     What a page is laid out in is there in one go. */
  const laidOut = () => {
    if (started || !window.io || !document.getElementById("_pages_content")?.childElementCount) return;
    watch.disconnect();
    kyDai.laidOut?.();
    start();
  };
  const watch = new MutationObserver(laidOut);
  watch.observe(document.documentElement, {childList: true, subtree: true});
  /* For tests and for the curious (screens.md §2). */
  window.__ioc = {get hb() { return link.beatAt; }, get skewMs() { return kyDai.skewMs ?? 0; }, get feeds() { return kyDai.frames.status?.data.feeds ?? []; }, get heads() { return heads; }};
})();
