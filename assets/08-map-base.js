/* The base map, drawn from the pack's own shapes on a canvas in the colours of the tokens: no tile, no request to anywhere else. */
(() => {
  const kyDai = window.kyDai;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  /* layer: [fill, stroke, width, from zoom] as names of tokens; in this order, the first lowest. */
  const AREAS = [["park", "--m-park", null, 0], ["citadel", "--m-heritage", null, 11], ["palace", "--m-palace", null, 12]];
  const WATERS = [["water", "--m-water", "--m-shore", 1], ["lake", "--m-water", null, 0], ["canal", "--m-water", null, 0], ["moat", "--m-water", null, 0], ["palace_moat", "--m-water", null, 0]];
  const ROADS = [["road_minor", "--m-road-3", 1.2, 13.2], ["road_secondary", "--m-road-2", 2.6, 12.4], ["road_primary", "--m-road-1", 4.2, 10]];

  /* Drawn wider than the map is, and drawn anew only when the map has moved beyond what is drawn, or to another zoom: within it, moving only shifts it. */
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
  const only = (features, layer) => ({type: "FeatureCollection", features: features.filter((one) => one.properties.layer === layer)});
  const drawn = (features, layer, style, renderer, pane) => window.L.geoJSON(only(features, layer), {style, renderer, pane, interactive: false});

  const layersOf = (map, features) => {
    const pane = paneOf(map, "base", 200), renderer = kyDai.wide(pane);
    const found = [];
    const add = (layer, style, from) => found.push({from, layer: drawn(features, layer, style, renderer, pane)});
    for (const [layer, fill] of AREAS) add(layer, {stroke: false, fillColor: css(fill), fillOpacity: 1}, 0);
    for (const [layer, fill, stroke, weight] of WATERS) add(layer, {stroke: !!stroke, color: stroke ? css(stroke) : undefined, weight: weight * kyDai.rem, fillColor: css(fill), fillOpacity: 1}, 0);
    for (const [layer, colour, weight, from] of ROADS) {
      if (weight > 2) add(layer, {color: css("--m-case"), weight: (weight + 2.4) * kyDai.rem, fill: false, lineCap: "round"}, from);
      add(layer, {color: css(colour), weight: weight * kyDai.rem, fill: false, lineCap: "round", lineJoin: "round"}, from);
    }
    add("rail", {color: css("--m-rail"), weight: 1.6 * kyDai.rem, dashArray: "6 5", fill: false}, 11.5);
    return found;
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

  let redraw = null;
  kyDai.renewals.push(() => redraw?.());
  /* Draw everything, and again what depends on the zoom. Returns what can be switched. */
  kyDai.drawBase = async (map, wall) => {
    const at = `/map/${kyDai.told.city}`;
    const tiled = kyDai.tilesUnder(map, wall);
    const [base, wards, labels] = await Promise.all([tiled ? {features: []} : kyDai.fetched(`${at}/base.geojson`), kyDai.fetched(`${at}/wards.geojson`), kyDai.fetched(`${at}/labels.json`)]);
    const known = tiled && !wall ? labels.filter((one) => one.layer === "ward") : labels;  /* tiles bring the other names */
    const layers = layersOf(map, base.features), borders = wardsOf(map, wards), names = labelsOf(map, known);
    const state = {wards: true};
    const fit = () => {
      const zoom = map.getZoom() - Math.log2(kyDai.rem);
      for (const {from, layer} of layers) zoom >= from ? layer.addTo(map) : layer.remove();
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
