/* The last picture of each camera that an event brought: masked, with its age. It stands in for a stream where there is none, and beside the list. */
(() => {
  const kyDai = window.kyDai;
  const EVERY_S = 20, BEFORE_MS = 60000; // addresses are good for five minutes
  let last = {}, may = true, seconds = 0;

  const load = async () => {
    if (!may || document.visibilityState === "hidden") return;
    try { last = (await kyDai.fetched("/pictures/last")).cameras; } catch (error) { if (/40[13]$/.test(error.message)) [may, last] = [false, {}]; }
    kyDai.onLast?.();
  };
  const words = (one) => kyDai.say("cams.last", {age: kyDai.format.age(Math.max(0, kyDai.now() - one.at))});
  const until = (one) => +(new URL(one.url, location.href).searchParams.get("until"));
  const alt = (camera) => kyDai.say("cams.last_of", {name: kyDai.of(camera.name)});
  /* An image keeps its address for as long as it is of the same picture: a new one would only be fetched again. */
  const put = (slot, camera) => {
    const one = last[camera.id], held = slot.firstElementChild;
    if (!one) { if (held) slot.replaceChildren(); return false; }
    if (held?.dataset.of === one.id && (held.complete || until(one) - kyDai.now() > BEFORE_MS)) return true;
    const image = kyDai.make("img", {src: one.url, alt: alt(camera), width: one.width, height: one.height, decoding: "async", "data-of": one.id});
    image.addEventListener("error", () => image.remove());
    slot.replaceChildren(image);
    return true;
  };
  kyDai.last = {of: (id) => last[id] ?? null, words, put, load};
  kyDai.everySecond(() => { if (kyDai.one(".cams") && (seconds += 1) % EVERY_S === 0) load(); });
  kyDai.ready(() => { if (kyDai.one(".cams")) load(); });
})();
