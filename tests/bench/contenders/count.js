/* The function node of the Node-RED flow: counts, and says what is shown: at once (GAP 0), or at once after a quiet moment and
   then at most every GAP ms. The second output answers the POST. */
const state = context.get("state") || {number: 0, rows: [], spoke: Array(42).fill(0)};
for (const one of Array.isArray(msg.payload) ? msg.payload : [msg.payload]) {
  state.number += 1;
  state.rows.unshift({id: one.id, kind: one.kind, camera: one.camera, at: one.at});
  state.spoke[Number(one.camera.slice(2)) - 1] += 1;
}
state.rows.length = Math.min(state.rows.length, 20);
context.set("state", state);

const show = () => {
  context.set("shown", Date.now());
  node.send([{payload: {number: state.number, rows: state.rows.slice(), spoke: state.spoke.slice()}}, null]);
};
const rest = (context.get("shown") || 0) + GAP - Date.now();
if (rest <= 0) show();
else if (!context.get("due")) {
  context.set("due", true);
  setTimeout(() => { context.set("due", false); show(); }, rest);
}
return [null, {...msg, statusCode: 202, payload: ""}];
