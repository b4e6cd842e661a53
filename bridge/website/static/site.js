// For every page: times in the reader's own zone, addresses to copy, spoilers, and less frame inside a frame.
"use strict";
(() => {
  const root = document.documentElement;
  if (window.self !== window.top) root.classList.add("framed");

  // The page's language in the reader's own variant: en-GB rather than en, but never French dates in English.
  const locale = (navigator.languages || []).find((each) => each.split("-")[0] === root.lang) || root.lang;
  const formatter = (options) => new Intl.DateTimeFormat(locale, options);
  const forms = {
    t: formatter({ timeStyle: "short" }),
    T: formatter({ timeStyle: "medium" }),
    d: formatter({ dateStyle: "short" }),
    D: formatter({ dateStyle: "long" }),
    f: formatter({ dateStyle: "long", timeStyle: "short" }),
    F: formatter({ dateStyle: "full", timeStyle: "short" }),
    s: formatter({ dateStyle: "short", timeStyle: "short" }),
    S: formatter({ dateStyle: "short", timeStyle: "medium" }),
    day: formatter({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }),
    full: formatter({ dateStyle: "full", timeStyle: "long" }),
  };
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "long" });
  const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function ago(date) {
    const seconds = Math.round((date.getTime() - Date.now()) / 1000);
    const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) || ["second", 1];
    return relative.format(Math.trunc(seconds / length), unit);
  }
  function shown(element, date) {
    if (element.dataset.form === "R") return ago(date);
    if (element.closest(".at")) return (date.toDateString() === new Date().toDateString() ? forms.t : forms.day).format(date);
    return (forms[element.dataset.form] || forms.f).format(date);
  }
  function tell(element) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) return;
    const text = shown(element, date);
    if (element.textContent !== text) element.textContent = text;
    if (!element.title) element.title = forms.full.format(date);
  }

  function copyButton(button) {
    const source = document.getElementById(button.dataset.copy);
    const label = button.querySelector("span");
    const name = label.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let said = button.dataset.done;
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        getSelection().selectAllChildren(source);
        if (!document.execCommand("copy")) said = button.dataset.failed;
      }
      label.textContent = said;
      setTimeout(() => { label.textContent = name; }, 2000);
    });
  }
  function spoiler(element) {
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    const toggle = () => element.setAttribute("aria-expanded", element.classList.toggle("shown"));
    element.setAttribute("aria-expanded", "false");
    element.addEventListener("click", toggle);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      toggle();
    });
  }

  // Whoever puts something new into the page calls this for it.
  function dress(part) {
    part.querySelectorAll("time[datetime]").forEach(tell);
    part.querySelectorAll("[data-copy]").forEach(copyButton);
    part.querySelectorAll(".spoiler").forEach(spoiler);
  }
  document.addEventListener("passerelle:new", (event) => dress(event.detail));
  dress(document);
  setInterval(() => document.querySelectorAll('time[data-form="R"]').forEach(tell), 1000);

  const zone = document.getElementById("zone");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && own) zone.textContent = zone.dataset.own.replace("{zone}", own.replaceAll("_", " "));
})();
