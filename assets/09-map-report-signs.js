/* The signs that reports stand on the map with: a dot from afar, a bubble from near, a bubble with a number for several. Each is drawn once and
   then only copied. What is urgent is filled and has its mark, so that no colour alone tells it. All sizes are sixteenths of a rem. */
(() => {
  const kyDai = window.kyDai;
  const BUBBLE = 17, GRID = 24, DOT = 5, HIGH = 19, FONT = 13, ROOM = 6, GAP = 4, MARK = 6, TAIL = 4, CORNER = 4, HALO = 2, MOST_KEPT = 400;
  const kept = new Map();
  let stamp = "", inks = null, paths = null, face = "sans-serif";

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  /* The icon as the style sheet has it: its outline, and the lines in it. */
  const drawn = () => {
    const node = document.body.appendChild(kyDai.make("i", {class: "ic ic-report", hidden: true}));
    const [, d = "M4 5h16v12H4z"] = /[ ;]d='([^']+)'/.exec(getComputedStyle(node).getPropertyValue("--ic")) ?? [];
    node.remove();
    const end = d.toLowerCase().indexOf("z") + 1;
    return {outline: new Path2D(d.slice(0, end)), lines: new Path2D(d.slice(end)), mark: new Path2D("M12 8.2v3.6M12 13.9v.1")};
  };
  /* Colours are the page's at the time: another theme, another screen or a larger text, and every sign is drawn anew. */
  const fresh = () => {
    const now = `${kyDai.density()} ${kyDai.rem} ${document.documentElement.dataset.theme} ${document.fonts?.status}`;
    if (now === stamp) return;
    stamp = now;
    kept.clear();
    paths ??= drawn();
    face = getComputedStyle(document.body).fontFamily;
    inks = {land: css("--m-land"), plain: css("--m-report"), number: css("--text-2"), strong: css("--text-1")};
  };
  const sheet = (wide, high) => {
    const k = kyDai.density() * kyDai.rem, image = document.createElement("canvas");
    [image.width, image.height] = [Math.ceil(wide * k), Math.ceil(high * k)];
    const pen = image.getContext("2d");
    pen.scale(k, k);
    [pen.lineCap, pen.lineJoin] = ["round", "round"];
    return {image, pen, wide: wide * kyDai.rem, high: high * kyDai.rem};
  };

  const dot = () => {
    const made = sheet(DOT + 2, DOT + 2), {pen} = made, at = DOT / 2 + 1;
    pen.fillStyle = inks.plain;
    pen.globalAlpha = 0.8;
    pen.beginPath();
    pen.arc(at, at, DOT / 2, 0, 2 * Math.PI);
    pen.fill();
    return made;
  };
  const bubble = (urgent) => {
    const made = sheet(BUBBLE + 2 * HALO, BUBBLE + 2 * HALO), {pen} = made, stroke = (path, width, ink) => { [pen.lineWidth, pen.strokeStyle] = [width, ink]; pen.stroke(path); };
    pen.translate(HALO, HALO);
    pen.scale(BUBBLE / GRID, BUBBLE / GRID);
    stroke(paths.outline, 5, inks.land);
    pen.fillStyle = urgent ? inks.strong : inks.land;
    pen.fill(paths.outline);
    stroke(paths.outline, 1.8, urgent ? inks.strong : inks.plain);
    stroke(urgent ? paths.mark : paths.lines, urgent ? 2.4 : 1.8, urgent ? inks.land : inks.plain);
    return made;
  };
  /* Digits of one width, so that a number that changes does not move. */
  const slots = (pen, text) => [...text].map((sign) => [sign, pen.measureText(/\d/.test(sign) ? "0" : sign).width]);
  const length = (pen, text) => slots(pen, text).reduce((sum, [, wide]) => sum + wide, 0);
  const write = (pen, text, left, ink) => {
    let at = left;
    pen.fillStyle = ink;
    for (const [sign, wide] of slots(pen, text)) { pen.fillText(sign, at + wide / 2, HIGH / 2 + 0.5); at += wide; }
  };
  const around = (wide) => new Path2D(`M${CORNER} 0H${wide - CORNER}q${CORNER} 0 ${CORNER} ${CORNER}V${HIGH - CORNER}q0 ${CORNER} ${-CORNER} ${CORNER}H${CORNER + TAIL + 1}l${-TAIL} ${TAIL}v${-TAIL}q${-CORNER - 1} 0 ${-CORNER - 1} ${-CORNER}V${CORNER}q0 ${-CORNER} ${CORNER} ${-CORNER}z`);
  /* A bubble with how many; how many of them are urgent stands before it, filled. */
  const several = (text) => {
    const [all, urgent = ""] = text.split("/"), font = `600 ${FONT}px ${face}`, ruler = sheet(1, 1).pen;
    ruler.font = font;
    const first = urgent ? MARK + 1 + length(ruler, urgent) + 2 * GAP : 0, rest = Math.max(22 - first, length(ruler, all) + 2 * (urgent ? GAP : ROOM)), wide = Math.ceil(first + rest);
    const made = sheet(wide + 2 * HALO, HIGH + TAIL + 2 * HALO), {pen} = made, path = around(wide), stroke = (width, ink) => { [pen.lineWidth, pen.strokeStyle] = [width, ink]; pen.stroke(path); };
    pen.translate(HALO, HALO);
    stroke(3.4, inks.land);
    pen.fillStyle = inks.land;
    pen.fill(path);
    pen.save();
    pen.clip(path);
    pen.fillStyle = inks.strong;
    pen.fillRect(0, 0, first, HIGH + TAIL);
    pen.restore();
    stroke(1.2, urgent ? inks.strong : inks.plain);
    [pen.font, pen.textBaseline, pen.textAlign] = [font, "middle", "center"];
    if (urgent) { [pen.lineWidth, pen.strokeStyle] = [2, inks.land]; pen.stroke(new Path2D(`M${GAP + 2.5} 5.4v4.6M${GAP + 2.5} 13.4v.1`)); }
    write(pen, urgent, GAP + MARK + 1, inks.land);
    write(pen, all, first + (rest - length(pen, all)) / 2, urgent ? inks.strong : inks.number);
    return made;
  };

  const MADE = {dot, pin: () => bubble(false), urgent: () => bubble(true), several};
  /* {image, wide, high} of a sign, in pixels of the page; the image has as many more as the screen shows. */
  const sign = (name, text = "") => {
    const key = `${name} ${text}`;
    if (kept.size > MOST_KEPT) kept.clear();
    if (!kept.has(key)) kept.set(key, MADE[name](text));
    return kept.get(key);
  };
  kyDai.reportSigns = {fresh, sign, ring: () => inks.strong};
})();
