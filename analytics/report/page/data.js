// Reads what the page holds: packed tables become rows, values become words.
const page = JSON.parse(document.getElementById("data-page").textContent);

function plainValues(packed) {
  const made = [];
  if (packed.runs) {
    for (let i = 0; i < packed.runs.length; i += 2) {
      for (let n = packed.runs[i + 1]; n > 0; n--) made.push(packed.runs[i]);
    }
  } else if (packed.steps) {
    let at = 0;
    for (const step of packed.steps) {
      if (step !== null) at = Math.round((at + step) * 1000) / 1000;
      made.push(step === null ? null : at);
    }
  } else if (packed.some) {
    for (let i = 1; i < packed.some.length; i += 2) {
      for (let n = packed.some[i]; n > 0; n--) made.push(null);
      made.push(packed.some[i + 1]);
    }
    while (made.length < packed.some[0]) made.push(null);
  } else return packed.values;
  return made;
}

function expand(packed) {
  const values = plainValues(packed);
  if (packed.words) return values.map((code) => packed.words[code]);
  return packed.unit ? values.map((value) => (value === null ? null : value * packed.unit)) : values;
}

function unpack(name) {
  const packed = JSON.parse(document.getElementById("data-" + name).textContent);
  const rows = Array.from({ length: packed.n }, () => ({}));
  for (const [column, values] of Object.entries(packed.columns)) {
    expand(values).forEach((value, i) => { rows[i][column] = value; });
  }
  return rows;
}

const tables = {};
const rowsOf = (name) => (tables[name] ??= unpack(name));

function seconds(value) {
  if (value < 0) return "−" + seconds(-value);
  if (value < 10) return String(Math.round(value * 10) / 10) + " s";
  const whole = Math.round(value);
  for (const [unit, name, small, smallName] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
    if (whole >= unit) {
      const rest = Math.floor((whole % unit) / small);
      return Math.floor(whole / unit) + " " + name + (rest ? " " + rest + " " + smallName : "");
    }
  }
  return whole + " s";
}

function size(value) {
  for (const [factor, unit] of [[1e15, "PB"], [1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (value >= factor) return Number((value / factor).toPrecision(3)).toLocaleString("en") + " " + unit;
  }
  return value + " B";
}

const moment = (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
const clock = (ms) => new Date(ms).toISOString().slice(11, 19) + (ms >= 172800000 ? " +2 d" : ms >= 86400000 ? " +1 d" : "");

const words = {
  seconds,
  size,
  moment,
  clock,
  count: (value) => value.toLocaleString("en"),
  code: String,
  share: (value) => (value > 0 && value < 0.005 ? "< 0.5" : value < 1 && value >= 0.995 ? "> 99" : Math.round(value * 100)) + " %",
  phase: (value) => page.phases[value]?.[1] ?? value,
  advice: (value) => page.advice[value] ?? value,
  role: (value) => page.words.role[value] ?? value,
  clock_verdict: (value) => page.words.clock_verdict[value] ?? value,
  state: (value) => page.states[value] ?? value,
};
const numeric = new Set(["seconds", "size", "count", "share", "code", "clock"]);
const say = (value, kind) => (value === null || value === undefined ? "" : (words[kind] ?? String)(value));
