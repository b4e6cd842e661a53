// Turns the values of the stream into elements. Text goes in as text, addresses only as http or https.
const GROUP_S = 7 * 60;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}
function link(href, ...children) {
  const made = element("a", "", ...children);
  if (/^https?:\/\//i.test(href)) {
    made.href = href;
    made.target = "_blank";
    made.rel = "noopener noreferrer nofollow";
  }
  return made;
}

/* the game's text */
export function drawRuns(into, runs) {
  for (const run of runs) {
    const made = run.link ? link(run.link, run.text) : element("span", "", run.text);
    for (const format of run.formats ?? []) made.classList.add(`f-${format}`);
    if (/^#[0-9a-f]{6}$/i.test(run.colour ?? "")) made.style.color = run.colour;
    else if (/^[a-z_]+$/.test(run.colour ?? "")) made.classList.add(`c-${run.colour}`);
    if (run.hover) made.title = run.hover;
    into.append(made);
  }
}

/* Discord's markdown */
const WRAPS = { bold: "strong", italic: "em", underline: "u", strike: "s", quote: "blockquote", h1: "h3", h2: "h4", h3: "h5", line: "div" };
function drawNode(node) {
  const inside = () => drawNodes(node.nodes ?? []);
  if (WRAPS[node.kind]) return element(WRAPS[node.kind], "", ...inside());
  switch (node.kind) {
    case "code": return element("code", "", node.text);
    case "block": return element("pre", "", node.text);
    case "small": case "item": return element("div", node.kind, ...inside());
    case "link": return link(node.href, ...(node.nodes ? inside() : [node.text]));
    case "user": case "role": case "channel": return element("span", "mention", node.text);
    case "spoiler": return spoiler(inside());
    case "time": return stamp(Number(node.text));
    case "ago": return ago(Number(node.text));
    default: return document.createTextNode(node.text);
  }
}
const drawNodes = (nodes) => nodes.map(drawNode);
function spoiler(children) {
  const made = element("button", "spoiler", element("span", "", ...children));
  made.type = "button";
  made.setAttribute("aria-expanded", "false");
  made.addEventListener("click", () => made.setAttribute("aria-expanded", "true"));
  return made;
}
function stamp(seconds) {
  const date = new Date(seconds * 1000);
  const made = element("time", "stamp", Number.isNaN(date.getTime()) ? "?" : date.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" }));
  return made;
}

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
function inWords(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = STEPS.find(([, each]) => Math.abs(away) >= each) ?? STEPS.at(-1);
  return relative.format(Math.round(away / size), unit);
}
function ago(seconds) {
  const made = element("time", "stamp", inWords(seconds));
  made.dataset.at = seconds;
  return made;
}
setInterval(() => {
  for (const each of document.querySelectorAll("time[data-at]")) each.textContent = inWords(Number(each.dataset.at));
}, 10_000);

/* a message */
export function drawMessage(view, { texts, before, face, mine, act }) {
  const item = element("li", "message");
  item.id = `m${view.id}`;
  item.view = view;
  const first = startsGroup(view, before?.view);
  if (first) {
    item.classList.add("first");
    if (view.reply) {
      item.classList.add("replied");
      item.append(element("div", "answer", element("b", "", view.reply.author), element("span", "", view.reply.text)));
    }
    item.append(face(view.face), heading(view, texts));
  }
  const body = element("div", "body", ...drawNodes(view.nodes ?? []));
  if (view.edited) (body.lastElementChild ?? body).append(" ", element("span", "edited", texts.edited));
  item.append(body, ...(view.embeds ?? []).map(drawEmbed));
  for (const file of view.files ?? []) item.append(element("span", "file", `📎 ${file}`));
  if (view.only_you) {
    item.classList.add("private");
    item.append(element("div", "small", texts.only_you));
  }
  if (mine && !view.only_you) item.append(ownButtons(item, view, texts, act));
  return item;
}
function startsGroup(view, before) {
  return !before || view.reply || before.author !== view.author || before.author_id !== view.author_id
    || before.only_you !== view.only_you || view.at - before.at > GROUP_S;
}
function heading(view, texts) {
  const author = element("span", "author", view.author);
  if (view.colour) author.style.color = `#${view.colour.toString(16).padStart(6, "0")}`;
  const date = new Date(view.at * 1000);
  const at = element("time", "at", date.toLocaleTimeString(undefined, { timeStyle: "short" }));
  at.dateTime = date.toISOString();
  at.title = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  return element("div", "heading", author, view.app ? element("span", "tag", texts.app) : null, at);
}
export function drawEmbed(view) {
  const made = element("div", "embed");
  if (view.colour) made.style.setProperty("--edge", `#${view.colour.toString(16).padStart(6, "0")}`);
  if (view.author) made.append(element("div", "small", view.author));
  if (view.title) made.append(element("b", "", view.href ? link(view.href, view.title) : view.title));
  made.append(element("div", "", ...drawNodes(view.description ?? [])));
  if (view.fields?.length) {
    made.append(element("dl", "", ...view.fields.map(([name, nodes]) =>
      element("div", "", element("dt", "", name), element("dd", "", ...drawNodes(nodes))))));
  }
  if (view.footer || view.at) made.append(element("div", "foot", view.footer, view.at ? footTime(view) : null));
  return made;
}

function footTime(view) {
  const at = new Date(view.at * 1000).toLocaleTimeString(undefined, { timeStyle: "medium" });
  return element("time", "", view.footer ? ` · ${at}` : at);
}

/* editing one's own */
function ownButtons(item, view, texts, act) {
  const edit = element("button", "", texts.edit);
  const remove = element("button", "", texts.remove);
  edit.type = remove.type = "button";
  edit.addEventListener("click", () => startEdit(item, view, texts, act));
  remove.addEventListener("click", () => act.remove(view.id));
  return element("div", "own", edit, remove);
}
function startEdit(item, view, texts, act) {
  const body = item.querySelector(".body");
  const input = element("input", "");
  input.value = view.markup ?? "";
  input.maxLength = 2000;
  input.setAttribute("aria-label", texts.edit);
  const form = element("form", "edit", input);
  const stop = () => form.replaceWith(body);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    stop();
    if (text && text !== view.markup) act.edit(view.id, text);
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
  body.replaceWith(form);
  input.focus();
}
