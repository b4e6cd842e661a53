// Makes the line charts of a page interactive: values under the pointer, a closer look, finer figures for it.
// Without this script a page shows the same chart as the server drew it.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const SHORTEST_S = 60;
  const WAIT_MS = 200;
  const FONT = 13;
  const MARGIN = { top: 30, right: 6, bottom: 42 };
  const DASHES = ["", "8 4", "2 4", "10 3 2 3", "5 3", "12 5"];
  const WIDTHS = [2.6, 1.4, 3.2, 1.6, 0.8, 2];
  const DENSE = 150;
  const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];
  const DAYS = [1, 2, 7, 14];
  const MONTHS = [1, 3, 6, 12, 24, 60, 120, 240];
  const DAY_S = 86400;
  const RANGES_S = [3600, DAY_S, 7 * DAY_S, 30 * DAY_S, 365 * DAY_S]; // as charts.ranges names them
  const language = document.documentElement.lang;

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  function element(name, attributes = {}, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) if (value !== "") made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  // The clock of one time zone. Offsets change at quarters of an hour at most.
  class Clock {
    #known = new Map();
    constructor(zone, words) {
      this.words = words;
      this.format = new Intl.DateTimeFormat("en", {
        timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
        hour: "numeric", minute: "numeric", second: "numeric",
      });
    }
    offset(at) {
      const quarter = Math.floor(at / 900);
      if (!this.#known.has(quarter)) {
        const part = {};
        for (const { type, value } of this.format.formatToParts(quarter * 900000)) part[type] = Number(value);
        const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
        this.#known.set(quarter, local / 1000 - quarter * 900);
      }
      return this.#known.get(quarter);
    }
    // What the clock shows, in the fields of a date's UTC.
    local(at) { return new Date((at + this.offset(at)) * 1000); }
    midnight(year, month, day) {
      const wanted = Date.UTC(year, month, day) / 1000;
      const near = wanted - this.offset(wanted);
      return wanted - this.offset(near);
    }
    time(date) { return date.toISOString().slice(11, 16); }
    month(date) { return this.words.months[date.getUTCMonth()]; }
    day(date) { return filled(this.words.day, { day: date.getUTCDate(), month: this.month(date) }); }
    date(date) {
      return filled(this.words.date, { day: date.getUTCDate(), month: this.month(date), year: date.getUTCFullYear() });
    }
    moment(at) {
      const local = this.local(at);
      return `${this.date(local)}, ${this.time(local)}`;
    }
    span(from, to) {
      const first = this.date(this.local(from));
      const last = this.date(this.local(Math.max(from, to - 1)));
      return first === last ? first : filled(this.words.span, { first, last });
    }

    // The same ticks as the server's: local times that people know, also when the clocks change.
    ticks(from, to, most) {
      const least = (to - from) / Math.max(1, most);
      const minutes = MINUTES.find((each) => each * 60 >= least);
      if (minutes) return this.#withinDays(from, to, minutes);
      const days = DAYS.find((each) => each * DAY_S >= least);
      if (days) return this.#days(from, to, days);
      return this.#months(from, to, MONTHS.find((each) => each * 30.44 * DAY_S >= least) || MONTHS.at(-1));
    }
    #withinDays(from, to, minutes) {
      const pace = gcd(minutes, 15) * 60;
      const found = [];
      for (let at = Math.ceil(from / pace) * pace; at <= to; at += pace) {
        const local = this.local(at);
        const shown = local.getUTCHours() * 60 + local.getUTCMinutes();
        if (shown % minutes || (found.length && at - found.at(-1).at < minutes * 45)) continue;
        found.push({ at, label: shown ? this.time(local) : this.day(local) });
      }
      return found;
    }
    #days(from, to, days) {
      const first = this.local(from);
      const found = [];
      for (let day = first.getUTCDate(); ; day += 1) {
        const at = this.midnight(first.getUTCFullYear(), first.getUTCMonth(), day);
        if (at > to) return found;
        const local = this.local(at);
        // 1 January 1970 was a Thursday, and the 719,163rd day of the calendar.
        const number = Math.floor((at + this.offset(at)) / DAY_S) + 719162;
        if (at >= from && number % days === 0) found.push({ at, label: this.day(local) });
      }
    }
    #months(from, to, months) {
      const first = this.local(from);
      const found = [];
      let number = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
      for (; ; number += months) {
        const month = number % 12;
        const at = this.midnight((number - month) / 12, month, 1);
        if (at > to) return found;
        const local = this.local(at);
        if (at >= from) found.push({ at, label: month ? this.month(local) : String(local.getUTCFullYear()) });
      }
    }
  }
  function gcd(one, other) { return other ? gcd(other, one % other) : one; }

  function scale(values, zero, top, most) {
    let low = Infinity;
    let high = -Infinity;
    let whole = true;
    for (const value of top == null ? values : [...values, top]) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      whole = whole && Number.isInteger(value);
    }
    if (low > high) [low, high] = [0, 1];
    if (zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (low === high) high = low + (low === 0 ? 1 : Math.abs(low));
    const least = (high - low) / Math.max(1, most - 1);
    const power = 10 ** Math.floor(Math.log10(least));
    let step = power * [1, 2, 5, 10].find((each) => power * each >= least * (1 - 1e-9));
    if (whole) step = Math.max(step, 1);
    const ticks = [];
    for (let n = Math.floor(low / step + 1e-9); n <= Math.ceil(high / step - 1e-9); n += 1) ticks.push(n * step);
    return { low: ticks[0], high: ticks.at(-1), ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  class Live {
    constructor(figure) {
      this.figure = figure;
      this.words = JSON.parse(figure.dataset.words);
      this.told = JSON.parse(figure.dataset.chart);
      this.words.months = this.words.months.split(" ");
      this.clock = new Clock(this.told.zone, this.words);
      this.whole = { from: this.told.from, to: this.told.to };
      this.view = { ...this.whole };
      this.columns = { from: this.told.from, to: this.told.to, t: this.told.t, v: this.told.v };
      this.finer = null;
      this.cursor = this.asked = null;
      this.build();
      this.listen();
      new ResizeObserver(() => this.draw()).observe(this.stage);
    }

    build() {
      const title = this.figure.querySelector("figcaption b").textContent;
      const tools = document.createElement("div");
      tools.className = "chart-tools";
      const button = (sign, name, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.textContent = sign;
        made.title = name;
        made.setAttribute("aria-label", name);
        made.addEventListener("click", act);
        tools.append(made);
        return made;
      };
      const lengths = this.words.ranges.split("|").map((name, number) => [name, RANGES_S[number]]);
      this.ranges = lengths
        .filter(([, length]) => length < this.whole.to - this.whole.from && (length >= DAY_S || this.figure.dataset.url))
        .map(([name, length]) => ({ length, button: button(name, name, () => this.last(length)) }));
      this.farther = button("\u2212", this.words.farther, () => this.zoom(2));
      this.closer = button("+", this.words.closer, () => this.zoom(0.5));
      this.all = button("\u2194", this.words.whole, () => this.look(this.whole.from, this.whole.to));
      this.stage = document.createElement("div");
      this.stage.className = "chart-live";
      this.stage.tabIndex = 0;
      this.stage.setAttribute("role", "application");
      this.stage.setAttribute("aria-label", `${title}. ${this.words.keys}`);
      this.readout = document.createElement("p");
      this.readout.className = "chart-readout";
      this.figure.querySelector("figcaption").append(tools);
      this.figure.querySelector(".chart-wide").before(this.readout, this.stage);
      this.figure.classList.add("chart-on");
    }

    // The figures to draw: the finer ones where they reach.
    get data() {
      const finer = this.finer;
      return finer && finer.from <= this.view.from && finer.to >= this.view.to ? finer : this.columns;
    }

    look(from, to) {
      const shortest = Math.min(SHORTEST_S, this.whole.to - this.whole.from);
      const length = Math.min(Math.max(to - from, shortest), this.whole.to - this.whole.from);
      const middle = (from + to) / 2;
      const start = Math.min(Math.max(middle - length / 2, this.whole.from), this.whole.to - length);
      this.view = { from: start, to: start + length };
      this.cursor = this.asked = null;
      this.draw();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), WAIT_MS);
    }
    zoom(by, around = (this.view.from + this.view.to) / 2) {
      const { from, to } = this.view;
      this.look(around - (around - from) * by, around + (to - around) * by);
    }
    // The end of what is seen now, as much of it as is wanted.
    last(length) { this.look(this.view.to - length, this.view.to); }
    shift(by) {
      const length = this.view.to - this.view.from;
      this.look(this.view.from + by * length, this.view.to + by * length);
    }

    async load() {
      this.loading?.abort();
      const { from, to } = this.view;
      const length = to - from;
      if (!this.figure.dataset.url || length >= this.whole.to - this.whole.from) return;
      // A little more than is seen, so that a small step aside shows something at once.
      const wanted = {
        from: Math.floor(Math.max(from - length / 2, this.whole.from)),
        to: Math.ceil(Math.min(to + length / 2, this.whole.to)),
      };
      const address = new URL(this.figure.dataset.url, location.href);
      address.searchParams.set("from", wanted.from);
      address.searchParams.set("to", wanted.to);
      this.loading = new AbortController();
      try {
        const answer = await fetch(address, { signal: this.loading.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const { t, v } = await answer.json();
        this.finer = { ...wanted, t, v };
        this.draw();
        this.point(this.asked);
      } catch (error) {
        if (error.name !== "AbortError") this.say(this.words.failed);
      }
    }

    listen() {
      const stage = this.stage;
      const pointers = new Map();
      const at = (event) => this.at(event.clientX - stage.getBoundingClientRect().left);
      stage.addEventListener("pointerdown", (event) => {
        pointers.set(event.pointerId, event.clientX);
        if (event.pointerType !== "mouse") this.point(at(event));
        else if (event.button === 0) {
          this.chosen = { from: at(event), to: at(event) };
          stage.setPointerCapture(event.pointerId);
        }
        if (pointers.size === 2) this.pinch = { apart: apart(pointers), view: { ...this.view } };
      });
      stage.addEventListener("pointermove", (event) => {
        if (pointers.has(event.pointerId)) pointers.set(event.pointerId, event.clientX);
        if (this.pinch && pointers.size === 2) this.pinched(apart(pointers));
        else if (this.chosen) this.choose(at(event));
        else this.point(at(event));
      });
      const up = (event) => {
        pointers.delete(event.pointerId);
        this.pinch = null;
        const chosen = this.chosen;
        this.chosen = null;
        if (!chosen) return;
        const [from, to] = [chosen.from, chosen.to].sort((one, other) => one - other);
        if (this.x(to) - this.x(from) > 8) this.look(from, to);
        else this.mark();
      };
      stage.addEventListener("pointerup", up);
      stage.addEventListener("pointercancel", (event) => { this.chosen = null; up(event); });
      stage.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse" && !this.chosen) this.point(null);
      });
      stage.addEventListener("dblclick", () => this.look(this.whole.from, this.whole.to));
      stage.addEventListener("wheel", (event) => {
        // Others roll the page; whoever has gone into the chart, or pinches a touchpad, means the chart.
        if (!event.ctrlKey && document.activeElement !== stage) return;
        event.preventDefault();
        this.zoom(1.0015 ** event.deltaY, at(event));
      }, { passive: false });
      stage.addEventListener("keydown", (event) => this.key(event));
    }
    pinched(now) {
      const { from, to } = this.pinch.view;
      const length = (to - from) * this.pinch.apart / Math.max(now, 10);
      this.look((from + to - length) / 2, (from + to + length) / 2);
    }
    key(event) {
      const acts = {
        ArrowLeft: () => (event.shiftKey ? this.shift(-0.25) : this.step(-1)),
        ArrowRight: () => (event.shiftKey ? this.shift(0.25) : this.step(1)),
        Home: () => this.step(-Infinity),
        End: () => this.step(Infinity),
        "+": () => this.zoom(0.5, this.cursor ?? undefined),
        "=": () => this.zoom(0.5, this.cursor ?? undefined),
        "-": () => this.zoom(2, this.cursor ?? undefined),
        0: () => this.look(this.whole.from, this.whole.to),
        Escape: () => this.point(null),
      };
      if (!(event.key in acts) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      acts[event.key]();
    }
    // Moves to the next point that is seen, and says it aloud.
    step(by) {
      const seen = this.data.t.filter((each) => each >= this.view.from && each <= this.view.to);
      if (!seen.length) return;
      const last = seen.length - 1;
      const here = this.cursor === null ? (by < 0 ? last + 1 : -1) : nearest(seen, this.cursor);
      this.readout.setAttribute("aria-live", "polite");
      this.point(seen[Math.min(Math.max(here + by, 0), last)]);
    }

    // Reads the point nearest to a time, and again when finer figures have come.
    point(at) {
      this.asked = at;
      if (at !== null) {
        const { t } = this.data;
        if (!t.length) return;
        at = t[nearest(t, at)];
        if (at < this.view.from || at > this.view.to) at = null;
      }
      this.cursor = at;
      this.mark();
    }
    choose(to) {
      this.readout.setAttribute("aria-live", "off");
      this.chosen.to = to;
      this.mark();
    }

    x(at) { return this.left + (at - this.view.from) / (this.view.to - this.view.from) * this.width; }
    at(x) {
      const part = Math.min(1, Math.max(0, (x - this.left) / this.width));
      return this.view.from + part * (this.view.to - this.view.from);
    }

    number(value, digits) {
      if (value == null) return "\u2013";
      const most = digits ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
      return value.toLocaleString(language, { minimumFractionDigits: digits ?? 0, maximumFractionDigits: most })
        .replace("-", "\u2212");
    }

    amount(value) {
      const unit = value === null || !this.told.unit ? "" : `\u00a0${this.told.unit}`;
      return this.number(value) + unit;
    }

    draw() {
      const wide = this.stage.clientWidth;
      if (!wide) return;
      const high = wide > 600 ? Math.min(360, Math.round(wide * 0.45)) : Math.round(wide * 0.75);
      const svg = element("svg", {
        class: "chart-drawing", viewBox: `0 0 ${wide} ${high}`, width: wide, height: high,
        "font-size": FONT, "aria-hidden": "true",
      });
      const shown = this.shown();
      this.looks = looks(this.told.names.length, shown.points);
      this.bottom = high - MARGIN.bottom;
      this.upright(svg, wide, scale(shown.values, this.told.zero, this.told.top, Math.max(3, Math.floor(high / 55))));
      this.along(svg, wide, high);
      this.data.v.forEach((column, number) => this.lines(svg, column, number, shown));
      if (!shown.values.length) {
        const middle = { x: wide / 2, y: high / 2, "text-anchor": "middle" };
        svg.append(element("text", { class: "ch-ink", ...middle }, this.words.nothing));
      }
      this.over = element("g");
      svg.append(this.over);
      this.stage.replaceChildren(svg);
      const length = this.view.to - this.view.from;
      this.all.disabled = this.farther.disabled = length >= this.whole.to - this.whole.from;
      this.closer.disabled = length <= SHORTEST_S;
      for (const range of this.ranges) {
        range.button.setAttribute("aria-pressed", String(Math.abs(range.length - length) < 1));
      }
      this.mark();
    }
    // The axis of figures; the others stand on what it decides.
    upright(svg, wide, axis) {
      const labels = axis.ticks.map((each) => this.number(each, axis.digits));
      this.left = Math.max(...labels.map((each) => each.length)) * FONT * 0.62 + 10;
      this.width = wide - MARGIN.right - this.left;
      this.y = (value) => this.bottom - (value - axis.low) / (axis.high - axis.low) * (this.bottom - MARGIN.top);
      this.ground = this.y(Math.min(Math.max(0, axis.low), axis.high));
      const { label, unit } = this.told;
      const above = unit ? filled(this.words.measured, { label, unit }) : label;
      svg.append(element("text", { class: "ch-text", x: 2, y: 14 }, above));
      axis.ticks.forEach((tick, index) => {
        const y = this.y(tick);
        svg.append(
          line(this.left, y, this.left + this.width, y, "ch-grid", tick === 0 ? 1.6 : 1),
          element("text", { class: "ch-text", x: this.left - 6, y: y + 4.5, "text-anchor": "end" }, labels[index]),
        );
      });
    }
    // The time axis.
    along(svg, wide, high) {
      const { from, to } = this.view;
      let free = 0;
      for (const { at, label } of this.clock.ticks(from, to, Math.max(2, Math.floor(this.width / 72)))) {
        const x = this.x(at);
        svg.append(line(x, this.bottom, x, this.bottom + 4, "ch-grid", 1));
        const half = label.length * FONT * 0.31;
        const middle = Math.min(x, wide - half);
        if (middle - half < free) continue;
        free = middle + half + 4;
        const place = { x: middle, y: this.bottom + 18, "text-anchor": "middle" };
        svg.append(element("text", { class: "ch-text", ...place }, label));
      }
      const zone = this.told.zone.replaceAll("_", " ");
      const below = filled(this.words.axis, { span: this.clock.span(from, to), zone });
      const size = Math.min(FONT, (wide - 4) / (below.length * 0.54));
      const place = { x: wide - 2, y: high - 4, "text-anchor": "end", "font-size": size.toFixed(1) };
      svg.append(element("text", { class: "ch-text", ...place }, below));
    }

    // Which points are seen, with a neighbour at each side, so that lines go on to the edges.
    shown() {
      const { t, v } = this.data;
      let first = t.findIndex((each) => each >= this.view.from);
      let last = t.findLastIndex((each) => each <= this.view.to);
      if (first < 0) first = t.length;
      const values = v.flatMap((column) => column.slice(first, last + 1)).filter((value) => value !== null);
      const points = last - first + 1;
      first = Math.max(0, first - 1);
      last = Math.min(t.length - 1, last + 1);
      return { first, last, values, points };
    }

    lines(svg, column, number, { first, last }) {
      let run = [];
      for (let index = first; index <= last + 1; index += 1) {
        const value = index > last ? null : column[index];
        if (value === null && run.length && this.told.stepped) {
          const until = Math.min(this.data.t[index - 1] + this.hold(), this.whole.to);
          run.push({ x: this.x(until), y: run.at(-1).y });
        }
        if (value !== null) {
          run.push({ x: this.x(this.data.t[index]), y: this.y(value) });
        } else if (run.length) {
          this.stretch(svg, run, number);
          run = [];
        }
      }
    }
    // How long a figure holds before a gap: as long as the others do.
    hold() {
      const { t } = this.data;
      let least = Infinity;
      for (let index = 1; index < t.length; index += 1) least = Math.min(least, t[index] - t[index - 1]);
      return Number.isFinite(least) ? least : 0;
    }
    stretch(svg, run, number) {
      const [start, ...rest] = cut(run, this.left, this.left + this.width, this.told.stepped);
      if (!start) return;
      const from = `${start.x.toFixed(1)} ${start.y.toFixed(1)}`;
      const steps = rest.map(({ x, y }) =>
        (this.told.stepped ? `H${x.toFixed(1)}V${y.toFixed(1)}` : `L${x.toFixed(1)} ${y.toFixed(1)}`));
      const path = `M${from}${rest.length ? steps.join("") : "h.1"}`; // a dot, as ends are round
      if (this.told.filled) {
        const closed = `${path}V${this.ground.toFixed(1)}H${start.x.toFixed(1)}Z`;
        svg.append(element("path", { class: `ch-fill${number}`, "fill-opacity": 0.16, d: closed }));
      }
      svg.append(stroke(path, number, this.looks[number]));
    }

    // What lies over the lines: the place that is read, or the stretch that is chosen.
    mark() {
      if (!this.over) return;
      this.over.replaceChildren();
      const height = this.bottom - MARGIN.top;
      if (this.chosen) {
        const [x, end] = [this.x(this.chosen.from), this.x(this.chosen.to)].sort((one, other) => one - other);
        this.over.append(element("rect", { class: "chart-chosen", x, y: MARGIN.top, width: end - x, height }));
      }
      const { t, v } = this.data;
      const index = this.cursor === null ? -1 : nearest(t, this.cursor);
      if (index >= 0) {
        const x = this.x(t[index]);
        this.over.append(line(x, MARGIN.top, x, this.bottom, "chart-here", 1));
        v.forEach((column, number) => {
          if (column[index] === null) return;
          this.over.append(element("circle", { class: `ch-fill${number}`, cx: x, cy: this.y(column[index]), r: 4 }));
        });
      }
      this.read(index);
    }
    read(index) {
      const { t, v } = this.data;
      const parts = this.told.names.map((name, number) => {
        const part = document.createElement("span");
        const sample = element("svg", { viewBox: "0 0 22 12", width: 22, height: 12, "aria-hidden": "true" });
        sample.append(stroke("M1 6h20", number, this.looks[number]));
        const value = document.createElement("b");
        value.textContent = index >= 0 ? this.amount(v[number][index]) : "";
        const end = document.createElement("span");
        end.className = "unseen";
        end.textContent = "; ";
        part.append(sample, name, " ", value, index >= 0 ? end : "");
        return part;
      });
      const time = document.createElement("span");
      time.className = "quiet";
      time.textContent = index >= 0 ? this.clock.moment(t[index]) : "";
      this.readout.replaceChildren(...parts, time);
    }
    say(text) {
      this.readout.setAttribute("aria-live", "polite");
      this.readout.textContent = text;
    }
  }

  function apart(pointers) {
    const [one, other] = [...pointers.values()];
    return Math.abs(one - other);
  }
  function nearest(times, at) {
    let low = 0;
    let high = times.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= at) low = middle;
      else high = middle;
    }
    return at - times[low] <= times[high] - at ? low : high;
  }
  // A line cut off at the edges of the plot, where it crosses them.
  function cut(run, left, right, stepped) {
    const crossing = (one, other, x) => {
      const part = stepped ? 0 : (x - one.x) / (other.x - one.x);
      return { x, y: one.y + (other.y - one.y) * part };
    };
    const kept = [];
    run.forEach((place, index) => {
      const before = run[index - 1];
      if (before && before.x < left && place.x > left) kept.push(crossing(before, place, left));
      if (place.x >= left && place.x <= right) kept.push(place);
      if (before && before.x < right && place.x > right) kept.push(crossing(before, place, right));
    });
    return kept;
  }
  // How lines differ besides their colours; dashes are lost in the turns of a dense one.
  function looks(lines, points) {
    if (lines === 1) return [{ width: 2, dashes: "" }];
    if (points > DENSE) return WIDTHS.map((width) => ({ width, dashes: "" }));
    return DASHES.map((dashes) => ({ width: 2, dashes }));
  }
  function line(x1, y1, x2, y2, kind, width) {
    return element("path", { class: kind, fill: "none", "stroke-width": width, d: `M${x1} ${y1}L${x2} ${y2}` });
  }
  function stroke(path, number, look) {
    return element("path", {
      class: `ch-line${number}`, fill: "none", "stroke-width": look.width, "stroke-dasharray": look.dashes,
      "stroke-linejoin": "round", "stroke-linecap": look.dashes ? "" : "round", d: path,
    });
  }

  const dress = (part) => part.querySelectorAll("figure[data-chart]:not(.chart-on)").forEach((figure) => new Live(figure));
  document.addEventListener("passerelle:new", (event) => dress(event.detail));
  dress(document);
})();
