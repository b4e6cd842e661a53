// Keeps the status page current: asks for the page again and takes over what differs.
"use strict";
(() => {
  const EVERY_MS = 5000;
  const SLOWEST_MS = 60000;
  const news = document.getElementById("news");
  let wait = EVERY_MS;
  let timer = 0;

  const dress = (part) => document.dispatchEvent(new CustomEvent("passerelle:new", { detail: part }));
  // What the visitor's browser has changed since it came, such as times, is compared as it came.
  const known = new Map();
  for (const part of parts(document)) known.set(part.id, part.cloneNode(true).outerHTML);

  function parts(page) {
    return [...page.querySelectorAll("#verdict, .server, [data-fresh]")];
  }
  function take(page) {
    const fresh = parts(page);
    const ids = fresh.map((part) => part.id).join(" ");
    if (ids !== parts(document).map((part) => part.id).join(" ")) {
      location.reload(); // servers were added or taken away
      return;
    }
    for (const part of fresh) {
      const html = part.outerHTML;
      if (known.get(part.id) === html) continue;
      known.set(part.id, html);
      replace(document.getElementById(part.id), document.importNode(part, true));
    }
  }
  function replace(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const said = old.querySelector("h1")?.textContent;
    dress(fresh);
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
    const says = fresh.querySelector("h1")?.textContent;
    if (says && says !== said) news.textContent = says;
  }
  async function refresh() {
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      wait = EVERY_MS;
    } catch {
      wait = Math.min(wait * 2, SLOWEST_MS);
    }
    plan();
  }
  function plan() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(refresh, wait);
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else refresh();
  });
  plan();
})();
