/* The live map: one marker per camera and alarm, kept by id; a frame touches only what changed. Reports are drawn on a canvas of their own. */
(() => {
  const kyDai = window.kyDai;
  const PULSE_MS = 8000, FAR = 12;
  let map = null, base = null, host = null, wall = false, chosen = null, reports = null;
  const groups = {};
  const cameras = [], alarms = new Map();

  const icon = (node, name, size) => window.L.divIcon({className: name, html: node, iconSize: [size * kyDai.rem, size * kyDai.rem]});
  const marker = (place, node, name, size, pane) => window.L.marker([place.lat, place.lon], {icon: icon(node, name, size), keyboard: false, pane, riseOnHover: false});

  /* ---- cameras: made once, by their place in the city's list ---- */
  const cone = (camera) => {
    if (camera.bearing === null || camera.fov === null || camera.fov >= 360) return null;
    const node = kyDai.make("i", {class: "mk-cone"});
    node.style.setProperty("--turn", `${camera.bearing}deg`);
    return node;
  };
  const layCameras = () => {
    kyDai.city.cameras.forEach((camera, ix) => {
      const node = kyDai.make("div", {class: "mk-cam", "data-camera": camera.id, "data-cam": "-", "data-spoke": 0, title: wall ? null : `${camera.id} ${kyDai.of(camera.name)}`}, [cone(camera), kyDai.make("b")]);
      const pin = marker(camera, node, "mk", 24, "cameras");
      pin.on("click", () => kyDai.select({ix, id: `camera:${camera.id}`, kind: "", title: kyDai.of(camera.name), ward: camera.ward}, "map"));
      cameras.push({node, pin, state: "-", spoke: 0});
      if (!camera.gone) groups.cameras.addLayer(pin);
    });
  };
  const layAgain = () => {
    if (!groups.cameras) return;
    for (const name of ["cameras", "alarms"]) groups[name].clearLayers();
    cameras.length = 0;
    alarms.clear();
    layCameras();
  };
  const paintCameras = (told) => {
    if (told.version !== kyDai.city.version) return;
    for (let ix = 0; ix < cameras.length; ix++) {
      const one = cameras[ix], state = told.states[ix], spoke = told.spoke[ix];
      if (state !== one.state) one.node.dataset.cam = one.state = state;
      if (spoke !== one.spoke) { if (spoke > one.spoke && one.heard) pulse(one.node); one.node.dataset.spoke = one.spoke = spoke; }
      one.heard = true;
    }
  };
  const pulse = (node) => {
    node.dataset.pulse = "";
    clearTimeout(node.pulseTimer);
    node.pulseTimer = setTimeout(() => delete node.dataset.pulse, PULSE_MS);
  };

  /* ---- alarms: kept by id ---- */
  const spread = (place, nth) => nth ? {lat: place.lat + 0.00022 * Math.sin(nth * 2.4), lon: place.lon + 0.00022 * Math.cos(nth * 2.4)} : place;
  /* On a wall an alarm at the edge is pulled in until it is seen whole; nobody can move the map there. */
  const EDGE_REM = 2.8;
  const whole = (place) => {
    if (!wall) return place;
    const {x: width, y: height} = map.getSize(), at = map.latLngToContainerPoint([place.lat, place.lon]), edge = EDGE_REM * 16 * kyDai.rem;
    if (at.x < -edge || at.x > width + edge || at.y < -edge || at.y > height + edge) return place;
    const {lat, lng} = map.containerPointToLatLng([Math.min(Math.max(at.x, edge), width - edge), Math.min(Math.max(at.y, edge), height - edge)]);
    return {lat, lon: lng};
  };
  const keep = (held, rows, group, make) => {
    const wanted = new Set(rows.map((row) => row.id));
    for (const [id, one] of held) if (!wanted.has(id)) { held.delete(id); group.removeLayer(one.pin); }
    for (const row of rows) {
      let one = held.get(row.id);
      if (!one) {
        one = make(row);
        one.pin.on("click", () => kyDai.select(one.row, "map"));
        group.addLayer(one.pin);
        held.set(row.id, one);
      }
      one.row = row;
    }
  };
  const paintAlarms = (told) => {
    const at = new Map();
    const placed = told.rows.filter((row) => kyDai.placeOf(row)).slice(0, 60);
    keep(alarms, placed, groups.alarms, (row) => {
      const nth = at.get(row.ix) || 0;
      at.set(row.ix, nth + 1);
      const node = kyDai.make("div", {class: "mk-alarm", "data-prio": row.prio, "data-state": row.state, "data-alarm": row.id, "data-at": kyDai.city.cameras[row.ix]?.id}, [kyDai.badge(row.prio, true)]);
      const pin = marker(whole(spread(kyDai.placeOf(row), nth)), node, "mk", 28, "alarms");
      pin.setZIndexOffset((5 - row.prio) * 1000);
      return {pin, node};
    });
    for (const {node, row} of alarms.values()) kyDai.mark(node, "data-state", row.state);
  };
  const paintReports = (told) => reports.tell(told.rows);

  /* ---- selection: a ring of 200 m around what is selected ---- */
  const wider = (radius) => chosen?.setRadius(radius);
  const ring = (row, from) => {
    chosen?.remove();
    chosen = null;
    const place = row && map && kyDai.placeOf(row);
    if (!place) return;
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--text-1").trim();
    chosen = window.L.circle([place.lat, place.lon], {radius: 200, color: colour, weight: 1.5, dashArray: "2 5", fillOpacity: 0.045, fillColor: colour, interactive: false}).addTo(map);
    if (from !== "map" && !map.getBounds().pad(-0.1).contains([place.lat, place.lon])) map.panTo([place.lat, place.lon], {animate: false});
  };
  const scale = () => {
    const bar = kyDai.one(".map-scale");
    if (!bar) return;
    const metres = map.distance(map.containerPointToLatLng([0, 0]), map.containerPointToLatLng([100, 0]));
    const round = [50, 100, 200, 500, 1000, 2000, 5000, 10000].find((one) => one > metres * 0.7) || 20000;
    bar.firstChild.style.width = `${Math.round((round / metres) * 100)}px`;
    kyDai.text(bar.lastChild, round < 1000 ? `${round} m` : `${round / 1000} km`);
  };
  const zoomNow = () => map.getZoom() - Math.log2(kyDai.rem);
  const zoomed = () => { kyDai.mark(host, "data-far", zoomNow() < FAR ? "" : null); scale(); };

  const pane = (name, z) => { map.createPane(name).style.zIndex = z; };
  /* On a larger screen everything grows together: as many rooms of the city are seen on 4K as on full HD. */
  const fitZoom = (zoom) => zoom + Math.log2(kyDai.rem);
  const begin = async () => {
    host = map.getContainer().closest(".map");
    wall = host?.dataset.map === "wall";
    kyDai.rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    if (kyDai.rem !== 1) map.setZoom(fitZoom(map.getZoom()), {animate: false});
    [["reports", 610], ["cameras", 620], ["alarms", 640]].forEach(([name, z]) => pane(name, z));
    for (const name of ["cameras", "alarms"]) groups[name] = window.L.layerGroup().addTo(map);
    groups.reports = reports = kyDai.reportLayer("reports");
    if (!wall) reports.addTo(map); // a wall shows alarms alone, and counts reports
    [cameras.length] = [0];
    alarms.clear();
    layCameras();
    map.on("zoomend", zoomed);
    map.on("moveend", () => kyDai.brush?.moved());
    zoomed();
    for (const topic of ["cameras", "alarms", "reports"]) if (kyDai.frames[topic]) PAINT[topic](kyDai.frames[topic].data);
    base = await kyDai.drawBase(map, wall);
    kyDai.mark(host, "data-drawn", "");
  };
  const PAINT = {cameras: paintCameras, alarms: paintAlarms, reports: paintReports};
  for (const [topic, paint] of Object.entries(PAINT)) kyDai.paints(topic, (told) => { if (groups.cameras) paint(told); });

  window.L?.Map.addInitHook(function keepMap() { map = this; for (const name of Object.keys(groups)) delete groups[name]; this.whenReady(() => kyDai.ready(begin)); });
  kyDai.ready(() => kyDai.onSelect.push(ring));
  kyDai.renewals.push(layAgain);
  kyDai.map = {
    leaflet: () => map,
    ring: wider,
    sees: (row) => { const place = kyDai.placeOf(row); return !map || (!!place && map.getBounds().contains([place.lat, place.lon])); },
    show: (row) => { const place = kyDai.placeOf(row); if (place && map) map.setView([place.lat, place.lon], Math.max(map.getZoom(), 16)); },
    home: () => map?.setView([kyDai.city.centre[1], kyDai.city.centre[0]], fitZoom(kyDai.city.zoom)),
    resize: () => requestAnimationFrame(() => map?.invalidateSize()),
    state: () => ({states: cameras.map((one) => one.state).join(""), spoke: cameras.map((one) => one.spoke), alarms: [...alarms.keys()].sort(), reports: reports?.ids() ?? []}),
    reportAt: (id) => reports?.at(id) ?? null,
    reportUnder: (event) => reports?.rowOf(map.getContainer().contains(event.target) ? reports.under(event) : null) ?? null,
    markReport: (name, id) => reports?.mark(name, id) ?? false,
  };
  const ACTS = {in: () => map.zoomIn(0.5), out: () => map.zoomOut(0.5), home: () => kyDai.map.home()};
  document.addEventListener("click", (event) => {
    const zoom = event.target.closest("[data-zoom]"), button = event.target.closest("[data-layer]");
    if (zoom && map) ACTS[zoom.dataset.zoom]();
    if (!button || !map) return;
    const name = button.dataset.layer, on = button.getAttribute("aria-pressed") !== "true";
    kyDai.mark(button, "aria-pressed", on);
    if (name === "wards") base?.switchWards(on);
    else on ? groups[name].addTo(map) : groups[name].remove();
  });
})();
