// What is chosen (kept in the address after #), and which rows belong to it.
const PLACES = { group: "protection_group", host: "host", volume: "volume" };
const state = { vm: "", group: "", host: "", volume: "", night: "", until: "", find: "", by: "host", kind: "" };
const FREE = new Set(["by", "kind"]);
page.known_vms = new Set([...rowsOf("sla_heatmap"), ...rowsOf("guest_gain"), ...rowsOf("vm_places")].map((row) => row.vm).filter((vm) => vm !== null));
page.known_nights = new Set(rowsOf("night_summary").map((row) => row.night));
page.nights_by_text = new Map([...page.known_nights].map((day) => [night(day), day]));
page.known = Object.fromEntries(Object.entries(PLACES).map(([name, column]) => [name, new Set(rowsOf("vm_places").map((row) => row[column]).filter((value) => value !== null))]));

// An old link must not lead to an empty page: what is not known is not chosen.
function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const known = { vm: page.known_vms, night: page.known_nights, until: page.known_nights, ...page.known };
  for (const name of Object.keys(state)) {
    const value = hash.get(name) ?? "";
    state[name] = !known[name] || known[name].has(value) ? value : "";
  }
  if (state.by !== "volume") state.by = "host";
}

// Each choice is a step back in the browser; letters of a name that is typed are not.
function writeHash(isTyped) {
  const kept = Object.entries(state).filter(([name, value]) => value && !(name === "by" && value === "host"));
  const hash = new URLSearchParams(kept).toString();
  history[isTyped ? "replaceState" : "pushState"](null, "", hash ? "#" + hash : location.pathname + location.search);
}

const nightsChosen = () => (state.night || state.until ? [state.night, state.until || state.night] : null);
const oneNight = () => (state.night && (!state.until || state.until === state.night) ? state.night : "");

function inNights(day) {
  const [from, to] = nightsChosen() ?? ["", ""];
  return (!from || day >= from) && (!to || day <= to);
}

const placesChosen = () => Object.entries(PLACES).filter(([name]) => state[name]);
const someVms = () => Boolean(state.vm || state.find || placesChosen().length);
const isFiltered = () => someVms() || nightsChosen() !== null;

// The VMs of the choice; null for all.
function vmsChosen() {
  if (!someVms()) return null;
  const places = placesChosen();
  const fitting = rowsOf("vm_places").filter((row) => places.every(([name, column]) => row[column] === state[name]));
  const here = places.length ? new Set(fitting.map((row) => row.vm)) : page.known_vms;
  const part = state.find.toLowerCase();
  return new Set([...here].filter((vm) => (!state.vm || vm === state.vm) && vm.toLowerCase().includes(part)));
}

function hostsOf(vms) {
  const hosts = new Set(rowsOf("vm_places").filter((row) => vms.has(row.vm)).map((row) => row.host));
  return state.host ? new Set([state.host].filter((host) => hosts.has(host))) : hosts;
}

// A row that names its own host or volume is held against these; a row without a VM belongs to no VM's choice.
function vmTest(part) {
  const vms = part.vm ? vmsChosen() : null;
  if (!vms) return null;
  if (part.vm === "host") {
    const hosts = new Set([...hostsOf(vms), state.vm].map((host) => host?.toLowerCase()));
    return (row) => hosts.has(row.host?.toLowerCase());
  }
  const places = placesChosen();
  const isPlaced = (row) => places.every(([name, column]) => row[column] === undefined || row[column] === null || row[column] === state[name]);
  return (row) => vms.has(row.vm) && isPlaced(row);
}

function breachedVms() {
  const bad = new Set();
  for (const row of rowsOf("sla_heatmap")) if (inNights(row.night) && page.breach_states.includes(row.state)) bad.add(row.vm);
  return bad;
}

// The nights of the rows, where a part shows those of some alone.
function nightsOf(part) {
  if (part.night === "timeline" && timelineNight()) return (day) => day === timelineNight();
  const isByNight = part.night === "filter" || part.night === "timeline";
  return isByNight && nightsChosen() ? inNights : null;
}

function nightTest(part) {
  const isNight = nightsOf(part);
  if (isNight) return (row) => isNight(row.night);
  if (!nightsChosen() || part.night !== "breached" || state.vm) return null;
  const bad = breachedVms();
  return (row) => bad.has(row.vm);
}

function chosenRows(part) {
  const tests = [vmTest(part), nightTest(part)].filter(Boolean);
  const [isNight, vms] = [nightsOf(part), part.vm === "filter" ? vmsChosen() : null];
  const isSliced = isLong(part.rows) && (isNight || vms);
  const rows = isSliced ? rowsWhere(part.rows, vms && ((vm) => vms.has(vm)), isNight) : rowsOf(part.rows);
  return tests.length ? rows.filter((row) => tests.every((test) => test(row))) : rows;
}

// The night that a timeline shows: the one that is chosen, else the worst of those that are; none for one VM.
function timelineNight() {
  if (oneNight()) return oneNight();
  if (state.vm) return "";
  if (!nightsChosen()) return page.worst_night;
  const nights = rowsOf("night_summary").filter((row) => row.jobs && inNights(row.night));
  const worse = (a, b) => a.missed - b.missed || (a.overrun_s ?? 0) - (b.overrun_s ?? 0) || compare(a.night, b.night);
  return nights.reduce((worst, row) => (worst === null || worse(row, worst) > 0 ? row : worst), null)?.night ?? "";
}

// What does not follow the choice says so: sentences, and figures and tables of the whole estate or of all nights.
function scopeOf(part) {
  const isSingle = (oneNight() && part.by_night) || (state.vm && part.by_vm);
  const estate = someVms() && part.vm === "";
  const nights = nightsChosen() !== null && !isSingle && (part.night === "" || part.night === "breached");
  return estate && nights ? page.texts.scope_all : estate ? page.texts.scope_estate : nights ? page.texts.scope_nights : "";
}

function drawScope(place, text) {
  const mark = place.querySelector(":scope > .scope") ?? element("span", { className: "scope" });
  if (text && !mark.parentElement) place.append(mark);
  mark.textContent = text;
  mark.hidden = !text;
}

function drawScopes() {
  const text = isFiltered() ? page.texts.scope_all : "";
  document.querySelectorAll(".source, .lead, .note").forEach((place) => drawScope(place, text));
  const titleOf = (name) => document.getElementById("listing-" + name)?.parentElement.querySelector(":scope > summary, :scope > h3") ?? document.getElementById("listing-" + name)?.parentElement;
  for (const figure of page.figures) {
    const place = document.getElementById("figure-" + figure.chart);
    if (place) drawScope(place, scopeOf(figure));
  }
  for (const [name, listing] of Object.entries(page.listings)) if (titleOf(name)) drawScope(titleOf(name), scopeOf(listing));
}
