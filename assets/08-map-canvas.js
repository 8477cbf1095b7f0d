/* One picture for many things of the map: a canvas that reaches a little over the map's edges, so that moving within it only shifts it. Who makes one
   of it says what is drawn (`_drawn`), and is told when the picture has a new place or size. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  kyDai.density = () => window.devicePixelRatio || 1;
  kyDai.MapCanvas = L?.Renderer.extend({
    _initContainer() {
      this._container = kyDai.make("canvas", this.options.shown);
      this._pen = this._container.getContext("2d");
    },
    _destroyContainer() {
      this._container.remove();
      delete this._container;
      delete this._pen;
    },
    _updatePaths() {},
    _update() {
      const map = this._map, {min, max} = map.getPixelBounds(), origin = map.getPixelOrigin(), density = kyDai.density();
      if (map._animatingZoom && this._bounds) return;
      const seen = L.bounds(min.subtract(origin), max.subtract(origin));
      if (this._bounds?.contains(seen) && this._zoom === map.getZoom() && this._origin?.equals(origin) && this._density === density && this._drawnOn === this._container) return;
      L.Renderer.prototype._update.call(this);
      [this._origin, this._density, this._drawnOn] = [origin, density, this._container];
      const size = this._bounds.getSize();
      L.DomUtil.setPosition(this._container, this._bounds.min);
      [this._container.width, this._container.height] = [size.x * density, size.y * density];
      [this._container.style.width, this._container.style.height] = [`${size.x}px`, `${size.y}px`];
      this._drawn(size);
    },
  });
})();
