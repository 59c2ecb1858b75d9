// Finds, narrows, sorts and prints the list of sites. The rows are those of the page. No network, no code from text.
"use strict";
const table = document.querySelector("table.sites");
const rows = [...table.tBodies[0].rows]; // what needs a person first
const find = document.getElementById("find");
const matches = document.getElementById("matches");
const chips = [...document.querySelectorAll(".chips button")];
const heads = [...table.querySelectorAll("th[data-order]")];
const names = new Intl.Collator("en", { numeric: true }).compare;
const place = new Map(rows.map((row, n) => [row, n]));
const number = (name) => (a, b) => a.dataset[name] - b.dataset[name];
const text = (name) => (a, b) => names(a.dataset[name], b.dataset[name]);
const ORDERS = {
  id: text("id"),
  people: number("people"),
  silent: number("silent"),
  met: number("met"),
  needs: (a, b) => place.get(a) - place.get(b),
  until: text("until"),
  version: text("version"),
};
let order = { by: "needs", up: true };

const isPressed = (chip) => chip.getAttribute("aria-pressed") === "true";

function say(shown) {
  const count = (n) => n.toLocaleString("en");
  const pressed = chips.filter(isPressed).map((chip) => chip.dataset.words);
  if (find.value.trim()) pressed.push(`\u201c${find.value.trim()}\u201d`);
  const of = pressed.length ? `${count(shown)} of ${count(rows.length)}` : count(shown);
  matches.textContent = `${of} ${rows.length === 1 ? "site" : "sites"}${pressed.length ? `: ${pressed.join(", ")}` : ""}`;
}

function draw() {
  const wanted = chips.filter(isPressed).map((chip) => chip.dataset.chip);
  const said = find.value.trim().toLowerCase();
  const stays = ({ dataset }) => dataset.id.toLowerCase().includes(said)
    && wanted.every((chip) => dataset.chips.split(" ").includes(chip));
  const shown = rows.filter(stays).sort(ORDERS[order.by]);
  if (!order.up) shown.reverse();
  table.tBodies[0].replaceChildren(...shown);
  for (const head of heads) {
    if (head.dataset.order === order.by) head.setAttribute("aria-sort", order.up ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
  say(shown.length);
}

// What was chosen comes back with the browser's Back; it never stands in an address.
function change() {
  draw();
  history.replaceState({ find: find.value, pressed: chips.map(isPressed), order }, "");
}

function print() {
  document.documentElement.classList.add("list-only");
  const done = () => document.documentElement.classList.remove("list-only");
  window.addEventListener("afterprint", done, { once: true });
  window.print();
}

for (const head of heads) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
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
document.querySelector(".tool").hidden = false;
if (history.state?.order) {
  find.value = history.state.find;
  chips.forEach((chip, n) => chip.setAttribute("aria-pressed", String(history.state.pressed[n])));
  ({ order } = history.state);
}
draw();
