// Packed tables become columns again: what analytics/report/pack.py and guesses.py left out is told by other columns.
const fine = (value) => Math.round(value * 1000) / 1000;

const codesOf = ({ steps, values }) => (steps ? added(steps) : values);
const wordsOf = ({ words }) => (typeof words === "string" ? held.words[words] : words);

// Which rows are of one job, and which of one VM on one night (or of one job without a VM).
function groupsOf(packed, name) {
  const codes = (column) => codesOf(packed[column]);
  if (name === "job") return codes("job_id");
  const [none, nights] = [packed.job_id ? wordsOf(packed.vm).indexOf(null) : -1, codes("night")];
  return codes("vm").map((vm, i) => nights[i] + ":" + (vm === none ? "job " + codes("job_id")[i] : vm));
}

// One number of the rows of a group; those of a queue do not count.
function ofGroups(numbers, groups, phases, fold) {
  const found = new Map();
  groups.forEach((group, i) => {
    if (numbers[i] !== null && phases?.[i] !== "queue") found.set(group, found.has(group) ? fold(found.get(group), numbers[i]) : numbers[i]);
  });
  return groups.map((group) => found.get(group) ?? 0);
}

const plus = (a, b) => a + b;
const beyond = 0.001;
const WAYS = {
  end: (begin, length) => begin.map((value, i) => value + (length[i] ?? 0) * 1000),
  same: (other) => other,
  less: (one, other) => one.map((value, i) => (value === null || other[i] === null ? 0 : value - other[i])),
  least: (numbers, groups, phases) => ofGroups(numbers, groups, phases, Math.min),
  most: (numbers, groups, phases) => ofGroups(numbers, groups, phases, Math.max),
  total: (numbers, groups, phases) => ofGroups(numbers, groups, phases, plus),
  part: (numbers, groups, phases) => { const wholes = ofGroups(numbers, groups, phases, plus); return numbers.map((value, i) => value / Math.max(wholes[i], beyond)); },
};

// Each number from the one before it; a begin follows the end before it.
function added(steps, lengths) {
  let at = 0;
  return steps.map((step, i) => (at = fine(at + step + (lengths && i ? (lengths[i - 1] ?? 0) * 1000 : 0))));
}

// What a column is off by (analytics/report/guesses.py), added to what others tell.
function told({ way: [way, ...names], off }, known, packed) {
  if (way === "follows") return added(off, known(names[0]));
  const guess = WAYS[way](...names.map((name) => (name === "row" || name === "job" ? groupsOf(packed, name) : known(name))), ...(packed.phase ? [known("phase")] : []));
  return off.map((value, i) => (value === null ? null : fine(fine(guess[i] ?? 0) + value)));
}

function expand(name, known, packed) {
  const { words, values, steps, off, unit = 1 } = packed[name];
  if (words) { const list = wordsOf(packed[name]); return codesOf(packed[name]).map((code) => list[code]); }
  const inUnits = (numbers) => (unit === 1 ? numbers : numbers.map((value) => (value === null ? null : value * unit)));
  if (off) return told({ ...packed[name], off: inUnits(off) }, known, packed);
  return steps ? added(inUnits(steps)) : inUnits(values);
}

function unpacked(packed) {
  const made = {};
  const known = (name) => (made[name] ??= expand(name, known, packed));
  Object.keys(packed).forEach(known);
  return made;
}
