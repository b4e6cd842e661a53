// The demo page: draws what the stream tells, and sends what the visitor types.
// People's text only ever becomes text nodes; nothing here parses HTML.
import { face } from "./face.js";
import { drawEmbed, drawMessage, drawRuns } from "./draw.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
const byId = (id) => document.getElementById(id);
const visitor = crypto.randomUUID();
const MOST_LINES = 300;
const said = []; // what this visitor typed lately, to mark it where it arrives

const shown = byId("shown");
const log = byId("log");
const messages = byId("messages");
const state = byId("state");

/* lists that stick to their end unless the reader has scrolled up */
const stuck = new Set(document.querySelectorAll(".scroll"));
const toEnd = (box) => { box.scrollTop = box.scrollHeight; };
const grown = new ResizeObserver((entries) => entries.forEach(({ target }) => stuck.has(target) && toEnd(target)));
for (const box of stuck) {
  grown.observe(box);
  box.addEventListener("scroll", () => {
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
    if (box.clientHeight) stuck[atEnd ? "add" : "delete"](box);
  }, { passive: true });
}
function append(list, item) {
  list.append(item);
  while (list.children.length > MOST_LINES) list.firstElementChild.remove();
  const empty = list.parentElement.querySelector(".empty");
  if (empty) empty.hidden = true;
  if (stuck.has(list.parentElement)) toEnd(list.parentElement);
}
const isMine = (text) => said.some((each) => text.includes(each));
function freshen(item, pane, live) {
  if (!live) return;
  item.classList.add("fresh-line");
  const tab = document.querySelector(`.tabs a[href="#${pane}"]`);
  if (tab.getAttribute("aria-current") !== "true") tab.classList.add("fresh");
}

/* what the stream tells */
function showLine(view, live) {
  const item = document.createElement("li");
  drawRuns(item, view.runs);
  if (view.origin === "tellraw") freshen(item, "game", live);
  if (isMine(item.textContent)) item.classList.add("mine");
  append(shown, item);
}
function logLine(view) {
  const item = document.createElement("li");
  const head = document.createElement("span");
  head.className = "head";
  const clock = new Date(view.at * 1000).toLocaleTimeString("en-GB");
  head.textContent = `[${clock}] [${view.thread}/${view.level}]: `;
  item.append(head, view.text);
  if (view.level !== "INFO") item.classList.add("warn");
  append(log, item);
}
function message(view, live) {
  const known = byId(`m${view.id}`);
  const before = known ? known.previousElementSibling : messages.lastElementChild;
  const item = drawMessage(view, { texts, before, face, mine: ownIds.has(view.author_id), act: actOn });
  if (isMine(item.querySelector(".body").textContent)) item.classList.add("mine");
  if (known) known.replaceWith(item);
  else append(messages, item);
  if (view.app || known) freshen(item, "discord", live);
}
function removed(view) {
  for (const id of view.ids) {
    const item = byId(`m${id}`);
    if (!item) continue;
    const next = item.nextElementSibling;
    item.remove();
    if (next?.view) next.replaceWith(redraw(next));
  }
}
function redraw(item) {
  const options = { texts, before: item.previousElementSibling, face, mine: ownIds.has(item.view.author_id), act: actOn };
  return drawMessage(item.view, options);
}
function roster(view) {
  const place = byId("roster");
  place.classList.toggle("off", !view.running);
  const count = document.createElement("b");
  count.textContent = view.running ? fill(texts.online, { count: view.players.length }) : texts.down;
  place.replaceChildren(count, view.players.length ? ` · ${view.players.join(", ")}` : "");
  place.title = view.players.join(", ");
}
function meter(view) {
  for (const box of document.querySelectorAll("[data-direction]")) {
    const { lines, last_ms: last } = view[box.dataset.direction];
    box.querySelector(".count").textContent = lines.toLocaleString();
    box.querySelector(".last").textContent = last === null ? "" : `· ${fill(texts.latency, { ms: Math.round(last).toLocaleString() })}`;
  }
}
function pinned(view) {
  const place = byId("pinned");
  place.hidden = !view.message;
  place.replaceChildren(...(view.message?.embeds ?? []).map(drawEmbed));
}
function snapshot(view) {
  for (const list of [shown, log, messages]) list.replaceChildren();
  view.shown.forEach((each) => showLine(each, false));
  view.log.forEach(logLine);
  view.messages.forEach((each) => message(each, false));
  roster(view.roster);
  meter(view.meter);
  pinned(view.pinned);
}
const handlers = { shown: showLine, log: logLine, message, removed, roster, meter, pinned, snapshot };

const stream = new EventSource(`/stream?visitor=${visitor}`);
stream.onopen = () => { state.hidden = true; };
stream.onerror = () => { state.hidden = false; state.textContent = texts.lost; };
stream.onmessage = (event) => {
  const view = JSON.parse(event.data);
  handlers[view.type](view, true);
};

/* what the visitor types */
const ownIds = new Set();
async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ visitor, ...body }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem);
  return answer;
}
function remember(text) {
  if (text.length < 2) return;
  said.push(text);
  if (said.length > 20) said.shift();
}
for (const form of document.querySelectorAll("form.say")) {
  const problem = form.querySelector(".problem");
  const end = form.dataset.end;
  const stored = localStorage.getItem(`name-${end}`);
  if (stored) form.elements.name.value = stored;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    const text = form.elements.text.value.trim();
    if (!text) return;
    problem.hidden = true;
    remember(text);
    form.elements.text.value = "";
    try {
      const answer = await send(`/${end}`, { name, text });
      localStorage.setItem(`name-${end}`, name);
      if (answer.member) own(answer.member);
      if (answer.reply) showLine({ origin: "system", runs: [{ text: answer.reply, colour: "gray" }] }, false);
    } catch (error) {
      if (!form.elements.text.value) form.elements.text.value = text;
      problem.textContent = fill(texts.failed, { problem: error.message });
      problem.hidden = false;
    }
  });
}
function own(member) {
  if (ownIds.has(member)) return;
  ownIds.add(member);
  for (const item of [...messages.children]) {
    if (item.view.author_id === member) item.replaceWith(redraw(item));
  }
}
const actOn = {
  edit: (id, text) => { remember(text); return send("/discord/edit", { id, text }); },
  remove: (id) => send("/discord/remove", { id }),
};

/* the two views of the game */
const tabs = [byId("tab-chat"), byId("tab-log")];
function choose(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", chosen);
    each.tabIndex = chosen ? 0 : -1;
    const view = byId(each.getAttribute("aria-controls"));
    view.hidden = !chosen;
    if (chosen) toEnd(view.querySelector(".scroll"));
  }
}
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = tabs.find((each) => each !== tab);
    choose(other);
    other.focus();
  });
}

/* the three panes, on a narrow screen */
const links = [...document.querySelectorAll(".tabs a")];
function current(id) {
  for (const link of links) {
    const here = link.hash === `#${id}`;
    link.setAttribute("aria-current", here);
    if (here) link.classList.remove("fresh");
  }
}
for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    byId(link.hash.slice(1)).scrollIntoView({ inline: "start", block: "nearest", behavior: "smooth" });
  });
}
const watcher = new IntersectionObserver(
  (entries) => entries.filter((each) => each.isIntersecting).forEach((each) => current(each.target.id)),
  { root: document.querySelector(".panes"), threshold: 0.6 },
);
if (matchMedia("(max-width: 900px)").matches) document.querySelectorAll(".pane").forEach((pane) => watcher.observe(pane));
