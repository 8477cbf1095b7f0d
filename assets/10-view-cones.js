/* What each camera sees, from near: a sector as wide and as far as the registry says. From further off the small sign at the camera does. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const FROM = 15.5, USUAL_M = 60, MOST_M = 500, MOST = 300, M_PER_DEGREE = 111195, STEP = 6;
  let map = null, group = null, renderer = null;

  /* Where one comes to, so many metres from a place in a direction (degrees from north): so near, the earth is flat. */
  const away = ({lon, lat}, bearing, metres) => {
    const turn = (bearing * Math.PI) / 180;
    return [lat + (metres * Math.cos(turn)) / M_PER_DEGREE, lon + (metres * Math.sin(turn)) / (M_PER_DEGREE * Math.cos((lat * Math.PI) / 180))];
  };
  const sector = (camera) => {
    const wide = Math.min(camera.fov, 359), far = Math.min(camera.range_m ?? USUAL_M, MOST_M), steps = Math.max(2, Math.ceil(wide / STEP));
    return [[camera.lat, camera.lon], ...Array.from({length: steps + 1}, (_, n) => away(camera, camera.bearing - wide / 2 + (wide * n) / steps, far))];
  };
  const seen = (camera) => !camera.gone && camera.bearing !== null && camera.fov !== null && camera.fov > 0;
  const draw = () => {
    if (!group) return;
    const near = map.getZoom() - Math.log2(kyDai.rem) >= FROM && map.hasLayer(group);
    kyDai.mark(map.getContainer().closest(".map"), "data-cones", near ? "" : null);
    group.clearLayers();
    if (!near) return;
    const view = map.getBounds().pad(0.4), css = getComputedStyle(document.documentElement).getPropertyValue("--m-cone").trim();
    for (const camera of kyDai.city.cameras.filter((one) => seen(one) && view.contains([one.lat, one.lon])).slice(0, MOST)) {
      L.polygon(sector(camera), {renderer, pane: "cones", interactive: false, stroke: true, color: css, weight: 1 * kyDai.rem, opacity: 0.45, fillColor: css, fillOpacity: 0.12, dashArray: camera.range_m === null ? "3 4" : null}).addTo(group);
    }
  };
  const begin = () => {
    const pane = map.getPane("cones") || map.createPane("cones");
    pane.style.zIndex = 430;
    pane.style.pointerEvents = "none";
    renderer = kyDai.wide("cones");
    group = L.layerGroup().addTo(map);
    map.on("moveend zoomend", draw);
    draw();
  };
  /* Switched off with the cameras. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-layer=cameras]");
    if (!button || !group) return;
    if (button.getAttribute("aria-pressed") === "true") group.addTo(map); else group.remove();
    draw();
  });
  L?.Map.addInitHook(function keepCones() { map = this; group = null; this.whenReady(() => kyDai.ready(begin)); });
  kyDai.renewals.push(draw);
  kyDai.cones = {drawn: () => group?.getLayers().map((one) => one.getLatLngs()[0].map(({lat, lng}) => [lng, lat])) ?? [], sector};
})();
