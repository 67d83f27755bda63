/** The script of the page: asks the service's endpoints, and writes what they answer as text, never as markup. */
export const SCRIPT = `
const $ = (id) => document.getElementById(id);
const taken = [];
let current;
/** Whether somebody chose an item: an example that comes later does not displace it. */
let isChosen = false;
let key = sessionStorage.getItem("tailrec-key") ?? "";

async function ask(path, body) {
  const headers = { ...(key && { authorization: "Bearer " + key }), ...(body && !(body instanceof FormData) && { "content-type": "application/json" }) };
  const payload = body === undefined || body instanceof FormData ? body : JSON.stringify(body);
  const response = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, body: payload });
  const answer = await response.json();
  if (response.ok) return answer;
  if (response.status === 401) $("key").hidden = false;
  throw new Error(answer.detail);
}

let speaker;
/** The line for everybody: an answer takes back only what its own kind of work said. */
function say(text, work) {
  if (text === "" && work !== speaker) return;
  speaker = work;
  $("status").textContent = text;
}
/** What is asked last is what is shown: earlier answers that arrive later are dropped. What showing returns is said. */
function latest(work) {
  let turn = 0;
  return async (...given) => {
    const own = ++turn;
    try {
      const show = await work(...given);
      if (own === turn) say(show() ?? "", work);
    } catch (error) {
      if (own === turn) say(error.message, work);
    }
  };
}

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

const pictures = new Map();
function picture(id, box) {
  if (!pictures.has(id)) pictures.set(id, ask("/v1/items/" + encodeURIComponent(id) + "/picture").catch(() => ({ picture: null })));
  pictures.get(id).then((found) => {
    box.classList.toggle("none", found.picture === null);
    if (found.picture === null) return;
    box.replaceChildren(element("img", "", { src: found.picture, alt: "" }));
  });
  return box;
}

const figure = (value) => (value === undefined ? "" : value.toFixed(2));
function facts({ support, source, uncertainty, score, match }) {
  const parts = [...(match === "meaning" ? ["near in meaning"] : []), support === 1 ? "1 interaction" : support + " interactions", source, "uncertainty " + figure(uncertainty)];
  return (score === undefined ? "" : figure(score) + " · ") + parts.join(" · ");
}

function card(item, why) {
  const line = element("li");
  const text = element("div");
  const open = element("button", item.title || item.id, { type: "button", class: "open", title: item.title });
  open.addEventListener("click", () => show(item.id));
  text.append(open, element("span", facts(item), { class: "facts" }));
  line.append(picture(item.id, element("div", "", { class: "picture" })), text);
  if (why) {
    const button = element("button", "Why?", { type: "button", class: "why", "aria-label": "Why is " + (item.title || item.id) + " near?" });
    button.addEventListener("click", () => explain(current, item.id, line));
    line.append(button);
  }
  return line;
}

const fill = (id, items, why = false) => $(id).replaceChildren(...items.map((item) => card(item, why)));

const reason = $("reason");
/** The reasons stand below the item that was asked about. */
const explain = latest(async (a, b, line) => {
  const { lines } = await ask("/v1/explain/" + encodeURIComponent(a) + "/" + encodeURIComponent(b));
  return () => {
    line.append(reason);
    reason.replaceChildren(...lines.map((text) => element("p", text)));
  };
});

/** An example is shown without taking the reader there. */
const show = latest(async (id, isExample = false) => {
  isChosen ||= !isExample;
  const [view, map] = await Promise.all([
    ask("/v1/items/" + encodeURIComponent(id) + "?count=8"),
    ask("/v1/map/" + encodeURIComponent(id)),
  ]);
  return () => {
    current = id;
    const { item, attributes, lists } = view;
    $("item").hidden = false;
    $("item-title").textContent = item.title || item.id;
    $("item-facts").textContent = item.id + " · " + facts(item);
    $("item-text").textContent = view.description;
    $("advice").textContent = view.advice;
    $("example").hidden = !isExample;
    reason.replaceChildren();
    $("item-picture").replaceChildren();
    picture(id, $("item-picture"));
    $("item-attributes").replaceChildren(...Object.entries(attributes).flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
    fill("before", lists.before, true);
    fill("content", lists.content, true);
    fill("after", lists.after, true);
    draw(map.points, id);
    if (isExample) return;
    history.replaceState(null, "", "#" + encodeURIComponent(id));
    $("item").focus({ preventScroll: true });
    $("item").scrollIntoView({ block: "start" });
  };
});

function draw(points, id) {
  const canvas = $("map");
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const span = (name) => {
    const values = points.map((point) => point[name]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return (value) => (most > least ? (value - least) / (most - least) : 0.5);
  };
  const [across, down] = [span("x"), span("y")];
  const x = (point) => 8 + across(point.x) * (canvas.width - 16);
  const y = (point) => 8 + down(point.y) * (canvas.height - 16);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (const point of [...points.filter((other) => other.id !== id), ...points.filter((other) => other.id === id)]) {
    const own = point.id === id;
    pen.fillStyle = style.getPropertyValue(own ? "--accent" : "--dot");
    pen.globalAlpha = own ? 1 : 0.45;
    pen.beginPath();
    pen.arc(x(point), y(point), own ? 6 : 1.5 + Math.min(2.5, point.support / 40), 0, 7);
    pen.fill();
  }
  const nearest = ({ offsetX, offsetY }) => {
    const scale = canvas.width / canvas.clientWidth;
    const away = (point) => Math.hypot(x(point) - scale * offsetX, y(point) - scale * offsetY);
    return points.reduce((best, point) => (away(point) < away(best) ? point : best));
  };
  canvas.onpointermove = (event) => { canvas.title = nearest(event).title; };
  canvas.onclick = (event) => show(nearest(event).id);
}

const search = latest(async () => {
  const q = $("q").value.trim();
  if (q === "") return () => { $("found-section").hidden = true; };
  const { items } = await ask("/v1/search?count=12&q=" + encodeURIComponent(q));
  return () => {
    $("found-section").hidden = false;
    fill("found", items);
    return items.length === 0 ? "nothing found" : "";
  };
});

const OPERATORS = { "=": "$in", "!=": "$nin", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte" };
/** "category = Kitchen, Garden and price < 50"; or the JSON of the endpoints, where it begins with a brace. */
function filterOf(text) {
  if (text.trim() === "") return undefined;
  const refused = new Error("expected a filter such as: category = Kitchen, Garden and price < 50");
  if (text.trim().startsWith("{")) {
    try { return JSON.parse(text); } catch { throw refused; }
  }
  // "and" begins a condition where an operator follows before the next one: "Home and Garden" is a value.
  const conditions = text.split(/\\s+and\\s+(?=(?:(?!\\sand\\s)[^<>=!])+[<>=!])/i).map((part) => {
    const [, name, operator, value] = /^\\s*([^<>=!]+?)\\s*(<=|>=|!=|<|>|=)\\s*(.+?)\\s*$/.exec(part) ?? [];
    const isCategory = operator === "=" || operator === "!=";
    if (name === undefined || !(isCategory || Number.isFinite(Number(value)))) throw refused;
    return { [name]: { [OPERATORS[operator]]: isCategory ? value.split(/\\s*,\\s*/) : Number(value) } };
  });
  return { $and: conditions };
}

const recommend = latest(async () => {
  const tail = Number($("tail").value);
  const filter = filterOf($("filter").value);
  const items = taken.map(({ id }) => id);
  const answer = await ask("/v1/recommend", { ...(items.length > 0 && { items }), tail, count: 10, ...(filter && { filter }) });
  return () => {
    fill("recommended", answer.items);
    $("note").textContent = (answer.by === "hybrid" ? "" : "Nothing is known of this session: listed by " + answer.by + ". ") + (answer.note ?? "");
  };
});

$("search").addEventListener("submit", (event) => { event.preventDefault(); search(); });
let typing;
$("q").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(search, 250); });
$("take").addEventListener("click", () => {
  if (current === undefined || taken.some(({ id }) => id === current)) return;
  taken.push({ id: current, title: $("item-title").textContent });
  $("taken").replaceChildren(...taken.map((item) => {
    const line = element("li");
    const drop = element("button", "Remove", { type: "button", class: "why", "aria-label": "Remove " + item.title });
    drop.addEventListener("click", () => { taken.splice(taken.indexOf(item), 1); line.remove(); recommend(); });
    line.append(picture(item.id, element("div", "", { class: "picture" })), element("span", item.title), drop);
    return line;
  }));
  recommend();
});
$("tail").addEventListener("input", () => { $("tail-value").textContent = Number($("tail").value).toFixed(2); recommend(); });
$("filter").addEventListener("change", recommend);
$("key").addEventListener("submit", (event) => {
  event.preventDefault();
  key = $("secret").value;
  sessionStorage.setItem("tailrec-key", key);
  $("key").hidden = true;
  start();
});
const embed = latest(async () => {
  const form = new FormData();
  form.set("title", $("new-name").value);
  form.set("description", $("new-text").value);
  form.set("count", "8");
  const [file] = $("new-picture").files;
  if (file) form.set("image", file);
  const answer = await ask("/v1/embed", form);
  return () => {
    fill("neighbours", answer.neighbours);
    $("new-facts").textContent = "uncertainty " + figure(answer.uncertainty) + (answer.caveats.length > 0 ? "; " + answer.caveats.join(", ") : "");
  };
});
$("new").addEventListener("submit", (event) => { event.preventDefault(); embed(); });

function row(name, cells) {
  const line = element("tr");
  line.append(element("th", name, { scope: "row" }), ...cells.map((cell) => {
    if (typeof cell === "string") return element("td", cell);
    const box = element("td");
    box.append(cell);
    return box;
  }));
  return line;
}
/** "tailShare" as people read it. */
const words = (name) => name.replace(/Ndcg$/, " NDCG").replace(/[A-Z](?=[a-z])/g, (letter) => " " + letter.toLowerCase());
const number = (value) => (value === null ? "-" : Number.isInteger(value) ? String(value) : value.toFixed(3));

/** A curve of the known values, the least below and the most above. */
function curve(values) {
  const names = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(names, "svg");
  svg.setAttribute("viewBox", "0 0 100 20");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return svg;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const line = document.createElementNS(names, "polyline");
  const y = (value) => (most > least ? 19 - (18 * (value - least)) / (most - least) : 10);
  line.setAttribute("points", known.map((value, i) => (100 * i) / (known.length - 1) + "," + y(value)).join(" "));
  svg.append(line);
  return svg;
}

$("measure").addEventListener("click", latest(async () => {
  const { window: now, before, days, variants } = await ask("/v1/traffic");
  return () => {
    const body = (id, rows) => { $(id).hidden = rows.length === 0; $(id).tBodies[0].replaceChildren(...rows); };
    body("figures", Object.keys(now).map((name) => row(words(name), [number(now[name]), number(before[name]), curve(days.map(({ figures }) => figures[name]))])));
    body("variants", variants.map((variant) => row(variant.name, [variant.users, variant.lists, variant.clickThrough, variant.difference, variant.p].map(number))));
  };
}));

/** An item of the tail, where behaviour alone knows little; with a picture if one of the first has one. */
async function example() {
  const { items } = await ask("/v1/recommend", { count: 1 });
  if (items.length === 0) return;
  const { points } = await ask("/v1/map/" + encodeURIComponent(items[0].id));
  const tail = points.filter(({ support }) => support > 1).sort((a, b) => a.support - b.support).slice(0, 4);
  let shown = tail[0] ?? items[0];
  for (const item of tail.toReversed()) {
    if ((await ask("/v1/items/" + encodeURIComponent(item.id) + "?count=1")).hasPicture) shown = item;
  }
  if (!isChosen) show(shown.id, true);
}

const start = latest(async () => {
  const model = await ask("/v1/model");
  return () => {
    $("model").textContent = model.bundle + ": " + model.items.toLocaleString("en") + " items, " + model.users.toLocaleString("en") + " users";
    $("tail").value = model.tail;
    $("tail-value").textContent = model.tail.toFixed(2);
    recommend();
    const asked = decodeURIComponent(location.hash.slice(1));
    if (asked === "") example().catch((error) => say(error.message, example));
    else show(asked);
  };
});
start();
`;
