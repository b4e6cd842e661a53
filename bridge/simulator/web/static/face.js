// A face in blocks for every name: the same name always gets the same one.
const SVG = "http://www.w3.org/2000/svg";
const SKIN = ["#f3cfa7", "#e0ac77", "#c68642", "#9c6238", "#6d4527", "#a6d18b"];
const HAIR = ["#2c1e14", "#5a3a1c", "#a5652a", "#d9a441", "#b23b2e", "#3b4a6b", "#7a4f9a", "#d6d6d6"];
const EYES = ["#2b5fb8", "#2f7d4f", "#5b3a1e", "#4b4b7a", "#222"];
const SHIRT = ["#0ea5a4", "#3b82f6", "#e11d48", "#f59e0b", "#10b981", "#8b5cf6"];
const FRINGES = ["11111111", "11111110", "11101111", "11000011", "10000001", "01111110"];

function dice(name) {
  let seed = 2166136261;
  for (const char of name) seed = Math.imul(seed ^ char.codePointAt(0), 16777619);
  return () => {
    seed = Math.imul(seed ^ (seed >>> 15), 2246822507);
    seed = Math.imul(seed ^ (seed >>> 13), 3266489909);
    seed ^= seed >>> 16;
    return (seed >>> 0) / 4294967296;
  };
}

export function face(name) {
  const next = dice(name);
  const one = (list) => list[Math.floor(next() * list.length)];
  const [skin, hair, eyes, shirt, fringe] = [one(SKIN), one(HAIR), one(EYES), one(SHIRT), one(FRINGES)];
  const beard = next() < 0.25;
  const rows = ["hhhhhhhh", "hhhhhhhh", "", "h......h", ".we..ew.", "...ss...", beard ? ".hmmmmh." : "..mmmm..", beard ? "hhhhhhhh" : "tttttttt"];
  rows[2] = [...fringe].map((each) => (each === "1" ? "h" : ".")).join("");
  const paint = { h: hair, w: "#fff", e: eyes, s: shade(skin), m: beard ? shade(skin) : "#8a4b3c", t: shirt };
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 8 8");
  svg.setAttribute("class", "face");
  svg.setAttribute("aria-hidden", "true");
  svg.append(block(0, 0, 8, 8, skin));
  rows.forEach((row, y) => [...row].forEach((each, x) => paint[each] && svg.append(block(x, y, 1, 1, paint[each]))));
  return svg;
}

function block(x, y, width, height, fill) {
  const rect = document.createElementNS(SVG, "rect");
  for (const [key, value] of Object.entries({ x, y, width, height, fill })) rect.setAttribute(key, value);
  return rect;
}

function shade(colour) {
  const part = (at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * 0.82).toString(16).padStart(2, "0");
  return `#${part(1)}${part(3)}${part(5)}`;
}
