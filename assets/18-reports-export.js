/* The list in view as a file: the server writes it, keeps that it was taken, and says why not where it does not. */
(() => {
  const kyDai = window.kyDai;
  let busy = false;

  const saved = (blob, name) => {
    const at = URL.createObjectURL(blob), link = kyDai.make("a", {href: at, download: name});
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(at), 60000);
  };
  const refusal = (status, told, form) => {
    if (told?.error?.code === "too_many") return kyDai.say(form === "xlsx" ? "case.export.many_xlsx" : "case.export.many", {n: kyDai.format.number(told.total), most: kyDai.format.number(told.most)});
    return kyDai.say(status === 403 ? "case.no.forbidden" : status === 401 ? "acts.signed_out" : "case.export.failed");
  };
  /* It comes while it is being written: how much of it is here is said. */
  const come = async (reply, form) => {
    const parts = [], reader = reply.body.getReader(), n = kyDai.format.number(+reply.headers.get("X-Rows"));
    for (let size = 0, said = 0; ;) {
      const {done, value} = await reader.read();
      if (done) return new Blob(parts, {type: reply.headers.get("Content-Type")});
      parts.push(value);
      size += value.length;
      if (size - said > 100000) { said = size; kyDai.reportList.note(kyDai.say("case.export.comes", {form: form.toUpperCase(), n, mb: kyDai.format.number(Math.round(size / 1e5) / 10)}), {ms: 0}); }
    }
  };
  const take = async (form) => {
    const {note, sought, state} = kyDai.reportList, query = new URLSearchParams(Object.entries(sought()).filter(([, value]) => value));
    note(kyDai.say("case.export.waits", {form: form.toUpperCase(), n: kyDai.format.number(state().total)}), {ms: 0});
    try {
      const reply = await fetch(`/reports/export.${form}?${query}`);
      if (!reply.ok) return note(refusal(reply.status, await reply.json().catch(() => null), form), {failed: true});
      const name = /filename="([^"]+)"/.exec(reply.headers.get("Content-Disposition") ?? "")?.[1] ?? `reports.${form}`;
      saved(await come(reply, form), name);
      return note(kyDai.say("case.export.done", {n: kyDai.format.number(+reply.headers.get("X-Rows"))}));
    } catch { return note(kyDai.say("case.export.failed"), {failed: true}); }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-export]");
    if (!button || busy) return;
    busy = true;
    await take(button.dataset.export);
    busy = false;
  });
})();
