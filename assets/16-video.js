/* What is seen through a camera: asks the server how pictures stand for as long as tiles show them, plays streams by hls.js, and changes
   single pictures. Whoever lays out tiles says which (kyDai.video.show) and is told what to write on them (kyDai.video.told). */
(() => {
  const kyDai = window.kyDai;
  const ASK_MS = 1000, SOON_MS = 250;
  const UNHEARD_MS = 5000;    /* the server has said nothing for so long: nobody knows how pictures stand */
  const STALLED_MS = 6000;    /* a live stream whose player stands is begun again */
  const UNPLAYED_MS = 15000;  /* a live stream of which no picture has come by then cannot be played here */
  const HLS = {enableWorker: false, liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 8, maxBufferLength: 10, backBufferLength: 4, manifestLoadingMaxRetry: 2};
  const players = new Map();
  const link = {heardAt: null, asking: false, timer: 0};
  let library = null;

  /* Pure: what a tile says. `age` is of the picture on the screen, null before there was one; `waited` since the stream is live (ms). */
  kyDai.sightOf = ({way, linked, sight, age, waited, decodes = true}) => {
    if (way === "") return "none";
    if (way === "page") return "page";
    if (!linked) return "unlinked";
    if (!decodes && ["live", "frozen"].includes(sight)) return "unplayable";
    if (sight !== "live") return sight ?? "starting";
    if (age !== null) return "live";
    return waited > UNPLAYED_MS ? "unplayable" : "starting";
  };

  /* Pure: whether a browser that `supports` these types plays a coding. H.264 every one does; H.265 needs a decoder of the machine's. */
  const TYPES = {hevc: ["hvc1", "hev1"].map((name) => `video/mp4; codecs="${name}.1.6.L93.B0"`)};
  kyDai.decodes = (coding, supports) => !TYPES[coding] || TYPES[coding].some(supports);
  const plays = (type) => !!(window.MediaSource ?? window.ManagedMediaSource)?.isTypeSupported(type);

  const addressOf = (camera) => `/live/${encodeURIComponent(camera.id)}`;
  const load = () => library ||= new Promise((done, failed) => {
    const script = kyDai.make("script", {src: `/assets/vendor/hls.light.min.js?m=${kyDai.told.version}`});
    script.addEventListener("load", () => done(window.Hls));
    script.addEventListener("error", () => { library = null; failed(new Error("hls.js cannot be loaded")); });
    document.head.append(script);
  });

  /* ---- one camera's player; its node is kept for as long as a tile shows the camera ---- */
  const end = (player) => {
    player.hls?.destroy();
    player.hls = null;
  };
  const begin = async (player, run) => {
    /* What plays from now on is another stream: that a picture was seen before says nothing of it. */
    Object.assign(player, {run, movedAt: performance.now(), place: -1, liveAt: player.shown ? performance.now() : player.liveAt, shown: null});
    const Hls = await load();
    if (players.get(player.camera.id) !== player || player.run !== run) return;
    end(player);
    const hls = player.hls = new Hls(HLS);
    hls.on(Hls.Events.ERROR, (_, told) => { if (told.fatal && player.hls === hls) { end(player); player.run = 0; } });
    hls.loadSource(`${addressOf(player.camera)}/index.m3u8`);
    hls.attachMedia(player.node);
  };
  const stream = (player, told, now) => {
    const runs = (told.sight === "live" || told.sight === "frozen") && kyDai.decodes(told.coding, plays);
    if (!runs) { player.hls?.stopLoad(); return; }
    const place = player.node.currentTime;
    if (place !== player.place) Object.assign(player, {place, movedAt: now});
    if (told.run && (told.run !== player.run || now - player.movedAt > STALLED_MS)) begin(player, told.run);
    if (player.hls && player.node.paused) player.node.play().catch(() => { /* it plays once there is something to play */ });
    const shown = player.hls?.playingDate;
    if (shown && place > 0) player.shown = Math.max(player.shown ?? 0, shown.getTime());
  };
  const still = (player, told) => {
    if (!told.at || told.at === player.run) return;
    player.run = told.at;
    player.node.src = `${addressOf(player.camera)}/still?at=${told.at}`;
  };
  const open = (camera) => {
    const name = kyDai.say("video.of", {name: kyDai.of(camera.name)});
    const node = camera.video === "still" ? kyDai.make("img", {alt: name, decoding: "async"}) : kyDai.make("video", {playsinline: true, autoplay: true, "aria-label": name, disablepictureinpicture: true, tabindex: -1});
    const player = {camera, node, run: 0, hls: null, told: null, shown: null, liveAt: null};
    if (camera.video === "still") node.addEventListener("load", () => { player.shown = player.run; });
    node.muted = true;
    return player;
  };

  /* How a tile's camera is seen now: what it says, when the picture on the screen was taken, and why there is none. */
  const state = (camera) => {
    const player = players.get(camera.id), told = player?.told ?? null, now = performance.now();
    const linked = now - (link.heardAt ?? now) < UNHEARD_MS;
    const age = player?.shown ? kyDai.now() - player.shown : null;
    const sight = kyDai.sightOf({way: camera.video, linked, sight: told?.sight, age, waited: player?.liveAt ? now - player.liveAt : 0, decodes: kyDai.decodes(told?.coding, plays)});
    const at = sight === "live" ? player.shown : told?.at || player?.shown || null;
    return {sight, at, since: told?.since ?? null, why: sight === "unplayable" && TYPES[told?.coding] ? "h265" : told?.why ?? ""};
  };

  const take = (answer) => {
    const now = performance.now();
    link.heardAt = now;
    for (const [id, told] of Object.entries(answer.cameras)) {
      const player = players.get(id);
      if (!player) continue;
      player.told = told;
      player.liveAt = told.sight === "live" ? player.liveAt ?? now : null;
      if (player.camera.video === "still") still(player, told); else stream(player, told, now);
    }
  };
  const asked = () => [...players.keys()];
  const ask = async () => {
    if (link.asking) return;
    clearTimeout(link.timer);
    if (!players.size || document.visibilityState === "hidden") return;
    link.asking = true;
    link.heardAt ??= performance.now();
    try {
      const reply = await fetch("/live/watching", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({cameras: asked()})});
      if (reply.ok) take(await reply.json());
    } catch { /* the link is lost; it is asked again */ }
    link.asking = false;
    const soon = [...players.values()].some((player) => !player.told || player.told.sight === "starting" || (player.told.sight === "live" && !player.shown));
    link.timer = setTimeout(ask, soon ? SOON_MS : ASK_MS);
  };

  /* Show these cameras and no others; returns the node of each that has a picture. */
  const show = (cameras) => {
    const wanted = new Map(cameras.filter((camera) => camera.video === "stream" || camera.video === "still").map((camera) => [camera.id, camera]));
    let more = false;
    for (const [id, player] of players) if (!wanted.has(id)) { end(player); player.node.remove(); players.delete(id); }
    for (const [id, camera] of wanted) if (!players.has(id)) { players.set(id, open(camera)); more = true; }
    if (more) ask();
  };
  kyDai.video = {addressOf, show, state, node: (camera) => players.get(camera.id)?.node ?? null, load};

  /* Nobody looks at a hidden page: it asks for nothing, and comes back as it was. */
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") { for (const player of players.values()) { end(player); player.run = 0; } } else { link.heardAt = null; ask(); }
  });
})();
