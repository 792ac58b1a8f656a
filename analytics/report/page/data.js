// Reads what the page holds: packed tables become rows, values become words.
if (!("DecompressionStream" in window)) {
  document.getElementById("too-old").hidden = false;
  return;
}

async function inflated(name) {
  const bytes = Uint8Array.from(atob(document.getElementById("packed-" + name).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const held = JSON.parse(await inflated("data"));
const page = held.page;

const MANY_ROWS = 20000;
const isLong = (name) => (held.tables[name]?.n ?? 0) > MANY_ROWS;
const columns = {};
const columnsOf = (name) => (columns[name] ??= unpacked(held.tables[name]?.columns ?? {}));

// Rows by their places; not every depth of report has every result.
function rowsAt(name, places) {
  const made = Array.from(places, () => ({}));
  for (const [column, values] of Object.entries(columnsOf(name))) places.forEach((place, i) => { made[i][column] = values[place]; });
  return made;
}

const tables = {};
const rowsOf = (name) => (tables[name] ??= rowsAt(name, Array.from({ length: held.tables[name]?.n ?? 0 }, (_, i) => i)));

// Where the rows of each VM or night stand in a long table.
const places = {};
function placesOf(name, column) {
  const key = name + "." + column;
  if (places[key]) return places[key];
  const found = (places[key] = new Map());
  columnsOf(name)[column].forEach((value, i) => {
    if (!found.has(value)) found.set(value, []);
    found.get(value).push(i);
  });
  return found;
}

// Of a long table only the rows of some VMs and nights are made.
function rowsWhere(name, isVm, isNight) {
  const [column, isIn] = isNight ? ["night", isNight] : ["vm", isVm];
  const chosen = [...placesOf(name, column)].filter(([value]) => isIn(value)).flatMap(([, at]) => at);
  const { vm } = columnsOf(name);
  const both = isVm && isNight ? chosen.filter((i) => isVm(vm[i])) : chosen;
  return rowsAt(name, both.sort((a, b) => a - b));
}

// A text of the page with its fields filled.
const fill = (name, values) => page.texts[name].replace(/\{(\w+)\}/g, (whole, field) => values[field]);

const whole = (value) => value.toLocaleString("en", { maximumFractionDigits: 0 });

function seconds(value) {
  const unit = page.units;
  if (value < 0) return "−" + seconds(-value);
  if (value < 10) return String(Math.round(value * 10) / 10) + " " + unit.s;
  const all = Math.round(value);
  for (const [length, name, shorter, itsName] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
    if (all >= length) {
      const rest = Math.floor((all % length) / shorter);
      return whole(Math.floor(all / length)) + " " + unit[name] + (rest ? " " + rest + " " + unit[itsName] : "");
    }
  }
  return all + " " + unit.s;
}

function size(value) {
  for (const [factor, unit] of [[1e15, "PB"], [1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (value >= factor) return Number((value / factor).toPrecision(3)).toLocaleString("en") + " " + unit;
  }
  return whole(value) + " B";
}

// A day (ISO 8601) in a form of the language.
function dated(ms, form) {
  const day = new Date(ms);
  const [year, mm, dd] = day.toISOString().slice(0, 10).split("-");
  const weekday = page.dates.weekdays[(day.getUTCDay() + 6) % 7];
  const parts = { year, mm, dd, weekday, month: Number(mm), day: Number(dd) };
  return page.dates[form].replace(/\{(\w+)\}/g, (whole, field) => parts[field]);
}

const night = (day) => dated(Date.parse(day), "day");

// What is not all is never rounded to 100 %, what is there never to 0 %.
function share(value) {
  const percent = value * 100;
  if (percent >= 99.5 && percent < 100) return Math.min(percent, 99.99).toFixed(2) + page.units.percent;
  if (percent > 0 && percent < 0.5) return Math.max(percent, 0.01).toFixed(2) + page.units.percent;
  return Math.round(percent) + page.units.percent;
}

// Seconds per GB, three digits.
const rate = (value) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2) + " " + page.units.s_per_gb;

const moment = (ms) => dated(ms, "short") + " " + new Date(ms).toISOString().slice(11, 19);

function clockTime(ms) {
  const days = Math.floor(ms / 86400000);
  return new Date(ms).toISOString().slice(11, 19) + (days > 0 ? fill("days_later", { days }) : "");
}

const numbers = { seconds, size, share, rate, night, moment, clock_time: clockTime, count: whole };
const numeric = new Set(page.numeric);

function say(value, kind) {
  if (value === null || value === undefined) return "";
  return numbers[kind]?.(value) ?? page.words[kind]?.[value] ?? String(value);
}
