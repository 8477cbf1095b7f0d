/* What every script here shares: the context of the page, texts, formats, and who paints what.
   Text goes into nodes as text, never as HTML. */
(() => {
  const told = JSON.parse(document.getElementById("kydai")?.textContent || "{}");
  const kyDai = window.kyDai = {
    told, texts: {}, city: null, frames: {}, painters: {}, readies: [], renewals: [], ticks: [], banners: [], selected: null, onSelect: [], rem: 1,
  };
  const locale = told.tongue === "en" ? "en-GB" : "vi-VN";
  const zone = told.zone || "UTC";
  const number = new Intl.NumberFormat(locale, {maximumFractionDigits: 0});
  const decimal = new Intl.NumberFormat(locale, {minimumFractionDigits: 1, maximumFractionDigits: 1});
  /* Each is made when it is first wanted: making one takes milliseconds, and a page waits for all that is made before it is drawn. */
  const format = (options) => {
    let made = null;
    return {format: (ms) => (made ??= new Intl.DateTimeFormat("en-GB", {timeZone: zone, hour12: false, ...options})).format(ms)};
  };
  const hms = format({hour: "2-digit", minute: "2-digit", second: "2-digit"});
  const hm = format({hour: "2-digit", minute: "2-digit"});
  const dmy = format({day: "2-digit", month: "2-digit", year: "numeric"});
  const dm = format({day: "2-digit", month: "2-digit"});
  const weekday = format({weekday: "short"});
  const WEEK = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

  kyDai.say = (key, values) => {
    const text = kyDai.texts[key] ?? "";
    return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
  };
  /* Marks and đ do not matter to a search, nor does where a tone mark stands (UX-38). */
  kyDai.plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  /* One of the pack's texts in the person's language. */
  kyDai.of = (words) => (words && (words[told.tongue] || words.vi)) || "";
  kyDai.format = {
    /* A round share has no decimals: a target of 95 %, a value of 93,8 %. */
    share: (n) => Number.isInteger(n) ? `${number.format(n)}\u00a0%` : kyDai.format.percent(n),
    number: (n) => number.format(n), percent: (n) => `${decimal.format(n)}\u00a0%`, decimal: (n) => decimal.format(n),
    hms: (ms) => hms.format(ms), hm: (ms) => hm.format(ms), dmy: (ms) => dmy.format(ms), dm: (ms) => dm.format(ms),
    day: (ms, length) => kyDai.say(`days.${length}`).split("|")[WEEK.indexOf(weekday.format(ms))] || "",
    /* 0:42, 6:18, 2:10:05: how long ago, as a clock would count. */
    ago: (ms) => {
      const s = Math.max(0, Math.floor(ms / 1000)), pad = (n) => String(n).padStart(2, "0");
      return s < 3600 ? `${Math.floor(s / 60)}:${pad(s % 60)}` : `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
    },
    /* The same in few letters: 0:42, 6:18, 3 giờ, 6 ngày. */
    brief: (ms) => ms < 3600000 ? kyDai.format.ago(ms) : kyDai.say(ms < 172800000 ? "age.hours" : "age.days", {n: Math.floor(ms / (ms < 172800000 ? 3600000 : 86400000))}),
    /* 2 giây, 41 phút, 3 giờ: how old a feed is. */
    age: (ms) => {
      const s = Math.max(0, Math.round(ms / 1000));
      if (s < 100) return kyDai.say("age.seconds", {n: s});
      if (s < 6000) return kyDai.say("age.minutes", {n: Math.round(s / 60)});
      if (s < 172800) return kyDai.say("age.hours", {n: Math.round(s / 3600)});
      return kyDai.say("age.days", {n: Math.round(s / 86400)});
    },
    /* 1 ngày 4 giờ: what is left, in the two largest units. */
    span: (ms) => {
      const minutes = Math.floor(Math.abs(ms) / 60000), days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24;
      const parts = days ? [["age.days", days], ["age.hours", hours]] : hours ? [["age.hours", hours], ["age.minutes", minutes % 60]] : [["age.minutes", minutes]];
      return parts.filter(([, n], at) => n || !at).map(([key, n]) => kyDai.say(key, {n})).join(" ");
    },
  };

  /* ---- the page's own nodes ---- */
  kyDai.one = (selector, root) => (root || document).querySelector(selector);
  kyDai.all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  kyDai.text = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
  kyDai.mark = (node, name, value) => {
    if (!node) return;
    /* What a button or a tab is not, it says: aria-pressed="false" is no missing attribute. */
    if (value === null || value === undefined || (value === false && !name.startsWith("aria-"))) { if (node.hasAttribute(name)) node.removeAttribute(name); }
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  };
  /* make("li", {class: "alarm", "data-prio": 2}, "text" or [nodes]) */
  kyDai.make = (tag, attributes, inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    if (Array.isArray(inside)) node.append(...inside.filter(Boolean));
    else if (inside !== undefined && inside !== null) node.textContent = inside;
    return node;
  };
  const SHAPES = {1: "square", 2: "triangle", 3: "diamond", 4: "circle"};
  kyDai.badge = (prio, solid) => kyDai.make("span", {class: "prio", "data-prio": prio, "data-shape": SHAPES[prio], "data-solid": solid}, [kyDai.make("b", {}, String(prio))]);

  /* ---- who paints what: a painter that breaks breaks alone (UX-82) ---- */
  const alone = (paint) => (...given) => { try { paint(...given); } catch (error) { console.error(error); } };
  kyDai.paints = (topic, paint) => (kyDai.painters[topic] ||= []).push(alone(paint));
  kyDai.paint = (topic, frame) => { for (const paint of kyDai.painters[topic] || []) paint(frame.data, frame); };
  kyDai.ready = (act) => { if (kyDai.city) alone(act)(); else kyDai.readies.push(alone(act)); };
  kyDai.everySecond = (act) => kyDai.ticks.push(alone(act));

  /* One thing is selected, on every pane at once (UX-64). */
  kyDai.select = (row, from) => {
    kyDai.selected = row;
    for (const act of kyDai.onSelect) act(row, from);
  };

  /* Dash asks for its layout without saying which page it is for. */
  const sent = window.fetch.bind(window);
  window.fetch = (path, options) => sent(path === "/_dash-layout" && told.layout ? told.layout : path, options);

  /* The city and the texts: fetched once, for ever cached under their version. What is wanted as soon as a page is laid out is fetched while it is. */
  const ahead = new Map();
  const asked = async (path) => {
    const reply = await fetch(path);
    if (!reply.ok) throw Object.assign(new Error(`${path}: ${reply.status}`), {status: reply.status});
    /* Lists say by the way what time it is: enough where no beat has come yet, and the clock here is wrong. */
    const at = path.startsWith("/reports/") && Date.parse(reply.headers.get("Date") ?? "");
    if (at) kyDai.dated = at - performance.now();
    return reply.json();
  };
  const fetched = (path) => {
    const known = ahead.get(path);
    ahead.delete(path);
    return known ?? asked(path);
  };
  kyDai.fetched = fetched;
  kyDai.fetchAhead = (path) => { const coming = asked(path); coming.catch(() => ahead.delete(path)); ahead.set(path, coming); };
  for (const path of told.city ? [`/i18n/${told.tongue}.json?v=${told.version}`, `/city/${told.city}.json`] : []) kyDai.fetchAhead(path);
  kyDai.begin = async () => {
    const [texts, city] = await Promise.all([fetched(`/i18n/${told.tongue}.json?v=${told.version}`), fetched(`/city/${told.city}.json`)]);
    kyDai.texts = texts;
    kyDai.city = indexed(city);
    for (const act of kyDai.readies.splice(0)) act();
  };
  const indexed = (city) => {
    city.kind = Object.fromEntries(city.kinds.map((kind) => [kind.key, kind]));
    city.ward = Object.fromEntries(city.wards.map((ward) => [ward.code, ward]));
    city.service = Object.fromEntries(city.services.map((service) => [service.code, service]));
    city.unit = Object.fromEntries(city.units.map((unit) => [unit.code, unit]));
    city.feed = Object.fromEntries(city.feeds.map((feed) => [feed.key, feed]));
    return city;
  };
  /* The city has other cameras: nothing is laid out anew, what is painted is painted again. Asked for until it is there, with every status. */
  let renewing = false;
  const renew = async (version) => {
    renewing = true;
    try {
      kyDai.city = indexed(await fetched(`/city/${version}.json`));
      told.city = version;
      for (const act of kyDai.renewals) alone(act)();
      for (const [topic, frame] of Object.entries(kyDai.frames)) kyDai.paint(topic, frame);
    } catch (error) { console.warn(error); } finally { renewing = false; }
  };
  kyDai.paints("status", (status) => { if (status.city_version !== kyDai.city.version && !renewing) renew(status.city_version); });

  /* ---- names of things in frames ---- */
  const WORDS = {camera_back: "camera.online", camera_late: "camera.late", camera_maintenance: "camera.maintenance", report_changed: "report", camera_lost: "camera.lost", camera_frozen: "camera.frozen"};
  kyDai.kindName = (key, short) => {
    const kind = kyDai.city.kind[key];
    if (kind) return kyDai.of(short ? kind.short : kind.name);
    return WORDS[key] ? kyDai.say(WORDS[key]) : key;
  };
  kyDai.placeName = (row, short) => {
    if (row.ix >= 0) { const camera = kyDai.city.cameras[row.ix]; return camera ? kyDai.of(short ? camera.short : camera.name) : ""; }
    if (row.service && kyDai.city.service[row.service]) return kyDai.of(kyDai.city.service[row.service].short);
    return row.name ? `${kyDai.say("unknown_camera")}: ${row.name}` : kyDai.wardName(row.ward);
  };
  kyDai.wardName = (code) => kyDai.of(kyDai.city.ward[code]?.short);

  /* ---- where things are ---- */
  /* Great-circle distance in metres. */
  kyDai.metres = (a, b) => {
    const rad = Math.PI / 180, dLat = (b.lat - a.lat) * rad, dLon = (b.lon - a.lon) * rad;
    const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
    return 12742017.6 * Math.asin(Math.sqrt(h));
  };
  /* From one place to another: the eighth of the compass, 0 north, clockwise. */
  kyDai.compass = (a, b) => Math.round(Math.atan2((b.lon - a.lon) * Math.cos(a.lat * Math.PI / 180), b.lat - a.lat) / (Math.PI / 4) + 8) % 8;
  /* What was typed and not sent is kept for whoever typed it (UX-69): with signing out it goes. */
  document.addEventListener("submit", (event) => { try { if (event.target.getAttribute("action") === "/sign-out") sessionStorage.clear(); } catch { /* a browser that keeps nothing */ } });
  const placed = (row) => (row && Number.isFinite(row.lon) && Number.isFinite(row.lat) ? row : null);
  /* An event's camera; a report's own place, which the row of its event in the list does not carry. */
  kyDai.placeOf = (row) => row.ix >= 0 ? kyDai.city.cameras[row.ix] : placed(row) ?? placed(kyDai.frames.reports?.data.rows.find((one) => row.report && one.id === row.report));
})();
