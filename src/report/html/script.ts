/**
 * What the page does besides standing there: a tip at whatever is pointed at or focused, arrow keys from point to point, and
 * the same item marked in both maps. Everything can be read without it.
 */
export const SCRIPT = `(() => {
"use strict";
const tip = document.getElementById("tip");
const rows = [...document.querySelectorAll("#map-items tbody tr")];
let shownAt;
const place = () => {
  const box = shownAt.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, box.left + box.width / 2 - own.width / 2), innerWidth - own.width - 8);
  const above = box.top - own.height - 10;
  tip.style.left = left + "px";
  tip.style.top = (above < 8 ? box.bottom + 10 : above) + "px";
};
const show = (target, text) => {
  shownAt = target;
  tip.textContent = text;
  tip.hidden = false;
  place();
};
const hide = () => { tip.hidden = true; };

for (const group of document.querySelectorAll("[data-points]")) {
  const points = [...group.querySelectorAll("[data-tip]")];
  points.forEach((point, i) => {
    point.setAttribute("tabindex", i === 0 ? "0" : "-1");
    point.setAttribute("role", "img");
    point.setAttribute("aria-label", point.dataset.tip);
    point.addEventListener("pointerenter", () => show(point, point.dataset.tip));
    point.addEventListener("focus", () => show(point, point.dataset.tip));
    point.addEventListener("pointerleave", hide);
    point.addEventListener("blur", hide);
  });
  group.querySelectorAll("svg[aria-hidden]").forEach((svg) => svg.removeAttribute("aria-hidden"));
  if (group.getAttribute("role") === "img") group.setAttribute("role", "group");
  group.addEventListener("keydown", (event) => {
    const from = points.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (from < 0 || step === undefined) return;
    event.preventDefault();
    const to = points[Math.min(points.length - 1, Math.max(0, from + step))];
    points[from].setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    to.focus();
  });
}

const maps = [...document.querySelectorAll("[data-map]")].map((svg) => ({
  svg,
  dots: [...svg.querySelectorAll("circle")].map((dot) => ({ dot, i: Number(dot.dataset.i), x: Number(dot.getAttribute("cx")), y: Number(dot.getAttribute("cy")) })),
}));
let marked = [];
const clear = () => { marked.forEach((dot) => dot.classList.remove("marked")); marked = []; hide(); };
const mark = (found) => {
  clear();
  for (const { svg, dots } of maps) {
    const same = dots.find(({ i }) => i === found.i);
    if (same === undefined) continue;
    same.dot.classList.add("marked");
    svg.append(same.dot);
    marked.push(same.dot);
  }
  const [title, id, support, category] = [...rows[found.i].cells].map((cell) => cell.textContent);
  show(found.dot, title + "\\n" + id + ", support " + support + (category ? ", " + category : ""));
};
const nearest = (dots, x, y, limit) => {
  let best;
  let least = limit * limit;
  for (const dot of dots) {
    const distance = (dot.x - x) ** 2 + (dot.y - y) ** 2;
    if (distance < least) { least = distance; best = dot; }
  }
  return best;
};
const towards = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
for (const { svg, dots } of maps) {
  let current;
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    current = nearest(dots, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale, 14) ?? current;
    if (current) mark(current);
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", clear);
  svg.addEventListener("blur", clear);
  svg.addEventListener("focus", () => {
    if (!svg.matches(":focus-visible")) return;
    current ??= nearest(dots, 200, 200, 1000);
    if (current) mark(current);
  });
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
    const way = towards[event.key];
    if (way === undefined || current === undefined) return;
    event.preventDefault();
    const ahead = dots.filter(({ x, y }) => {
      const along = (x - current.x) * way[0] + (y - current.y) * way[1];
      const aside = Math.abs((x - current.x) * way[1] + (y - current.y) * way[0]);
      return along > 0 && along >= aside;
    });
    current = nearest(ahead, current.x, current.y, 1000) ?? current;
    mark(current);
  });
}
addEventListener("scroll", () => { if (!tip.hidden) place(); }, { passive: true });
addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();`;
