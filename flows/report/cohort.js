// Finds, narrows, sorts and prints the list of people. All of them are in COHORT (people.js), whose places are named
// here; a hundred at a time stand on the page. Rows are drawn as cohort.html writes them. No network, no code from text.
"use strict";
const [ID, INFUSED, WHEN, UNTIL, SEEN, SHARE, DAYS, GOALS, NEEDS, CHIPS] = Array(10).keys();
const PER_PAGE = 100;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const names = new Intl.Collator("en", { numeric: true }).compare;
const texts = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const met = (person) => person[GOALS].reduce((n, [, , , weeks]) => n + weeks.split("m").length - 1, 0);
const ORDERS = {
  id: (a, b) => names(a[ID], b[ID]),
  infused: (a, b) => texts(a[INFUSED], b[INFUSED]),
  until: (a, b) => texts(a[UNTIL], b[UNTIL]),
  share: (a, b) => a[SHARE] - b[SHARE],
  met: (a, b) => met(a) - met(b),
  needs: () => 0, // people.js has them in this order
};

const table = document.querySelector("table.people");
const find = document.getElementById("find");
const matches = document.getElementById("matches");
const chips = [...document.querySelectorAll(".chips button")];
const heads = [...table.querySelectorAll("th[data-order]")];
const pager = document.querySelector(".pager");
const [back, on] = pager.querySelectorAll("button");
let shown = COHORT.people;
let start = 0;
let order = { by: "needs", up: true };

function element(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "use", "title"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const small = (text) => element("span", { class: "n" }, text);
const unknown = (text) => element("span", { class: "unknown" }, text);
const cell = (label, ...children) => element("td", { role: "cell", "data-label": label }, ...children);

function inWords(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  return `${day} ${MONTHS[month - 1]} ${year}`;
}

function date(iso) {
  return iso ? element("time", { class: "whole", datetime: iso }, inWords(iso)) : unknown("none");
}

function days(letters) {
  const paths = {};
  [...letters].forEach((letter, n) => {
    const x = 9 * n + 3 * Math.floor(n / 7);
    for (const [kind, dx, shape] of COHORT.shapes[letter]) paths[kind] = `${paths[kind] ?? ""}M${x + dx} ${shape}`;
  });
  const counts = Object.entries(COHORT.dayWords).map(([letter, word]) => [letters.split(letter).length - 1, word]);
  const label = counts.filter(([n]) => n).map(([n, word]) => `${n} ${word}`).join(", ") || "none looked for";
  const drawn = Object.entries(paths).map(([kind, d]) => element("path", { class: `day-${kind}`, d }));
  return element("svg", { class: "days", viewBox: "0 0 261 10", role: "img", "aria-label": label }, ...drawn);
}

function marks(weeks, after) {
  return [...weeks].map((letter, n) => {
    if (letter === " ") return element("svg", { class: "mark", "aria-hidden": "true" });
    const [status, word] = COHORT.verdicts[letter];
    const use = element("use", { href: `#${status}` });
    return element("svg", { class: "mark", role: "img" }, element("title", {}, `week ${after + n + 1}: ${word}`), use);
  });
}

function goal([id, name, full, weeks, after]) {
  const title = `${id}: ${COHORT.texts[full]}`;
  const called = element("span", { class: "goal-name", title }, COHORT.texts[name]);
  return element("div", { class: "goal-of" }, element("span", { class: "marks-of" }, ...marks(weeks, after)), called);
}

function row(person) {
  const link = element("a", { href: `participant/${person[ID]}.html` }, person[ID]);
  const infused = person[INFUSED] ? [date(person[INFUSED]), " ", small(COHORT.texts[person[WHEN]])] : [unknown("none yet")];
  const goals = person[GOALS].length ? person[GOALS].map(goal) : [unknown("no goal")];
  const needs = person[NEEDS].map((need) => COHORT.texts[need]).join("; ") || unknown("nothing");
  return element("tr", { role: "row" },
    element("th", { role: "rowheader", scope: "row" }, link),
    cell("Last infusion", ...infused),
    cell("Data until", date(person[UNTIL])),
    cell("Last four weeks", days(person[DAYS]), small(COHORT.texts[person[SEEN]])),
    cell("Goals", ...goals),
    cell("Needs a person", needs));
}

function draw(all = false) {
  table.tBodies[0].replaceChildren(...(all ? shown : shown.slice(start, start + PER_PAGE)).map(row));
  const last = Math.min(start + PER_PAGE, shown.length);
  pager.hidden = shown.length <= PER_PAGE;
  pager.querySelector("span").textContent = `${start + 1} to ${last}`;
  back.disabled = start === 0;
  on.disabled = last === shown.length;
}

function say() {
  const number = (n) => n.toLocaleString("en");
  const pressed = chips.filter(isPressed).map((chip) => chip.dataset.words);
  if (find.value.trim()) pressed.push(`\u201c${find.value.trim()}\u201d`);
  const people = COHORT.people.length === 1 ? "person" : "people";
  const of = pressed.length ? `${number(shown.length)} of ${number(COHORT.people.length)}` : number(shown.length);
  matches.textContent = `${of} ${people}${pressed.length ? `: ${pressed.join(", ")}` : ""}`;
}

const isPressed = (chip) => chip.getAttribute("aria-pressed") === "true";

function narrow() {
  const wanted = chips.filter(isPressed).map((chip) => COHORT.chips[chip.dataset.chip]);
  const text = find.value.trim().toLowerCase();
  const stay = (person) => person[ID].toLowerCase().includes(text) && wanted.every((w) => person[CHIPS].includes(w));
  shown = COHORT.people.filter(stay).sort(ORDERS[order.by]);
  if (!order.up) shown.reverse();
  for (const head of heads) {
    const sorted = head.dataset.order === order.by;
    if (sorted) head.setAttribute("aria-sort", order.up ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
  say();
}

// What was chosen comes back with the browser's Back; it never stands in an address.
function keep() {
  history.replaceState({ find: find.value, pressed: chips.map(isPressed), order, start }, "");
}

function change() {
  start = 0;
  narrow();
  draw();
  keep();
}

function turn(by) {
  start += by;
  draw();
  if (by > 0 ? on.disabled : back.disabled) (by > 0 ? back : on).focus(); // a button at its end loses the keyboard
  keep();
  table.scrollIntoView();
}

function print() {
  draw(true);
  document.documentElement.classList.add("list-only");
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("list-only");
    draw();
  }, { once: true });
  window.print();
}

// The squares are one drawing a person: which day the pointer is on is said as it moves.
function nameDay({ target, clientX }) {
  const svg = target.closest("svg.days");
  if (!svg) return;
  const person = shown[start + svg.closest("tr").sectionRowIndex];
  const box = svg.getBoundingClientRect();
  const x = ((clientX - box.left) / box.width) * 261;
  const n = Math.min(27, Math.floor((x - 3 * Math.floor(x / 66)) / 9));
  const day = new Date(Date.parse(COHORT.first) + n * 86400000).toISOString().slice(0, 10);
  svg.parentElement.title = `${inWords(day)}: ${COHORT.dayWords[person[DAYS][n]] ?? "no data looked for"}`;
}

for (const head of heads) {
  const button = element("button", { type: "button" }, ...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    order = { by: head.dataset.order, up: order.by === head.dataset.order ? !order.up : true };
    change();
  });
}
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(!isPressed(chip)));
    change();
  });
}
find.addEventListener("input", change);
document.getElementById("print").addEventListener("click", print);
back.addEventListener("click", () => turn(-PER_PAGE));
on.addEventListener("click", () => turn(PER_PAGE));
table.tBodies[0].addEventListener("pointermove", nameDay);
document.querySelector(".tool").hidden = false;
document.querySelector("nav.pages")?.remove(); // of the pages without script
if (history.state?.order) {
  find.value = history.state.find;
  chips.forEach((chip, n) => chip.setAttribute("aria-pressed", String(history.state.pressed[n])));
  ({ order, start } = history.state);
}
narrow();
draw();
