// Who is told when the choice changes.
let turn = 0;

// A second click on what is chosen lets go of it.
function choose(change, toggle, isTyped) {
  const same = Object.keys(change).length > 0 && Object.entries(change).every(([name, value]) => state[name] === value);
  for (const [name, value] of Object.entries(change)) state[name] = toggle && same ? "" : value;
  if (state.until && state.until < state.night) state.until = "";
  Object.keys(pages).forEach((name) => { pages[name] = 0; });
  writeHash(isTyped);
  drawAll();
}

const NOTHING = Object.fromEntries(Object.keys(state).filter((name) => !FREE.has(name)).map((name) => [name, ""]));

// The sentence that follows the choice: what is chosen, and how its backups did.
function shownWords() {
  const places = placesChosen().map(([name]) => state[name]);
  const found = state.find ? [fill("vms_with", { find: state.find })] : [];
  const vms = [...(state.vm ? [state.vm] : []), ...places, ...found].join(" · ") || page.texts.all_vms;
  const [from, to] = nightsChosen() ?? [];
  const span = () => fill("nights", { from: from ? night(from) : "", to: to ? night(to) : "" });
  const nights = oneNight() ? night(oneNight()) : nightsChosen() ? span() : page.texts.all_nights;
  const worst = !oneNight() && !state.vm && page.figures.some((figure) => figure.night === "timeline") && timelineNight();
  const judged = chosenRows({ rows: "sla_heatmap", vm: "filter", night: "filter" });
  const missed = judged.filter((row) => page.breach_states.includes(row.state)).length;
  const all = missed + judged.filter((row) => row.state === "met").length;
  const counts = fill("shown_counts", { missed: whole(missed), all: whole(all) });
  return fill("shown", { vm: vms, night: nights, counts, timeline: worst ? fill("worst_night", { night: night(worst) }) : "" });
}

function drawChoices() {
  for (const name of Object.keys(NOTHING)) document.getElementById("choose-" + name).value = state[name];
  document.querySelectorAll("input[name=by]").forEach((radio) => { radio.checked = radio.value === state.by; });
  for (const figure of page.figures) document.querySelectorAll("input[name=kind-" + figure.chart + "]").forEach((radio) => { radio.checked = radio.value === kindOf(figure); });
  document.getElementById("show-all").disabled = !isFiltered();
  document.getElementById("shown").textContent = shownWords();
  document.getElementById("tip").hidden = true;
  drawScopes();
}

// Who prints the page without looking at it (analytics/report/page/paper.py) learns from its title, the verdict, that it is whole.
const isPrinted = location.hash === "#print";
const BREATH_MS = 60;
// What is folded away stays away on paper, but for the figures of a section.
const isOnPaper = (id) => document.getElementById(id).closest("details:not(.shown)") === null;

// What can be seen first, then what is folded away; the page answers in between. A newer choice ends an older round.
async function drawAll() {
  const mine = ++turn;
  document.body.dataset.drawn = document.body.dataset.whole = "";
  drawChoices();
  const isFolded = (id) => document.getElementById(id)?.closest("details:not([open])") !== null;
  const parts = [
    ...page.figures.map((figure) => ["figure-" + figure.chart, () => drawFigure(figure)]),
    ...Object.keys(page.listings).map((name) => ["listing-" + name, () => drawListing(name)]),
  ].filter(([id]) => document.getElementById(id));
  const folded = parts.filter(([id]) => isFolded(id) && (!isPrinted || isOnPaper(id)));
  let rested = performance.now();
  for (const [round, done] of [[parts.filter(([id]) => !isFolded(id)), "drawn"], [folded, "whole"]]) {
    for (const [, draw] of round) {
      if (mine !== turn) return;
      await draw();
      if (performance.now() - rested < BREATH_MS) continue;
      await new Promise((go) => setTimeout(go));
      rested = performance.now();
    }
    if (mine === turn) document.body.dataset[done] = String(mine);
  }
  if (mine === turn && isPrinted) document.title = document.getElementById("verdict").textContent;
}

function fillChoices() {
  const nights = new Map(rowsOf("night_summary").map((row) => [row.night, row.missed]));
  const options = (id, values) => document.getElementById(id).append(...[...values].sort(compare).map((value) => new Option(value, value)));
  options("choose-vm", page.known_vms);
  for (const [name, values] of Object.entries(page.known)) {
    options("choose-" + name, values);
    document.getElementById("choose-" + name).parentElement.hidden = values.size < 2;
  }
  for (const [day, missed] of nights) {
    document.getElementById("choose-night").append(new Option(missed ? fill("night_missed", { night: night(day), missed }) : night(day), day));
    document.getElementById("choose-until").append(new Option(night(day), day));
  }
}

function listen() {
  const on = (id, event, act) => document.getElementById(id).addEventListener(event, act);
  let wait;
  for (const name of Object.keys(NOTHING)) if (name !== "find") on("choose-" + name, "change", (event) => choose({ [name]: event.target.value }));
  on("choose-find", "input", (event) => { clearTimeout(wait); wait = setTimeout(() => choose({ find: event.target.value, vm: "" }, false, true), 250); });
  on("choices", "submit", (event) => event.preventDefault());
  on("show-all", "click", () => choose(NOTHING));
  document.querySelectorAll("input[name=by]").forEach((radio) => radio.addEventListener("change", () => choose({ by: radio.value })));
  document.querySelectorAll("input[name^=kind-]").forEach((radio) => radio.addEventListener("change", () => choose({ kind: radio.value })));
  document.querySelectorAll("button.copy").forEach((button) => button.addEventListener("click", () => copy(button)));
  addEventListener("popstate", () => { readHash(); drawAll(); });
  const unfolded = [];
  addEventListener("beforeprint", () => { for (const details of document.querySelectorAll("details.shown:not([open])")) { details.open = true; unfolded.push(details); } });
  addEventListener("afterprint", () => unfolded.splice(0).forEach((details) => { details.open = false; }));
  addEventListener("keydown", (event) => { if (event.key === "Escape" && isFiltered()) choose(NOTHING); });
}

// The clipboard is closed to pages opened from a file in some browsers; selecting the text always works.
function copy(button) {
  const text = button.closest("details").querySelector("pre");
  getSelection().selectAllChildren(text);
  navigator.clipboard?.writeText(text.textContent).then(() => { button.textContent = page.texts.copied; }, () => { button.textContent = page.texts.selected; });
}

// The policy of the page lets exactly this script run, by its hash.
document.body.append(element("script", { textContent: await inflated("vega") }));
readHash();
fillChoices();
listen();
drawAll();
