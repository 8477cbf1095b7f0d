/* Layers by address on the map: pictures that this server hands on. One that could not be fetched anew is grey and says how old it is; one
   that is not there says so. */
(() => {
  const kyDai = window.kyDai, L = window.L;
  const SIDE = 256, FIRST = 8, LAST = 18, GREY = "grayscale(1) contrast(0.8)";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const stamp = (pen, text) => {
    pen.filter = "none";
    pen.globalAlpha = 1;
    pen.font = `600 11px ${css("--font") || "sans-serif"}`;
    const width = pen.measureText(text).width + 10;
    pen.fillStyle = css("--panel");
    pen.fillRect(6, 6, width, 18);
    pen.strokeStyle = pen.fillStyle = css("--dq");
    pen.strokeRect(6.5, 6.5, width - 1, 17);
    pen.fillText(text, 11, 19);
  };
  /* A square without a picture: edges and a word, so that nobody takes it for a place where nothing is. */
  const blank = (pen, word) => {
    pen.strokeStyle = css("--dq");
    pen.globalAlpha = 0.5;
    pen.setLineDash([4, 6]);
    pen.strokeRect(0.5, 0.5, SIDE - 1, SIDE - 1);
    if (word) stamp(pen, kyDai.say("layers.no_picture"));
  };
  /* One square in four says it: a map full of words would hide itself. */
  const says = (coords) => coords.x % 2 === 0 && coords.y % 2 === 0;
  const draw = async (canvas, layer, coords, grid) => {
    const reply = await fetch(`/remote/${layer.key}/${coords.z}/${coords.x}/${coords.y}`, {signal: AbortSignal.timeout(40000)});
    if (reply.status === 204) return;
    const pen = canvas.getContext("2d");
    if (!reply.ok) { blank(pen, says(coords)); throw new Error(`${layer.key}: ${reply.status}`); }
    const at = Number(reply.headers.get("X-Fetched")), old = reply.headers.get("X-Old") === "1";
    const picture = await createImageBitmap(await reply.blob());
    canvas.width = picture.width;
    canvas.height = picture.height;
    if (old) { pen.filter = GREY; pen.globalAlpha = 0.7; grid.oldest = Math.min(grid.oldest, at); }
    pen.drawImage(picture, 0, 0);
    if (old && says(coords)) stamp(pen, kyDai.say("layers.old_mark", {age: kyDai.format.brief(kyDai.serverNow() - at)}));
  };
  const Grid = L?.GridLayer.extend({
    createTile(coords, done) {
      const canvas = kyDai.make("canvas", {class: "leaflet-tile still-remote", width: SIDE, height: SIDE}), {layer, changed} = this.options;
      draw(canvas, layer, coords, this).then(() => done(null, canvas), (error) => { done(error, canvas); }).finally(changed);
      return canvas;
    },
  });
  kyDai.remote = {
    /* A grid for the map; `changed` is called when what is to be said of it may have changed. */
    grid: (layer, changed) => {
      const grid = new Grid({layer, changed, pane: "still", tileSize: SIDE, minZoom: FIRST, maxNativeZoom: LAST, noWrap: true, keepBuffer: 1, updateWhenZooming: false});
      grid.oldest = Infinity;
      grid.drawnAt = performance.now();
      grid.on("load", () => { grid.loadedAt = performance.now(); });
      return grid;
    },
    /* The list was asked for again: pictures are, too, when their time is over or the service does better or worse than before. */
    renew: (grid, now) => {
      const before = grid.options.layer;
      grid.options.layer = now;
      if (before.trouble?.code === now.trouble?.code && performance.now() - grid.drawnAt < now.every_s * 1000) return;
      grid.drawnAt = performance.now();
      grid.oldest = Infinity;
      grid.redraw();
    },
    /* What is said of a layer by address. */
    said: (layer, grid) => [
      layer.trouble ? kyDai.say(`remote.why.${layer.trouble.code}`) : "", layer.good ? kyDai.say("layers.good", {age: kyDai.format.age(kyDai.serverNow() - layer.good)}) : "",
      grid && grid.oldest < Infinity ? kyDai.say("layers.old_shown", {age: kyDai.format.age(kyDai.serverNow() - grid.oldest)}) : "",
    ],
  };
})();
