// What is chosen (kept in the address after #), and who is told when it changes.
const state = { vm: "", night: "", find: "", by: "host", kind: "" };
let turn = 0;
page.known_vms = new Set([...rowsOf("sla_heatmap"), ...rowsOf("guest_gain"), ...rowsOf("night_timeline")].map((row) => row.vm).filter((vm) => vm !== null));
page.known_nights = new Set(rowsOf("night_summary").map((row) => row.night));
page.nights_by_text = new Map([...page.known_nights].map((day) => [night(day), day]));

function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const vm = hash.get("vm") ?? "";
  const night = hash.get("night") ?? "";
  state.vm = page.known_vms.has(vm) ? vm : "";
  state.night = page.known_nights.has(night) ? night : "";
  state.find = hash.get("find") ?? "";
  state.by = hash.get("by") === "volume" ? "volume" : "host";
  state.kind = hash.get("kind") ?? "";
}

function writeHash() {
  const kept = Object.entries(state).filter(([name, value]) => value && !(name === "by" && value === "host"));
  const hash = new URLSearchParams(kept).toString();
  history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
}

// A second click on what is chosen lets go of it.
function choose(change, toggle) {
  const same = Object.keys(change).length > 0 && Object.entries(change).every(([name, value]) => state[name] === value);
  for (const [name, value] of Object.entries(change)) state[name] = toggle && same ? "" : value;
  Object.keys(pages).forEach((name) => { pages[name] = 0; });
  writeHash();
  drawAll();
}

function shownWords() {
  const vm = state.vm || (state.find ? fill("vms_with", { find: state.find }) : page.texts.all_vms);
  const chosen = state.night ? night(state.night) : page.texts.all_nights;
  const worst = !state.night && !state.vm && page.worst_night;
  return fill("shown", { vm, night: chosen, timeline: worst ? fill("worst_night", { night: night(worst) }) : "" });
}

function drawChoices() {
  document.getElementById("choose-vm").value = state.vm;
  document.getElementById("choose-night").value = state.night;
  document.getElementById("choose-find").value = state.find;
  document.querySelectorAll("input[name=by]").forEach((radio) => { radio.checked = radio.value === state.by; });
  for (const figure of page.figures) document.querySelectorAll("input[name=kind-" + figure.chart + "]").forEach((radio) => { radio.checked = radio.value === kindOf(figure); });
  document.getElementById("show-all").disabled = !(state.vm || state.night || state.find);
  document.getElementById("shown").textContent = shownWords();
  document.getElementById("tip").hidden = true;
}

// What can be seen first, one figure after the other, so that the page answers in between; then what is folded away.
// A newer choice ends an older round.
async function drawAll() {
  const mine = ++turn;
  document.body.dataset.drawn = document.body.dataset.whole = "";
  drawChoices();
  const isFolded = (id) => document.getElementById(id)?.closest("details:not([open])") !== null;
  const parts = [
    ...page.figures.map((figure) => ["figure-" + figure.chart, () => drawFigure(figure)]),
    ...Object.keys(page.listings).map((name) => ["listing-" + name, () => drawListing(name)]),
  ].filter(([id]) => document.getElementById(id));
  const folded = parts.filter(([id]) => isFolded(id));
  for (const [round, done] of [[parts.filter((part) => !folded.includes(part)), "drawn"], [folded, "whole"]]) {
    for (const [, draw] of round) {
      if (mine !== turn) return;
      await draw();
      await new Promise((go) => setTimeout(go));
    }
    if (mine === turn) document.body.dataset[done] = String(mine);
  }
}

function fillChoices() {
  const nights = new Map(rowsOf("night_summary").map((row) => [row.night, row.missed]));
  for (const vm of [...page.known_vms].sort(compare)) document.getElementById("choose-vm").append(new Option(vm, vm));
  for (const [day, missed] of nights) document.getElementById("choose-night").append(new Option(missed ? fill("night_missed", { night: night(day), missed }) : night(day), day));
}

function listen() {
  const on = (id, event, act) => document.getElementById(id).addEventListener(event, act);
  let wait;
  on("choose-vm", "change", (event) => choose({ vm: event.target.value }));
  on("choose-night", "change", (event) => choose({ night: event.target.value }));
  on("choose-find", "input", (event) => { clearTimeout(wait); wait = setTimeout(() => choose({ find: event.target.value, vm: "" }), 250); });
  on("choices", "submit", (event) => event.preventDefault());
  on("show-all", "click", () => choose({ vm: "", night: "", find: "" }));
  document.querySelectorAll("input[name=by]").forEach((radio) => radio.addEventListener("change", () => choose({ by: radio.value })));
  document.querySelectorAll("input[name^=kind-]").forEach((radio) => radio.addEventListener("change", () => choose({ kind: radio.value })));
  document.querySelectorAll("button.copy").forEach((button) => button.addEventListener("click", () => copy(button)));
  addEventListener("hashchange", () => { readHash(); drawAll(); });
  const unfolded = [];
  addEventListener("beforeprint", () => { for (const details of document.querySelectorAll("details.shown:not([open])")) { details.open = true; unfolded.push(details); } });
  addEventListener("afterprint", () => unfolded.splice(0).forEach((details) => { details.open = false; }));
  addEventListener("keydown", (event) => { if (event.key === "Escape") choose({ vm: "", night: "", find: "" }); });
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
