"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const heat = document.querySelector(".heat"), told = document.getElementById("told");
const stage = document.getElementById("stage"), all = document.getElementById("all");
const MARKS = { lost: "✕", thinned: "◐", over: "✓" };
let chosen = null;

// Elements by what they are about; text is set as text, so that no name is ever markup.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}
function spoken(seconds) {
  if (seconds === null) return "no bound";
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor((whole % 3600) / 60), "min"], [whole % 60, "s"]];
  return parts.filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ") || "0 s";
}
function terms(chain) { return chain.map((number) => data.terms[number]); }
function sum(chain, which) {
  return chain.reduce((total, term) => (total === null || term[which] === null ? null : total + term[which]), 0);
}
function list(title, texts) {
  if (!texts.length) return null;
  return element("div", {}, element("h3", {}, title), element("ul", {}, ...texts.map((text) => element("li", {}, text))));
}

// The drawing.
function draw(fault, outcomes) {
  const lost = new Set(fault ? fault.lost : []), thinned = new Set(fault ? fault.thinned : []);
  const places = new Set(fault ? fault.places : []);
  const over = new Set(outcomes.flatMap((outcome) => outcome.over)), dark = new Set(outcomes.flatMap((each) => each.dark));
  for (const thing of document.querySelectorAll("[data-figure]")) {
    const number = Number(thing.dataset.figure), figure = data.figures[number];
    const has = (set) => figure.urns.some((urn) => set.has(urn));
    const state = lost.has(number) ? "lost" : thinned.has(number) ? "thinned" : has(over) ? "over" : has(dark) ? "thinned" : "";
    for (const name of Object.keys(MARKS)) thing.classList.toggle(name, name === state);
    thing.querySelector(".mark").textContent = MARKS[state] || "";
  }
  for (const place of document.querySelectorAll("[data-unit]")) place.classList.toggle("lost", places.has(place.dataset.unit));
}

// The explanation.
function bar(label, share, text) {
  const track = element("div", { class: "track" });
  if (share) track.append(element("i", { style: `width:${Math.min(100, share * 100)}%` }));
  return [element("span", {}, label), track, element("span", { class: "number" }, text)];
}
function line(label, chain, which) {
  const bars = element("div", { class: "time", "aria-hidden": "true" });
  for (const term of chain) {
    const piece = element("span", { title: `${term.step}: ${spoken(term[which])}` }, term.step);
    // By the root, so that seconds are seen beside hours.
    piece.style.flex = `${Math.sqrt(term[which] === null ? 86400 : term[which]) || 0.1} 1 0`;
    bars.append(piece);
  }
  return [element("span", {}, label), bars, element("span", { class: "number" }, spoken(sum(chain, which)))];
}
function facts(term) {
  const made = element("small");
  term.facts.forEach((id, number) => {
    made.append(number ? "; " : "", element("a", { href: `#fact-${id}` }, id), ` ${data.facts[id]}`);
  });
  return made;
}
function timeline(title, duration) {
  if (!duration) return null;
  const typical = terms(duration.typical), worst = terms(duration.worst);
  if (!sum(worst, "worst") && sum(worst, "worst") !== null) return null;
  const made = element("div", {}, element("h3", {}, title), element("div", { class: "bars" },
    ...line("mostly", typical, "typical"), ...line("at most", worst, "worst")));
  const body = element("tbody");
  const shown = JSON.stringify(duration.typical) === JSON.stringify(duration.worst) ? worst
    : [...worst, ...typical.filter((term) => !worst.includes(term))];
  for (const term of shown) {
    body.append(element("tr", {}, element("th", { scope: "row" }, term.step),
      element("td", { class: "number" }, typical.includes(term) ? spoken(term.typical) : "–"),
      element("td", { class: "number" }, worst.includes(term) ? spoken(term.worst) : "–"),
      element("td", {}, term.because, facts(term))));
  }
  const head = ["", "mostly", "at most", "because"].map((text) => element("th", { scope: "col" }, text));
  made.append(element("table", { class: "terms" }, element("thead", {}, element("tr", {}, ...head)), body));
  return made;
}
function others(fault, journey) {
  const group = data.groups.find((each) => each.includes(fault));
  if (group.length < 2) return null;
  const made = element("div", { class: "others", role: "group", "aria-label": "The same for" });
  for (const number of group) {
    const button = element("button", { type: "button", "aria-pressed": String(number === fault) }, data.faults[number].title);
    button.addEventListener("click", () => choose(number, journey));
    made.append(button);
  }
  return made;
}
function explain(fault, journey) {
  const outcome = data.outcomes[data.matrix[fault][journey]];
  const capacity = element("div", { class: "bars" }, ...bar("capacity at once", outcome.atOnce, outcome.leftAtOnce),
    ...(outcome.leftThen === null ? [] : bar("when it serves again", outcome.then, outcome.leftThen)),
    ...bar("once recovered", outcome.capacity, outcome.left === null ? "not known" : outcome.left));
  const names = (numbers) => [...new Set(numbers.map((urn) => data.urns[urn]))];
  told.replaceChildren(...[
    heading(fault), others(fault, journey),
    element("p", { class: "says" }, element("strong", {}, data.journeys[journey].title), `: ${outcome.says}. `,
      `Lost of what was written: ${outcome.loses}.`, outcome.slots === null ? "" : ` ${outcome.slots} more steps can start.`),
    capacity,
    timeline("Until it serves again", outcome.rto), timeline("What is lost of what was written", outcome.rpo),
    list("What happens", outcome.because), list("What would have to be known", outcome.doubts),
    list("Lost, or in part", names(outcome.dark)), list("Takes over, or carries on", names(outcome.over)),
    list("Taken to be so", data.journeys[journey].hints),
  ].filter((each) => each !== null));
}
function heading(fault) {
  const back = element("button", { type: "button", class: "back" }, "Back to the matrix");
  back.addEventListener("click", () => current().focus());
  return element("h2", {}, back, capital(data.faults[fault].title));
}
function capital(text) { return text.slice(0, 1).toUpperCase() + text.slice(1); }
function overview(fault) {
  const body = element("tbody");
  data.journeys.forEach((journey, number) => {
    const outcome = data.outcomes[data.matrix[fault][number]];
    const button = element("button", { type: "button" }, journey.title);
    button.addEventListener("click", () => choose(fault, number));
    body.append(element("tr", {}, element("th", { scope: "row" }, button),
      element("td", {}, element("span", { class: `swatch l${outcome.level}` }, outcome.cell)), element("td", {}, capital(outcome.says))));
  });
  told.replaceChildren(...[heading(fault), others(fault, null), element("table", { class: "terms" }, body)]
    .filter((each) => each !== null));
}

// Choosing.
function choose(fault, journey, { quiet = false } = {}) {
  chosen = { fault, journey };
  const outcomes = data.matrix[fault].filter((_, number) => journey === null || number === journey);
  draw(data.faults[fault], outcomes.map((number) => data.outcomes[number]));
  if (journey === null) overview(fault); else explain(fault, journey);
  mark();
  if (!quiet) history.replaceState(null, "", `#${address(fault, journey)}`);
}
function address(fault, journey) {
  return [data.faults[fault].id, ...(journey === null ? [] : [data.journeys[journey].id])].map(encodeURIComponent).join("/");
}
function clear() {
  chosen = null;
  draw(null, []);
  told.replaceChildren(element("p", { class: "quiet" }, "Choose a cell of the matrix: the drawing shows what goes dark and what takes over."));
  mark();
  history.replaceState(null, "", location.pathname + location.search);
}
function current() { return heat.querySelector('[tabindex="0"]'); }
function mark() {
  const group = chosen && data.groups.findIndex((each) => each.includes(chosen.fault));
  let focus = null;
  for (const row of heat.tBodies[0].rows) {
    const own = chosen !== null && Number(row.dataset.group) === group;
    row.classList.toggle("chosen", own);
    for (const cell of row.cells) {
      const journey = cell.dataset.journey === undefined ? null : Number(cell.dataset.journey);
      const here = own && journey === chosen.journey;
      cell.setAttribute("aria-selected", String(here));
      if (here) focus = cell;
    }
    if (own) row.hidden = false;
  }
  if (focus) rove(focus);
}
function rove(cell) {
  const before = current();
  if (before) before.tabIndex = -1;
  cell.tabIndex = 0;
}
function pick(cell) {
  choose(Number(cell.dataset.fault), cell.dataset.journey === undefined ? null : Number(cell.dataset.journey));
  // Where the drawing stands above the matrix, it is brought into view.
  if (stage.getBoundingClientRect().top < -40) stage.scrollIntoView({ block: "start" });
}
heat.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-fault]");
  if (cell) { rove(cell); pick(cell); }
});
heat.addEventListener("focusin", (event) => { if (event.target.dataset.fault !== undefined) rove(event.target); });
heat.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-fault]");
  if (!cell) return;
  const rows = [...heat.tBodies[0].rows].filter((row) => row.offsetParent !== null);
  const row = rows.indexOf(cell.parentElement), column = cell.cellIndex;
  const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [row, 0], End: [row, cell.parentElement.cells.length - 1], PageUp: [0, column], PageDown: [rows.length - 1, column] }[event.key];
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(cell); }
  else if (to && rows[to[0]] && rows[to[0]].cells[to[1]]) { event.preventDefault(); rows[to[0]].cells[to[1]].focus(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen) { const cell = current(); clear(); if (cell) cell.focus(); }
});

// Filters.
function filter() {
  const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = document.getElementById("kind").value, region = document.getElementById("region").value;
  heat.classList.toggle("short", !all.checked && !words.length && !kind);
  let shown = 0;
  for (const row of heat.tBodies[0].rows) {
    const text = row.dataset.words.toLowerCase();
    row.hidden = !(words.every((word) => text.includes(word)) && (!kind || row.dataset.kind === kind)
      && (!region || row.dataset.region.split(" ").includes(region)));
    if (row.offsetParent !== null) shown += 1;
  }
  document.getElementById("none").hidden = shown > 0;
}
for (const id of ["search", "kind", "region", "all"]) document.getElementById(id).addEventListener("input", filter);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());

// Addresses of outcomes.
function visit(path) {
  const [fault, journey] = [data.faults.findIndex((each) => each.id === path[0]), data.journeys.findIndex((each) => each.id === path[1])];
  if (fault >= 0) choose(fault, journey >= 0 ? journey : null, { quiet: true });
  return fault >= 0;
}
function hash() { return location.hash.slice(1).split("/").map(decodeURIComponent); }
window.addEventListener("hashchange", () => { if (visit(hash())) stage.scrollIntoView({ block: "start" }); });

filter();
if (visit(hash()) || visit(data.first.split("/"))) { /* An outcome is shown. */ }
else if (heat.tBodies[0].rows.length) heat.tBodies[0].rows[0].cells[0].tabIndex = 0;
