// Models side by side. Live, the server makes the table; on a published site it is made here of the models' columns, which
// kg/pages/_columns.py writes beside their pages: the same rows, in the same order. On both, names are suggested as one types.

const WAIT = 150; // milliseconds without a key
const KINDS = [["Backbones", "backbones"], ["Datasets", "datasets"]];

// Columns -> rows, as kg/pages/_columns.py has it ----------------------------------------------------------------------------------

/** Which of two texts or numbers stands first: texts by code points. */
function order(a, b) {
  if (typeof a === "number") return a - b;
  const [one, other] = [Array.from(a), Array.from(b)];
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    if (one[at] !== other[at]) return one[at].codePointAt(0) - other[at].codePointAt(0);
  }
  return one.length - other.length;
}

/** Which of two lists stands first. */
function orderAll(one, other) {
  for (let at = 0; at < one.length; at++) {
    const found = order(one[at], other[at]);
    if (found) return found;
  }
  return 0;
}

/** What equal cells have in common: what they say, not who says it or how surely. */
function said(entry) {
  const values = entry.values.map((value) => JSON.stringify([value.thing || "", value.exact || value.text]));
  return JSON.stringify([[...new Set(values)].sort(), entry.more]);
}

/** A row for each relation that any of the models has, in order of parts and relations. */
export function rowsOf(columns) {
  const found = new Map();
  columns.forEach((column, number) => {
    for (const entry of column.entries) {
      const key = JSON.stringify([entry.at, entry.part, entry.relation]);
      if (!found.has(key)) found.set(key, { place: [...entry.at, entry.part, entry.relation], cells: columns.map(() => null) });
      found.get(key).cells[number] = entry;
    }
  });
  const rows = [...found.values()].sort((a, b) => orderAll(a.place, b.place));
  return rows.map(({ cells }) => {
    const { part, title, relation, label } = cells.find((entry) => entry);
    const values = new Set(cells.filter((entry) => entry).map(said));
    const state = values.size > 1 ? "differ" : cells.every((entry) => entry) ? "same" : "partly";
    return { part, title, relation, label, cells, state };
  });
}

/** The backbones or datasets that several models have, those that most have first. */
export function sharedOf(columns, kind) {
  const having = new Map();
  columns.forEach((column, number) => {
    for (const thing of column[kind]) {
      if (!having.has(thing.iri)) having.set(thing.iri, { thing, columns: [] });
      having.get(thing.iri).columns.push(number);
    }
  });
  const several = [...having.values()].filter((item) => item.columns.length > 1);
  return several.sort((a, b) => orderAll([-a.columns.length, a.thing.name, a.thing.iri], [-b.columns.length, b.thing.name, b.thing.iri]));
}

// Rows -> the page ----------------------------------------------------------------------------------------------------------------

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== "") made.setAttribute(attribute, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

function hidden(text) {
  return element("span", { class: "hidden" }, text);
}

function bdi(text) {
  return element("bdi", {}, text);
}

function link(root, href, ...children) {
  return element("a", { href: root + href }, ...children);
}

function valueItem(value, root) {
  const href = value.href ?? value.thingHref;
  const item = element("li", { class: value.disputed ? "disputed" : null });
  if (value.hedge) item.append(element("span", { class: "hedge" }, value.hedge), " ");
  item.append(href ? link(root, href, bdi(value.text)) : bdi(value.text));
  if (href && value.place) item.querySelector("a").title = `its words: ${value.place.spot}`;
  if (href && value.derived) item.querySelector("a").title = "how it was computed";
  if (value.exact) item.append(" ", element("span", { class: "exact" }, value.exact));
  if (value.low) item.append(" ", element("span", { class: "exact" }, `${value.low} to ${value.high ?? "no upper bound"}`));
  item.append(" ", element("span", { class: `origin ${value.origin}` }, value.origin));
  if (value.disputed) item.append(" ", element("span", { class: "kind disputed" }, "disputed"));
  if (value.thing && value.place) {
    const go = link(root, value.thingHref, hidden(`Page of ${value.text}`), element("span", { "aria-hidden": "true" }, "→"));
    go.className = "go";
    item.append(" ", go);
  }
  return item;
}

function cell(entry, root) {
  if (!entry) return element("td", {}, element("span", { class: "none" }, "not stated"));
  const list = element("ul", {}, ...entry.values.map((value) => valueItem(value, root)));
  if (entry.more) list.append(element("li", { class: "muted small" }, `and ${entry.more.toLocaleString("en")} more`));
  return element("td", {}, list);
}

function rowOf(row, root) {
  const sign = element("span", { class: "sign", title: "they differ" }, element("span", { "aria-hidden": "true" }, "≠"), hidden("differs: "));
  const head = element("th", { scope: "row" }, ...(row.state === "differ" ? [sign, " "] : []), row.label);
  return element("tr", { class: row.state }, head, ...row.cells.map((entry) => cell(entry, root)));
}

function bodies(rows, width, root) {
  const parts = new Map();
  for (const row of rows) parts.set(row.part, [...(parts.get(row.part) ?? []), row]);
  return [...parts.values()].map((some) => {
    const head = element("th", { scope: "rowgroup", colspan: width + 1 }, element("span", {}, some[0].title));
    const all = some.every((row) => row.state === "same");
    return element("tbody", { class: all ? "same" : null }, element("tr", { class: "part" }, head), ...some.map((row) => rowOf(row, root)));
  });
}

function address(slugs) {
  const query = new URLSearchParams(slugs.map((slug) => ["model", slug]));
  return `./${slugs.length ? `?${query}` : ""}`;
}

function table(columns, rows, root) {
  const slugs = columns.map((column) => column.slug);
  const heads = columns.map((column, at) => {
    const remove = element("a", { class: "remove small", href: address(slugs.filter((_, other) => other !== at)) }, "remove", hidden(` ${column.name}`));
    const untold = column.described ? null : element("span", { class: "muted small" }, " no report describes it");
    return element("th", { scope: "col" }, link(root, column.href, bdi(column.name)), untold, " ", remove);
  });
  const corner = element("th", { scope: "col", class: "corner" }, hidden("Relation"));
  const made = element("table", { class: "compared" }, element("thead", {}, element("tr", {}, corner, ...heads)), ...bodies(rows, columns.length, root));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Comparison" }, made);
}

function sharing(columns, root) {
  const parts = KINDS.map(([title, kind]) => {
    const things = sharedOf(columns, kind).map((item) => {
      const all = item.columns.length === columns.length;
      const names = item.columns.flatMap((number, at) => [at ? ", " : null, bdi(columns[number].name)]);
      const who = element("span", { class: "muted small" }, ...(all ? [columns.length === 2 ? "both" : "all"] : names));
      return element("li", {}, link(root, item.thing.href, bdi(item.thing.name)), " ", who);
    });
    const none = element("p", { class: "muted" }, "none that reports name");
    return element("div", {}, element("h3", {}, title), things.length ? element("ul", {}, ...things) : none);
  });
  return element("section", { class: "sharing", "aria-labelledby": "shared" }, element("h2", { id: "shared" }, "What they share"), ...parts);
}

function only(rows, checked) {
  const box = element("input", { type: "checkbox", id: "only" });
  box.checked = checked;
  const [differ, partly, same] = ["differ", "partly", "same"].map((state) => rows.filter((row) => row.state === state).length);
  const counts = `of ${rows.length} rows ${differ} differ (≠), ${partly} are not stated by all, ${same} are the same`;
  const told = element("span", { class: "muted small" }, counts);
  return element("p", { class: "only" }, box, " ", element("label", { for: "only" }, "Only differences"), " ", told);
}

function notice(...children) {
  return element("p", { class: "notice" }, ...children);
}

function shown(columns, root, query) {
  const rows = rowsOf(columns);
  const several = columns.length > 1;
  const lonely = columns.length === 1 ? notice("Add another model to compare ", bdi(columns[0].name), " with.") : null;
  const more = columns.filter((column) => column.more).map((column) => {
    const name = link(root, column.href, bdi(column.name));
    return element("p", { class: "muted small" }, `${column.more.toLocaleString("en")} more facts of `, name, " stand on its page.");
  });
  const parts = several ? [sharing(columns, root), only(rows, query.get("only") === "differences")] : [lonely];
  return [...parts, table(columns, rows, root), ...more];
}

// A published site: the columns are files ----------------------------------------------------------------------------------------

/** The folder of a model's page for the name below `model/`, as kg/pages/folders.py has it for all but very long names. */
export function folderOf(slug) {
  const parts = `model/${slug}`.split("/").map((part) => {
    if (/^_*\./.test(part)) return `_${part}`;
    return /^(|index\.html?|[a-z]+\.json|data\.[a-z]+)_*$/i.test(part) ? `${part}_` : part;
  });
  return parts.join("/");
}

async function fetched(root, folder) {
  const reply = await fetch(`${root}${folder.split("/").map(escaped).join("/")}/column.json`);
  return reply.ok ? reply.json() : null;
}

/** A part of a path as an address has it; what IRIs escape is escaped already. */
function escaped(part) {
  return encodeURIComponent(part).replace(/%25([0-9A-F]{2})/gi, "%$1");
}

/** The column of the model that a text means: a name below `model/`, its IRI, or a name as people write it; and what may be meant. */
async function columnOf(text, root, search) {
  const slug = text.replace(/^https?:\/\/.*\/model\//, "");
  const load = search.loadedFrom(root);
  const named = models(await search.find(slug, load).catch(() => []));
  const folders = [`model/${slug}`, folderOf(slug)];
  const own = named.find((one) => folders.includes(folder(one)));
  const exact = named.filter((one) => one.label === text || one.other === text);
  const wanted = own ?? (exact.length === 1 ? exact[0] : null);
  const tried = wanted ? [folder(wanted)] : /[%/]/.test(slug) ? [...new Set(folders)] : [];
  for (const one of tried) {
    const found = await fetched(root, one);
    if (found) return { column: { ...found, slug: one.replace(/^model\//, "") } };
  }
  return { text, near: named.length ? named : models(await search.near(text, load).catch(() => [])) };
}

function models(found) {
  return found.filter((one) => one.href.startsWith("model/"));
}

/** The folder of a thing that was found. */
function folder(one) {
  return one.href.replace(/\/$/, "");
}

function unknown({ text, near }, slugs, root) {
  const names = near.slice(0, 5).flatMap((one, at) => {
    const slug = folder(one).replace(/^model\//, "");
    return [at ? ", " : null, element("a", { href: address([...slugs, slug]) }, bdi(one.label))];
  });
  const query = new URLSearchParams([["q", text]]);
  const elsewhere = [" ", link(root, `search/?${query}`, "Search for it"), "."];
  return notice("No model with a page is called ", element("b", {}, bdi(text)), ".", ...(names.length ? [" Did you mean ", ...names, "?"] : elsewhere));
}

async function compare(place, root, search) {
  const query = new URLSearchParams(location.search);
  const asked = [...new Set(query.getAll("model").map((text) => text.trim()).filter((text) => text))];
  if (!asked.length) return;
  const most = Number(place.dataset.most);
  const found = await Promise.all(asked.slice(0, 2 * most).map((text) => columnOf(text.slice(0, 300), root, search)));
  const every = found.flatMap((one) => (one.column ? [one.column] : [])).filter((one, at, all) => all.findIndex((other) => other.iri === one.iri) === at);
  const columns = every.slice(0, most);
  const slugs = columns.map((column) => column.slug);
  const form = document.querySelector("form.chooser");
  form.prepend(...slugs.map((slug) => element("input", { type: "hidden", name: "model", value: slug })));
  if (columns.length) form.querySelector("label").textContent = "Another model";
  if (columns.length) form.querySelector("button").textContent = "Add";
  const notices = found.filter((one) => !one.column).map((one) => unknown(one, slugs, root));
  if (every.length > most) notices.push(notice(`${most} models are compared at once; ${every.length - most} more left out.`));
  place.replaceChildren(...notices, ...(columns.length ? shown(columns, root, query).filter((part) => part) : []));
  const names = columns.map((column) => column.name);
  if (names.length) document.title = `${names.length > 2 ? `${names.length} models` : names.join(" and ")} compared · kg`;
}

// Both: names of models as one types ----------------------------------------------------------------------------------------------

function suggest(input, root, isStatic, search) {
  let timer;
  const list = document.getElementById("offered");
  async function ask() {
    const text = input.value.trim();
    if (text.length < 2) return;
    const found = await search.suggested(text, root, isStatic).catch(() => []);
    const offered = found.filter((one) => one.href.startsWith(`${root}model/`));
    if (input.value.trim() !== text || !offered.length) return;
    const options = offered.map((one) => element("option", { value: folder({ href: one.href.slice(root.length) }).replace(/^model\//, "") }, one.label));
    list.replaceChildren(...options);
  }
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}

if (typeof document !== "undefined") {
  const { root } = document.body.dataset;
  const isStatic = "static" in document.body.dataset;
  const search = await import(new URL(document.querySelector("script[data-search]").dataset.search, location.href));
  suggest(document.getElementById("model"), root, isStatic, search);
  const place = document.getElementById("compared");
  if (place && isStatic) await compare(place, root, search);
}
