/* The base map, drawn from the pack's own shapes on a canvas in the colours of the tokens: no tile, no request to anywhere else. */
(() => {
  const kyDai = window.kyDai;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  /* layer: [fill, stroke, width, from zoom] as names of tokens; in this order, the first lowest. */
  const AREAS = [["park", "--m-park", null, 0], ["citadel", "--m-heritage", null, 11], ["palace", "--m-palace", null, 12]];
  const WATERS = [["water", "--m-water", "--m-shore", 1], ["lake", "--m-water", null, 0], ["canal", "--m-water", null, 0], ["moat", "--m-water", null, 0], ["palace_moat", "--m-water", null, 0]];
  const ROADS = [["road_minor", "--m-road-3", 1.2, 13.2], ["road_secondary", "--m-road-2", 2.6, 12.4], ["road_primary", "--m-road-1", 4.2, 10]];

  /* What can be clicked on: drawn wider than the map is, and drawn anew only when the map has moved beyond what is drawn, or to another zoom: within it, moving only shifts it. */
  const Wide = window.L?.Canvas.extend({
    _update() {
      const map = this._map, {min, max} = map.getPixelBounds(), origin = map.getPixelOrigin();
      const seen = window.L.bounds(min.subtract(origin), max.subtract(origin));
      if (this._drawnOn === this._container && this._bounds?.contains(seen) && this._zoom === map.getZoom() && this._origin.equals(origin)) return;
      [this._drawnOn, this._origin] = [this._container, origin];
      window.L.Canvas.prototype._update.call(this);
    },
  });
  kyDai.wide = (pane) => new Wide({pane, padding: 0.4});

  const paneOf = (map, name, z) => { const pane = map.getPane(name) || map.createPane(name); pane.style.zIndex = z; pane.style.pointerEvents = "none"; return name; };

  const shapesOf = (map, features) => {
    const of = new Map(), styles = [];
    for (const one of features) { const {layer} = one.properties; if (!of.has(layer)) of.set(layer, []); of.get(layer).push(one); }
    const add = (layer, style, from) => { if (of.has(layer)) styles.push({features: of.get(layer), from, ...style}); };
    for (const [layer, fill] of AREAS) add(layer, {fill: css(fill)}, 0);
    for (const [layer, fill, stroke, width] of WATERS) add(layer, {fill: css(fill), stroke: stroke && css(stroke), width: width * kyDai.rem}, 0);
    for (const [layer, colour, width, from] of ROADS) {
      if (width > 2) add(layer, {stroke: css("--m-case"), width: (width + 2.4) * kyDai.rem}, from);
      add(layer, {stroke: css(colour), width: width * kyDai.rem}, from);
    }
    add("rail", {stroke: css("--m-rail"), width: 1.6 * kyDai.rem, dash: [6, 5]}, 11.5);
    return kyDai.shapes(paneOf(map, "base", 200), styles);
  };
  const wardsOf = (map, wards) => {
    const pane = paneOf(map, "wards", 210), renderer = kyDai.wide(pane);
    return window.L.geoJSON(wards, {renderer, pane, interactive: false, style: {color: css("--m-ward"), weight: 1.1 * kyDai.rem, dashArray: [8, 4, 1.5, 4].map((n) => n * kyDai.rem).join(" "), fill: false}});
  };
  const label = (told, pane) => {
    const node = kyDai.make("span", {}, kyDai.of(told.text));
    node.style.setProperty("--turn", `${told.angle ?? 0}deg`);
    return window.L.marker([told.lat, told.lon], {pane, interactive: false, keyboard: false, icon: window.L.divIcon({className: `m-label m-label-${told.layer}`, html: node, iconSize: null})});
  };
  const FROM = {ward: 11.5, water: 12.5, place: 13.6, road: 13.9};  /* from which zoom on a label is shown */
  const labelsOf = (map, labels) => {
    const pane = paneOf(map, "names", 450);
    return labels.map((one) => ({layer: one.layer, wall: one.wall === true, marker: label(one, pane)}));
  };

  /* A wall shows a name whole or not at all (UX-7). */
  const cut = (node, host) => {
    const a = node.getBoundingClientRect(), b = host.getBoundingClientRect();
    const room = 8 * kyDai.rem;
    return a.left < b.left + room || a.right > b.right - room || a.top < b.top + room || a.bottom > b.bottom - room;
  };

  const told = (tiled) => ["wards.geojson", "labels.json", ...tiled ? [] : ["base.geojson"]].map((name) => `/map/${kyDai.told.city}/${name}`);
  if (kyDai.told.city && window.L) for (const path of told(kyDai.told.basemap)) kyDai.fetchAhead(path);

  let redraw = null;
  kyDai.renewals.push(() => redraw?.());
  /* Draw everything, and again what depends on the zoom. Returns what can be switched. */
  kyDai.drawBase = async (map, wall) => {
    const at = `/map/${kyDai.told.city}`;
    const tiled = kyDai.tilesUnder(map, wall);
    const [base, wards, labels] = await Promise.all([tiled ? {features: []} : kyDai.fetched(`${at}/base.geojson`), kyDai.fetched(`${at}/wards.geojson`), kyDai.fetched(`${at}/labels.json`)]);
    const known = tiled && !wall ? labels.filter((one) => one.layer === "ward") : labels;  /* tiles bring the other names */
    const borders = wardsOf(map, wards), names = labelsOf(map, known);
    const state = {wards: true};
    if (!tiled) shapesOf(map, base.features).addTo(map);
    const fit = () => {
      const zoom = map.getZoom() - Math.log2(kyDai.rem);
      state.wards && zoom >= 10 ? borders.addTo(map) : borders.remove();
      for (const {layer, wall: known, marker} of names) {
        const shown = wall ? known : zoom >= FROM[layer] && (layer !== "ward" || state.wards);
        shown ? marker.addTo(map) : marker.remove();
        if (shown && wall && cut(marker.getElement().firstChild, map.getContainer())) marker.remove();
      }
    };
    /* Surveyed wards stand for drawn ones, or other ones for them: the borders alone are drawn anew. */
    redraw = async () => {
      try {
        const later = await kyDai.fetched(`/map/${kyDai.told.city}/wards.geojson`);
        borders.clearLayers().addData(later);
      } catch (error) { console.warn(error); }
    };
    map.on("zoomend", fit);
    fit();
    return {switchWards: (on) => { state.wards = on; fit(); }};
  };
})();
