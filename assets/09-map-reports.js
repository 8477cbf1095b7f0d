/* Reports on the live map: a thousand of them on one canvas, kept by id. What a frame changes is placed anew, and everything is copied once before
   the next refresh. Where many are close together and one looks from afar, a bubble tells how many; a click on it goes there. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const NEAR = 14.6, FAR = 12, DEEPEST = 17; // zooms: from where bubbles, below where little room, as near as a click goes
  const GRIDS = [[FAR, 3, 60], [NEAR, 5, 48], [16.5, 6, 48]]; // below which zoom how many in a cell of which size (sixteenths of a rem) stand as one
  const ROOM = 64, REACH = 11, REACH_IN_HAND = 22, LOW = 610, HIGH = 630; // below cameras; from afar above them, so that numbers can be read

  /* ---- what stands where: in pixels of the layer, lowest first ---- */
  const single = (one, near) => ({id: one.id, one, x: one.x, y: one.y, sign: one.row.urgent ? "urgent" : near ? "pin" : "dot", text: ""});
  /* In the middle of what it stands for, and never so near to the edge of its cell that two of them touch. */
  const together = (cell, size, left, top) => {
    const mean = (axis) => cell.ones.reduce((sum, one) => sum + one[axis], 0) / cell.ones.length, urgent = cell.ones.filter((one) => one.row.urgent).length;
    const number = kyDai.format.number, n = number(cell.ones.length), text = urgent ? `${n}/${number(urgent)}` : n, {wide, high} = kyDai.reportSigns.sign("several", text);
    const within = (value, low, own) => { const room = Math.min(own, size) / 2; return Math.min(Math.max(value, low + room), low + size - room); };
    return {id: null, ones: cell.ones, urgent, x: within(mean("x"), left, wide), y: within(mean("y"), top, high), sign: "several", text, n};
  };
  const laid = (held, zoom, origin) => {
    const [, least, side] = GRIDS.find(([below]) => zoom < below) ?? [0, Infinity, ROOM], near = zoom >= NEAR, size = side * kyDai.rem, cells = new Map(), ranks = [[], [], []];
    for (const one of held) {
      const column = Math.floor((one.x + origin.x) / size), line = Math.floor((one.y + origin.y) / size), key = column * 1e7 + line;
      if (!cells.has(key)) cells.set(key, {column, line, ones: []});
      cells.get(key).ones.push(one);
    }
    for (const cell of cells.values()) {
      if (cell.ones.length >= least) ranks[1].push(together(cell, size, cell.column * size - origin.x, cell.line * size - origin.y));
      else for (const one of cell.ones) ranks[one.row.urgent ? 2 : 0].push(single(one, near));
    }
    return ranks.flat();
  };

  const Reports = kyDai.MapCanvas?.extend({
    initialize(options) {
      L.Renderer.prototype.initialize.call(this, {padding: 0.12, shown: {class: "mk-reports", "aria-hidden": "true"}, ...options});
      [this._held, this._items, this._marked, this._due, this._pointed] = [new Map(), [], {}, 0, null];
      this._moves = (event) => this._over(this.under(event));
      this._leaves = () => this._over(null);
      this._presses = (event) => this._press(event);
    },
    _destroyContainer() {
      cancelAnimationFrame(this._due);
      [this._due, this._items] = [0, []];
      kyDai.MapCanvas.prototype._destroyContainer.call(this);
    },
    _hear(how) {
      const host = this._map.getContainer();
      host[how]("mousemove", this._moves, {passive: true});
      host[how]("mouseleave", this._leaves);
      for (const type of ["click", "dblclick"]) host[how](type, this._presses, true);
    },
    onAdd(map) {
      L.Renderer.prototype.onAdd.call(this, map);
      this._hear("addEventListener");
      document.fonts?.ready.then(() => this.again());
    },
    onRemove(map) {
      this._over(null);
      this._hear("removeEventListener");
      L.Renderer.prototype.onRemove.call(this, map);
    },
    getEvents() { return {...L.Renderer.prototype.getEvents.call(this), move: this._update, resize: this._update}; },

    _drawn() {
      for (const one of this._held.values()) this._place(one);
      this.getPane().style.zIndex = this._zoom - Math.log2(kyDai.rem) < FAR ? HIGH : LOW;
      this._draw();
    },
    _place(one) {
      const scale = 2 ** this._zoom;
      [one.x, one.y] = [one.at.x * scale - this._origin.x, one.at.y * scale - this._origin.y];
    },
    _draw() {
      cancelAnimationFrame(this._due);
      this._due = 0;
      if (!this._pen) return;
      const {min, max} = this._bounds, room = ROOM * kyDai.rem, from = min.subtract([room, room]), to = max.add([room, room]);
      kyDai.reportSigns.fresh();
      this._pen.clearRect(0, 0, this._container.width, this._container.height);
      this._items = laid(this._held.values(), this._zoom - Math.log2(kyDai.rem), this._origin).filter(({x, y}) => x > from.x && x < to.x && y > from.y && y < to.y);
      const selected = this._held.get(this._marked.selected);
      if (selected) this._items.push({...single(selected, true), lifted: true});
      for (const item of this._items) this._copy(item);
      for (const item of new Set(["hover", "selected"].map((name) => this._itemOf(this._marked[name])))) if (item) this._ring(item);
    },
    _copy(item) {
      const {image, wide, high} = kyDai.reportSigns.sign(item.sign, item.text), at = (value, low, size) => Math.round((value - low) * this._density - size / 2);
      [item.wide, item.high] = [wide, high];
      this._pen.drawImage(image, at(item.x, this._bounds.min.x, image.width), at(item.y, this._bounds.min.y, image.height));
    },
    _ring(item) {
      const pen = this._pen, k = this._density, radius = item.ones ? Math.max(item.wide, item.high) / 2 + 2 * kyDai.rem : 14 * kyDai.rem;
      [pen.lineWidth, pen.strokeStyle] = [2 * kyDai.rem * k, kyDai.reportSigns.ring()];
      pen.beginPath();
      pen.arc((item.x - this._bounds.min.x) * k, (item.y - this._bounds.min.y) * k, radius * k, 0, 2 * Math.PI);
      pen.stroke();
    },
    _itemOf(id) { return id ? this._items.findLast((item) => item.id === id || item.ones?.some((one) => one.id === id)) : undefined; },

    /* ---- what the pointer does: the canvas lets everything through, so that what lies below it is reached where no report is ---- */
    _free(event) {
      if (!this._pen || this._map._animatingZoom || this._map.getContainer().closest("[data-drawing], .rp-place")) return false; // a click means a place there
      const pane = event.target.closest?.(".leaflet-pane");
      return !!pane || event.target === this._map.getContainer() ? !(pane && +getComputedStyle(pane).zIndex > +getComputedStyle(this.getPane()).zIndex) : false;
    },
    _hit(event) {
      const {x, y} = this._map.mouseEventToLayerPoint(event), reach = (matchMedia("(pointer: coarse)").matches ? REACH_IN_HAND : REACH) * kyDai.rem;
      const far = (item) => item.ones && Math.abs(x - item.x) <= item.wide / 2 && Math.abs(y - item.y) <= item.high / 2 ? 0 : Math.hypot(x - item.x, y - item.y);
      const near = this._items.filter((item) => far(item) <= reach), least = Math.min(...near.map(far));
      const among = near.filter((item) => far(item) <= least + 1 && !item.lifted), at = among.findIndex((item) => item.id && item.id === kyDai.selected?.id);
      return among[(at < 0 ? among.length : at) - 1] ?? among.at(-1) ?? near[0] ?? null; // of several at one place another with every click
    },
    under(event) { const hit = this._pen ? this._hit(event) : null; return hit && this._free(event) ? hit : null; },
    _over(item) {
      const was = this._pointed;
      if (item === was) return;
      const host = this._map.getContainer(), told = item?.ones ? kyDai.say(item.urgent ? "map.reports_urgent" : "map.reports_here", {n: item.n, urgent: kyDai.format.number(item.urgent)}) : null;
      this._pointed = item;
      host.classList.toggle("over-report", !!item);
      kyDai.mark(host, "title", told);
      if (item || was) kyDai.brush?.point(this.rowOf(item), this.rowOf(was));
    },
    rowOf(item) { return item?.one ? {id: item.id, ix: -1} : null; },
    _press(event) {
      if (this._map.dragging?.moved()) return;
      const item = this.under(event);
      if (!item) return;
      event.stopPropagation(); // nothing below it is meant
      if (event.type === "click") item.ones ? this._enter(item) : kyDai.select(chosen(item.one), "map");
    },
    /* Nearer, until they stand apart; where they do not at any zoom, as near as it goes. */
    _enter({ones}) {
      const map = this._map, around = L.latLngBounds(ones.map(({row}) => [row.lat, row.lon])), deepest = DEEPEST + Math.log2(kyDai.rem);
      const zoom = Math.min(Math.max(map.getBoundsZoom(around.pad(0.3)), map.getZoom() + 1), Math.max(deepest, map.getZoom()));
      map.setView(around.getCenter(), Math.min(zoom, map.getMaxZoom()), {animate: !matchMedia("(prefers-reduced-motion: reduce)").matches});
    },

    /* ---- what it is told ---- */
    again() { if (this._pen && !this._due) this._due = requestAnimationFrame(() => this._draw()); },
    tell(rows) {
      const wanted = new Set();
      for (const row of rows) {
        if (row.lon === null || row.lat === null) continue;
        const id = `report:${row.id}`, held = this._held.get(id), stays = held && held.row.lon === row.lon && held.row.lat === row.lat;
        wanted.add(id);
        if (stays) { held.row = row; continue; }
        const one = {id, row, at: L.CRS.EPSG3857.latLngToPoint(L.latLng(row.lat, row.lon), 0)};
        this._held.set(id, one);
        if (this._pen) this._place(one);
      }
      for (const id of this._held.keys()) if (!wanted.has(id)) this._held.delete(id);
      this.again();
    },
    /* Mark one as pointed at or selected; whether it is on the map. */
    mark(name, id) {
      const there = this._held.has(id) && !!this._pen, now = there ? id : null;
      if (this._marked[name] !== now) { this._marked[name] = now; this.again(); }
      return there;
    },
    ids() { return [...this._held.keys()].sort(); },
    /* Where a report is seen (pixels of the window), as which sign, and as one of how many. */
    at(id) {
      if (this._due) this._draw();
      const item = this._itemOf(id);
      if (!item) return null;
      const {x, y} = this._map.layerPointToContainerPoint([item.x, item.y]), box = this._map.getContainer().getBoundingClientRect();
      return {x: box.x + x, y: box.y + y, sign: item.sign, n: item.ones?.length ?? 1, marked: Object.keys(this._marked).filter((name) => this._marked[name] === id).sort()};
    },
  });
  const chosen = ({id, row}) => ({...row, id, ix: -1, kind: "report_new", title: kyDai.of(kyDai.city.service[row.service]?.name) || row.service});
  kyDai.reportLayer = (pane) => new Reports({pane});
})();
