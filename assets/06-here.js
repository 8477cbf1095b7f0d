/* What the city's layers know of a place: ward, parcel, zone, what is nearest of each; asked by itself about what is looked at, of the
   day on which it happened. Each thing leads to its own page. */
(() => {
  const kyDai = window.kyDai;
  const MOST = 3, FACTS = 4, REST_MS = 150;
  const address = (layer, one) => `/features/${layer.key}/${one.ref}`;
  /* What several fields tell apart is called by all of them: sheet and number of a parcel. */
  const several = (layer) => (layer.id_fields?.length ?? 0) > 1;
  const name = (layer, one) => several(layer) ? layer.fields.filter((field) => layer.id_fields.includes(field.key)).map((field) => `${kyDai.of(field.label) || field.key} ${one.fields[field.key] ?? "—"}`).join(", ") : one.name || `#${one.id}`;
  const link = (layer, one) => kyDai.make("a", {href: address(layer, one), target: kyDai.one(".console") ? "_blank" : null, rel: "noopener"}, name(layer, one));
  const value = (told) => typeof told === "boolean" ? kyDai.say(told ? "layers.yes" : "layers.no") : typeof told === "number" && !Number.isInteger(told) ? kyDai.format.decimal(told) : String(told);
  /* The values that colours stand for have names. */
  const called = (layer, field, told) => (field.key === layer.style_field && kyDai.of(layer.swatches?.find((one) => one.value === String(told))?.label)) || told;
  const facts = (layer, one, rest) => layer.fields.filter((field) => !rest || !several(layer) || !layer.id_fields.includes(field.key)).map((field) => [kyDai.of(field.label) || field.key, called(layer, field, one.fields[field.key])]).filter(([, told]) => told !== null && told !== undefined && told !== "");
  const metres = (m) => m < 1 ? kyDai.say("case.here.at") : kyDai.say("case.here.metres", {m: kyDai.format.number(Math.round(m))});
  /* A version that came later than what is looked at says nothing certain of that day. */
  const later = (layer, at) => at && layer.since > at ? kyDai.say("here.since", {day: kyDai.format.dmy(layer.since)}) : "";
  const ask = (place, at) => kyDai.fetched(`/api/v1/here?${new URLSearchParams({lon: place.lon.toFixed(6), lat: place.lat.toFixed(6), ...at ? {at: Math.round(at)} : {}})}`);

  /* In what a place lies is told with what stands in its record; what is near, by name and distance. */
  const inside = (layer) => layer.shape === "area" && layer.features[0]?.metres < 1;
  const ordered = (told) => told.layers.filter((layer) => layer.features.length).sort((a, b) => inside(b) - inside(a));
  const held = (layer) => layer.features.filter((one) => one.metres < 1).flatMap((one) => {
    const more = facts(layer, one, true).filter(([, told]) => told !== one.name).slice(0, FACTS).map(([label, told]) => `${label} ${value(told)}`).join(" · ");
    return [kyDai.make("p", {}, [link(layer, one), more ? kyDai.make("span", {class: "muted"}, ` · ${more}`) : null])];
  });
  const near = (layer) => [kyDai.make("p", {}, layer.features.slice(0, MOST).flatMap((one, n) => [n ? ", " : null, link(layer, one), kyDai.make("span", {class: "muted"}, ` (${metres(one.metres)})`)]))];
  const line = (layer, at) => [kyDai.make("dt", {}, kyDai.of(layer.title) || layer.key), kyDai.make("dd", {"data-here": layer.key}, [...inside(layer) ? held(layer) : near(layer), later(layer, at) ? kyDai.make("p", {class: "here-later"}, later(layer, at)) : null])];
  const list = (told, at) => {
    const ward = told.ward ? kyDai.of(told.ward.name) : kyDai.say("here.outside");
    return kyDai.make("dl", {class: "facts here-list"}, [kyDai.make("dt", {}, kyDai.say("here.ward")), kyDai.make("dd", {"data-here-ward": told.ward?.code ?? ""}, ward), ...ordered(told).flatMap((layer) => line(layer, at))]);
  };

  /* ---- a slot that is filled when the answer is there; the same place of the same day is asked for once ---- */
  let known = {key: "", told: null};
  const keyOf = (place, at) => `${place.lon.toFixed(6)} ${place.lat.toFixed(6)} ${at ? Math.floor(at / 60000) : ""}`;
  const fill = async (slot, place, at) => {
    const key = keyOf(place, at);
    slot.dataset.hereOf = key;
    if (known.key !== key) {
      slot.replaceChildren(kyDai.make("p", {class: "muted"}, kyDai.say("here.asking")));
      let told = null;
      try { told = await ask(place, at); } catch (error) { console.warn(error); }
      if (!told) return slot.replaceChildren(kyDai.make("p", {class: "muted", role: "alert"}, kyDai.say("here.failed")));
      known = {key, told};
      if (slot.dataset.hereOf !== key) return;
    }
    slot.replaceChildren(list(known.told, at));
  };

  /* ---- what is chosen on the console: asked for when one rests on it ---- */
  let rest = null;
  const placed = (row) => row && !row.id?.startsWith("camera:") && kyDai.placeOf(row);
  const pane = (row) => {
    if (!placed(row) || !kyDai.one("[data-still-open]")) return null;
    const slot = kyDai.make("div", {"data-here-slot": row.id}), place = kyDai.placeOf(row), at = kyDai.around?.instant(row);
    clearTimeout(rest);
    if (known.key === keyOf(place, at)) fill(slot, place, at);
    else rest = setTimeout(() => fill(slot, place, at), REST_MS);
    return kyDai.make("section", {class: "inc-sec", "data-here-pane": true}, [kyDai.make("h3", {}, kyDai.say("case.here")), slot]);
  };

  /* ---- what is told where somebody has clicked on the map: what was meant first ---- */
  const whole = (layer, one) => [kyDai.make("p", {class: "strong"}, [link(layer, one)]), kyDai.make("dl", {class: "here-facts"}, facts(layer, one).flatMap(([label, told]) => [kyDai.make("dt", {}, label), kyDai.make("dd", {}, value(told))]))];
  const row = (layer, one) => kyDai.make("li", {}, [kyDai.make("span", {}, [link(layer, one)]), kyDai.make("span", {class: "muted", "data-num": true}, kyDai.say("camera.away", {m: kyDai.format.number(Math.round(one.metres))}))]);
  const section = (layer, reach, drawn) => {
    const [first] = layer.features, hit = first.metres < 1 ? layer.shape === "area" || drawn : drawn && first.metres <= reach;
    return kyDai.make("section", {"data-here": layer.key}, [kyDai.make("h4", {}, kyDai.of(layer.title) || layer.key), ...hit ? whole(layer, first) : [], kyDai.make("ul", {class: "here-near"}, layer.features.slice(hit ? 1 : 0, MOST).map((one) => row(layer, one)))]);
  };
  /* `reach`: how near (m) counts as meant; `drawn`: which layers are on the map. */
  const popup = (told, reach, drawn) => {
    const layers = ordered(told).sort((a, b) => drawn(b.key) - drawn(a.key));
    return [kyDai.make("h3", {}, told.ward ? kyDai.of(told.ward.name) : kyDai.say("here.outside")), ...layers.map((layer) => section(layer, reach, drawn(layer.key))), layers.length ? null : kyDai.make("p", {class: "muted"}, kyDai.say("here.nothing"))].filter(Boolean);
  };

  kyDai.here = {ask, list, fill, pane, popup, address, name, facts, value, known: () => known.told};
})();
