/* The place of a report that is taken in, by a click on the map or by its degrees. */
(() => {
  const kyDai = window.kyDai;

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

  kyDai.reportPlace = {entry};
})();
