// The staff's console: new rows on top as they come, resumed after a break without a gap.
"use strict";
(() => {
  const MOST_ROWS = 500;
  const byId = (id) => document.getElementById(id);
  const [rows, live, empty] = ["rows", "live", "empty"].map(byId);
  let last = Number(rows.dataset.last);
  let source = null;
  let retryMs = 2000;

  function state(name) {
    if (live.dataset.state === name) return;
    live.dataset.state = name;
    live.hidden = false;
    live.className = `live live-${name === "live" ? "on" : name}`;
    live.querySelector("use").setAttribute("href", `#i-${name}`);
    live.querySelector("span").textContent = live.dataset[name];
  }
  function add(event) {
    const holder = document.createElement("tbody");
    holder.innerHTML = event.data;
    const row = holder.firstElementChild;
    last = Math.max(last, Number(row.dataset.position));
    if (byId(row.id)) return;
    document.dispatchEvent(new CustomEvent("passerelle:new", { detail: row }));
    rows.prepend(row);
    empty.hidden = true;
    while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
  }
  function listen() {
    state("connecting");
    source = new EventSource(`${rows.dataset.stream}&after=${last}`);
    source.addEventListener("open", () => {
      retryMs = 2000;
      state("live");
    });
    source.addEventListener("row", add);
    source.addEventListener("error", () => {
      state("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(listen, retryMs);
      retryMs = Math.min(retryMs * 2, 60000);
    });
  }
  listen();
})();
