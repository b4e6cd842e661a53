// A room as it happens: new lines, edits and removals by server-sent events, and the form without a reload.
"use strict";
(() => {
  const MOST_LINES = 400;
  const GROUP_S = 7 * 60;
  const HIDDEN_MS = 60000; // a hidden tab lets its connection go: browsers allow six for one site
  const byId = (id) => document.getElementById(id);
  const [room, scroll, lines, empty, live, fresh, form] =
    ["room", "scroll", "lines", "empty", "live", "new", "say"].map(byId);
  let last = Number(room.dataset.last);
  let unread = 0;
  let source = null;
  let retry = 0;
  let retryMs = 2000;
  let hiding = 0;

  /* where the reader is: the list is reversed, so its end is at 0 and what is above has negative places */
  const atEnd = () => scroll.scrollTop > -48;
  function toEnd() {
    scroll.scrollTop = 0;
    unread = 0;
    fresh.hidden = true;
  }
  function keepingPlace(change) {
    if (atEnd()) {
      change();
      scroll.scrollTop = 0;
      return;
    }
    const [before, place] = [scroll.scrollHeight, scroll.scrollTop];
    change();
    scroll.scrollTop = place - (scroll.scrollHeight - before);
  }
  function countUnread() {
    unread += 1;
    const text = unread === 1 ? fresh.dataset.one : fresh.dataset.other;
    fresh.querySelector("span").textContent = text.replace("{count}", unread);
    fresh.hidden = false;
  }

  /* lines */
  function made(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const line = document.importNode(holder.content.firstElementChild, true);
    document.dispatchEvent(new CustomEvent("passerelle:new", { detail: line }));
    return line;
  }
  const positionOf = (line) => Number(line.dataset.position);
  function group(line) {
    if (!line?.dataset.speaker) return;
    const before = line.previousElementSibling;
    const same = before?.dataset.speaker === line.dataset.speaker
      && Number(line.dataset.at) - Number(before.dataset.at) < GROUP_S;
    line.classList.toggle("follows", same && !line.querySelector(".answer"));
  }
  function add(html) {
    const line = made(html);
    last = Math.max(last, positionOf(line));
    if (byId(line.id)) return;
    const read = atEnd();
    keepingPlace(() => {
      let before = lines.lastElementChild;
      while (before && positionOf(before) > positionOf(line)) before = before.previousElementSibling;
      if (before) before.after(line);
      else lines.prepend(line);
      group(line);
      group(line.nextElementSibling);
      line.classList.add("fresh");
      if (read) while (lines.children.length > MOST_LINES) lines.firstElementChild.remove();
    });
    empty.hidden = true;
    if (!read) countUnread();
  }
  function edit({ position, html }) {
    const old = byId(`l${position}`);
    if (!old) return;
    const line = made(html);
    if (line.querySelector(".text").innerHTML === old.querySelector(".text").innerHTML) return;
    keepingPlace(() => {
      old.replaceWith(line);
      group(line);
    });
  }
  function remove(position) {
    const line = byId(`l${position}`);
    if (!line) return;
    keepingPlace(() => {
      const next = line.nextElementSibling;
      line.remove();
      group(next);
    });
    empty.hidden = lines.childElementCount > 0;
  }

  /* the connection */
  function show(state) {
    if (live.dataset.state === state) return;
    live.dataset.state = state;
    live.hidden = false;
    live.className = `live live-${state === "live" ? "on" : state}`;
    live.querySelector("use").setAttribute("href", `#i-${state}`);
    live.querySelector("span").textContent = live.dataset[state];
  }
  function connect() {
    clearTimeout(retry);
    if (source) source.close();
    source = new EventSource(`${room.dataset.stream}&after=${last}`);
    source.addEventListener("open", () => {
      retryMs = 2000;
      show("live");
    });
    source.addEventListener("line", (event) => add(event.data));
    source.addEventListener("edited", (event) => edit(JSON.parse(event.data)));
    source.addEventListener("removed", (event) => remove(event.data));
    source.addEventListener("reset", () => {
      lines.replaceChildren();
      toEnd();
    });
    source.addEventListener("error", () => {
      show("lost");
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      clearTimeout(retry);
      retry = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, 30000);
    });
  }
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => {
        clearTimeout(retry);
        source.close();
        show("paused");
      }, HIDDEN_MS);
    } else if (source.readyState === EventSource.CLOSED) {
      show("connecting");
      connect();
    }
  });
  scroll.addEventListener("scroll", () => { if (atEnd() && unread) toEnd(); }, { passive: true });
  fresh.addEventListener("click", () => {
    toEnd();
    scroll.focus({ preventScroll: true });
  });
  lines.querySelectorAll(".line, .notice").forEach(group);
  show("connecting");
  connect();

  /* what the visitor says */
  if (!form) return;
  const problem = byId("problem");
  const { name, text } = form.elements;
  const remembered = {
    get: () => { try { return localStorage.getItem("name"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("name", value); } catch { /* not allowed here: then not */ } },
  };
  if (!name.value) name.value = remembered.get() || "";
  function complain(words) {
    problem.textContent = words;
    problem.hidden = !words;
  }
  async function say() {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    const told = await answer.json();
    if (!answer.ok) {
      complain(told.reason || told.message);
      return;
    }
    remembered.set(name.value);
    text.value = "";
    complain("");
    toEnd();
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    try {
      await say();
    } catch {
      complain(form.dataset.failed);
    } finally {
      button.disabled = false;
      text.focus();
    }
  });
})();
