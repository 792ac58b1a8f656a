// Sortable tables; every cell is text, never markup.
const ROWS_SHOWN = 15;
const OPEN_ROWS_SHOWN = 8;
const WIDE = 13;
const shownAll = {};
const shownApart = {};
const sorting = {};

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), page.language, { numeric: true });
}

function sorted(rows, sort) {
  if (!sort) return rows;
  const sign = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[sort.column], b[sort.column]];
    return x === null || y === null ? compare(x, y) : sign * compare(x, y);
  });
}

function cell(row, look) {
  const text = say(row[look.column], look.kind);
  const td = element("td", { className: numeric.has(look.kind) ? "number" : "" });
  if (look.kind === "vm" && page.known_vms.has(text)) td.append(element("button", { type: "button", className: "vm", textContent: text, title: text, onclick: () => choose({ vm: row[look.column] }) }));
  else if (look.kind === "night" && page.known_nights.has(row[look.column])) td.append(element("button", { type: "button", textContent: text, onclick: () => choose({ night: row[look.column], until: "" }) }));
  else if (look.kind === "grade" && text) td.append(element("span", { className: ["grade", "grade-" + row[look.column]].join(" "), textContent: row[look.column], title: page.words.grade[row[look.column]] ?? "" }));
  else if ((look.kind === "phase" || look.kind === "job_cause") && text) td.append(swatch(row[look.column]), text);
  else if (look.kind === "items" && text) td.append(...text.split("; ").map((item) => element("span", { className: "item", textContent: item })));
  else if (look.kind === "code_text") td.append(element("code", { textContent: text }));
  else td.append(text);
  if (["recommendation", "main_cause", "part"].includes(look.kind)) td.classList.add("wrap");
  if (text.length > 40) td.classList.add("long");
  return td;
}

function swatch(phase) {
  const made = element("span", { className: "swatch" });
  made.style.background = page.colours[phase] ?? "#fff";
  return made;
}

// A number that no row of the result has takes no column.
function telling(listing) {
  const rows = rowsOf(listing.rows);
  return listing.looks.filter((look) => !numeric.has(look.kind) || rows.some((row) => row[look.column]));
}

function heading(look, name) {
  const sort = sorting[name];
  const th = element("th", { scope: "col", className: numeric.has(look.kind) ? "number" : "" });
  if (sort?.column === look.column) th.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
  const turn = () => {
    sorting[name] = { column: look.column, down: sort?.column === look.column ? !sort.down : numeric.has(look.kind) };
    drawListing(name);
  };
  th.append(element("button", { type: "button", textContent: look.title, onclick: turn }));
  return th;
}

function drawListing(name) {
  const listing = page.listings[name];
  const place = document.getElementById("listing-" + name);
  const chosen = chosenRows(listing);
  const apart = listing.apart ? chosen.filter((row) => row[listing.apart]) : [];
  const isOne = apart.length > 1 && apart.length < chosen.length;
  const rows = sorted(isOne && !shownApart[name] ? chosen.filter((row) => !row[listing.apart]) : chosen, sorting[name]);
  const looks = (listing.telling ??= telling(listing));
  const most = listing.is_open ? OPEN_ROWS_SHOWN : ROWS_SHOWN;
  const isWhole = isPrinted && listing.is_whole_on_paper;
  const some = shownAll[name] || isWhole ? rows : rows.slice(0, most);
  const head = element("thead", {}, element("tr", {}, ...looks.map((look) => heading(look, name))));
  const body = element("tbody", {}, ...some.map((row) => element("tr", {}, ...looks.map((look) => cell(row, look)))));
  place.replaceChildren(element("table", { className: looks.length > WIDE ? "wide" : "" }, head, body));
  place.querySelector("table").setAttribute("aria-label", listing.title);
  if (!rows.length) place.replaceChildren(element("p", { className: "empty", textContent: page.texts.nothing }));
  if (rows.length > most && !isWhole) place.append(moreButton(shownAll, name, fill(shownAll[name] ? "show_first" : "show_all", { rows: most, all: whole(rows.length) })));
  if (isOne) place.append(moreButton(shownApart, name, apartText(apart, shownApart[name])));
}

const NAMED = 6;

// What is told of VMs that are one line: how many, and the names of the first.
function apartText(rows, isShown) {
  if (isShown) return fill("never_ran_hide", { vms: whole(rows.length) });
  const names = rows.slice(0, NAMED).map((row) => row.vm).join(", ");
  return fill("never_ran_named", { vms: whole(rows.length), names: rows.length > NAMED ? names + " …" : names });
}

function moreButton(shown, name, text) {
  const turn = () => { shown[name] = !shown[name]; drawListing(name); };
  return element("p", {}, element("button", { type: "button", textContent: text, onclick: turn }));
}
