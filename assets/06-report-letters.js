/* How what was told of a report was sent, in words: what has happened to it, why, and what there is to do. */
(() => {
  const kyDai = window.kyDai;
  /* Why something did not arrive is kept in the house's own words; what a person wrote stands as it is. */
  const WHYS = {"the address is refused": "address", "the letter is refused": "letter", "the mail server refuses us": "refused", "the mail server offers no TLS": "tls", "the mail server cannot be reached": "away", "there is no mail server": "none", "nobody knows who sent it": "nobody", "the sender left no e-mail address": "no_address", "what the sender left is no e-mail address": "bad_address", "answered ": "answered"};
  const why = (reason) => {
    const known = Object.keys(WHYS).find((begins) => reason.startsWith(begins));
    if (!known) return reason;
    const code = known === "answered " ? reason.slice(known.length).split(/[ :]/)[0] : /\((\d[\d .]*)\)$/.exec(reason)?.[1] ?? "";
    return `${kyDai.say(`case.why.${WHYS[known]}`)}${code ? ` (${code})` : ""}`;
  };
  const said = (told) => kyDai.say(`case.sent.${told.state === "waiting" && told.tries ? "again" : told.state}`, {at: told.due ? kyDai.reports.moment(told.due) : "", reason: why(told.reason ?? "")});
  kyDai.reportSent = said;
})();
