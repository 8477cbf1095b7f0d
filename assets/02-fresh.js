/* How old everything is, counted here: a dead server cannot say that it is dead. Three clocks: the beat (link), the status frame (board),
   each feed's own time. Limits of the feeds come from the city's pack. */
(() => {
  const kyDai = window.kyDai;
  const LINK_LOST_MS = 4500;   /* two missed beats of 2 s and a half */
  const BOARD_LOST_MS = 3500;  /* three missed status frames of 1 s */
  const SKEW_MS = 2000, SYNC_OLD_MS = 300000;
  const AHEAD_MS = 5000;       /* nothing is newer than now (UX-79) */

  /* Pure: live, late, stale, lost or none, from an age and a feed's limits (s). */
  kyDai.judge = (ageMs, feed, online = true) => {
    if (ageMs === null) return "none";
    if (ageMs < -AHEAD_MS) return "stale";
    const s = ageMs / 1000;
    if (!online || s > feed.lost_s) return "lost";
    if (s > feed.stale_s) return "stale";
    return s > feed.late_s ? "late" : "live";
  };
  /* Pure: is the link up, is the board alive? */
  kyDai.judgeLink = ({connected, beatAge, statusAge}) => {
    if (!connected || beatAge === null || beatAge > LINK_LOST_MS) return "lost";
    return statusAge === null || statusAge > BOARD_LOST_MS ? "board" : "live";
  };
  const state = kyDai.fresh = {link: "lost", feeds: {}, since: null};

  const judgeAll = (now) => {
    const {link} = kyDai, status = kyDai.frames.status;
    const beatAge = link.beatAt === null ? null : performance.now() - link.beatAt;
    const before = state.link;
    state.link = kyDai.judgeLink({connected: link.connected, beatAge, statusAge: status ? now - status.at : null});
    if (state.link !== "live" && (before === "live" || state.since === null)) state.since = status ? status.at : null;
    if (state.link === "live") state.since = null;
    for (const feed of kyDai.city.feeds) {
      const told = status?.data.feeds.find((one) => one.key === feed.key);
      const age = told?.at ? now - told.at : null;
      const fresh = state.link === "live" ? kyDai.judge(age, feed, told?.online ?? true) : "lost";
      state.feeds[feed.key] = {age, at: told?.at ?? null, fresh, step: age === null ? 0 : Math.min(10, Math.max(0, Math.floor((age / 1000 / feed.late_s) * 10)))};
    }
  };
  const wordOf = (feed) => {
    if (feed.at === null) return kyDai.say("feed.none");
    const age = kyDai.format.age(feed.age), at = kyDai.format.hm(feed.at);
    if (feed.fresh === "live") return age;
    if (state.link !== "live" || feed.age < -AHEAD_MS) return kyDai.say("fresh.of", {time: at});
    return `${kyDai.say(`fresh.${feed.fresh}`)} ${age}`;
  };
  /* What to say in the place of "all is well": nothing while the feed is heard, else that it is not, or of when the last word is. */
  kyDai.unheard = (key) => {
    const feed = state.feeds[key];
    if (!feed || feed.at === null) return kyDai.say("data.none");
    return feed.fresh === "live" || feed.fresh === "late" ? "" : kyDai.say("fresh.of", {time: kyDai.format.hm(feed.at)});
  };
  const paintFeed = (node) => {
    const feed = state.feeds[node.dataset.feed];
    if (!feed) return;
    kyDai.mark(node, "data-fresh", feed.fresh);
    kyDai.mark(node, "data-ts", feed.at);
    kyDai.mark(kyDai.one(":scope > .ageline", node), "data-age-step", feed.step);
    const said = kyDai.one("[data-age]", node);
    kyDai.text(said, said?.dataset.read && ["stale", "lost"].includes(feed.fresh) && feed.at ? kyDai.say(`fresh.${feed.fresh}_at`, {time: kyDai.format.hm(feed.at)}) : wordOf(feed));
    const foot = kyDai.one("[data-foot]", node);
    if (foot) kyDai.text(foot, `${kyDai.of(kyDai.city.feed[node.dataset.feed].short)} · ${wordOf(feed)}`);
  };
  const paintDots = () => {
    const feeds = Object.values(state.feeds), dots = kyDai.one("[data-dots]");
    for (const node of kyDai.all("[data-feeds]")) kyDai.text(node, `${feeds.filter((feed) => feed.fresh === "live" || feed.fresh === "late").length}/${feeds.length}`);
    if (!dots) return;
    while (dots.children.length < feeds.length) dots.append(kyDai.make("i"));
    feeds.forEach((feed, at) => kyDai.mark(dots.children[at], "data-fresh", feed.fresh));
  };
  const paintClock = (now) => {
    const synced = kyDai.link.offsets.length > 0;
    for (const clock of kyDai.all("[data-clock]")) {
      kyDai.text(clock, synced ? kyDai.format.hms(now) : "—");
      kyDai.mark(clock, "data-stale", !synced || performance.now() - (kyDai.link.beatAt ?? 0) > SYNC_OLD_MS);
    }
    kyDai.text(kyDai.one("[data-weekday]"), kyDai.format.day(now, "long"));
    kyDai.text(kyDai.one("[data-date]"), kyDai.format.dmy(now));
    kyDai.text(kyDai.one("[data-short-date]"), `${kyDai.format.day(now, "short")} ${kyDai.format.dm(now)}`);
  };

  /* ---- banners: the fact, since when, what still works ---- */
  const bannersNow = () => {
    const at = state.since === null ? null : kyDai.format.hms(state.since);
    const when = at ? kyDai.say("banner.at", {time: at}) : "";
    if (state.link === "lost") return [["lost", kyDai.say("banner.lost"), when, kyDai.say("banner.lost_note")]];
    if (state.link === "board") return [["lost", kyDai.say("banner.board"), when, kyDai.say("banner.board_note")]];
    const skew = Math.abs(kyDai.skewMs ?? 0);
    return [...skew > SKEW_MS ? [["note", kyDai.say("banner.skew", {n: Math.round(skew / 1000)}), "", ""]] : [], ...kyDai.banners.flatMap((told) => told())];
  };
  const ICONS = {lost: "linkoff", flood: "layers", sound: "soundoff"};
  const paintBanners = (now) => {
    const told = bannersNow(), key = JSON.stringify(told), slot = kyDai.one("[data-banners]"), wall = kyDai.one(".w-lost");
    if (slot && slot.dataset.told !== key) {
      slot.dataset.told = key;
      slot.replaceChildren(...told.map(([kind, fact, when, note]) => kyDai.make("div", {class: "banner", "data-kind": kind, role: kind === "lost" ? "alert" : "status"}, [
        kyDai.make("i", {class: `ic ic-${ICONS[kind] ?? "clock"}`, "aria-hidden": "true"}), kyDai.make("b", {"data-code": kind !== "note"}, fact), kyDai.make("span", {}, when), kyDai.make("span", {"data-gone": kind === "lost", "data-num": true, "aria-hidden": "true"}), kyDai.make("span", {class: "note"}, note)])));
    }
    const lost = told.find(([kind]) => kind === "lost");
    if (wall && wall.dataset.told !== (lost ? key : "")) {
      wall.dataset.told = lost ? key : "";
      wall.hidden = !lost;
      if (lost) wall.replaceChildren(kyDai.make("i", {class: "ic ic-linkoff"}), kyDai.make("b", {"data-code": true, "data-read": "headline"}, kyDai.one(".wall[data-far]") ? kyDai.say(`banner.${state.link}_far`) : lost[1]), kyDai.make("span", {"data-read": "must", "data-num": true}, [kyDai.make("span", {}, kyDai.one(".wall[data-far]") && state.since ? kyDai.format.hm(state.since) : lost[2]), " ", kyDai.make("span", {"data-gone": true})]));
    }
    /* For how long already, counted on: aloud it would be said every second. */
    const gone = state.since === null ? "" : `(${kyDai.format.age(now - state.since)})`;
    for (const node of kyDai.all("[data-gone]")) kyDai.text(node, gone);
  };

  /* How long ago; under a lost link only since when, for nobody knows whether it still is. */
  kyDai.paintAges = (now) => {
    for (const node of kyDai.all("[data-since]")) kyDai.text(node, state.link === "live" ? kyDai.format[node.dataset.read ? "brief" : "ago"](now - node.dataset.since) : kyDai.format[node.dataset.read ? "hm" : "hms"](+node.dataset.since));
  };

  kyDai.everySecond((now) => {
    if (!kyDai.city) return;
    judgeAll(now);
    kyDai.mark(document.body, "data-fresh", state.link === "live" ? "live" : "lost");
    kyDai.mark(document.documentElement, "data-link", state.link);
    for (const node of kyDai.all("[data-feed]")) paintFeed(node);
    paintDots();
    kyDai.paintAges(now);
    paintClock(now);
    paintBanners(now);
  });

  /* ---- a hang or a long absence: reload, but only once the server answers (a reload during an outage shows nothing) ---- */
  let lastTick = performance.now();
  const reloadWhenReachable = async () => {
    try { if ((await fetch("/healthz", {cache: "no-store"})).ok) window.location.reload(); } catch { /* still away */ }
  };
  kyDai.everySecond(() => {
    const now = performance.now();
    if (now - lastTick > 60000 && document.visibilityState === "visible") reloadWhenReachable();
    lastTick = now;
  });
  /* Walls that hang for weeks: a soft reload at four in the morning, spread over a minute (UX-83, R-32). */
  const spread = Math.random() * 60000, born = Date.now();
  kyDai.everySecond((now) => {
    if (kyDai.format.hm(now - spread) === "04:00" && Date.now() - born > 7200000) reloadWhenReachable();
  });
})();
