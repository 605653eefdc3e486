// Rows as a table, a hundred at a time, in the order of a column that the reader chooses.

import { numberOf, textOf } from "./answers.js";
import { make } from "./dom.js";
import { shortened } from "./sparql.js";

const PAGE = 100;
const KINDS = "model dataset organization country accelerator software run hardware claim derived report".split(" ");
const collator = new Intl.Collator("en", { numeric: true });

/** Show an answer's rows in an element. */
export function showTable(place, { names, rows }, settings) {
  const state = { page: 0, column: -1, down: false, rows };
  const last = () => Math.max(0, Math.ceil(rows.length / PAGE) - 1);

  function sort(column) {
    state.down = state.column === column && !state.down;
    Object.assign(state, { column, page: 0, rows: sorted(rows, column, state.down) });
    show();
    place.querySelectorAll("thead button")[column].focus();
  }

  function turn(page) {
    state.page = Math.min(Math.max(page, 0), last());
    show();
  }

  function head() {
    const sortings = ["ascending", "descending"];
    return names.map((name, column) => {
      const sorting = state.column === column ? sortings[Number(state.down)] : null;
      const button = make("button", { type: "button", class: "sort", click: () => sort(column) }, name);
      return make("th", { scope: "col", "aria-sort": sorting }, button);
    });
  }

  function show() {
    const from = state.page * PAGE;
    const shown = state.rows.slice(from, from + PAGE);
    const cells = () => shown.map((row) => make("tr", {}, ...row.map((term) => cell(term, settings))));
    const body = make("tbody", {}, ...cells());
    const iris = shown.flat().filter((term) => term?.type === "uri").map(textOf);
    settings.there?.load(pathsOf(iris, settings)).then(() => body.replaceChildren(...cells()));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...head())), body);
    const scroll = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Rows of the answer" }, table);
    place.replaceChildren(scroll, ...(last() ? [pager(from, shown.length)] : []));
  }

  function pager(from, count) {
    const number = (value) => value.toLocaleString("en");
    const step = (label, page, off) => {
      const click = () => {
        turn(page);
        place.querySelector(`[data-step="${label}"]:not(:disabled)`)?.focus();
      };
      return make("button", { type: "button", "data-step": label, disabled: off, click }, label);
    };
    const text = `Rows ${number(from + 1)} to ${number(from + count)} of ${number(rows.length)}`;
    const input = make("input", { type: "number", min: 1, max: last() + 1, value: state.page + 1, change: () => turn(input.value - 1) });
    return make(
      "div",
      { class: "pager" },
      ...[step("First", 0, !state.page), step("Previous", state.page - 1, !state.page)],
      make("label", {}, "Page ", input, ` of ${number(last() + 1)}`),
      ...[step("Next", state.page + 1, state.page === last()), step("Last", last(), state.page === last())],
      make("span", { class: "muted", "aria-live": "polite" }, text),
    );
  }

  show();
}

function sorted(rows, column, down) {
  const keyed = rows.map((row, at) => ({ row, at, number: numberOf(row[column]), text: textOf(row[column]) }));
  const sign = down ? -1 : 1;
  keyed.sort((one, other) => sign * compared(one, other) || one.at - other.at);
  return keyed.map(({ row }) => row);
}

function compared(one, other) {
  const [a, b] = [Number.isNaN(one.number), Number.isNaN(other.number)];
  if (a || b) return a && b ? collator.compare(one.text, other.text) : Number(a) - Number(b);
  return one.number - other.number;
}

function cell(term, settings) {
  const number = !Number.isNaN(numberOf(term));
  const text = textOf(term);
  const shown = term?.type === "uri" ? linked(text, settings) : number ? grouped(text) : text;
  const language = term?.["xml:lang"];
  return make("td", { class: number ? "number" : null, lang: language, dir: term?.type === "literal" ? "auto" : null }, shown);
}

/** Group the digits of a whole number that is no year. */
function grouped(text) {
  return /^-?\d{5,15}$/.test(text) ? Number(text).toLocaleString("en") : text;
}

/** Link an IRI to its page, to a term of the ontology, or to the web; others, as javascript:, are text. */
export function linked(iri, settings) {
  const href = hrefOf(iri, settings);
  const attributes = href?.startsWith("http") ? { href, rel: "noopener noreferrer" } : { href };
  return href ? make("a", { ...attributes, title: iri }, shortened(iri, settings)) : iri;
}

/** Return the paths of those IRIs that things have, whose pages a published site may have. */
export function pathsOf(iris, { base }) {
  const paths = iris.filter((iri) => iri.startsWith(base)).map((iri) => iri.slice(base.length));
  return paths.filter((path) => KINDS.includes(path.split("/")[0]) && path.includes("/"));
}

/** Return the address of an IRI, null where none is sure to be there; what a published site has `there` tells. */
export function hrefOf(iri, { base, ontology, root, static: published, there }) {
  if (iri.startsWith(ontology)) return `${root}ontology${published ? "/" : ""}#${iri.slice(ontology.length)}`;
  const [path] = pathsOf([iri], { base });
  if (path && !published) return `${root}${path}`;
  if (path) return there?.folder(path) ? `${root}${there.folder(path)}/` : null;
  return !iri.startsWith(base) && /^https?:\/\//i.test(iri) ? iri : null;
}
