// Draws the figures with Vega: the page chooses rows and orders them by their columns; numbers come from the queries.
const ROWS_PER_PAGE = 60;
const pages = {};
const shownWhole = {};
const drawn = {};

// A row is named after what the choice leaves open: the VM on a night, the night of a VM.
function labelled(row, night) {
  const name = row.vm ?? (row.job_id ? fill("nameless_job", { job: row.job_id.slice(0, 12) }) : page.texts.no_name);
  const group = night ? row[state.by] ?? page.texts["unknown_" + state.by] : row.vm ?? "";
  return { ...row, label: (page.marks[row.outcome] ?? "") + (night ? name : say(row.night, "night")), group };
}

// Of the kinds of a figure's rows the one that is chosen, else the first that tells groups apart.
function kindOf(figure) {
  const names = (kind) => new Set(rowsOf(figure.rows).filter((row) => row.grouped_by === kind).map((row) => row.name)).size;
  return figure.kinds.find((kind) => kind === state.kind) ?? figure.kinds.find((kind) => names(kind) > 1) ?? figure.kinds[0];
}

// The rows that a figure shows: for a chosen night or VM those of another result, one for each job.
function figureRows(figure) {
  const single = (oneNight() && figure.by_night) || (state.vm && figure.by_vm);
  const all = chosenRows(single ? { ...figure, rows: single, night: "filter" } : figure);
  const kind = figure.kinds.length && kindOf(figure);
  const rows = kind ? all.filter((row) => row.grouped_by === kind) : all;
  const night = figure.night === "timeline" ? timelineNight() : oneNight();
  return single || figure.night === "timeline" ? rows.map((row) => labelled(row, night)) : rows;
}

// Of more jobs than fit on a page, those that ended last come first; on the page they stand by group and start.
const lastFirst = (rows) => rows.sort((a, b) => b.row_to_ms - a.row_to_ms);
const byGroup = (a, b) => compare(a.group, b.group) || (timelineNight() ? 0 : compare(a.night, b.night));
const grouped = (rows) => rows.sort((a, b) => byGroup(a, b) || a.row_from_ms - b.row_from_ms || compare(a.label, b.label) || a.from_ms - b.from_ms);

// Whom a job waited for: the label of its row in the same group, else its name; a row has room for one name.
function withHolders(rows) {
  const key = (group, vm) => JSON.stringify([group, vm]);
  const labels = new Map(timelineNight() ? rows.filter((row) => row.vm !== null).map((row) => [key(row.group, row.vm), row.label]) : []);
  for (const row of rows) row.holder = labels.get(key(row.group, row.waited_for)) ?? null;
  for (const row of rows) row.told = row.holder === null ? row.waited_for : null;
  const claims = new Set(rows.filter((row) => row.told !== null && row.phase === "claim_wait").map((row) => row.label));
  const ends = new Map();
  for (const row of rows) ends.set(key(row.group, row.label), Math.max(row.to_ms, ends.get(key(row.group, row.label)) ?? 0));
  for (const row of rows) {
    row.end_ms = ends.get(key(row.group, row.label));
    if (row.phase === "queue" && claims.has(row.label)) row.told = null;
  }
}

function marked(rows, figure) {
  if (figure.night !== "mark" && figure.vm !== "mark") return rows;
  return rows.map((row) => ({ ...row, chosen: nightsChosen() !== null && inNights(row.night) }));
}

// VMs of which nothing else is to be told are one row, below the others and on each page.
function parted(rows, column) {
  const apart = column && !someVms() ? rows.filter((row) => row[column]) : [];
  const vms = new Set(apart.map((row) => row.vm)).size;
  if (vms < 2) return { rows, one: [] };
  const nights = new Map(apart.map((row) => [row.night, row]));
  const one = [...nights.values()].map((row) => ({ ...row, vm: fill("never_ran", { vms: whole(vms) }) }));
  return { rows: rows.filter((row) => !row[column]), one: one.sort((a, b) => compare(a.night, b.night)) };
}

// The worst at first; the others page by page where all are asked for.
function paged(unordered, figure) {
  const keysOf = (rows) => [...new Set(rows.map((row) => row[figure.page_by]))];
  const most = shownWhole[figure.chart] ? ROWS_PER_PAGE : page.rows_at_first;
  const isMore = figure.night === "timeline" && timelineNight() && keysOf(unordered).length > most;
  const { rows, one } = parted(isMore ? lastFirst(unordered) : unordered, figure.apart);
  const keys = keysOf(rows);
  const last = figure.page_by === "night" ? 0 : Math.max(0, Math.ceil(keys.length / most) - 1);
  const at = Math.min(pages[figure.chart] ?? 0, last);
  pages[figure.chart] = at;
  if (last === 0) return { rows: [...rows, ...one], keys, last, at, most };
  const kept = new Set(keys.slice(at * most, (at + 1) * most));
  return { rows: [...rows.filter((row) => kept.has(row[figure.page_by])), ...one], keys, last, at, most };
}

function pagesText(figure, part) {
  const all = whole(part.keys.length);
  if (part.last === 0) return fill("rows_all", { all });
  const first = { shown: part.most, all };
  const isTimeline = figure.night === "timeline";
  if (!shownWhole[figure.chart]) return isTimeline ? fill("rows_last", first) : fill("rows_worst", first);
  const from = part.at * part.most + 1;
  return fill("rows", { from, to: Math.min(part.keys.length, from + part.most - 1), all });
}

function drawPager(place, figure, part) {
  const isWhole = shownWhole[figure.chart] === true;
  const [note, pager] = [place.querySelector(".pages-note"), place.querySelector(".pager")];
  note.hidden = figure.page_by === "night" || part.keys.length <= page.rows_at_first;
  note.querySelector("span").textContent = pagesText(figure, part);
  const more = fill(isWhole ? "rows_fewer" : "rows_more", { all: whole(part.keys.length), shown: page.rows_at_first });
  const unfold = () => { shownWhole[figure.chart] = !isWhole; pages[figure.chart] = 0; drawFigure(figure); };
  Object.assign(note.querySelector("button"), { textContent: more, onclick: unfold });
  pager.hidden = !isWhole || part.last === 0;
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
    const day = page.known_nights.has(value) ? value : page.nights_by_text.get(value);
    if (day) choose({ night: day, until: "" }, true);
    else if (page.known_vms.has(value)) choose({ vm: value }, true);
    return;
  }
  const { vm, night, grouped_by: shared, name } = item.datum;
  const place = Object.keys(PLACES).find((key) => PLACES[key] === shared && page.known[key].has(name));
  if (place) { choose({ [place]: name, ...(page.known_nights.has(night) ? { night, until: "" } : {}) }, true); return; }
  choose({ ...(page.known_vms.has(vm) ? { vm } : {}), ...(page.known_nights.has(night) ? { night, until: "" } : {}) }, true);
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

// Legends name what the drawing shows, no more: each reads a signal, which is set with the rows.
function withSignals(part, legends) {
  for (const channel of Object.values(part?.encoding ?? {})) {
    if (!channel.legend || !channel.scale?.domain) continue;
    const [field, all] = [channel.field, channel.legend.values ?? channel.scale.domain];
    const same = (legend) => legend.field === field && String(legend.all) === String(all);
    if (!legends.some(same)) legends.push({ name: "legend_" + legends.length, field, all });
    channel.legend.values = { expr: legends.find(same).name };
  }
  for (const inner of [part?.spec, ...(part?.layer ?? []), ...(part?.hconcat ?? []), ...(part?.vconcat ?? [])].filter(Boolean)) withSignals(inner, legends);
}

// What stands above the rows is of one night: rows of several nights go without it.
function headOf(figure, rows) {
  const nights = new Set(rows.map((row) => row.night));
  return figure.head && nights.size === 1 ? rowsOf(figure.head).filter((row) => nights.has(row.night)) : [];
}

function headless({ vconcat, resolve, bounds, ...rest }) {
  return { ...rest, ...vconcat.at(-1) };
}

// Vega-Lite warns of each facet of several layers and of columns without any value.
const quiet = Object.fromEntries(["level", "error", "warn", "info", "debug"].map((name) => [name, () => quiet]));
const ERRORS_ONLY = 1;
const compiled = {};

// A figure is compiled when it is first drawn; other rows need no more than another view of it.
function compiledOf(figure, hasHead) {
  const spec = structuredClone(page.specs[figure.chart]);
  const [whole, legends] = [figure.head && !hasHead ? headless(spec) : spec, []];
  withSignals(whole, legends);
  const params = [...(whole.params ?? []), ...legends.map(({ name, all }) => ({ name, value: all }))];
  const vegaSpec = vega.compile({ ...whole, params }, { config: page.config, logger: quiet }).spec;
  return { runtime: vega.parse(answering(vegaSpec), {}, { ast: true }), legends };
}

const copies = (rows) => rows.map((row) => ({ ...row }));

// Draws apart from the page and puts the drawing there when it is whole.
async function drawnView(figure, rows) {
  const head = headOf(figure, rows);
  const { runtime, legends } = (compiled[figure.chart + (head.length ? "+head" : "")] ??= compiledOf(figure, head.length > 0));
  const view = new vega.View(runtime, { renderer: "svg", expr: vega.expressionInterpreter, logLevel: ERRORS_ONLY });
  view.tooltip(tooltipOf(figure)).initialize(element("div")).data("rows", copies(rows));
  if (head.length) view.data("head", copies(head));
  for (const { name, field, all } of legends) {
    const there = field in rows[0] ? new Set(rows.map((row) => row[field])) : null;
    view.signal(name, there ? all.filter((value) => there.has(value)) : all);
  }
  view.addEventListener("click", (event, item) => clicked(item));
  return view.runAsync();
}

async function drawFigure(figure) {
  const place = document.getElementById("figure-" + figure.chart);
  if (!place) return;
  const part = paged(marked(figureRows(figure), figure), figure);
  if (figure.night === "timeline") withHolders(grouped(part.rows));
  const drawing = place.querySelector(".drawing");
  place.dataset.rows = part.rows.length;
  place.querySelector(".empty").hidden = part.rows.length > 0;
  drawing.hidden = part.rows.length === 0;
  drawPager(place, figure, part);
  const shown = JSON.stringify(part.rows);
  if (drawn[figure.chart]?.shown === shown) return;
  drawn[figure.chart]?.view.finalize();
  delete drawn[figure.chart];
  if (!part.rows.length) { drawing.replaceChildren(); return; }
  const view = await drawnView(figure, part.rows);
  drawing.replaceChildren(view.container());
  drawn[figure.chart] = { view, shown };
}
