/* The base map from the city's own tiles, where it brought some: vector tiles in the colours of the tokens on a canvas, or pictures.
   Both come from this server alone. */
(() => {
  const kyDai = window.kyDai, told = kyDai.told.basemap;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const GREEN = ["park", "grass", "forest", "cemetery", "pitch", "wood", "nature_reserve"];
  const kinds = (...names) => (_, feature) => names.includes(feature.props.kind);
  /* How wide a road is at a zoom: it doubles with every zoom and a half, from a hair on. */
  const wide = (most, at) => (zoom) => Math.max(0.4, most * 2 ** ((zoom - at) / 1.5)) * kyDai.rem;

  const roads = (paint) => {
    const line = (kind, colour, width, from, extra = 0) => ({dataLayer: "roads", minzoom: from, filter: kinds(kind), symbolizer: new paint.LineSymbolizer({color: css(colour), width: (zoom) => wide(width, 15)(zoom) + extra * kyDai.rem, lineCap: "round", lineJoin: "round"})});
    return [
      line("path", "--m-road-3", 0.8, 14), line("minor_road", "--m-road-3", 2.4, 12),
      line("major_road", "--m-case", 6, 9, 1.8), line("highway", "--m-case", 7, 6, 1.8),
      line("major_road", "--m-road-2", 6, 8), line("highway", "--m-road-1", 7, 6),
      {dataLayer: "roads", minzoom: 10, filter: kinds("rail"), symbolizer: new paint.LineSymbolizer({color: css("--m-rail"), width: wide(1.6, 15), dash: [6, 5], dashColor: css("--m-rail"), dashWidth: wide(1.6, 15)})},
    ];
  };
  const paintOf = (paint) => [
    {dataLayer: "earth", symbolizer: new paint.PolygonSymbolizer({fill: css("--m-land")})},
    {dataLayer: "landuse", filter: kinds(...GREEN), symbolizer: new paint.PolygonSymbolizer({fill: css("--m-park")})},
    {dataLayer: "landuse", filter: kinds("heritage"), symbolizer: new paint.PolygonSymbolizer({fill: css("--m-heritage")})},
    {dataLayer: "water", filter: (_, feature) => feature.geomType === 3, symbolizer: new paint.PolygonSymbolizer({fill: css("--m-water")})},
    {dataLayer: "water", minzoom: 9, filter: (_, feature) => feature.geomType === 2, symbolizer: new paint.LineSymbolizer({color: css("--m-water"), width: wide(3, 15)})},
    {dataLayer: "buildings", minzoom: 15, symbolizer: new paint.PolygonSymbolizer({fill: css("--m-built")})},
    ...roads(paint),
  ];
  const labelsOf = (paint) => {
    const names = [`name:${kyDai.told.tongue}`, "name"], family = getComputedStyle(document.body).fontFamily;
    const font = (size, weight) => `${weight} ${size * kyDai.rem}px ${family}`;
    const text = (colour, size, weight) => ({labelProps: names, fill: css(colour), stroke: css("--m-land"), width: 2 * kyDai.rem, font: font(size, weight), lineHeight: 1.35});
    return [
      {dataLayer: "places", minzoom: 11, filter: kinds("locality"), symbolizer: new paint.CenteredTextSymbolizer(text("--m-label", 14, 600))},
      {dataLayer: "places", minzoom: 13, filter: kinds("neighbourhood", "island"), symbolizer: new paint.CenteredTextSymbolizer(text("--m-label", 12, 500))},
      {dataLayer: "water", minzoom: 12, symbolizer: new paint.LineLabelSymbolizer(text("--m-label-water", 13, 500))},
      {dataLayer: "roads", minzoom: 14, filter: kinds("highway", "major_road"), symbolizer: new paint.LineLabelSymbolizer(text("--m-label-road", 12, 400))},
      {dataLayer: "roads", minzoom: 16, filter: kinds("minor_road"), symbolizer: new paint.LineLabelSymbolizer(text("--m-label-road", 11, 400))},
    ];
  };

  const layerOf = (pane, wall) => {
    if (told.form === "mbtiles") return window.L.tileLayer(`/basemap/${told.version}/{z}/{x}/{y}`, {pane, maxNativeZoom: told.nearest, maxZoom: 20});
    const paint = window.protomapsL;
    return paint.leafletLayer({url: `/basemap/${told.version}.pmtiles`, pane, maxDataZoom: told.nearest, maxZoom: 20, backgroundColor: css("--m-land"), paintRules: paintOf(paint), labelRules: wall ? [] : labelsOf(paint), noWrap: true});
  };
  /* Put the tiles under everything, and say whose data they are. Returns whether there are any: else the pack's own shapes are drawn. */
  kyDai.tilesUnder = (map, wall) => {
    if (!told) return false;
    const pane = map.getPane("base") || map.createPane("base");
    pane.style.zIndex = 200;
    layerOf("base", wall).addTo(map);
    (wall && kyDai.one(".w-build") || map.getContainer().closest(".map")).append(kyDai.make("span", {class: "map-credit"}, told.credit));
    return true;
  };
})();
