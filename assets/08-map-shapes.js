/* Shapes that nobody clicks on, drawn as one picture: each is a few numbers that are projected once, not an object of its own. Two thousand roads
   stand so in a tenth of the time. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const NEAR_PX = 0.7, RIM_PX = 12; // points that are nearer to the last one are left out; how far a line may reach over its points

  /* A line or a ring: x, y, x, y … on the world's map of zoom 0, and the box around it. */
  const partOf = (line) => {
    const points = new Float64Array(line.length * 2), box = [Infinity, Infinity, -Infinity, -Infinity];
    line.forEach(([lon, lat], n) => {
      const {x, y} = L.CRS.EPSG3857.latLngToPoint({lat, lng: lon}, 0);
      [points[2 * n], points[2 * n + 1]] = [x, y];
      [box[0], box[1], box[2], box[3]] = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
    });
    return {points, box};
  };
  const DEPTH = {LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2};
  /* Every feature as its parts: those of one are filled together, so that a ring in a ring is a hole. */
  const partsOf = ({type, coordinates}) => (DEPTH[type] === undefined ? [] : DEPTH[type] ? coordinates.flat(DEPTH[type] - 1) : [coordinates]).map(partOf);

  const trace = (pen, {points}, scale, dx, dy, closed) => {
    let lastX = points[0] * scale + dx, lastY = points[1] * scale + dy;
    pen.moveTo(lastX, lastY);
    for (let n = 2; n < points.length; n += 2) {
      const x = points[n] * scale + dx, y = points[n + 1] * scale + dy;
      if (n < points.length - 2 && Math.abs(x - lastX) + Math.abs(y - lastY) < NEAR_PX) continue;
      pen.lineTo(x, y);
      [lastX, lastY] = [x, y];
    }
    if (closed) pen.closePath();
  };

  const Shapes = kyDai.MapCanvas?.extend({
    initialize(styles, options) {
      L.Renderer.prototype.initialize.call(this, {padding: 0.4, ...options});
      this._styles = styles.map((style) => ({...style, shapes: style.features.map((one) => partsOf(one.geometry))}));
    },
    _drawn(size) {
      const pen = this._pen, scale = 2 ** this._zoom, dx = -this._origin.x - this._bounds.min.x, dy = -this._origin.y - this._bounds.min.y, zoom = this._zoom - Math.log2(kyDai.rem);
      const seen = ({box}) => box[0] * scale + dx < size.x + RIM_PX && box[2] * scale + dx > -RIM_PX && box[1] * scale + dy < size.y + RIM_PX && box[3] * scale + dy > -RIM_PX;
      pen.setTransform(this._density, 0, 0, this._density, 0, 0);
      for (const {fill, stroke, width, dash, from, shapes} of this._styles) {
        if (zoom < from) continue;
        [pen.lineWidth, pen.lineCap, pen.lineJoin] = [width ?? 1, "round", "round"];
        pen.setLineDash(dash ?? []);
        [pen.fillStyle, pen.strokeStyle] = [fill ?? "transparent", stroke ?? "transparent"];
        if (!fill) pen.beginPath();
        for (const parts of shapes) {
          if (fill) pen.beginPath();
          for (const part of parts) if (fill || seen(part)) trace(pen, part, scale, dx, dy, !!fill);
          if (fill) { pen.fill("evenodd"); if (stroke) pen.stroke(); }
        }
        if (!fill) pen.stroke();
      }
    },
  });
  /* `styles`, the first lowest: {features, fill, stroke, width (px), dash, from (zoom)}. */
  kyDai.shapes = (pane, styles) => new Shapes(styles, {pane});
})();
