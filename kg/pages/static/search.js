// Search as you type: a combobox after the ARIA Authoring Practices (list autocomplete with manual selection).
// Live, the server is asked; on a published site, files of names are read (kg/pages/search_shards.py writes them).

const SHORTEST = 2;
const LONGEST = 24; // characters of a word, as in the files
const WAIT = 120; // milliseconds without a key
const SHOWN = 8;
const RESULTS = 60;
const KINDS = {
  model: ["Models", "model"],
  named: ["Models that no report describes", "model, named only"],
  dataset: ["Datasets", "dataset"],
  organization: ["Organizations", "organization"],
  country: ["Countries", "country"],
  accelerator: ["Accelerators", "accelerator"],
  software: ["Software", "software"],
  report: ["Reports", "report"],
};

// Folding, as kg/sparql/words.py does it ----------------------------------------------------------------------------------------

/** Whether a character has a combining class, which JavaScript does not tell: then it changes places with marks of other classes. */
function isCombining(char) {
  return (char + "\u0334").normalize("NFD") !== char + "\u0334" || ("\u0301" + char).normalize("NFD") !== "\u0301" + char;
}

/** A text without accents; the case stays. */
function plain(text) {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return Array.from(text.normalize("NFKD"), (char) => (isCombining(char) ? "" : char)).join("");
}

/** A text without case: what is one in capitals is one. */
export function folded(text) {
  return Array.from(text, (char) => {
    if (char === "\u0131" || char === "\u0130") return char === "\u0130" ? "i\u0307" : char;
    const large = char.toUpperCase();
    if (/[\u13a0-\u13f5\u13f8-\u13fd\uab70-\uabbf]/.test(char)) return large;
    return Array.from(large, (one) => one.toLowerCase()).join("").replace(/\u03c2/g, "\u03c3").replace(/\u00df/g, "ss");
  }).join("");
}

/** The words that somebody types, each once. */
export function typedWords(text) {
  const words = plain(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.map((word) => Array.from(folded(word)).slice(0, LONGEST).join("")))];
}

/** A name with nothing but its letters and digits, to compare whole names by. */
function key(text) {
  return typedWords(text).join("");
}

// Files of names ----------------------------------------------------------------------------------------------------------------

/** The name of the file of a beginning of words. */
export function fileName(start) {
  const name = Array.from(start, (char) => (char.codePointAt(0) < 128 ? char : `_${char.codePointAt(0).toString(16)}-`));
  return `w-${name.join("")}.json`;
}

/** The things whose names fit a text, the best first, read with `load(name)`, which returns what a file holds. */
export async function find(text, load, limit = RESULTS) {
  const words = typedWords(text).filter((word) => Array.from(word).length >= SHORTEST);
  if (!words.length) return [];
  const starts = new Map((await load("index.json")).starts.map((start) => [start.replace(/\*$/, ""), start.endsWith("*")]));
  const found = await Promise.all(words.map((word) => having(word, starts, load)));
  const whole = found.filter((one) => !one.more);
  const pool = whole.length ? whole.reduce((a, b) => (a.things.size <= b.things.size ? a : b)) : union(found);
  const things = [...pool.things.values()].filter((thing) => words.every((word, at) => found[at].things.has(thing[0]) || fits(thing, word)));
  const typed = key(text);
  const ranked = things.map((thing) => [match(thing, words, found, typed), thing]);
  ranked.sort(([a, one], [b, other]) => a - b || order(one, other));
  return ranked.slice(0, limit).map(([, thing]) => result(thing, words));
}

/** The things in whose names a word begins so, by their links, those of which it is a word, and whether there are more. */
async function having(word, starts, load) {
  const letters = Array.from(word);
  for (let size = letters.length; size > 0; size -= 1) {
    const start = letters.slice(0, size).join("");
    if (!starts.has(start)) continue;
    const wide = starts.get(start);
    if (wide && size < letters.length) break; // longer beginnings have files, and this one has none
    return begun(await load(fileName(start)), word, wide);
  }
  return { things: new Map(), exact: new Set(), more: false };
}

function begun(file, word, wide) {
  const things = new Map();
  const exact = new Set();
  for (const [own, places] of Object.entries(file.words)) {
    if (!own.startsWith(word)) continue;
    for (const place of places) {
      things.set(file.things[place][0], file.things[place]);
      if (own === word) exact.add(file.things[place][0]);
    }
  }
  for (const place of wide ? file.first : []) things.set(file.things[place][0], file.things[place]);
  return { things, exact, more: wide || file.more.some((own) => own.startsWith(word)) };
}

function union(found) {
  return { things: new Map(found.flatMap((one) => [...one.things])) };
}

function fits([, , label, names], word) {
  return [label, ...names].some((name) => folded(plain(name)).includes(word));
}

function match([href, , label, names], words, found, typed) {
  if ([label, ...names].some((name) => key(name) === typed)) return 0;
  return words.every((word, at) => found[at].exact.has(href)) ? 1 : 2;
}

function order([a, oneKind, one], [b, otherKind, other]) {
  const rank = (kind) => ["model", "named"].indexOf(kind) + 3 * (kind !== "model" && kind !== "named");
  return rank(oneKind) - rank(otherKind) || one.length - other.length || (one < other ? -1 : one > other ? 1 : a < b ? -1 : 1);
}

function result([href, kind, label, names], words) {
  const has = (name) => words.every((word) => folded(plain(name)).includes(word));
  const other = has(label) ? undefined : names.find(has);
  return { href, kind, label, other };
}

/** Names near a text that nothing fits: those that begin as its words do, a part of them. */
export async function near(text, load) {
  for (const word of typedWords(text).sort((a, b) => b.length - a.length).slice(0, 2)) {
    const letters = Array.from(word);
    for (let size = letters.length - 1; size >= SHORTEST; size -= 1) {
      const found = await find(letters.slice(0, size).join(""), load, 5);
      if (found.length) return found;
    }
  }
  return [];
}

// In the page -------------------------------------------------------------------------------------------------------------------

const known = new Map();

/** What a file of names holds, read once. */
export function loadedFrom(root) {
  return (name) => {
    if (!known.has(name)) {
      const reading = fetch(`${root}search/names/${name}`).then((reply) => {
        if (!reply.ok) throw new Error(`${reply.status} ${name}`);
        return reply.json();
      });
      known.set(name, reading);
      reading.catch(() => known.delete(name));
    }
    return known.get(name);
  };
}

/** What is suggested for a text: label, kind, link, and another name that fits. */
export async function suggested(text, root, isStatic, signal) {
  if (isStatic) {
    const found = await find(text, loadedFrom(root), SHOWN);
    return found.map((one) => ({ ...one, href: root + one.href, kind: KINDS[one.kind]?.[1] ?? one.kind }));
  }
  const reply = await fetch(`${root}search?format=suggest&q=${encodeURIComponent(text)}`, { signal });
  if (!reply.ok) throw new Error(String(reply.status));
  const { results } = await reply.json();
  return results.map((one) => ({ ...one, href: root + one.path }));
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Make a form's field a combobox that suggests what may be meant. */
function suggestIn(form, root, isStatic) {
  const input = form.querySelector("input[name=q]");
  const id = `${input.id}-found`;
  const list = element("ul", { id, role: "listbox", "aria-label": "What may be meant", hidden: "" });
  const status = element("div", { class: "hidden", role: "status" });
  form.append(list, status);
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
  for (const [name, value] of Object.entries(states)) input.setAttribute(name, value);
  let timer;
  let asking;
  let shown = "";

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    for (const option of list.children) option.setAttribute("aria-selected", "false");
  }

  function active() {
    return list.hidden ? null : list.querySelector("[aria-selected=true]");
  }

  function move(step) {
    const options = [...list.children];
    const at = options.indexOf(active());
    const next = at < 0 ? (step > 0 ? 0 : options.length - 1) : at + step;
    for (const option of options) option.setAttribute("aria-selected", "false");
    if (next < 0 || next >= options.length) return input.removeAttribute("aria-activedescendant"); // back to what was typed
    options[next].setAttribute("aria-selected", "true");
    options[next].scrollIntoView({ block: "nearest" });
    return input.setAttribute("aria-activedescendant", options[next].id);
  }

  function show(text, results) {
    const options = results.map((one, number) => {
      const label = element("bdi", {}, one.label);
      const about = element("span", { class: "about" }, one.other ? `${one.kind} · ${one.other}` : one.kind);
      const option = element("li", { role: "option", id: `${id}-${number}`, "aria-selected": "false" }, label, " ", about);
      option.dataset.href = one.href;
      return option;
    });
    list.replaceChildren(...options);
    const many = results.length === 1 ? "1 suggestion" : `${results.length} suggestions`;
    status.textContent = results.length ? `${many}, use the arrow keys` : `Nothing is named like ${text}`;
    shown = text;
    list.hidden = !results.length;
    input.setAttribute("aria-expanded", String(Boolean(results.length)));
    input.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const text = input.value.trim();
    asking?.abort();
    if (!typedWords(text).some((word) => word.length >= SHORTEST)) {
      status.textContent = "";
      shown = "";
      list.replaceChildren();
      return close();
    }
    const mine = (asking = new AbortController());
    try {
      const results = await suggested(text, root, isStatic, mine.signal);
      if (mine === asking && document.activeElement === input) show(text, results);
    } catch (error) {
      if (mine === asking && error.name !== "AbortError") close(); // the form still works
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden && list.children.length && shown === input.value.trim()) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      if (list.hidden) ask();
      else if (!event.altKey) move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      location.href = active().dataset.href;
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // a second one empties the field
      close();
    }
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.href = option.dataset.href;
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asking?.abort();
    close();
  });
}

/** Show what is found for the text in the address, on a published site. */
async function showResults(place, root) {
  const text = (new URLSearchParams(location.search).get("q") ?? "").trim().slice(0, 200);
  for (const input of document.querySelectorAll("input[name=q]")) if (input.id === "q") input.value = text;
  if (!text) return;
  document.title = `Search: ${text} · kg`;
  const load = loadedFrom(root);
  try {
    const found = await find(text, load);
    place.replaceChildren(...(found.length ? groups(text, found, root) : nothing(text, await near(text, load), root)));
  } catch {
    place.replaceChildren(element("p", {}, "The names of this site could not be read: try again, or use the lists below."));
  }
}

function groups(text, found, root) {
  const many = found.length === 1 ? "1 thing" : `${found.length} things`;
  const count = `${found.length >= RESULTS ? "The first " : ""}${many} named like `;
  const head = element("p", { class: "count" }, count, element("strong", {}, element("bdi", {}, text)));
  const kinds = Object.keys(KINDS).filter((kind) => found.some((one) => one.kind === kind));
  return [head, ...kinds.map((kind) => group(kind, found.filter((one) => one.kind === kind), root))];
}

function group(kind, results, root) {
  const list = element("ul", { class: "results" }, ...results.map((one) => linked(one, root)));
  return element("section", {}, element("h2", {}, KINDS[kind]?.[0] ?? kind), list);
}

function linked(one, root) {
  const item = element("li", {}, element("a", { href: root + one.href }, element("bdi", {}, one.label)));
  if (one.other) item.append(" ", element("span", { class: "names" }, "also called ", element("bdi", {}, one.other)));
  return item;
}

function nothing(text, close, root) {
  const said = element("p", {}, "Nothing is named like ", element("strong", {}, element("bdi", {}, text)), ".");
  return close.length ? [said, element("p", {}, "Near it:"), element("ul", { class: "results" }, ...close.map((one) => linked(one, root)))] : [said];
}

if (typeof document !== "undefined") {
  const { root } = document.body.dataset;
  const isStatic = "static" in document.body.dataset;
  for (const form of document.querySelectorAll("form[role=search]")) suggestIn(form, root, isStatic);
  const place = document.getElementById("found");
  if (place && isStatic) showResults(place, root);
}
