/* Where a report is: what stands there, asked by itself; and the place of one that is taken in, by a click on the map or by its degrees. */
(() => {
  const kyDai = window.kyDai;
  const MOST = 3;
  let held = {key: "", told: null}, asked = 0;

  /* ---- what the city's layers know of the place: ward, parcel, what is nearest ---- */
  const load = async (one) => {
    const mine = ++asked;
    held = {key: one.key, told: null};
    if (one.lon === null) return false;
    const told = await kyDai.fetched(`/api/v1/here?${new URLSearchParams({lon: one.lon.toFixed(6), lat: one.lat.toFixed(6)})}`).catch(() => null);
    if (mine !== asked || !told) return false;
    held = {key: one.key, told};
    return true;
  };
  const metres = (m) => m < 1 ? kyDai.say("case.here.at") : kyDai.say("case.here.metres", {m: kyDai.format.number(Math.round(m))});
  const lines = (one) => {
    if (held.key !== one.key || !held.told) return [];
    const found = held.told.layers.filter((layer) => layer.features.length);
    return found.flatMap((layer) => [kyDai.make("dt", {}, kyDai.of(layer.title)), kyDai.make("dd", {"data-here": layer.key, "data-num": true}, layer.features.slice(0, MOST).map((it) => `${it.name || `#${it.id}`} (${metres(it.metres)})`).join(", "))]);
  };

  /* ---- the map of the page stands in the card while a report is taken in, and goes back to its place ---- */
  const entry = ({lat, lon, service}) => {
    const card = kyDai.one(".rp-facts .map, .rp-place .map"), home = card?.parentNode, map = kyDai.map?.leaflet();
    const said = kyDai.make("p", {class: "muted", role: "status", "data-ward": true}, kyDai.say("case.place.click")), slot = kyDai.make("div", {class: "rp-place"}, [said]);
    if (!card || !map) return {node: slot, close: () => {}};
    let pin = null, round = 0;
    const number = (node) => node.value ? +node.value.replace(",", ".") : NaN;
    const look = async () => {
      const mine = ++round, at = {lat: number(lat), lon: number(lon)};
      pin?.remove();
      pin = null;
      if (!Number.isFinite(at.lat) || !Number.isFinite(at.lon)) return kyDai.text(said, kyDai.say("case.place.click"));
      pin = window.L.marker([at.lat, at.lon], {keyboard: false, icon: window.L.divIcon({className: "mk", html: kyDai.make("i", {class: "rp-pin"}), iconSize: [20, 20]})}).addTo(map);
      const found = await kyDai.fetched(`/reports/route?${new URLSearchParams({service: service.value, ...at})}`).catch(() => null);
      if (mine !== round) return;
      kyDai.text(said, !found ? kyDai.say("case.place.failed") : found.ward ? [kyDai.wardName(found.ward), ...found.units.map((way) => kyDai.reports.unitShort(way.unit))].join(" · ") : kyDai.say("case.place.outside"));
    };
    const click = ({latlng}) => { lat.value = latlng.lat.toFixed(6); lon.value = latlng.lng.toFixed(6); look(); };
    slot.append(card);
    map.on("click", click);
    for (const node of [lat, lon, service]) node.addEventListener("change", look);
    kyDai.map.resize();
    requestAnimationFrame(() => { kyDai.map.home(); if (lat.value) { kyDai.map.show({ix: -1, lat: number(lat), lon: number(lon)}); look(); } });
    const close = () => { map.off("click", click); pin?.remove(); home.append(card); kyDai.map.resize(); };
    return {node: slot, close};
  };

  kyDai.reportPlace = {load, lines, entry};
})();
