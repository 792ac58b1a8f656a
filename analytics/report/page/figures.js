// Draws the figures with Vega: the page filters rows and adds up phases of one night, the queries do the rest.
const ROWS_PER_PAGE = 60;
const pages = {};
const drawn = {};

function breachedOn(night) {
  const bad = new Set();
  for (const row of rowsOf("sla_heatmap")) {
    if (row.night === night && page.breach_states.includes(row.state)) bad.add(row.vm);
  }
  return bad;
}

function hostsOf(vm) {
  return new Set(rowsOf("night_timeline").filter((row) => row.vm === vm).map((row) => row.host));
}

function vmTest(part) {
  if (!part.vm) return null;
  if (part.vm === "host") {
    if (!state.vm) return null;
    const hosts = hostsOf(state.vm);
    const name = state.vm.toLowerCase();
    return (row) => hosts.has(row.host) || row.host?.toLowerCase() === name;
  }
  if (state.vm) return (row) => row.vm === state.vm;
  const part_of_name = state.find.toLowerCase();
  return part_of_name ? (row) => (row.vm ?? "").toLowerCase().includes(part_of_name) : null;
}

function nightTest(part) {
  const night = part.night === "timeline" ? timelineNight() : state.night;
  if (!night) return null;
  if (part.night === "filter" || part.night === "timeline") return (row) => row.night === night;
  if (part.night !== "breached" || state.vm) return null;
  const bad = breachedOn(night);
  return (row) => bad.has(row.vm);
}

function chosenRows(part) {
  const tests = [vmTest(part), nightTest(part)].filter(Boolean);
  const rows = rowsOf(part.rows);
  return tests.length ? rows.filter((row) => tests.every((test) => test(row))) : rows;
}

const timelineNight = () => state.night || (state.vm ? "" : page.worst_night);

const FLAGS = { failed: "✕ ", cancelled: "✕ ", running: "▶ ", unknown: "? " };

function timelineRow(row, night) {
  const name = row.vm ?? "no name, job " + row.job_id.slice(0, 12);
  const group = night ? row[state.by] ?? "unknown " + state.by : row.vm ?? "";
  return { ...row, label: (FLAGS[row.outcome] ?? "") + (night ? name : row.night), group };
}

// More jobs than fit: those that ended last come first; on the page they stand by group and start.
function timelineRows(rows) {
  const night = timelineNight();
  const made = rows.filter((row) => !night || row.night === night).map((row) => timelineRow(row, night));
  const ends = new Map();
  for (const row of made) ends.set(row.label, Math.max(row.to_ms, ends.get(row.label) ?? 0));
  return night && ends.size > ROWS_PER_PAGE ? made.sort((a, b) => ends.get(b.label) - ends.get(a.label)) : made;
}

const byGroup = (a, b) => compare(a.group, b.group) || (timelineNight() ? 0 : compare(a.night, b.night));

function grouped(rows) {
  const starts = new Map();
  for (const row of rows) starts.set(row.label, Math.min(row.from_ms, starts.get(row.label) ?? Infinity));
  return rows.sort((a, b) => byGroup(a, b) || starts.get(a.label) - starts.get(b.label) || a.from_ms - b.from_ms);
}

// On a chosen night each VM's shares are the sums of that night's phases.
function shareRows(rows) {
  if (!state.night) return rows;
  const parts = new Map();
  const wholes = new Map();
  for (const row of chosenRows({ rows: "night_timeline", vm: "filter", night: "filter" })) {
    if (!row.phase_s) continue;
    const key = JSON.stringify([row.vm, row.phase, row.grade]);
    const part = parts.get(key) ?? { vm: row.vm, phase: row.phase, grade: row.grade, jobs: 0, total_s: 0 };
    part.jobs += 1;
    part.total_s += row.phase_s;
    parts.set(key, part);
    wholes.set(row.vm, (wholes.get(row.vm) ?? 0) + row.phase_s);
  }
  const made = [...parts.values()].map((part) => ({ ...part, share: part.total_s / wholes.get(part.vm), job_median_s: wholes.get(part.vm), job_p90_s: wholes.get(part.vm) }));
  return made.sort((a, b) => b.job_median_s - a.job_median_s || compare(a.vm, b.vm));
}

// On a chosen night each row is a job of that night; of a chosen VM alone, one of its nights.
function lengthRows(rows) {
  if (!state.night && !state.vm) return rows;
  const jobs = chosenRows({ rows: "night_timeline", vm: "filter", night: "filter" });
  const own = jobs.filter((row) => ["snapshot", "post_snapshot"].includes(row.phase) && row.level === "host" && row.kind !== "online");
  const made = own.map((row) => {
    const [low, high] = [row.least_s ?? row.phase_s, row.most_s ?? row.phase_s];
    return { vm: row.vm, night: row.night, label: state.vm && !state.night ? row.night : row.vm, phase: row.phase, grade: row.grade, jobs: 1, median_s: row.phase_s, low_s: low, high_s: high, least_s: low, most_s: high };
  });
  return state.vm ? made : made.sort((a, b) => b.most_s - a.most_s);
}

const prepare = { timeline: timelineRows, shares: shareRows, lengths: lengthRows };

function marked(rows, figure) {
  if (figure.night !== "mark" && figure.vm !== "mark") return rows;
  return rows.map((row) => ({ ...row, chosen: state.night !== "" && row.night === state.night }));
}

function paged(rows, figure) {
  const keys = [...new Set(rows.map((row) => row[figure.page_by]))];
  const last = Math.max(0, Math.ceil(keys.length / ROWS_PER_PAGE) - 1);
  const at = figure.page_by === "night" ? 0 : Math.min(pages[figure.chart] ?? 0, last);
  pages[figure.chart] = at;
  if (figure.page_by === "night" || last === 0) return { rows, keys, last: 0, at };
  const kept = new Set(keys.slice(at * ROWS_PER_PAGE, (at + 1) * ROWS_PER_PAGE));
  return { rows: rows.filter((row) => kept.has(row[figure.page_by])), keys, last, at };
}

function drawPager(place, figure, part) {
  const pager = place.querySelector(".pager");
  pager.hidden = part.last === 0;
  const from = part.at * ROWS_PER_PAGE + 1;
  const to = Math.min(part.keys.length, from + ROWS_PER_PAGE - 1);
  const text = `rows ${from}–${to} of ${words.count(part.keys.length)}`;
  pager.querySelector("span").textContent = text;
  place.querySelector(".pages-note").textContent = part.last ? `Shown: ${text}; the others are on the next pages or by name.` : "";
  const turn = (step) => () => { pages[figure.chart] = part.at + step; drawFigure(figure); };
  Object.assign(pager.querySelector(".back"), { disabled: part.at === 0, onclick: turn(-1) });
  Object.assign(pager.querySelector(".on"), { disabled: part.at === part.last, onclick: turn(1) });
}

// Labels of axes do not answer the mouse unless Vega is told so.
function answering(spec) {
  for (const axis of spec.axes ?? []) {
    axis.encode = { ...axis.encode, labels: { ...axis.encode?.labels, interactive: true } };
  }
  (spec.marks ?? []).filter((mark) => mark.type === "group").forEach(answering);
  return spec;
}

function clicked(item) {
  if (!item?.datum) return;
  if (item.mark.role === "axis-label") {
    const value = item.datum.value;
    if (page.known_nights.has(value)) choose({ night: value }, true);
    else if (page.known_vms.has(value)) choose({ vm: value }, true);
    return;
  }
  const { vm, night } = item.datum;
  choose({ ...(page.known_vms.has(vm) ? { vm } : {}), ...(page.known_nights.has(night) ? { night } : {}) }, true);
}

function showTip(event, datum, looks) {
  const tip = document.getElementById("tip");
  const known = looks.filter((look) => datum[look.column] !== null && datum[look.column] !== undefined);
  if (!known.length) { tip.hidden = true; return; }
  tip.replaceChildren(element("table", {}, ...known.map((look) => element("tr", {}, element("th", { textContent: look.title }), element("td", { textContent: say(datum[look.column], look.kind) })))));
  tip.hidden = false;
  const [x, y] = [event.clientX + 14, event.clientY + 14];
  tip.style.left = Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 8)) + "px";
  tip.style.top = Math.max(4, y + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : y) + "px";
}

const tooltipOf = (figure) => (handler, event, item, value) => {
  if (value && item?.datum && typeof item.datum === "object") showTip(event, item.datum, page.tips[figure.chart]);
  else document.getElementById("tip").hidden = true;
};

function specWith(figure, rows) {
  const spec = structuredClone(page.specs[figure.chart]);
  spec.datasets = { rows };
  return spec;
}

async function drawFigure(figure) {
  const place = document.getElementById("figure-" + figure.chart);
  if (!place) return;
  const all = prepare[figure.prepare]?.(chosenRows({ ...figure, night: figure.prepare ? "none" : figure.night })) ?? chosenRows(figure);
  const part = paged(marked(all, figure), figure);
  if (figure.prepare === "timeline") grouped(part.rows);
  const drawing = place.querySelector(".drawing");
  drawn[figure.chart]?.finalize();
  delete drawn[figure.chart];
  place.dataset.rows = part.rows.length;
  place.querySelector(".empty").hidden = part.rows.length > 0;
  drawing.hidden = part.rows.length === 0;
  drawPager(place, figure, part);
  if (!part.rows.length) { drawing.replaceChildren(); return; }
  // Errors only (1): Vega warns where a column has no value at all, such as a VM without an estimate.
  const options = { logLevel: 1, mode: "vega-lite", renderer: "svg", ast: true, actions: false, config: page.config, tooltip: tooltipOf(figure), patch: answering };
  const made = await vegaEmbed(drawing, specWith(figure, part.rows), options);
  made.view.addEventListener("click", (event, item) => clicked(item));
  drawn[figure.chart] = made;
}
