/* What the cameras near a report saw, ten minutes before and after it was sent: asked once for the report in view. */
(() => {
  const kyDai = window.kyDai;
  const RADIUS = 500, MINUTES = 10, MOST = 6;
  let held = {key: "", told: null, failed: false}, asked = 0;

  const load = async (one) => {
    const mine = ++asked;
    held = {key: one.key, told: null, failed: false};
    if (one.lon === null) return false;
    const told = await kyDai.fetched(`/api/v1/around?${new URLSearchParams({lon: one.lon.toFixed(6), lat: one.lat.toFixed(6), at: one.submitted, radius: RADIUS, minutes: MINUTES})}`).catch(() => null);
    if (mine !== asked) return false;
    held = {key: one.key, told, failed: !told};
    return true;
  };
  const apart = (ms) => `${ms < 0 ? "−" : "+"}${kyDai.format.age(Math.abs(ms))}`;
  const name = (id) => { const camera = kyDai.city.cameras.find((it) => it.id === id); return camera ? kyDai.of(camera.short) : id; };
  const line = (one, seen) => [kyDai.make("time", {"data-num": true, title: kyDai.format.hms(seen.counted)}, apart(seen.counted - one.submitted)),
    kyDai.make("span", {}, [kyDai.make("b", {}, kyDai.kindName(seen.kind)), kyDai.make("span", {class: "muted", "data-num": true}, ` · ${name(seen.camera)} · ${kyDai.say("camera.away", {m: kyDai.format.number(seen.metres)})}`)])];
  /* The nearest in time stand first in choosing, and then in their order; plates that were only read are counted. */
  const nodes = (one) => {
    if (one.lon === null || held.key !== one.key) return [];
    if (held.failed) return [kyDai.make("p", {class: "muted"}, kyDai.say("around.failed"))];
    if (!held.told) return [];
    const seen = held.told.events.filter((it) => it.cls !== "record"), read = held.told.events.length - seen.length;
    const shown = [...seen].sort((a, b) => Math.abs(a.counted - one.submitted) - Math.abs(b.counted - one.submitted)).slice(0, MOST).sort((a, b) => a.counted - b.counted);
    const more = [seen.length > shown.length ? kyDai.say("case.seen.more", {n: kyDai.format.number(seen.length - shown.length)}) : "", read ? kyDai.say("case.seen.read", {n: kyDai.format.number(read)}) : ""].filter(Boolean).join(" · ");
    const inside = [shown.length ? kyDai.make("div", {class: "log"}, shown.flatMap((it) => line(one, it))) : kyDai.make("p", {class: "muted"}, kyDai.say("case.seen.none")), more ? kyDai.make("p", {class: "muted", "data-num": true}, more) : null].filter(Boolean);
    return [kyDai.make("div", {class: "rp-seen", "data-seen": shown.length}, [kyDai.make("p", {class: "muted"}, kyDai.say("case.seen.about", {n: MINUTES})), ...inside])];
  };
  kyDai.reportSeen = {load, nodes};
})();
